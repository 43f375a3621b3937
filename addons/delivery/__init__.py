"""Delivery: orders, the seventeen statuses with the rules by which they are set, and addresses split into fields."""
