"""Bookings: a client's place in the plan of the workshop."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, BigId, Record, RowRule


class Booking(Record):
    """«Предварительная запись»: which car comes when, why, and who receives it (S0-35..37).

    Its head row in the documents journal has the same id. Without ``starts_at`` it waits in the unassigned queue.
    ``minutes`` is how long the work takes; ``phone`` is E.164.
    """

    __tablename__ = "service_booking"
    __row_rule__ = RowRule(
        "service.booking.read",
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
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)
    customer_text: Mapped[str] = mapped_column(String(260), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    vehicle_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_vehicle.id"), index=True)
    make_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_make.id"))
    model_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_model.id"))
    vehicle_text: Mapped[str] = mapped_column(String(160), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    wishes: Mapped[str] = mapped_column(Text, default="")
    bay_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_bay.id"))
    mechanic_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    adviser_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    minutes: Mapped[int] = mapped_column(Integer, default=60)
    rescheduled: Mapped[int] = mapped_column(Integer, default=0)
    """How often its time was changed."""
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    cancel_reason: Mapped[str] = mapped_column(String(300), default="")


class BookingJob(Base):
    """A job that is planned for a booking."""

    __tablename__ = "service_booking_job"

    booking_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("service_booking.id", ondelete="CASCADE"), primary_key=True
    )
    job_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("service_job.id"), primary_key=True)


class Hold(Base):
    """A quarter of an hour of a bay or of a person that a booking has taken.

    ``slot`` counts quarters since 1970 in UTC, so that a night in which clocks change has as many as it lasts. Of two
    bookings that want the same quarter at once, the unique keys let one have it, on both databases.
    """

    __tablename__ = "service_hold"
    __table_args__ = (UniqueConstraint("bay_id", "slot"), UniqueConstraint("user_id", "slot"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("service_booking.id", ondelete="CASCADE"), index=True
    )
    bay_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("service_bay.id"))
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    slot: Mapped[int] = mapped_column(Integer)


Index("ix_service_booking_bay", Booking.bay_id, Booking.starts_at)
Index("ix_service_booking_time", Booking.starts_at, Booking.id)
Index("ix_service_booking_plan", Booking.department_id, Booking.starts_at)
Index("ix_service_booking_adviser", Booking.adviser_id, Booking.state)
