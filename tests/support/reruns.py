"""A second try on CI for tests that wait for processes of their own (docs/decisions/0018).

Locally every failure counts. A test that passed only on its second try is listed at the end of the run, with the
traceback of the first: it is to be mended, but does not keep a change out.
"""

from __future__ import annotations

import os

import pytest

_WAITING = {"browser", "server", "asterisk"}
"""The fixtures that start a browser, a server and an exchange; how soon these answer is the machine's affair too."""
_AT_MOST = 10
"""Second tries of a whole run: where more need one, the product is at fault, not the machine."""


def configure(config: pytest.Config) -> None:
    """Show what went wrong at first, and bound the second tries."""
    config.option.rerun_show_tracebacks = True
    config.option.max_suite_reruns = _AT_MOST


def mark(items: list[pytest.Item]) -> None:
    """Allow a second try where it may be taken."""
    if not os.environ.get("CI"):
        return
    for item in items:
        if _WAITING & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.flaky(reruns=1))
