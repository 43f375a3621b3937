"""Recordings of calls: where they lie, whether they came, who listened to them and what he found (S0-49, S2-48, S2-49)."""
