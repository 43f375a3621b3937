"""Settings with a type and a default, declared in code, changed by an administrator, kept in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
import structlog
from sqlalchemy import Select, bindparam, select

from core.access.models import Branch
from core.db import kept
from core.db.engine import WorkSession
from core.db.kept import Read
from core.errors import Invalid
from core.text.msgids import T
from core.work.office_models import SettingValue

V = TypeVar("V")
EVERYWHERE = 0
RIGHT = "core.setting.change"

log = structlog.get_logger("forecourt.settings")


@dataclass(frozen=True, slots=True)
class Setting(Generic[V]):
    """One thing an administrator may decide.

    :param name: ``<addon>.<what>``.
    :param type: what msgspec can read from JSON: ``int``, ``bool``, ``str``, ``list[str]``, ``time`` …
    :param minimum: of a number, or of the length of a text or list.
    :param choices: the only values allowed.
    :param per_branch: a branch may differ from the whole dealership.
    """

    name: str
    type: type[V]
    default: V
    title: str = ""
    group: str = ""
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[V, ...] = ()
    per_branch: bool = False

    def checked(self, value: Any) -> V:
        """The value in the setting's type.

        :raises Invalid: it has another type, or is out of its limits.
        """
        try:
            converted = msgspec.convert(value, self.type, strict=False)
        except (msgspec.ValidationError, ValueError) as error:
            raise Invalid({self.name: [T("This is not a value of the right kind.")]}) from error
        if self.choices and converted not in self.choices:
            raise Invalid({self.name: [T("Choose one of the values offered.")]})
        self._check_limits(converted)
        return converted

    def _check_limits(self, value: Any) -> None:
        size = len(value) if isinstance(value, (str, list, tuple, dict)) else value
        if self.minimum is not None and size < self.minimum:
            raise Invalid({self.name: [T("This is less than allowed.")]})
        if self.maximum is not None and size > self.maximum:
            raise Invalid({self.name: [T("This is more than allowed.")]})


def read(session: WorkSession, setting: Setting[V], branch_id: int | None = None) -> V:
    """The value that holds for a branch: its own, else that of the whole dealership, else the default."""
    value: V = read_all(session, [setting], branch_id)[setting.name]
    return value


def read_all(session: WorkSession, settings: Sequence[Setting[Any]], branch_id: int | None = None) -> dict[str, Any]:
    """The values of several settings by name, in one query."""
    return values_in(kept.read(session, values_read(settings, branch_id)), settings)


def values_read(settings: Sequence[Setting[Any]], branch_id: int | None = None) -> Read:
    """Reads what was decided of several settings for a branch, for whoever reads it with other things; see :func:`values_in`."""
    places = [EVERYWHERE, branch_id or EVERYWHERE]
    return Read(_DECIDED, {"names": [setting.name for setting in settings], "places": places})


def values_in(rows: Sequence[Any], settings: Sequence[Setting[Any]]) -> dict[str, Any]:
    """The values that hold by name, in what :func:`values_read` has read of the same settings."""
    stored: dict[str, list[tuple[int, Any]]] = {}
    for name, place, value in rows:
        stored.setdefault(name, []).append((place, value))
    return {setting.name: _effective(setting, stored.get(setting.name, [])) for setting in settings}


_DECIDED: Select[*tuple[Any, ...]] = (
    select(SettingValue.name, SettingValue.branch_id, SettingValue.value)
    .where(
        SettingValue.name.in_(bindparam("names", expanding=True)),
        SettingValue.branch_id.in_(bindparam("places", expanding=True)),
    )
    .order_by(SettingValue.branch_id)
)


def read_by_branch(session: WorkSession, setting: Setting[V]) -> dict[int, V]:
    """The value that holds in each branch of the house by its number, also in those that are closed, in two queries."""
    statement = select(SettingValue.branch_id, SettingValue.value).where(SettingValue.name == setting.name)
    stored = {row.branch_id: row.value for row in session.execute(statement)}
    everywhere = [(EVERYWHERE, stored[EVERYWHERE])] if EVERYWHERE in stored else []
    return {
        branch_id: _effective(
            setting, [*everywhere, (branch_id, stored[branch_id])] if branch_id in stored else everywhere
        )
        for branch_id in session.scalars(select(Branch.id))
    }


def write(session: WorkSession, setting: Setting[V], value: Any, branch_id: int | None = None) -> V:
    """Decide the setting, for a branch or for the whole dealership; the change is in the audit trail.

    :raises Forbidden: the person may not change settings.
    :raises Invalid: a wrong type, out of limits, or a branch where all branches are alike.
    """
    session.access.require(RIGHT)
    converted = setting.checked(value)
    stored = _stored(session, setting, branch_id)
    if stored is None:
        stored = SettingValue(name=setting.name, branch_id=branch_id or EVERYWHERE)
        session.add(stored)
    stored.value = msgspec.to_builtins(converted)
    session.flush()
    return converted


def reset(session: WorkSession, setting: Setting[Any], branch_id: int | None = None) -> None:
    """Forget the decision: the dealership's value, or the default, holds again.

    :raises Forbidden: the person may not change settings.
    """
    session.access.require(RIGHT)
    stored = _stored(session, setting, branch_id)
    if stored is not None:
        session.delete(stored)
        session.flush()


def decided(session: WorkSession, branch_id: int | None = None) -> frozenset[str]:
    """The names of the settings somebody has decided, for a branch or for the whole dealership."""
    place = branch_id or EVERYWHERE
    return frozenset(session.scalars(select(SettingValue.name).where(SettingValue.branch_id == place)))


def _stored(session: WorkSession, setting: Setting[Any], branch_id: int | None) -> SettingValue | None:
    if branch_id and not setting.per_branch:
        raise Invalid({setting.name: [T("This setting is the same in all branches.")]})
    statement = select(SettingValue).where(
        SettingValue.name == setting.name, SettingValue.branch_id == (branch_id or EVERYWHERE)
    )
    return session.scalars(statement).one_or_none()


def _effective(setting: Setting[Any], stored: Sequence[tuple[int, Any]]) -> Any:
    """The last of the stored values that is still valid; an update of an addon may have narrowed its limits."""
    for place, value in reversed(stored):
        if place != EVERYWHERE and not setting.per_branch:
            continue
        try:
            return setting.checked(value)
        except Invalid:
            log.warning("a stored setting is not valid any more", setting=setting.name, branch=place)
    return setting.default
