"""Addons that fail: each piece is caught, and one that keeps failing is left alone (SEC-59)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from core.host.plugins import PAUSE_AFTER, Hooks


def fail() -> None:
    raise RuntimeError("broken")


def test_an_addon_that_keeps_failing_is_not_asked() -> None:
    """SEC-59: whichever of its pieces fail, and whichever is wanted next."""
    hooks, calls = Hooks(), []
    for number in range(PAUSE_AFTER):
        assert not hooks.paused("shop")
        assert "broken" in hooks.run_guarded(None, "shop", f"panel {number}", fail).error
    assert hooks.run_guarded(None, "shop", "column", lambda: calls.append(1)).error == "paused"
    assert hooks.run_guarded(None, "garage", "column", lambda: 1).value == 1
    assert not calls


def test_core_is_never_left_alone() -> None:
    hooks = Hooks()
    for _ in range(PAUSE_AFTER):
        hooks.run_guarded(None, "core", "reads of panels", fail)
    assert hooks.run_guarded(None, "core", "reads of panels", lambda: 1).value == 1


@pytest.fixture
def fast_switching() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("fast_switching")
def test_threads_ask_while_others_are_measured() -> None:
    """Requests of one process: what one of them does for the first time breaks no other."""
    hooks, errors, done = Hooks(), list[str](), threading.Event()
    for number in range(300):
        hooks.run_guarded(None, "shop", f"known {number}", lambda: 1)

    def ask() -> None:
        while not done.is_set():
            try:
                hooks.paused("shop")
            except RuntimeError as error:
                errors.append(str(error))
                return

    readers = [threading.Thread(target=ask) for _ in range(2)]
    for each in readers:
        each.start()
    for number in range(3000):
        hooks.run_guarded(None, "shop", f"new {number}", lambda: 1)
    done.set()
    for each in readers:
        each.join()
    assert errors == []
