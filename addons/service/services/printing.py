"""What stands on the papers of the workshop: the request, the repair order, the statement of work, the booking.

Papers of accounting are in Russian in whatever language the program is read: the primary document keeps to the fields
of 402-FZ, art. 9, the order to the rules of car service (Decree 290 of 11.04.2001, item 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from sqlalchemy import select

from addons.contacts.models import Document, Vehicle
from addons.contacts.services.customers import phones_of
from addons.contacts.services.identifying import client_of
from addons.service.models import Booking, CarVisit, Recommendation, RepairOrder, VatRate
from addons.service.services import booked_jobs, concerns, order_lines
from addons.service.services.amounts import THOUSAND, WHOLE
from addons.service.services.in_words import money_in_words
from addons.service.services.vocabulary import URGENCIES
from core import (
    Branch,
    Setting,
    T,
    WorkSession,
    calendar_of,
    format_phone,
    format_plate,
    get_record,
    names_of,
    settings,
)

_GROUP = T("Requisites on papers")
ORGANISATION = Setting(
    "service.organisation", str, "", T("Organisation"), _GROUP, T("As in its charter."), maximum=160, per_branch=True
)
INN = Setting("service.inn", str, "", T("Taxpayer number (INN)"), _GROUP, maximum=12, per_branch=True)
ADDRESS = Setting("service.address", str, "", T("Address"), _GROUP, maximum=200, per_branch=True)
PHONE = Setting("service.phone", str, "", T("Phone"), _GROUP, maximum=40, per_branch=True)
SETTINGS: tuple[Setting[str], ...] = (ORGANISATION, INN, ADDRESS, PHONE)


@dataclass(frozen=True, slots=True)
class Paper:
    """A print form and the states in which an order has it."""

    code: str
    title: str
    states: tuple[str, ...]


PAPERS = (
    Paper("request", T("Repair request"), ("draft", "agreed")),
    Paper("order", T("Repair order"), ("agreed", "in_work", "done", "closed")),
    Paper("act", T("Statement of work done"), ("done", "closed")),
)
"""The papers of a repair order, in the order of its life."""


@dataclass(frozen=True, slots=True)
class Requisites:
    """Whose paper it is: the branch and the organisation behind it."""

    branch: str
    organisation: str
    inn: str
    address: str
    phone: str


@dataclass(frozen=True, slots=True)
class VatSum:
    """The VAT of one rate: «НДС 22 %» has an amount, be it 0 at 0 %; «Без НДС» has none (Tax Code, art. 149, 164)."""

    title_ru: str
    title_en: str
    exempt: bool
    total: int
    amount: int


class Writing:
    """How numbers and moments are written on paper, in the zone of the workshop."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def money(self, kopecks: int) -> str:
        """«18 100,00»."""
        return str(format_decimal(kopecks / 100, "#,##0.00", locale="ru"))

    def quantity(self, thousandths: int) -> str:
        """«1,5»."""
        return str(format_decimal(thousandths / THOUSAND, "#,##0.###", locale="ru"))

    def percent(self, hundredths: int) -> str:
        """«12,5 %»; nothing for no discount."""
        return f"{format_decimal(hundredths * 100 / WHOLE, '0.##', locale='ru')} %" if hundredths else ""

    def number(self, value: int) -> str:
        """«91 240»."""
        return str(format_decimal(value, "#,##0", locale="ru"))

    def day(self, moment: datetime) -> str:
        """«20 ноября 2026 г.»."""
        return str(format_date(moment.astimezone(self._zone).date(), "d MMMM y 'г.'", locale="ru"))

    def time(self, moment: datetime) -> str:
        """«20.11.2026 13:20»."""
        return f"{moment.astimezone(self._zone):%d.%m.%Y %H:%M}"


def papers_of(order: RepairOrder) -> list[Paper]:
    """The papers an order has as it stands; those of another program's orders were printed there."""
    if order.external_id is not None:
        return []
    return [paper for paper in PAPERS if order.state in paper.states]


def vat_of(lines: Sequence[Any], rates: Iterable[Any]) -> list[VatSum]:
    """The VAT among the lines, rate by rate: «Без НДС» is another thing than 0 %.

    :param rates: rows of the directory, in its order.
    """
    used = {line.vat_rate_id for line in lines}
    return [
        _vat_sum(rate, [line for line in lines if line.vat_rate_id == rate.id]) for rate in rates if rate.id in used
    ]


def _vat_sum(rate: Any, lines: Sequence[Any]) -> VatSum:
    total, amount = sum(line.total for line in lines), sum(line.vat_amount for line in lines)
    return VatSum(rate.title_ru, rate.title_en, rate.exempt, total, amount)


def order_paper(session: WorkSession, order: RepairOrder) -> dict[str, Any]:
    """What every paper of a repair order is filled with."""
    lines = order_lines.lines_of(session, order)
    visit = get_record(session, CarVisit, order.visit_id) if order.visit_id is not None else None
    return {
        **_frame(session, order),
        "visit": visit,
        "lines": lines,
        "sums": order_lines.sums_of(lines),
        "vat": vat_of(lines, session.scalars(select(VatRate).order_by(VatRate.position, VatRate.id)).all()),
        "in_words": money_in_words(order.total),
        "concerns": concerns.concerns_of(session, order),
        "recommendations": session.scalars(
            select(Recommendation).where(Recommendation.order_id == order.id).order_by(Recommendation.id)
        ).all(),
        "urgencies": URGENCIES,
        "people": names_of(session, [order.adviser_id, *(line.mechanic_id for line in lines)]),
    }


def booking_paper(session: WorkSession, booking: Booking) -> dict[str, Any]:
    """What the paper of a booking is filled with: what its client takes home."""
    return {
        **_frame(session, booking),
        "jobs": booked_jobs.planned(session, booking),
        "people": names_of(session, [booking.adviser_id]),
    }


def _frame(session: WorkSession, record: Booking | RepairOrder) -> dict[str, Any]:
    """The client, his car, the organisation: the head of every paper."""
    customer = client_of(session, record.customer_id)
    document = get_record(session, Document, record.id)
    phones = [phone.e164 for phone in phones_of(session, customer.id)] if customer is not None else []
    called = document.customer_text if document is not None else ""
    current = document is None or document.open  # what is over stays as it was printed then
    own = record.phone if isinstance(record, Booking) else ""
    return {
        "client": customer.name if customer is not None and current else called,
        "phones": [format_phone(number) for number in ([own] if own else phones[:2])],
        "vehicle": get_record(session, Vehicle, record.vehicle_id) if record.vehicle_id is not None else None,
        "plate": _plate,
        "at": document.at if document is not None else record.state_since,
        "requisites": requisites_of(session, record.branch_id),
        "write": Writing(calendar_of(session, record.department_id).zone),
    }


def requisites_of(session: WorkSession, branch_id: int) -> Requisites:
    """The organisation of a branch, as the administrator has written it into the settings."""
    branch = session.get_one(Branch, branch_id)
    values = settings.read_all(session, SETTINGS, branch_id)
    return Requisites(branch.title_ru, *(values[setting.name] for setting in SETTINGS))


def _plate(key: str) -> str:
    return " ".join(format_plate(key)).strip()
