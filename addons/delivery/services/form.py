"""What the generated form of an order is filled with, and saving what it sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from addons.contacts.models import Document, InboundContact
from addons.contacts.services.handling import create_document, get_contact
from addons.delivery.models import DeliveryOrder
from addons.delivery.services import orders
from addons.delivery.services.orders import FIELDS, THING, NewOrder
from core import WorkSession


def begin(session: WorkSession, contact_id: int) -> Mapping[str, Any]:
    """Everything the contact knows."""
    new = orders.from_contact(get_contact(session, contact_id), session.access.user_id)
    return {name: getattr(new, name) for name in FIELDS if name not in orders.AT_PLACE}


def create(session: WorkSession, values: dict[str, Any]) -> DeliveryOrder:
    """An order made by hand; its author is responsible unless somebody else is named."""
    departments = sorted(session.access.department_ids)
    place = {"department_id": departments[0] if departments else None}
    return orders.get_order(session, orders.create_order(session, _new(session, {**values, **place})).id)


def create_from(session: WorkSession, contact_id: int, values: dict[str, Any]) -> DeliveryOrder:
    """An order a contact turns into, in one transaction with the contact."""

    def make(session: WorkSession, contact: InboundContact) -> Document:
        place = {"department_id": contact.department_id, "branch_id": contact.branch_id}
        return orders.create_order(session, _new(session, {**values, **place}))

    return orders.get_order(session, create_document(session, contact_id, THING, make).id)


def change(session: WorkSession, order: DeliveryOrder, values: dict[str, Any]) -> None:
    """The changed fields."""
    orders.change_order(session, order, values)


def _new(session: WorkSession, values: Mapping[str, Any]) -> NewOrder:
    known = {name: orders.plain(name, value) for name, value in values.items() if name in FIELDS}
    return NewOrder(**{**known, "responsible_id": known.get("responsible_id") or session.access.user_id})
