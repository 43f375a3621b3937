"""Car visits: one stay of one car."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from addons.service.models.shared import one_of
from addons.service.services.states import VISIT
from core import Record, RowRule


class CarVisit(Record):
    """«Машинозаезд»: the folder of one stay of one car, from reception to hand-over (S0-38..42).

    ``mileage`` is what the odometer showed at reception, in km. ``checked`` are the codes of what was ticked at
    the hand-over.
    """

    __tablename__ = "service_visit"
    __row_rule__ = RowRule(
        "service.visit.read",
        own=("adviser_id", "created_by_id"),
        department="department_id",
        branch="branch_id",
    )

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_document.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(30), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime]
    booking_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_booking.id"), unique=True)
    customer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)
    vehicle_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id"), index=True)
    mileage: Mapped[int] = mapped_column(Integer)
    arrived_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    adviser_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    reason: Mapped[str] = mapped_column(String(300), default="")
    condition: Mapped[str] = mapped_column(Text, default="")
    belongings: Mapped[str] = mapped_column(String(300), default="")
    keys_taken: Mapped[int] = mapped_column(Integer, default=1)
    papers_taken: Mapped[str] = mapped_column(String(200), default="")
    fuel: Mapped[str] = mapped_column(String(10), default="")
    checked: Mapped[list[Any]] = mapped_column(JSON, default=list)
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_branch.id"))


Index("ix_service_visit_arrived", CarVisit.arrived_at, CarVisit.id)
OPEN_VISIT = one_of(CarVisit.state, VISIT.open)
"""That a car is still here: a handful of hundreds of thousands, in an index of their own."""
Index("ix_service_visit_open", CarVisit.promised_at, CarVisit.id, sqlite_where=OPEN_VISIT, postgresql_where=OPEN_VISIT)
