"""A line between a link and its exchange that can be cut: what is said meanwhile is lost for good."""

from __future__ import annotations

import contextlib
import socket
import threading


class Cable:
    """Passes bytes on in both directions while it is whole.

    :param port: of the exchange, on loopback.
    """

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._ends: list[socket.socket] = []
        self._passing: list[threading.Thread] = []
        self.cuts = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Cable:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        self._thread.join()
        for each in self._passing:
            each.join()

    def cut(self) -> None:
        """End what goes through it, and let nothing through until it is mended."""
        self._whole.clear()
        self.cuts += 1
        ends, self._ends = self._ends, []
        for each in ends:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Let whoever comes through again."""
        self._whole.set()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._whole.is_set():
                client.close()
                continue
            exchange = socket.create_connection(("127.0.0.1", self._target))
            self._ends += [client, exchange]
            self._passing.append(threading.Thread(target=_connect, args=(client, exchange), daemon=True))
            self._passing[-1].start()


def _connect(client: socket.socket, exchange: socket.socket) -> None:
    with client, exchange:
        back = threading.Thread(target=_pass_on, args=(exchange, client), daemon=True)
        back.start()
        _pass_on(client, exchange)
        back.join()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    for each in (one, other):
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
