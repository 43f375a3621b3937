"""Who may stand here, and what is known of a client's habits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Money, Record, RowRule


class Pass(Record):
    """One stay on the parking, from its permission to the way out.

    Its head row in the documents journal has the same id. ``plate`` is a normalised key, ``price`` in kopecks;
    ``host_id`` is the colleague whom the guest visits.
    """

    __tablename__ = "parking_pass"
    __row_rule__ = RowRule(
        "parking.pass.read", own=("host_id", "created_by_id"), department="department_id", branch="branch_id"
    )

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_document.id"), primary_key=True, autoincrement=False
    )
    number: Mapped[str] = mapped_column(String(30), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    plate: Mapped[str] = mapped_column(String(16), default="")
    car: Mapped[str] = mapped_column(String(120), default="")
    customer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_customer.id"), index=True)
    customer_text: Mapped[str] = mapped_column(String(260), default="")
    host_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    zone_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("parking_zone.id"))
    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    valid_until: Mapped[datetime]
    entered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    price: Mapped[int | None] = mapped_column(Money)


class KeptPlace(Record):
    """The place that is kept for a client, beside his card in contacts: one row a client, gone with him."""

    __tablename__ = "parking_kept_place"

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_customer.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[str] = mapped_column(String(20), default="")


Index("ix_parking_pass_state", Pass.state, Pass.valid_until)
Index("ix_parking_pass_plate", Pass.plate)
