"""Forecourt's host and platform. Addons import what they need from here."""

from core.postponed import postpone

__version__ = "0.1.0"

postpone()  # here, for it must be before any library is imported
