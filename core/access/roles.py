"""The shipped roles in the database: brought in and kept up to date, without undoing anybody's edits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from core.access.models import Role
from core.access.policy import Scope
from core.access.rights import Catalogue, ShippedRole
from core.db.engine import WorkSession

NONE = "none"


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
    """
    session.access.require("core.role.change")
    mine = dict(role.grants)
    for right, scope in grants.items():
        if scope != NONE and Scope[scope.upper()] not in catalogue.rights[right].scopes:
            raise KeyError(f"{right}: {scope}")
        _put(mine, right, scope)
    role.grants = mine
    session.flush()
