"""Calls as JSON and as lines to read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from addons.telephony.services.asterisk.calls import Call, Leg
from addons.telephony.services.asterisk.jobs import Job


def document(jobs: Sequence[Job]) -> dict[str, Any]:
    """All calls, and how many of them are contacts with clients: those inside the house are none."""
    return {
        "calls": [_job(each) for each in jobs],
        "client_contacts": sum(each.call.direction != "internal" for each in jobs),
    }


def _job(job: Job) -> dict[str, Any]:
    told = _call(job.call)
    if len(job.attempts) > 1:
        first = job.attempts[0]
        told |= {"started": first.started, "linkedid": first.linkedid}
        told["attempts"] = [_call(each) for each in job.attempts]
    return told


def _call(call: Call) -> dict[str, Any]:
    told = {
        "linkedid": call.linkedid,
        "linkedids": list(call.linkedids),
        "direction": call.direction,
        "disposition": call.disposition,
        "caller": call.caller,
        "client": call.client,
        "client_e164": call.client_e164,
        "did": call.did,
        "started": call.started,
        "answered": call.answered,
        "ended": call.ended,
        "ended_known": call.ended_known,
        "wait_s": _seconds(call.wait),
        "talk_s": _seconds(call.talk),
        "with_employee_s": _seconds(call.with_employee),
        "answered_by": list(call.answered_by),
        "hangup_by": call.hangup_by,
        "loss_reason": call.loss_reason,
        "waits": {
            "menu_s": _seconds(call.waits.menu),
            "queue_s": _seconds(call.waits.queue),
            "ring_s": _seconds(call.waits.ring),
        },
        "legs": [_leg(each) for each in call.legs],
        "transfers": [
            {"from": each.origin, "to": each.to, "kind": each.kind, "how": each.how, "result": each.result}
            for each in call.transfers
        ],
        "recordings": [{"path": each.path, "seconds": _seconds(each.seconds)} for each in call.recordings],
    }
    if call.made is not None:
        told |= {
            "employee": call.made.employee,
            "initiated_by": call.made.by,
            "employee_answered": call.made.employee_answered,
            "client_rang": call.made.client_rang,
        }
        told |= {"asked": call.started} if call.made.by == "click_to_call" else {}
    return told


def _leg(leg: Leg) -> dict[str, Any]:
    return {
        "ext": leg.ext,
        "rang": leg.rang,
        "answered": leg.answered,
        "ended": leg.ended,
        "result": leg.result,
        "ended_by": leg.ended_by,
        "shown": leg.shown,
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


COLUMNS = ("STARTED (UTC)", "DIRECTION", "DISPOSITION", "LOSS REASON", "CLIENT", "DID", "WAIT", "TALK", "ANSWERED BY")


def table(jobs: Iterable[Job]) -> list[str]:
    """The same in lines, a column each for what one looks for first."""
    rows = [COLUMNS, *(_row(each.call) for each in jobs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _row(call: Call) -> tuple[str, ...]:
    started = datetime.fromtimestamp(call.started, UTC).strftime("%Y-%m-%d %H:%M:%S")
    wait = "-" if call.wait is None else f"{call.wait:.1f}"
    shown = (call.loss_reason or "-", call.client or "-", call.did or "-", wait, f"{call.talk:.1f}")
    return started, call.direction, call.disposition, *shown, ", ".join(call.answered_by) or "-"
