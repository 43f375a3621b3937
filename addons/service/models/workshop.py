"""The workshop: where cars are worked on, by whom and when, what the work is called and what an hour of it costs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from addons.service.models.shared import whose
from core import Money, Record


class Bay(Record):
    """A place where one car is worked on at a time; ``kind`` says what it is fit for (:data:`BAY_KINDS`)."""

    __tablename__ = "service_bay"
    __table_args__ = (UniqueConstraint("department_id", "title"),)

    title: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20), default="lift")
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    mechanic_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    """Who usually works there."""
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Job(Record):
    """A kind of work with its norm: ``norm`` is in hundredths of a norm-hour, 150 is an hour and a half.

    ``bay_kind`` is the kind of bay it needs, empty for any. ``maintenance`` jobs answer the invitation to one.
    ``reason_id`` is what a client asks for who needs it: a booking made from his contact begins with it.
    """

    __tablename__ = "service_job"

    title_ru: Mapped[str] = mapped_column(String(120), unique=True)
    title_en: Mapped[str] = mapped_column(String(120))
    norm: Mapped[int] = mapped_column(Integer, default=100)
    bay_kind: Mapped[str] = mapped_column(String(20), default="")
    maintenance: Mapped[bool] = mapped_column(Boolean, default=False)
    reason_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_request_reason.id"))
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class LabourRate(Record):
    """What a norm-hour costs, in kopecks: for everybody, or for one department or one who pays (``pay_type``).

    ``whose`` follows the two; a row that no session writes is one for everybody.
    """

    __tablename__ = "service_labour_rate"

    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    pay_type: Mapped[str] = mapped_column(String(20), default="")
    hourly: Mapped[int] = mapped_column(Money)
    whose: Mapped[str] = mapped_column(String(60), default=whose(None, None), unique=True)

    @validates("department_id", "pay_type")
    def _follow(self, name: str, value: int | str | None) -> int | str | None:
        parts: dict[str, int | str | None] = {
            "department_id": self.department_id,
            "pay_type": self.pay_type,
            name: value,
        }
        self.whose = whose(*parts.values())
        return value


class VatRate(Record):
    """A rate of VAT as data, for it changes by law: ``rate`` is in hundredths of a percent, 2200 is 22 %.

    ``exempt`` is «Без НДС», which is another thing than 0 %. ``since`` is the first day it may be used.
    """

    __tablename__ = "service_vat_rate"

    title_ru: Mapped[str] = mapped_column(String(60), unique=True)
    title_en: Mapped[str] = mapped_column(String(60))
    rate: Mapped[int] = mapped_column(Integer)
    exempt: Mapped[bool] = mapped_column(Boolean, default=False)
    usual: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Employee(Record):
    """A colleague as the workshop sees him: he receives cars (``adviser``), repairs them (``mechanic``), or both."""

    __tablename__ = "service_employee"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), unique=True)
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"), index=True)
    adviser: Mapped[bool] = mapped_column(Boolean, default=False)
    mechanic: Mapped[bool] = mapped_column(Boolean, default=False)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Shift(Record):
    """When a colleague works. Whoever has a shift within four weeks is there in his shifts only.

    One whose shifts nobody writes down works as long as his department is open.
    """

    __tablename__ = "service_shift"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class Absence(Record):
    """Days on which a colleague is not there: both days count, in the zone of his branch."""

    __tablename__ = "service_absence"

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(20), default="leave")
    note: Mapped[str] = mapped_column(String(200), default="")


class MaintenanceRule(Record):
    """How often a car is due for maintenance: after so many months or kilometres, whichever is first.

    Without a model it holds for every model of the make, without a make for every car. ``whose`` follows the two; a row
    that no session writes is one for every car.
    """

    __tablename__ = "service_maintenance_rule"

    make_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_make.id"))
    model_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_model.id"))
    months: Mapped[int] = mapped_column(Integer, default=12)
    kilometres: Mapped[int] = mapped_column(Integer, default=15000)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    whose: Mapped[str] = mapped_column(String(60), default=whose(None, None), unique=True)

    @validates("make_id", "model_id")
    def _follow(self, name: str, value: int | None) -> int | None:
        parts = {"make_id": self.make_id, "model_id": self.model_id, name: value}
        self.whose = whose(*parts.values())
        return value


class MaintenancePlan(Record):
    """When a car is due for maintenance, as far as is known, and whether its client wants to be told.

    The key is the car's own number. ``invited_for`` is the day for which somebody was asked to call.
    """

    __tablename__ = "service_maintenance_plan"

    id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_vehicle.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    invite: Mapped[bool] = mapped_column(Boolean, default=True)
    due_on: Mapped[date | None] = mapped_column(Date, index=True)
    invited_for: Mapped[date | None] = mapped_column(Date)


Index("ix_service_shift_user", Shift.user_id, Shift.starts_at)
Index("ix_service_absence_user", Absence.user_id, Absence.last_day)
