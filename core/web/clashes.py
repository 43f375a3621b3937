"""What a change that clashes with other rows of the database means to whoever sent it (SEC-30, SEC-48)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ColumnDefault, Table, UniqueConstraint, and_, inspect, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.db.base import Record
from core.db.engine import WorkSession
from core.errors import Conflict, Refusal
from core.web.i18n import T

SUCH_A_RECORD = T("There is such a record already.")


class Unstorable(Refusal):
    """A value that only the database could tell is none: a reference to nothing, a text too long for its column."""

    status = 422


def complaint(error: DBAPIError) -> str:
    """What the database complains of, without the values: those come in further lines."""
    return str(error.orig).partition("\n")[0]


def refusal_of(error: IntegrityError) -> Refusal | None:
    """The clash as a refusal; nothing for one that is nobody's doing, and for a form that was sent twice."""
    text = complaint(error).lower()
    if "core_once" in text:
        return None
    if "foreign key" in text:
        return Unstorable(T("Something in the request refers to a record that is not there."))
    if "unique" in text or "duplicate" in text:
        return Conflict(SUCH_A_RECORD)
    return None


def taken(
    session: WorkSession, model: type[Record], values: Mapping[str, Any], record_id: int | None
) -> dict[str, list[str]]:
    """The fields whose values another record has already, each with what to say.

    :param values: what was to be stored, by column; of a set of columns the last of them is named.
    :param record_id: the record that was to be changed, if it was not a new one.
    """
    table = inspect(model).local_table
    assert isinstance(table, Table)
    wanted = {**_before(session, table, record_id), **values}
    found: dict[str, list[str]] = {}
    for columns in _unique_sets(table):
        named = [column.name for column in columns if column.name in values]
        held = [wanted.get(column.name) for column in columns]
        if not named or None in held:
            continue
        same = and_(*(column == value for column, value in zip(columns, held, strict=True)))
        number = session.connection().scalar(select(table.c.id).where(same).limit(1))
        if number not in (None, record_id):
            found[named[-1]] = [SUCH_A_RECORD]
    return found


def _before(session: WorkSession, table: Table, record_id: int | None) -> Mapping[str, Any]:
    """What stands in the other columns: the stored values, or the defaults of a new record."""
    if record_id is not None:
        row = session.connection().execute(select(table).where(table.c.id == record_id)).mappings().one_or_none()
        return {**row} if row is not None else {}
    plain = (column for column in table.c if isinstance(column.default, ColumnDefault) and column.default.is_scalar)
    return {column.name: getattr(column.default, "arg", None) for column in plain}


def _unique_sets(table: Table) -> Iterator[list[Column[Any]]]:
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield list(constraint.columns)
    for index in table.indexes:
        whole = not any(index.dialect_kwargs.get(f"{name}_where") is not None for name in ("sqlite", "postgresql"))
        if index.unique and whole and len(index.columns) == len(index.expressions):
            yield list(index.columns)
