"""What the frame of every page says of its reader: how much waits for him, and where he is, in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, literal_column, or_, select

from core.access.models import User
from core.access.policy import Access
from core.db.engine import WorkSession
from core.db.guards import row_rules
from core.db.kept import KeptSelect, Read, read
from core.work.models import Notification, Presence
from core.work.moments import PRESENT, moments
from core.work.notifications import SHOWN_AT_ONCE
from core.work.presence import OFF, Present, present_from

Counter = Callable[[Access], Select[int]]
"""Makes the statement that counts what waits for a person, once while his rights stay the same; it may use ``PRESENT``
and ``TOMORROW`` of :mod:`core.work.moments`. The person's row rules are put on it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The person's unread notifications, counted to 100 at most, his presence, and what each counter says."""

    unread: int
    presence: Present
    counts: tuple[int, ...] = ()


def standing_of(session: WorkSession, counters: Sequence[Counter] = ()) -> Standing:
    """The standing of the session's own person; of nobody for a stranger."""
    return standing_in(read(session, standing_read(session, counters)), session.now(), len(counters))


def standing_read(session: WorkSession, counters: Sequence[Counter] = ()) -> Read:
    """Reads the standing of the session's own person, for :func:`standing_in`."""
    wanted = tuple(counters)
    statement = row_rules(session).once(wanted, lambda: _statement(wanted, session.access))
    return Read(statement, moments(session))


def standing_in(rows: Sequence[Any], now: datetime, counters: int) -> Standing:
    """The standing that was read, with that many counters."""
    if not rows:
        return Standing(0, OFF, (0,) * counters)
    unread, state, until, note, since, seen, *counts = rows[0]
    present = OFF if state is None else present_from(state, until, note, since, seen, now)
    return Standing(unread, present, tuple(counts))


def _statement(counters: tuple[Counter, ...], access: Access) -> KeptSelect:
    person = bindparam("person", access.user_id, type_=BigInteger)
    awake = or_(Notification.snoozed_until.is_(None), Notification.snoozed_until <= PRESENT)
    waiting = select(Notification.id).where(Notification.user_id == person, Notification.closed_at.is_(None), awake)
    capped = waiting.limit(literal_column(str(SHOWN_AT_ONCE))).subquery()
    unread = select(func.count()).select_from(capped).scalar_subquery()
    figures = select(
        unread,
        Presence.state,
        Presence.until,
        Presence.note,
        Presence.since,
        Presence.last_seen_at,
        *(counter(access).scalar_subquery() for counter in counters),
    ).select_from(User)
    return figures.outerjoin(Presence, Presence.user_id == User.id).where(User.id == person)
