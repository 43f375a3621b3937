"""The use cases of sales."""
