"""Which links there are: a thread for each exchange that is to be linked, begun anew when its settings change."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from sqlalchemy import select

from addons.telephony.models import Link, Pbx
from addons.telephony.services import live
from addons.telephony.services.exchanges import as_exchange
from addons.telephony.services.link.adapters import Adapter, Exchange, adapters
from addons.telephony.services.link.desk import Desk
from core import OnDuty, UnreadableSecret, WorkSession, database_trouble, system, worth_repeating

log = structlog.get_logger("forecourt.telephony")

LOOK = 1.0
"""Seconds between two looks at which exchanges there are."""
STOP_WITHIN = 1.5


@dataclass(slots=True)
class _Kept:
    """A link that is kept."""

    exchange: Exchange
    stopping: threading.Event
    thread: threading.Thread


def keep(duty: OnDuty) -> None:
    """Keep the links to all exchanges as long as this process is the one that does."""
    links = _Links(duty)
    try:
        while duty.goes_on(LOOK):
            _look(links)
    finally:
        links.stop()


def _look(links: _Links) -> None:
    """Look at the exchanges; while the database is away the links go on as they are: what they hear waits in them (S1-13)."""
    try:
        links.look()
    except Exception as error:
        if not (database_trouble(error) or worth_repeating(error)):
            raise
        log.warning("which exchanges there are cannot be read now", error=str(error))


class _Links:
    """The links of this process."""

    def __init__(self, duty: OnDuty) -> None:
        self._duty = duty
        self._kept: dict[int, _Kept] = {}

    def look(self) -> None:
        """Begin and end links, so that there is one for each exchange as it is now."""
        with self._duty.database.reading(system("telephony links")) as session:
            wanted = _wanted(session)
            known = adapters(session.hooks)
        for number, kept in list(self._kept.items()):
            if number not in wanted or wanted[number][1] != kept.exchange or not kept.thread.is_alive():
                self._end([number])
        for number, (code, exchange) in wanted.items():
            if number not in self._kept and code in known:
                self._begin(known[code], exchange)

    def stop(self) -> None:
        """End all links."""
        self._end(list(self._kept))

    def _begin(self, adapter: Adapter, exchange: Exchange) -> None:
        stopping = threading.Event()
        desk = Desk(self._duty, exchange.id, lambda: not stopping.is_set())
        thread = threading.Thread(target=_follow, args=(adapter, exchange, desk), name=exchange.name, daemon=True)
        self._kept[exchange.id] = _Kept(exchange, stopping, thread)
        thread.start()

    def _end(self, numbers: list[int]) -> None:
        ended = [self._kept.pop(number) for number in numbers]
        for kept in ended:
            kept.stopping.set()
        for kept in ended:
            kept.thread.join(STOP_WITHIN)
        if ended:
            self._note_off([kept.exchange.id for kept in ended])

    def _note_off(self, numbers: list[int]) -> None:
        def note(session: WorkSession) -> None:
            for link in session.scalars(select(Link).where(Link.pbx_id.in_(numbers), Link.state != "off")):
                link.state, link.since = "off", session.now()
            for number in numbers:
                live.clear(session, number)

        _try(self._duty, note)


def _try(duty: OnDuty, write: Callable[[WorkSession], None]) -> None:
    """Write what may stay unwritten when the database is away."""
    try:
        with duty.database.writing(system("telephony links")) as session:
            write(session)
    except Exception as error:
        log.warning("the state of a link could not be written", error=str(error))


def _follow(adapter: Adapter, exchange: Exchange, desk: Desk) -> None:
    try:
        adapter.follow(exchange, desk)
    except Exception as error:
        log.exception("the link to an exchange failed", exchange=exchange.name)
        desk.state("away", f"{type(error).__name__}: {error}")
        desk.store(at_once=True)


def _wanted(session: WorkSession) -> dict[int, tuple[str, Exchange]]:
    """The exchanges that are to be linked, with their kinds; one whose secret cannot be read is left out."""
    found: dict[int, tuple[str, Exchange]] = {}
    for pbx in session.scalars(select(Pbx).where(Pbx.active, Pbx.host != "").order_by(Pbx.id)):
        try:
            found[pbx.id] = (pbx.adapter, as_exchange(session, pbx))
        except UnreadableSecret:
            log.error("the secret of an exchange cannot be read: give it again", exchange=pbx.name)
    return found
