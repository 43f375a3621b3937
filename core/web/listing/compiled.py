"""The rows of a list as one flat pattern, made once for each set of columns.

A Jinja macro per cell costs nine times a flat template, and most of a flat one is escaping, cell by cell. Here the
pattern holds tags and places only, every column's values are written for the whole page at once, and texts are
escaped together, one call a column (SEC-25). Decision 0006 has the measurements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from core.web.listing.cells import KINDS, Formats, formatted
from core.web.listing.language import spoken
from core.web.listing.plan import Cells
from core.web.screens import CARD, Column

_SLOTS = {"who": "c-who", "time": "c-time", "goal": "c-goal", "flags": "c-fl", "channel": "c-ch", "hidden": "m-hide"}
PHONE_SLOTS = frozenset(_SLOTS)
EMPTY: Markup = Markup("")
_BORDER = "\x1f"
_BOX = (
    '<td class="m-hide"><input class="form-check-input" type="checkbox" name="id" value="%s" data-select'
    ' aria-label="%s"></td>'
)


@dataclass(frozen=True, slots=True)
class RowPattern:
    """The pattern of a list's rows: constant markup with a place for each text, in the order of :func:`row_values`."""

    text: str
    selectable: bool

    def filled(self, rows: Sequence[tuple[str, ...]]) -> Markup:
        """The rows as markup; their texts are escaped already."""
        pattern = self.text
        return Markup("".join([pattern % row for row in rows]))  # noqa: S704 - constants and escaped texts


def row_pattern(cells: Sequence[Cells], *, selectable: bool) -> RowPattern:
    """The pattern of these columns."""
    drawn = "".join(_cell(each.column) for each in cells)
    box = _BOX if selectable else ""
    return RowPattern(f'<tr data-row="%s" class="%s" tabindex="-1">{box}{drawn}</tr>\n', selectable)


def _cell(column: Column) -> str:
    """One cell's part of the pattern: a place for what stands before the value, the value, and after it."""
    inner = "%s%s%s" if column.link is not None else "%s"
    if column.badges:
        inner += "%s"
    if column.second is not None:
        line = " ".join(filter(None, ["l2", KINDS[column.second_kind].cls]))
        inner = f'<div class="strong nowrap">{inner}</div><div class="{line}">%s</div>'
    elif column.link == CARD:
        inner = f'<span class="strong">{inner}</span>'
    language = f' lang="{spoken(column.name)}"' if spoken(column.name) else ""
    return f'<td class="{cell_class(column)}"{language}>{inner}</td>'


def cell_class(column: Column) -> str:
    """The classes of a column's cells: its place on phones, its kind, whether tablets show it."""
    kind = KINDS[column.kind]
    classes = [_SLOTS[column.phone], "" if column.second is not None else kind.cls]
    classes += ["right" if kind.right else "", "" if column.narrow else "hide-t"]
    return " ".join(filter(None, classes))


def escaped(values: Sequence[Any]) -> list[str]:
    """The values as HTML: ``Markup`` as it is, anything else escaped, plain texts all in one call."""
    kinds = set(map(type, values))
    if kinds == {Markup}:
        return list(values)
    if kinds == {str}:
        texts = str.split(escape(_BORDER.join(values)), _BORDER)
        # A text that holds the border character itself gives too many pieces.
        if len(texts) == len(values):
            return texts
    return [value if type(value) is Markup else str(escape(value)) for value in values]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of records as texts around the id: building each of them would cost more than the row."""

    before: str
    after: str

    def opening(self, ids: Sequence[Any], cls: str) -> list[str]:
        """The opening tags of links to these records; nothing where there is no id. Ids are numbers."""
        before = f'<a{cls} href="{escape(self.before)}'
        after = f'{escape(self.after)}">'
        return ["" if id_ is None else f"{before}{id_:d}{after}" for id_ in ids]


def row_values(
    cells: Sequence[Cells],
    rows: Sequence[Sequence[Any]],
    added: Mapping[str, Mapping[int, Any]],
    formats: Formats,
    addresses: Mapping[str, Addresses],
    current: int | None,
    *,
    selectable: bool,
) -> list[tuple[str, ...]]:
    """The texts of a page's rows, escaped, in the order the pattern wants them.

    :param added: the values of addons' columns, by column and id; a column that failed is not in it.
    :param addresses: for each column that links, how its addresses look.
    """
    if not rows:
        return []
    columns = list(zip(*rows, strict=True))
    ids = columns[0]
    drawn = [_column_values(each, columns, ids, added, formats, addresses) for each in cells]
    numbers = [str(id_) for id_ in ids]
    values: list[Sequence[str]] = [numbers, ["cur" if id_ == current else "" for id_ in ids]]
    if selectable:
        values += [numbers, _names(cells, drawn, numbers)]
    for several in drawn:
        values.extend(several)
    return list(zip(*values, strict=True))


def _names(cells: Sequence[Cells], drawn: Sequence[list[Sequence[str]]], numbers: Sequence[str]) -> Sequence[str]:
    """What a row is called for those who hear its box: its card link's text, without tags."""
    for each, values in zip(cells, drawn, strict=True):
        if each.column.link == CARD:
            texts = values[1]
            return [text if "<" not in text else str(escape(Markup(text).striptags())) for text in texts]  # noqa: S704
    return numbers


def _column_values(
    cells: Cells,
    columns: Sequence[Sequence[Any]],
    ids: Sequence[int],
    added: Mapping[str, Mapping[int, Any]],
    formats: Formats,
    addresses: Mapping[str, Addresses],
) -> list[Sequence[str]]:
    column = cells.column
    found: list[Sequence[str]] = [escaped(_shown(cells, columns, ids, added, formats))]
    if column.link is not None:
        targets = columns[cells.link] if cells.link is not None else ids
        opening = addresses[column.name].opening(targets, ' class="self"' if column.link == CARD else "")
        found = [opening, *found, ["</a>" if tag else "" for tag in opening]]
    if column.badges:
        found.append(_badges(cells, columns, formats))
    if cells.second is not None:
        found.append(escaped(formatted(column.second_kind, columns[cells.second], formats, column.choices)))
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


def stored_values(cells: Cells, raw: Sequence[Any]) -> Sequence[Any]:
    """Of what :func:`raw_values` gave, the column's own values without the extras it is drawn with."""
    return [value[0] for value in raw] if cells.extra else raw


def _badges(cells: Cells, columns: Sequence[Sequence[Any]], formats: Formats) -> Sequence[str]:
    pills = [Markup(" ") + formats.pill(badge.label, badge.tone, small=True) for badge in cells.column.badges]
    drawn = [[pill if on else EMPTY for on in columns[at]] for pill, at in zip(pills, cells.badges, strict=True)]
    return drawn[0] if len(drawn) == 1 else [EMPTY.join(several) for several in zip(*drawn, strict=True)]
