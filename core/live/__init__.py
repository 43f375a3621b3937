"""Live events: from a commit to every open browser."""
