"""Reading the directories: reasons, sources, makes and models."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from addons.contacts.models import LeadSource, Make, RequestReason, VehicleModel
from core.db.engine import WorkSession
from core.text.folding import terms

SHOWN = 12


def request_reasons(session: WorkSession) -> list[RequestReason]:
    """«Причины обращения» that can be chosen (S1-73)."""
    statement = select(RequestReason).where(RequestReason.active)
    return list(session.scalars(statement.order_by(RequestReason.position, RequestReason.id)))


def lead_sources(session: WorkSession) -> list[LeadSource]:
    """The advertising channels that can be chosen."""
    statement = select(LeadSource).where(LeadSource.active)
    return list(session.scalars(statement.order_by(LeadSource.position, LeadSource.id)))


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


def _named(key: InstrumentedAttribute[str], query: str) -> ColumnElement[bool]:
    """Directories are short, so a plain substring test of their folded keys is quick enough."""
    words = terms(query)
    return and_(True, *(or_(*(key.contains(reading, autoescape=True) for reading in word)) for word in words))
