"""Tables of an SQLite database made anew in PostgreSQL from what the database says of them.

For tables that no revision makes, above all those of addons whose code is gone. SQLite's types say less than
PostgreSQL's: the number of a row is a BIGINT, and a moment has a time zone, as in all revisions of the house.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    Connection,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    TextClause,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import AddConstraint, CreateIndex, ExecutableDDLElement

from core.db import migrations_ops  # noqa: F401 - the operations register themselves
from core.db.migrations_ops import CreateSearchIndexOp
from core.db.search_tables import search_indexes, search_table

_YES_OR_NO = {"0": "false", "1": "true"}

_EXPRESSION = -2
"""What SQLite says instead of a column's number for a part of an index that is none."""

T = TypeVar("T", CheckConstraint, Index)


def make_alike(source: Connection, target: Connection, names: Collection[str]) -> list[str]:
    """Make these tables in ``target`` as they are in ``source``, with keys and indexes and without rows.

    :returns: the conditions and indexes that PostgreSQL does not have, or has otherwise, each in words.
    """
    if not names:
        return []
    tables = _reflected(source, names)
    checks = {table: _taken_off(table.constraints, CheckConstraint) for table in tables}
    indexes = {table: _taken_off(table.indexes, Index) for table in tables}
    tables[0].metadata.create_all(target, tables, checkfirst=False)
    told = [*_add_checks(target, checks), *_add_indexes(target, indexes)]
    operations = Operations(MigrationContext.configure(target))
    for name, column in search_indexes(source, {*names, *_search_tables(source, names)}).items():
        operations.invoke(CreateSearchIndexOp(name, column))
    return [*told, *(each for table in tables for each in _unlike(source, table.name))]


def _reflected(source: Connection, names: Collection[str]) -> list[Table]:
    metadata = MetaData()
    event.listen(metadata, "column_reflect", _translate)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Skipped unsupported reflection")  # told by ``_unlike``
        metadata.reflect(source, only=sorted(names))
    return [table for table in metadata.sorted_tables if table.name in names]


def _search_tables(source: Connection, names: Iterable[str]) -> set[str]:
    """The names of the search indexes that these tables may have."""
    return {search_table(name) for name in names} & set(inspect(source).get_table_names())


def _translate(_inspector: Any, _table: Table, about: dict[str, Any]) -> None:
    """Have a column of SQLite described as one of PostgreSQL."""
    kind = about["type"]
    if isinstance(kind, Boolean):
        about["default"] = _YES_OR_NO.get(str(about.get("default")).strip("'\"()"), about.get("default"))
    elif isinstance(kind, Integer) and about.get("primary_key"):
        about["type"] = BigInteger()
    elif isinstance(kind, DateTime):
        about["type"] = DateTime(timezone=True)
    elif isinstance(kind, LargeBinary):
        about["type"] = LargeBinary()


# --- what PostgreSQL may refuse --------------------------------------------------------------------


def _taken_off(found: set[Any], kind: type[T]) -> list[T]:
    """Those of a kind, which are no longer made with their table."""
    taken = sorted((each for each in found if isinstance(each, kind)), key=lambda each: str(each.name or ""))
    found.difference_update(taken)
    return taken


def _add_checks(target: Connection, checks: Mapping[Table, Iterable[CheckConstraint]]) -> Iterator[str]:
    """Put conditions on tables; those that PostgreSQL refuses are told."""
    for table, found in checks.items():
        for check in found:
            fresh = CheckConstraint(_translate_condition(check.sqltext, table), name=check.name)
            table.append_constraint(fresh)
            if why := _refusal(target, AddConstraint(fresh)):
                yield f"{table.name}: without the condition «{check.sqltext}»: {why}"


def _add_indexes(target: Connection, indexes: Mapping[Table, Iterable[Index]]) -> Iterator[str]:
    """Make indexes; rows that one leaves out, it leaves out in PostgreSQL too. Those it refuses are told."""
    for table, found in indexes.items():
        for index in found:
            where = index.dialect_options["sqlite"]["where"]
            condition = None if where is None else _translate_condition(where, table)
            fresh = Index(index.name, *index.columns, unique=index.unique, postgresql_where=condition)
            if why := _refusal(target, CreateIndex(fresh)):
                yield f"{table.name}: without the index {index.name}: {why}"


def _refusal(target: Connection, statement: ExecutableDDLElement) -> str:
    """Why the database does not take it, and nothing of it then; empty when it does."""
    try:
        with target.begin_nested():
            target.execute(statement)
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    return ""


def _translate_condition(said: ColumnElement[Any] | TextClause, table: Table) -> TextClause:
    """A condition of SQLite, where truth is 0 or 1."""
    truths = [re.escape(column.name) for column in table.columns if isinstance(column.type, Boolean)]
    words = str(said)
    if truths:
        name = rf"(?<![\w\"'.])\"?(?:{'|'.join(truths)})\"?"
        compared = rf"({name}\s*)(==?|<>|!=|IS\s+NOT|IS)(\s*)([01])\b"
        words = re.sub(compared, _compared_with_truth, words, flags=re.IGNORECASE)
        listed = rf"{name}\s+(?:NOT\s+)?IN\s*\([01,\s]+\)"
        words = re.sub(listed, _among_truths, words, flags=re.IGNORECASE)
    return text(words.replace(":", r"\:"))


def _compared_with_truth(found: re.Match[str]) -> str:
    name, operator, blank, number = found.groups()
    return f"{name}{'=' if operator == '==' else operator}{blank or ' '}{_YES_OR_NO[number]}"


def _among_truths(found: re.Match[str]) -> str:
    name, _, numbers = found[0].rpartition("(")
    return f"{name}({re.sub('[01]', lambda number: _YES_OR_NO[number[0]], numbers)}"


def _unlike(source: Connection, table: str) -> Iterator[str]:
    """The indexes that nobody has made, and those that compare in another way."""
    listed = text("SELECT name, origin FROM pragma_index_list(:table)")
    for name, origin in source.execute(listed, {"table": table}).all():
        keys = text("SELECT cid, name, coll FROM pragma_index_xinfo(:index) WHERE key")
        parts = source.execute(keys, {"index": name}).all()
        if any(part.cid == _EXPRESSION for part in parts):
            yield f"{table}: without the index {name}, which is over an expression"
            continue
        collations = sorted({part.coll for part in parts} - {"BINARY"})
        if collations:
            what = f"index {name}" if origin == "c" else f"key {', '.join(part.name for part in parts)}"
            yield f"{table}: the {what} compares without COLLATE {', '.join(collations)}"
