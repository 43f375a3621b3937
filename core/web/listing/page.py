"""A list page as data: rows, heads, tabs, tags, addresses; what the template draws and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from markupsafe import Markup
from sqlalchemy import ColumnElement

from core.db.engine import WorkSession
from core.errors import Refusal
from core.web.i18n import T
from core.web.listing import keyset, query
from core.web.listing.cells import KINDS, Formats, formatted
from core.web.listing.compiled import Addresses, RowPattern, row_pattern, row_values
from core.web.listing.plan import Plan, plan
from core.web.listing.query import GroupRow, Page
from core.web.listing.saved import Kept
from core.web.listing.state import RESERVED, ListState, usable_columns, usable_filters
from core.web.listing.tags import Tag, Titles, tags_of
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen, once
from core.web.screens import CARD, Column, Grouping, Link

Url = Callable[..., str]
MAX_SIZE = 500
MOST_PRINTED = 2000
"""Rows of a list that go on paper at once: some fifty sheets."""

_UNSEEN = Markup('<span class="visually-hidden">{}</span>')
_MARK = "7000000000000000007"


@dataclass(frozen=True, slots=True)
class Tab:
    """A saved filter over the list."""

    name: str
    title: str
    query: str
    current: bool
    tone: str = ""
    filter_id: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: its words, the address that sorts by it, how it is sorted now."""

    text: str
    url: str
    sort: str
    cls: str
    title: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows under one group head, or all rows when nothing is grouped."""

    rows: Markup
    group: GroupHead | None = None


@dataclass(frozen=True, slots=True)
class GroupHead:
    """A group's line: its name, how many rows, its totals in words, and the address that opens or closes it."""

    title: str
    count: int
    totals: list[tuple[str, Any]]
    closed: bool
    url: str


@dataclass(frozen=True, slots=True)
class ViewFrame:
    """What the head of a list needs while another view than the table is shown under it."""

    state: ListState
    tags: list[Tag]
    grouping: Grouping | None = None


@dataclass
class ListPage:
    """Everything a list's template needs."""

    mounted: MountedScreen
    state: ListState
    columns: tuple[Column, ...]
    chunks: list[Chunk]
    page: Page
    heads: list[Head]
    tabs: list[Tab]
    tags: list[Tag]
    previous_query: str
    next_query: str
    failed: list[str]
    kept: Kept
    grouping: Grouping | None

    @property
    def total(self) -> int | None:
        """How many rows there are, when the page itself tells."""
        alone = not self.page.more_before and not self.page.more_after
        return len(self.page.rows) if alone and not self.state.closed else None

    @property
    def last(self) -> int:
        """The number of the page's last row."""
        return self.state.first + len(self.page.rows) - 1


def read_list(
    mounted: MountedScreen,
    state: ListState,
    viewer: Viewer,
    formats: Formats,
    url: Url,
    kept: Kept,
    titles: Titles,
    *,
    selectable: bool,
    size: int | None = None,
) -> ListPage:
    """One page of a list: one statement for its rows, one per addon column, one for groups if there are any.

    :param size: how many rows at most go on paper, of those that may be exported; the screen's own page without it.
    """
    screen = mounted.screen
    wheres = (query.conditions if size is None else query.taken_out)(mounted, state, viewer)
    size = size or min(screen.page_size, MAX_SIZE)
    columns = shown_columns(mounted, state, viewer, kept)
    planned = plan(mounted, state, columns, viewer.language)
    grouping = _grouping(mounted, state)
    groups = query.read_groups(mounted, grouping, viewer, wheres) if grouping else []
    open_rows = [*wheres, *_opened(grouping, groups, state)]
    page = query.read_page(mounted, planned, viewer, open_rows, state, size)
    added, failed = fetch_added(columns, viewer.session, page.ids)
    addresses = _addresses(mounted, columns, url, state)
    pattern = rows_pattern(mounted, planned, selectable=selectable)
    values = row_values(planned.cells, page.rows, added, formats, addresses, state.row, selectable=pattern.selectable)
    heads = _group_heads(mounted, grouping, groups, state, formats, url)
    return ListPage(
        mounted=mounted,
        state=state,
        columns=columns,
        chunks=_chunks(planned, page, values, pattern, groups, heads),
        page=page,
        heads=list(_heads(mounted, columns, state, viewer, url)),
        tabs=tabs(mounted, state, viewer, kept),
        tags=tags_of(mounted, state, viewer, titles),
        previous_query=_place_query(planned, page, state, forward=False, size=size),
        next_query=_place_query(planned, page, state, forward=True, size=size),
        failed=failed,
        kept=kept,
        grouping=grouping,
    )


def shown_columns(mounted: MountedScreen, state: ListState, viewer: Viewer, kept: Kept) -> tuple[Column, ...]:
    """The columns to show: those of the address, else the person's own choice, else the declared ones."""
    usable = usable_columns(mounted, viewer.access)
    wanted = state.columns or kept.columns
    if wanted:
        by_name = {column.name: column for column in usable}
        chosen = tuple(by_name[name] for name in wanted if name in by_name)
        if chosen:
            return chosen
    return tuple(column for column in usable if column.shown)


def rows_pattern(mounted: MountedScreen, planned: Plan, *, selectable: bool) -> RowPattern:
    """The pattern of these columns' rows, made at their first use."""
    key = (selectable, *(each.column.name for each in planned.cells))
    return once(mounted.row_patterns, key, lambda: row_pattern(planned.cells, selectable=selectable))


def fetch_added(
    columns: Sequence[Column], session: WorkSession, ids: Sequence[int]
) -> tuple[dict[str, Mapping[int, Any]], list[str]]:
    """The values of addons' columns, each addon asked once a page and by itself; and who failed (SEC-59)."""
    added: dict[str, Mapping[int, Any]] = {}
    failed: list[str] = []
    for column in columns:
        if column.fetch is None or not ids:
            continue
        fetch = partial(_mapped, column.fetch, session, ids)
        answer = session.hooks.run_guarded(session, column.addon, "list_columns", fetch)
        if answer.error:
            failed.append(column.addon)
        else:
            added[column.name] = answer.value
    return added, list(dict.fromkeys(failed))


def _mapped(ask: Callable[..., Any], *arguments: Any) -> dict[Any, Any]:
    """What an addon answers; whoever gives no mapping fails where he is asked, not the page that uses it."""
    return dict(ask(*arguments) or {})


def tabs(mounted: MountedScreen, state: ListState, viewer: Viewer, kept: Kept) -> list[Tab]:
    """All rows, the shipped filters, the person's own and the shared ones."""
    known = {each.name for each in usable_filters(mounted, viewer.access)} | RESERVED
    now = sorted(state.pairs())
    found = [Tab("", viewer.translate(T("All")), "", current=not now)]
    for ready in mounted.screen.ready:
        if ready.right and not viewer.access.may(ready.right):
            continue
        pairs = [(key, value) for key, values in ready.query.items() for value in _several(values)]
        found.append(_tab(ready.name, viewer.translate(ready.title), pairs, now, tone=ready.tone))
    for each in kept.filters:
        pairs = [(key, value) for key, value in parse_qsl(each.query) if key in known]
        found.append(_tab(f"saved-{each.id}", each.name, pairs, now, filter_id=each.id))
    return found


def _tab(
    name: str,
    title: str,
    pairs: list[tuple[str, str]],
    now: list[tuple[str, str]],
    *,
    tone: str = "",
    filter_id: int | None = None,
) -> Tab:
    return Tab(name, title, urlencode(pairs), sorted(pairs) == now, tone, filter_id)


def _several(values: str | tuple[str, ...]) -> tuple[str, ...]:
    return (values,) if isinstance(values, str) else values


def _heads(
    mounted: MountedScreen, columns: Sequence[Column], state: ListState, viewer: Viewer, url: Url
) -> Iterator[Head]:
    sort = state.sort or next(iter(mounted.screen.order), "")
    rest = replace(state.without_place(), sort="").query()
    address = f"{url(mounted.screen.endpoint())}?{rest}{'&' if rest else ''}sort="
    for column in columns:
        direction = ("desc" if sort.startswith("-") else "asc") if sort.removeprefix("-") == column.name else ""
        turned = f"-{column.name}" if direction == "asc" else column.name
        target = address + turned if column.sort_expression is not None else ""
        cls = " ".join(filter(None, ["right" if KINDS[column.kind].right else "", "" if column.narrow else "hide-t"]))
        text = viewer.translate(column.label)
        # A column of icons is too narrow for words; its head is there for those who hear it.
        shown = _UNSEEN.format(text) if column.kind == "channel" else text
        yield Head(shown, target, direction, cls, viewer.translate(column.title))


def _addresses(mounted: MountedScreen, columns: Sequence[Column], url: Url, state: ListState) -> dict[str, Addresses]:
    """How the linked columns' addresses look; a card's also says from which list it was opened."""
    found = {}
    for column in columns:
        if column.link == CARD:
            came_from = urlencode({"list": state.full_query()})
            address = url(mounted.screen.endpoint("card"), record_id=_MARK)
            before, _, after = f"{address}?{came_from}".partition(_MARK)
        elif isinstance(column.link, Link):
            before, _, after = url(column.link.endpoint, **{column.link.argument: _MARK}).partition(_MARK)
        else:
            continue
        found[column.name] = Addresses(before, after)
    return found


def _place_query(planned: Plan, page: Page, state: ListState, *, forward: bool, size: int) -> str:
    """The query of the next or previous page; empty at the ends."""
    if not page.rows or not (page.more_after if forward else page.more_before):
        return ""
    row = page.rows[-1 if forward else 0]
    place = keyset.encode(query.place_of(planned, row))
    first = state.first + len(page.rows) if forward else max(1, state.first - size)
    start = replace(state.without_place(), first=first)
    return replace(start, after=place).full_query() if forward else replace(start, before=place).full_query()


# --- groups ---------------------------------------------------------------------------------


def _grouping(mounted: MountedScreen, state: ListState) -> Grouping | None:
    return next((each for each in mounted.groupings if each.name == state.group), None)


def _opened(grouping: Grouping | None, groups: Sequence[GroupRow], state: ListState) -> list[ColumnElement[bool]]:
    """The condition that leaves out the rows of closed groups."""
    closed = [group.key for group in groups if _name_of(group) in state.closed]
    return [query.outside(grouping, closed)] if grouping is not None and closed else []


def _name_of(group: GroupRow) -> str:
    """A group as the address names it."""
    return "" if group.key is None else str(group.key)


def _group_heads(
    mounted: MountedScreen,
    grouping: Grouping | None,
    groups: Sequence[GroupRow],
    state: ListState,
    formats: Formats,
    url: Url,
) -> list[GroupHead]:
    if grouping is None:
        return []
    words = _group_words(grouping, formats)
    address = url(mounted.screen.endpoint())
    heads = []
    for group in groups:
        closed = _name_of(group) in state.closed
        names = [each for each in state.closed if each != _name_of(group)] + ([] if closed else [_name_of(group)])
        target = replace(state.without_place(), closed=tuple(names)).query()
        totals = [
            (formats.translate(total.label), formatted(total.kind, [value], formats)[0])
            for total, value in zip(grouping.totals, group.totals, strict=True)
        ]
        nothing = group.key is None or (group.key == "" and "" not in words)
        title = formats.translate(grouping.empty) if nothing else words.get(group.key, group.title)
        heads.append(GroupHead(str(title), group.count, totals, closed, f"{address}?{target}"))
    return heads


def _group_words(grouping: Grouping, formats: Formats) -> dict[Any, str]:
    """What the groups are called, by key; those of an addon that fails have their keys for names (SEC-59)."""
    words: dict[Any, str] = {choice.value: formats.translate(choice.label) for choice in grouping.choices}
    if grouping.words is None:
        return words
    ask = partial(_mapped, grouping.words, formats.viewer)
    if not grouping.addon:
        return words | ask()
    session = formats.viewer.session
    return words | (session.hooks.run_guarded(session, grouping.addon, "list_groupings", ask).value or {})


def _chunks(
    planned: Plan,
    page: Page,
    values: list[tuple[str, ...]],
    pattern: RowPattern,
    groups: Sequence[GroupRow],
    heads: Sequence[GroupHead],
) -> list[Chunk]:
    """The rows under their groups; closed groups keep their line between the others."""
    if planned.group_position is None:
        return [Chunk(pattern.filled(values))]
    position = planned.group_position
    by_key: dict[Any, list[tuple[str, ...]]] = {}
    for row, shown in zip(page.rows, values, strict=True):
        by_key.setdefault(row[position], []).append(shown)
    on_page = [number for number, group in enumerate(groups) if group.key in by_key]
    first = on_page[0] if page.more_before and on_page else 0
    last = on_page[-1] if page.more_after and on_page else len(groups) - 1
    found = [
        Chunk(pattern.filled(by_key.pop(group.key, [])), head)
        for group, head in list(zip(groups, heads, strict=True))[first : last + 1]
        if group.key in by_key or head.closed
    ]
    # Beyond the groups that were counted there are rows without a line of their own.
    return [*found, *(Chunk(pattern.filled(rest)) for rest in by_key.values())]


def refuse_search(mounted: MountedScreen, state: ListState) -> None:
    """Refuse a search in a list that has none, for states that were not parsed from an address."""
    if state.search and mounted.screen.search is None:
        raise Refusal(T("This list has no search."))
