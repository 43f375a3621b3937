"""Forecourt as it is installed somewhere else: its command, its server, and somebody who signs in there."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

_START_SECONDS = 120
_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


def environment() -> dict[str, str]:
    """The environment without what points into the checkout."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("FORECOURT_", "PYTHON"))}


def pip(command: Path, *arguments: str | Path) -> None:
    """Install something in the environment of a command."""
    python = command.with_name("python")
    quietly = ["--quiet", "--disable-pip-version-check"]
    subprocess.run([python, "-m", "pip", "install", *quietly, *arguments], cwd=command.parent, check=True)


@contextmanager
def serving(command: Path, folder: Path, instance: Path) -> Iterator[str]:
    """The demonstration, served until the block ends: its address. What it said is shown when the block fails."""
    port = _free_port()
    arguments = ["run", "--demo", "--instance", str(instance), "--port", str(port)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [command, *arguments], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, server)
        yield address
    except BaseException:
        sys.stderr.write((folder / "log").read_text(encoding="utf-8", errors="replace"))
        raise
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10):
                return
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{address} answers {error.code}") from error
        except OSError as error:
            if server.poll() is not None:
                raise SystemExit(f"forecourt run ended with {server.returncode}") from error
            if time.monotonic() > end:
                raise SystemExit(f"no answer from {address} in {_START_SECONDS} s") from error
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Person:
    """Somebody of the demonstration, signed in with a browser that runs no scripts."""

    def __init__(self, address: str, login: str) -> None:
        self._address = address
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar())).open
        self._token = self._token_on("/signin")
        self.send("/signin", {"demo": login})
        self._token = self._token_on("/")

    def page(self, path: str) -> str:
        """The text of a page.

        :raises SystemExit: when there is none.
        """
        return self._answer(urllib.request.Request(f"{self._address}{path}"))

    def send(self, path: str, fields: dict[str, str]) -> str:
        """Send a form; the page it leads to."""
        data = urllib.parse.urlencode({**fields, "csrf_token": self._token}).encode()
        return self._answer(urllib.request.Request(f"{self._address}{path}", data, {"Origin": self._address}))

    def _token_on(self, path: str) -> str:
        found = _TOKEN.search(self.page(path))
        if found is None:
            raise SystemExit(f"{path} is no page of Forecourt")
        return found[1]

    def _answer(self, request: urllib.request.Request) -> str:
        try:
            with self._open(request, timeout=30) as answer:
                text: str = answer.read().decode()
                return text
        except urllib.error.HTTPError as error:
            raise SystemExit(f"{request.full_url} answers {error.code}: {error.read().decode()[-2000:]}") from error
