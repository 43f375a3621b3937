"""An addon that adds to another one's screens, and can be told to fail."""

BROKEN: set[str] = set()
"""The parts that raise at the moment."""
