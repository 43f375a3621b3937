"""The rights tables: what can be done to which thing, and how far each role's right to it reaches.

Core and every addon have one file, ``rights.toml``, that a manager can read and check::

    [roles.receptionist]
    title_ru = "Ресепшн"
    title_en = "Reception"

    [things.customer]
    title_ru = "Клиент"
    title_en = "Customer"
    actions = "read create change export merge"
    named.merge = { title_ru = "Объединить двойников", title_en = "Merge duplicates" }
    scopes = "own department branch all"
    second_factor = "merge"

    [grants.customer]
    receptionist = { all = "read create", own = "change" }
    administrator = { all = "*" }

    [grants."core.task"]
    receptionist = { own = "read change" }

``scopes`` says which scopes have a meaning for the thing: all four, unless it says less.
A right is called ``<addon>.<thing>.<action>``. What is not granted is not allowed. A record out of
a right's reach is answered like a missing one (404); an action that is not granted on a record one
may read is refused (403). ``second_factor`` names the actions nobody does without one; ``export``
is always among them (SEC-17).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.access.policy import Scope

STANDARD_ACTIONS = {
    "read": ("Видеть", "See"),
    "create": ("Создавать", "Create"),
    "change": ("Изменять", "Change"),
    "delete": ("Удалять", "Delete"),
    "export": ("Выгружать", "Export"),
}
EVERY_ACTION = "*"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SCOPES = tuple(scope.name.lower() for scope in Scope if scope != Scope.NONE)
_ROLE_KEYS = {"title_ru", "title_en", "everyone"}
_THING_KEYS = {"title_ru", "title_en", "actions", "named", "scopes", "second_factor"}


class RightsError(Exception):
    """A rights table that cannot be used; ``mistakes`` names every mistake in it."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = list(mistakes)
        super().__init__("\n".join(self.mistakes))


@dataclass(frozen=True, slots=True)
class Right:
    """One action on one thing. ``guarded`` ones need the second factor (SEC-17)."""

    addon: str
    thing: str
    action: str
    title_ru: str
    title_en: str
    thing_title_ru: str
    thing_title_en: str
    scopes: tuple[Scope, ...]
    guarded: bool

    @property
    def name(self) -> str:
        """The name that code asks for: ``parking.pass.cancel``."""
        return f"{self.addon}.{self.thing}.{self.action}"


@dataclass(frozen=True, slots=True)
class ShippedRole:
    """A role an addon brings; ``everyone`` marks the base role of every signed-in person."""

    code: str
    addon: str
    title_ru: str
    title_en: str
    everyone: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A role may do something to a thing within a scope; ``action`` may be ``*``."""

    addon: str
    role: str
    thing: str
    action: str
    scope: Scope


@dataclass(slots=True)
class RightsTable:
    """The rights file of one addon, read and checked by itself. ``Grant.thing`` is ``<addon>.<thing>``."""

    addon: str
    rights: dict[str, Right] = field(default_factory=dict)
    roles: dict[str, ShippedRole] = field(default_factory=dict)
    grants: list[Grant] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rights and shipped roles of an instance: what roles are edited with and tests are made from."""

    rights: Mapping[str, Right]
    roles: Mapping[str, ShippedRole]
    grants: Mapping[str, Mapping[str, Scope]]
    """By role, by right."""

    @property
    def guarded_rights(self) -> frozenset[str]:
        """The rights that need the second factor."""
        return frozenset(name for name, right in self.rights.items() if right.guarded)

    def scope(self, role: str, right: str) -> Scope:
        """How far a right reaches for one who has this shipped role, the base role's part included."""
        base = [code for code, each in self.roles.items() if each.everyone]
        return max(self.grants[code].get(right, Scope.NONE) for code in [role, *base])

    def as_matrix(self, language: str = "en") -> str:
        """The access matrix as Markdown tables, one for each addon: the same for the same rights (SEC-12)."""
        addons = sorted({right.addon for right in self.rights.values()}, key=lambda addon: (addon != "core", addon))
        return "\n\n".join(self._table(addon, language) for addon in addons) + "\n"

    def _table(self, addon: str, language: str) -> str:
        rights = [right for right in self.rights.values() if right.addon == addon]
        roles = [role for role in sorted(self.roles) if any(right.name in self.grants[role] for right in rights)]
        titles = [getattr(self.roles[role], f"title_{language}") for role in roles]
        lines = [f"## {addon}", "", _line(["right", "", *titles]), _line(["---"] * (len(roles) + 2))]
        for right in rights:
            cells = [self.grants[role].get(right.name, Scope.NONE) for role in roles]
            scopes = [scope.name.lower() if scope else "·" for scope in cells]
            thing, action = getattr(right, f"thing_title_{language}"), getattr(right, f"title_{language}")
            lines.append(_line([f"`{right.name}`", f"{thing}: {action}{' †' if right.guarded else ''}", *scopes]))
        return "\n".join(lines)


def load(path: Path, addon: str) -> RightsTable:
    """Read an addon's ``rights.toml``.

    :raises RightsError: with all mistakes of the file at once.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise RightsError([f"{addon}: {path.name}: {error}"]) from error
    return parse(data, addon)


def parse(data: Mapping[str, Any], addon: str) -> RightsTable:
    """A rights table from what its file says; see the module for the form.

    :raises RightsError: with all mistakes at once.
    """
    reader = _Reader(addon)
    reader.read(data)
    if reader.mistakes:
        raise RightsError(reader.mistakes)
    return reader.table


def gather(tables: Iterable[RightsTable]) -> Catalogue:
    """All tables taken together.

    An addon may give rights on its own things to any role, and on others' things to its own roles.

    :raises RightsError: for roles shipped twice, and for grants to unknown roles or on unknown things.
    """
    tables = list(tables)
    rights = {name: right for table in tables for name, right in table.rights.items()}
    roles: dict[str, ShippedRole] = {}
    mistakes = []
    for table in tables:
        mistakes += [f"{table.addon}: role {code!r} is {roles[code].addon}'s" for code in table.roles if code in roles]
        roles.update({code: role for code, role in table.roles.items() if code not in roles})
    grants: dict[str, dict[str, Scope]] = {code: {} for code in roles}
    for table in tables:
        for grant in table.grants:
            problem = _foreign_problem(grant, rights, roles)
            if problem:
                mistakes.append(problem)
                continue
            for name in _names(grant, rights):
                grants[grant.role][name] = max(grants[grant.role].get(name, Scope.NONE), grant.scope)
    if mistakes:
        raise RightsError(mistakes)
    return Catalogue(rights, roles, grants)


def _names(grant: Grant, rights: Mapping[str, Right]) -> list[str]:
    if grant.action != EVERY_ACTION:
        return [f"{grant.thing}.{grant.action}"]
    return [name for name in rights if name.rpartition(".")[0] == grant.thing]


def _foreign_problem(grant: Grant, rights: Mapping[str, Right], roles: Mapping[str, ShippedRole]) -> str:
    where = f"{grant.addon}: grants.{grant.thing}.{grant.role}"
    names = _names(grant, rights)
    if grant.role not in roles:
        return f"{where}: unknown role"
    if not names or any(name not in rights for name in names):
        return f"{where}: {grant.thing} has no action {grant.action!r}"
    if any(grant.scope not in rights[name].scopes for name in names):
        return f"{where}: {grant.scope.name.lower()} has no meaning for {grant.thing}"
    if grant.addon not in (grant.thing.partition(".")[0], roles[grant.role].addon):
        return f"{where}: neither the thing nor the role is {grant.addon}'s"
    return ""


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, addon: str) -> None:
        self.addon = addon
        self.table = RightsTable(addon)
        self.mistakes: list[str] = []

    def read(self, data: Mapping[str, Any]) -> None:
        self._keys("", data, {"roles", "things", "grants"})
        for code, role in self._sections(data, "roles"):
            self._role(code, role)
        for name, thing in self._sections(data, "things"):
            self._thing(name, thing)
        for name, roles in self._sections(data, "grants"):
            self._grants(name, roles)

    def _wrong(self, where: str, what: str) -> None:
        self.mistakes.append(f"{self.addon}: {where}: {what}" if where else f"{self.addon}: {what}")

    def _keys(self, where: str, data: Mapping[str, Any], known: set[str]) -> None:
        for key in sorted(set(data) - known):
            self._wrong(where, f"unknown key {key!r}")

    def _sections(self, data: Mapping[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
        sections = data.get(kind, {})
        if not isinstance(sections, dict):
            self._wrong(kind, "must be a table")
            return
        for name, section in sections.items():
            where = f"{kind}.{name}"
            if not isinstance(section, dict):
                self._wrong(where, "must be a table")
            elif not all(NAME.fullmatch(part) for part in (name.split(".") if kind == "grants" else [name])):
                self._wrong(where, "names are lower-case Latin letters, digits and _")
            else:
                yield name, section

    def _titles(self, where: str, data: Mapping[str, Any]) -> tuple[str, str]:
        for key in ("title_ru", "title_en"):
            if not isinstance(data.get(key), str) or not data[key].strip():
                self._wrong(where, f"{key} is missing")
        return str(data.get("title_ru", "")), str(data.get("title_en", ""))

    def _words(self, where: str, data: Mapping[str, Any], key: str, default: str) -> list[str]:
        """A list written as one text with spaces."""
        value = data.get(key, default)
        if not isinstance(value, str):
            self._wrong(where, f"{key} must be words with spaces between them")
            return []
        words = value.split()
        for word in sorted({word for word in words if words.count(word) > 1}):
            self._wrong(where, f"{key} names {word!r} twice")
        return words

    def _role(self, code: str, data: dict[str, Any]) -> None:
        where = f"roles.{code}"
        self._keys(where, data, _ROLE_KEYS)
        title_ru, title_en = self._titles(where, data)
        everyone = data.get("everyone", False)
        if not isinstance(everyone, bool):
            self._wrong(where, "everyone must be true or false")
        self.table.roles[code] = ShippedRole(code, self.addon, title_ru, title_en, everyone is True)

    def _thing(self, name: str, data: dict[str, Any]) -> None:
        where = f"things.{name}"
        self._keys(where, data, _THING_KEYS)
        titles = self._titles(where, data)
        actions = self._words(where, data, "actions", "")
        if not actions:
            self._wrong(where, "actions are missing")
        named = self._named(where, data, actions)
        scopes = tuple(
            scope
            for word in self._words(where, data, "scopes", " ".join(_SCOPES))
            if (scope := self._scope(where, word))
        )
        guarded = self._words(where, data, "second_factor", "")
        for action in sorted(set(guarded) - set(actions)):
            self._wrong(where, f"second_factor names {action!r}, which is no action")
        for action in actions:
            title_ru, title_en = named.get(action) or STANDARD_ACTIONS.get(action, ("", ""))
            needs_factor = action in guarded or action == "export"
            right = Right(self.addon, name, action, title_ru, title_en, *titles, scopes, needs_factor)
            self.table.rights[right.name] = right

    def _named(self, where: str, data: Mapping[str, Any], actions: list[str]) -> dict[str, tuple[str, str]]:
        """The titles of actions that are not standard ones."""
        named = data.get("named", {})
        if not isinstance(named, dict):
            self._wrong(where, "named must be a table")
            named = {}
        for action in actions:
            if not NAME.fullmatch(action):
                self._wrong(where, f"action {action!r}: names are lower-case Latin letters, digits and _")
            elif action not in STANDARD_ACTIONS and action not in named:
                self._wrong(where, f"action {action!r} has no titles under named")
        for action in sorted(set(named) - set(actions)):
            self._wrong(where, f"named.{action} is no action")
        titled = {action: titles for action, titles in named.items() if isinstance(titles, dict)}
        for action in sorted(set(named) - set(titled)):
            self._wrong(where, f"named.{action} must have title_ru and title_en")
        return {action: self._titles(f"{where}.named.{action}", titles) for action, titles in titled.items()}

    def _scope(self, where: str, word: str) -> Scope:
        if word not in _SCOPES:
            self._wrong(where, f"{word!r} is no scope: {', '.join(_SCOPES)}")
            return Scope.NONE
        return Scope[word.upper()]

    def _grants(self, thing: str, data: dict[str, Any]) -> None:
        full_name = thing if "." in thing else f"{self.addon}.{thing}"
        for role, scopes in data.items():
            where = f"grants.{thing}.{role}"
            if not isinstance(scopes, dict):
                self._wrong(where, 'must be like { own = "read change" }')
                continue
            for word in scopes:
                scope = self._scope(where, word)
                for action in self._words(where, scopes, word, ""):
                    self._grant(where, Grant(self.addon, role, full_name, action, scope))

    def _grant(self, where: str, grant: Grant) -> None:
        own_thing = grant.thing.partition(".")[0] == self.addon
        if own_thing and not any(name in self.table.rights for name in _names(grant, self.table.rights)):
            self._wrong(where, f"{grant.action!r} is no action of {grant.thing}")
            return
        self.table.grants.append(grant)


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
