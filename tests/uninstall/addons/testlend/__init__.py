"""An addon without documents, which has some of everything that an addon can have."""
