"""Pages, addresses of the API and commands of delivery."""
