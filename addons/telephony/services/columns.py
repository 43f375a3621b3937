"""What was told of a call, as the columns of its records."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from addons.telephony.models import NOT_ASKED, WAITING, CallLeg, Recording
from addons.telephony.services.asterisk.calls import Call as Told
from addons.telephony.services.asterisk.jobs import Job
from addons.telephony.services.house import House
from addons.telephony.services.vocabulary import IN, INTERNAL, MISSED
from core import search_key

LONGEST_NAME, LONGEST_NUMBER, LONGEST_SHOWN, LONGEST_EXTENSION, LONGEST_PATH = 150, 60, 100, 80, 1000
MOST_MS = 2**31 - 1


def of_call(job: Job, house: House) -> dict[str, Any]:
    """The columns of a call but for its names and its contact."""
    told, line = job.call, house.line(job.call.did)
    phone, caller, did = told.client_e164 or told.client or "", told.client or told.caller or "", told.did or ""
    talked = [text(ext, LONGEST_EXTENSION) for ext in told.answered_by]
    return {
        "direction": told.direction,
        "disposition": told.disposition,
        "loss_reason": told.loss_reason or "",
        "phone": text(phone, LONGEST_NUMBER),
        "caller": text(caller, LONGEST_SHOWN),
        "did": text(did, LONGEST_NUMBER),
        "started_at": moment(job.attempts[0].started),
        "answered_at": _moment(told.answered),
        "ended_at": _moment(told.ended),
        "ended_known": told.ended_known,
        "hung_up_by": told.hangup_by,
        "wait_ms": _ms(told.wait or 0.0),
        "menu_ms": _ms(told.waits.menu),
        "queue_ms": _ms(told.waits.queue),
        "ring_ms": _ms(told.waits.ring),
        "talk_ms": _ms(told.talk),
        "with_employee_ms": _ms(told.with_employee),
        "answered_by": talked,
        "transfers": _transfers(told),
        "made": _made(told),
        "employee_id": _employee(told, house),
        "line_id": line.id if line is not None else None,
        "branch_id": (line.branch_id if line is not None else None) or house.branch_id,
        "search_key": search_key(text(phone, LONGEST_NUMBER), text(caller, LONGEST_SHOWN), text(did, LONGEST_NUMBER)),
    }


def of_contact(told: Told, now: datetime, grace: timedelta) -> dict[str, Any]:
    """Whether a new call is to become a contact, and when: who talked registers it himself if he does so in time."""
    if told.direction == INTERNAL:
        return {"contact_state": NOT_ASKED}
    ended = _moment(told.ended) or now
    talked = told.direction == IN and told.answered is not None
    return {
        "contact_state": WAITING,
        "contact_due_at": ended + grace if talked else ended,
        "waits_for_call": told.disposition == MISSED,
    }


def legs(call_id: int, told: Told, house: House) -> Iterable[CallLeg]:
    """Every ring of every phone."""
    for place, leg in enumerate(told.legs):
        yield CallLeg(
            call_id=call_id,
            attempt=text(told.linkedid, LONGEST_NAME),
            place=place,
            ext=text(leg.ext, LONGEST_EXTENSION),
            user_id=house.people.get(leg.ext),
            rang_at=_moment(leg.rang),
            answered_at=_moment(leg.answered),
            ended_at=_moment(leg.ended),
            result=leg.result,
            ended_by=leg.ended_by,
            shown=text(leg.shown, LONGEST_SHOWN),
        )


def recordings(call_id: int, attempts: Iterable[Told]) -> dict[str, Recording]:
    """The files of all attempts by their paths."""
    found = [(text(each.path, LONGEST_PATH), _ms(each.seconds)) for call in attempts for each in call.recordings]
    return {path: Recording(call_id=call_id, path=path, length_ms=length) for path, length in found}


def text(value: str, longest: int) -> str:
    """What a stranger may have written: short enough, and without what no database keeps."""
    return value.replace("\x00", "")[:longest]


def moment(seconds: float) -> datetime:
    """A moment of the exchange, seconds since 1970, as a UTC time."""
    return datetime.fromtimestamp(seconds, UTC)


def _moment(seconds: float | None) -> datetime | None:
    return moment(seconds) if seconds is not None else None


def _ms(seconds: float) -> int:
    return min(round(seconds * 1000), MOST_MS)


def _transfers(told: Told) -> list[dict[str, Any]]:
    found = (
        {"from": each.origin, "to": each.to, "kind": each.kind, "how": each.how, "result": each.result}
        for each in told.transfers
    )
    return [{name: text(value or "", LONGEST_EXTENSION) for name, value in each.items()} for each in found]


def _made(told: Told) -> dict[str, Any] | None:
    if told.made is None:
        return None
    return {"employee": text(told.made.employee or "", LONGEST_EXTENSION), "by": told.made.by}


def _employee(told: Told, house: House) -> int | None:
    """The colleague who talked first, or who made the call."""
    made = [told.made.employee] if told.made is not None and told.made.employee else []
    return next((house.people[ext] for ext in (*told.answered_by, *made) if ext in house.people), None)
