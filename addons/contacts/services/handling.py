"""What becomes of a contact: taken, passed on, queued, turned into a document, or ignored with a reason.

Every step is one conditional update, so of two people who act at once exactly one wins and the other
is told who it was (S0-29, SEC-48).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select

from addons.contacts.models import Document, IgnoreReason, InboundContact
from addons.contacts.services import callbacks
from addons.contacts.services.document_types import Creating, document_types
from addons.contacts.services.documents import get_document
from addons.contacts.services.goals import Goal, get_goal, goals_for, may_handle, specialists
from addons.contacts.services.identifying import client_of, give_client, learn
from addons.contacts.services.powers import CLAIM, FINISH, IGNORE, PASS_ON, QUEUE, expect_power, has_power
from addons.contacts.services.registration import notify_of
from addons.contacts.services.states import OPEN, STATE, UNOPENED, await_opening, unchanged
from core import (
    Conflict,
    Doubt,
    Invalid,
    NotFound,
    T,
    WorkSession,
    change_where,
    close_for_subject,
    confirm,
    expect_record,
    get_record,
    name_of,
    presence,
    publish,
    subject_of,
    timeline,
)

LONGEST_WORDS = 300
"""Characters of a result, and of the comment on an ignored contact."""
REMINDED = "contacts.reminded"
"""The kind of the timeline's entry about somebody who was told again that a visitor waits."""


def get_contact(session: WorkSession, contact_id: int) -> InboundContact:
    """A contact the person may know of.

    :raises NotFound: otherwise.
    """
    return expect_record(session, InboundContact, contact_id, T("There is no such contact."))


def cause_of(session: WorkSession, contact: InboundContact) -> InboundContact | None:
    """The earlier contact that this one follows (S2-24); nothing when the person may not know of it."""
    return get_record(session, InboundContact, contact.caused_by_id) if contact.caused_by_id else None


def _contact_for_step(session: WorkSession, contact_id: int) -> InboundContact:
    contact = get_contact(session, contact_id)
    await_opening(session, contact)
    return contact


def open_contact(session: WorkSession, contact_id: int) -> InboundContact:
    """The owner looks at his contact: it is in progress from then on, and the visitor waits no longer (S0-24).

    One who has meanwhile been passed on to somebody else is left as he is, and so is what that one was told.
    """
    contact = get_contact(session, contact_id)
    if contact.responsible_id != session.access.user_id or contact.state not in UNOPENED:
        return contact
    values = {"state": "in_progress", "waits_since": None, "taken_at": contact.taken_at or session.now()}
    if change_where(session, InboundContact, unchanged(contact), values, action="contact.opened"):
        close_for_subject(session, subject_of(contact), reason="opened")
        publish(session, "contacts.traffic", contact=contact.id)
    return contact


def claim(session: WorkSession, contact_id: int) -> InboundContact:
    """Take a contact that nobody has yet (S0-28, S0-29).

    :raises Conflict: naming the one who was faster.
    :raises Forbidden: for somebody who does not handle its goal.
    """
    contact = get_contact(session, contact_id)
    user_id = session.access.user_id
    if contact.responsible_id == user_id:
        return contact
    if contact.responsible_id is None:
        expect_power(session, contact, CLAIM)
    values = {"responsible_id": user_id, "state": "in_progress", "taken_at": session.now(), "waits_since": None}
    taken = change_where(
        session,
        InboundContact,
        [
            InboundContact.id == contact.id,
            InboundContact.responsible_id.is_(None),
            InboundContact.state.in_(("unclaimed", "waiting")),
        ],
        values,
        action="contact.claimed",
    )
    if not taken:
        _lost(session, contact)
    if user_id is not None:
        presence.arrive(session, user_id)
    callbacks.follow(session, contact)
    close_for_subject(session, subject_of(contact), reason="taken")
    publish(session, "contacts.traffic", contact=contact.id)
    return contact


def _lost(session: WorkSession, contact: InboundContact) -> None:
    session.refresh(contact)
    if contact.responsible_id is not None:
        raise Conflict("%(name)s has already taken this contact.", name=name_of(session, contact.responsible_id))
    raise Conflict("This contact is already finished: %(state)s.", state=STATE[contact.state].title)


def transfer(
    session: WorkSession, contact_id: int, user_id: int | None, goal_id: int | None = None, remark: str = ""
) -> InboundContact:
    """Pass a contact on to somebody who handles its goal, or to all its specialists (S0-19, S1-54).

    :param goal_id: another goal, perhaps of another department of the branch, where the client came for that.
    :param remark: what the receiver should know; it becomes a note.
    :raises Invalid: when that person does not handle the goal, or for a remark of somebody who may not write notes.
    """
    contact = _contact_for_step(session, contact_id)
    expect_power(session, contact, PASS_ON)
    goal = _goal_to_pass_on(session, contact, goal_id)
    _expect_room("remark", remark)
    if remark.strip() and not session.access.may("core.comment.create"):
        raise Invalid({"remark": [T("You have no right to write notes.")]})
    cause = cause_of(session, contact)
    staff = specialists(session, goal.id)
    if user_id is not None and not may_handle(session, goal, staff, user_id, cause):
        raise Invalid({"responsible_id": [T("This person does not handle the goal. Choose another one.")]})
    if user_id is None and not staff:
        raise Invalid({"responsible_id": [T("Nobody handles this goal yet. Tell your administrator.")]})
    state = "assigned" if user_id is not None else "unclaimed"
    if contact.waits_since is not None:
        state = "waiting"  # whoever is to come, the visitor waits since he came
    values: dict[str, Any] = {"responsible_id": user_id, "state": state, "taken_at": None}
    if goal.id != contact.goal_id:
        values |= {"goal_id": goal.id, "department_id": goal.department_id, "is_request": goal.is_request}
    if remark.strip():
        timeline.note(session, subject_of(contact), remark)
    users = [user_id] if user_id is not None else [person.id for person in staff]
    _change(session, contact, values, "contact.transferred")
    # Who has passed a contact on to another department may not see it any more.
    with session.unlimited("a contact that was passed on"):
        _follow(session, contact)
        close_for_subject(session, subject_of(contact), reason="transferred")
        notify_of(session, contact, goal, users, group=user_id is None)
        session.hooks.each("contacts_contact_passed_on", session=session, contact=contact)
    return contact


def _goal_to_pass_on(session: WorkSession, contact: InboundContact, goal_id: int | None) -> Goal:
    if goal_id is None or goal_id == contact.goal_id:
        return get_goal(session, contact.goal_id)
    chosen = next((goal for goal in goals_for(session, contact) if goal.id == goal_id), None)
    if chosen is None:
        raise Invalid({"goal_id": [T("Choose what the client came for.")]})
    return chosen


def queue(session: WorkSession, contact_id: int) -> InboundContact:
    """Put a visitor into the waiting queue; whoever was to take him is reminded (S0-23, S0-25)."""
    contact = _contact_for_step(session, contact_id)
    expect_power(session, contact, QUEUE)
    values = {"state": "waiting", "waits_since": contact.waits_since or session.now()}
    _step(session, contact, values, "contact.queued")
    return _tell_who_waits(session, contact)


def remind(session: WorkSession, contact_id: int) -> InboundContact:
    """Tell the responsible, or all specialists, again of somebody who waits; nobody takes him while they are told.

    :raises Conflict: when he waits no longer.
    """
    contact = get_contact(session, contact_id)
    session.refresh(contact, with_for_update=True)
    expect_power(session, contact, QUEUE)
    if contact.state in ("unclaimed", "assigned"):
        raise Conflict("Nobody waits here.")
    if contact.state != "waiting":
        _lost(session, contact)
    name = name_of(session, contact.responsible_id) if contact.responsible_id else ""
    title = T("%(name)s was reminded") if name else T("All specialists were reminded")
    timeline.add_entry(session, [subject_of(contact)], REMINDED, title, {"name": name} if name else {})
    return _tell_who_waits(session, contact)


def _tell_who_waits(session: WorkSession, contact: InboundContact) -> InboundContact:
    staff = [person.id for person in specialists(session, contact.goal_id)]
    users = [contact.responsible_id] if contact.responsible_id else staff
    if not users:
        raise Invalid({"responsible_id": [T("Nobody handles this goal yet. Tell your administrator.")]})
    close_for_subject(session, subject_of(contact), reason="reminded")
    notify_of(session, contact, get_goal(session, contact.goal_id), users, group=contact.responsible_id is None)
    publish(session, "contacts.traffic", contact=contact.id)
    return contact


def ignore(session: WorkSession, contact_id: int, reason_id: int | None, comment: str = "") -> InboundContact:
    """Close a contact that needs no document, with a reason; who has taken it or heads its department may (S0-45, S0-46).

    :raises Invalid: without a reason, without the comment the reason demands, or for one that is too long.
    """
    contact = _contact_for_step(session, contact_id)
    expect_power(session, contact, IGNORE)
    reason = session.get(IgnoreReason, reason_id) if reason_id else None
    if reason is None or not reason.active:
        raise Invalid({"reason_id": [T("Choose why this contact is ignored.")]})
    if reason.comment_required and not comment.strip():
        raise Invalid({"comment": [T("Describe the reason in the comment.")]})
    _expect_room("comment", comment)
    _take_if_free(session, contact)
    values = {
        "state": "ignored",
        "is_request": False,
        "ignore_reason_id": reason.id,
        "ignore_comment": comment.strip(),
        **_finished(session),
    }
    _step(session, contact, values, "contact.ignored")
    close_for_subject(session, subject_of(contact), reason="done")
    return contact


def finish(session: WorkSession, contact_id: int, result: str) -> InboundContact:
    """«Выполнить, закрыть»: close a contact with a result and no document (S1-48, S1-49).

    :raises Invalid: when the goal demands a result and none is given, or for one that is too long.
    """
    contact = _contact_for_step(session, contact_id)
    expect_power(session, contact, FINISH)
    if get_goal(session, contact.goal_id).result_required and not result.strip():
        raise Invalid({"result": [T("Say what came out of it.")]})
    _expect_room("result", result)
    _take_if_free(session, contact)
    values = {"state": "processed", "result": result.strip(), **_finished(session)}
    _step(session, contact, values, "contact.processed")
    close_for_subject(session, subject_of(contact), reason="done")
    return contact


def _expect_room(name: str, text: str) -> None:
    """Words that are longer than their column are refused, never cut."""
    if len(text.strip()) > LONGEST_WORDS:
        raise Invalid({name: [T("This is too long.")]})


def create_document(session: WorkSession, contact_id: int, code: str, create: Creating | None = None) -> Document:
    """Turn a contact into a document of an addon's type and mark it processed, in one transaction (S0-32, S0-44).

    :param create: instead of the type's own, from a form that has asked for more.
    """
    contact = _contact_for_step(session, contact_id)
    known = document_types(session.hooks)
    if code not in known:
        raise NotFound("There is no such document type.")
    _, kind = known[code]
    make = create or kind.create
    if make is None:
        raise NotFound("There is no such document type.")
    session.access.require(kind.right)
    expect_power(session, contact, FINISH)
    _take_if_free(session, contact)
    document = make(session, contact)
    _link(session, contact, document, "contact.processed")
    return document


def attach(session: WorkSession, contact_id: int, document_id: int, confirmed: Collection[str] = ()) -> Document:
    """Attach a contact to a document that is there already (S0-33); one document may have many (S0-54).

    Of the two, whichever has no client learns him from the other (S1-63, S2-10).

    :raises Confirmation: when they are of different clients.
    """
    contact = _contact_for_step(session, contact_id)
    expect_power(session, contact, FINISH)
    document = get_document(session, document_id)
    confirm(_of_another(contact, document), confirmed)
    _take_if_free(session, contact)
    _link(session, contact, document, "contact.attached")
    return document


def _of_another(contact: InboundContact, document: Document) -> list[Doubt]:
    if None in (contact.customer_id, document.customer_id) or contact.customer_id == document.customer_id:
        return []
    key, title = f"client.{document.customer_id}", f"{document.number} · {document.customer_text}"
    return [Doubt(key, title, (f"{contact.number} · {contact.client_text}",), (T("another client"),))]


def _link(session: WorkSession, contact: InboundContact, document: Document, action: str) -> None:
    values: dict[str, Any] = {"state": "processed", "document_id": document.id, **_finished(session)}
    _step(session, contact, values, action)
    customer = client_of(session, contact.customer_id or document.customer_id)
    if customer is not None and contact.customer_id is None:
        learn(session, contact, customer)
    elif customer is not None:
        give_client(session, document, customer)
    close_for_subject(session, subject_of(contact), reason="done")


def _take_if_free(session: WorkSession, contact: InboundContact) -> None:
    """Acting on a contact nobody has yet takes it, for who handles its goal."""
    if has_power(session, contact, CLAIM):
        claim(session, contact.id)


def _finished(session: WorkSession) -> dict[str, Any]:
    return {"finished_at": session.now(), "waits_since": None}


def _step(session: WorkSession, contact: InboundContact, values: Mapping[str, Any], action: str) -> None:
    """Move a contact that is still open and still whose it was; somebody faster gets named."""
    _change(session, contact, values, action)
    _follow(session, contact)


def _change(session: WorkSession, contact: InboundContact, values: Mapping[str, Any], action: str) -> None:
    if contact.state not in OPEN:
        raise Conflict("This contact is already finished: %(state)s.", state=STATE[contact.state].title)
    if not change_where(session, InboundContact, unchanged(contact), values, action=action):
        _lost(session, contact)


def _follow(session: WorkSession, contact: InboundContact) -> None:
    """What goes with a contact, and the pages that show it."""
    callbacks.follow(session, contact)
    publish(session, "contacts.traffic", contact=contact.id)


def ignore_reasons(session: WorkSession) -> list[IgnoreReason]:
    """The reasons that can be chosen."""
    statement = select(IgnoreReason).where(IgnoreReason.active)
    return list(session.scalars(statement.order_by(IgnoreReason.position, IgnoreReason.id)))


def ignore_reason(session: WorkSession, contact: InboundContact) -> IgnoreReason | None:
    """Why a contact was ignored, if it was."""
    return session.get(IgnoreReason, contact.ignore_reason_id) if contact.ignore_reason_id else None
