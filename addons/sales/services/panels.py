"""What sales shows on cards: the stages of a worksheet and the ways out of the present one."""

from __future__ import annotations

from typing import Any

from addons.sales.models import LostReason, Worksheet
from addons.sales.services.stages import OPEN_STAGES, STAGE, STAGES
from addons.sales.services.worksheets import MOVE
from core.db.base import Record
from core.db.change import reached
from core.db.engine import WorkSession
from core.web.i18n import T
from core.web.screens import Panel
from core.work import timeline
from core.work.people import names_of
from core.work.subjects import subject_of

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
    codes = [stage.code for stage in STAGES if stage.code != "lost"]
    now = codes.index(worksheet.stage) if worksheet.stage in codes else -1
    steps = [
        (STAGE[code], "now" if number == now else "done" if number < now or worksheet.stage == "delivered" else "")
        for number, code in enumerate(codes)
    ]
    is_open = worksheet.stage in OPEN_STAGES
    reason = session.get(LostReason, worksheet.lost_reason_id) if worksheet.lost_reason_id else None
    return {
        "worksheet": worksheet,
        "steps": steps,
        "is_open": is_open,
        "may_move": is_open and MOVE in reached(session, worksheet, [MOVE]),
        "following": STAGE[codes[now + 1]] if is_open and now + 1 < len(codes) else None,
        "others": [STAGE[code] for code in codes if code != worksheet.stage],
        "lost_reason": reason,
        "now": session.now(),
    }


def _history(session: WorkSession, worksheet: Worksheet) -> dict[str, Any]:
    page = timeline.timeline(session, [subject_of(worksheet)], limit=SHOWN)
    return {"lines": page.lines, "names": names_of(session, [line.author_id for line in page.lines])}
