"""The workshop at a glance: what stands in it, what is ready, what was promised for today and what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from addons.service.models import CarVisit
from addons.service.models.visits import OPEN_VISIT
from core import Viewer


def figures(viewer: Viewer, _conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """Counts of the open visits that the person may see, whatever the list is filtered by."""
    now = viewer.session.now()
    zone = viewer.session.access.zone
    tomorrow = datetime.combine(now.astimezone(zone).date() + timedelta(days=1), time(), tzinfo=zone)
    row = viewer.session.execute(
        select(
            func.count(CarVisit.id).filter(CarVisit.state == "open").label("in_work"),
            func.count(CarVisit.id).filter(CarVisit.state == "ready").label("ready"),
            func.count(CarVisit.id).filter(CarVisit.promised_at < tomorrow, CarVisit.promised_at >= now).label("today"),
            func.count(CarVisit.id).filter(CarVisit.promised_at < now).label("late"),
        ).where(OPEN_VISIT)
    ).one()
    return {"in_work": row.in_work, "ready": row.ready, "today": row.today, "late": row.late}
