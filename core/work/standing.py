"""What the frame of every page says of its reader: how much waits for him, and where he is, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, func, literal_column, or_, select

from core.access.models import User
from core.db.engine import WorkSession
from core.db.types import UtcDateTime
from core.work.models import Notification, Presence
from core.work.notifications import SHOWN_AT_ONCE
from core.work.presence import OFF, Present, present_from


@dataclass(frozen=True, slots=True)
class Standing:
    """The person's unread notifications, counted to 100 at most, and his presence."""

    unread: int
    presence: Present


NOWHERE = Standing(0, OFF)


def standing_of(session: WorkSession) -> Standing:
    """The standing of the session's own person; of nobody for a stranger."""
    now = session.now()
    # On the connection: the statement names the person itself, and it is part of every page.
    row = session.connection().execute(_STANDING, {"person": session.access.user_id, "moment": now}).one_or_none()
    if row is None:
        return NOWHERE
    unread, state, until, note, since, seen = row
    return Standing(unread, OFF if state is None else present_from(state, until, note, since, seen, now))


def _statement() -> Select[int, Any, Any, Any, Any, Any]:
    person, moment = bindparam("person", type_=BigInteger), bindparam("moment", type_=UtcDateTime())
    awake = or_(Notification.snoozed_until.is_(None), Notification.snoozed_until <= moment)
    waiting = select(Notification.id).where(Notification.user_id == person, Notification.closed_at.is_(None), awake)
    capped = waiting.limit(literal_column(str(SHOWN_AT_ONCE))).subquery()
    unread = select(func.count()).select_from(capped).scalar_subquery()
    figures = select(
        unread, Presence.state, Presence.until, Presence.note, Presence.since, Presence.last_seen_at
    ).select_from(User)
    return figures.outerjoin(Presence, Presence.user_id == User.id).where(User.id == person)


_STANDING = _statement()
