"""What a person looks at, as it stands in the address: filters, search, order, groups, place, columns, view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from core.access.policy import Access
from core.errors import Refusal
from core.web.http import number_of
from core.web.i18n import T
from core.web.listing.filters import MAX_VALUES, Filter

if TYPE_CHECKING:
    from core.web.mounted import MountedScreen
    from core.web.screens import Column, Grouping

RESERVED = frozenset(
    {"q", "sort", "group", "closed", "after", "before", "n", "row", "cols", "view", "panel", "list", "exact", "format"}
    | {"limit", "count", "fields"}
)
"""Names in the addresses of lists, of pages and of the API, that no filter may have."""

_PLACES = frozenset({"after", "before", "n", "row", "panel", "list", "exact", "format"})
_SPANS = ("period", "range")
MAX_SEARCH = 200
MAX_CLOSED = 200
MAX_QUERY = 8000
MAX_PAIRS = 300


@dataclass(frozen=True, slots=True)
class ListState:
    """One look at a list. ``columns`` is ``None`` for the person's own choice of columns."""

    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    group: str = ""
    closed: tuple[str, ...] = ()
    after: str = ""
    before: str = ""
    first: int = 1
    row: int | None = None
    columns: tuple[str, ...] | None = None
    view: str = ""

    def pairs(self) -> list[tuple[str, str]]:
        """What is to be seen, as query pairs; not the place in it."""
        found = [(name, value) for name, values in self.filters.items() for value in values]
        single = (("q", self.search), ("sort", self.sort), ("group", self.group), ("view", self.view))
        found += [(name, value) for name, value in single if value]
        found += [("closed", value) for value in self.closed]
        if self.columns is not None:
            found.append(("cols", ",".join(self.columns)))
        return found

    def query(self) -> str:
        """The address's query without the place in the list: what a saved filter keeps."""
        return urlencode(self.pairs())

    def place(self) -> list[tuple[str, str]]:
        """Where in the list the page begins, as query pairs."""
        found = [(name, value) for name, value in (("after", self.after), ("before", self.before)) if value]
        return [*found, ("n", str(self.first))] if found and self.first > 1 else found

    def full_query(self) -> str:
        """The address's query with the place."""
        return urlencode([*self.pairs(), *self.place()])

    def without_place(self) -> ListState:
        """The same rows from the beginning."""
        return replace(self, after="", before="", first=1, row=None)

    def without(self, name: str) -> ListState:
        """The same look without one filter, from the beginning."""
        filters = {key: values for key, values in self.filters.items() if key != name}
        return replace(self.without_place(), filters=filters)


def parse(mounted: MountedScreen, args: MultiDict[str, str], access: Access) -> ListState:
    """The state an address describes.

    :raises Refusal: 400 for names of filters, columns, groups or views that are unknown to this person (SEC-4, SEC-29).
    """
    filters = _filters(mounted, args, access)
    search = _text(args.get("q", "")).strip()[:MAX_SEARCH]
    if search and mounted.screen.search is None:
        raise Refusal(T("This list has no search."))
    sort, group, view = args.get("sort", ""), args.get("group", ""), args.get("view", "")
    if sort:
        _known(sort.removeprefix("-"), (column.name for column in sortable(mounted, access)))
    if group:
        _known(group, (grouping.name for grouping in groupings(mounted, access)))
    if view:
        _known(view, (each.name for each in mounted.screen.views if not each.right or access.may(each.right)))
    return ListState(
        filters=filters,
        search=search,
        sort=sort,
        group=group,
        closed=tuple(dict.fromkeys(_text(value) for value in args.getlist("closed")))[:MAX_CLOSED] if group else (),
        after=args.get("after", ""),
        before="" if args.get("after") else args.get("before", ""),
        first=number_of(args.get("n", "")) or 1,
        row=number_of(args.get("row", "")),
        columns=_columns(mounted, args.get("cols"), access),
        view=view,
    )


def parse_query(mounted: MountedScreen, text: str, access: Access) -> ListState:
    """The state of a query kept as text: of a tab, a kept filter, or a form that came from a list."""
    try:
        pairs = parse_qsl(text[:MAX_QUERY], max_num_fields=MAX_PAIRS, errors="strict") if text else []
    except ValueError as error:
        raise Refusal(T("This address is not understood.")) from error
    return parse(mounted, MultiDict(pairs), access)


def usable_filters(mounted: MountedScreen, access: Access) -> list[Filter]:
    """The filters this person may use, in order."""
    return [each for each in mounted.filters if not each.right or access.may(each.right)]


def usable_columns(mounted: MountedScreen, access: Access) -> list[Column]:
    """The columns this person may see, in order."""
    return [each for each in mounted.columns if not each.right or access.may(each.right)]


def sortable(mounted: MountedScreen, access: Access) -> list[Column]:
    """The columns this person may sort by."""
    return [column for column in usable_columns(mounted, access) if column.sort_expression is not None]


def groupings(mounted: MountedScreen, access: Access) -> list[Grouping]:
    """The groupings this person may use."""
    return [each for each in mounted.groupings if not each.right or access.may(each.right)]


def _filters(mounted: MountedScreen, args: MultiDict[str, str], access: Access) -> dict[str, tuple[str, ...]]:
    usable = {each.name: each for each in usable_filters(mounted, access)}
    found: dict[str, tuple[str, ...]] = {}
    for name in args:
        if name in RESERVED:
            continue
        base, _, end = name.partition(".")
        if end in ("from", "to") and base in usable and usable[base].control in _SPANS:
            continue
        _known(name, usable)
        values = tuple(dict.fromkeys(_text(value) for value in args.getlist(name) if value))
        if len(values) > MAX_VALUES:
            raise Refusal(T("Too many values of the filter “%(name)s”."), name=name)
        if values:
            found[name] = values
    for name, each in usable.items():
        if each.control in _SPANS and name not in found:
            span = _span(args, name)
            if span:
                found[name] = (span,)
    return found


def _span(args: MultiDict[str, str], name: str) -> str:
    """Two fields of a plain form, ``at.from`` and ``at.to``, as one value."""
    first, last = _text(args.get(f"{name}.from", "")), _text(args.get(f"{name}.to", ""))
    return f"{first}..{last}" if first or last else ""


def _columns(mounted: MountedScreen, text: str | None, access: Access) -> tuple[str, ...] | None:
    if not text:
        return None
    names = tuple(dict.fromkeys(text.split(",")))
    known = {column.name for column in usable_columns(mounted, access)}
    for name in names:
        _known(name, known)
    return names


def _known(name: str, names: Iterable[str]) -> None:
    if name not in set(names):
        raise Refusal(T("There is no filter, column or group “%(name)s” here."), name=name[:60])


def _text(value: str) -> str:
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise Refusal(T("This text holds characters that cannot be stored."))
    return value
