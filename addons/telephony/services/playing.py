"""An exchange for demonstrations: it tells what recorded ones have told, as if it happened now.

It stands on loopback and speaks as a manager interface does, so the link, the reducer and whatever is live work as with a
real one. What it tells are recorded calls (``tables/*.ami``, only the events that calls are made of), moved to the present
moment, with the extensions of the house and the numbers of its clients in them.
"""

from __future__ import annotations

import math
import re
import secrets
import socket
import threading
import time
import wave
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from sqlalchemy import select

from addons.contacts.models import CustomerPhone
from addons.telephony.models import Pbx
from addons.telephony.services.asterisk.messages import Message, Parser
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.asterisk.recordings import path_of
from addons.telephony.services.exchanges import recorded_exchange, set_secret
from addons.telephony.services.recordings.paths import steps
from core import Conflict, T, User, WorkSession

RECORDED = Path(__file__).parent / "tables"
EXCHANGE = "Демонстрация"
LINKED_ELSEWHERE = T("This instance is linked to an exchange: demonstration calls are played only where none is.")
PLAYED_ELSEWHERE = T("Calls are played to this instance already: end that first.")
RING = 9.0
"""Seconds that phones ring at least: the machine that was recorded picked them up sooner than a person sees it."""
QUIET = 0.25
"""Seconds in which nothing is told, after which what is told next is no longer the beginning of the ringing."""
LONGEST_SOUND = 30.0
_RATE = 8_000
_BANNER = b"Asterisk Call Manager/9.0.0\r\n"
_MOMENT = re.compile(r"\b(\d{10})(\.\d+)")
"""Seconds since 1970 with a fraction: the moment of an event, or a name that Asterisk made of one."""
_DATED = re.compile(r"(?m)^(Timestamp: )(\d+\.\d+)")
_RINGS = re.compile(r"(?m)^ChannelStateDesc: Ringing\r?$")
_EXTENSION = re.compile(r"(?<![\d.])10[1-6](?!\d)")
_CLIENT = re.compile(r"(?<!\d)(\+?[78])?(9\d{9})(?!\d)")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A recorded call: what was told, each with the seconds since the first."""

    name: str
    began: float
    told: tuple[tuple[float, str], ...]


def recorded(folder: Path = RECORDED) -> list[Recorded]:
    """The recorded calls of a folder, by their names; files without a dated event are left out."""
    found = (_read(path) for path in sorted(folder.glob("*.ami")))
    return [each for each in found if each.told]


def ringing(call: Recorded, seconds: float = RING) -> Recorded:
    """A recorded call in which phones ring for so many seconds at least before anything else happens."""
    later, began, last = 0.0, None, 0.0
    told: list[tuple[float, str]] = []
    for offset, text in call.told:
        if began is not None and offset - last > QUIET:
            later += max(0.0, seconds - (offset - began))
            began = None
        if began is None and _RINGS.search(text):
            began = offset
        told.append((offset + later, _DATED.sub(partial(_later, later), text)))
        last = offset
    return Recorded(call.name, call.began, tuple(told))


def _later(seconds: float, dated: re.Match[str]) -> str:
    return f"{dated[1]}{float(dated[2]) + seconds:.6f}"


def _read(path: Path) -> Recorded:
    messages = [each for each in Parser().feed(path.read_bytes()) if "Event" in each]
    dated = [(event_time(each.get("Timestamp"), 0.0), _written(each)) for each in messages]
    told = [(at, text) for at, text in dated if at]
    began = min((at for at, _ in told), default=0.0)
    return Recorded(path.stem, began, tuple((at - began, text) for at, text in told))


def _written(message: Mapping[str, str]) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in message.items()) + "\r\n"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in the demonstration: extensions of the house, numbers of clients."""

    extensions: Sequence[str]
    clients: Sequence[str]

    def of(self, call: Recorded, random: Random) -> tuple[dict[str, str], str]:
        """Who takes the place of each extension of a recorded call, and who calls."""
        wanted = sorted({name for _, text in call.told for name in _EXTENSION.findall(text)})
        people = random.sample(self.extensions, len(wanted)) if len(wanted) <= len(self.extensions) else wanted
        return dict(zip(wanted, people, strict=True)), random.choice(self.clients) if self.clients else ""


def cast_of(session: WorkSession) -> Cast:
    """The colleagues with a telephone, and clients of the house that can be called."""
    staff = select(User.extension).where(User.active, User.extension != "").order_by(User.id)
    phones = select(CustomerPhone.e164).where(CustomerPhone.e164.like("+79%")).order_by(CustomerPhone.id).limit(200)
    return Cast(session.scalars(staff).all(), session.scalars(phones).all())


def as_now(call: Recorded, at: float, people: Mapping[str, str], client: str) -> Iterator[tuple[float, str]]:
    """A recorded call as if it began at a moment.

    :param at: in seconds since 1970; whole seconds are moved, so that names stay names.
    :param people: whose extension stands in the place of which.
    :param client: the client's number in E.164; empty keeps the recorded one.
    """
    later = round(at - call.began)
    number = client.removeprefix("+7")

    def moved(match: re.Match[str]) -> str:
        return f"{int(match[1]) + later}{match[2]}"

    for offset, text in call.told:
        told = _EXTENSION.sub(lambda match: people.get(match[0], match[0]), _MOMENT.sub(moved, text))
        if number:
            told = _CLIENT.sub(lambda match: f"{match[1] or ''}{number}", told)
        yield offset, told


def record(told: Iterable[tuple[float, str]], folder: Path) -> None:
    """Put a sound of its length where each recording of a call is said to be."""
    whole = list(told)
    seconds = min(whole[-1][0], LONGEST_SOUND) if whole else 0.0
    for message in Parser().feed("".join(text for _, text in whole).encode()):
        path = path_of(message.get("Application", ""), message.get("AppData", ""))
        if path and not path.startswith("/"):
            target = folder.joinpath(*steps(path))
            target.parent.mkdir(parents=True, exist_ok=True)
            _write_sound(target, seconds)


def _write_sound(target: Path, seconds: float) -> None:
    """Two voices that take turns: tones, for nobody has said anything."""
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        turns = (number / _RATE for number in range(int(seconds * _RATE)))
        sound.writeframes(array("h", (_loudness(at) for at in turns)).tobytes())


def _loudness(at: float) -> int:
    """How the sound swings at a moment: a syllable rises and falls, and every two seconds the other one speaks."""
    pitch = (140, 210)[int(at / 2) % 2]
    return int(6_000 * math.sin(math.pi * (at * 4 % 1)) * math.sin(2 * math.pi * pitch * at))


# --- the exchange ---------------------------------------------------------------------------------


@contextmanager
def exchange() -> Iterator[Exchange]:
    """An exchange on loopback, for as long as the block lasts."""
    found = Exchange()
    try:
        yield found
    finally:
        found.close()


class Exchange:
    """Answers whoever is linked to it, and tells all of them what is played."""

    def __init__(self) -> None:
        self.secret = secrets.token_urlsafe(16)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._linked: list[socket.socket] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._serve, daemon=True).start()

    def wait_for_link(self, seconds: float) -> bool:
        """Whether somebody is linked to it within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._linked), seconds)

    def play(self, told: Iterable[tuple[float, str]], speed: float = 1.0) -> None:
        """Tell all of it at its time, so many times faster."""
        began = time.monotonic()
        for offset, text in told:
            time.sleep(max(0.0, began + offset / speed - time.monotonic()))
            self._tell(text.encode())

    def close(self) -> None:
        """Hang up."""
        self._listener.shutdown(socket.SHUT_RDWR)  # whoever waits for a client waits no more
        self._listener.close()
        with self._changed:
            for client in self._linked:
                client.close()

    def _tell(self, data: bytes) -> None:
        with self._changed:
            linked = list(self._linked)
        for client in linked:
            try:
                client.sendall(data)
            except OSError:
                self._forget(client)

    def _forget(self, client: socket.socket) -> None:
        with self._changed:
            if client in self._linked:
                self._linked.remove(client)
        client.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        parser = Parser()
        try:
            client.sendall(_BANNER)
            while data := client.recv(65_536):
                for asked in parser.feed(data):
                    client.sendall("".join(_written(each) for each in self._answers(asked)).encode())
                    if asked.get("Action") == "QueueStatus":  # the last list of what is on the line
                        with self._changed:
                            self._linked.append(client)
                            self._changed.notify_all()
        except OSError:
            pass
        self._forget(client)

    def _answers(self, asked: Message) -> list[dict[str, str]]:
        """Nothing is on the line when somebody comes; nothing that is asked for is done."""
        mine = {"ActionID": asked.get("ActionID", "")}
        action = asked.get("Action", "")
        if action == "Login":
            good = secrets.compare_digest(asked.get("Secret", ""), self.secret)
            words = "Authentication accepted" if good else "Authentication failed"
            return [{"Response": "Success" if good else "Error", "Message": words, **mine}]
        if action == "Ping":
            return [{"Response": "Success", "Ping": "Pong", "Timestamp": f"{time.time():.6f}", **mine}]
        if action == "CoreSettings":
            return [{"Response": "Success", "AsteriskVersion": "22.10.0", **mine}]
        if action in ("Status", "CoreShowChannels", "QueueStatus", "BridgeList"):
            end = {"Event": f"{action}Complete", "EventList": "Complete", "ListItems": "0", **mine}
            return [{"Response": "Success", "EventList": "start", **mine}, end]
        return [{"Response": "Error", "Message": "This is a demonstration", **mine}]


# --- its record -----------------------------------------------------------------------------------


def link(session: WorkSession, port: int, secret: str, recordings: Path) -> None:
    """Let the instance be linked to the exchange of the demonstration.

    :param recordings: the folder in which its recordings will lie.
    :raises Conflict: where it is linked to another one, or calls are played to it by another process.
    """
    others = select(Pbx.id).where(Pbx.active, Pbx.host != "", Pbx.name != EXCHANGE)
    if session.scalar(others.limit(1)) is not None:
        raise Conflict(LINKED_ELSEWHERE)
    pbx = recorded_exchange(session, EXCHANGE)
    session.refresh(pbx, with_for_update=True)  # of two that begin at once the other one sees what is written here
    if pbx.active and pbx.host and _is_there(pbx.port):
        raise Conflict(PLAYED_ELSEWHERE)
    pbx.host, pbx.port, pbx.account, pbx.active = "127.0.0.1", port, "demonstration", True
    pbx.recordings = str(recordings.resolve())
    set_secret(session, pbx, secret)


def _is_there(port: int) -> bool:
    """Whether the exchange of a demonstration is there; one that was killed leaves its record as it was."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False


def unlink(session: WorkSession) -> None:
    """The demonstration is over; its calls stay."""
    pbx = recorded_exchange(session, EXCHANGE)
    pbx.active, pbx.host = False, ""
    session.flush()
