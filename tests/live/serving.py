"""A small real server for tests: live events and two pages, run as a program of its own.

Usage: ``python serving.py DATABASE_URL PORT FOLDER [--workers N] [--cert FILE --key FILE]``

``FOLDER/generation`` is watched; ``FOLDER/page`` is the text of ``/``, read when a generation is loaded,
as an addon's code would be; a text of ``broken`` keeps it from loading, ``unstartable`` its workers from starting.
"""

from __future__ import annotations

import argparse
import functools
import logging
import os
import select
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from core import processes
from core.live.hub import Hub
from core.live.stream import HEADERS, stream
from core.web.serve import ServeOptions
from core.web.supervisor import LEAVE, STOP
from core.web.worker import Loaded, Shutdown
from tests.live import pages
from tests.support.serving import serve

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

USER = 1


def load(url: str, folder: Path, workers: int) -> Loaded:
    """What a generation loads."""
    page = (folder / "page").read_text()
    if page == "broken":
        raise RuntimeError("this generation cannot start")
    begin = functools.partial(start, url, folder, page, os.getpid())
    return Loaded(begin, functools.partial(beside, folder) if workers > 1 else None)


def beside(folder: Path, parent: int) -> None:
    """What runs beside the workers: it says that it was told to stop."""
    with processes.Signals(LEAVE, STOP) as signals:
        (folder / "beside").touch()
        while os.getppid() == parent and not signals.take():
            select.select([signals.fileno()], [], [], 0.5)
        (folder / "stopping").touch()  # it may be told twice, and a second time must find somebody who listens


def start(url: str, folder: Path, page: str, loaded_by: int, shutdown: Shutdown) -> WSGIApplication:
    """The application of one worker."""
    if page == "unstartable":
        raise RuntimeError("this worker cannot start")
    hub = Hub(url)
    hub.start()
    shutdown.on(hub.stop)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/live":
            start_response("200 OK", list(HEADERS))
            left_at = environ.get("HTTP_LAST_EVENT_ID") or parse_qs(environ["QUERY_STRING"]).get("last", [""])[0]
            return stream(hub, USER, left_at, lambda: True, beat=0.5)
        if environ["PATH_INFO"] == "/slow":
            (folder / "slow").touch()
            while not (folder / "go").exists():
                time.sleep(0.01)
        if environ["PATH_INFO"] in ("/", "/slow"):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"{page} {os.getpid()} {hub.streams} {loaded_by} {os.getppid()}".encode()]
        status, kind, text = pages.page(environ["PATH_INFO"], folder)
        start_response(status, [("Content-Type", f"{kind}; charset=utf-8")])
        return [text.encode()]

    (folder / "loaded").touch()
    return application


def generation(folder: Path) -> int:
    """What the workers are replaced for."""
    return int((folder / "generation").read_text() or 0)


def started(folder: Path) -> None:
    """Say whether there was an application when the start was told."""
    (folder / "started").write_text(str((folder / "loaded").exists()))


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    options = ServeOptions(port=given.port, workers=given.workers, cert=given.cert, key=given.key, watch_seconds=0.05)
    serve(
        functools.partial(load, given.url, given.folder, given.workers),
        options,
        generation=functools.partial(generation, given.folder),
        started=functools.partial(started, given.folder),
    )


if __name__ == "__main__":
    main()
