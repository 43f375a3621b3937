"""A small HTTP client over one kept-alive connection: it takes little processor time from what is measured."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from urllib.parse import urlencode

from bench.workloads import Ask


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class WrongAnswer(Exception):
    """Something else came back than the workload asks for: then its time means nothing."""


class Browser:
    """One person's browser on the loopback interface, signed in by his cookie."""

    def __init__(self, port: int, cookie: str = "", form_token: str = "") -> None:
        self.port = port
        self._form_token = form_token
        cookies = f"Cookie: forecourt={cookie}\r\n" if cookie else ""
        self._headers = f"Host: 127.0.0.1:{port}\r\nAccept: text/html\r\nUser-Agent: benchmark\r\nConnection: keep-alive\r\n{cookies}"
        self._socket = self._connect()
        self._rest = b""

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def ask(self, ask: Ask) -> Answer:
        """Ask and check.

        :raises WrongAnswer: another status, or without what must stand in it.
        """
        answer = self.get(ask.path) if ask.fields is None else self.post(ask.path, ask.fields)
        wanted = 200 if ask.fields is None else 303
        if answer.status != wanted or ask.expected.encode() not in answer.body:
            raise WrongAnswer(f"{ask.path}: {answer.status}, «{ask.expected}» expected\n{answer.body[:500].decode()}")
        return answer

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._exchange(f"GET {path} HTTP/1.1\r\n{self._headers}\r\n".encode())

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        """Send a form."""
        body = urlencode(fields | {"csrf_token": self._form_token}).encode()
        head = (
            f"POST {path} HTTP/1.1\r\n{self._headers}Origin: http://127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return self._exchange(head.encode() + body)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _exchange(self, data: bytes) -> Answer:
        self._socket.sendall(data)
        head = self._until(b"\r\n\r\n")
        status = int(head[9:12])
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            lower = name.lower()
            if lower == b"content-length":
                return Answer(status, self._exactly(int(value)))
            if lower == b"transfer-encoding" and b"chunked" in value:
                return Answer(status, self._chunks())
        return Answer(status, b"")

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._receive()
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._rest) < size:
            self._receive()
        found, self._rest = self._rest[:size], self._rest[size:]
        return found

    def _chunks(self) -> bytes:
        parts = []
        while size := int(self._until(b"\r\n"), 16):
            parts.append(self._exactly(size))
            self._exactly(2)
        self._until(b"\r\n")
        return b"".join(parts)

    def _receive(self) -> None:
        received = self._socket.recv(262_144)
        if not received:
            raise ConnectionError("the server has hung up")
        self._rest += received
