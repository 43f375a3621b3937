"""A small real server for tests: live events and two pages, run as a program of its own.

Usage: ``python serving.py DATABASE_URL PORT FOLDER [--cert FILE --key FILE]``

``FOLDER/generation`` is watched; ``FOLDER/page`` is the text of ``/``, read when a worker starts, as an
addon's code would be; a text of ``broken`` keeps workers from starting.
"""

from __future__ import annotations

import argparse
import functools
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from core.live.hub import Hub
from core.live.stream import HEADERS, stream
from core.web.serve import ServeOptions, serve
from core.web.worker import Shutdown

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

USER = 1


def load(url: str, folder: Path, shutdown: Shutdown) -> WSGIApplication:
    """The application of one worker."""
    page = (folder / "page").read_text()
    if page == "broken":
        raise RuntimeError("this worker cannot start")
    hub = Hub(url)
    hub.start()
    shutdown.on(hub.stop)

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/live":
            start_response("200 OK", list(HEADERS))
            return stream(hub, USER, environ.get("HTTP_LAST_EVENT_ID"), lambda: True, beat=0.5)
        if environ["PATH_INFO"] == "/slow":
            (folder / "slow").touch()
            while not (folder / "go").exists():
                time.sleep(0.01)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{page} {os.getpid()} {hub.streams}".encode()]

    return application


def generation(folder: Path) -> int:
    """What the workers are replaced for."""
    return int((folder / "generation").read_text() or 0)


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("port", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--key", type=Path)
    given = parser.parse_args()
    options = ServeOptions(
        port=given.port, workers=2, cert=given.cert, key=given.key, watch_seconds=0.05, log_level="info"
    )
    serve(
        functools.partial(load, given.url, given.folder),
        options,
        generation=functools.partial(generation, given.folder),
    )


if __name__ == "__main__":
    main()
