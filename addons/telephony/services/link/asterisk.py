"""The adapter for Asterisk: logs in, asks what is on the line, reduces what it says, tells the desk.

A link that is cut is made anew, ever more slowly. What was said meanwhile is gone, so after each login it is read from the
exchange's own log where that is within reach, and the exchange is asked what is on the line: calls that were open go on, and
those that are not there any more have ended. Where events came faster than they could be taken, the link is made anew for the
same reason.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.asterisk.settings import forbidden
from addons.telephony.services.link.adapters import Exchange
from addons.telephony.services.link.asking import Asked
from addons.telephony.services.link.desk import Desk
from addons.telephony.services.link.dials import ANSWERED, REFUSED, UNANSWERED, Dial, Outcome, is_ours
from addons.telephony.services.link.filling import Filling
from addons.telephony.services.link.ordering import Orders
from addons.telephony.services.link.reading import Reader
from addons.telephony.services.link.wire import LinkError, RefusedError, Wire

log = structlog.get_logger("forecourt.telephony")

TAKEN = 2_000
"""Messages that are reduced before the desk may store."""
WAIT = 0.2
FINISH_WITHIN = 1.0
KNOWN_WITHIN = 2.0
"""Seconds after an answer in which the phone that has answered is told."""
LINE_EVERY = 0.05
"""Seconds between two looks at what is on the line: a busy exchange says hundreds of things meanwhile."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How patient a link is, in seconds.

    :param patience: for connecting, for the login, for the lists of what is on the line.
    :param ping: between two questions whether the exchange is there; while calls are open, ``busy_ping``: its answer says how
        late it is there, by which a call that has ended is known to be over.
    :param silence: without a byte after which the link is given up.
    :param again: after a login until the exchange's log is read once more, for what it was late with; less than a call
        takes to settle.
    :param pause: before the first new try; each one doubles it, up to ``longest_pause``.
    """

    patience: float = 10.0
    ping: float = 10.0
    busy_ping: float = 1.0
    silence: float = 25.0
    again: float = 1.0
    pause: float = 0.5
    longest_pause: float = 15.0


def follow(exchange: Exchange, desk: Desk, timing: Timing | None = None) -> None:
    """Keep the link to an Asterisk, and tell of its calls; returns when the desk says so."""
    _Following(exchange, desk, timing or Timing()).run()


class _Following:
    """One exchange from the first try to the end; the calls outlive a connection."""

    def __init__(self, exchange: Exchange, desk: Desk, timing: Timing) -> None:
        self._exchange, self._desk, self._timing = exchange, desk, timing
        self._reducer = Reducer(exchange.endpoints)
        self._filling = Filling(exchange.log, desk, self._reducer, again=timing.again)
        self._heard: float | None = None
        self._ahead = 0.0
        """How far the exchange's clock is ahead of ours, in seconds, by what it has said last."""
        self._pause = timing.pause
        self._answered: dict[str, float] = {}
        """Orders that somebody has answered, and until when to wait for who it was."""

    def run(self) -> None:
        while self._desk.goes_on():
            try:
                self._connect()
            except RefusedError as error:
                self._lost("refused", error, self._timing.longest_pause)
            except LinkError as error:
                self._lost("away", error, self._pause)
                self._pause = min(self._pause * 2, self._timing.longest_pause)
        over = (call for call in self._reducer.open_calls if call.ended is not None and call.ended_known)
        self._desk.tell(over)
        self._tell_answered(ends=True)
        self._desk.finish(FINISH_WITHIN)

    def _lost(self, state: str, error: LinkError, pause: float) -> None:
        log.warning("the link to an exchange is lost", exchange=self._exchange.name, reason=str(error))
        self._desk.state(state, str(error))
        until = time.monotonic() + pause
        while self._desk.goes_on() and time.monotonic() < until:
            self._tell_answered()
            self._desk.store()
            time.sleep(min(WAIT, max(0.0, until - time.monotonic())))

    def _connect(self) -> None:
        self._desk.state("connecting")
        exchange, timing = self._exchange, self._timing
        wire = Wire(exchange.host, exchange.port, patience=timing.patience, silence=timing.silence)
        reader = Reader(wire)
        try:
            connection = _Connection(wire, reader, timing)
            connection.log_in(exchange.account, exchange.secret)
            self._note_clock(connection.clock, connection.clock_read)
            self._desk.state("linked", ", ".join(connection.forbidden), release=connection.release)
            self._pause = timing.pause
            self._listen(connection)
        finally:
            reader.close()

    def _listen(self, connection: _Connection) -> None:
        asked = Asked(connection.wire, time.time())
        orders = Orders(connection.wire, self._exchange, self._desk)
        try:
            self._attend(connection, asked, orders)
        finally:
            orders.lose()

    def _attend(self, connection: _Connection, asked: Asked, orders: Orders) -> None:
        held: list[tuple[float, Message]] = []
        dropped, look_at, looked = 0, 0.0, True
        while self._desk.goes_on():
            taken = self._taken(connection, min(WAIT, self._desk.rests) if looked else look_at - time.monotonic())
            for _, message in taken:
                orders.hear(message)
            if asked.is_open:
                held += [each for each in taken if not asked.takes(each[1])]
                if asked.is_answered or asked.is_late(self._timing.patience):
                    self._resync(asked, held)
                    asked.close()
                    held = []
            else:
                self._feed(taken)
                self._tell_answered()
                self._filling.go_on()
                looked = time.monotonic() >= look_at
                if looked:
                    self._desk.on_line(self._reducer.on_line)
                    look_at = time.monotonic() + LINE_EVERY
                self._obey(connection, orders)
            if connection.reader.dropped != dropped:
                dropped = connection.reader.dropped
                self._desk.dropped(dropped)
            if looked:
                self._desk.store(waiting=lambda: len(connection.reader))
            connection.ping(busy=len(self._reducer) > 0)
            if connection.reader.ended is not None and not len(connection.reader):
                self._feed(held)
                raise connection.reader.ended
            if dropped and not len(connection.reader):
                raise LinkError(f"{dropped} events came too fast and were thrown away; the log has them")

    def _taken(self, connection: _Connection, most: float) -> list[tuple[float, Message]]:
        """What was said, after so many seconds at most; nothing while what is known of calls already cannot be stored: the
        rest waits, up to the reader's cap."""
        rest = max(0.0, most)
        if self._desk.has_room:
            return connection.take(TAKEN, rest)
        time.sleep(rest)
        return []

    def _obey(self, connection: _Connection, orders: Orders) -> None:
        orders.give(self._desk.orders())
        for dial in self._desk.dials():
            connection.dial(dial)

    def _resync(self, asked: Asked, held: Iterable[tuple[float, Message]]) -> None:
        """What is on the line by the exchange's own clock: it may differ from ours."""
        found = list(held)
        self._filling.begin()
        self._reducer.resync(asked.state, asked.at + self._ahead)
        self._feed(found)

    def _note_clock(self, message: Message, received: float) -> None:
        """What is not dated says nothing of the exchange's clock, and counts by it as it was last."""
        if "Timestamp" in message:
            self._ahead = event_time(message["Timestamp"], received) - received

    def _feed(self, messages: Iterable[tuple[float, Message]]) -> None:
        for received, message in messages:
            self._note_clock(message, received)
            self._desk.tell(self._reducer.feed(message, received + self._ahead))
            if is_ours(message.get("ActionID", "")):
                self._note_dialled(message)
            self._heard = received + self._ahead
        if self._heard is not None:
            self._desk.tell((), self._heard)

    def _note_dialled(self, message: Message) -> None:
        """What the exchange says of something that we have ordered; that it has taken the order says nothing yet."""
        name = message.get("ActionID", "")
        if message.get("Response") == "Error":
            self._desk.dialled(Outcome(name, REFUSED, problem=message.get("Message", "")))
        elif message.get("Event") == "OriginateResponse" and message.get("Response") == "Success":
            self._answered[name] = time.monotonic() + KNOWN_WITHIN
        elif message.get("Event") == "OriginateResponse":
            self._desk.dialled(Outcome(name, UNANSWERED))

    def _tell_answered(self, *, ends: bool = False) -> None:
        """Tell of orders that were answered, once it is known by whom: the exchange says so a moment later.

        :param ends: the link ends: nobody would tell of them any more, and a client who talks would be called again.
        """
        for name, until in list(self._answered.items()):
            who = self._who(name)
            if who or ends or time.monotonic() > until:
                self._desk.dialled(Outcome(name, ANSWERED, who))
                del self._answered[name]

    def _who(self, name: str) -> str:
        """The extension that has answered what we ordered."""
        call = self._reducer.called(name)
        legs = call.legs if call is not None else ()
        return next((leg.ext for leg in legs if leg.answered is not None), "")


class _Connection:
    """One connection from its login to its end."""

    def __init__(self, wire: Wire, reader: Reader, timing: Timing) -> None:
        self.wire, self.reader = wire, reader
        self.release = ""
        self.forbidden: list[str] = []
        """What the account may not ask or order, as far as the exchange tells."""
        self.clock: Message = {}
        """What the exchange said the time is, and when by our clock."""
        self.clock_read = 0.0
        self._timing = timing
        self._pinged = time.monotonic()
        self._early: list[tuple[float, Message]] = []

    def log_in(self, account: str, secret: str) -> None:
        """Log in, and learn which release it is, what we may ask of it, and what time it is there.

        :raises RefusedError: for a wrong name or secret.
        :raises LinkError: when there is no answer.
        """
        _, answer = self._answer("Login", {"Username": account, "Secret": secret, "Events": "on"})
        if answer.get("Response") != "Success":
            raise RefusedError(answer.get("Message", "the login was refused"))
        self.release = self._answer("CoreSettings", {})[1].get("AsteriskVersion", "")
        actions = self._answer("ListCommands", {})[1]
        # Every account may ping: where that is not said, the answer is no list.
        self.forbidden = forbidden(actions) if "Ping" in actions else []
        self.clock_read, self.clock = self._answer("Ping", {})

    def take(self, most: int, seconds: float) -> list[tuple[float, Message]]:
        """Messages, those first that came during the login."""
        early, self._early = self._early, []
        return early or self.reader.take(most, seconds)

    def dial(self, order: Dial) -> None:
        """Have a phone of the house ring, and the client's after it was answered."""
        self.wire.send("Originate", order.headers(), order.channel_id)

    def ping(self, *, busy: bool) -> None:
        """Ask whether the exchange is there, if it is time."""
        every = self._timing.busy_ping if busy else self._timing.ping
        if time.monotonic() - self._pinged >= every and self.reader.ended is None:
            self.wire.send("Ping")
            self._pinged = time.monotonic()

    def _answer(self, action: str, headers: dict[str, str]) -> tuple[float, Message]:
        action_id = self.wire.send(action, headers)
        until = time.monotonic() + self._timing.patience
        while time.monotonic() < until:
            for each in self.reader.take(TAKEN, WAIT):
                if each[1].get("ActionID") == action_id and "Response" in each[1]:
                    return each
                self._early.append(each)
            if self.reader.ended is not None and not len(self.reader):
                raise self.reader.ended
        raise LinkError(f"no answer to {action}")
