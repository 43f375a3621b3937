"""What the dealership knows of a call's numbers: whose an extension is, what a line is for, where calls go otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import String, bindparam, select

from addons.contacts.models import ContactGoal
from addons.contacts.services.goals import Goal, active_goals, get_goal
from addons.telephony.models import Line
from addons.telephony.services.vocabulary import CALL_CHANNEL
from core import Department, Read, Setting, T, User, WorkSession, kept, parse_phone, settings

GOAL = Setting(
    "telephony.goal",
    int,
    0,
    title=T("Goal of calls whose line says none: its number, 0 for the first one of calls"),
    group=T("Telephony"),
    minimum=0,
)


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line of the house, its goal and the branch of that."""

    id: int
    goal_id: int | None
    branch_id: int | None


@dataclass(frozen=True, slots=True)
class House:
    """Whose the numbers are of the calls that are stored together."""

    people: Mapping[str, int] = field(default_factory=dict)
    lines: Mapping[str, KnownLine] = field(default_factory=dict)
    branch_id: int | None = None
    """The branch of calls whose line says none."""

    def line(self, did: str | None) -> KnownLine | None:
        """The line with this number, however the exchange writes it."""
        return self.lines.get(line_number(did or ""))


def line_number(text: str) -> str:
    """The number of a line as it is kept: E.164, or what was written where it is no phone number."""
    phone = parse_phone(text)
    return phone.e164 if phone is not None else text.strip()


def house(session: WorkSession, extensions: Iterable[str]) -> House:
    """Look up these extensions, and all lines."""
    usual = usual_goal(session)
    return House(
        people=people_with(session, extensions),
        lines={row.number: KnownLine(row.id, row.goal_id, row.branch_id) for row in kept.read(session, Read(_LINES))},
        branch_id=usual.branch_id if usual is not None else None,
    )


def people_with(session: WorkSession, extensions: Iterable[str]) -> dict[str, int]:
    """Whose these extensions are: of those who share one, the first who was there."""
    wanted = sorted({each for each in extensions if each})
    return dict(kept.read(session, Read(_PEOPLE, {"extensions": wanted}))) if wanted else {}


_PEOPLE = (
    select(User.extension, User.id)
    .where(User.extension.in_(bindparam("extensions", type_=String, expanding=True)), User.active)
    .order_by(User.id.desc())
)
_LINES = (
    select(Line.number, Line.id, Line.goal_id, Department.branch_id)
    .outerjoin(ContactGoal, ContactGoal.id == Line.goal_id)
    .outerjoin(Department, Department.id == ContactGoal.department_id)
    .where(Line.active)
)


def usual_goal(session: WorkSession) -> Goal | None:
    """The goal of calls whose line says none: the one that is set, else the first one of calls that can be chosen."""
    goals = [goal for goal in active_goals(session) if goal.channel == CALL_CHANNEL]
    chosen = settings.read(session, GOAL)
    return next((goal for goal in goals if goal.id == chosen), None) or next(iter(goals), None)


def goal_of(session: WorkSession, line_id: int | None) -> Goal | None:
    """The goal of calls of a line; a goal out of use is as none."""
    line = session.get(Line, line_id) if line_id is not None else None
    goal = get_goal(session, line.goal_id) if line is not None and line.goal_id is not None else None
    return goal if goal is not None and goal.active else usual_goal(session)
