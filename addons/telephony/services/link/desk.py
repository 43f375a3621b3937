"""Where a link tells what it hears: calls are stored in batches, and wait here while the database is busy or away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from addons.telephony.models import Link
from addons.telephony.services import keeping
from addons.telephony.services.asterisk.calls import Call
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.columns import moment
from core import WorkSession, database_trouble, publish, system, worth_repeating

if TYPE_CHECKING:
    from core import OnDuty

log = structlog.get_logger("forecourt.telephony")

BATCH = 100
"""Calls that are stored in one transaction."""
BETWEEN = 0.2
"""Seconds between two batches at least: what comes meanwhile is stored together."""
AFTER_TROUBLE = 2.0
HEARD_EVERY = 30.0
"""Seconds after which it is written down that the link has heard of everything so far, also when nobody calls."""
LONGEST_PROBLEM = 300


class Desk:
    """The desk of one exchange. It is used by the thread of its link alone.

    :param goes_on: whether the link is to go on; see :meth:`goes_on`.
    """

    def __init__(self, duty: OnDuty, pbx_id: int, goes_on: Callable[[], bool]) -> None:
        self._database, self._pbx_id, self._goes_on = duty.database, pbx_id, goes_on
        self._calls: list[Call] = []
        self._state: dict[str, object] | None = None
        self._heard: float | None = None
        self._not_before = 0.0
        self._heard_written = 0.0

    def goes_on(self) -> bool:
        """Whether the link is to go on; ask it every second or so."""
        return self._goes_on()

    def tell(self, calls: Iterable[Call], heard: float | None = None) -> None:
        """Calls that are over, and until when the link has heard of everything, in seconds since 1970 by the exchange's clock."""
        self._calls += calls
        self._heard = heard if heard is not None else self._heard

    def state(self, state: str, problem: str = "", release: str = "") -> None:
        """How the link is now: ``connecting``, ``linked``, ``away`` or ``refused``, and why.

        :param release: what the exchange calls its own version.
        """
        said = {"state": state, "problem": problem[:LONGEST_PROBLEM]} | ({"release": release[:80]} if release else {})
        self._state = (self._state or {}) | said
        self._not_before = 0.0

    def dropped(self, number: int) -> None:
        """So many messages were thrown away, as nobody took them in time."""
        self._state = {**(self._state or {}), "dropped": number}

    def store(self, *, at_once: bool = False) -> bool:
        """Store what was told, if it is time; what the database refuses now is kept and tried again.

        :returns: whether nothing is left to store.
        """
        now = time.monotonic()
        due = bool(self._calls or self._state) or now - self._heard_written > HEARD_EVERY
        if not due or (now < self._not_before and not at_once):
            return not self._calls
        try:
            self._write(now)
        except Exception as error:
            if not (database_trouble(error) or worth_repeating(error)):
                log.exception("calls could not be stored and are tried again", calls=len(self._calls))
            self._not_before = now + AFTER_TROUBLE
            return False
        return not self._calls

    def finish(self, seconds: float) -> None:
        """Store what is left, within so many seconds: the link ends."""
        until = time.monotonic() + seconds
        while not self.store(at_once=True) and time.monotonic() < until:
            time.sleep(BETWEEN)

    def _write(self, now: float) -> None:
        batch, state = self._calls[:BATCH], self._state
        with self._database.writing(system("telephony link")) as session:
            if batch:
                keeping.keep(session, self._pbx_id, jobs(batch))
            self._write_link(session, state or {}, whole=len(batch) == len(self._calls))
        del self._calls[: len(batch)]
        if self._state is state:
            self._state = None
        self._not_before, self._heard_written = now + BETWEEN, now

    def _write_link(self, session: WorkSession, state: dict[str, object], *, whole: bool) -> None:
        link = session.get(Link, self._pbx_id)
        if link is None:
            link = Link(pbx_id=self._pbx_id, state="off", since=session.now(), connected=0, dropped=0)
            session.add(link)
        said = state.get("state", link.state)
        if said != link.state:
            link.since = session.now()
            if said == "linked":
                link.gap_since, link.connected = link.heard_at, link.connected + 1
            publish(session, "telephony.link", pbx=self._pbx_id)
        for name, value in state.items():
            setattr(link, name, value)
        if whole and self._heard is not None:
            link.heard_at = max(filter(None, [link.heard_at, moment(self._heard)]))


def heard_at(session: WorkSession, pbx_id: int) -> datetime | None:
    """Until when everything that an exchange has said is stored."""
    link = session.get(Link, pbx_id)
    return link.heard_at if link is not None else None
