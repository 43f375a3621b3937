"""The people of a demonstration instance, who all share one password that is told to everybody (SEC-18).

Nothing here is reached on a real instance: the web layer asks only when the instance is a demonstration.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select

from core.access.models import Department, Role, User, UserDepartment, UserRole, fold_login
from core.access.passwords import Passwords
from core.access.signin import Authenticator, SignInResult
from core.db.engine import WorkSession
from core.errors import Invalid
from core.text.msgids import T
from core.work.models import Presence
from core.work.presence import PresenceState
from core.work.upserts import insert_into

PASSWORD = "demo"  # noqa: S105 - it is shown on the sign-in page
_NOBODY = T("There is no such person in the demonstration.")
_SEEN_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of the people; roles that are not there, because their addon is off, are left out.

    ``presence`` is his state, for ``minutes`` if given, with a note.
    """

    login: str
    full_name: str
    short_name: str
    roles: tuple[str, ...] = ()
    department_ids: tuple[int, ...] = ()
    position: str = ""
    extension: str = ""
    presence: str = "free"
    minutes: int = 0
    note: str = ""


def add_people(session: WorkSession, people: Iterable[DemoPerson]) -> dict[str, int]:
    """Add the people with the common password; returns their ids by login.

    The password is hashed once: equal hashes are also how these people are known.
    """
    people = list(people)
    hashed = Passwords().hash(PASSWORD)
    roles = {role.code: role for role in session.scalars(select(Role))}
    users = [_user(person, hashed, roles) for person in people]
    session.add_all(users)
    session.flush()
    _place(session, people, users)
    return {user.login: user.id for user in users}


def give_role(session: WorkSession, user_ids: Iterable[int], code: str) -> None:
    """Give a role to more of the people, as an addon does with a role of its own."""
    role = session.scalars(select(Role).where(Role.code == code)).one_or_none()
    if role is None:
        return
    held = set(session.scalars(select(UserRole.user_id).where(UserRole.role_id == role.id)))
    session.add_all(UserRole(user_id=user_id, role_id=role.id) for user_id in user_ids if user_id not in held)
    session.flush()


class DemoLogin(NamedTuple):
    """Somebody who can be signed in as, in words: his roles, the last one given first, as it says most about his work.

    ``department`` is empty for who works in none.
    """

    login: str
    name: str
    role: str
    department: str


def logins(session: WorkSession, language: str) -> list[DemoLogin]:
    """Everybody who can be signed in as, in order of joining; the password of all is :data:`PASSWORD`."""
    role, department = (
        (Role.title_ru, Department.title_ru) if language == "ru" else (Role.title_en, Department.title_en)
    )
    statement = (
        select(User.login, User.full_name, role.label("role"), department.label("department"))
        .outerjoin(UserRole, UserRole.user_id == User.id)
        .outerjoin(Role, Role.id == UserRole.role_id)
        .outerjoin(UserDepartment, UserDepartment.user_id == User.id)
        .outerjoin(Department, Department.id == UserDepartment.department_id)
        .where(_demo_people())
        .order_by(User.id, UserRole.id.desc(), UserDepartment.id)
    )
    rows: dict[str, list[Any]] = {}
    for row in session.execute(statement):
        rows.setdefault(row.login, []).append(row)
    return [
        DemoLogin(
            login, of[0].full_name, ", ".join(dict.fromkeys(row.role for row in of if row.role)), of[0].department or ""
        )
        for login, of in rows.items()
    ]


def sign_in_as(
    authenticator: Authenticator, session: WorkSession, login: str, language: str = "", *, address: str, user_agent: str
) -> SignInResult:
    """Sign in as one of the people without asking for the password everybody knows.

    :param language: the one that was chosen on the page: the person reads it from now on.
    :raises Invalid: for anybody else.
    """
    wanted = fold_login(login)[:64]
    user = session.scalars(select(User).where(User.login == wanted, _demo_people())).one_or_none()
    if user is None:
        raise Invalid({"login": [_NOBODY]}, _NOBODY)
    user.language = language or user.language
    return SignInResult(user, token=authenticator.open(session, user, address=address, user_agent=user_agent))


def _demo_people() -> ColumnElement[bool]:
    """Whoever still has the hash they all got; salts being random, no two other people have the same one."""
    shared = select(User.password_hash).where(User.password_hash != "").group_by(User.password_hash)
    return User.active & User.password_hash.in_(shared.having(func.count() > 1))


def _user(person: DemoPerson, hashed: str, roles: dict[str, Role]) -> User:
    user = User(
        login=person.login,
        full_name=person.full_name,
        short_name=person.short_name,
        extension=person.extension,
        password_hash=hashed,
    )
    user.role_links = [UserRole(role=roles[code]) for code in person.roles if code in roles]
    user.department_links = [
        UserDepartment(department_id=number, position=person.position) for number in person.department_ids
    ]
    return user


def _place(session: WorkSession, people: list[DemoPerson], users: list[User]) -> None:
    """Say where everybody is. Nobody's browser is open, so they count as seen for as long as a demonstration runs."""
    now = session.now()
    rows = [
        {
            "user_id": user.id,
            "state": PresenceState(person.presence).value,
            "until": now + timedelta(minutes=person.minutes) if person.minutes else None,
            "note": person.note,
            "since": now - timedelta(minutes=12),
            "last_seen_at": now + _SEEN_FOR,
        }
        for person, user in zip(people, users, strict=True)
    ]
    session.execute(insert_into(session, Presence).values(rows))
