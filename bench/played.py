"""Any number of overlapping calls, made of the recorded ones: each with names, phones and a client of its own.

What is recorded (``tests/telephony/traces``) is turned into templates once, so a call costs little to tell.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from typing import Any, NamedTuple

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.moments import event_time, wall_clock
from tests.telephony.manager import written
from tests.telephony.recorded import EXPECTED, NAMES, TRACES, recording

LEFT_OUT = ("i", "j", "o", "s")
"""Recordings, by the letters of what is played, that are no plain stream: named by a program, cut, of a PBX with a name."""

_NAME = re.compile(r"(?<![\d.])(\d{10})\.(\d{1,5})(?![\d.])")
"""What Asterisk calls a channel and a call: the second it began, and a number."""
_BRIDGE = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b")
_CHANNEL = re.compile(r"(?<=-)[0-9a-f]{6}([0-9a-f]{2})(?![0-9a-f-])")
"""What tells the channels of one phone apart."""
_EXTENSION = re.compile(r"(?<![\d.])10[1-6](?!\d)")
_CLIENT = re.compile(r"(?<!\d)(\+?[78])?(9\d{9})(?!\d)")
_LOGGED_AT = re.compile(r'"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+"')


class Told(NamedTuple):
    """Something that is said at a moment, in seconds since 1970."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Template:
    """A recorded call as it is told again.

    :param events: each with the seconds since the first one.
    :param log: the rows of the exchange's own log (CEL), likewise.
    :param seconds: the seconds since then in which its channels begin, by which they are named.
    :param rings: who is rung when: the extension, and the seconds.
    :param calls: what it comes to: how many calls of which disposition.
    """

    name: str
    events: tuple[Told, ...]
    log: tuple[Told, ...]
    seconds: tuple[int, ...]
    extensions: tuple[str, ...]
    clients: tuple[str, ...]
    rings: tuple[tuple[str, float], ...]
    calls: Mapping[str, int]
    contacts: int


def templates(classes: Sequence[str] = ()) -> list[Template]:
    """The recorded calls that can be told at any time.

    :param classes: the classes of events that the account of the link may read; all when there are none.
    """
    named = (name for name in NAMES if not name.startswith((*LEFT_OUT, "s2")))
    return [_template(name, classes) for name in named]


def _template(name: str, classes: Sequence[str]) -> Template:
    (connection,) = recording(name).connections
    told = [
        (event_time(each.get("Timestamp"), 0.0), each) for _, each in connection.messages if _is_told(each, classes)
    ]
    dated = [(at, each) for at, each in told if at]
    began = float(int(dated[0][0]))
    making = _Making(began)
    events = tuple(Told(at - began, making.event(each)) for at, each in dated)
    rings = {
        (each["CallerIDNum"], at - began)
        for at, each in dated
        if (each["Event"], each.get("ChannelState")) == ("Newstate", "5") and _EXTENSION.fullmatch(each["CallerIDNum"])
    }
    lines = (TRACES / f"{name}.cel.csv").read_text(encoding="utf-8").splitlines()
    log = tuple(found for line in lines if (found := making.logged(line)) is not None)
    return Template(
        name,
        events,
        log,
        tuple(sorted(making.seconds)),
        tuple(sorted(making.extensions)),
        tuple(making.clients),
        tuple(sorted(rings, key=lambda each: each[1])),
        Counter(each["disposition"] for each in EXPECTED[name]["calls"]),
        EXPECTED[name]["client_contacts"],
    )


def _is_told(message: Message, classes: Sequence[str]) -> bool:
    privilege = message.get("Privilege", "").split(",")
    return "Event" in message and (not classes or bool(set(classes).intersection(privilege)))


class _Making:
    """A recorded call on its way to a template: what is to be replaced in it, and what that was."""

    def __init__(self, began: float) -> None:
        self._began = int(began)
        self.seconds: set[int] = set()
        self.extensions: set[str] = set()
        self.clients: dict[str, int] = {}

    def event(self, message: Message) -> str:
        return self._opened(written({**message, "Timestamp": "@"}).decode()).replace(
            "Timestamp: @", "Timestamp: %(at)s"
        )

    def logged(self, line: str) -> Told | None:
        found = _LOGGED_AT.search(line)
        at = wall_clock(found[0].strip('"')) if found is not None else None
        if found is None or at is None:
            return None
        text = f"{line[: found.start()]}@{line[found.end() :]}"
        return Told(at - self._began, self._opened(text).replace("@", '"%(logged)s"', 1) + "\n")

    def _opened(self, text: str) -> str:
        text = _NAME.sub(self._named, text.replace("%", "%%"))
        text = _BRIDGE.sub(r"%(bridge)s\1", text)
        text = _CHANNEL.sub(r"%(channel)s\1", text)
        text = _CLIENT.sub(self._calling, text)
        return _EXTENSION.sub(self._rung, text)

    def _named(self, found: re.Match[str]) -> str:
        second = int(found[1]) - self._began
        self.seconds.add(second)
        return f"%({second})s.%(number)s{found[2]:0>3}"

    def _calling(self, found: re.Match[str]) -> str:
        place = self.clients.setdefault(found[2], len(self.clients))
        return f"{found[1] or ''}%(client{place})s"

    def _rung(self, found: re.Match[str]) -> str:
        self.extensions.add(found[0])
        return f"%(ext{found[0]})s"


@dataclass(frozen=True, slots=True)
class Played:
    """A call as it is told once.

    :param began: the whole second in which it begins.
    """

    template: Template
    began: float
    values: Mapping[str, Any]

    def events(self) -> Iterator[Told]:
        """What the exchange says."""
        return self._filled(self.template.events)

    def log(self) -> Iterator[Told]:
        """What it writes into its own log."""
        return self._filled(self.template.log)

    def rings(self) -> Iterator[tuple[str, str, float]]:
        """Which extension rings for which client, and when."""
        client = self.values.get("client0", "")
        for ext, seconds in self.template.rings:
            yield self.values[f"ext{ext}"], client, self.began + seconds

    def _filled(self, told: Iterable[Told]) -> Iterator[Told]:
        values = dict(self.values)
        for seconds, text in told:
            at = self.began + seconds
            values["at"], values["logged"] = f"{at:.6f}", _Logged(at)
            yield Told(at, text % values)


class _Logged(float):
    """A moment as the log has it, written only where it stands."""

    def __str__(self) -> str:
        return f"{datetime.fromtimestamp(self, UTC):%Y-%m-%d %H:%M:%S.%f}"


def calls(
    chosen: Sequence[Template],
    begin: float,
    every: float,
    extensions: Sequence[str],
    client: Callable[[int], str],
    watched: str = "",
) -> Iterator[Played]:
    """Calls without an end, in order of their beginnings, each recording in its turn.

    :param begin: when the first one begins, in seconds since 1970.
    :param every: seconds from one beginning to the next.
    :param client: the ten digits of a client's number, by the number of the call.
    :param watched: an extension that rings now and then in calls that nobody answers.
    """
    for number in count():
        template = chosen[number % len(chosen)]
        began = begin + number * every
        whole = int(began)
        values: dict[str, Any] = {"number": number + 1, "bridge": f"{number:08x}", "channel": f"{number:06x}"}
        values |= {str(second): whole + second for second in template.seconds}
        values |= {f"client{place}": client(number * 2 + place) for place in range(len(template.clients))}
        values |= {
            f"ext{ext}": extensions[(number * 7 + place) % len(extensions)]
            for place, ext in enumerate(template.extensions)
        }
        if watched and template.rings and "answered" not in template.calls and number // len(chosen) % 4 == 0:
            values[f"ext{template.rings[0][0]}"] = watched
        yield Played(template, began, values)


def told(played: Iterable[Played], part: Callable[[Played], Iterator[Told]] = Played.events) -> Iterator[Told]:
    """What overlapping calls say, in order of time; only the calls that go on are held."""
    going: list[tuple[float, int, str, Iterator[Told]]] = []
    for number, call in enumerate(played):
        while going and going[0][0] <= call.began:
            yield _next(going)
        _begin(going, number, part(call))
    while going:
        yield _next(going)


def _begin(going: list[tuple[float, int, str, Iterator[Told]]], number: int, rest: Iterator[Told]) -> None:
    first = next(rest, None)
    if first is not None:
        heapq.heappush(going, (first.at, number, first.text, rest))


def _next(going: list[tuple[float, int, str, Iterator[Told]]]) -> Told:
    at, number, text, rest = going[0]
    following = next(rest, None)
    if following is None:
        heapq.heappop(going)
    else:
        heapq.heapreplace(going, (following.at, number, following.text, rest))
    return Told(at, text)


def events_of(chosen: Sequence[Template]) -> float:
    """Events a call has on average."""
    return sum(len(each.events) for each in chosen) / len(chosen)


def expected(played: Iterable[Played]) -> tuple[Counter[str], int]:
    """What calls come to: how many of which disposition, and how many contacts of clients."""
    dispositions: Counter[str] = Counter()
    contacts = 0
    for each in played:
        dispositions.update(each.template.calls)
        contacts += each.template.contacts
    return dispositions, contacts


def first(number: int, played: Iterator[Played]) -> list[Played]:
    """So many of them."""
    return list(islice(played, number))
