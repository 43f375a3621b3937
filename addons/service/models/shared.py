"""What several tables of service have in common."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, literal_column
from sqlalchemy.orm import InstrumentedAttribute


def one_of(column: InstrumentedAttribute[str], codes: Iterable[str]) -> ColumnElement[bool]:
    """That a column has one of a few fixed codes, the codes being part of the text.

    SQLite uses an index of some of the rows only for a statement that says the very same of them, without parameters.
    """
    return column.in_([literal_column(f"'{code}'") for code in codes])


def whose(*parts: int | str | None) -> str:
    """For whom a row of a directory holds, in one word: of the rows that hold for the same ones there is one.

    A unique key of the parts themselves would let any number of rows stand in which one of them is nothing: «for
    everybody» is a value here.
    """
    return "/".join(str(part or "") for part in parts)
