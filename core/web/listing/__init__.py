"""Lists out of declarations: their address, their query, their pages, their template."""
