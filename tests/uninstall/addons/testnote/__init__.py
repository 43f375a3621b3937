"""An addon whose rows refer to those of another."""
