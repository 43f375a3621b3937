"""Insert or update in one statement, on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.db.base import Base
from core.db.engine import WorkSession

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

    Upsert = postgresql.Insert | sqlite.Insert


def insert_into(session: WorkSession, model: type[Base]) -> Upsert:
    """The INSERT of the session's own database, which knows ``ON CONFLICT``."""
    return insert_for(session.get_bind().dialect.name, model)


def insert_for(dialect: str, model: type[Base]) -> Upsert:
    """The INSERT of a kind of database, for statements that are made once."""
    # Imported here: each dialect is large, and an instance needs one.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(model)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(model)


def upsert(session: WorkSession, model: type[Base], key: Sequence[str], values: Mapping[str, Any]) -> None:
    """Write one row: new, or over the one with the same key columns; only for unaudited tables."""
    statement = insert_into(session, model).values(**values)
    changed = {name: value for name, value in values.items() if name not in key}
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))
