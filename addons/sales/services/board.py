"""Worksheets by stage: the columns of the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from addons.contacts.models import Document
from addons.sales.models import Worksheet
from addons.sales.services.stages import STAGES
from core.access.models import User
from core.web.listing.viewer import Viewer

SHOWN_IN_A_COLUMN = 60


def columns(viewer: Viewer, records: Sequence[int]) -> Mapping[str, Any]:
    """The filtered worksheets, a column a stage, the newest first."""
    statement = (
        select(
            Worksheet.id,
            Worksheet.stage,
            Worksheet.interest,
            Worksheet.budget,
            Worksheet.next_step,
            Worksheet.next_step_at,
            Document.number,
            Document.customer_text,
            User.short_name,
            User.full_name,
        )
        .join(Document, Document.id == Worksheet.id)
        .outerjoin(User, User.id == Worksheet.responsible_id)
        .where(Worksheet.id.in_(records))
        .order_by(Worksheet.next_step_at.nulls_last(), Worksheet.id.desc())
    )
    rows = viewer.session.execute(statement).all()
    by_stage: dict[str, list[Any]] = {stage.code: [] for stage in STAGES}
    for row in rows:
        if row.stage in by_stage:
            by_stage[row.stage].append(row)
    return {
        "stages": [(stage, by_stage[stage.code][:SHOWN_IN_A_COLUMN], len(by_stage[stage.code])) for stage in STAGES],
        "now": viewer.session.now(),
    }
