"""A request that came in by itself: who it is of, whose it becomes, and who is told of it (S1-26, S1-27, S1-34, S1-35)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from addons.contacts.models import InboundContact, IntakeSource, LeadSource
from addons.contacts.services import callbacks
from addons.contacts.services.callers import clients_with
from addons.contacts.services.catalogue import source_of
from addons.contacts.services.goals import Goal, active_goals, colleagues_by_id, get_goal, specialists
from addons.contacts.services.intake.adapters import Received
from addons.contacts.services.registration import NewContact, Way, notify_of, register
from addons.contacts.services.states import OPEN
from core import (
    Invalid,
    T,
    WorkSession,
    change_where,
    close_for_subject,
    publish,
    subject_of,
    tasks,
)

log = structlog.get_logger("forecourt.contacts")

KIND = callbacks.REQUEST
OPERATORS = "reception"
"""The role of those who get the requests that nobody else handles."""
NO_GOAL = T("No goal of this channel can be chosen: tell the administrator.")
TASK = T("State the result of the request: %(client)s, %(phone)s")
BATCH = 100


def register_request(
    session: WorkSession, source: IntakeSource, channel: str, item: Received, *, call_at_once: bool = False
) -> InboundContact:
    """The contact of a request, and who is to see to it.

    Where the client is to be called at once, addons are asked who can do that; while one does, nobody else is told.

    :raises Invalid: when there is no goal to register it with.
    """
    goal = _goal(session, source, channel)
    contact = register(session, _told(session, source, channel, item, goal))
    until = _attended_until(session, contact, source) if call_at_once else None
    if until is None:
        announce(session, contact)
    else:
        contact.attended_until = until
        session.flush()
    return contact


def _goal(session: WorkSession, source: IntakeSource, channel: str) -> Goal:
    """The goal of the source; one that is out of use since loses nobody's request."""
    goal = get_goal(session, source.goal_id)
    if goal.active and goal.channel == channel:
        return goal
    found = next((each for each in active_goals(session) if each.channel == channel), None)
    if found is None:
        raise Invalid({"goal_id": [NO_GOAL]}, NO_GOAL)
    return found


def _told(session: WorkSession, source: IntakeSource, channel: str, item: Received, goal: Goal) -> NewContact:
    clients = clients_with(session, item.phone) if item.phone else []
    called = source_of(session, item.called_line, item.utm_source, item.form)
    return NewContact(
        channel=channel,
        goal_id=goal.id,
        way=Way.REGISTER,
        customer_id=clients[0].id if len(clients) == 1 else None,
        client_text=item.name or item.phone or item.email or item.peer,
        phone=item.phone,
        email=item.email,
        vehicle_text=item.vehicle,
        note=item.text,
        lead_source_id=called or _own_source(session, source),
        source_data={**item.said, "intake_source": source.title},
        recorded=True,
    )


def _own_source(session: WorkSession, source: IntakeSource) -> int | None:
    """The advertising channel of whatever comes from here, while it is in use (S1-72)."""
    mine = select(LeadSource.id).where(LeadSource.id == source.lead_source_id, LeadSource.active)
    return session.scalar(mine) if source.lead_source_id is not None else None


def _attended_until(session: WorkSession, contact: InboundContact, source: IntakeSource) -> datetime | None:
    """Until when an addon sees to the contact by itself; nothing when none does."""
    answers = session.hooks.each("contacts_request_attended", session=session, contact=contact, source=source)
    found: list[datetime] = [
        each for answer in answers if not answer.error for each in answer.value if each is not None
    ]
    return max(found, default=None)


# --- who is told ------------------------------------------------------------------------------------


def announce(session: WorkSession, contact: InboundContact) -> None:
    """The contact is for whoever handles its goal, and a task until it is processed; off hours it waits for the opening.

    Where nobody handles the goal the task is the operators' (X-02).
    """
    if contact.state not in OPEN:
        return
    contact.attended_until = None
    goal = get_goal(session, contact.goal_id)
    staff = [contact.responsible_id] if contact.responsible_id else [each.id for each in specialists(session, goal.id)]
    _plan(session, contact, goal, for_operators=not staff)
    session.flush()
    if staff and contact.responsible_id is None:
        notify_of(session, contact, goal, staff, group=True)


def _plan(session: WorkSession, contact: InboundContact, goal: Goal, *, for_operators: bool) -> None:
    group: Mapping[str, Any] = (
        {"role": OPERATORS, "branch_id": contact.branch_id}
        if for_operators
        else {"department_id": contact.department_id, "branch_id": contact.branch_id}
    )
    new = tasks.NewTask(
        title=TASK,
        title_values=callbacks.whom(contact),
        details=contact.note,
        due_at=session.now() + timedelta(minutes=goal.norm_minutes),
        kind=KIND,
        subject=subject_of(contact),
        assignee_id=contact.responsible_id,
        origin=contact.number,
        once_key=f"{KIND}.{contact.id}",
        quiet=not for_operators,
        **group,
    )
    tasks.create_task(session, new)


def give(session: WorkSession, contact_id: int, user_id: int) -> bool:
    """Somebody talks with the client: the contact and its task are his (S1-34).

    :returns: whether nobody else had it, and he may work with contacts.
    """
    contact = session.get_one(InboundContact, contact_id)
    if not colleagues_by_id(session, [user_id]):
        return False
    free = (InboundContact.id == contact_id, InboundContact.responsible_id.is_(None), InboundContact.state.in_(OPEN))
    values = {"responsible_id": user_id, "state": "assigned", "attended_until": None}
    if not change_where(session, InboundContact, free, values, action="contact.transferred"):
        return False
    goal = get_goal(session, contact.goal_id)
    close_for_subject(session, subject_of(contact), reason="taken")
    _plan(session, contact, goal, for_operators=False)
    callbacks.follow(session, contact)
    notify_of(session, contact, goal, [user_id], group=False)
    publish(session, "contacts.traffic", contact=contact.id)
    return True


def release(session: WorkSession, contact_id: int) -> None:
    """Whoever saw to a contact by himself does so no more: it is for everybody who handles its goal (S1-35)."""
    contact = session.get_one(InboundContact, contact_id)
    if contact.attended_until is not None:
        announce(session, contact)


def release_overdue(session: WorkSession) -> int:
    """The same for contacts that an addon has not let go of in time: it may be off by now; returns how many."""
    overdue = (
        select(InboundContact)
        .where(InboundContact.attended_until <= session.now())
        .order_by(InboundContact.attended_until, InboundContact.id)
        .limit(BATCH)
    )
    contacts = session.scalars(overdue.with_for_update(skip_locked=True)).all()
    for contact in contacts:
        log.warning("nobody has let go of a request in time", contact=contact.id)
        contact.attended_until = None
        announce(session, contact)
    session.flush()
    return len(contacts)
