"""Telephony: the calls of the PBX."""
