"""What programs may do with worksheets: their steps, by the same services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from addons.sales.models import Worksheet
from addons.sales.services import worksheets
from core import MAX_ID, Operation, T, WorkSession


class WorksheetShown(Struct, kw_only=True):
    """A worksheet after a step."""

    id: int
    number: str
    version: int
    stage: str
    stage_since: datetime
    customer_id: int | None
    responsible_id: int | None
    budget: int | None
    lost_reason_id: int | None


class Moving(Struct, kw_only=True, forbid_unknown_fields=True):
    """The stage a worksheet goes to."""

    stage: Annotated[str, Meta(max_length=40, examples=["test_drive"])]
    comment: Annotated[str, Meta(max_length=300)] = ""


class Losing(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a deal was lost."""

    lost_reason_id: Annotated[int, Meta(ge=1, le=MAX_ID, examples=[2])]
    comment: Annotated[str, Meta(max_length=300)] = ""


def operations() -> list[Operation]:
    """Moving a worksheet through the stages, and losing it."""
    return [
        _step("move", T("Move a worksheet to a stage"), _move, Moving),
        _step("lose", T("Lose a deal, with a reason"), _lose, Losing),
    ]


def _step(name: str, title: str, run: Callable[..., Worksheet], takes: type[Struct]) -> Operation:
    return Operation(
        name=name,
        title=title,
        path=f"/worksheets/{{id}}/{name}",
        right="sales.worksheet.move",
        run=run,
        show=_shown,
        gives=WorksheetShown,
        takes=takes,
        find=worksheets.get_worksheet,
    )


def _move(session: WorkSession, record_id: int, sent: Moving) -> Worksheet:
    return worksheets.move(session, record_id, sent.stage, comment=sent.comment)


def _lose(session: WorkSession, record_id: int, sent: Losing) -> Worksheet:
    return worksheets.move(session, record_id, "lost", lost_reason_id=sent.lost_reason_id, comment=sent.comment)


def _shown(_session: WorkSession, worksheet: Worksheet) -> WorksheetShown:
    return WorksheetShown(**{name: getattr(worksheet, name) for name in WorksheetShown.__struct_fields__})
