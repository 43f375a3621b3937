"""Where a link tells what it hears and gets its orders: what it tells waits here while the database is busy or away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog
from sqlalchemy import select

from addons.telephony.models import Link
from addons.telephony.services import keeping, live, orders, registering
from addons.telephony.services.asterisk.calls import Call
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.autodial import campaigns
from addons.telephony.services.autodial import orders as dialling
from addons.telephony.services.columns import moment
from addons.telephony.services.link.adapters import Given
from addons.telephony.services.link.dials import Dial, Outcome
from addons.telephony.services.on_line import OnLine
from addons.telephony.services.vocabulary import BEGINS_LATER, LINKED, ONLY_RECORDS
from core import WorkSession, database_trouble, publish, system, worth_repeating

if TYPE_CHECKING:
    from core import OnDuty

log = structlog.get_logger("forecourt.telephony")

Taken = TypeVar("Taken", Given, Dial)

BATCH = 100
"""Calls that are stored in one transaction."""
REGISTERED = 5
"""Calls that become contacts in one transaction, once no call waits to be stored: a phone that rings does not wait for more."""
BETWEEN = 0.2
"""Seconds between two batches at least: what comes meanwhile is stored together."""
FOR_OTHERS = 0.02
"""Seconds between two such transactions at least, and between two writings of the line: who works in the house has to write too."""
SHOWN_WITHIN = 0.05
"""Seconds between two writings of the line at most, however long one took: phones ring."""
AFTER_TROUBLE = 2.0
"""Seconds after a failure until the same is tried again; after one of the database, until anything is."""
BEHIND = 256 * 1024
"""Bytes that wait to be told, of half a thousand events: more than that and the link is behind."""
LOOK = 0.25
"""Seconds between two looks at what is asked of the exchange, by people and for requests."""
HEARD_EVERY = 30.0
"""Seconds after which it is written down that the link has heard of everything so far, also when nobody calls."""
LONGEST_PROBLEM = 300
JITTER = timedelta(minutes=5)
"""By how much the exchange's clock may go back without having been set: by more, what it said before was wrong."""
AS_GOOD_AS_IT_GETS = {BEGINS_LATER, ONLY_RECORDS}
"""Gaps of which no more will be known."""
LONGEST_GAP = timedelta(days=7)
"""What was missed longer ago is not looked for any more."""
MOST_KEPT = 20_000
"""Calls that wait to be stored while the database is away: a day's. With more, what the exchange says waits unread, and what is
too much of that is read from the exchange's log later."""
FORGET_AFTER = 15.0
"""Seconds without a link after which nobody is told any more that a call is on the line."""


class Desk:
    """The desk of one exchange. It is used by the thread of its link alone.

    :param goes_on: whether the link is to go on; see :meth:`goes_on`.
    """

    def __init__(self, duty: OnDuty, pbx_id: int, goes_on: Callable[[], bool]) -> None:
        self._database, self._pbx_id, self._goes_on = duty.database, pbx_id, goes_on
        self._calls: list[Call] = []
        self._outcomes: list[Outcome] = []
        self._state: dict[str, object] | None = None
        self._heard: float | None = None
        self._connected = 0
        self._unregistered = False
        """Whether calls were stored whose contacts may be due."""
        self._gap: str | None = None
        """What is to be written of the gap: nothing new, that it is filled (empty), or why it is not."""
        self._not_before = self._show_at = self._register_at = 0.0
        self._heard_written = 0.0
        self._line: tuple[OnLine, ...] | None = None
        self._line_written: tuple[OnLine, ...] | None = None
        self._answers: list[tuple[int, str, str]] = []
        self._lost_at: float | None = time.monotonic()
        self._look_at = 0.0
        self._orders_wait = self._dials_wait = False

    def goes_on(self) -> bool:
        """Whether the link is to go on; ask it every second or so."""
        return self._goes_on()

    def tell(self, calls: Iterable[Call], heard: float | None = None) -> None:
        """Calls that are over, and until when the link has heard of everything, in seconds since 1970 by the exchange's clock."""
        self._calls += calls
        self._heard = heard if heard is not None else self._heard

    @property
    def has_room(self) -> bool:
        """Whether more calls can be told of: not while the database has been away for long."""
        return len(self._calls) < MOST_KEPT

    def dials(self) -> list[Dial]:
        """What is to be dialled now for requests. Each is told once: that it was is written before, so none is dialled twice (SEC-53)."""
        self._look()
        wait, self._dials_wait = self._dials_wait, False
        return self._taken(dialling.take) if wait else []

    def dialled(self, outcome: Outcome) -> None:
        """What became of something that was to be dialled."""
        self._outcomes.append(outcome)
        self._not_before = 0.0

    def state(self, state: str, problem: str = "", release: str = "") -> None:
        """How the link is now: ``connecting``, ``linked``, ``away`` or ``refused``, and why; of a link that
        is there, what the account may not do.

        :param release: what the exchange calls its own version.
        """
        linked = state == LINKED
        self._connected += linked
        self._lost_at = None if linked else self._lost_at or time.monotonic()
        said = {"state": state, "problem": problem[:LONGEST_PROBLEM]} | ({"release": release[:80]} if release else {})
        self._state = (self._state or {}) | said
        self._not_before = 0.0

    def on_line(self, calls: tuple[OnLine, ...]) -> None:
        """All calls that go on at this moment; to be told whenever it may have changed, and not before all of them are known."""
        self._line = calls

    def orders(self) -> list[Given]:
        """What people ask of the exchange, each once; an order that nobody could take in time is answered here."""
        self._look()
        wait, self._orders_wait = self._orders_wait, False
        return self._taken(orders.take) if wait else []

    def done(self, order_id: int, problem: str = "", detail: str = "") -> None:
        """What came of an order: a code of ``services.orders.PROBLEMS``, and what the exchange said; nothing when all is well."""
        self._answers.append((order_id, problem, detail))

    def dropped(self, number: int) -> None:
        """So many messages were thrown away, as nobody took them in time."""
        self._state = {**(self._state or {}), "dropped": number}

    def missed_since(self) -> float | None:
        """Since when calls may be missing, in seconds since 1970 by the exchange's clock; nothing where nobody has listened before.

        :raises sqlalchemy.exc.SQLAlchemyError: when the database is away.
        """
        with self._database.reading(system("telephony link")) as session:
            link = session.get(Link, self._pbx_id)
            since = _unknown_since(link, session.now()) if link is not None else None
            return since.timestamp() if since is not None else None

    def filled(self, problem: str = "") -> None:
        """What was missed has been told, or cannot be: one of :data:`GAP_PROBLEMS` says why."""
        self._gap = problem
        self._not_before = 0.0

    def store(self, *, at_once: bool = False, waiting: Callable[[], int] = lambda: 0) -> bool:
        """Store what was told, if it is time; what the database refuses now is kept and tried again.

        :param waiting: how many bytes of what the exchange has said wait to be told. Of calls that are over contacts are made
            one at a time while any do, as a phone may ring, and none while more than :data:`BEHIND` do.
        :returns: whether nothing is left to store.
        """
        if self._lost_at is not None and time.monotonic() - self._lost_at > FORGET_AFTER:
            self._line = ()
        if at_once:
            self._not_before = self._show_at = self._register_at = 0.0
        # One must not wait for the other: a call that is over is kept whatever is wrong with what is on the line.
        self._store_present()
        stored = self._store_calls()
        if self._may_register and waiting() <= BEHIND:
            registered = self._tried(lambda: self._register(lambda: waiting() > 0))
            self._register_at = time.monotonic() + (FOR_OTHERS if registered else AFTER_TROUBLE)
        return stored and self._is_empty

    @property
    def rests(self) -> float:
        """Seconds in which :meth:`store` has nothing to do, if nothing more is told."""
        now = time.monotonic()
        waits = [max(self._heard_written + HEARD_EVERY, self._not_before) - now]
        waits += [self._show_at - now] if self._changed else []
        waits += [self._not_before - now] if self._told else []
        waits += [self._register_at - now] if self._unregistered and not self._calls else []
        return max(0.0, min(waits))

    @property
    def _may_register(self) -> bool:
        """Whether it is time to make contacts: no call waits to be stored, and nothing that can be shown on the line."""
        now = time.monotonic()
        shown = not self._changed or now < self._show_at
        return self._unregistered and not self._calls and shown and now >= self._register_at

    def _store_present(self) -> None:
        """Show what has changed on the line as soon as it is told: a phone rings. Others may write for as long as that took.

        It may have taken long only because it waited for others, who had their turn then.
        """
        begun = time.monotonic()
        if self._changed and begun >= self._show_at:
            shown = self._tried(self._write_present)
            ended = time.monotonic()
            self._show_at = ended + (min(SHOWN_WITHIN, max(FOR_OTHERS, ended - begun)) if shown else AFTER_TROUBLE)

    def _store_calls(self) -> bool:
        """Store what was told of calls, some at a time; returns whether the database has taken what was due."""
        now = time.monotonic()
        if not (self._told or now - self._heard_written > HEARD_EVERY):
            return True
        if now < self._not_before:
            return False
        stored = self._tried(lambda: self._write(now))
        self._not_before = time.monotonic() + (BETWEEN if stored else AFTER_TROUBLE)
        return stored

    @property
    def _changed(self) -> bool:
        """Whether something else is on the line than what is shown, or an order has its answer."""
        return bool(self._answers) or (self._line is not None and self._line != self._line_written)

    @property
    def _told(self) -> bool:
        return bool(self._calls or self._outcomes or self._state) or self._gap is not None

    @property
    def _is_empty(self) -> bool:
        return not (self._calls or self._outcomes or self._unregistered)

    def _tried(self, deed: Callable[[], None]) -> bool:
        """Whether something could be done in the database; what cannot stays, and is tried again."""
        try:
            deed()
        except Exception as error:
            if database_trouble(error):
                # Each try may wait for long, and the exchange hears nothing of us meanwhile.
                self._look_at = self._not_before = self._show_at = self._register_at = time.monotonic() + AFTER_TROUBLE
            elif not worth_repeating(error):
                log.exception("a link could not store or look something up and tries again", calls=len(self._calls))
            return False
        return True

    def finish(self, seconds: float) -> None:
        """Store what is left, within so many seconds: the link ends."""
        until = time.monotonic() + seconds
        while not self.store(at_once=True) and time.monotonic() < until:
            time.sleep(BETWEEN)

    def _look(self) -> None:
        """See whether anything is asked of the exchange, if it is time: one statement, by indexes, for whatever it is."""
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK

        def look() -> None:
            with self._database.reading(system("telephony link")) as session:
                at, pbx_id = session.now(), self._pbx_id
                waiting = select(orders.waiting(at, pbx_id), dialling.waiting(at, pbx_id))
                self._orders_wait, self._dials_wait = session.execute(waiting).one()

        self._attempt(look)

    def _taken(self, take: Callable[[WorkSession, int], list[Taken]]) -> list[Taken]:
        """What is taken in a transaction of its own; nothing while the database is away."""
        found: list[Taken] = []

        def take_all() -> None:
            with self._database.writing(system("telephony link")) as session:
                taken = take(session, self._pbx_id)
            found.extend(taken)  # not before it is written that they were

        self._attempt(take_all)
        return found

    def _attempt(self, deed: Callable[[], None]) -> None:
        """Look for what is asked of the exchange; where that fails all of it is looked for again, later."""
        if not self._tried(deed):
            self._orders_wait = self._dials_wait = False
            self._look_at = time.monotonic() + AFTER_TROUBLE

    def _write_present(self) -> None:
        """What is on the line, and what came of orders: apart from calls that are over, which may be many."""
        line, answers = self._line if self._goes_on() else self._line_written, list(self._answers)
        with self._database.writing(system("telephony link")) as session:
            if line is not None and line != self._line_written:
                live.write(session, self._pbx_id, line)
            for order_id, problem, detail in answers:
                orders.settle(session, order_id, problem, detail)
        self._line_written = line
        del self._answers[: len(answers)]

    def _write(self, now: float) -> None:
        batch, outcomes = self._calls[:BATCH], list(self._outcomes)
        state, connected = self._state, self._connected
        said = (state or {}) if self._goes_on() else {}  # «off» is written by whoever has ended the link
        whole = len(batch) == len(self._calls)
        gap = self._gap if whole else None
        with self._database.writing(system("telephony link")) as session:
            for outcome in outcomes:
                campaigns.note(session, outcome)
            if batch:
                campaigns.settle(session, batch)
                keeping.record(session, self._pbx_id, jobs(batch))
            self._write_link(session, said, gap, whole=whole)
        del self._calls[: len(batch)], self._outcomes[: len(outcomes)]
        self._unregistered = self._unregistered or bool(batch)
        self._connected -= connected
        self._state = None if self._state is state else self._state
        self._gap = None if whole else self._gap
        self._heard_written = now

    def _register(self, hurries: Callable[[], bool]) -> None:
        """Make contacts of calls for which it is time; what fails is left to the job that does the same."""
        self._unregistered = False
        with self._database.writing(system("telephony link")) as session:
            more = registering.register_due(session, REGISTERED, hurries)
        self._unregistered = more

    def _write_link(self, session: WorkSession, state: dict[str, object], gap: str | None, *, whole: bool) -> None:
        link = session.get(Link, self._pbx_id)
        if link is None:
            link = Link(pbx_id=self._pbx_id, state="off", since=session.now(), connected=0, dropped=0)
            session.add(link)
        if state.get("state", link.state) != link.state:
            link.since = session.now()
            publish(session, "telephony.link", pbx=self._pbx_id)
        if self._connected:
            link.connected += self._connected
            link.gap_since, link.gap_until, link.gap_problem = _unknown_since(link, session.now()), session.now(), ""
        for name, value in state.items():
            setattr(link, name, value)
        if gap is not None:
            link.gap_problem = gap
            if not gap:
                link.gap_since = link.gap_until = None
        if whole and self._heard is not None:
            link.heard_at = _later(link.heard_at, moment(self._heard))


def _later(old: datetime | None, new: datetime | None) -> datetime | None:
    """Until when the link has heard of everything; a moment far ahead of the newest one is of a clock that was wrong."""
    if old is None or new is None:
        return old or new
    return old if new < old <= new + JITTER else new


def _unknown_since(link: Link, now: datetime) -> datetime | None:
    """Since when calls may be missing once the link is made anew: an older gap that may still be filled counts too."""
    if link.gap_since is None or link.gap_problem in AS_GOOD_AS_IT_GETS or now - link.gap_since > LONGEST_GAP:
        return link.heard_at
    return link.gap_since


def heard_at(session: WorkSession, pbx_id: int) -> datetime | None:
    """Until when everything that an exchange has said is stored."""
    link = session.get(Link, pbx_id)
    return link.heard_at if link is not None else None
