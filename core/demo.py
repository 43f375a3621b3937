"""Filling a demonstration instance quickly: rows in bulk, without an audit trail of what nobody did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, update

from core.db.base import Base, Record
from core.db.engine import WorkSession
from core.host.shipped import stamps
from core.text.msgids import T
from core.work.models import TimelineEntry, TimelineSubject
from core.work.numbers import ANY, Series
from core.work.office_models import NumberSeries
from core.work.subjects import Subject
from core.work.upserts import upsert

# Without render_nulls rows that have nothing in different columns would be inserted one by one.
Rows = Sequence[Mapping[str, Any]]


def add_records(session: WorkSession, model: type[Record], rows: Rows) -> list[int]:
    """Insert records that all name the same columns; returns their numbers in the order of the rows.

    A row may say when it was made and by whom; else it was now and by nobody.
    """
    if not rows:
        return []
    session.flush()
    statement = insert(model).returning(model.id, sort_by_parameter_order=True).execution_options(render_nulls=True)
    return list(session.execute(statement, [_stamped(session, row) for row in rows]).scalars())


def add_rows(session: WorkSession, model: type[Base], rows: Rows) -> None:
    """Insert rows of a table that has no stamps, or whose numbers are given."""
    if not rows:
        return
    session.flush()
    stamped = issubclass(model, Record)
    statement = insert(model).execution_options(render_nulls=True)
    session.execute(statement, [_stamped(session, row) if stamped else dict(row) for row in rows])


def _stamped(session: WorkSession, row: Mapping[str, Any]) -> dict[str, Any]:
    stamped = {**stamps(session), **row}
    if "created_at" in row:
        stamped["updated_at"], stamped["updated_by_id"] = row["created_at"], stamped["created_by_id"]
    return stamped


def set_column(session: WorkSession, model: type[Record], name: str, values: Mapping[int, Any]) -> None:
    """Set one column of records by their numbers, leaving their stamps as they are."""
    if not values:
        return
    session.flush()
    statement = update(model).where(model.id == bindparam("of_id")).values({name: bindparam("to_value")})
    session.connection().execute(statement, [{"of_id": id_, "to_value": value} for id_, value in values.items()])


def continue_from(session: WorkSession, series: Series, last: int, *, branch_id: int = ANY, year: int = ANY) -> None:
    """Let the next number of a series be the one after ``last``: in one branch and year, where each has its own."""
    values = {"code": series.code, "branch_id": branch_id, "year": year, "last": last}
    upsert(session, NumberSeries, ("code", "branch_id", "year"), values)


def entry(kind: str, at: datetime, author_id: int | None, title: str = T("Note"), **said: Any) -> dict[str, Any]:
    """One line of a timeline; ``said`` may hold ``title_values``, ``body``, ``data`` and ``link``."""
    empty: dict[str, Any] = {"title_values": {}, "body": "", "data": {}, "link": ""}
    return {"kind": kind, "at": at, "author_id": author_id, "title": str(title), **empty, **said}


def add_entries(session: WorkSession, entries: Sequence[tuple[Subject, Mapping[str, Any]]]) -> None:
    """Put lines, made by :func:`entry`, on the timelines of their subjects."""
    if not entries:
        return
    session.flush()
    statement = insert(TimelineEntry).returning(TimelineEntry.id, sort_by_parameter_order=True)
    ids = session.execute(statement, [dict(values) for _, values in entries]).scalars().all()
    rows = [
        {
            "entry_id": id_,
            "subject_type": subject.type,
            "subject_id": subject.id,
            "at": values["at"],
            "kind": values["kind"],
        }
        for id_, (subject, values) in zip(ids, entries, strict=True)
    ]
    session.execute(insert(TimelineSubject), rows)
