"""How telephony is used: its commands."""
