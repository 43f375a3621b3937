"""What the API shows of a record: the list's columns with what stands beside them, and the form's fields (SEC-4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from sqlalchemy.orm import QueryableAttribute

from core.access.policy import Access
from core.errors import Refusal
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.compiled import raw_values, stored_values
from core.web.listing.filters import LookupFilter, PersonFilter
from core.web.listing.page import fetch_added
from core.web.listing.plan import Cells, Plan
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Column, Link

STAMPS = ("version", "created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Output:
    """One property of a record: a column of its list, and whether lists show it unasked."""

    column: Column
    default: bool = True

    @property
    def name(self) -> str:
        """The property's name."""
        return self.column.name


def make_outputs(mounted: MountedScreen) -> dict[str, Output]:
    """All properties of a screen's records, by name, in the order they are shown."""
    found = {column.name: Output(_bare(column), column.shown) for column in mounted.columns}
    for output in [*_beside(mounted), *_chosen_by(mounted), *_fields(mounted), *_stamps(mounted)]:
        found.setdefault(output.name, output)
    return found


def _bare(column: Column) -> Column:
    """A column's value alone: what is drawn around it are properties of their own.

    A column that draws its values itself stays as it is: its drawing may leave out what the reader must not see.
    """
    return replace(column, second=None, badges=(), link=None)


def _beside(mounted: MountedScreen) -> Iterator[Output]:
    """Second lines, badges and the records that cells lead to."""
    for column in mounted.columns:
        if column.second is not None:
            name = column.second_name or _key(column.second) or f"{column.name}_2"
            yield _added(column, name, column.second, column.label, column.second_kind)
        for badge in column.badges:
            if _key(badge.when):
                yield _added(column, _key(badge.when), badge.when, badge.label, "bool")
        if isinstance(column.link, Link) and column.link.id is not mounted.screen.model.id:
            yield _added(column, f"{column.name}_id", column.link.id, column.label, "number")


def _added(column: Column, name: str, expression: Any, label: str, kind: str) -> Output:
    added = Column(name, expression, label, kind=kind, right=column.right, sortable=False)
    return Output(added, column.shown)


def _chosen_by(mounted: MountedScreen) -> Iterator[Output]:
    """The references that the list can be filtered by."""
    for each in mounted.filters:
        if isinstance(each, (LookupFilter, PersonFilter)) and _own(mounted, each.expression):
            name = _key(each.expression)
            yield Output(Column(name, each.expression, each.label, kind="number", right=each.right, sortable=False))


def _fields(mounted: MountedScreen) -> Iterator[Output]:
    for each in mounted.screen.fields():
        expression = getattr(mounted.screen.model, each.name)
        column = Column(
            each.name, expression, each.label, kind="text", choices=each.choices, right=each.right, sortable=False
        )
        yield Output(column, default=False)


def _stamps(mounted: MountedScreen) -> Iterator[Output]:
    labels = (T("Version"), T("Added"), T("Changed"))
    for name, label in zip(STAMPS, labels, strict=True):
        expression = getattr(mounted.screen.model, name, None)
        if expression is not None:
            yield Output(Column(name, expression, label, sortable=False), name == "version")


def _own(mounted: MountedScreen, expression: Any) -> bool:
    return isinstance(expression, QueryableAttribute) and expression.class_ is mounted.screen.model


def _key(expression: Any) -> str:
    return expression.key if isinstance(expression, QueryableAttribute) else ""


def usable(outputs: Mapping[str, Output], access: Access) -> dict[str, Output]:
    """The properties this person may see."""
    return {name: each for name, each in outputs.items() if not each.column.right or access.may(each.column.right)}


def wanted(outputs: Mapping[str, Output], text: str | None) -> tuple[str, ...]:
    """The properties that ``fields=`` names, or the usual ones.

    :raises Refusal: 400 for a name that is unknown or forbidden, one like the other (SEC-4).
    """
    if not text:
        return tuple(name for name, each in outputs.items() if each.default)
    names = tuple(name for name in dict.fromkeys(text.split(",")) if name != "id")
    for name in names:
        if name not in outputs:
            raise Refusal(T("There is no filter, column or group “%(name)s” here."), name=name[:60])
    return names


def rows(
    plan: Plan, page: Sequence[Sequence[Any]], names: Sequence[str], viewer: Viewer
) -> tuple[list[dict[str, Any]], list[str]]:
    """The named properties of the rows of one page, and the addons that could not give theirs."""
    cells = [next(each for each in plan.cells if each.column.name == name) for name in names]
    ids = [row[0] for row in page]
    if not ids:
        return [], []
    added, failed = fetch_added([each.column for each in cells], viewer.session, ids)
    by_position = list(zip(*page, strict=True))
    values = [_values(each, by_position, ids, added, viewer) for each in cells]
    return [{"id": id_, **dict(zip(names, row, strict=True))} for id_, *row in zip(ids, *values, strict=True)], failed


def _values(
    cells: Cells,
    by_position: Sequence[Sequence[Any]],
    ids: Sequence[int],
    added: Mapping[str, Mapping[int, Any]],
    viewer: Viewer,
) -> Sequence[Any]:
    """One property of all rows: as stored, or in words where the column draws its values itself."""
    raw = raw_values(cells, by_position, ids, added)
    if cells.column.draw is None or cells.column.told_as_stored:
        return stored_values(cells, raw)
    return [_words(value) for value in cells.column.draw(raw, Formats(viewer, _no_icon))]


def _words(value: Any) -> str:
    return str(value.striptags()) if isinstance(value, Markup) else str(value)


def _no_icon(*_arguments: Any) -> Markup:
    return Markup("")
