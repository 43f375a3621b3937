"""What files may hold besides clients and cars: the contract between the importer and the addons with a past of their own.

A row of such a file names a client and a car as every import does, in the same columns, and tells of something that was:
a repair, a sale. It adds to what is known of the client and the car, and changes nothing that is known already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from addons.contacts.services.importing.columns import TARGETS, Target
from core import Conflict, T

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from addons.contacts.models import Customer, Import, Vehicle
    from addons.contacts.services.importing.book import Car, Party
    from addons.contacts.services.importing.entries import Entry
    from core import Hooks, WorkSession

CLIENTS = ""
"""The code of files that hold clients and their cars alone."""


class ImportedRow:
    """A row of the file with whom and what it is about, as far as they are stored.

    While a file is only checked, clients and cars that the import would create are ``None``. They have their numbers when
    the row is written.
    """

    def __init__(self, entry: Entry, party: Party | None, car: Car | None, owner: Party | None) -> None:
        self._entry, self._party, self._car, self._owner = entry, party, car, owner

    @property
    def number(self) -> int:
        """Its place in the file, from 1."""
        return self._entry.number

    @property
    def texts(self) -> Mapping[str, str]:
        """The filled cells by field."""
        return self._entry.texts

    @property
    def names_client(self) -> bool:
        """Whether the row itself says whose it is."""
        return self._party is not None

    @property
    def has_client(self) -> bool:
        """Whether it is known whose it is: a client is named, or a car that has one."""
        return self._party is not None or self._owner is not None

    @property
    def client(self) -> Customer | None:
        """The client the row names, else the one the car belongs to."""
        party = self._party or self._owner
        return party.record if party is not None else None

    @property
    def vehicle(self) -> Vehicle | None:
        """The car the row names."""
        return self._car.record if self._car is not None else None

    @property
    def good(self) -> bool:
        """Whether nothing was found wrong with it so far."""
        return not self._entry.problems

    def wrong(self, field: str, message: str, **values: Any) -> None:
        """Note why this row cannot be imported; the message is a msgid, the field may be nothing."""
        self._entry.wrong(field, message, **values)


class ImportWork(Protocol):
    """What an addon does with some hundred rows of a file."""

    def plan(self, row: ImportedRow) -> str:
        """``created``, ``updated`` or ``unchanged``; what is wrong with a row is noted on it. Nothing is written."""

    def write(self, row: ImportedRow) -> None:
        """Write a row that was planned; its client and its car are stored by now."""


Beginning = Callable[["WorkSession", "Import", "ZoneInfo", Sequence[str]], ImportWork]
"""Begins the work with a portion of a file: the zone its days are in, and the keys of its rows."""


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A kind of file that can be imported besides clients and cars.

    :param code: unique, beginning with the addon's name: ``service.orders``.
    :param title: what such a file holds; ``own`` is the heading of the fields that are not of a client or a car.
    :param targets: these fields, each with the code as its ``part``.
    :param key: the field by which a row finds again what it has made, however often it is imported.
    :param right: who may import it, beside the right to import clients; it has to reach everything.
    :param without: fields of clients and cars for which the kind has fields of its own.
    """

    code: str
    title: str
    own: str
    targets: tuple[Target, ...]
    key: str
    right: str
    begin: Beginning
    without: frozenset[str] = frozenset()


def import_kinds(hooks: Hooks) -> dict[str, ImportKind]:
    """The kinds of the enabled addons by code."""
    return {kind.code: kind for _, kind in hooks.declared("contacts_import_kinds")}


def kind_of(hooks: Hooks, code: str) -> ImportKind | None:
    """The kind of a file; nothing for clients and cars.

    :raises Conflict: its addon is switched off.
    """
    if code == CLIENTS:
        return None
    kind = import_kinds(hooks).get(code)
    if kind is None:
        raise Conflict(T("What this file holds belongs to an addon that is switched off."))
    return kind


def targets_of(kind: ImportKind | None) -> tuple[Target, ...]:
    """What the columns of such a file can be."""
    if kind is None:
        return TARGETS
    return (*kind.targets, *(target for target in TARGETS if target.name not in kind.without))
