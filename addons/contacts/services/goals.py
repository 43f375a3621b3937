"""Contact goals: what people come for, in which department, and who handles it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from addons.contacts.models import ContactGoal, GoalSpecialist
from addons.contacts.services.vocabulary import CHANNEL
from core.access.models import Department, User
from core.db.engine import WorkSession
from core.errors import Invalid
from core.web.i18n import T, Translator


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal with its department, ready to be shown in either language."""

    id: int
    channel: str
    department_id: int
    branch_id: int
    department_ru: str
    department_en: str
    purpose_ru: str
    purpose_en: str
    category: str
    route: str
    is_request: bool
    result_required: bool
    allows_callback: bool
    norm_minutes: int
    script_ru: str
    script_en: str

    def department(self, language: str) -> str:
        """The department's name."""
        return self.department_ru if language == "ru" else self.department_en

    def purpose(self, language: str) -> str:
        """The purpose alone."""
        return self.purpose_ru if language == "ru" else self.purpose_en

    def short(self, language: str) -> str:
        """Where the channel is known already: «Автосалон. Покупка нового автомобиля» (S0-04)."""
        return f"{self.department(language)}. {self.purpose(language)}"

    def title(self, translate: Translator) -> str:
        """In full: «Звонок. Сервис. Ремонт автомобиля» (S0-03)."""
        return f"{translate(CHANNEL[self.channel].title)}. {self.short(translate.language)}"

    def script(self, language: str) -> list[str]:
        """The talk script, one phrase a line (S0-16)."""
        text = self.script_ru if language == "ru" else self.script_en
        return [line.strip() for line in text.splitlines() if line.strip()]


_SHOWN = (
    ContactGoal.id,
    ContactGoal.channel,
    ContactGoal.department_id,
    Department.branch_id,
    Department.title_ru.label("department_ru"),
    Department.title_en.label("department_en"),
    ContactGoal.purpose_ru,
    ContactGoal.purpose_en,
    ContactGoal.category,
    ContactGoal.route,
    ContactGoal.is_request,
    ContactGoal.result_required,
    ContactGoal.allows_callback,
    ContactGoal.norm_minutes,
    ContactGoal.script_ru,
    ContactGoal.script_en,
)


def active_goals(session: WorkSession, *, branch_ids: Iterable[int] | None = None) -> list[Goal]:
    """The goals that can be chosen now, in the order of their positions."""
    statement = (
        select(*_SHOWN)
        .join(Department, Department.id == ContactGoal.department_id)
        .where(ContactGoal.active, Department.active)
        .order_by(Department.branch_id, Department.id, ContactGoal.position, ContactGoal.id)
    )
    if branch_ids is not None:
        statement = statement.where(Department.branch_id.in_(sorted(branch_ids)))
    return [Goal(**row._mapping) for row in session.execute(statement)]


def get_goal(session: WorkSession, goal_id: int) -> Goal:
    """One goal, also a retired one.

    :raises Invalid: for the field ``goal_id``, when there is none.
    """
    statement = select(*_SHOWN).join(Department, Department.id == ContactGoal.department_id)
    row = session.execute(statement.where(ContactGoal.id == goal_id)).one_or_none()
    if row is None:
        raise Invalid({"goal_id": [T("Choose what the client came for.")]})
    return Goal(**row._mapping)


@dataclass(frozen=True, slots=True)
class Specialist:
    """A person who handles a goal."""

    id: int
    name: str
    extension: str
    department_id: int | None = None


def specialists(session: WorkSession, goal_id: int) -> list[Specialist]:
    """Who handles a goal: the picker offers exactly these (S0-07, S0-17)."""
    statement = (
        select(User.id, User.full_name, User.extension)
        .join(GoalSpecialist, GoalSpecialist.user_id == User.id)
        .where(GoalSpecialist.goal_id == goal_id, User.active)
        .order_by(User.full_name, User.id)
    )
    return [Specialist(row.id, row.full_name, row.extension) for row in session.execute(statement)]
