"""Calls on the line and their contacts: who answers has to register one, and the client goes with it (S0-20, S1-09, S1-54)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update

from addons.contacts.models import InboundContact
from addons.contacts.services.states import REAL
from addons.telephony.models import DONE, WAITING, Call, CallContact, CallName, LiveCall, Pbx
from addons.telephony.services import orders, pop_ups
from addons.telephony.services.vocabulary import WITHHELD
from core import T, Task, WorkSession, format_phone, subject_of, tasks

KIND = "telephony.result"
"""The kind of the task of who has answered a call, until its contact is there."""
TITLE = T("State the result of the contact: %(client)s")

_ORIGIN = re.compile(r"telephony\.([0-9]{1,18})\.([0-9a-f]{24})")


def ask_result(session: WorkSession, call: LiveCall, within: timedelta) -> None:
    """Who has just picked up has to register the contact; once for each call, and by himself (S1-09)."""
    new = tasks.NewTask(
        title=str(TITLE),
        title_values={"client": format_phone(call.phone) if call.phone else {"msgid": str(WITHHELD)}},
        due_at=session.now() + within,
        kind=KIND,
        assignee_id=session.access.user_id,
        branch_id=call.branch_id,
        once_key=_once(call.pbx_id, call.key),
    )
    tasks.create_task(session, new)


def end_asking(session: WorkSession, contact: InboundContact, pbx_id: int, keys: Iterable[str]) -> None:
    """The contact of a call is there: the task of who answered it is done."""
    mine = [_once(pbx_id, key) for key in keys]
    asked = session.scalars(select(Task).where(Task.kind == KIND, Task.once_key.in_(mine))).all()
    subject = subject_of(contact)
    for task in asked:
        task.subject_type, task.subject_id = subject.type, subject.id
    if asked:
        session.flush()
        tasks.end_with_cause(session, subject, KIND)


def _once(pbx_id: int, key: str) -> str:
    return f"{KIND}.{pbx_id}.{key}"


def registered(session: WorkSession, contact: InboundContact, way: str, origin: str) -> None:
    """A contact was registered in the form of a call: it is that call's, and a transfer takes the client along.

    Whoever stores calls of the exchange is waited for, and waits: of a call and its contact, the second finds the first.
    """
    found = _ORIGIN.fullmatch(origin)
    if found is None:
        return
    pbx_id, key = int(found[1]), found[2]
    there = select(Pbx.id).where(Pbx.id == pbx_id)
    if session.scalar(there.with_for_update(read=True, key_share=True)) is None:
        return
    with session.unlimited("the call of a contact"):
        _forget_undone(session, pbx_id, key)
        orders.remember(session, pbx_id, key, contact.id)
        end_asking(session, contact, pbx_id, [key])
        pop_ups.give_way(session, contact, pbx_id, key)
    if way == "transfer":
        orders.pass_on_with(session, contact, pbx_id, key)
    with session.unlimited("the call of a contact"):
        _give_to_stored(session, pbx_id, key)


def _forget_undone(session: WorkSession, pbx_id: int, key: str) -> None:
    """A registration that was undone is nothing to the call any more."""
    undone = select(InboundContact.id).where(InboundContact.id == CallContact.contact_id, ~REAL).exists()
    statement = delete(CallContact).where(CallContact.pbx_id == pbx_id, CallContact.key == key, undone)
    session.execute(statement.execution_options(synchronize_session=False))


def _give_to_stored(session: WorkSession, pbx_id: int, key: str) -> None:
    """A call that is over and stored does not wait any longer for the contact that it has now, nor keep one that was undone."""
    mine = select(CallName.call_id).where(CallName.pbx_id == pbx_id, CallName.key == key)
    undone = select(InboundContact.id).where(InboundContact.id == Call.contact_id, ~REAL).exists()
    waits = and_(Call.contact_state == WAITING, Call.contact_due_at > session.now())
    statement = update(Call).where(Call.id.in_(mine), or_(waits, and_(Call.contact_state == DONE, undone)))
    values = {"contact_id": None, "contact_state": WAITING, "contact_due_at": session.now()}
    session.execute(statement.values(values).execution_options(synchronize_session=False))


def passed_on(session: WorkSession, contact: InboundContact) -> None:
    """A contact was redirected: whoever has its client on the line passes him on as well."""
    statement = (
        select(CallContact.pbx_id, CallContact.key)
        .join(LiveCall, (LiveCall.pbx_id == CallContact.pbx_id) & (LiveCall.key == CallContact.key))
        .where(CallContact.contact_id == contact.id)
    )
    for pbx_id, key in session.execute(statement).all():
        orders.pass_on_with(session, contact, pbx_id, key)


def undone(session: WorkSession, contact: InboundContact) -> None:
    """A registration was taken back: phones that the contact's client still rings say again who calls (S2-09, S3-01)."""
    with session.unlimited("the call of a contact"):
        calls = session.execute(
            select(CallContact.pbx_id, CallContact.key).where(CallContact.contact_id == contact.id)
        ).all()
        for pbx_id, key in calls:
            session.execute(select(Pbx.id).where(Pbx.id == pbx_id).with_for_update(read=True, key_share=True))
            pop_ups.show_again(session, pbx_id, key)
