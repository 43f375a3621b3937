"""What is wrong with a screen's declaration, found at start and said all at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import ArgumentError, NoInspectionAvailable
from sqlalchemy.orm import QueryableAttribute

from core.db.search_index import is_searched
from core.web import forms
from core.web.listing.cells import KINDS
from core.web.listing.compiled import PHONE_SLOTS
from core.web.listing.language import variants
from core.web.listing.plan import selectable, tables_of, tables_within
from core.web.listing.state import RESERVED
from core.web.mounted import MountedScreen, mount
from core.web.screens import CARD, Column, Field, FormSection, Link, Lookup, Screen

_KEY = re.compile(r"[a-z][a-z0-9]*\.[a-z][a-z0-9_]*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TEMPLATES = {"list", "card", "form"}
_ALLOW = {"create", "change", "delete"}


def check(screen: Screen) -> list[str]:
    """Everything wrong with a screen by itself; empty when nothing is."""
    return check_mounted(mount(screen))


def check_mounted(mounted: MountedScreen, rights: Collection[str] | None = None) -> list[str]:
    """Everything wrong with a screen and what addons add to it; with ``rights`` unknown rights too."""
    problems = [*_check_head(mounted.screen), *_check_columns(mounted), *_check_filters(mounted)]
    problems += [*_check_order(mounted), *_check_rest(mounted), *_check_form(mounted)]
    if rights is not None:
        problems += _check_rights(mounted, rights)
    return [f"{mounted.key}: {problem}" for problem in problems]


def _check_head(screen: Screen) -> Iterator[str]:
    if not _KEY.fullmatch(screen.key):
        yield f"the key {screen.key!r} is not <addon>.<word>"
    if not screen.path.startswith("/") or screen.path.endswith("/"):
        yield f"the path {screen.path!r} must begin with / and not end with it"
    if not screen.thing.startswith(f"{screen.owner}.") and screen.owner != "core":
        yield f"the rights {screen.thing!r} are not the addon's own"
    if screen.allow - _ALLOW:
        yield f"allow names {', '.join(sorted(screen.allow - _ALLOW))}"
    if screen.templates.keys() - _TEMPLATES:
        yield f"templates names {', '.join(sorted(screen.templates.keys() - _TEMPLATES))}"
    if {"create", "change"} & screen.allow and not screen.sections:
        yield "records can be created or changed, but there are no sections of fields"
    if isinstance(screen.search, QueryableAttribute) and not is_searched(screen.search.property.columns[0]):
        yield "the search column has no search index (info=SEARCHED)"


def _check_columns(mounted: MountedScreen) -> Iterator[str]:
    yield from _twice("column", (column.name for column in mounted.columns))
    if not any(column.shown for column in mounted.columns):
        yield "no column is shown"
    for column in mounted.columns:
        yield from (f"column {column.name}: {problem}" for problem in _check_column(mounted.screen, column))


def _check_column(screen: Screen, column: Column) -> Iterator[str]:
    if not _NAME.fullmatch(column.name):
        yield "the name is not an identifier"
    if (column.expression is None) == (column.fetch is None):
        yield "give either an expression or a fetch"
    for kind in (column.kind, column.second_kind):
        if kind not in KINDS:
            yield f"unknown kind {kind!r}; there are {', '.join(KINDS)}"
    if column.phone not in PHONE_SLOTS:
        yield f"unknown place on phones {column.phone!r}"
    if column.fetch is not None and (column.second is not None or column.badges or isinstance(column.link, Link)):
        yield "a fetched column has one value: no second line, badges or link"
    if isinstance(column.link, str) and column.link != CARD:
        yield f"unknown link {column.link!r}"
    parts = [column.expression, column.second, column.sort, *column.extra, *(badge.when for badge in column.badges)]
    if isinstance(column.link, Link):
        parts.append(column.link.id)
    yield from _strangers(screen, parts)


def _check_filters(mounted: MountedScreen) -> Iterator[str]:
    yield from _twice("filter", (each.name for each in mounted.filters))
    for each in mounted.filters:
        if each.name in RESERVED or not _NAME.fullmatch(each.name):
            yield f"filter {each.name}: the name is taken or no identifier"
        yield from (f"filter {each.name}: {problem}" for problem in _strangers(mounted.screen, each.expressions()))


def _check_order(mounted: MountedScreen) -> Iterator[str]:
    sortable = {column.name for column in mounted.columns if column.sort_expression is not None}
    for name in mounted.screen.order:
        if name.removeprefix("-") not in sortable:
            yield f"order names {name!r}, which is no column to sort by"
    yield from _twice("grouping", (each.name for each in mounted.groupings))
    for each in mounted.groupings:
        parts = [each.key, each.title, *(total.expression for total in each.totals)]
        yield from (f"grouping {each.name}: {problem}" for problem in _strangers(mounted.screen, parts))


def _check_rest(mounted: MountedScreen) -> Iterator[str]:
    screen = mounted.screen
    yield from _twice("bulk action", (each.name for each in screen.bulk))
    yield from _twice("view", (each.name for each in screen.views))
    yield from _twice("ready filter", (each.name for each in screen.ready))
    known = {each.name for each in mounted.filters} | RESERVED
    for ready in screen.ready:
        for name in ready.query:
            if name not in known:
                yield f"ready filter {ready.name}: there is no filter {name!r}"
    for action in screen.bulk:
        for each in action.fields:
            if each.lookup is not None and each.lookup.search is not None:
                yield f"bulk action {action.name}: field {each.name} must be a plain select"


def _check_form(mounted: MountedScreen) -> Iterator[str]:
    fields = mounted.screen.fields()
    yield from _twice("field", (each.name for each in fields))
    names = {each.name for each in fields}
    for each in fields:
        yield from (f"field {each.name}: {problem}" for problem in _check_field(mounted.screen, each))
        if each.follows is not None and each.follows.leader not in names:
            yield f"field {each.name}: it follows {each.follows.leader!r}, which is no field"
    yield from _twice("form section", (each.name for each in mounted.form_sections))
    for section in mounted.form_sections:
        yield from _check_section(section, names)


def _check_field(screen: Screen, declared: Field) -> Iterator[str]:
    columns = inspect(screen.model).columns
    if declared.name not in columns:
        yield f"{screen.model.__name__} has no such column"
        return
    if declared.name in forms.PROTECTED and declared.on:
        yield "this column is never bound from a form (SEC-7)"
    if columns[declared.name].info.get("secret"):
        yield "this column is secret"
    if declared.kind and declared.kind not in forms.FIELD_KINDS:
        yield f"unknown kind {declared.kind!r}; there are {', '.join(sorted(forms.FIELD_KINDS))}"
    yield from _check_value(declared, columns[declared.name])


def _check_value(declared: Field, column: Any) -> Iterator[str]:
    if declared.lookup is None and column.foreign_keys:
        yield "a foreign key needs a lookup"
    if declared.lookup is not None:
        yield from _check_lookup(declared.lookup, column)
    elif not declared.choices and not declared.kind:
        try:
            forms.kind_of(column)
        except ValueError as error:
            yield str(error)


def _check_lookup(lookup: Lookup, column: Any) -> Iterator[str]:
    targets = {key.column.table.name for key in column.foreign_keys} if column is not None else set()
    table = lookup.model.__tablename__
    if targets and table not in targets:
        yield f"the lookup offers {table}, the column refers to {', '.join(sorted(targets))}"
    if lookup.search is not None and not is_searched(lookup.search.property.columns[0]):
        yield "the lookup's search column has no search index (info=SEARCHED)"


def _check_section(section: FormSection, own: set[str]) -> Iterator[str]:
    if not _NAME.fullmatch(section.name) or section.name in own | forms.OUR_OWN:
        yield f"form section {section.name}: the name is taken or no identifier"
    yield from _twice(f"field of section {section.name}", (each.name for each in section.fields))
    for each in section.fields:
        if each.kind and each.kind not in forms.FIELD_KINDS:
            yield f"form section {section.name}: field {each.name} has unknown kind {each.kind!r}"


def _check_rights(mounted: MountedScreen, rights: Collection[str]) -> Iterator[str]:
    screen = mounted.screen
    wanted = {screen.right(action) for action in ("read", *screen.allow)}
    wanted |= {screen.right("export")} if screen.export else set()
    parts: list[Any] = [*mounted.columns, *mounted.filters, *mounted.groupings, *screen.ready, *screen.views]
    parts += [*screen.bulk, *screen.actions, *screen.card_actions, *screen.fields(), *mounted.form_sections]
    parts += mounted.strips
    wanted |= {each.right for each in parts if each.right}
    wanted |= {each.set_right for each in screen.fields() if each.set_right}
    wanted |= {each.lookup.right for each in screen.fields() if each.lookup is not None and each.lookup.right}
    wanted |= {each.made.right for each in screen.fields() if each.made is not None}
    for right in sorted(wanted - set(rights)):
        yield f"unknown right {right!r}"


def _strangers(screen: Screen, expressions: Iterable[Any]) -> Iterator[str]:
    """Expressions of tables that are neither the model's nor joined, or that are no expressions at all."""
    known = {selectable(screen.model), *(selectable(join.entity) for join in screen.joins)}
    for expression in expressions:
        for variant in variants(expression):
            try:
                strangers = set(tables_of(variant)) - known - set(tables_within(variant))
            except (AttributeError, ArgumentError, NoInspectionAvailable):
                yield f"{variant!r} is no SQL expression"
                continue
            for name in sorted(str(getattr(table, "name", table)) for table in strangers):
                yield f"{name} is not joined"


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} {name!r} is declared {count} times"
