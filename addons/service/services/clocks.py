"""By which clock a workshop's times are told: its own, wherever their reader sits; his own is another matter (X-05)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, bindparam, select

from core import Branch, Department, Read, WorkSession, kept

_PLACE: Select[str] = (
    select(Branch.time_zone)
    .join(Department, Department.branch_id == Branch.id)
    .where(Department.id == bindparam("department", type_=BigInteger))
)


def place_read(department_id: int) -> Read:
    """Reads by which clock a department goes, for whoever reads it with other things."""
    return Read(_PLACE, {"department": department_id})


def clock_in(session: WorkSession, rows: Sequence[Any]) -> dict[str, ZoneInfo | str]:
    """What templates need: the ``zone`` of the workshop, and its ``zone_name`` where the reader's clock shows another time.

    :param rows: what :func:`place_read` has found.
    """
    [place] = rows
    zone = ZoneInfo(place.time_zone)
    return {"zone": zone, "zone_name": name_for(session, zone)}


def clock_of(session: WorkSession, department_id: int) -> dict[str, ZoneInfo | str]:
    """The same, read by itself."""
    return clock_in(session, kept.read(session, place_read(department_id)))


def name_for(session: WorkSession, zone: ZoneInfo) -> str:
    """The name of a zone for whoever lives by another clock; empty for everybody else."""
    now = session.now()
    return zone.key if _offset(now, zone) != _offset(now, session.access.zone) else ""


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in one line of several."""
    return f"{moment.astimezone(zone):%d.%m %H:%M}"


def _offset(now: datetime, zone: ZoneInfo) -> object:
    return now.astimezone(UTC).astimezone(zone).utcoffset()
