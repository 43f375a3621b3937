"""The JSON API: the declared screens and the addons' operations for programs, under ``/api/v1``."""
