"""Delivery of what was sold: at first the address, split into the fields a courier needs."""
