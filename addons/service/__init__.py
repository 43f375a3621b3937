"""The workshop: bookings, car visits and repair orders that inbound contacts turn into."""
