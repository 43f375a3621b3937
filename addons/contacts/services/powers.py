"""What a person may do with a contact: one answer for the buttons of the card and for the steps behind them (SEC-6)."""

from __future__ import annotations

from addons.contacts.models import Customer, InboundContact
from addons.contacts.services.goals import specialists
from addons.contacts.services.states import OPEN
from addons.contacts.services.vocabulary import channels
from core import Forbidden, Reach, WorkSession, reach_of, reached

THING = "contacts.contact"
CHANGE_CLIENT = "contacts.customer.change"

CLAIM, PASS_ON, QUEUE, IGNORE, FINISH, CHANGE = "claim", "pass_on", "queue", "ignore", "finish", "change"
STEPS = (CLAIM, PASS_ON, QUEUE, IGNORE, FINISH)
"""What can be done with an open contact only; its data can be corrected later as well."""


def powers_of(session: WorkSession, contact: InboundContact) -> frozenset[str]:
    """The actions of this person on this contact as it stands now."""
    return frozenset(action for action in (*STEPS, CHANGE) if has_power(session, contact, action))


def has_power(session: WorkSession, contact: InboundContact, action: str) -> bool:
    """Whether the person may do this with the contact as it stands now."""
    possible = action == CHANGE or contact.state in OPEN
    return possible and _refusal(session, contact, action) is None


def may_take_back(session: WorkSession, contact: InboundContact, action: str) -> bool:
    """Whether the person may take back that a contact was ended so: whoever may end it so."""
    return _refusal(session, contact, action) is None


def expect_power(session: WorkSession, contact: InboundContact, action: str) -> None:
    """Refuse what the person may not do with this contact; whether it is still open is asked by the step itself.

    :raises Forbidden: saying why.
    """
    refusal = _refusal(session, contact, action)
    if refusal is not None:
        raise refusal


def _refusal(session: WorkSession, contact: InboundContact, action: str) -> Forbidden | None:
    right = f"{THING}.{action}"
    if not session.access.may(right):
        return Forbidden("You have no right to do this.")
    if action == CLAIM:
        return _cannot_take(session, contact)
    if action == QUEUE and not channels(session.hooks)[contact.channel].waits_here:
        return Forbidden("Only who is here can wait in the queue.")
    if _is_his(session, contact, action) or session.access.reaches(right, contact.department_id, contact.branch_id):
        return None
    if action in (IGNORE, FINISH) and _can_take(session, contact):
        return None
    return Forbidden("Only the one who has taken this contact can do this.")


def _is_his(session: WorkSession, contact: InboundContact, action: str) -> bool:
    """Ending a contact is for the one who has taken it (S0-46); whoever registered it may also direct it."""
    if action in (IGNORE, FINISH):
        return contact.responsible_id == session.access.user_id
    return session.access.user_id in (contact.responsible_id, contact.created_by_id)


def _can_take(session: WorkSession, contact: InboundContact) -> bool:
    """Acting on a contact nobody has yet takes it."""
    return _refusal(session, contact, CLAIM) is None


def _cannot_take(session: WorkSession, contact: InboundContact) -> Forbidden | None:
    """Who may take a contact: one of its goal's specialists, while nobody else has it (S0-07, S0-28)."""
    if contact.responsible_id is not None:
        return Forbidden("Somebody has already taken this contact.")
    if session.access.user_id not in {person.id for person in specialists(session, contact.goal_id)}:
        return Forbidden("You do not handle contacts of this kind.")
    return None


def may_add_to_client(session: WorkSession, contact: InboundContact, customer: Customer) -> bool:
    """Whether what this contact has told may be written into the client's card (S1-47, S1-53).

    The person's right to change clients has to reach this one. Whoever has taken the contact talks with the client
    just now, and may do it with that right for any client.
    """
    if not session.access.may(CHANGE_CLIENT):
        return False
    return contact.responsible_id == session.access.user_id or may_change_client(session, customer)


def may_change_client(session: WorkSession, customer: Customer) -> bool:
    """Whether the person's right to change clients reaches this one."""
    return CHANGE_CLIENT in reached(session, customer, [CHANGE_CLIENT])


def change_reach(session: WorkSession, customer: Customer) -> Reach:
    """The same for who reads it with other things: the rights that reach the client are none or this one."""
    return reach_of(session, customer, [CHANGE_CLIENT])
