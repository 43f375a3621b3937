"""By which clock a workshop's times are told: its own, wherever their reader sits; his own is another matter (X-05)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from core import WorkSession, calendar_of


def clock_of(session: WorkSession, department_id: int) -> dict[str, ZoneInfo | str]:
    """What templates need: the ``zone`` of the workshop, and its ``zone_name`` where the reader's clock shows another time."""
    zone = calendar_of(session, department_id).zone
    return {"zone": zone, "zone_name": name_for(session, zone)}


def name_for(session: WorkSession, zone: ZoneInfo) -> str:
    """The name of a zone for whoever lives by another clock; empty for everybody else."""
    now = session.now()
    return zone.key if _offset(now, zone) != _offset(now, session.access.zone) else ""


def in_words(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in one line of several."""
    return f"{moment.astimezone(zone):%d.%m %H:%M}"


def _offset(now: datetime, zone: ZoneInfo) -> object:
    return now.astimezone(UTC).astimezone(zone).utcoffset()
