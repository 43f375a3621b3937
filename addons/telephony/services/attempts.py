"""Calls of ours that clients have not answered: telephony's answer to whoever's rules ask for them (S4-82)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from addons.contacts.models import CustomerPhone
from addons.telephony.models import Call
from addons.telephony.services.vocabulary import OUT, UNANSWERED_BY_CLIENT
from core import WorkSession


def call_attempts(
    session: WorkSession, customer_id: int | None, phone: str, since: datetime
) -> Sequence[datetime] | None:
    """When this client, or this number, was called in vain."""
    his = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer_id)
    numbers: list[ColumnElement[bool]] = [Call.phone.in_(his)] if customer_id is not None else []
    if phone:
        numbers.append(Call.phone == phone)
    if not numbers:
        return None
    made = (Call.direction == OUT, Call.disposition.in_(UNANSWERED_BY_CLIENT), Call.started_at >= since)
    with session.unlimited("calls to a client"):
        return session.scalars(select(Call.started_at).where(or_(*numbers), *made).order_by(Call.started_at)).all()
