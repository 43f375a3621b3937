"""Worksheets by stage: the columns of the board."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from addons.contacts.models import Customer, Document
from addons.sales.models import Worksheet
from addons.sales.services.stages import Stage, stages
from addons.sales.services.worksheets import MOVE
from core import User, Viewer, within

SHOWN_IN_A_COLUMN = 40


def columns(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """The filtered worksheets, a column a stage: how many there are, and the most urgent ones."""
    counted = (
        _joined(select(Worksheet.stage, func.count(Worksheet.id).label("number")))
        .where(*conditions)
        .group_by(Worksheet.stage)
    )
    counts: dict[str, int] = {row.stage: row.number for row in viewer.session.execute(counted)}
    shown = stages(viewer.session.hooks).with_present(*counts)
    cards = {stage.code: _cards(viewer, conditions, stage) if counts.get(stage.code) else [] for stage in shown}
    return {
        "stages": [(stage, cards[stage.code], counts.get(stage.code, 0)) for stage in shown],
        "now": viewer.session.now(),
    }


def _cards(viewer: Viewer, conditions: Sequence[ColumnElement[bool]], stage: Stage) -> list[Any]:
    shown = _joined(
        select(
            Worksheet.id,
            Worksheet.number,
            Worksheet.interest,
            Worksheet.budget,
            Worksheet.next_step,
            Worksheet.next_step_at,
            Document.customer_text,
            User.short_name,
            User.full_name,
            within(viewer.session, Worksheet, MOVE).label("may_move"),
        )
    )
    rows = shown.where(*conditions, Worksheet.stage == stage.code)
    urgent = Worksheet.stage_since.desc() if stage.terminal else Worksheet.next_step_at.nulls_last()
    return list(viewer.session.execute(rows.order_by(urgent, Worksheet.id.desc()).limit(SHOWN_IN_A_COLUMN)))


def _joined(statement: Any) -> Any:
    """With what the screen's filters may look at."""
    return (
        statement.select_from(Worksheet)
        .join(Document, Document.id == Worksheet.id)
        .outerjoin(Customer, Customer.id == Worksheet.customer_id)
        .outerjoin(User, User.id == Worksheet.responsible_id)
    )
