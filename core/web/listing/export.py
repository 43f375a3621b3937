"""A list as a file: all filtered rows in the shown order and columns, as XLSX or CSV (SEC-35).

Rows are read page by page and written to a temporary file at once, so a million of them needs no memory.
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.db.kept import gather
from core.errors import Invalid
from core.web.i18n import T
from core.web.listing import query
from core.web.listing.cells import Formats, plain
from core.web.listing.compiled import raw_values, stored_values
from core.web.listing.page import fetch_added
from core.web.listing.plan import Cells, plan
from core.web.listing.state import ListState
from core.web.listing.tags import filter_words, titles_reads
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Column

PORTION = 1000
MOST_XLSX = 1_000_000
"""Rows a sheet holds; more go into a CSV."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_PHONE = re.compile(r"\+\d{10,15}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_CELL = 32_000


@dataclass(frozen=True, slots=True)
class Table:
    """What is exported: a title, the filters in words, heads, and the rows as they come.

    ``ids`` are the records' numbers, gathered while the rows are read.
    """

    title: str
    filters: list[str]
    heads: list[str]
    rows: Iterable[list[Any]]
    ids: array[int] = field(default_factory=lambda: array("q"))


def table(
    mounted: MountedScreen, state: ListState, viewer: Viewer, formats: Formats, columns: tuple[Column, ...]
) -> Table:
    """All rows of the filter that may be exported, in the shown order and columns, groups becoming part of the order."""
    planned = plan(mounted, state, columns, viewer.language)
    wheres = query.taken_out(mounted, state, viewer)
    ids = array("q")

    def rows() -> Iterator[list[Any]]:
        for portion in query.walk(mounted, planned, viewer, wheres, PORTION):
            ids.extend(row[0] for row in portion)
            yield from _values(planned.cells, columns, portion, viewer, formats)

    title = viewer.translate(mounted.screen.title)
    return Table(title, filters_in_words(mounted, state, viewer), _heads(columns, viewer), rows(), ids)


def filters_in_words(mounted: MountedScreen, state: ListState, viewer: Viewer) -> list[str]:
    """The filters and the search that are on, in words; that there are none."""
    titles = gather(viewer.session, titles_reads(mounted, state, viewer))
    words = [text for _, text in filter_words(mounted, state, viewer, titles)]
    if state.search:
        words.append(f"{viewer.translate(T('Search'))}: {state.search}")
    return words or [viewer.translate(T("All rows"))]


def _heads(columns: Sequence[Column], viewer: Viewer) -> list[str]:
    heads: list[str] = []
    for column in columns:
        name = viewer.translate(column.label or column.title)
        heads.append(name)
        if column.second is not None:
            heads.append(viewer.translate(column.second_label) if column.second_label else f"{name} (2)")
    return heads


def _values(
    cells: Sequence[Cells], columns: Sequence[Column], rows: Sequence[Sequence[Any]], viewer: Viewer, formats: Formats
) -> Iterator[list[Any]]:
    """The rows of one portion; addons' columns are asked once for it."""
    by_column = list(zip(*rows, strict=True))
    ids = by_column[0]
    added, _ = fetch_added(columns, viewer.session, ids)
    drawn: list[Sequence[Any]] = []
    for each in cells:
        column = each.column
        raw = raw_values(each, by_column, ids, added)
        if column.draw is None or column.told_as_stored:
            drawn.append([_value(column.kind, value, formats, column) for value in stored_values(each, raw)])
        else:
            drawn.append([_without_tags(value) for value in column.draw(raw, formats)])
        if each.second is not None:
            drawn.append([_value(column.second_kind, value, formats, column) for value in by_column[each.second]])
    for row in zip(*drawn, strict=True):
        yield list(row)


def _value(kind: str, value: Any, formats: Formats, column: Column) -> Any:
    """A value as a sheet keeps it: numbers, roubles, local moments and days as such, all else as words."""
    if value is None:
        return ""
    if kind in ("number", "year", "timer") and isinstance(value, (int, float)):
        return value
    if kind == "money":
        return Decimal(value) / 100
    if isinstance(value, datetime):
        local = value.astimezone(formats.zone).replace(tzinfo=None, microsecond=0)
        return local if kind != "day" else local.date()
    if isinstance(value, date):
        return value
    if kind == "phone":
        return str(value)
    return plain(kind, value, formats, column.choices)


def _without_tags(value: Any) -> str:
    return str(value.striptags()) if hasattr(value, "striptags") else str(value)


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula (SEC-35); numbers and whole phones stay as they are."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) and not _PHONE.fullmatch(text):
        return f"'{text}"
    return text


def write_csv(path: Path, data: Table) -> int:
    """Write a CSV as Russian spreadsheets read it: semicolons, and a mark that says UTF-8. Returns the rows.

    The first line are the heads, as every program that reads a CSV expects; the filters are in the audit trail.
    """
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_MINIMAL)
        writer.writerow([safe(head) for head in data.heads])
        for row in data.rows:
            writer.writerow([_csv_cell(value) for value in row])
            count += 1
    return count


def _csv_cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (Decimal, float)):
        return str(value).replace(".", ",")
    return safe(_CONTROL.sub("", str(value)) if not isinstance(value, (int, date)) else str(value))


def write_xlsx(path: Path, data: Table) -> int:
    """Write a workbook in constant memory, with the filters on a sheet of their own. Returns the rows.

    :raises Invalid: when there are more rows than a sheet holds.
    """
    import xlsxwriter  # only an export needs it

    book = xlsxwriter.Workbook(
        str(path), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    try:
        return _fill(book, data)
    finally:
        book.close()


def _fill(book: Any, data: Table) -> int:
    bold = book.add_format({"bold": True})
    looks = {
        "moment": book.add_format({"num_format": "dd.mm.yyyy hh:mm"}),
        "day": book.add_format({"num_format": "dd.mm.yyyy"}),
        "money": book.add_format({"num_format": "#,##0.00"}),
    }
    sheet = book.add_worksheet(_sheet_name(data.title))
    sheet.freeze_panes(1, 0)
    for place, head in enumerate(data.heads):
        sheet.set_column(place, place, 18)
        sheet.write_string(0, place, head, bold)
    count = 0
    for count, row in enumerate(data.rows, 1):
        if count > MOST_XLSX:
            raise Invalid({"format": []}, T("These are more rows than a sheet holds. Export them as CSV."))
        for place, value in enumerate(row):
            _write_cell(sheet, count, place, value, looks)
    _write_filters(book, data)
    return count


def _write_cell(sheet: Any, row: int, place: int, value: Any, looks: dict[str, Any]) -> None:
    """One cell; texts are typed as text, so nothing in them is calculated."""
    if value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, place, value, looks["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), looks["day"])  # noqa: DTZ001
    elif isinstance(value, Decimal):
        sheet.write_number(row, place, float(value), looks["money"])
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        sheet.write_number(row, place, value)
    else:
        sheet.write_string(row, place, safe(_CONTROL.sub("", str(value)))[:_CELL])


def _write_filters(book: Any, data: Table) -> None:
    sheet = book.add_worksheet("Filter")
    sheet.set_column(0, 0, 60)
    for row, text in enumerate([data.title, *data.filters]):
        sheet.write_string(row, 0, safe(text)[:_CELL])


def _sheet_name(title: str) -> str:
    """A sheet's name: no characters a workbook refuses, and not too long."""
    return (re.sub(r"[\[\]:*?/\\']", " ", title).strip() or "List")[:31]
