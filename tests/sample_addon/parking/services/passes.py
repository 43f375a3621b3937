"""Passes: made from a contact or by hand, used at the gate, run out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from addons.contacts.models import Customer, Document, InboundContact, Vehicle
from addons.contacts.services.documents import NewDocument, add_document, head_of, index_document, show_state
from core import (
    Conflict,
    Invalid,
    Message,
    Record,
    Refusal,
    Setting,
    T,
    WorkSession,
    change_where,
    expect_reach,
    expect_record,
    normalise_plate,
    notify,
    numbers,
    publish,
    settings,
    subject_of,
)
from parking.models import Pass, Zone
from parking.services.states import EXPECTED, EXPIRED, INSIDE, LEFT, STATE, State

TYPE = "parking.pass"
SERIES = numbers.Series("parking.pass", "ПП-%(number)05d")
MOVE = "parking.pass.move"
ARRIVED = "parking.arrived"
"""The kind of notification by which a host learns that his guest is here."""

VALID_HOURS = Setting(
    "parking.valid_hours", int, 12, title=T("Hours for which a pass is valid"), minimum=1, maximum=720
)


@dataclass(frozen=True, slots=True)
class NewPass:
    """What a pass begins with. ``price`` is in kopecks."""

    plate: str = ""
    car: str = ""
    customer_id: int | None = None
    customer_text: str = ""
    host_id: int | None = None
    zone_id: int | None = None
    department_id: int | None = None
    branch_id: int | None = None
    vehicle_id: int | None = None
    price: int | None = None


def issue(session: WorkSession, new: NewPass) -> Pass:
    """Permit a guest to stand here.

    :raises Invalid: when neither plate nor car nor guest is known.
    """
    plate = normalise_plate(new.plate)
    if not (plate or new.car.strip() or new.customer_id or new.customer_text.strip()):
        words = [T("Say at least the plate, the car or who it is.")]
        raise Invalid({"plate": words, "customer_text": words})
    car = new.car.strip()
    head = NewDocument(
        type=TYPE,
        series=SERIES,
        state=EXPECTED,
        title=car,
        customer_id=new.customer_id,
        customer_text=new.customer_text.strip(),
        vehicle_id=new.vehicle_id,
        vehicle_text=" ".join(filter(None, (car, plate))),
        responsible_id=new.host_id,
        department_id=new.department_id,
        branch_id=new.branch_id,
        amount=new.price,
    )
    document = add_document(session, head)
    issued = Pass(
        id=document.id,
        number=document.number,
        state=EXPECTED.code,
        plate=plate,
        car=car,
        customer_id=document.customer_id,
        customer_text="" if document.customer_id else document.customer_text,
        host_id=new.host_id,
        zone_id=new.zone_id,
        department_id=new.department_id,
        branch_id=new.branch_id,
        valid_until=_valid_until(session),
        price=new.price,
    )
    session.add(issued)
    session.flush()
    publish(session, "parking.passes", parking_pass=issued.id)
    return issued


def _valid_until(session: WorkSession) -> datetime:
    return session.now() + timedelta(hours=settings.read(session, VALID_HOURS))


def create_from_contact(session: WorkSession, contact: InboundContact) -> Document:
    """A pass for whoever has got in touch, and for the car he comes with."""
    vehicle = session.get(Vehicle, contact.vehicle_id) if contact.vehicle_id else None
    new = NewPass(
        plate=(vehicle.plate or "") if vehicle is not None else "",
        car=contact.vehicle_text,
        customer_id=contact.customer_id,
        customer_text=contact.client_text,
        host_id=contact.responsible_id,
        department_id=contact.department_id,
        branch_id=contact.branch_id,
        vehicle_id=contact.vehicle_id,
    )
    return head_of(session, issue(session, new).id)


def order(session: WorkSession, customer: Customer) -> Pass:
    """A pass for a client who is coming."""
    new = NewPass(customer_id=customer.id, host_id=session.access.user_id, branch_id=customer.branch_id)
    return issue(session, new)


def create(session: WorkSession, values: dict[str, Any]) -> Pass:
    """A pass that somebody writes by hand; he is the host unless another one is named."""
    known = {name: "" if value is None and name in _TEXTS else value for name, value in values.items()}
    departments, branches = sorted(session.access.department_ids), sorted(session.access.branch_ids)
    known["host_id"] = known.get("host_id") or session.access.user_id
    place = {"department_id": next(iter(departments), None), "branch_id": next(iter(branches), None)}
    return issue(session, NewPass(**known, **place))


_TEXTS = ("plate", "car", "customer_text")


def change(session: WorkSession, changed: Pass, values: dict[str, Any]) -> None:
    """The changed fields; the journal's head row follows."""
    for name, value in values.items():
        setattr(changed, name, (value or "") if name in _TEXTS else value)
    changed.plate = normalise_plate(changed.plate)
    document = head_of(session, changed.id)
    document.customer_id = changed.customer_id
    document.customer_text = changed.customer_text or document.customer_text
    document.title, document.vehicle_text = changed.car, " ".join(filter(None, (changed.car, changed.plate)))
    document.responsible_id, document.amount = changed.host_id, changed.price
    index_document(session, document)
    session.flush()


def meet(session: WorkSession, document: Document) -> None:
    """Take over the client whom somebody has identified meanwhile."""
    with session.unlimited("the client of a parking pass"):
        known = session.get_one(Pass, document.id)
        known.customer_id, known.customer_text = document.customer_id, ""
        session.flush()


def get_pass(session: WorkSession, pass_id: int) -> Pass:
    """A pass the person may know of.

    :raises NotFound: otherwise.
    """
    return expect_record(session, Pass, pass_id, T("There is no such pass."))


def enter(session: WorkSession, pass_id: int) -> Pass:
    """The gate has let the car in; its host is told.

    :raises Conflict: when it is in already, has left, or did not come in time.
    """
    entered = get_pass(session, pass_id)
    _move(session, entered, EXPECTED, INSIDE, {"entered_at": session.now()})
    _tell_host(session, entered)
    return entered


def leave(session: WorkSession, pass_id: int) -> Pass:
    """The gate has let the car out.

    :raises Conflict: when it is not in.
    """
    left = get_pass(session, pass_id)
    _move(session, left, INSIDE, LEFT, {"left_at": session.now()})
    return left


def _move(session: WorkSession, moved: Pass, before: State, after: State, values: dict[str, Any]) -> None:
    expect_reach(session, moved, MOVE)
    conditions = [Pass.id == moved.id, Pass.state == before.code]
    if not change_where(session, Pass, conditions, {"state": after.code, **values}, action=f"pass.{after.code}"):
        session.refresh(moved)
        raise Conflict("This pass is elsewhere by now: %(state)s.", state=STATE[moved.state].title)
    show_state(session, head_of(session, moved.id), after)
    publish(session, "parking.passes", parking_pass=moved.id)


def _tell_host(session: WorkSession, entered: Pass) -> None:
    if entered.host_id is None:
        return
    guest = head_of(session, entered.id).customer_text or entered.car or entered.plate
    message = Message(T("Your guest is here: %(guest)s"), {"guest": guest}, icon="parking")
    notify(session, [entered.host_id], ARRIVED, subject_of(entered), message)


def guests_of(session: WorkSession) -> Sequence[Pass]:
    """Who visits the person and is here."""
    mine = (Pass.host_id == session.access.user_id, Pass.state == INSIDE.code)
    return session.scalars(select(Pass).where(*mine).order_by(Pass.entered_at)).all()


def expire(session: WorkSession) -> None:
    """End the passes of guests who did not come in time."""
    late = [Pass.state == EXPECTED.code, Pass.valid_until < session.now()]
    for number in change_where(session, Pass, late, {"state": EXPIRED.code}, action="pass.expired"):
        show_state(session, head_of(session, number), EXPIRED)


def stands_ready(session: WorkSession, worksheet: Any) -> Refusal | None:
    """Why a car cannot be presented to the buyer of this worksheet: none of his stands on a handover place."""
    on_handover = select(Zone.id).where(Zone.handover)
    ready = exists().where(
        Pass.customer_id == worksheet.customer_id, Pass.state == INSIDE.code, Pass.zone_id.in_(on_handover)
    )
    with session.unlimited("whether the car is on its handover place"):
        if session.scalar(select(ready)):
            return None
    return Conflict("The car is not on a handover place yet.")


def refuse_deletion(session: WorkSession, subject: Record) -> str | None:
    """Why a zone or a client must stay: a car stands there."""
    columns: dict[type[Record], Any] = {Zone: Pass.zone_id, Customer: Pass.customer_id}
    column = columns.get(type(subject))
    if column is None:
        return None
    with session.unlimited("whether a car stands there"):
        stands = session.scalar(select(exists().where(column == subject.id, Pass.state == INSIDE.code)))
    return T("A car stands on the parking with it.") if stands else None
