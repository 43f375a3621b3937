"""The shipped roles in the database: brought in and kept up to date, without undoing anybody's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.access.models import Role, UserRole
from core.access.people import ADMINISTRATOR
from core.access.policy import Scope
from core.access.rights import NAME, Catalogue, ShippedRole
from core.db.engine import WorkSession
from core.errors import Conflict, Invalid
from core.text.msgids import T

NONE = "none"
KEPT_BY_ADMINISTRATORS = ("core.role.read", "core.role.change", "core.user.read", "core.user.assign_roles")
"""Without these nobody could give anybody a right again."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A right whose default has changed while yours, edited here, was kept. Scopes as text, ``none`` for no right."""

    role: str
    right: str
    yours: str
    shipped: str


def sync_roles(session: WorkSession, catalogue: Catalogue) -> list[Kept]:
    """Insert new shipped roles and bring defaults to those left as they were shipped.

    A right that was edited stays as it is. Roles and rights of addons that are not running stay too.

    :returns: where an edit was kept against a changed default, for the upgrade's report.
    """
    existing = {role.code: role for role in session.scalars(select(Role))}
    kept: list[Kept] = []
    for code, shipped in sorted(catalogue.roles.items()):
        grants = {right: scope.name.lower() for right, scope in catalogue.grants[code].items()}
        role = existing.get(code)
        if role is None:
            session.add(_new(shipped, grants))
            continue
        kept += _update(role, shipped, grants, catalogue)
    session.flush()
    return kept


def _new(shipped: ShippedRole, grants: dict[str, str]) -> Role:
    return Role(
        code=shipped.code,
        title_ru=shipped.title_ru,
        title_en=shipped.title_en,
        addon=shipped.addon,
        everyone=shipped.everyone,
        grants=grants,
        shipped=dict(grants),
    )


def _update(role: Role, shipped: ShippedRole, grants: Mapping[str, str], catalogue: Catalogue) -> list[Kept]:
    """Bring a role up to date, among the rights of the running addons."""
    mine, kept = merge(role.grants, role.shipped, grants, catalogue.rights)
    after = {right: scope for right, scope in role.shipped.items() if right not in catalogue.rights} | dict(grants)
    if mine != role.grants:
        role.grants = mine
    if after != role.shipped:
        role.shipped = after
    role.addon, role.everyone = shipped.addon, shipped.everyone
    return [Kept(role.code, right, mine.get(right, NONE), grants.get(right, NONE)) for right in kept]


def merge(
    mine: Mapping[str, str], before: Mapping[str, str], after: Mapping[str, str], rights: Iterable[str]
) -> tuple[dict[str, str], list[str]]:
    """Grants after an upgrade, right by right: an edited one stays, any other takes the new default.

    :param before: the former defaults; ``after`` the new ones.
    :returns: the grants, and the rights where an edit was kept although the default has changed.
    """
    merged, kept = dict(mine), []
    for right in sorted(rights):
        old, new, yours = before.get(right, NONE), after.get(right, NONE), mine.get(right, NONE)
        if yours == old:
            _put(merged, right, new)
        elif new not in (old, yours):
            kept.append(right)
    return merged, kept


def _put(grants: dict[str, str], right: str, scope: str) -> None:
    if scope == NONE:
        grants.pop(right, None)
    else:
        grants[right] = scope


def edit_grants(session: WorkSession, role: Role, grants: Mapping[str, str], catalogue: Catalogue) -> None:
    """Exactly these scopes for a role's rights, among those the catalogue knows; the rest stays.

    :raises KeyError: for a right or scope that does not exist: the screen offers only those that do.
    :raises Conflict: when administrators would lose what they need to give rights back.
    """
    session.access.require("core.role.change")
    lost = [right for right in KEPT_BY_ADMINISTRATORS if grants.get(right, Scope.ALL.name.lower()) == NONE]
    if role.code == ADMINISTRATOR and lost:
        raise Conflict(T("Administrators keep the rights to give rights: without them nobody could undo this."))
    mine = dict(role.grants)
    for right, scope in grants.items():
        if scope != NONE and Scope[scope.upper()] not in catalogue.rights[right].scopes:
            raise KeyError(f"{right}: {scope}")
        _put(mine, right, scope)
    role.grants = mine
    session.flush()


def reset_grants(session: WorkSession, role: Role) -> None:
    """What the addons ship, instead of every edit made here.

    :raises Conflict: for a role that was made here: nobody ships anything for it.
    """
    session.access.require("core.role.change")
    if not role.addon:
        raise Conflict(T("This role was made here; there is nothing to go back to."))
    role.grants = dict(role.shipped)
    session.flush()


def create_role(session: WorkSession, *, code: str, title_ru: str, title_en: str) -> Role:
    """A role of one's own, without any right yet.

    :raises Invalid: when the code is taken or is no name.
    """
    session.access.require("core.role.create")
    if not NAME.fullmatch(code):
        raise Invalid({"code": [T("Small Latin letters, digits and _, beginning with a letter.")]})
    if session.scalar(select(Role.id).where(Role.code == code)) is not None:
        raise Invalid({"code": [T("This code is taken.")]})
    role = Role(code=code, title_ru=title_ru, title_en=title_en, grants={}, shipped={})
    session.add(role)
    session.flush()
    return role


def delete_role(session: WorkSession, role: Role) -> None:
    """Take away a role that was made here and that nobody has.

    :raises Conflict: for a shipped one, and for one that people have.
    """
    session.access.require("core.role.delete")
    if role.addon:
        raise Conflict(T("A shipped role cannot be deleted; take its rights away instead."))
    if session.scalar(select(UserRole.id).where(UserRole.role_id == role.id).limit(1)) is not None:
        raise Conflict(T("People have this role. Take it from them first."))
    session.delete(role)
    session.flush()
