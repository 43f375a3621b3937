"""What people ask of the exchanges: to call, to pass the client on, to hang up. Checked here, given by whoever keeps the link.

An order is a row: committed with what it belongs to, given once, and never again after a crash; what came of it is told to
who gave it (S0-20, S1-22, S1-54, S3-14).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select

from addons.contacts.models import InboundContact
from addons.telephony.models import CallContact, Link, LiveCall, LivePhone, Order, Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.link.adapters import (
    CONSULT,
    ORIGINATE,
    TRANSFER,
    Given,
    adapters,
)
from addons.telephony.services.live import key_of
from addons.telephony.services.numbers import costs_extra
from addons.telephony.services.on_line import RINGING
from addons.telephony.services.vocabulary import LINKED
from core import (
    Invalid,
    NotFound,
    Phone,
    Setting,
    T,
    User,
    WorkSession,
    insert_into,
    name_score,
    parse_phone,
    publish,
    settings,
)

WAITS, GIVEN, DONE, FAILED = "waiting", "given", "done", "refused"
NOT_THERE, NOT_ANSWERED, BUSY, LOST, REFUSED, NO_EXTENSION, LATE = (
    *("not_there", "not_answered", "busy", "lost", "refused", "no_extension", "late"),
)
PROBLEMS = {
    NOT_THERE: T("That line is not there any more, or cannot be reached."),
    NOT_ANSWERED: T("Your phone was not picked up."),
    BUSY: T("Your phone is busy."),
    LOST: T("The link to the exchange was lost: look at the phone before you try again."),
    REFUSED: T("The exchange refused it."),
    NO_EXTENSION: T("The colleague has no phone: his extension is not in his card."),
    LATE: T("The exchange is out of reach."),
}
"""What stood in the way of an order."""

ABROAD = Setting(
    "telephony.dial_abroad",
    bool,
    False,
    title=T("Numbers of other countries may be called"),
    group=T("Telephony"),
)
MOST_AN_HOUR = 60
"""Calls that one person may order in an hour: an account in wrong hands must not run up a bill."""
SAME = timedelta(seconds=10)
"""Two orders of a person for one number within this are one: a second press."""
LATEST = timedelta(seconds=15)
"""An order that nobody has taken for so long is not given any more: whoever gave it has gone on."""
ANSWERED_WITHIN = timedelta(minutes=1)
"""What came of an order that was given is known after so long: its phone rings half a minute. Else whoever gave it has crashed."""

_EXTENSION = re.compile(r"[0-9*#]{1,20}")


def abilities(session: WorkSession, pbx: Pbx) -> frozenset[str]:
    """What can be asked of an exchange."""
    adapter = adapters(session.hooks).get(pbx.adapter)
    return adapter.abilities if adapter is not None else frozenset()


# --- about a call on the line ---------------------------------------------------------------------


def my_phone(session: WorkSession, phone_id: int) -> tuple[LivePhone, LiveCall]:
    """The person's own phone in a call that is on the line.

    :raises NotFound: it is not there any more, or somebody else's.
    """
    mine = (LivePhone.id == phone_id, LivePhone.user_id == session.access.user_id)
    statement = select(LivePhone, LiveCall).join(LiveCall, LiveCall.id == LivePhone.call_id).where(*mine)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound(T("This call is not on the line any more."))
    return row[0], row[1]


def act(session: WorkSession, phone_id: int, kind: str) -> Order:
    """Hang up, hold, or pick up the person's own phone.

    :raises NotFound: it is not in a call any more.
    :raises Invalid: the exchange cannot do this, or is out of reach.
    """
    phone, call = my_phone(session, phone_id)
    _expect_link(session, call.pbx_id, "")
    return _order(session, session.get_one(Pbx, call.pbx_id), kind, phone=phone)


def pass_on(session: WorkSession, phone_id: int, user_id: int, *, asking: bool) -> Order:
    """Pass the client on to a colleague (S1-54), at once or after asking him, which hanging up completes (S3-14).

    :raises NotFound: the call is not there any more.
    :raises Invalid: the colleague cannot be called, or the exchange cannot do this or is out of reach.
    """
    phone, call = my_phone(session, phone_id)
    number = _extension_of(session, user_id)
    if not number or user_id == session.access.user_id:
        raise Invalid({"user_id": [PROBLEMS[NO_EXTENSION]]})
    _expect_link(session, call.pbx_id, "user_id")
    pbx = session.get_one(Pbx, call.pbx_id)
    return _order(session, pbx, CONSULT if asking else TRANSFER, phone=phone, number=number)


def pass_on_with(session: WorkSession, contact: InboundContact, pbx_id: int, key: str) -> None:
    """The client goes with his contact, if the person has him on the line (S0-20); nothing where nobody is chosen."""
    mine = (LivePhone.user_id == session.access.user_id, LivePhone.state != RINGING)
    statement = (
        select(LivePhone)
        .join(LiveCall, LiveCall.id == LivePhone.call_id)
        .where(LiveCall.pbx_id == pbx_id, LiveCall.key == key, *mine)
    )
    phone = session.scalars(statement).first()
    pbx = session.get_one(Pbx, pbx_id)
    if phone is None or contact.responsible_id in (None, session.access.user_id):
        return
    if TRANSFER not in abilities(session, pbx) or not session.access.may("telephony.line.use"):
        return
    number = _extension_of(session, contact.responsible_id)
    order = _order(session, pbx, TRANSFER, phone=phone, number=number)
    if not number:
        settle(session, order.id, NO_EXTENSION)
    elif not is_linked(session, pbx_id):
        settle(session, order.id, LATE)


def _extension_of(session: WorkSession, user_id: int | None) -> str:
    found = session.scalar(select(User.extension).where(User.id == user_id, User.active)) or ""
    return found if _EXTENSION.fullmatch(found) else ""


# --- a call of ours -------------------------------------------------------------------------------


def call(session: WorkSession, typed: str, contact: InboundContact | None = None) -> Order:
    """Ring the person's phone, and then this number (S1-22).

    :param contact: what the call is about; the call will be its own.
    :raises Invalid: for a number that is none or must not be called, and where there is no phone or no exchange
        within reach.
    """
    ext = _extension_of(session, session.access.user_id)
    if not ext:
        raise Invalid({"number": [T("You have no phone: your extension is not in your card.")]})
    pbx = exchanges.of_phone(session, ext, ORIGINATE)
    if pbx is None:
        raise Invalid({"number": [T("No exchange is linked that can call.")]})
    phone = checked(session, typed)
    _expect_link(session, pbx.id, "number")
    session.execute(select(Pbx.id).where(Pbx.id == pbx.id).with_for_update())
    number = written(phone, pbx.dialled_as)
    again = _same(session, number)
    if again is not None:
        return again
    _expect_room(session)
    order = _order(session, pbx, ORIGINATE, number=number, ext=ext)
    order.name = f"fc-{int(order.created_at.timestamp())}-{order.id}"
    if contact is not None:
        remember(session, pbx.id, key_of(order.name), contact.id)
    session.flush()
    return order


def checked(session: WorkSession, typed: str) -> Phone:
    """A number that may be called: valid, of the country unless others are allowed, none that costs extra (SEC-43).

    :raises Invalid: for any other.
    """
    phone = parse_phone(typed)
    if phone is None:
        raise Invalid({"number": [T("This is no phone number.")]})
    if phone.foreign and not settings.read(session, ABROAD):
        raise Invalid({"number": [T("Numbers of other countries are not called from here.")]})
    if costs_extra(phone.e164):
        raise Invalid({"number": [T("Numbers that cost extra are not called from here.")]})
    return phone


def written(phone: Phone, how: str) -> str:
    """A number as an exchange dials it: ``eight`` (8 903…), ``digits`` (7903…) or ``plus`` (+7903…)."""
    digits = phone.e164.removeprefix("+")
    if how == "plus":
        return phone.e164
    if how == "digits":
        return digits
    return f"810{digits}" if phone.foreign else f"8{digits[1:]}"


def _same(session: WorkSession, number: str) -> Order | None:
    mine = (Order.user_id == session.access.user_id, Order.kind == ORIGINATE, Order.number == number)
    fresh = (Order.created_at > session.now() - SAME, Order.state.in_((WAITS, GIVEN)))
    return session.scalars(select(Order).where(*mine, *fresh)).first()


def _expect_room(session: WorkSession) -> None:
    hour = session.now() - timedelta(hours=1)
    mine = (Order.user_id == session.access.user_id, Order.kind == ORIGINATE, Order.created_at > hour)
    if (session.scalar(select(func.count(Order.id)).where(*mine)) or 0) >= MOST_AN_HOUR:
        raise Invalid({"number": [T("Too many calls in an hour. Use the phone itself.")]})


def remember(session: WorkSession, pbx_id: int, key: str, contact_id: int) -> None:
    """Whose a call is, before it is stored; who was first keeps it."""
    row = {"pbx_id": pbx_id, "key": key, "contact_id": contact_id, "at": session.now()}
    session.execute(insert_into(session, CallContact).values(row).on_conflict_do_nothing())


# --- orders ---------------------------------------------------------------------------------------


def _order(
    session: WorkSession, pbx: Pbx, kind: str, *, phone: LivePhone | None = None, number: str = "", ext: str = ""
) -> Order:
    if kind not in abilities(session, pbx):
        raise Invalid({"": [T("This exchange cannot do that.")]})
    assert session.access.user_id is not None
    order = Order(
        pbx_id=pbx.id,
        kind=kind,
        state=WAITS,
        user_id=session.access.user_id,
        ext=phone.ext if phone is not None else ext,
        channel=phone.channel if phone is not None else "",
        number=number,
        created_at=session.now(),
    )
    session.add(order)
    session.flush()
    return order


def is_linked(session: WorkSession, pbx_id: int) -> bool:
    """Whether an exchange is within reach now."""
    return session.scalar(select(Link.state).where(Link.pbx_id == pbx_id)) == LINKED


def _expect_link(session: WorkSession, pbx_id: int, field: str) -> None:
    """Whoever presses a button is told at once that nothing would come of it."""
    if not is_linked(session, pbx_id):
        raise Invalid({field: [PROBLEMS[LATE]]})


def waiting(now: datetime, pbx_id: int) -> ColumnElement[bool]:
    """Whether an exchange is asked something, or it is to be told that nothing was heard of an order."""
    asked = or_(Order.state == WAITS, _unanswered(now))
    return select(Order.id).where(Order.pbx_id == pbx_id, Order.state.in_((WAITS, GIVEN)), asked).exists()


def _unanswered(now: datetime) -> ColumnElement[bool]:
    return and_(Order.state == GIVEN, Order.created_at < now - ANSWERED_WITHIN)


def take(session: WorkSession, pbx_id: int) -> list[Given]:
    """What an exchange is asked now; from the commit on it counts as given. What nobody has taken in time is answered.

    So is what was given and never answered: whoever took it has crashed before it was told, or before it was sent.
    """
    unanswered = select(Order.id).where(Order.pbx_id == pbx_id, _unanswered(session.now()))
    for order_id in session.scalars(unanswered.with_for_update(skip_locked=True)).all():
        settle(session, order_id, LOST)
    waits = select(Order).where(Order.pbx_id == pbx_id, Order.state == WAITS).order_by(Order.id)
    given: list[Given] = []
    for order in session.scalars(waits.with_for_update()).all():
        if session.now() - order.created_at > LATEST:
            settle(session, order.id, LATE)
            continue
        order.state = GIVEN
        given.append(Given(order.id, order.kind, order.ext, order.channel, order.number, order.name))
    return given


def settle(session: WorkSession, order_id: int, problem: str = "", detail: str = "") -> None:
    """What came of an order; told to who gave it."""
    order = session.get(Order, order_id)
    if order is None or order.state not in (WAITS, GIVEN):
        return
    order.state, order.problem, order.detail = FAILED if problem else DONE, problem, detail[:200]
    order.answered_at = session.now()
    publish(session, "telephony.line", users=[order.user_id])


# --- colleagues -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody a call can be passed on to."""

    id: int
    name: str
    extension: str


def colleagues(session: WorkSession, typed: str = "", most: int = 40) -> list[Colleague]:
    """Who has a phone, but for the person himself; those first whose names answer what was typed."""
    rows = session.execute(
        select(User.id, User.full_name, User.extension)
        .where(User.active, User.extension != "", User.id != session.access.user_id)
        .order_by(User.full_name, User.id)
    )
    found = [Colleague(*row) for row in rows if _EXTENSION.fullmatch(row.extension)]
    if typed:
        scored = [(name_score(typed, each.name), each) for each in found]
        found = [each for score, each in sorted(scored, key=lambda pair: -pair[0]) if score]
    return found[:most]


def abilities_at(session: WorkSession, pbx_id: int) -> frozenset[str]:
    """What can be asked of the exchange of this number."""
    return abilities(session, session.get_one(Pbx, pbx_id))
