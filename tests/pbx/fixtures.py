"""The exchanges of a test run: each release is started once in each process that wants it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.pbx.server import Pbx, pbx


@pytest.fixture(scope="session")
def asterisk() -> Iterator[Callable[[str], Pbx]]:
    """Gives the running Asterisk of a version, ``22`` or ``16``."""
    running: dict[str, Pbx] = {}
    with ExitStack() as stack:

        def get(version: str) -> Pbx:
            if version not in running:
                # Below the system's own folder: the path of a Unix socket is short.
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pbx"))
                running[version] = stack.enter_context(pbx(version, Path(folder)))
            return running[version]

        yield get


def mark(items: list[pytest.Item]) -> None:
    """Tests with an exchange take their time."""
    for item in items:
        if "asterisk" in getattr(item, "fixturenames", ()):
            item.add_marker("pbx")
            item.add_marker("slow")
