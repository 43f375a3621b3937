"""Work outside a request: what is due, who does it, and how it went."""
