"""Orders: made from a contact or by hand, changed, and found again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from addons.contacts.models import Customer, Document, InboundContact
from addons.contacts.services.documents import NewDocument, add_document, head_of, index_document
from addons.contacts.services.lookup import visible_customer
from addons.delivery.models import AddressPart, DeliveryOrder, OrderLine
from addons.delivery.services.limits import Limits, limits_of
from addons.delivery.services.statuses import NEW
from addons.delivery.services.vocabulary import CARRIERS, EARLIER, METHODS, ORDER_TYPES, PAYMENT_METHODS, REGIONS
from addons.delivery.services.windows import BadWindow, parse_window
from core import (
    Branch,
    Department,
    Invalid,
    T,
    WorkSession,
    expect_reach,
    expect_record,
    locked_record,
    numbers,
    parse_phone,
    publish,
    search_key,
    subject_of,
    timeline,
)

THING = "delivery.order"
SERIES = numbers.Series(THING, "ЗД%(branch)d-%(short_year)02d-%(number)05d", per_branch=True, per_year=True)
TOPIC = "delivery.orders"
ARRANGED = "delivery.arranged"
"""The kind of the timeline's entry about what the delivery department has decided."""
_CHOSEN = {
    "order_type": ORDER_TYPES,
    "method": METHODS,
    "carrier": CARRIERS,
    "region": REGIONS,
    "payment_method": PAYMENT_METHODS,
}
UNKNOWN = T("There is no such order.")
PICKUP, OURS = "pickup", ("", "own")
by_our_courier = and_(DeliveryOrder.method != PICKUP, DeliveryOrder.carrier.in_(OURS))
"""What one of our couriers brings: nobody else's, and not what its client collects himself."""


def brought_by_us(order: DeliveryOrder) -> bool:
    """Whether one of our couriers brings it, as :data:`by_our_courier` says of many."""
    return order.method != PICKUP and order.carrier in OURS


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What an order begins with: every field of its form."""

    customer_id: int | None = None
    customer_text: str = ""
    phone: str = ""
    order_type: str = ""
    responsible_id: int | None = None
    department_id: int | None = None
    branch_id: int | None = None
    method: str = ""
    carrier: str = ""
    region: str = ""
    address: str = ""
    delivery_on: date | None = None
    window: str = ""
    window_reason: str = ""
    client_comment: str = ""
    operator_comment: str = ""
    payment_method: str = ""


FIELDS = tuple(each.name for each in fields(NewOrder))
TEXTS = frozenset(each.name for each in fields(NewOrder) if each.default == "")
AT_PLACE = frozenset({"department_id", "branch_id"})
"""What is said once and stays."""


def get_order(session: WorkSession, order_id: int) -> DeliveryOrder:
    """An order the person may know of.

    :raises NotFound: otherwise.
    """
    return expect_record(session, DeliveryOrder, order_id, UNKNOWN)


def locked_order(session: WorkSession, order_id: int, action: str) -> DeliveryOrder:
    """An order for changing: nobody else changes it or anything in it until this transaction ends.

    :raises NotFound: for one the person must not know of.
    :raises Forbidden: for who may not do this to it.
    """
    order = locked_record(session, DeliveryOrder, order_id, UNKNOWN)
    ORDERS.expect(session, order, action)
    return order


class OrderKind:
    """Orders as the steps that ask something first know them (:class:`core.asking.Step`)."""

    thing = THING

    def get(self, session: WorkSession, number: int) -> DeliveryOrder:
        """An order the person may know of."""
        return get_order(session, number)

    def expect(self, session: WorkSession, order: DeliveryOrder, action: str) -> None:
        """Refuse what the person may not do to it."""
        expect_reach(session, order, f"{THING}.{action}")

    def lock(self, session: WorkSession, order: DeliveryOrder) -> None:
        """The order as it is now; nobody else changes it until this transaction ends."""
        locked_record(session, DeliveryOrder, order.id, UNKNOWN)


ORDERS = OrderKind()


def told(session: WorkSession, order: DeliveryOrder) -> None:
    """Tell open pages that it has changed."""
    publish(session, TOPIC, record=order.id)


def note_way(session: WorkSession, order: DeliveryOrder, title: str, values: Mapping[str, str]) -> None:
    """Put what the delivery department has decided into the order's feed."""
    timeline.add_entry(session, [subject_of(order)], ARRANGED, title, values)


def create_from_contact(session: WorkSession, contact: InboundContact) -> Document:
    """An order with everything the contact knows."""
    return create_order(session, from_contact(contact, session.access.user_id))


def from_contact(contact: InboundContact, user_id: int | None) -> NewOrder:
    """What is known of an order when it begins with a contact."""
    return NewOrder(
        customer_id=contact.customer_id,
        customer_text=contact.client_text,
        phone=contact.phone or contact.phone_raw,
        responsible_id=contact.responsible_id or user_id,
        department_id=contact.department_id,
        branch_id=contact.branch_id,
        operator_comment=contact.note,
    )


def create_order(session: WorkSession, new: NewOrder) -> Document:
    """Open an order.

    :returns: its head row in the journal of documents.
    :raises Invalid: naming the fields that are wrong.
    """
    customer = visible_customer(session, new.customer_id) if new.customer_id else None
    branch_id = new.branch_id or _branch_of(session, new.department_id)
    values = checked(session, new, branch_id, customer)
    document = add_document(
        session,
        NewDocument(
            type=THING,
            series=SERIES,
            state=NEW,
            title="",
            customer_id=customer.id if customer else None,
            customer_text=customer.name if customer else new.customer_text.strip(),
            responsible_id=new.responsible_id,
            department_id=new.department_id,
            branch_id=branch_id,
            amount=0,
        ),
    )
    order = DeliveryOrder(
        id=document.id,
        number=document.number,
        status=NEW.code,
        status_since=session.now(),
        at=document.at,
        client=document.customer_text,
        goods="",
        **{**values, "branch_id": branch_id},
    )
    index_order(order)
    session.add(order)
    session.flush()
    publish(session, TOPIC, record=document.id)
    return document


def change_order(session: WorkSession, order: DeliveryOrder, values: dict[str, Any]) -> None:
    """The changed fields; the journal's head row follows.

    Another interval has to be approved anew (S4-66), another address to be checked anew (S4-54). What our couriers do
    not bring any more leaves the sheet of the one who had it.

    :raises Invalid: naming the fields that are wrong.
    """
    known = {name: getattr(order, name) for name in FIELDS}
    new = NewOrder(**{**known, **{name: plain(name, value) for name, value in values.items()}})
    customer = None
    if new.customer_id is not None:
        same = new.customer_id == order.customer_id
        customer = session.get(Customer, new.customer_id) if same else visible_customer(session, new.customer_id)
    before, place = (order.window, order.window_reason), order.address
    kept_day = order.delivery_on
    for name, value in checked(session, new, order.branch_id, customer, kept_day=kept_day).items():
        if name not in AT_PLACE:
            setattr(order, name, value)
    if (order.window, order.window_reason) != before:
        order.window_approved_at = order.window_approved_by_id = None
    if not same_address(place, order.address):
        _doubt_address(session, order)
    if order.delivery_on != kept_day:
        _drive_anew(session, order)
    if not brought_by_us(order):
        order.courier_id, order.route_position = None, 0
    document = head_of(session, order.id)
    document.customer_id = order.customer_id
    document.customer_text = customer.name if customer is not None else order.customer_text or document.customer_text
    order.client = document.customer_text
    document.responsible_id = order.responsible_id
    index_document(session, document)
    index_order(order)
    session.flush()
    told(session, order)


def index_order(order: DeliveryOrder) -> None:
    """Make an order findable by what whoever may read it reads: number, client, phone and goods."""
    order.search_key = search_key(order.number, order.client, order.phone, order.goods)


def same_address(one: str, other: str) -> bool:
    """Whether two texts are the same address: in the same words, wherever the lines end."""
    return one.split() == other.split()


def _doubt_address(session: WorkSession, order: DeliveryOrder) -> None:
    """What somebody has checked stays and is to be checked again: he has checked it for another address."""
    parts = select(AddressPart).where(AddressPart.order_id == order.id, AddressPart.confirmed_at.is_not(None))
    for part in session.scalars(parts):
        part.origin, part.words = EARLIER, ""
        part.confirmed_at = part.confirmed_by_id = None


def _drive_anew(session: WorkSession, order: DeliveryOrder) -> None:
    """On another day an order has no place on a sheet yet, and what was brought back is brought again."""
    order.route_position = 0
    for line in session.scalars(select(OrderLine).where(OrderLine.order_id == order.id, OrderLine.returned != 0)):
        line.returned, line.return_reason = 0, ""


def meet(session: WorkSession, document: Document) -> None:
    """Take over the client whom the contact's specialist has identified meanwhile; he decides the type (S4-02)."""
    with session.unlimited("the client of an order"):
        order = session.get_one(DeliveryOrder, document.id)
        order.customer_id, order.customer_text = document.customer_id, ""
        order.client = document.customer_text
        customer = session.get(Customer, document.customer_id) if document.customer_id else None
        order.order_type = type_of(customer, order.order_type)
        index_order(order)
        session.flush()
    told(session, order)


def plain(name: str, value: Any) -> Any:
    """An empty field of text is an empty text."""
    return (value or "") if name in TEXTS else value


def checked(
    session: WorkSession,
    new: NewOrder,
    branch_id: int | None,
    customer: Customer | None,
    *,
    kept_day: date | None = None,
) -> dict[str, Any]:
    """The columns of an order as it was told.

    :param kept_day: the day it has already, which may be past by now.
    :raises Invalid: naming every field that is wrong.
    """
    errors: dict[str, list[str]] = {}
    if branch_id is None:
        raise Invalid({}, "Nobody knows to which branch this order belongs.")
    if customer is None and not new.customer_text.strip():
        errors["customer_id"] = errors["customer_text"] = [T("Choose a client or write who it is.")]
    for name, words in _CHOSEN.items():
        if (value := getattr(new, name)) and value not in words:
            errors[name] = [T("Choose one of the list.")]
    if new.delivery_on not in (None, kept_day) and new.delivery_on < _today(session, branch_id):
        errors["delivery_on"] = [T("This day is over.")]
    shortest = limits_of(session, branch_id).shortest
    window, fault, reason = _window(new, shortest)
    errors |= fault
    if "window_reason" in fault:
        raise Invalid(errors, TOO_SHORT, length=f"{shortest // 60}:{shortest % 60:02}")
    if errors:
        raise Invalid(errors)
    values = {name: getattr(new, name) for name in FIELDS}
    values |= {name: values[name].strip() for name in TEXTS - {"address"}}
    return {
        **values,
        "customer_text": "" if customer else new.customer_text.strip(),
        "order_type": type_of(customer, new.order_type),
        "phone": _phone(new.phone),
        "window": window,
        "window_reason": reason,
    }


def type_of(customer: Customer | None, said: str) -> str:
    """«Тип заказа»: a client's group decides it (S4-02); without a client it is what was said."""
    if customer is None:
        return said or "person"
    return "person" if customer.legal_form == "person" else "legal"


_SHORT = T(
    "The interval is too short. If the client has no other way, say why: the delivery department then has to approve it."
)
TOO_SHORT = T("Check the marked fields. The shortest interval of the branch is %(length)s h.")


def _window(new: NewOrder, shortest: int) -> tuple[str, dict[str, list[str]], str]:
    """The interval as it is stored, what is wrong with it, and the reason that only a short one has (S4-64, S4-65).

    :param shortest: minutes that an interval lasts at least.
    """
    if not new.window.strip():
        return "", {}, ""
    try:
        window = parse_window(new.window)
    except BadWindow as bad:
        return "", {"window": [str(bad)]}, ""
    if window.minutes >= shortest:
        return str(window), {}, ""
    if not new.window_reason.strip():
        wrong: dict[str, list[str]] = {
            "window": [_SHORT],
            "window_reason": [T("Write why the interval is shorter than usual.")],
        }
        return "", wrong, ""
    return str(window), {}, new.window_reason.strip()


def window_waits(order: DeliveryOrder, limits: Limits) -> bool:
    """Whether a short interval still has to be approved by the delivery department (S4-66)."""
    return 0 < order.window_minutes < limits.shortest and order.window_approved_at is None


def approve_window(session: WorkSession, order_id: int) -> DeliveryOrder:
    """The delivery department agrees to a short interval.

    :raises Forbidden: for who is not of it.
    """
    order = locked_order(session, order_id, "approve")
    if window_waits(order, limits_of(session, order.branch_id)):
        order.window_approved_at, order.window_approved_by_id = session.now(), session.access.user_id
        session.flush()
        note_way(session, order, T("Short interval approved: %(window)s"), {"window": order.window})
        told(session, order)
    return order


def _phone(text: str) -> str:
    phone = parse_phone(text) if text.strip() else None
    return phone.e164 if phone is not None else "".join(text.split())[:20]


def zone_of(session: WorkSession, branch_id: int) -> ZoneInfo:
    """The time zone of an order's branch (X-05)."""
    zone = session.scalar(select(Branch.time_zone).where(Branch.id == branch_id)) or session.access.time_zone
    return ZoneInfo(zone)


def _today(session: WorkSession, branch_id: int) -> date:
    return session.now().astimezone(zone_of(session, branch_id)).date()


def _branch_of(session: WorkSession, department_id: int | None) -> int | None:
    """The branch of the department, else that of the person, else the first one."""
    if department_id is not None:
        return session.scalar(select(Department.branch_id).where(Department.id == department_id))
    if session.access.branch_ids:
        return min(session.access.branch_ids)
    return session.scalar(select(Branch.id).where(Branch.active).order_by(Branch.id).limit(1))
