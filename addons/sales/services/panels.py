"""What sales shows on cards: the stages of a worksheet and the ways out of the present one."""

from __future__ import annotations

from typing import Any

from addons.sales.models import LostReason, Worksheet
from addons.sales.services.stages import CLOSED_STAGES, stages
from addons.sales.services.worksheets import MOVE
from core import Panel, Record, T, WorkSession, names_of, reached, subject_of, timeline

SHOWN = 30


def panels_of(session: WorkSession, subject: Record) -> list[Panel] | None:
    """The panels of a worksheet's card."""
    if not isinstance(subject, Worksheet):
        return None
    return [
        Panel(
            "stage",
            T("Stage"),
            "sales/panel_stage.html",
            lambda: stage_context(session, subject),
            order=10,
            place="before",
        ),
        Panel(
            "history",
            T("Stage history"),
            "sales/panel_history.html",
            lambda: _history(session, subject),
            order=60,
            place="side",
        ),
    ]


def stage_context(session: WorkSession, worksheet: Worksheet) -> dict[str, Any]:
    """The stages as steps, and where the worksheet can go from here."""
    way = [stage for stage in stages(session.hooks).with_present(worksheet.stage) if stage.code != "lost"]
    codes = [stage.code for stage in way]
    now = codes.index(worksheet.stage) if worksheet.stage in codes else -1
    steps = [
        (stage, "now" if number == now else "done" if number < now or worksheet.stage == "delivered" else "")
        for number, stage in enumerate(way)
    ]
    is_open = worksheet.stage not in CLOSED_STAGES
    reason = session.get(LostReason, worksheet.lost_reason_id) if worksheet.lost_reason_id else None
    return {
        "worksheet": worksheet,
        "steps": steps,
        "is_open": is_open,
        "may_move": is_open and MOVE in reached(session, worksheet, [MOVE]),
        "following": way[now + 1] if is_open and now + 1 < len(way) else None,
        "others": [stage for stage in way if stage.code != worksheet.stage],
        "lost_reason": reason,
        "now": session.now(),
    }


def _history(session: WorkSession, worksheet: Worksheet) -> dict[str, Any]:
    page = timeline.timeline(session, [subject_of(worksheet)], limit=SHOWN)
    return {"lines": page.lines, "names": names_of(session, [line.author_id for line in page.lines])}
