"""Calls of the demonstration: those by which its contacts of the last days came, and an exchange that nobody is linked to."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from addons.contacts.models import ContactGoal, InboundContact
from addons.contacts.services.states import REAL
from addons.telephony.models import DONE, Call, CallLeg, Line, Pbx
from addons.telephony.services import missed
from addons.telephony.services.exchanges import ASTERISK
from addons.telephony.services.vocabulary import CALL_CHANNEL, IN, MISSED, OUT
from core import Department, User, WorkSession, demo, search_key

MOST = 200
LINES = (("+74955550101", "Автосалон"), ("+74955550102", "Сервис"), ("+74955550103", "Запчасти"))
ONE_IN = 6
"""One call in so many was missed first, and called back."""
SECOND = timedelta(seconds=1)
_GOALS = (
    select(Department.title_ru, func.min(ContactGoal.id).label("first"))
    .join(ContactGoal, ContactGoal.department_id == Department.id)
    .where(ContactGoal.channel == CALL_CHANNEL)
    .group_by(Department.title_ru)
)
"""The first goal of calls of each department: a line is called as its department is."""


def fill(session: WorkSession) -> None:
    """Give the contacts that came by phone their calls."""
    if session.scalar(select(Pbx.id).limit(1)) is not None:
        return
    pbx = Pbx(name="АТС дилерского центра", adapter=ASTERISK, active=False)
    goals = {row.title_ru: row.first for row in session.execute(_GOALS)}
    lines = [Line(number=number, title=title, goal_id=goals.get(title)) for number, title in LINES]
    session.add_all([pbx, *lines])
    session.flush()
    came = select(InboundContact).where(InboundContact.channel == CALL_CHANNEL, InboundContact.phone != "", REAL)
    contacts = session.scalars(came.order_by(InboundContact.at.desc(), InboundContact.id).limit(MOST)).all()
    people = session.execute(select(User.id, User.extension).where(User.extension != "")).all()
    extensions = {row.id: row.extension for row in people}
    holders = {row.extension: row.id for row in people}
    rows, rung = list[dict[str, Any]](), list[tuple[str, int | None, datetime, int]]()
    for number, contact in enumerate(reversed(contacts)):
        random = Random(contact.id)  # noqa: S311 - a demonstration, the same each time
        ext = extensions.get(contact.responsible_id or 0) or "101"
        for row in _calls(contact, number, ext, random):
            employee = holders.get(ext) if row["talk_ms"] else None
            rows.append({**row, "pbx_id": pbx.id, "line_id": lines[number % len(lines)].id, "employee_id": employee})
            rung.append((ext, holders.get(ext), row["started_at"], row["wait_ms"]))
    ids = demo.add_records(session, Call, rows)
    legs = [_leg(id_, row, *rang) for id_, row, rang in zip(ids, rows, rung, strict=True)]
    demo.add_rows(session, CallLeg, legs)


def _calls(contact: InboundContact, number: int, ext: str, random: Random) -> list[dict[str, Any]]:
    """The call of a contact; sometimes one that was missed before it, after which the client was called back."""
    wait, talk = random.randint(3, 40), random.randint(30, 400)
    answered = _call(contact, f"demo.{number}", contact.at - (wait + 20) * SECOND, wait, talk, ext)
    if number % ONE_IN:
        return [answered]
    lost = _call(contact, f"demo.{number}.lost", answered["started_at"] - 300 * SECOND, wait, 0, ext)
    reasons = ("listening_ivr", "waiting_queue", "ringing_manager")
    lost |= {"disposition": MISSED, "loss_reason": random.choice(reasons), "reached_at": answered["answered_at"]}
    lost["reached_ms"] = missed.elapsed_ms(lost["started_at"], answered["answered_at"])
    return [lost, answered | {"direction": OUT}]


def _call(contact: InboundContact, name: str, at: datetime, wait: int, talk: int, ext: str) -> dict[str, Any]:
    return {
        "linkedid": name,
        "direction": IN,
        "disposition": "answered",
        "loss_reason": "",
        "out_of_hours": False,
        "phone": contact.phone,
        "caller": contact.phone,
        "did": "",
        "started_at": at,
        "answered_at": at + wait * SECOND if talk else None,
        "ended_at": at + (wait + talk) * SECOND,
        "ended_known": True,
        "hung_up_by": "client",
        "wait_ms": wait * 1000,
        "menu_ms": 0,
        "queue_ms": 0,
        "ring_ms": wait * 1000,
        "talk_ms": talk * 1000,
        "with_employee_ms": talk * 1000,
        "answered_by": [ext] if talk else [],
        "transfers": [],
        "made": None,
        "branch_id": contact.branch_id,
        "contact_id": contact.id,
        "contact_state": DONE,
        "contact_due_at": at,
        "contact_by_hand": True,
        "contact_problem": "",
        "waits_for_call": False,
        "reached_at": None,
        "reached_ms": None,
        "search_key": search_key(contact.phone),
    }


def _leg(
    call_id: int, row: dict[str, Any], ext: str, user_id: int | None, at: datetime, wait_ms: int
) -> dict[str, Any]:
    answered = row["answered_at"] is not None
    return {
        "call_id": call_id,
        "attempt": row["linkedid"],
        "place": 0,
        "ext": ext,
        "user_id": user_id,
        "rang_at": at + min(2, wait_ms // 1000) * SECOND,
        "answered_at": row["answered_at"],
        "ended_at": row["ended_at"],
        "result": "answered" if answered else "no answer",
        "ended_by": "other side" if answered else "cancelled",
        "shown": row["phone"],
    }
