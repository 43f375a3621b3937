"""An addon with one list of visits, for the tests of generated screens."""
