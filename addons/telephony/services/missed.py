"""Missed calls: somebody is to call back, until somebody has the client on the line (S1-13…22, S2-50)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from addons.contacts.models import InboundContact
from addons.contacts.services import ending
from addons.contacts.services.states import OPEN
from addons.telephony.models import Call
from addons.telephony.services.vocabulary import LOSS_REASONS
from core import Setting, T, WorkSession, settings, subject_of, tasks

KIND = "telephony.missed"
"""The kind of the task to call somebody back, and of what people are told of it."""
OPERATORS = "reception"
"""The role of those who take calls (S1-15)."""
BATCH = 200

CALL_BACK_WITHIN = Setting(
    "telephony.call_back_within_minutes",
    int,
    15,
    title=T("Minutes within which the client of a missed call is to be called back"),
    group=T("Telephony"),
    minimum=1,
    maximum=24 * 60,
)

TITLE = T("Process the missed call: %(client)s (%(reason)s, waited %(seconds)s s)")
UNREGISTERED = T("Register the call that nobody handles: %(client)s")
REACHED = T("The client was reached by phone")


def ask_to_call(session: WorkSession, call: Call, contact: InboundContact) -> None:
    """Every operator of the branch is to call back, until one takes it; why and how long he waited is told (S1-15…17).

    Not where the client has talked to us since: calls may be told of late.
    """
    if session.scalar(_talks_since(call).limit(1)) is not None:
        return
    reason = LOSS_REASONS.get(call.loss_reason, "")
    values: dict[str, Any] = {
        "client": contact.client_text,
        "reason": {"msgid": str(reason)} if reason else "—",
        "seconds": round(call.wait_ms / 1000),
    }
    _task(session, call, contact, str(TITLE), values)


def ask_to_register(session: WorkSession, call: Call, contact: InboundContact) -> None:
    """An answered call whose goal nobody handles, and of whose employee nothing is known, is the operators' (X-02)."""
    _task(session, call, contact, str(UNREGISTERED), {"client": contact.client_text})


def _task(session: WorkSession, call: Call, contact: InboundContact, title: str, values: dict[str, Any]) -> None:
    within = timedelta(minutes=settings.read(session, CALL_BACK_WITHIN))
    new = tasks.NewTask(
        title=title,
        title_values=values,
        due_at=max(session.now(), call.started_at + within),
        remind_at=session.now(),
        kind=KIND,
        subject=subject_of(contact),
        role=OPERATORS,
        branch_id=contact.branch_id,
        origin=contact.number,
        once_key=f"{KIND}.{call.id}",
    )
    tasks.create_task(session, new)


def close_reached(session: WorkSession) -> int:
    """End what is open about missed calls whose clients have talked to us since: they got through, or were called back.

    :returns: how many missed calls that were.
    """
    found = _reached(session)
    for call, at in found:
        call.waits_for_call, call.reached_at = False, at
        call.reached_ms = elapsed_ms(call.started_at, at)
        if call.contact_id is not None:
            close(session, call, at)
    session.flush()
    return len(found)


def elapsed_ms(since: datetime, at: datetime) -> int:
    """How long it took, as the columns of a call have it."""
    return min(max(0, round((at - since).total_seconds() * 1000)), 2**31 - 1)


def close_ended(session: WorkSession) -> int:
    """Missed calls whose contact somebody has ended by hand wait no more, and nor do their tasks.

    :returns: how many that were.
    """
    statement = (
        select(Call)
        .join(InboundContact, InboundContact.id == Call.contact_id)
        .where(Call.waits_for_call, InboundContact.state.not_in(OPEN))
        .order_by(Call.started_at)
        .limit(BATCH)
    )
    calls = session.scalars(statement.with_for_update(of=Call, skip_locked=True)).all()
    for call in calls:
        call.waits_for_call = False
        contact = session.get_one(InboundContact, call.contact_id)
        tasks.end_with_cause(session, subject_of(contact), KIND)
    session.flush()
    return len(calls)


def close(session: WorkSession, call: Call, at: datetime) -> None:
    """The client of a missed call was reached: its task and its contact are done."""
    contact = session.get_one(InboundContact, call.contact_id)
    tasks.end_with_cause(session, subject_of(contact), KIND)
    ending.end(session, contact.id, session.words("ru", str(REACHED)), at)


def _talks_since(call: Call) -> Select[datetime | None]:
    """When the client of a missed call talked to us afterwards."""
    same = (Call.phone == call.phone, Call.phone != "")
    return select(Call.answered_at).where(*same, Call.answered_at.is_not(None), Call.answered_at > call.started_at)


def _reached(session: WorkSession) -> list[tuple[Call, datetime]]:
    """Missed calls that wait, with the first talk there was since; never by a number that was withheld."""
    talk = aliased(Call)
    first = (
        select(talk.answered_at)
        .where(
            talk.phone == Call.phone,
            talk.answered_at.is_not(None),
            talk.answered_at > Call.started_at,
        )
        .order_by(talk.answered_at)
        .limit(1)
        .correlate(Call)
        .scalar_subquery()
    )
    waiting = select(Call, first.label("at")).where(Call.waits_for_call, Call.phone != "", first.is_not(None))
    rows = session.execute(waiting.order_by(Call.started_at).limit(BATCH).with_for_update(of=Call, skip_locked=True))
    return [(call, at) for call, at in rows if at is not None]
