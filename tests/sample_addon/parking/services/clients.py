"""What parking adds to the clients and cars of contacts: who stands here, and whose place is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, bindparam, exists, func, literal_column, select

from addons.contacts.models import Customer, InboundContact, Vehicle
from addons.contacts.services.portrait import ClientBadge
from core import (
    Action,
    Choice,
    Column,
    ConditionFilter,
    Field,
    Filter,
    FormSection,
    Grouping,
    InLanguage,
    Panel,
    Read,
    Record,
    Strip,
    T,
    Viewer,
    WorkSession,
)
from parking.models import KeptPlace, Pass, Zone
from parking.services.states import INSIDE, LEFT, STATE

CLIENTS, VEHICLES, WORKSHEETS, PASSES = "contacts.clients", "contacts.vehicles", "sales.worksheets", "parking.passes"
READ = "parking.pass.read"
SHOWN = 10


def columns(screen_key: str) -> list[Column] | None:
    """The cars of a client that stand here; where a car stands."""
    if screen_key == CLIENTS:
        return [Column("parked", label=T("On the parking"), fetch=plates_inside, order=65, right=READ)]
    if screen_key == VEHICLES:
        return [Column("parked", label=T("On the parking"), kind="moment", fetch=inside_since, order=45, right=READ)]
    return None


def plates_inside(session: WorkSession, ids: Sequence[int]) -> Mapping[int, str]:
    """The plates on the parking, for a page of clients in one query."""
    rows = select(Pass.customer_id, Pass.plate).where(Pass.customer_id.in_(ids), Pass.state == INSIDE.code)
    found: dict[int, list[str]] = {}
    for customer_id, plate in session.execute(rows.order_by(Pass.id)):
        found.setdefault(customer_id or 0, []).append(plate)
    return {customer_id: ", ".join(plates) for customer_id, plates in found.items()}


def inside_since(session: WorkSession, ids: Sequence[int]) -> Mapping[int, Any]:
    """Since when each car of a page stands here, in one query."""
    here = (Vehicle.id.in_(ids), Vehicle.plate != "", Pass.state == INSIDE.code)
    rows = select(Vehicle.id, func.max(Pass.entered_at)).join(Pass, Pass.plate == Vehicle.plate).where(*here)
    return dict(session.execute(rows.group_by(Vehicle.id)).all())


def filters(screen_key: str) -> list[Filter] | None:
    """Clients who are here by car."""
    if screen_key != CLIENTS:
        return None
    choices = (Choice("yes", T("with a car here")), Choice("no", T("without a car here")))
    return [ConditionFilter("parked", T("On the parking"), _is_here, choices, right=READ, order=210)]


def _is_here(_viewer: Viewer, value: str) -> ColumnElement[bool]:
    here = exists().where(Pass.customer_id == Customer.id, Pass.state == INSIDE.code)
    return here if value == "yes" else ~here


def groupings(screen_key: str) -> list[Grouping] | None:
    """Clients by the zone where their car stands."""
    if screen_key != CLIENTS:
        return None
    zone = (
        select(func.max(Pass.zone_id))
        .where(Pass.customer_id == Customer.id, Pass.state == literal_column(f"'{INSIDE.code}'"))
        .correlate(Customer)
        .scalar_subquery()
    )
    return [Grouping("zone", T("Parking zone"), zone, words=_zones, empty=T("without a car here"), right=READ)]


def _zones(viewer: Viewer) -> Mapping[Any, str]:
    title = ZONE_TITLE.ru if viewer.language == "ru" else ZONE_TITLE.en
    return dict(viewer.session.execute(select(Zone.id, title)).all())


def strips(screen_key: str) -> list[Strip] | None:
    """How many of the clients of a list are here by car."""
    return [Strip("parking/strip_here.html", _count_here, right=READ)] if screen_key == CLIENTS else None


def _count_here(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    here = exists().where(Pass.customer_id == Customer.id, Pass.state == INSIDE.code)
    return {"here": viewer.session.scalar(select(func.count(Customer.id)).where(*conditions, here))}


def form_sections(screen_key: str) -> list[FormSection] | None:
    """The place that is kept for a client, inside his form."""
    if screen_key != CLIENTS:
        return None
    fields = (Field("place", T("Place kept for him"), hint=T("As it is painted on the ground: B-12.")),)
    return [FormSection("parking", T("Parking"), fields, _load_place, _save_place, right="parking.pass.create")]


def _load_place(session: WorkSession, customer: Customer | None) -> Mapping[str, Any]:
    kept = session.get(KeptPlace, customer.id) if customer is not None else None
    return {"place": kept.place} if kept is not None else {}


def _save_place(session: WorkSession, customer: Customer, values: Mapping[str, Any]) -> None:
    kept = session.get(KeptPlace, customer.id)
    if kept is None:
        if not values.get("place"):
            return
        kept = KeptPlace(id=customer.id)
        session.add(kept)
    kept.place = values.get("place") or ""


def panels(session: WorkSession, screen_key: str, subject: Record) -> list[Panel] | None:
    """The stays of a client, of a car and of a buyer; the steps of a pass on its own card."""
    if isinstance(subject, Pass):
        load = {"parking_pass": subject, "state": STATE[subject.state], "zone": session.get(Zone, subject.zone_id or 0)}
        return [Panel("gate", T("At the gate"), "parking/panel_gate.html", lambda: load, order=5, place="before")]
    if screen_key == CLIENTS:
        return [_stays("side", _OF_CLIENT, {"customer": subject.id})]
    if screen_key == VEHICLES and getattr(subject, "plate", None):
        return [_stays("main", _OF_PLATE, {"plate": getattr(subject, "plate", "")})]
    if screen_key == WORKSHEETS and getattr(subject, "customer_id", None):
        return [_stays("side", _OF_CLIENT, {"customer": getattr(subject, "customer_id", 0)})]
    return None


def _stays(place: str, statement: Any, values: Mapping[str, Any]) -> Panel:
    reads = {"stays": Read(statement, values)}
    return Panel("stays", T("Parking"), "parking/panel_stays.html", _told, 70, place, READ, reads)


def _told(stays: Sequence[Any]) -> Mapping[str, Any] | None:
    return {"stays": stays, "states": STATE} if stays else None


def actions(screen_key: str) -> list[Action] | None:
    """A pass for a client who is coming, from his card."""
    if screen_key != CLIENTS:
        return None
    return [Action("pass", T("Order a pass"), "parking.order", right="parking.pass.create", icon="parking", post=True)]


def portrait(customer_id: int) -> list[Panel]:
    """The stays of the client one talks with."""
    return [_stays("main", _OF_CLIENT, {"customer": customer_id})]


def of_contact(contact: InboundContact) -> list[Panel]:
    """The pass that a contact became, with its car: the number alone does not say whom the gate waits for."""
    return [_stays("main", _OF_DOCUMENT, {"document": contact.document_id})] if contact.document_id else []


def badges(customer_id: int) -> list[ClientBadge]:
    """Whether he is here by car: a fact for everybody who talks with him."""
    here = Read(_HERE, {"customer": customer_id}, everything=True)
    return [ClientBadge(T("His car is on the parking"), here, "ok", "parking")]


def finished_business(customer_id: int) -> Read:
    """Reads whether this client has ever paid for a stay."""
    return Read(_PAID, {"customer": customer_id}, everything=True)


# The statements of cards, made once and run with other values.
_CUSTOMER = Pass.customer_id == bindparam("customer", type_=BigInteger)
_STAYS = (
    select(
        Pass.id,
        Pass.number,
        Pass.state,
        Pass.plate,
        Pass.car,
        Pass.entered_at,
        Pass.left_at,
        Zone.title_ru,
        Zone.title_en,
    )
    .outerjoin(Zone, Zone.id == Pass.zone_id)
    .order_by(Pass.id.desc())
    .limit(literal_column(str(SHOWN)))
)
_OF_CLIENT = _STAYS.where(_CUSTOMER)
_OF_PLATE = _STAYS.where(Pass.plate == bindparam("plate", type_=String))
_OF_DOCUMENT = _STAYS.where(Pass.id == bindparam("document", type_=BigInteger))
_HERE = select(func.count(Pass.id)).where(_CUSTOMER, Pass.state == INSIDE.code)
_PAID = select(Pass.id).where(_CUSTOMER, Pass.state == LEFT.code, Pass.price > 0).limit(literal_column("1"))
ZONE_TITLE = InLanguage(Zone.title_ru, Zone.title_en)
