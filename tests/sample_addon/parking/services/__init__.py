"""The use cases of parking."""
