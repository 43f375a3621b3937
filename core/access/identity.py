"""Who is asking: the sign-in or the API token of a request, and what its owner may do (SEC-8, SEC-11).

This runs with every request, so it is one narrow SELECT. What the person may do is kept per process
and is valid as long as the access epoch, which that SELECT brings along, has not moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any, cast

from sqlalchemy import Row, Select, bindparam, or_, select, update

from core.access.crypto import token_hash
from core.access.models import (
    AccessEpoch,
    ApiToken,
    Branch,
    Department,
    Role,
    SecondFactor,
    SignIn,
    User,
    UserDepartment,
    UserRole,
)
from core.access.policy import Access, Scope
from core.db.engine import WorkSession
from core.db.kept import Read, read

SEEN_EVERY = timedelta(minutes=1)
TOKEN_PREFIX = "fct_"  # noqa: S105 - it only marks a text as one of our tokens
_PROFILE = "core.profile."


@dataclass(frozen=True, slots=True)
class SignInRules:
    """How long a sign-in lasts and who needs the second factor (SEC-17, SEC-19).

    ``guarded_rights`` are those nobody may use without a second factor; empty in a demonstration.
    ``short_idle_rights`` are those whose owner's idle browser is signed out early.
    """

    lasts: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(hours=12)
    short_idle: timedelta = timedelta(minutes=30)
    short_idle_rights: frozenset[str] = frozenset({"core.role.change", "core.user.change"})
    guarded_rights: frozenset[str] = frozenset()
    time_zone: str = "Europe/Moscow"
    handover: timedelta = timedelta(seconds=30)
    """How long a renewed sign-in's former id still works, for requests that were on their way."""

    def idle_limit(self, access: Access) -> timedelta:
        """How long this person's browser may stay silent."""
        short = any(access.may(right) for right in self.short_idle_rights)
        return self.short_idle if short else self.idle


@dataclass(frozen=True, slots=True)
class Identity:
    """The one who asks, for the length of a request.

    ``pending`` names what he must do before anything else (``password`` or ``second_factor``); until then
    ``access`` holds his own profile alone. ``csrf_owner`` is what his forms are bound to. When ``seen_due``,
    call :func:`note_seen`; when ``renewal_due``, his roles have changed: give the browser a new id.
    """

    access: Access
    csrf_owner: str
    sign_in_id: int | None = None
    token_id: int | None = None
    pending: str = ""
    seen_due: bool = False
    renewal_due: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What is worked out about a person, good for one epoch."""

    epoch: int
    access: Access
    roles: str
    must_change_password: bool
    needs_second_factor: bool
    has_second_factor: bool
    idle: timedelta
    profile_only: Access


class Identities:
    """Recognises people and programs; one object per process, made with the application."""

    def __init__(self, rules: SignInRules) -> None:
        self.rules = rules
        self._known: dict[int, Known] = {}

    def identify(self, session: WorkSession, token: str, source: str = "") -> Identity | None:
        """Whose cookie this is, or nobody's: unknown, ended, expired, idle for too long, or disabled.

        Use a reading session, so that no writer is kept waiting.

        :param source: the address the request came from, for the audit trail.
        """
        hashed = token_hash(token)
        row = _fetch(session, _SIGN_IN, hashed)
        now = session.now()
        if row is None or row.expires_at <= now:
            return None
        known = self.known(session, row.user_id, row.epoch or 0)
        if known is None or row.last_seen_at + known.idle <= now:
            return None
        pending = _pending(known, row.second_factor_at is not None)
        return Identity(
            access=_from(known, pending, source),
            csrf_owner=hashed,
            sign_in_id=row.id,
            pending=pending,
            seen_due=row.last_seen_at + SEEN_EVERY <= now,
            renewal_due=row.roles != known.roles and row.expires_at > now + self.rules.handover,
        )

    def identify_token(self, session: WorkSession, token: str, source: str = "") -> Identity | None:
        """Whose API token this is, or nobody's. It may do what its owner may."""
        if not token.startswith(TOKEN_PREFIX):
            return None
        row = _fetch(session, _API_TOKEN, token_hash(token))
        now = session.now()
        if row is None or (row.expires_at is not None and row.expires_at <= now):
            return None
        known = self.known(session, row.user_id, row.epoch or 0)
        if known is None:
            return None
        pending = _pending(known, known.has_second_factor)
        seen_due = row.last_used_at is None or row.last_used_at + SEEN_EVERY <= now
        return Identity(_from(known, pending, source), "", token_id=row.id, pending=pending, seen_due=seen_due)

    def known(self, session: WorkSession, user_id: int, epoch: int) -> Known | None:
        """The person's access at this epoch, from memory if it was worked out already."""
        known = self._known.get(user_id)
        if known is None or known.epoch != epoch:
            known = self._work_out(session, user_id, epoch)
            if known is None:
                self._known.pop(user_id, None)
                return None
            self._known[user_id] = known
        return known

    def _work_out(self, session: WorkSession, user_id: int, epoch: int) -> Known | None:
        user = _user_row(session, user_id)
        if user is None:
            return None
        access = _access(session, user, self.rules.time_zone)
        return Known(
            epoch=epoch,
            access=access,
            roles=" ".join(sorted(access.roles)),
            must_change_password=user.must_change_password,
            needs_second_factor=any(access.may(right) for right in self.rules.guarded_rights),
            has_second_factor=_has_second_factor(session, user_id),
            idle=self.rules.idle_limit(access),
            profile_only=replace(access, grants=_profile_grants(access.grants)),
        )


def access_of(session: WorkSession, user_id: int, time_zone: str = "Europe/Moscow") -> Access | None:
    """What a person may do, worked out now; nothing for a disabled or unknown one."""
    user = _user_row(session, user_id)
    return _access(session, user, time_zone) if user is not None else None


def note_seen(session: WorkSession, identity: Identity) -> None:
    """Remember that the browser or program is still there; in a writing session, once a minute at most."""
    connection = session.connection()
    now = session.now()
    if identity.sign_in_id is not None:
        connection.execute(update(SignIn).where(SignIn.id == identity.sign_in_id).values(last_seen_at=now))
    if identity.token_id is not None:
        connection.execute(update(ApiToken).where(ApiToken.id == identity.token_id).values(last_used_at=now))


_EPOCH = select(AccessEpoch.number).where(AccessEpoch.id == 1).scalar_subquery().label("epoch")

_SIGN_IN = (
    select(
        SignIn.id,
        SignIn.user_id,
        SignIn.expires_at,
        SignIn.last_seen_at,
        SignIn.second_factor_at,
        SignIn.roles,
        _EPOCH,
    )
    .join(User, User.id == SignIn.user_id)
    .where(SignIn.token_hash == bindparam("hashed"), SignIn.revoked_at.is_(None), User.active)
)

_API_TOKEN = (
    select(ApiToken.id, ApiToken.user_id, ApiToken.expires_at, ApiToken.last_used_at, _EPOCH)
    .join(User, User.id == ApiToken.user_id)
    .where(ApiToken.token_hash == bindparam("hashed"), ApiToken.revoked_at.is_(None), User.active)
)


def _fetch(session: WorkSession, statement: Select[Any], hashed: str) -> Any:
    # Without row rules: these need a person, and here he is only being found. Token hashes are unique.
    found = read(session, Read(statement, {"hashed": hashed}, everything=True))
    return found[0] if found else None


def _user_row(session: WorkSession, user_id: int) -> Row[Any] | None:
    columns = (
        User.id,
        User.login,
        User.full_name,
        User.short_name,
        User.language,
        User.time_zone,
        User.theme,
        User.letter_keys,
        User.must_change_password,
    )
    found = session.connection().execute(select(*columns).where(User.id == user_id, User.active)).one_or_none()
    return cast("Row[Any] | None", found)


def _has_second_factor(session: WorkSession, user_id: int) -> bool:
    confirmed = select(SecondFactor.user_id).where(
        SecondFactor.user_id == user_id, SecondFactor.confirmed_at.is_not(None)
    )
    return session.connection().execute(confirmed).one_or_none() is not None


def _access(session: WorkSession, user: Row[Any], time_zone: str) -> Access:
    roles = _roles(session, user.id)
    departments = _departments(session, user.id)
    zones = [department.time_zone for department in departments.values() if department.mine]
    return Access(
        user_id=user.id,
        login=user.login,
        name=user.short_name or user.full_name,
        roles=frozenset(roles),
        grants=merged_grants(roles.values()),
        department_ids=frozenset(departments),
        branch_ids=frozenset(department.branch_id for department in departments.values()),
        language=user.language,
        time_zone=user.time_zone or (zones[0] if zones else time_zone),
        theme=user.theme,
        letter_keys=user.letter_keys,
    )


def merged_grants(all_grants: Iterable[Mapping[str, str]]) -> Mapping[str, Scope]:
    """Several roles' rights taken together: of each right the widest scope."""
    merged: dict[str, Scope] = {}
    for grants in all_grants:
        for right, scope in grants.items():
            merged[right] = max(merged.get(right, Scope.NONE), Scope[scope.upper()])
    return MappingProxyType(merged)


def _roles(session: WorkSession, user_id: int) -> dict[str, dict[str, str]]:
    """The person's roles with their grants, the base role among them."""
    held = select(UserRole.role_id).where(UserRole.user_id == user_id)
    found = session.connection().execute(select(Role.code, Role.grants).where(or_(Role.everyone, Role.id.in_(held))))
    return {role.code: role.grants for role in found}


@dataclass(frozen=True, slots=True)
class _Place:
    branch_id: int
    time_zone: str
    mine: bool


def _departments(session: WorkSession, user_id: int) -> dict[int, _Place]:
    """The person's departments and everything below them: who heads a department sees its parts."""
    connection = session.connection()
    mine = set(
        connection.execute(select(UserDepartment.department_id).where(UserDepartment.user_id == user_id)).scalars()
    )
    if not mine:
        return {}
    rows = connection.execute(
        select(Department.id, Department.parent_id, Department.branch_id, Branch.time_zone)
        .join(Branch, Branch.id == Department.branch_id)
        .order_by(Department.id)
    ).all()
    below = _with_parts(mine, {row.id: row.parent_id for row in rows})
    return {row.id: _Place(row.branch_id, row.time_zone, row.id in mine) for row in rows if row.id in below}


def _with_parts(roots: set[int], parents: Mapping[int, int | None]) -> set[int]:
    found = set(roots)
    while True:
        parts = {child for child, parent in parents.items() if parent in found} - found
        if not parts:
            return found
        found |= parts


def _pending(known: Known, second_factor_passed: bool) -> str:
    if known.must_change_password:
        return "password"
    return "second_factor" if known.needs_second_factor and not second_factor_passed else ""


def _from(known: Known, pending: str, source: str) -> Access:
    access = known.profile_only if pending else known.access
    return replace(access, source=source) if source else access


def _profile_grants(grants: Mapping[str, Scope]) -> Mapping[str, Scope]:
    return MappingProxyType({right: scope for right, scope in grants.items() if right.startswith(_PROFILE)})
