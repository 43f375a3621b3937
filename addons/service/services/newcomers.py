"""A client, or a car, that nobody has written down before: what the booking, the contact and the form know of it.

Whoever receives a first-time client makes both records on the way, with what he said when he booked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from addons.contacts.models import InboundContact
from addons.contacts.services.handling import get_contact
from addons.contacts.services.identifying import names_in
from addons.contacts.services.vehicles import plate_text
from addons.service.models import Booking
from addons.service.services import visits
from addons.service.services.kinds import BOOKINGS
from core import WorkSession, format_phone, normalise_plate, number_of, parse_phone

_PLATE = re.compile(r"\b[A-ZА-Я]\s?\d{3}\s?[A-ZА-Я]{2}\s?\d{2,3}\b", re.IGNORECASE)


def client_to_make(session: WorkSession, typed: Mapping[str, str]) -> Mapping[str, Any]:
    """The names and the number of a client who is not found: as he was typed, else as the booking or the contact has him.

    :param typed: the form so far, with ``booking`` or ``contact`` for what it comes from.
    """
    known, written = _known(session, typed), typed.get("customer_id_text", "").strip()
    text = written or _called(known)
    number = parse_phone(written)
    names = names_in(text)
    if written and number is None and not any(names.values()):
        names = {**names, "last_name": written}
    phone = number.e164 if number is not None else known.phone if known is not None else ""
    return {**names, "numbers-phones": format_phone(phone) if phone else ""}


def car_to_make(session: WorkSession, typed: Mapping[str, str]) -> Mapping[str, Any]:
    """The owner, make, model and plate of a car that is not found; see :func:`client_to_make`."""
    known, written = _known(session, typed), typed.get("vehicle_id_text", "")
    plate = _PLATE.search(written) or _PLATE.search(known.vehicle_text if known is not None else "")
    return {
        "customer_id": number_of(typed.get("customer_id", "")),
        "make_id": known.make_id if known is not None else None,
        "model_id": known.model_id if known is not None else None,
        "plate": plate_text(normalise_plate(plate[0])) if plate is not None else "",
    }


def _known(session: WorkSession, typed: Mapping[str, str]) -> Booking | InboundContact | None:
    if (booking_id := number_of(typed.get("booking", ""))) is not None:
        return BOOKINGS.get(session, booking_id)
    if (contact_id := number_of(typed.get("contact", ""))) is None:
        return None
    contact = get_contact(session, contact_id)
    return visits.expected(session, contact.customer_id, contact.vehicle_id) or contact


def _called(known: Booking | InboundContact | None) -> str:
    if known is None:
        return ""
    return known.customer_text if isinstance(known, Booking) else known.client_text
