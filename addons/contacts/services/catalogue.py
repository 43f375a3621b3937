"""Reading the directories: reasons, sources, makes and models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from addons.contacts.models import LeadSource, Make, RequestReason, VehicleModel
from core import Read, WorkSession, parse_phone, search_key, terms

SHOWN = 12
Named = TypeVar("Named", Make, VehicleModel)


def request_reasons(session: WorkSession, chosen: Collection[int] = ()) -> list[RequestReason]:
    """«Причины обращения» that can be chosen, and those that were (S1-73)."""
    statement = select(RequestReason).where(RequestReason.active | RequestReason.id.in_(chosen))
    return list(session.scalars(statement.order_by(RequestReason.position, RequestReason.id)))


def reasons_read() -> Read:
    """Reads the reasons that can be chosen: id and titles."""
    return Read(_REASONS)


def sources_read() -> Read:
    """Reads the advertising channels that can be chosen: id and titles."""
    return Read(_SOURCES)


_REASONS: Select[*tuple[Any, ...]] = (
    select(RequestReason.id, RequestReason.title_ru, RequestReason.title_en)
    .where(RequestReason.active)
    .order_by(RequestReason.position, RequestReason.id)
)
_SOURCES: Select[*tuple[Any, ...]] = (
    select(LeadSource.id, LeadSource.title_ru, LeadSource.title_en)
    .where(LeadSource.active)
    .order_by(LeadSource.position, LeadSource.id)
)


def lead_sources(session: WorkSession, chosen: int | None = None) -> list[LeadSource]:
    """The advertising channels that can be chosen, and the one that was."""
    statement = select(LeadSource).where(LeadSource.active | (LeadSource.id == chosen))
    return list(session.scalars(statement.order_by(LeadSource.position, LeadSource.id)))


def source_of(session: WorkSession, called_line: str, utm_source: str, form_name: str = "") -> int | None:
    """The advertising channel behind the number that was dialled, the link that was followed or the form (S1-72)."""
    phone = parse_phone(called_line)
    lines = {called_line.strip(), phone.e164 if phone else ""} - {""}
    tests: list[ColumnElement[bool]] = [LeadSource.called_line.in_(sorted(lines))] if lines else []
    if utm_source.strip():
        tests.append(func.lower(LeadSource.utm_source) == utm_source.strip().lower())
    if form_name.strip():
        tests.append(func.lower(LeadSource.form_name) == form_name.strip().lower())
    if not tests:
        return None
    statement = select(LeadSource.id).where(LeadSource.active, or_(*tests))
    return session.scalars(statement.order_by(LeadSource.position, LeadSource.id).limit(1)).first()


def find_makes(session: WorkSession, query: str) -> list[Make]:
    """Makes whose name is meant, in either script and either layout; all of them for an empty query."""
    statement = select(Make).where(Make.active, _named(Make.search_key, query)).order_by(Make.name)
    return list(session.scalars(statement.limit(SHOWN)))


def find_models(session: WorkSession, query: str, make_id: int | None) -> list[VehicleModel]:
    """Models of a make, or of any make while none is chosen."""
    statement = select(VehicleModel).where(VehicleModel.active, _named(VehicleModel.search_key, query))
    if make_id is not None:
        statement = statement.where(VehicleModel.make_id == make_id)
    return list(session.scalars(statement.order_by(VehicleModel.name).limit(SHOWN)))


def make_meant(session: WorkSession, text: str) -> Make | None:
    """The one make that was typed without choosing it from the list; nothing when it may be another (S2-31)."""
    found = find_makes(session, text) if text.strip() else []
    return _meant(found, text)


def model_meant(session: WorkSession, text: str, make_id: int) -> VehicleModel | None:
    """The one model of a make that was typed without choosing it from the list."""
    found = find_models(session, text, make_id) if text.strip() else []
    return _meant(found, text)


def _meant(found: Sequence[Named], text: str) -> Named | None:
    """The only answer, or the one that is called just so."""
    key = search_key(text)
    exact = [each for each in found if key in (search_key(each.name), search_key(each.name_ru))]
    return next(iter(exact if len(exact) == 1 else found if len(found) == 1 else []), None)


def _named(key: InstrumentedAttribute[str], query: str) -> ColumnElement[bool]:
    """Directories are short, so a plain substring test of their folded keys is quick enough."""
    words = terms(query)
    return and_(True, *(or_(*(key.contains(reading, autoescape=True) for reading in word)) for word in words))
