"""What service does, apart from pages: every function takes a session and values."""
