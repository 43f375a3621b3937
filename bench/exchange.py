"""A telephone exchange that tells of as many calls as it is asked for: a program of its own, so that it slows nobody down.

Usage: ``python -m bench.exchange SCRIPT``, the script as JSON. It says ``{"port": …}`` once it can be linked to, ``{"began": …}``
when somebody is linked and it begins, and ``{"sent": …}`` with how late it was when everything is told; it answers until
its standard input ends.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from addons.telephony.services.asterisk.messages import Message, Parser
from bench.data import number_of
from bench.played import Played, Template, Told, calls, first, templates, told
from tests.telephony.manager import BANNER, SECRET, written

ROOT = Path(__file__).resolve().parents[1]
CLASSES = ("call", "agent", "reporting")
"""What the account of a link may read, as docs/operations.md advises."""
CHUNK = 64
"""Events that are sent together at most."""
LINKED_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Script:
    """What an exchange tells.

    :param calls: how many there are; ``every`` so many seconds one begins, by the exchange's clock.
    :param begin: when the first one begins by that clock, in seconds since 1970; now where nothing is said.
    :param rate: events told in a second, whatever the clock; 0 as they come by the clock, negative as fast as they are taken.
    :param extensions: the phones of the house; ``clients`` so many clients call in turn.
    :param log: where the exchange writes its own log; nowhere where this is empty.
    :param watched: an extension that rings now and then in calls that nobody answers.
    """

    calls: int
    every: float
    begin: float = 0.0
    rate: float = 0.0
    extensions: tuple[str, ...] = field(default_factory=tuple)
    clients: int = 4_000
    classes: tuple[str, ...] = CLASSES
    log: str = ""
    watched: str = ""

    def played(self, chosen: list[Template], begin: float) -> list[Played]:
        """The calls, once it is known when they begin."""
        return first(self.calls, self._stream(chosen, begin))

    def _stream(self, chosen: list[Template], begin: float) -> Iterator[Played]:
        clients = self.clients
        return calls(
            chosen, begin, self.every, self.extensions, lambda number: number_of(number % clients + 1), self.watched
        )

    def told(self, chosen: list[Template], begin: float) -> Iterator[Told]:
        """What is said, without holding more than the calls that go on."""
        return told(itertools.islice(self._stream(chosen, begin), self.calls))

    def logged(self, chosen: list[Template], begin: float) -> Iterator[Told]:
        """What is written into the log."""
        return told(itertools.islice(self._stream(chosen, begin), self.calls), Played.log)


# --- the program ------------------------------------------------------------------------------------


def main() -> None:
    """Tell the script to whoever links, and stay until the standard input ends."""
    script = Script(**{name: tuple(each) if isinstance(each, list) else each for name, each in _given().items()})
    exchange = Exchange()
    _say(port=exchange.port)
    if not exchange.linked.wait(LINKED_WITHIN):
        raise TimeoutError("nobody has linked to the exchange")
    chosen = templates(script.classes)
    begin = script.begin or float(int(time.time()) + 2)
    exchange.now = begin if script.rate else None
    _say(began=begin)
    said = script.told(chosen, begin)
    with Path(script.log or os.devnull).open("w", encoding="utf-8", buffering=1) as log:
        if script.log:
            said = _logging(said, script.logged(chosen, begin), log)
        sent, late = exchange.play(said, script.rate)
    if script.rate:
        exchange.now = (exchange.now or 0.0) + 60.0  # the last calls are over for sure
    _say(sent=sent, late=late, ended=time.time())
    sys.stdin.read()


def _given() -> dict[str, Any]:
    given: dict[str, Any] = json.loads(sys.argv[1])
    return given


def _say(**found: Any) -> None:
    print(json.dumps(found), flush=True)


def _logging(said: Iterable[Told], rows: Iterator[Told], log: IO[str]) -> Iterator[Told]:
    """What is said, while the exchange writes its own log."""
    row = next(rows, None)
    for each in said:
        while row is not None and row.at <= each.at:
            log.write(row.text)
            row = next(rows, None)
        yield each
    log.writelines(each.text for each in itertools.chain([row] if row is not None else [], rows))


class Exchange:
    """Answers one link at a time, and tells it what is played; what is told while none is there is lost."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.linked = threading.Event()
        self.now: float | None = None
        """What time it is here; that of the machine where nothing is said."""
        self._client: socket.socket | None = None
        self._sending = threading.Lock()
        threading.Thread(target=self._serve, daemon=True).start()

    def clock(self) -> float:
        """What time it is here."""
        return time.time() if self.now is None else self.now

    def play(self, said: Iterable[Told], rate: float) -> tuple[int, float]:
        """Tell everything at its time; returns how many events, and by how many seconds it was late at worst."""
        began, sent, late = time.time(), 0, 0.0
        for some in _together(said, rate):
            due = some[-1].at if rate == 0 else began + sent / rate if rate > 0 else 0.0
            if due > time.time():
                time.sleep(due - time.time())
            late = max(late, time.time() - due) if due else late
            self.tell("".join(each.text for each in some).encode())
            if rate:
                self.now = some[-1].at
            sent += len(some)
        return sent, late

    def tell(self, data: bytes) -> None:
        """Say something to whoever is linked."""
        client = self._client
        if client is not None:
            try:
                with self._sending:
                    client.sendall(data)
            except OSError:
                self._client = None

    def _serve(self) -> None:
        while True:
            client, _ = self._listener.accept()
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        parser = Parser()
        try:
            client.sendall(BANNER)
            while data := client.recv(65_536):
                for asked in parser.feed(data):
                    mine = {"ActionID": asked.get("ActionID", "")}
                    with self._sending:
                        client.sendall(b"".join(written({**each, **mine}) for each in self.answers(asked)))
                    if asked.get("Action") == "QueueStatus":  # the last list of what is on the line
                        self._client = client
                        self.linked.set()
        except OSError:
            return

    def answers(self, asked: Message) -> list[Mapping[str, Any]]:
        """What it says to an action; nothing is on the line when somebody comes."""
        action = asked.get("Action", "")
        if action == "Login":
            good = asked.get("Secret") == SECRET
            return [{"Response": "Success" if good else "Error", "Message": "Authentication"}]
        if action == "Ping":
            return [{"Response": "Success", "Ping": "Pong", "Timestamp": f"{self.clock():.6f}"}]
        if action == "CoreSettings":
            return [{"Response": "Success", "AsteriskVersion": "22.10.0"}]
        end = {"Event": f"{action}Complete", "EventList": "Complete", "ListItems": "0"}
        return [{"Response": "Success", "EventList": "start"}, end]


def _together(said: Iterable[Told], rate: float) -> Iterator[list[Told]]:
    """Events that are sent at once: as many as come within a hundredth of a second."""
    some: list[Told] = []
    most = CHUNK if rate <= 0 else max(1, min(CHUNK, int(rate / 100)))
    for each in said:
        if some and (len(some) >= most or (rate == 0 and each.at > some[0].at + 0.01)):
            yield some
            some = []
        some.append(each)
    if some:
        yield some


# --- as another process -----------------------------------------------------------------------------


class Running:
    """An exchange that runs beside the benchmark."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout is not None
        self._out: IO[str] = process.stdout
        self.port: int = self.hear("port")["port"]

    def hear(self, what: str) -> dict[str, Any]:
        """What it says next; waits for it.

        :raises RuntimeError: it has ended instead.
        """
        line = self._out.readline()
        if not line:
            raise RuntimeError("the exchange of the benchmark has failed")
        found: dict[str, Any] = json.loads(line)
        assert what in found, (what, found)
        return found


@contextmanager
def exchange(script: Script) -> Iterator[Running]:
    """An exchange for the length of a measurement."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.exchange", json.dumps(asdict(script))]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Running(process)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    main()
