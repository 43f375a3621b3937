"""Directories that an administrator edits: goals, reasons, sources, makes and models."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Record


class ContactGoal(Record):
    """Why people get in touch: a channel, a department and a purpose, with who handles it and how.

    Shown as «Звонок. Сервис. Ремонт автомобиля», without the channel where that is known (S0-03, S0-04).
    ``route`` is what happens next (S2-20): ``document``, ``information``, ``employee`` or ``follow_up``,
    or one that another addon adds. ``norm_minutes`` is how soon somebody should take it.
    """

    __tablename__ = "contacts_goal"
    __table_args__ = (UniqueConstraint("channel", "department_id", "purpose_ru"),)

    channel: Mapped[str] = mapped_column(String(20))
    department_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_department.id"))
    purpose_ru: Mapped[str] = mapped_column(String(120))
    purpose_en: Mapped[str] = mapped_column(String(120))
    category: Mapped[str] = mapped_column(String(20), default="other")
    route: Mapped[str] = mapped_column(String(20), default="document")
    script_ru: Mapped[str] = mapped_column(Text, default="")
    script_en: Mapped[str] = mapped_column(Text, default="")
    is_request: Mapped[bool] = mapped_column(Boolean, default=True)
    result_required: Mapped[bool] = mapped_column(Boolean, default=True)
    allows_callback: Mapped[bool] = mapped_column(Boolean, default=True)
    norm_minutes: Mapped[int] = mapped_column(Integer, default=5)
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class GoalSpecialist(Record):
    """A person who handles a goal (S0-07).

    ``reached`` says whether his rights reach its contacts: while they do not, he is told of nothing and cannot be chosen.
    """

    __tablename__ = "contacts_goal_specialist"
    __table_args__ = (UniqueConstraint("goal_id", "user_id"),)

    goal_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_goal.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    reached: Mapped[bool] = mapped_column(Boolean, default=True)


class IgnoreReason(Record):
    """Why a contact needs no document; «Прочее» demands a comment (S0-45)."""

    __tablename__ = "contacts_ignore_reason"

    title_ru: Mapped[str] = mapped_column(String(120), unique=True)
    title_en: Mapped[str] = mapped_column(String(120))
    comment_required: Mapped[bool] = mapped_column(Boolean, default=False)
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class RequestReason(Record):
    """«Причины обращения»: what the client wants done (S1-73)."""

    __tablename__ = "contacts_request_reason"

    title_ru: Mapped[str] = mapped_column(String(120), unique=True)
    title_en: Mapped[str] = mapped_column(String(120))
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class LeadSource(Record):
    """«Рекламный канал»; ``called_line``, ``utm_source`` and ``form_name`` let it be filled by itself (S1-72)."""

    __tablename__ = "contacts_lead_source"

    title_ru: Mapped[str] = mapped_column(String(120), unique=True)
    title_en: Mapped[str] = mapped_column(String(120))
    called_line: Mapped[str] = mapped_column(String(20), default="", index=True)
    utm_source: Mapped[str] = mapped_column(String(60), default="", index=True)
    form_name: Mapped[str] = mapped_column(String(120), default="", index=True)
    position: Mapped[int] = mapped_column(Integer, default=100)
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Make(Record):
    """A make of cars, in both scripts, so that it is found however it is typed (S2-31, S2-32)."""

    __tablename__ = "contacts_make"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    name_ru: Mapped[str] = mapped_column(String(60), default="")
    search_key: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class VehicleModel(Record):
    """A model of a make."""

    __tablename__ = "contacts_model"
    __table_args__ = (UniqueConstraint("make_id", "name"),)

    make_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_make.id"))
    name: Mapped[str] = mapped_column(String(80))
    name_ru: Mapped[str] = mapped_column(String(80), default="")
    search_key: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)


Index("ix_contacts_goal_channel", ContactGoal.channel, ContactGoal.active)
