"""Finding colleagues: who belongs to a group, and what somebody is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import ColumnElement, bindparam, func, or_, select, true

from core.access.models import Department, Role, User, UserDepartment, UserRole
from core.access.policy import Scope
from core.db.engine import WorkSession
from core.db.kept import Read, read
from core.text.folding import match_score, search_key, terms

shown_name = func.coalesce(func.nullif(User.short_name, ""), User.full_name)
"""What screens call a user, where he stands in a statement."""


def colleagues(
    session: WorkSession, *, role: str | None = None, department_id: int | None = None, branch_id: int | None = None
) -> list[int]:
    """The ids of the active users who meet every condition that is given; nobody when none is."""
    if role is None and department_id is None and branch_id is None:
        return []
    statement = select(User.id).where(User.active).order_by(User.id)
    if role is not None:
        links = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(Role.code == role)
        statement = statement.where(User.id.in_(links))
    if department_id is not None:
        workers = select(UserDepartment.user_id).where(UserDepartment.department_id == department_id)
        statement = statement.where(User.id.in_(workers))
    if branch_id is not None:
        on_site = select(UserDepartment.user_id).join(Department, Department.id == UserDepartment.department_id)
        statement = statement.where(User.id.in_(on_site.where(Department.branch_id == branch_id)))
    return list(session.scalars(statement))


def whom_it_reaches(session: WorkSession, right: str, department_id: int, branch_id: int) -> ColumnElement[bool]:
    """The condition that a user's right reaches the records of a department of a branch that are not his own.

    What :meth:`Access.reaches` says of one person, for choosing among many.
    """
    rows = session.execute(select(Department.id, Department.parent_id, Department.branch_id)).all()
    parents = {row.id: row.parent_id for row in rows}
    in_branch = {row.id for row in rows if row.branch_id == branch_id}
    grants = [(row.id, row.everyone, _scope(row.grants, right)) for row in session.execute(_ROLES)]

    def holds(least: Scope) -> ColumnElement[bool]:
        roles = [(role_id, everyone) for role_id, everyone, scope in grants if scope >= least]
        if any(everyone for _, everyone in roles):
            return true()
        return User.id.in_(select(UserRole.user_id).where(UserRole.role_id.in_([role_id for role_id, _ in roles])))

    def works(department_ids: set[int]) -> ColumnElement[bool]:
        above = _with_wholes(department_ids, parents)
        workers = select(UserDepartment.user_id).where(UserDepartment.department_id.in_(sorted(above)))
        return User.id.in_(workers)

    return or_(
        holds(Scope.ALL),
        holds(Scope.BRANCH) & works(in_branch),
        holds(Scope.DEPARTMENT) & works({department_id}),
    )


_ROLES = select(Role.id, Role.everyone, Role.grants)


def _scope(grants: Mapping[str, str], right: str) -> Scope:
    return Scope[grants[right].upper()] if right in grants else Scope.NONE


def _with_wholes(parts: set[int], parents: Mapping[int, int | None]) -> set[int]:
    """Departments with those they are parts of: whoever is in one of these sees them."""
    found, last = set(parts), set(parts)
    while last:
        last = {parent for part in last if (parent := parents.get(part)) is not None} - found
        found |= last
    return found


def name_score(typed: str, name: str) -> int:
    """How well a name answers what was typed, for ranking; 0 unless every word is in it, in one of its readings."""
    key = search_key(name)
    if not all(any(reading in key for reading in readings) for readings in terms(typed)):
        return 0
    return max(1, match_score(typed, name))


def name_of(session: WorkSession, user_id: int | None) -> str:
    """What screens call a user; empty for nobody, who may be a command or a job."""
    return names_of(session, [user_id]).get(user_id, "") if user_id is not None else ""


def names_of(session: WorkSession, user_ids: Iterable[int | None]) -> dict[int, str]:
    """What screens call each of these users, in one query; none for nobody."""
    wanted = sorted({user_id for user_id in user_ids if user_id is not None})
    if not wanted:
        return {}
    return {row.id: row.short_name or row.full_name for row in read(session, Read(_NAMES, {"users": wanted}))}


_NAMES = select(User.id, User.short_name, User.full_name).where(User.id.in_(bindparam("users", expanding=True)))
