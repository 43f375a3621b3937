"""Whether the archive of an addon holds what is the addon's, and nothing else.

An archive has lain outside, and whoever has one could have written it. So nothing is put back on its word: its tables
have to be the addon's, and each row of core's tables one that an uninstall would take (:mod:`core.host.belongings`) if
it were there. Otherwise an archive could bring an account, a right or a client's record.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.access.policy import Scope
from core.db.archive import BackupError
from core.db.base import addon_of_table
from core.db.reflected import SUBJECT_ID, SUBJECT_TYPE, Schema
from core.db.revisions import version_table
from core.host.addon_archive import FILE_TABLE, EmptiedColumn, GivenRight
from core.host.belongings import GRANTS, LEFT_ALONE, MARKED, NAMED, ROLES, SHIPPED, TRAILS

Row = Mapping[str, Any]
Place = tuple[str, Any]
"""A row by its table and number."""

ADDONS = "core_addon"
_CONTENT = re.compile(r"[0-9a-f]{40}")
_SCOPES = frozenset(scope.name.lower() for scope in Scope)


class Admission:
    """What of an archive may be put back; whatever may not refuses the whole.

    :param schema: the database, with the addon's tables made.
    :param rows: gives the archive's rows of a table.
    :raises BackupError: naming the table whose rows are not the addon's.
    """

    def __init__(self, schema: Schema, addon: str, tables: Iterable[str], rows: Callable[[str], Iterable[Row]]) -> None:
        self._schema, self._addon = schema, addon
        names = list(tables)
        for name in names:
            self._expect_table(name)
        self.of_core = [name for name in names if addon_of_table(name) == "core" and name in schema.tables]
        """The archive's tables of core that there are here."""
        self._admitted = self._admit(rows)

    def expect_right(self, given: GivenRight) -> None:
        """Refuse a right that is another's, and a scope that there is not."""
        if not self.is_own_right(given.right):
            raise self._foreign(f"the right «{given.right}»")
        _expect_scopes(scope for scope in (given.scope, given.shipped) if scope)

    def expect_emptied(self, emptied: EmptiedColumn) -> None:
        """Refuse to fill a column that an uninstall would not have emptied."""
        links = self._schema.links_of(emptied.table) if addon_of_table(emptied.table) == "core" else []
        referred = [link.referred for link in links if link.column == emptied.column and link.nullable]
        if not any((name, emptied.value) in self._admitted for name in referred):
            raise self._foreign(f"what {emptied.table}.{emptied.column} refers to")

    # --- tables ---------------------------------------------------------------------------------

    def _expect_table(self, name: str) -> None:
        owner = addon_of_table(name)
        if owner not in (self._addon, "core") or name == version_table(self._addon):
            raise self._foreign(f"rows of {name}")
        if owner == self._addon and name not in self._schema.tables:
            raise BackupError(
                f"the archive has rows of {name}, which «{self._addon}» has not at the archive's revision"
            )

    # --- rows of core ---------------------------------------------------------------------------

    def _admit(self, rows: Callable[[str], Iterable[Row]]) -> set[Place]:
        """From the rows that carry the addon's name to those that hang on them; all of the archive have to be among these."""
        there: set[Place] = set()
        waiting: list[Place] = []
        hanging: dict[Place, list[Place]] = defaultdict(list)
        for name in self.of_core:
            for row in rows(name):
                _expect_harmless(name, row)
                place = (name, self._key(name, row))
                there.add(place)
                if self._carries_name(name, row):
                    waiting.append(place)
                for holder, held in self._ties(place, row):
                    hanging[holder].append(held)
        admitted: set[Place] = set()
        while waiting:
            place = waiting.pop()
            if place in there and place not in admitted:
                admitted.add(place)
                waiting += hanging[place]
        strangers = sorted({name for name, _ in there - admitted})
        if strangers:
            raise self._foreign(f"rows of {', '.join(strangers)}")
        return admitted

    def _key(self, name: str, row: Row) -> Any:
        key = tuple(_plain(row.get(column.name)) for column in self._schema.tables[name].primary_key.columns)
        if None in key:
            raise BackupError(f"the archive is damaged: a row of {name} has no key")
        return key[0] if len(key) == 1 else key

    def _carries_name(self, name: str, row: Row) -> bool:
        """Whether a row of core is the addon's by itself."""
        if name in MARKED:
            return bool(row.get(MARKED[name]) == self._addon)
        if name in NAMED and str(row.get(NAMED[name])).startswith((f"{self._addon}.", f"{self._addon}_")):
            return True
        return self._has_subject(name) and str(row.get(SUBJECT_TYPE)).startswith(f"{self._addon}_")

    def _has_subject(self, name: str) -> bool:
        return name in self._schema.by_subject and name not in TRAILS

    def _ties(self, place: Place, row: Row) -> Iterator[tuple[Place, Place]]:
        """What a row hangs on, and what hangs on it: in each pair the second is the addon's if the first is."""
        name = place[0]
        for link in self._schema.links_of(name):
            other = (link.referred, _plain(row.get(link.column)))
            if LEFT_ALONE.get(link.referred) == name:
                yield place, other
            elif not link.nullable:
                yield other, place
        if self._has_subject(name):
            yield (str(row.get(SUBJECT_TYPE)), _plain(row.get(SUBJECT_ID))), place

    # --- rights ---------------------------------------------------------------------------------

    def is_own_right(self, right: str) -> bool:
        """Whether a right is on one of the addon's things."""
        return right.startswith(f"{self._addon}.")

    def _foreign(self, what: str) -> BackupError:
        return BackupError(f"the archive holds what is not «{self._addon}»'s: {what}; nothing was restored")


def _plain(value: Any) -> int | str | None:
    """A value as keys have them; nothing for what is none."""
    return value if isinstance(value, int | str) else None


def _expect_harmless(name: str, row: Row) -> None:
    """Refuse values with which a row would be more than it says."""
    if name == ADDONS and row.get("state") == "enabled":
        raise BackupError("the archive is damaged: it says that the addon is enabled")
    if name == FILE_TABLE and not _CONTENT.fullmatch(str(row.get("storage_name"))):
        raise BackupError("the archive is damaged: a file's content has no name as we give them")
    if name == ROLES:
        for column in (GRANTS, SHIPPED):
            rights = row.get(column) or {}
            if not isinstance(rights, dict):
                raise BackupError("the archive is damaged: a role's rights are none")
            _expect_scopes(rights.values())


def _expect_scopes(scopes: Iterable[Any]) -> None:
    unknown = sorted(str(scope) for scope in scopes if _plain(scope) not in _SCOPES)
    if unknown:
        raise BackupError(f"the archive is damaged: there is no scope {', '.join(unknown)}")
