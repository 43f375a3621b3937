"""Every call of a client becomes a contact, and none is lost (S1-03, S1-04, S1-13, S1-14).

Who talked registers the contact himself while he talks, or soon after; what nobody has registered by then is registered
here, from what the call itself says. A missed call is registered at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import aliased

from addons.contacts.models import InboundContact
from addons.contacts.services import ending
from addons.contacts.services.callers import clients_with
from addons.contacts.services.goals import Goal, colleagues_by_id, specialists
from addons.contacts.services.registration import NewContact, Way, notify_of, register
from addons.contacts.services.states import REAL
from addons.telephony.models import DONE, WAITING, Call, CallContact, CallName
from addons.telephony.services import missed, passing
from addons.telephony.services.autodial import campaigns
from addons.telephony.services.house import goal_of
from addons.telephony.services.vocabulary import (
    CALL_CHANNEL,
    DISPOSITIONS,
    IN,
    MISSED,
    MISSED_CHANNEL,
    OUT,
    OUT_CHANNEL,
    WITHHELD,
)
from core import Invalid, Setting, T, WorkSession, calendar_of, database_trouble, settings, worth_repeating

log = structlog.get_logger("forecourt.telephony")

BATCH = 25
"""Calls that are registered in one transaction: whoever else writes waits for no more."""
ROUNDS = 8
"""Such transactions in one run of the job."""
AGAIN_AFTER = timedelta(minutes=1)
EARLIER = timedelta(minutes=2)
"""How long before a call was answered its contact may have been begun by hand: while it rang."""
UNDONE_WITHIN = timedelta(hours=1)
"""Registrations can be undone for some minutes; for so long it is looked for whether they were."""
BY_HAND = (CALL_CHANNEL, "mobile_phone")
_OTHER = aliased(Call)

GRACE = Setting(
    "telephony.register_after_minutes",
    int,
    10,
    title=T("Minutes after an answered call until it becomes a contact by itself, unless somebody has registered it"),
    group=T("Telephony"),
    minimum=0,
    maximum=24 * 60,
)

OUTGOING = T("Outgoing call: %(result)s")
NO_GOAL = T("No goal of calls can be chosen: tell your administrator.")


def grace(session: WorkSession) -> timedelta:
    """How long after an answered call its contact is left to whoever talked."""
    return timedelta(minutes=settings.read(session, GRACE))


class _House:
    """What calls have in common, looked up once for all that are registered together."""

    def __init__(self, session: WorkSession) -> None:
        self.goal = cache(partial(goal_of, session))
        self.calendar = cache(partial(calendar_of, session))


def _never() -> bool:
    return False


def sweep(session: WorkSession) -> int:
    """Register the contacts of calls for which it is time, and end what is open about clients who were reached.

    It commits in between, so that whoever else writes has his turn.

    :returns: how many calls were looked at.
    """
    looked_at = 0
    for _ in range(ROUNDS):
        some, more = _register_some(session, BATCH)
        looked_at += some
        session.commit()
        if not more:
            break
    _look_back(session)
    return looked_at


def register_due(session: WorkSession, most: int = BATCH, hurries: Callable[[], bool] = _never) -> bool:
    """Register the contacts of some calls for which it is time; once no more are due, end what is open about who was reached.

    One that cannot be registered is tried again in a minute; the call says why, and the check names it.

    :param most: calls that are looked at, at most.
    :param hurries: asked after each call: whether the next one is to be left for later.
    :returns: whether more may be due.
    """
    _, more = _register_some(session, most, hurries)
    if not more:
        _look_back(session)
    return more


def count_due(session: WorkSession) -> int:
    """How many calls are to become contacts now."""
    return session.scalar(select(func.count()).where(*_due(session))) or 0


def _due(session: WorkSession) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Call.contact_state == WAITING, Call.contact_due_at <= session.now()


def _look_back(session: WorkSession) -> None:
    """What has become of calls that were registered: undone by hand, reached, ended."""
    _wait_again(session)
    missed.close_reached(session)
    missed.close_ended(session)


def _register_some(session: WorkSession, most: int, hurries: Callable[[], bool] = _never) -> tuple[int, bool]:
    """Register some calls; how many were looked at, and whether more may be due."""
    statement = select(Call).where(*_due(session)).order_by(Call.contact_due_at, Call.id).limit(most)
    calls, house = session.scalars(statement.with_for_update(skip_locked=True)).all(), _House(session)
    looked_at = 0
    for call in calls:
        looked_at += 1
        try:
            with session.begin_nested():
                _register(session, call, house)
        except Exception as error:
            if database_trouble(error) or worth_repeating(error):
                raise
            session.refresh(call)
            call.contact_due_at, call.contact_problem = session.now() + AGAIN_AFTER, _problem(error)
            log.warning("a call could not become a contact", call=call.id, error=call.contact_problem)
        if hurries():
            break
    session.flush()
    return looked_at, looked_at < len(calls) or looked_at == most


def problem_in(translate: Callable[[str], str], problem: str) -> str:
    """What stands in the way of a contact, as the call has it (``contact_problem``), in the reader's language."""
    return "; ".join(translate(each) for each in problem.splitlines() if each)


def _problem(error: Exception) -> str:
    """One msgid a line, or what no reader can do anything about."""
    if isinstance(error, Invalid):
        return "\n".join(str(each) for messages in error.errors.values() for each in messages)[:300]
    return f"{type(error).__name__}: {error}"[:300]


def _register(session: WorkSession, call: Call, house: _House) -> None:
    by_hand = _remembered(session, call) or _registered_by_hand(session, call)
    earlier = _called_back(session, call) if by_hand is None else None
    of_request = campaigns.contact_of(session, call)
    call.contact_id = of_request or by_hand or earlier or _new_contact(session, call, house)
    call.contact_state, call.contact_by_hand, call.contact_problem = DONE, by_hand is not None, ""
    session.flush()
    contact = session.get_one(InboundContact, call.contact_id)
    passing.end_asking(session, contact, call.pbx_id, _keys(session, call))


def _wait_again(session: WorkSession) -> None:
    """A call whose registration was undone is left to whoever talked once more (S1-13)."""
    lately = session.now() - UNDONE_WITHIN
    undone = select(InboundContact.id).where(InboundContact.state == "withdrawn", InboundContact.at > lately)
    statement = update(Call).where(Call.contact_id.in_(undone))
    values = {"contact_id": None, "contact_state": WAITING, "contact_due_at": session.now() + grace(session)}
    session.execute(statement.values(values).execution_options(synchronize_session=False))


# --- the contact that is there already ------------------------------------------------------------


def _keys(session: WorkSession, call: Call) -> list[str]:
    """What stands for a call while it is on the line: for each of its names one."""
    return list(session.scalars(select(CallName.key).where(CallName.call_id == call.id)))


def _remembered(session: WorkSession, call: Call) -> int | None:
    """The contact that was registered in the form of this very call, or that a call of ours was about."""
    mine = (CallContact.pbx_id == call.pbx_id, CallContact.key.in_(_keys(session, call)))
    statement = select(CallContact.contact_id).join(InboundContact, InboundContact.id == CallContact.contact_id)
    return session.scalar(statement.where(*mine, REAL).order_by(CallContact.at).limit(1))


def _registered_by_hand(session: WorkSession, call: Call) -> int | None:
    """The contact that somebody has registered of this call, if no other call has it.

    It is known by the client's number; where that was withheld, by who talked.
    """
    if call.direction != IN:
        return None
    until = (call.ended_at or call.started_at) + grace(session)
    statement = (
        select(InboundContact.id)
        .where(
            _of_same(call),
            InboundContact.channel.in_(BY_HAND),
            InboundContact.created_by_id.is_not(None),
            InboundContact.created_at.between(call.started_at - EARLIER, until),
            REAL,
            ~select(_OTHER.id).where(_OTHER.contact_id == InboundContact.id).exists(),
        )
        .order_by(InboundContact.created_at, InboundContact.id)
        .limit(1)
    )
    return session.scalar(statement)


def _of_same(call: Call) -> ColumnElement[bool]:
    if call.phone:
        return InboundContact.phone == call.phone
    return and_(InboundContact.phone == "", InboundContact.created_by_id == call.employee_id)


def _called_back(session: WorkSession, call: Call) -> int | None:
    """The contact of the missed call that this call of ours answers; it may be known already that it was this one."""
    if call.direction != OUT or not call.phone:
        return None
    statement = (
        select(Call.contact_id)
        .where(
            Call.phone == call.phone,
            Call.disposition == MISSED,
            Call.contact_id.is_not(None),
            or_(Call.waits_for_call, Call.reached_at == call.answered_at),
            Call.started_at <= call.started_at,
        )
        .order_by(Call.started_at.desc())
        .limit(1)
    )
    return session.scalar(statement)


# --- a new contact --------------------------------------------------------------------------------


def _new_contact(session: WorkSession, call: Call, house: _House) -> int:
    """A contact out of what the call says.

    :raises Invalid: when there is no goal to register it with, or contacts refuses it.
    """
    goal = house.goal(call.line_id)
    if goal is None:
        raise Invalid({"goal_id": [NO_GOAL]})
    call.out_of_hours = not house.calendar(goal.department_id).is_open(call.started_at)
    call.branch_id = call.branch_id or goal.branch_id
    contact = register(session, _told(session, call, goal))
    if call.direction == OUT:
        contact.is_request = False
        session.flush()
        result = str(DISPOSITIONS[call.disposition])
        words = session.words("ru", str(OUTGOING)) % {"result": session.words("ru", result).lower()}
        ending.end(session, contact.id, words, call.ended_at)
    elif call.disposition == MISSED:
        missed.ask_to_call(session, call, contact)
    else:
        _tell(session, call, contact, goal)
    return contact.id


def _told(session: WorkSession, call: Call, goal: Goal) -> NewContact:
    clients = clients_with(session, call.phone) if call.phone else []
    return NewContact(
        channel=_channel(call),
        goal_id=goal.id,
        way=Way.REGISTER,
        responsible_id=_responsible(session, call),
        customer_id=clients[0].id if len(clients) == 1 else None,
        client_text="" if call.phone else session.words("ru", str(WITHHELD)),
        phone=call.phone,
        called_line=call.did,
        at=_no_later(session, call.started_at),
        recorded=True,
    )


def _channel(call: Call) -> str:
    if call.direction == OUT:
        return OUT_CHANNEL.code
    return MISSED_CHANNEL.code if call.disposition == MISSED else CALL_CHANNEL


def _responsible(session: WorkSession, call: Call) -> int | None:
    """Who talked, if he may work with contacts."""
    found = colleagues_by_id(session, [call.employee_id]) if call.employee_id is not None else []
    return found[0].id if found else None


def _no_later(session: WorkSession, at: datetime) -> datetime:
    """An exchange whose clock is ahead begins no contact in the future."""
    return min(at, session.now())


def _tell(session: WorkSession, call: Call, contact: InboundContact, goal: Goal) -> None:
    """Who talked is told of his contact; without him who handles its goal, and without them the operators (X-02)."""
    if contact.responsible_id is not None:
        notify_of(session, contact, goal, [contact.responsible_id], group=False)
        return
    staff = [person.id for person in specialists(session, goal.id)]
    if staff:
        notify_of(session, contact, goal, staff, group=True)
    else:
        missed.ask_to_register(session, call, contact)
