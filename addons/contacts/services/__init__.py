"""The use cases of contacts: functions that take a session and plain values."""
