"""Clients and vehicles from a file: read, mapped to fields, checked without writing, then written part by part."""
