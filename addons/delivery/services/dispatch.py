"""The delivery desk's decisions: who drives what, through which zone, in which order; and what a courier brings (S4-18, S4-66)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, select

from addons.contacts.models import CustomerPhone
from addons.delivery.models import AddressPart, DeliveryOrder, OrderLine, Zone
from addons.delivery.services import payments, splitting
from addons.delivery.services.orders import brought_by_us, by_our_courier, locked_order, note_way, told
from addons.delivery.services.splitting import Shown
from addons.delivery.services.statuses import CANCELLED, DONE, in_groups
from addons.delivery.services.vocabulary import NOT_TO_COURIER
from core import (
    Conflict,
    Invalid,
    Read,
    Role,
    T,
    User,
    UserRole,
    WorkSession,
    colleagues,
    kept,
    name_of,
    names_of,
    shown_name,
)

COURIER = "courier"
"""The role of who can be given orders to bring."""
MOST = 200
"""Stops of a sheet: nobody drives to more in a day."""
_ON = T("This order is closed.")
_NOT_OURS = T("Our couriers do not bring this order: its client collects it, or another carrier has it.")


def couriers(session: WorkSession) -> dict[int, str]:
    """Who can be given orders to bring, by name."""
    names = names_of(session, colleagues(session, role=COURIER))
    return dict(sorted(names.items(), key=lambda each: each[1]))


def give(session: WorkSession, order: DeliveryOrder, values: Mapping[str, Any]) -> DeliveryOrder:
    """An order to a courier, who finds it on his sheet; to nobody where none is named.

    :raises Invalid: for who is no courier.
    :raises Conflict: for an order that is done or cancelled, or that our couriers do not bring.
    """
    order = _open(session, order.id)
    courier_id = values.get("courier_id")
    if courier_id is not None and not brought_by_us(order):
        raise Conflict(_NOT_OURS)
    if courier_id is not None and courier_id != order.courier_id and not _is_courier(session, courier_id):
        raise Invalid({"courier_id": [T("Choose one of the list.")]})
    if courier_id != order.courier_id:
        order.courier_id, order.route_position = courier_id, 0
        note_way(session, order, T("Courier: %(name)s"), {"name": name_of(session, courier_id) or "—"})
    return _changed(session, order)


def _is_courier(session: WorkSession, user_id: int) -> bool:
    drives = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(Role.code == COURIER)
    return session.scalar(select(User.id).where(User.id == user_id, User.active, User.id.in_(drives))) is not None


def set_zone(session: WorkSession, order: DeliveryOrder, values: Mapping[str, Any]) -> DeliveryOrder:
    """The zone that an order is in; none where none is named.

    :raises Invalid: for a zone that is not in use.
    :raises Conflict: for an order that is done or cancelled.
    """
    order = _open(session, order.id)
    zone = session.get(Zone, values["zone_id"]) if values.get("zone_id") is not None else None
    if values.get("zone_id") is not None and (zone is None or not (zone.active or zone.id == order.zone_id)):
        raise Invalid({"zone_id": [T("Choose one of the list.")]})
    if order.zone_id != (zone.id if zone is not None else None):
        order.zone_id = zone.id if zone is not None else None
        note_way(session, order, T("Zone: %(zone)s"), {"zone": zone.title if zone is not None else "—"})
    return _changed(session, order)


def move_stop(session: WorkSession, order_id: int, *, earlier: bool) -> DeliveryOrder:
    """A stop one place earlier or later on its courier's sheet; at an end it stays where it is."""
    order = locked_order(session, order_id, "plan")
    if order.courier_id is None or order.delivery_on is None:
        raise Conflict("No courier drives this order.")
    stops = list(session.scalars(_stops(session, order.courier_id, order.delivery_on)))
    at = stops.index(order) if order in stops else -1
    other = at - 1 if earlier else at + 1
    if at >= 0 and 0 <= other < len(stops):
        stops[at], stops[other] = stops[other], stops[at]
    for position, stop in enumerate(stops, start=1):
        stop.route_position = position
    return _changed(session, order)


def _open(session: WorkSession, order_id: int) -> DeliveryOrder:
    order = locked_order(session, order_id, "plan")
    if order.status in in_groups(session.hooks, DONE, CANCELLED):
        raise Conflict(_ON)
    return order


def _changed(session: WorkSession, order: DeliveryOrder) -> DeliveryOrder:
    session.flush()
    told(session, order)
    return order


# --- the courier's sheet ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """One order on a courier's sheet with all that he needs there; ``zone`` is its title, ``owed`` in kopecks."""

    order: DeliveryOrder
    lines: Sequence[OrderLine]
    parts: Sequence[Shown]
    phones: Sequence[str]
    zone: str = ""

    @property
    def owed(self) -> int:
        """What he has to take from the client."""
        return payments.to_collect(self.order, self.lines)

    @property
    def passes_by(self) -> bool:
        """Whether it is paid in a way that has nothing to do with the courier."""
        return self.order.payment_method in NOT_TO_COURIER

    @property
    def stale(self) -> bool:
        """Whether the fields of the address are of an earlier one (S4-54)."""
        return splitting.stale(self.order, self.parts)

    @property
    def done(self) -> bool:
        """Whether every line was delivered or brought back."""
        return bool(self.lines) and all(line.delivered + line.returned >= line.quantity for line in self.lines)


def route_of(session: WorkSession, courier_id: int, day: date) -> list[Stop]:
    """The stops of a courier's day in their order: as the desk has put them, else by their intervals."""
    orders = list(session.scalars(_stops(session, courier_id, day)))
    ids = [order.id for order in orders]
    lines: dict[int, list[OrderLine]] = {}
    wanted = select(OrderLine).where(OrderLine.order_id.in_(ids)).order_by(OrderLine.position, OrderLine.id)
    for line in session.scalars(wanted):
        lines.setdefault(line.order_id, []).append(line)
    parts: dict[int, dict[str, Any]] = {}
    for part in session.execute(_PARTS.where(AddressPart.order_id.in_(ids))):
        parts.setdefault(part.order_id, {})[part.name] = part
    zones = {zone.id: zone.title for zone in session.scalars(select(Zone))} if orders else {}
    phones = _phones(session, [order.customer_id for order in orders if order.customer_id is not None])
    return [
        Stop(
            order,
            lines.get(order.id, []),
            splitting.shown(parts.get(order.id, {})),
            list(dict.fromkeys(filter(None, (order.phone, *phones.get(order.customer_id or 0, ()))))),
            zones.get(order.zone_id or 0, ""),
        )
        for order in orders
    ]


def _stops(session: WorkSession, courier_id: int, day: date) -> Select[DeliveryOrder]:
    mine = (DeliveryOrder.courier_id == courier_id, DeliveryOrder.delivery_on == day, by_our_courier)
    shown = select(DeliveryOrder).where(*mine, DeliveryOrder.status.not_in(in_groups(session.hooks, CANCELLED)))
    # What nobody has put anywhere yet comes after what somebody has.
    unplaced = DeliveryOrder.route_position == 0
    order = (unplaced, DeliveryOrder.route_position, DeliveryOrder.window, DeliveryOrder.id)
    return shown.order_by(*order).limit(MOST)


def _phones(session: WorkSession, customer_ids: Sequence[int]) -> dict[int, list[str]]:
    """The clients' numbers. Whoever brings an order has to be able to ring, though he may see no directory of clients."""
    found: dict[int, list[str]] = {}
    if customer_ids:
        for row in kept.read(session, Read(_PHONES, {"customers": list(customer_ids)}, everything=True)):
            found.setdefault(row.customer_id, []).append(row.e164)
    return found


_PHONES: Select[*tuple[Any, ...]] = (
    select(CustomerPhone.customer_id, CustomerPhone.e164)
    .where(CustomerPhone.customer_id.in_(bindparam("customers", expanding=True)))
    .order_by(CustomerPhone.position, CustomerPhone.id)
)
_PARTS: Select[*tuple[Any, ...]] = select(
    AddressPart.order_id,
    AddressPart.name,
    AddressPart.value,
    AddressPart.words,
    AddressPart.origin,
    AddressPart.confirmed_at,
    shown_name.label("checked_by"),
).outerjoin(User, User.id == AddressPart.confirmed_by_id)
