"""Who gets in touch: the clients whose number this is, and what they came with before (S2-08, S2-24, S2-25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, bindparam, literal_column, or_, select

from addons.contacts.models import ContactGoal, Customer, CustomerPhone, InboundContact
from addons.contacts.services.goals import GOAL_TITLE
from addons.contacts.services.lookup import LOOKUP
from addons.contacts.services.states import REAL
from core import Department, Read, User, WorkSession, kept, parse_phone

SHOWN = 6


@dataclass(frozen=True, slots=True)
class KnownCaller:
    """A client who has the number that is being written down."""

    id: int
    name: str


def clients_with(session: WorkSession, raw: str) -> list[KnownCaller]:
    """The clients who have this very number, who was in touch last first; none for what is no number."""
    phone = parse_phone(raw)
    if phone is None:
        return []
    return [KnownCaller(*row) for row in kept.read(session, Read(_OWNERS, {"e164": phone.e164}, LOOKUP))]


_OWNERS = (
    select(Customer.id, Customer.name)
    .where(
        Customer.merged_into_id.is_(None),
        Customer.id.in_(select(CustomerPhone.customer_id).where(CustomerPhone.e164 == bindparam("e164", type_=String))),
    )
    .order_by(Customer.last_contact_at.desc().nulls_last(), Customer.name, Customer.id)
    .limit(literal_column(str(SHOWN)))
)


@dataclass(frozen=True, slots=True)
class EarlierContact:
    """A contact that a new one may follow."""

    id: int
    number: str
    at: datetime
    channel: str
    goal_ru: str
    goal_en: str
    responsible_id: int | None
    responsible: str


def earlier_contacts(session: WorkSession, customer_id: int | None, raw_phone: str) -> list[EarlierContact]:
    """What can be the «Звонок-основание»: contacts of this client or of this number, the newest first (S2-24)."""
    phone = parse_phone(raw_phone)
    of_whom = [InboundContact.customer_id == customer_id] if customer_id is not None else []
    if phone is not None:
        of_whom.append(InboundContact.phone == phone.e164)
    if not of_whom:
        return []
    statement = (
        select(
            InboundContact.id,
            InboundContact.number,
            InboundContact.at,
            InboundContact.channel,
            *GOAL_TITLE,
            InboundContact.responsible_id,
            User.full_name,
        )
        .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
        .join(Department, Department.id == InboundContact.department_id)
        .outerjoin(User, User.id == InboundContact.responsible_id)
        .where(or_(*of_whom), REAL)
        .order_by(InboundContact.at.desc(), InboundContact.id.desc())
        .limit(SHOWN)
    )
    return [EarlierContact(*row[:-1], row[-1] or "") for row in session.execute(statement)]
