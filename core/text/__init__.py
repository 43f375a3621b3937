"""What people type, made comparable: search keys, phone numbers, number plates. Pure functions, no database."""
