"""Contact goals: what people come for, in which department, and who handles it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, select

from addons.contacts.models import ContactGoal, GoalSpecialist, InboundContact
from addons.contacts.services.vocabulary import channel_of_goals
from core import (
    Access,
    Branch,
    Department,
    Invalid,
    NotFound,
    Read,
    Role,
    Scope,
    T,
    User,
    UserDepartment,
    UserRole,
    WorkSession,
    kept,
    name_score,
    whom_it_reaches,
)

CREATE, READ, CLAIM = "contacts.contact.create", "contacts.contact.read", "contacts.contact.claim"


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
    active: bool = True
    """Whether it can be chosen anew; a contact that has it keeps it."""

    def department(self, language: str) -> str:
        """The department's name."""
        return self.department_ru if language == "ru" else self.department_en

    def purpose(self, language: str) -> str:
        """The purpose alone."""
        return self.purpose_ru if language == "ru" else self.purpose_en

    def short(self, language: str) -> str:
        """Where the channel is known already: «Автосалон. Покупка нового автомобиля» (S0-04)."""
        return f"{self.department(language)}. {self.purpose(language)}"

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
    and_(ContactGoal.active, Department.active).label("active"),
)


GOAL_TITLE = (
    (Department.title_ru + " · " + ContactGoal.purpose_ru).label("goal_ru"),
    (Department.title_en + " · " + ContactGoal.purpose_en).label("goal_en"),
)
"""«Автосалон · Покупка нового автомобиля» in both languages, for lists where the channel stands beside it."""

_GOAL = bindparam("goal", type_=BigInteger)
_ONE = select(*_SHOWN).join(Department, Department.id == ContactGoal.department_id).where(ContactGoal.id == _GOAL)
_ACTIVE: Select[*tuple[Any, ...]] = (
    select(*_SHOWN)
    .join(Department, Department.id == ContactGoal.department_id)
    .where(ContactGoal.active, Department.active)
    .order_by(Department.branch_id, Department.id, ContactGoal.position, ContactGoal.id)
)
_ACTIVE_THERE = _ACTIVE.where(Department.branch_id.in_(bindparam("branches", expanding=True)))
_CHOSEN = (
    select(User.id, User.full_name, User.extension)
    .join(GoalSpecialist, GoalSpecialist.user_id == User.id)
    .where(GoalSpecialist.goal_id == _GOAL, User.active)
    .order_by(User.full_name, User.id)
)
_SPECIALISTS = _CHOSEN.where(GoalSpecialist.reached)
_OUT_OF_REACH = _CHOSEN.where(~GoalSpecialist.reached)


def active_goals(session: WorkSession, *, branch_ids: Iterable[int] | None = None) -> list[Goal]:
    """The goals that can be chosen now, in the order of their positions."""
    return goals_in(kept.read(session, active_goals_read(branch_ids)))


def active_goals_read(branch_ids: Iterable[int] | None = None) -> Read:
    """Reads the goals that can be chosen now, in all branches or these, for :func:`goals_in`."""
    return Read(_ACTIVE) if branch_ids is None else Read(_ACTIVE_THERE, {"branches": sorted(branch_ids)})


def goals_in(rows: Sequence[Any]) -> list[Goal]:
    """The goals that were read."""
    return [Goal(*row) for row in rows]


def departments_of(session: WorkSession, found: Iterable[Goal], language: str) -> list[tuple[int, str]]:
    """The departments of these goals to choose from, in their order; of several branches each with its own (S0-50)."""
    goals = list(found)
    title = Branch.title_ru if language == "ru" else Branch.title_en
    ids = sorted({goal.branch_id for goal in goals})
    branches = dict(session.execute(select(Branch.id, title).where(Branch.id.in_(ids))).all()) if len(ids) > 1 else {}
    named = (" · ".join(filter(None, (goal.department(language), branches.get(goal.branch_id)))) for goal in goals)
    return list(dict.fromkeys(zip((goal.department_id for goal in goals), named, strict=True)))


def get_goal(session: WorkSession, goal_id: int) -> Goal:
    """One goal, also a retired one.

    :raises Invalid: for the field ``goal_id``, when there is none.
    """
    return goal_in(kept.read(session, goal_read(goal_id)))


def goal_read(goal_id: int) -> Read:
    """Reads one goal, also a retired one, for :func:`goal_in`."""
    return Read(_ONE, {"goal": goal_id})


def goal_in(rows: Sequence[Any]) -> Goal:
    """The goal that was read.

    :raises Invalid: for the field ``goal_id``, when there is none.
    """
    if not rows:
        raise Invalid({"goal_id": [T("Choose what the client came for.")]})
    return Goal(*rows[0])


def may_register_for(access: Access, goal: Goal) -> bool:
    """Whether the person's right to register reaches the goal's branch; one for his own contacts reaches his branches."""
    own = access.scope(CREATE) == Scope.OWN and goal.branch_id in access.branch_ids
    return own or access.reaches(CREATE, goal.department_id, goal.branch_id)


@dataclass(frozen=True, slots=True)
class Specialist:
    """A person who handles a goal."""

    id: int
    name: str
    extension: str
    department_id: int | None = None


def goals_for(session: WorkSession, contact: InboundContact) -> list[Goal]:
    """The goals the contact could have as well: of its channel and branch, and the one it has.

    Those of departments that provide the same type of services come first (S3-10).
    """
    channel = channel_of_goals(session.hooks, contact.channel)
    found = [goal for goal in active_goals(session, branch_ids=[contact.branch_id]) if goal.channel == channel]
    has = next((goal for goal in found if goal.id == contact.goal_id), None)
    if has is None:
        has = get_goal(session, contact.goal_id)
        found.append(has)
    providing = {goal.department_id for goal in found if goal.category == has.category}
    return sorted(found, key=lambda goal: goal.department_id not in providing)


def specialists(session: WorkSession, goal_id: int) -> list[Specialist]:
    """Who handles a goal: the picker offers exactly these (S0-07, S0-17)."""
    return specialists_in(kept.read(session, specialists_read(goal_id)))


def providers(session: WorkSession, category: str) -> set[int]:
    """Who handles this type of services in any department: whom a picker offers first (S3-10, S3-11)."""
    people = (
        select(GoalSpecialist.user_id)
        .join(ContactGoal, ContactGoal.id == GoalSpecialist.goal_id)
        .join(Department, Department.id == ContactGoal.department_id)
        .where(ContactGoal.category == category, ContactGoal.active, Department.active, GoalSpecialist.reached)
    )
    return set(session.scalars(people))


def specialists_read(goal_id: int) -> Read:
    """Reads who handles a goal, for :func:`specialists_in`."""
    return Read(_SPECIALISTS, {"goal": goal_id})


def specialists_in(rows: Sequence[Any]) -> list[Specialist]:
    """The specialists that were read."""
    return [Specialist(*row) for row in rows]


def out_of_reach(session: WorkSession, goal_id: int) -> list[Specialist]:
    """Who was chosen to handle a goal and has no rights that reach its contacts any more."""
    return specialists_in(kept.read(session, Read(_OUT_OF_REACH, {"goal": goal_id})))


def may_handle(
    session: WorkSession, goal: Goal, staff: Iterable[Specialist], user_id: int, cause: InboundContact | None = None
) -> bool:
    """Whether a contact of this goal can be given to somebody.

    Its specialists, the ``staff`` (S0-17); for the route «to a certain employee» any colleague who works with contacts (S2-22);
    for «about an earlier contact» also whoever had that one (S2-24).
    """
    if any(person.id == user_id for person in staff):
        return True
    if goal.route == "employee" or (cause is not None and cause.responsible_id == user_id):
        return bool(colleagues_by_id(session, [user_id]))
    return False


def colleagues_by_id(session: WorkSession, user_ids: Sequence[int]) -> list[Specialist]:
    """Those of these people who still work here and may see contacts."""
    if not user_ids:
        return []
    roles = [role for role in session.scalars(select(Role)) if READ in role.grants]
    statement = select(User.id, User.full_name, User.extension).where(User.id.in_(user_ids), User.active)
    if not any(role.everyone for role in roles):
        holders = select(UserRole.user_id).where(UserRole.role_id.in_([role.id for role in roles]))
        statement = statement.where(User.id.in_(holders))
    return [Specialist(*row) for row in session.execute(statement.order_by(User.full_name, User.id))]


def candidates(session: WorkSession, goal: ContactGoal, typed: str, limit: int = 8) -> list[Specialist]:
    """Colleagues who could take the contacts of a goal as well: those of its department first, found in any spelling."""
    held = select(GoalSpecialist.user_id).where(GoalSpecialist.goal_id == goal.id)
    here = select(UserDepartment.user_id).where(UserDepartment.department_id == goal.department_id)
    statement = (
        select(User.id, User.full_name, User.extension, User.id.in_(here).label("here"))
        .where(User.active, User.id.not_in(held), _can_take(session, goal.department_id))
        .order_by(User.full_name, User.id)
    )
    rows = list(session.execute(statement))
    if typed:
        scored = [(name_score(typed, row.full_name), row) for row in rows]
        rows = [row for score, row in sorted(scored, key=lambda pair: -pair[0]) if score]
    else:
        rows.sort(key=lambda row: not row.here)
    return [Specialist(row.id, row.full_name, row.extension) for row in rows[:limit]]


def add_specialist(session: WorkSession, goal: ContactGoal, user_id: int) -> None:
    """From now on this colleague handles the goal too (S0-07); twice changes nothing.

    :raises NotFound: there is no such active colleague.
    :raises Invalid: he could not take what he would be told of.
    """
    session.access.require("contacts.goal.change")
    able = session.scalar(select(_can_take(session, goal.department_id)).where(User.id == user_id, User.active))
    if able is None:
        raise NotFound(T("There is no such colleague."))
    if not able:
        refusal = T("The rights of this colleague do not reach the contacts of this goal.")
        raise Invalid({"user_id": [refusal]}, refusal)
    link = _link(session, goal, user_id) or GoalSpecialist(goal_id=goal.id, user_id=user_id)
    link.reached = True
    session.add(link)
    session.flush()


def note_reach(session: WorkSession) -> None:
    """Note of every specialist whether his rights still reach the contacts of his goals, and whether they do again.

    Roles, departments and goals change in many places; who handles a goal is read with each contact and must be quick.
    """
    links = select(GoalSpecialist).join(User, User.id == GoalSpecialist.user_id)
    for department_id in session.scalars(select(ContactGoal.department_id).distinct()).all():
        goals = select(ContactGoal.id).where(ContactGoal.department_id == department_id)
        changed = GoalSpecialist.reached != _can_take(session, department_id)
        for link in session.scalars(links.where(GoalSpecialist.goal_id.in_(goals), changed)):
            link.reached = not link.reached
    session.flush()


def _can_take(session: WorkSession, department_id: int) -> ColumnElement[bool]:
    """The condition that a colleague sees the contacts of a department before they are his, and may take them."""
    branch_id = session.scalars(select(Department.branch_id).where(Department.id == department_id)).one()
    return and_(*(whom_it_reaches(session, right, department_id, branch_id) for right in (READ, CLAIM)))


def remove_specialist(session: WorkSession, goal: ContactGoal, user_id: int) -> None:
    """This colleague handles the goal no more; what he has taken stays his."""
    session.access.require("contacts.goal.change")
    link = _link(session, goal, user_id)
    if link is not None:
        session.delete(link)
        session.flush()


def _link(session: WorkSession, goal: ContactGoal, user_id: int) -> GoalSpecialist | None:
    mine = (GoalSpecialist.goal_id == goal.id, GoalSpecialist.user_id == user_id)
    return session.scalars(select(GoalSpecialist).where(*mine)).one_or_none()
