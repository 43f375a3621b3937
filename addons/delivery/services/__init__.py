"""What delivery does, without pages."""
