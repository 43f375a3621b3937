"""Who may do what, and on which rows: one place decides (SEC-1, SEC-2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from core.errors import Forbidden


class Scope(IntEnum):
    """How far a right reaches; the widest one among a person's roles counts."""

    NONE = 0
    OWN = 1
    DEPARTMENT = 2
    BRANCH = 3
    ALL = 4


NO_GRANTS: Mapping[str, Scope] = MappingProxyType({})
"""One for all who have none: what is kept for a person's rights is found again by this very object."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one signed-in person may do, worked out once per request from his roles.

    ``grants`` maps a right (``parking.pass.cancel``) to its scope. ``elevated`` holds the
    reason for having no row limits, and is empty otherwise.
    """

    user_id: int | None
    login: str = ""
    name: str = ""
    roles: frozenset[str] = frozenset()
    grants: Mapping[str, Scope] = field(default_factory=lambda: NO_GRANTS)
    department_ids: frozenset[int] = frozenset()
    branch_ids: frozenset[int] = frozenset()
    language: str = "ru"
    time_zone: str = "Europe/Moscow"
    theme: str = "auto"
    letter_keys: bool = True
    elevated: str = ""
    source: str = ""
    """Where the request came from, for the audit trail: an address, or ``command``."""

    @property
    def zone(self) -> ZoneInfo:
        """By which clock the person lives (X-05)."""
        return ZoneInfo(self.time_zone)

    def scope(self, right: str) -> Scope:
        """How far this right reaches for this person; ``NONE`` when he has it not."""
        return Scope.ALL if self.elevated else self.grants.get(right, Scope.NONE)

    def may(self, right: str) -> bool:
        """Whether the person has this right on anything at all."""
        return self.scope(right) > Scope.NONE

    def reaches(self, right: str, department_id: int | None = None, branch_id: int | None = None) -> bool:
        """Whether this right reaches a record of that department and branch that is not the person's own."""
        scope = self.scope(right)
        return (
            scope == Scope.ALL
            or (scope >= Scope.BRANCH and branch_id in self.branch_ids)
            or (scope >= Scope.DEPARTMENT and department_id in self.department_ids)
        )

    def without_limits(self, reason: str) -> Access:
        """The same person without row limits, for one purpose that is named (SEC-9)."""
        if not reason:
            raise ValueError("access without limits needs a reason")
        return replace(self, elevated=reason)

    def require(self, right: str) -> None:
        """Raise ``Forbidden`` unless the person has this right."""
        if not self.may(right):
            raise Forbidden("You have no right to do this.")


NOBODY = Access(user_id=None)


def system(reason: str) -> Access:
    """The access of a command or a job, with the reason that goes into the audit trail (SEC-9)."""
    return Access(user_id=None, login="system", name="system", elevated=reason, source="command")


RowCriterion = Callable[[Access, Scope], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class RowRule:
    """Which rows of a model a person may read, change and count.

    The columns say whose a row is; a row whose column is NULL belongs to nobody and is then
    visible to the wider scopes only. Set on a model as ``__row_rule__ = RowRule(…)``.
    """

    right: str
    own: tuple[str, ...] = ()
    department: str | None = None
    branch: str | None = None
    instead: frozenset[str] = frozenset()
    """Other rights a single statement may be run under, such as a look-up that shows little of each row."""

    def applied(self, instead: str | None) -> str:
        """The right that counts for a statement that names another one."""
        return instead if instead is not None and instead in self.instead else self.right

    def criterion(self, model: type, access: Access, instead: str | None = None) -> ColumnElement[bool]:
        """The condition that keeps the person's own rows of ``model``; true for scope ``ALL``."""
        scope = access.scope(self.applied(instead))
        if scope == Scope.ALL:
            return true()
        mine: list[ColumnElement[bool]] = []
        if scope >= Scope.OWN:
            mine += [_column(model, name) == access.user_id for name in self.own]
        if scope >= Scope.DEPARTMENT and self.department:
            mine.append(_column(model, self.department).in_(sorted(access.department_ids)))
        if scope >= Scope.BRANCH and self.branch:
            mine.append(_column(model, self.branch).in_(sorted(access.branch_ids)))
        return or_(*mine) if mine else ~true()


def _column(model: type, name: str) -> InstrumentedAttribute[int]:
    column: InstrumentedAttribute[int] = getattr(model, name)
    return column
