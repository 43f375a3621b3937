"""Customers, their vehicles, inbound contacts, and the documents they turn into."""
