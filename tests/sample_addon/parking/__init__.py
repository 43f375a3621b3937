"""Guest parking: passes, the gate, who stands where."""
