"""The moments a kept statement is asked about: now, and the end of the reader's own day (X-05)."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam

from core.db.engine import WorkSession
from core.db.types import UtcDateTime

PRESENT = bindparam("present", type_=UtcDateTime())
TOMORROW = bindparam("tomorrow", type_=UtcDateTime())


def moments(session: WorkSession) -> dict[str, Any]:
    """The values of ``PRESENT`` and ``TOMORROW`` for the session's own person."""
    now = session.now()
    return {"present": now, "tomorrow": tomorrow(now, session.access.zone)}


def tomorrow(now: datetime, zone: ZoneInfo) -> datetime:
    """When the day ends in a time zone."""
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), zone)
