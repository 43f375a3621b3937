"""A screen as a resource of the API: what is made of its declaration once, and reading its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core.access.policy import Access
from core.db.base import Record
from core.db.change import expect_reach
from core.errors import NotFound, Refusal
from core.web.api import outputs
from core.web.api.inputs import Inputs, load_section, make_inputs
from core.web.api.outputs import Output, make_outputs
from core.web.i18n import T
from core.web.listing import keyset, query
from core.web.listing.page import MAX_SIZE, refuse_search
from core.web.listing.plan import Plan, joined, needed_joins, plan
from core.web.listing.state import ListState, parse
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen

if TYPE_CHECKING:
    from core.web.screens import Screen

OWN_ARGUMENTS = frozenset({"limit", "count", "fields"})
_PAGE_ONLY = frozenset({"group", "closed", "n", "row", "cols", "view", "panel", "list", "exact", "format"})
"""What addresses of pages may hold, and of the API may not."""


@dataclass(frozen=True, eq=False)
class Resource:
    """One screen for programs.

    ``mounted`` is the screen with the API's own columns; its plans are therefore not those of the pages.
    """

    mounted: MountedScreen
    outputs: dict[str, Output]
    inputs: Inputs

    @property
    def screen(self) -> Screen:
        """The declaration."""
        return self.mounted.screen

    @property
    def key(self) -> str:
        """The screen's key."""
        return self.mounted.key

    def endpoint(self, part: str) -> str:
        """The endpoint of one of its addresses."""
        return self.screen.endpoint(f"api_{part}")

    def usable(self, access: Access) -> dict[str, Output]:
        """The properties this person may see."""
        return outputs.usable(self.outputs, access)


def make_resource(mounted: MountedScreen) -> Resource:
    """The resource of a mounted screen."""
    found = make_outputs(mounted)
    twin = MountedScreen(
        mounted.screen,
        columns=tuple(each.column for each in found.values()),
        filters=mounted.filters,
        form_sections=mounted.form_sections,
        groupings=mounted.groupings,
    )
    return Resource(twin, found, make_inputs(mounted))


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list as the API gives it."""

    items: list[dict[str, Any]]
    before: str
    after: str
    failed: list[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A list's address, understood."""

    state: ListState
    names: tuple[str, ...]
    limit: int
    counted: bool


def understood(resource: Resource, args: MultiDict[str, str], access: Access) -> Question:
    """What an address asks for.

    :raises Refusal: 400 for any name or value it does not know; forbidden names are unknown ones (SEC-4, SEC-29).
    """
    for name in _PAGE_ONLY & set(args):
        raise Refusal(T("There is no filter, column or group “%(name)s” here."), name=name)
    rest = MultiDict([(name, value) for name, value in args.items(multi=True) if name not in OWN_ARGUMENTS])
    state = parse(resource.mounted, rest, access)
    refuse_search(resource.mounted, state)
    return Question(
        state=state,
        names=outputs.wanted(resource.usable(access), args.get("fields")),
        limit=_limit(resource, args.get("limit", "")),
        counted=_flag(args.get("count", "")),
    )


def _limit(resource: Resource, text: str) -> int:
    """The size of a page, kept within 1–500 (SEC-29)."""
    if not text:
        return min(resource.screen.page_size, MAX_SIZE)
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(text) > 20:
        raise Refusal(T("The filter “%(name)s” does not understand this value."), name="limit")
    return max(1, min(int(text), MAX_SIZE))


def _flag(text: str) -> bool:
    if text not in ("", "0", "1"):
        raise Refusal(T("The filter “%(name)s” does not understand this value."), name="count")
    return text == "1"


def read_list(resource: Resource, question: Question, viewer: Viewer) -> ListPage:
    """One page of rows: one statement, and one for each addon's property that is asked for."""
    planned = _plan(resource, question.state, question.names, viewer)
    wheres = query.conditions(resource.mounted, question.state, viewer)
    page = query.read_page(resource.mounted, planned, viewer, wheres, question.state, question.limit)
    items, failed = outputs.rows(planned, page.rows, question.names, viewer)
    before = _place(planned, page.rows[0]) if page.rows and page.more_before else ""
    after = _place(planned, page.rows[-1]) if page.rows and page.more_after else ""
    return ListPage(items, before, after, failed)


def _plan(resource: Resource, state: ListState, names: tuple[str, ...], viewer: Viewer) -> Plan:
    """The plan of the usual properties or of all: whatever is asked for, there are few plans to keep."""
    usable = resource.usable(viewer.access)
    usual = {name for name, each in usable.items() if each.default}
    chosen = usual if usual.issuperset(names) else usable.keys()
    columns = tuple(each.column for name, each in usable.items() if name in chosen)
    return plan(resource.mounted, state, columns, viewer.language)


def _place(planned: Plan, row: Any) -> str:
    return keyset.encode(query.place_of(planned, row))


def page_address(address: str, args: MultiDict[str, str], name: str, place: str) -> str | None:
    """The address of the page before or after this one."""
    if not place:
        return None
    pairs = [(key, value) for key, value in args.items(multi=True) if key not in ("after", "before")]
    return f"{address}?{urlencode([*pairs, (name, place)])}"


def count(resource: Resource, question: Question, viewer: Viewer) -> dict[str, Any]:
    """How many rows there are, counted to the cap and no further."""
    wheres = query.conditions(resource.mounted, question.state, viewer)
    number = query.count(viewer, resource.screen, wheres)
    return {"count": min(number, query.CAP), "count_capped": number > query.CAP}


def read_one(resource: Resource, viewer: Viewer, record_id: int) -> dict[str, Any]:
    """One record with all its properties and the addons' sections.

    :raises NotFound: when it is missing or not this person's to know of (SEC-3).
    """
    names = tuple(resource.usable(viewer.access))
    planned = _plan(resource, ListState(), names, viewer)
    model: Any = resource.screen.model
    wheres = [*resource.screen.where, model.id == record_id]
    page = query.read_page(resource.mounted, planned, viewer, wheres, ListState(), 1)
    items, _ = outputs.rows(planned, page.rows, names, viewer)
    if not items:
        raise no_record()
    if not resource.mounted.form_sections:
        return items[0]
    return items[0] | _sections(resource, viewer, get(resource, viewer, record_id))


def _sections(resource: Resource, viewer: Viewer, record: Record) -> dict[str, Any]:
    usable = resource.inputs.usable_sections(viewer.access)
    return {
        name: {key: value for key, value in load_section(section, viewer, record).items() if key in parts}
        for name, (section, parts) in usable.items()
    }


def reached(resource: Resource, viewer: Viewer, record_id: int, action: str) -> Record:
    """The record itself, for doing something to it.

    :raises NotFound: when it is missing or not this person's to know of (SEC-3);
    :raises Forbidden: when his right to the action does not reach this record, though he may read it (SEC-6).
    """
    record = get(resource, viewer, record_id)
    expect_reach(viewer.session, record, resource.screen.right(action))
    return record


def get(resource: Resource, viewer: Viewer, record_id: int) -> Record:
    """The record itself.

    :raises NotFound: when it is missing or not this person's to know of (SEC-3).
    """
    model: Any = resource.screen.model
    wheres: list[Any] = [*resource.screen.where, model.id == record_id]
    statement = joined(select(model), needed_joins(resource.screen, wheres)).where(*wheres)
    found: Record | None = viewer.session.scalars(statement).one_or_none()
    if found is None:
        raise no_record()
    return found


def no_record() -> NotFound:
    """The one answer for what is missing and for what is somebody else's."""
    return NotFound()
