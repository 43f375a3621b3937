"""Accounts: made, given roles and departments, closed. Rights on clients never reach in here (SEC-10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from core.access.models import UNPRINTABLE, Department, Role, SignIn, User, UserDepartment, UserRole, fold_login
from core.access.passwords import Passwords, new_code
from core.access.second_factor import SecondFactors
from core.db.audit import note_action
from core.db.engine import WorkSession
from core.errors import Conflict, Invalid
from core.text.msgids import LANGUAGES, T

ADMINISTRATOR = "administrator"
NAMELESS = "Administrator"
"""What the first account of an instance is called until its owner says his name."""
_CODE_LASTS = timedelta(days=3)
_LAST = T("This is the last administrator. Make another one first.")
CHANGEABLE = ("login", "full_name", "short_name", "email", "phone", "extension", "language", "time_zone")
"""What an administrator may write into an account; rights, state and keys have services of their own (SEC-10)."""


def create_first_administrator(session: WorkSession, passwords: Passwords, login: str = "admin") -> str:
    """The one account of a new instance; its one-time code goes to the console and nowhere else (SEC-18).

    :raises Conflict: when the instance has people already.
    """
    if session.scalar(select(func.count()).select_from(User)):
        raise Conflict(T("This instance has its people already."))
    return create_user(session, passwords, login=login, full_name=NAMELESS, roles=[ADMINISTRATOR])[1]


def create_user(
    session: WorkSession,
    passwords: Passwords,
    *,
    login: str,
    full_name: str,
    roles: Iterable[str] = (),
    departments: Iterable[int] = (),
    language: str = "ru",
) -> tuple[User, str]:
    """A new account and the one-time code with which its owner signs in first and chooses a password.

    :raises Invalid: when the login is taken or unusable, the name is missing, or a role or department unknown.
    """
    session.access.require("core.user.create")
    _check_new(session, fold_login(login), full_name)
    user = User(login=login, full_name=full_name.strip(), language=language)
    session.add(user)
    session.flush()
    _assign_roles(session, user, roles)
    _assign_departments(session, user, departments)
    return user, give_code(session, passwords, user)


def give_code(session: WorkSession, passwords: Passwords, user: User) -> str:
    """A one-time code instead of the password, for a new or forgetful person; good once, for three days.

    Whoever was signed in with the former password is out.
    """
    session.access.require("core.user.give_code")
    code = new_code()
    user.password_hash = passwords.hash(code)
    user.code_expires_at = session.now() + _CODE_LASTS
    user.must_change_password = True
    session.flush()
    living = (SignIn.user_id == user.id, SignIn.revoked_at.is_(None))
    session.connection().execute(update(SignIn).where(*living).values(revoked_at=session.now()))
    note_action(session, "one_time_code", user)
    return code


def change_account(session: WorkSession, user: User, values: Mapping[str, Any]) -> None:
    """Another login, name, address, number, language or zone for a person; whatever else is sent is ignored.

    :raises Invalid: for a login that is taken or unusable, an unknown language or zone, and for one's own e-mail
        address: that is changed on one's own page, after the password (SEC-22).
    """
    session.access.require("core.user.change")
    wanted = {name: value for name, value in values.items() if name in CHANGEABLE}
    errors = _wrong_details(session, user, wanted)
    if errors:
        raise Invalid(errors)
    for name, value in wanted.items():
        setattr(user, name, value)
    session.flush()


def _wrong_details(session: WorkSession, user: User, wanted: Mapping[str, Any]) -> dict[str, list[str]]:
    login, name = fold_login(wanted.get("login", user.login)), wanted.get("full_name", user.full_name)
    errors = _wrong_names(session, login, name, except_id=user.id)
    if wanted.get("language", user.language) not in LANGUAGES:
        errors["language"] = [T("Choose one of the list.")]
    if not known_zone(wanted.get("time_zone") or "UTC"):
        errors["time_zone"] = [T("There is no such time zone.")]
    if user.id == session.access.user_id and wanted.get("email", user.email) != user.email:
        errors["email"] = [
            T("Change your own address on your page “Password and sign-in”, where the password is asked for.")
        ]
    return errors


def known_zone(name: str) -> bool:
    """Whether there is a time zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def remove_second_factor(session: WorkSession, factors: SecondFactors, user: User) -> None:
    """Turn off the generator of a person who lost the phone and the recovery codes; he sets up a new one."""
    session.access.require("core.user.give_code")
    factors.remove(session, user)


def set_roles(session: WorkSession, user: User, codes: Iterable[str]) -> None:
    """Exactly these roles for the person, from his next request on (SEC-11).

    :raises Invalid: when a role is unknown; :raises Conflict: when nobody would be administrator any more.
    """
    session.access.require("core.user.assign_roles")
    _assign_roles(session, user, codes)


def set_departments(session: WorkSession, user: User, department_ids: Iterable[int]) -> None:
    """Exactly these departments for the person.

    :raises Invalid: when a department is unknown.
    """
    session.access.require("core.user.change")
    _assign_departments(session, user, department_ids)


def disable(session: WorkSession, user: User) -> None:
    """Close an account: its sign-ins and API tokens end at once, its records stay (SEC-11).

    :raises Conflict: when nobody would be administrator any more.
    """
    session.access.require("core.user.disable")
    if ADMINISTRATOR in _codes(user):
        _keep_an_administrator(session, user)
    user.active = False
    session.flush()


def enable(session: WorkSession, user: User) -> None:
    """Open an account again; the person signs in anew."""
    session.access.require("core.user.disable")
    user.active = True
    session.flush()


def _check_new(session: WorkSession, login: str, full_name: str) -> None:
    errors = _wrong_names(session, login, full_name)
    if errors:
        raise Invalid(errors)


def _wrong_names(
    session: WorkSession, login: str, full_name: str, except_id: int | None = None
) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not 2 <= len(login) <= 64 or any(letter.isspace() or letter == UNPRINTABLE for letter in login):
        errors["login"] = [T("A login has 2 to 64 characters and no spaces.")]
    elif session.scalar(select(User.id).where(User.login == login)) not in (None, except_id):
        errors["login"] = [T("This login is taken.")]
    if not full_name.strip():
        errors["full_name"] = [T("Enter the name, the surname first.")]
    return errors


def _assign_roles(session: WorkSession, user: User, codes: Iterable[str]) -> None:
    wanted = set(codes)
    roles = {role.code: role for role in session.scalars(select(Role).where(Role.code.in_(wanted)))}
    if wanted - set(roles):
        raise Invalid({"roles": [T("There is no such role.")]})
    held = _codes(user)
    if ADMINISTRATOR in held - wanted:
        _keep_an_administrator(session, user)
    for link in [link for link in user.role_links if link.role.code not in wanted]:
        user.role_links.remove(link)
        session.delete(link)
    user.role_links += [UserRole(role=roles[code]) for code in sorted(wanted - held)]
    session.flush()


def _assign_departments(session: WorkSession, user: User, department_ids: Iterable[int]) -> None:
    wanted = set(department_ids)
    found = {each.id: each for each in session.scalars(select(Department).where(Department.id.in_(wanted)))}
    if wanted - set(found):
        raise Invalid({"departments": [T("There is no such department.")]})
    held = {link.department_id for link in user.department_links}
    for link in [link for link in user.department_links if link.department_id not in wanted]:
        user.department_links.remove(link)
        session.delete(link)
    user.department_links += [UserDepartment(department=found[each]) for each in sorted(wanted - held)]
    session.flush()


def _codes(user: User) -> set[str]:
    return {link.role.code for link in user.role_links}


def _keep_an_administrator(session: WorkSession, user: User) -> None:
    """Refuse to let the last one go. The role's row is locked: of two who leave at once one stays."""
    role_id = session.scalars(select(Role.id).where(Role.code == ADMINISTRATOR).with_for_update()).one()
    others = (
        select(func.count())
        .select_from(UserRole)
        .join(User, User.id == UserRole.user_id)
        .where(UserRole.role_id == role_id, User.active, User.id != user.id)
    )
    if not session.scalar(others):
        raise Conflict(_LAST)
