"""The demonstration dealership itself: its two sites, their hours, the staff, and who handles which goal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from addons.contacts.models import ContactGoal, GoalSpecialist, Make, VehicleModel
from addons.contacts.services import shipped
from addons.contacts.services.demo_people import BRANCHES, HOURS, STAFF, Member
from addons.contacts.services.goals import Goal, active_goals
from addons.contacts.services.vehicles import vehicle_title
from core import Branch, DemoPerson, Department, WorkingHours, WorkSession, add_people, demo, shipped_ids

ZONE = ZoneInfo("Europe/Moscow")


class CarKind(NamedTuple):
    """A model as the directories know it; ``names`` are all by which it is found."""

    make_id: int
    model_id: int
    title: str
    names: tuple[str, ...]


@dataclass(slots=True)
class Office:
    """The dealership while it is being filled. A place is ``branch.kind``, as ``north.showroom``."""

    rng: Random
    now: datetime
    branches: dict[str, int]
    departments: dict[str, int]
    people: dict[str, int]
    goals: dict[str, Goal] = field(default_factory=dict)
    """By ``branch/purpose/channel``."""
    staff: dict[int, list[int]] = field(default_factory=dict)
    """Who handles the contacts of a department."""
    cars: dict[tuple[str, str], CarKind] = field(default_factory=dict)
    """By make and model."""

    def receptionist(self, branch: str) -> int:
        """Who registers what comes in at a branch."""
        return self.people["lebedeva" if branch == "north" else "zhukova"]


def open_office(session: WorkSession) -> Office:
    """Name the first branch, add the second one, and bring in the staff."""
    shipped.bring(session)
    branches = _branches(session)
    shipped.bring(session)
    departments = _departments(session, branches)
    _hours(session, departments)
    office = Office(
        rng=Random("Forecourt"),  # noqa: S311 - the same dealership every time
        now=session.now(),
        branches={key: branch.id for key, branch in branches.items()},
        departments=departments,
        people=add_people(session, (_person(member, departments) for member in STAFF)),
        cars=_cars(session),
    )
    _goals(session, office)
    _specialists(session, office)
    return office


def _branches(session: WorkSession) -> dict[str, Branch]:
    first = session.scalars(select(Branch).order_by(Branch.id).limit(1)).one()
    second = Branch(title_ru="", title_en="")
    branches = dict(zip((key for key, _, _ in BRANCHES), (first, second), strict=True))
    for key, title_ru, title_en in BRANCHES:
        branches[key].title_ru, branches[key].title_en = title_ru, title_en
        branches[key].time_zone = str(ZONE)
    session.add(second)
    session.flush()
    shipped.add_departments(session, second)
    return branches


def _departments(session: WorkSession, branches: dict[str, Branch]) -> dict[str, int]:
    keys = {branch.id: key for key, branch in branches.items()}
    statement = select(Department).where(Department.branch_id.in_(sorted(keys)), Department.kind.in_(sorted(HOURS)))
    return {f"{keys[row.branch_id]}.{row.kind}": row.id for row in session.scalars(statement.order_by(Department.id))}


def _hours(session: WorkSession, departments: dict[str, int]) -> None:
    rows = [
        {"department_id": number, "weekday": weekday, "opens": opens * 60, "closes": closes * 60}
        for place, number in departments.items()
        for opens, closes in (HOURS[place.partition(".")[2]],)
        for weekday in range(7)
    ]
    demo.add_records(session, WorkingHours, rows)


def _person(member: Member, departments: dict[str, int]) -> DemoPerson:
    surname, first_name = member.name.split()
    return DemoPerson(
        login=member.login,
        full_name=member.name,
        short_name=f"{surname} {first_name[0]}.",
        roles=tuple(member.roles.split()),
        department_ids=tuple(departments[place] for place in member.places.split()),
        position=member.position,
        extension=member.extension,
        presence=member.state,
        minutes=member.minutes,
        note=member.note,
    )


def _cars(session: WorkSession) -> dict[tuple[str, str], CarKind]:
    statement = select(Make, VehicleModel).join(VehicleModel, VehicleModel.make_id == Make.id)
    return {(make.name, model.name): _kind(make, model) for make, model in session.execute(statement)}


def _kind(make: Make, model: VehicleModel) -> CarKind:
    names = (make.name, make.name_ru, model.name, model.name_ru)
    return CarKind(make.id, model.id, vehicle_title(make, model), names)


def _goals(session: WorkSession, office: Office) -> None:
    by_id = {goal.id: goal for goal in active_goals(session)}
    branches = {number: key for key, number in office.branches.items()}
    for key, number in sorted(shipped_ids(session, ContactGoal).items()):
        goal = by_id[number]
        _, purpose, channel = key.split("/")
        office.goals[f"{branches[goal.branch_id]}/{purpose}/{channel}"] = goal


def _specialists(session: WorkSession, office: Office) -> None:
    """Everybody of a department handles its goals, apart from mechanics, and from reception, which only passes on."""
    for place, number in office.departments.items():
        handlers = [
            member for member in STAFF if place in member.places.split() and member.roles not in ("", "reception")
        ]
        office.staff[number] = [office.people[member.login] for member in handlers]
    rows = [
        {"goal_id": goal.id, "user_id": user_id}
        for goal in office.goals.values()
        for user_id in office.staff[goal.department_id]
    ]
    demo.add_records(session, GoalSpecialist, rows)
