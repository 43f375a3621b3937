"""A manager interface on loopback that says what a test has written, byte by byte where it matters."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addons.telephony.services.asterisk.messages import Message, Parser
from addons.telephony.services.replaying import Connection

BANNER = b"Asterisk Call Manager/9.0.0\r\n"
SECRET = "ring-a-bell"
LISTS = ("Status", "CoreShowChannels", "QueueStatus")
ORDERS = ("Originate", "BlindTransfer", "Atxfer", "Hangup")


@dataclass(slots=True)
class Part:
    """One connection: what is on the line when it begins, what is said then, and how it ends.

    :param stays: whether it goes on answering after the last byte, until the client goes; else it is closed.
    :param dialled: what it says when something is to be dialled; ``NAME`` stands for what the order is called.
    :param mute: it answers nothing after the login, and says nothing.
    :param begins: what time it is there when the connection begins, in seconds since 1970; ours where nothing is said.
    :param ends: what time it is there once everything is said.
    :param first: what happens before the connection is answered.
    :param answers: what it says to actions that are no questions, by their names; else that they are queued.
    :param allowed: what the account may ask and order.
    """

    data: bytes = b""
    state: Mapping[str, Iterable[Mapping[str, Any]]] = field(default_factory=dict)
    stays: bool = True
    dialled: tuple[bytes, ...] = ()
    mute: bool = False
    begins: float | None = None
    ends: float | None = None
    first: Callable[[], object] = lambda: None
    answers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    allowed: Sequence[str] = (*LISTS, *ORDERS)


def said(connection: Connection) -> bytes:
    """The events of a recorded connection, without what was said to its own questions."""
    return b"".join(written(message) for _, message in connection.messages if "Event" in message)


def written(message: Mapping[str, Any]) -> bytes:
    """A message as it goes over the line."""
    lines = (f"{name}: {value}\r\n" for name, value in message.items())
    return ("".join(lines) + "\r\n").encode()


class Manager:
    """Serves the parts, one connection after the other; the last one again and again."""

    def __init__(self, *parts: Part) -> None:
        self._parts = parts or (Part(),)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.asked: list[Message] = []
        """Everything that clients have asked, in order."""
        self.connections = 0
        self._client: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Manager:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # whoever waits for a client waits no more
        self._listener.close()
        self._thread.join()

    def say(self, messages: Iterable[Mapping[str, Any]]) -> None:
        """Say something more over the connection there is."""
        assert self._client is not None, "nobody is connected"
        self._client.sendall(b"".join(written(each) for each in messages))

    def cut(self) -> None:
        """End the connection there is."""
        assert self._client is not None, "nobody is connected"
        self._client.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            part = self._parts[min(self.connections, len(self._parts) - 1)]
            self.connections += 1
            with client:
                self._client = client
                _Talk(self, client, part).run()


class _Talk:
    """One connection."""

    def __init__(self, manager: Manager, client: socket.socket, part: Part) -> None:
        self._manager, self._client, self._part = manager, client, part
        self._parser = Parser()
        self._open = len(("Status", "CoreShowChannels", "QueueStatus"))
        self._ahead = 0.0
        self._set_clock(part.begins)

    def run(self) -> None:
        try:
            self._part.first()
            self._client.sendall(BANNER)
            while self._open:
                if not self._hear():
                    return
            for begin in range(0, len(self._part.data), 1_000):
                self._client.sendall(self._part.data[begin : begin + 1_000])
            self._set_clock(self._part.ends)
            if not self._part.stays:
                self._client.shutdown(socket.SHUT_WR)  # a reset would take away what is still on its way
                while self._client.recv(65_536):
                    pass
            while self._hear():
                pass
        except OSError:
            return

    def _set_clock(self, at: float | None) -> None:
        self._ahead = at - time.time() if at is not None else self._ahead

    def _hear(self) -> bool:
        data = self._client.recv(65_536)
        for message in self._parser.feed(data):
            self._manager.asked.append(message)
            if not self._part.mute or message["Action"] == "Login":
                self._answer(message)
        return bool(data)

    def _answer(self, message: Message) -> None:
        known: dict[str, Callable[[Message], Sequence[Mapping[str, Any]]]] = {
            "Login": self._login,
            "Ping": lambda _: [
                {"Response": "Success", "Ping": "Pong", "Timestamp": f"{time.time() + self._ahead:.6f}"}
            ],
            "ListCommands": lambda _: [{"Response": "Success", **dict.fromkeys(("Ping", *self._part.allowed), "")}],
            "CoreSettings": lambda _: [{"Response": "Success", "AsteriskVersion": "22.10.0"}],
        }
        known |= dict.fromkeys(ORDERS, self._order)
        known |= dict.fromkeys(self._part.answers, self._order)
        answers = known.get(message["Action"], self._list)(message)
        self._client.sendall(b"".join(written({**each, "ActionID": message["ActionID"]}) for each in answers))
        if message["Action"] == "Originate":
            said = b"".join(self._part.dialled).replace(b"NAME", message["ActionID"].encode())
            self._client.sendall(said)

    def _order(self, message: Message) -> Sequence[Mapping[str, Any]]:
        queued = [{"Response": "Success", "Message": f"{message['Action']} successfully queued"}]
        return self._part.answers.get(message["Action"], queued)

    def _login(self, message: Message) -> list[Mapping[str, Any]]:
        if message.get("Secret") == SECRET:
            return [{"Response": "Success", "Message": "Authentication accepted"}]
        self._open = 0
        return [{"Response": "Error", "Message": "Authentication failed"}]

    def _list(self, message: Message) -> list[Mapping[str, Any]]:
        name = message["Action"]
        self._open -= 1
        items = list(self._part.state.get(name, ()))
        end = {"Event": f"{name}Complete", "EventList": "Complete", "ListItems": str(len(items))}
        return [{"Response": "Success", "EventList": "start"}, *items, end]
