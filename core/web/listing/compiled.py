"""The rows of a list as one flat template, made once for each set of columns and language.

A macro per cell would cost nine times as much. The source holds tags and places only; every text comes as a
value and is escaped (SEC-25). Values are written column by column for the whole page, see :mod:`.cells`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, Template
from markupsafe import Markup

from core.web.listing.cells import KINDS, Formats, formatted
from core.web.listing.plan import Cells
from core.web.screens import CARD, Column, Link

_SLOTS = {"who": "c-who", "time": "c-time", "goal": "c-goal", "flags": "c-fl", "channel": "c-ch", "hidden": "m-hide"}
PHONE_SLOTS = frozenset(_SLOTS)
EMPTY: Markup = Markup("")


@dataclass(frozen=True, slots=True)
class RowTemplate:
    """The template of a list's rows and the names its loop gives to the values."""

    template: Template
    source: str


def row_source(cells: Sequence[Cells], *, selectable: bool) -> str:
    """The Jinja source of the rows; the loop's tuple is what :func:`row_values` gives."""
    names = ["id", "current", "name"]
    drawn = [_cell(number, each, names) for number, each in enumerate(cells)]
    box = (
        '<td class="m-hide"><input class="form-check-input" type="checkbox" name="id" value="{{ id }}"'
        ' data-select aria-label="{{ name }}"></td>'
        if selectable
        else ""
    )
    row = f'<tr data-row="{{{{ id }}}}" class="{{{{ current }}}}" tabindex="-1">{box}{"".join(drawn)}</tr>\n'
    return f"{{% for {', '.join(names)} in rows %}}{row}{{% endfor %}}"


def row_template(environment: Environment, cells: Sequence[Cells], *, selectable: bool) -> RowTemplate:
    """The compiled template of these columns."""
    source = row_source(cells, selectable=selectable)
    return RowTemplate(environment.from_string(source), source)


def _cell(number: int, cells: Cells, names: list[str]) -> str:
    """One cell's source; adds the names of its values to the loop's."""
    column = cells.column
    names.append(f"v{number}")
    inner = f"{{{{ v{number} }}}}"
    if column.link is not None:
        names.append(f"l{number}")
        inner = _linked(number, inner, always=column.link == CARD)
    if column.badges:
        names.append(f"b{number}")
        inner += f"{{{{ b{number} }}}}"
    if column.second is not None:
        names.append(f"s{number}")
        line = " ".join(filter(None, ["l2", KINDS[column.second_kind].cls]))
        inner = f'<div class="strong nowrap">{inner}</div><div class="{line}">{{{{ s{number} }}}}</div>'
    elif column.link == CARD:
        inner = f'<span class="strong">{inner}</span>'
    return f'<td class="{cell_class(column)}">{inner}</td>'


def _linked(number: int, inner: str, *, always: bool) -> str:
    """The value as a link: to the row's own card always, to another record where there is one."""
    place = f"l{number}"
    if always:
        return f'<a class="self" href="{{{{ {place} }}}}">{inner}</a>'
    return f'{{% if {place} %}}<a href="{{{{ {place} }}}}">{inner}</a>{{% else %}}{inner}{{% endif %}}'


def cell_class(column: Column) -> str:
    """The classes of a column's cells: its place on phones, its kind, whether tablets show it."""
    kind = KINDS[column.kind]
    classes = [_SLOTS[column.phone], "" if column.second is not None else kind.cls]
    classes += ["right" if kind.right else "", "" if column.narrow else "hide-t"]
    return " ".join(filter(None, classes))


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of records as texts around the id: building each of them would cost more than the row."""

    before: str
    after: str

    def of(self, ids: Sequence[Any]) -> list[str]:
        """The addresses; none where there is no id."""
        before, after = self.before, self.after
        return ["" if id_ is None else f"{before}{id_}{after}" for id_ in ids]


def row_values(
    cells: Sequence[Cells],
    rows: Sequence[Sequence[Any]],
    added: Mapping[str, Mapping[int, Any]],
    formats: Formats,
    addresses: Mapping[str, Addresses],
    current: int | None,
) -> list[tuple[Any, ...]]:
    """The values of a page's rows in the order the template's loop names them.

    :param added: the values of addons' columns, by column and id; a column that failed is not in it.
    :param addresses: for each column that links, how its addresses look.
    """
    if not rows:
        return []
    columns = list(zip(*rows, strict=True))
    ids = columns[0]
    values: list[Sequence[Any]] = [ids, ["cur" if id_ == current else "" for id_ in ids]]
    drawn = [_column_values(each, columns, ids, added, formats, addresses) for each in cells]
    values.append(_names(cells, drawn, ids))
    for several in drawn:
        values.extend(several)
    return list(zip(*values, strict=True))


def _names(cells: Sequence[Cells], drawn: Sequence[list[Sequence[Any]]], ids: Sequence[Any]) -> Sequence[Any]:
    """What a row is called for those who hear its box: its card link's text."""
    for each, values in zip(cells, drawn, strict=True):
        if each.column.link == CARD:
            return values[0]
    return ids


def _column_values(
    cells: Cells,
    columns: Sequence[Sequence[Any]],
    ids: Sequence[int],
    added: Mapping[str, Mapping[int, Any]],
    formats: Formats,
    addresses: Mapping[str, Addresses],
) -> list[Sequence[Any]]:
    column = cells.column
    found = [_shown(cells, columns, ids, added, formats)]
    if column.link is not None:
        targets = columns[cells.link] if cells.link is not None else ids
        found.append(addresses[column.name].of(targets))
    if column.badges:
        found.append(_badges(cells, columns, formats))
    if cells.second is not None:
        found.append(formatted(column.second_kind, columns[cells.second], formats, column.choices))
    return found


def _shown(
    cells: Cells,
    columns: Sequence[Sequence[Any]],
    ids: Sequence[int],
    added: Mapping[str, Mapping[int, Any]],
    formats: Formats,
) -> Sequence[Any]:
    column = cells.column
    values = raw_values(cells, columns, ids, added)
    if column.draw is not None:
        return column.draw(values, formats)
    return formatted(column.kind, values, formats, column.choices)


def raw_values(
    cells: Cells, columns: Sequence[Sequence[Any]], ids: Sequence[int], added: Mapping[str, Mapping[int, Any]]
) -> Sequence[Any]:
    """A column's values as they came: from SQL, with the extras if it has any, or from its addon."""
    column = cells.column
    if column.fetch is not None:
        fetched = added.get(column.name, {})
        return [fetched.get(id_) for id_ in ids]
    if cells.extra:
        return list(zip(columns[cells.value], *(columns[position] for position in cells.extra), strict=True))
    return columns[cells.value]


def _badges(cells: Cells, columns: Sequence[Sequence[Any]], formats: Formats) -> Sequence[Any]:
    pills = [Markup(" ") + formats.pill(badge.label, badge.tone, small=True) for badge in cells.column.badges]
    drawn = [[pill if on else EMPTY for on in columns[at]] for pill, at in zip(pills, cells.badges, strict=True)]
    return drawn[0] if len(drawn) == 1 else [EMPTY.join(several) for several in zip(*drawn, strict=True)]
