"""What telephony does: the calls of a PBX out of what it says."""
