"""Running ``serving.py`` and talking to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
SOON = 20.0


def until(condition: Callable[[], Any], what: str) -> Any:
    """Wait for a condition and return what it gave; fails with ``what`` after a while."""
    deadline = time.monotonic() + SOON
    while not (found := condition()):
        assert time.monotonic() < deadline, what
        time.sleep(0.01)
    return found


def free_port() -> int:
    """A port of the loopback interface nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class RunningServer:
    """The server as a process of its own."""

    def __init__(
        self, url: str, folder: Path, *arguments: str, workers: int = 2, tls: ssl.SSLContext | None = None
    ) -> None:
        self.folder, self.port, self._tls = folder, free_port(), tls
        self.write("page", "first")
        self.write("generation", "0")
        self._log = (folder / "log").open("w")
        program = Path(__file__).with_name("serving.py")
        self.process = subprocess.Popen(
            [sys.executable, program, url, str(self.port), folder, "--workers", str(workers), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        until(lambda: self.log.count("Started worker") == workers and self.answers(), "the server does not start")
        # Only now does the parent know that they are ready; who kills something sooner has kept them from starting.
        until((folder / "started").exists, "the parent does not hear of it")

    @property
    def log(self) -> str:
        """What the server has said."""
        return (self.folder / "log").read_text()

    def write(self, name: str, text: str) -> None:
        """Put a file into the server's folder, whole or not at all."""
        (self.folder / f"{name}.new").write_text(text)
        (self.folder / f"{name}.new").replace(self.folder / name)

    def connect(self) -> http.client.HTTPConnection:
        """A new connection."""
        if self._tls:
            return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=SOON, context=self._tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=SOON)

    def get(self, path: str = "/") -> list[str]:
        """The words of a page."""
        connection = self.connect()
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode().split()
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether somebody listens and answers."""
        assert self.process.poll() is None or self.process.returncode in (0, -signal.SIGKILL), self.log
        try:
            return bool(self.get())
        except (OSError, http.client.HTTPException):
            return False

    def page(self) -> str:
        """The text of the start page."""
        return self.get()[0]

    def stop(self) -> float:
        """Ask it to stop; returns after how many seconds it has."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(SOON)
        return time.monotonic() - began

    def close(self) -> None:
        """Stop it whatever its state."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(SOON)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log.close()


class Browser:
    """An open event stream; reads the events as a browser does."""

    def __init__(self, server: RunningServer, last_event_id: str = "") -> None:
        self.connection = server.connect()
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        self.connection.request("GET", "/live", headers=headers)
        self.response = self.connection.getresponse()
        self.position = last_event_id
        self.topics: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.response.close()
        self.connection.close()

    def read_block(self) -> bool:
        """Read up to the next empty line; False when the stream has ended."""
        while line := self.response.readline().strip():
            name, _, value = line.decode().partition(": ")
            if name == "id":
                self.position = value
            if name == "data" and value.startswith("{"):
                self.topics.append(json.loads(value)["topic"])
        return not self.response.isclosed()

    def joined(self) -> Browser:
        """Read until the server has taken the stream in; returns itself."""
        while not self.position:
            assert self.read_block(), "the stream ended"
        return self

    def wait_for(self, topic: str) -> None:
        """Read until an event of this topic came."""
        while topic not in self.topics:
            assert self.read_block(), f"the stream ended with {self.topics}"

    def ends(self) -> bool:
        """Read until the stream ends."""
        while self.read_block():
            pass
        return True
