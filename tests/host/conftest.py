"""Fixtures: addons of a test's own."""

from tests.host.private import private

__all__ = ["private"]
