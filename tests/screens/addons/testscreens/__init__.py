"""An addon with one list of visits, for the tests of generated screens."""

BROKEN: set[str] = set()
"""The parts that raise at the moment."""
