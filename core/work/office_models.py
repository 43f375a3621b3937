"""The tables of how the dealership works: its hours, its settings, its document numbers."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, BigId, Record


class WorkingHours(Record):
    """One stretch of work on one day of the week; a lunch break makes two of them.

    Times are minutes from the branch's local midnight; ``closes`` may be over 1440 for a night shift.
    """

    __tablename__ = "core_working_hours"

    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"), index=True)
    weekday: Mapped[int] = mapped_column(Integer)
    """0 is Monday."""
    opens: Mapped[int] = mapped_column(Integer)
    closes: Mapped[int] = mapped_column(Integer)


class CalendarException(Record):
    """A day that is not as its weekday: closed without ``opens``, else open from and to."""

    __tablename__ = "core_calendar_exception"

    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    opens: Mapped[int | None] = mapped_column(Integer)
    closes: Mapped[int | None] = mapped_column(Integer)
    reason: Mapped[str] = mapped_column(String(200), default="")


class DepartmentCalendar(Record):
    """Whether a department rests on public holidays, and on those of which country."""

    __tablename__ = "core_department_calendar"

    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"), unique=True)
    rests_on_holidays: Mapped[bool] = mapped_column(Boolean, default=False)
    country: Mapped[str] = mapped_column(String(2), default="RU")


class SettingValue(Record):
    """A setting that differs from its default; ``branch_id`` 0 is the whole dealership."""

    __tablename__ = "core_setting"
    __table_args__ = (UniqueConstraint("name", "branch_id"),)

    name: Mapped[str] = mapped_column(String(120))
    branch_id: Mapped[int] = mapped_column(BigInteger, default=0)
    value: Mapped[Any] = mapped_column(JSON)


class NumberSeries(Base):
    """The last number given in a series; 0 stands for «all branches» and «all years»."""

    __tablename__ = "core_number_series"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    branch_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int] = mapped_column(Integer)
