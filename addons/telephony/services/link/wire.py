"""A connection to the manager interface (AMI) of an Asterisk: bytes in both directions, a limit on every wait."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Mapping

from addons.telephony.services.asterisk.messages import Message, Parser

CHUNK = 65_536
LOOK = 0.5
"""Seconds that a read waits at most before it looks whether to go on."""


class LinkError(Exception):
    """The link cannot be made, or is lost; the text says why."""


class RefusedError(LinkError):
    """The exchange does not let us in: to try again soon is of no use."""


class Wire:
    """A connection to one exchange. One thread reads; another may send.

    :param patience: seconds for connecting and for sending.
    :param silence: seconds without a single byte after which the other side is taken to be gone.
    :raises LinkError: when nobody answers there.
    """

    def __init__(self, host: str, port: int, *, patience: float, silence: float) -> None:
        try:
            self._socket = socket.create_connection((host, port), timeout=patience)
        except OSError as error:
            raise LinkError(f"{host}:{port}: {error.strerror or error}") from error
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._reading = self._socket.dup()
        self._reading.settimeout(min(LOOK, silence))
        self._parser = Parser()
        self._silence = silence
        self._heard = time.monotonic()
        self._number = 0

    def send(self, action: str, headers: Mapping[str, str] | None = None, action_id: str = "") -> str:
        """Ask for something; returns the ActionID that its answer will have, one of ours unless it is told.

        :raises LinkError: when the other side does not take it.
        """
        self._number += 1
        action_id = action_id or f"fc{self._number}"
        lines = {"Action": action, "ActionID": action_id, **(headers or {})}
        text = "".join(f"{name}: {_line(value)}\r\n" for name, value in lines.items())
        try:
            self._socket.sendall(f"{text}\r\n".encode())
        except OSError as error:
            raise LinkError(f"sending failed: {error.strerror or error}") from error
        return action_id

    def read(self) -> list[Message]:
        """The messages that have come; none after a moment in which nothing came.

        :raises LinkError: when the connection has ended, or has been silent for too long.
        """
        return self._parser.feed(self.receive())

    def receive(self) -> bytes:
        """The bytes that have come, for whoever reads them later; none after a moment in which nothing came.

        :raises LinkError: when the connection has ended, or has been silent for too long.
        """
        try:
            data = self._reading.recv(CHUNK)
        except TimeoutError:
            if time.monotonic() - self._heard > self._silence:
                raise LinkError(f"not a byte for {self._silence:g} seconds") from None
            return b""
        except OSError as error:
            raise LinkError(f"the connection was lost: {error.strerror or error}") from error
        if not data:
            raise LinkError("the exchange has ended the connection")
        self._heard = time.monotonic()
        return data

    def close(self) -> None:
        """End the connection; whoever reads it gets an error."""
        for each in (self._socket, self._reading):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


def _line(value: str) -> str:
    """A value in one line: what comes from people must not become a header of its own."""
    return " ".join(value.split("\r")).replace("\n", " ").replace("\x00", "")
