"""The promises of every addon, for this one."""

from core.testing.conformance import TestConformance

__all__ = ["TestConformance"]
