"""Forecourt's host and platform. Addons import what they need from here."""

__version__ = "0.1.0"
