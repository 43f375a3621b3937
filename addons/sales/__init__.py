"""The car sale: worksheets that inbound contacts turn into."""
