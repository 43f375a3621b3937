"""A database as two values to compare: what its tables are, and what they hold."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, MetaData, Table, inspect, select

from core.config import Config
from core.db.search_tables import search_tables
from core.host.instance import engine_of

GOES_ON = {
    "core_access_epoch",
    "core_audit",
    "core_audit_value",
    "core_event",
    "core_generation",
}
"""What only ever goes forward: trails and the numbers by which processes see that something has changed."""

STAMPS = {"version", "updated_at", "updated_by_id"}


def schema(config: Config) -> dict[str, Any]:
    """The tables with their columns, keys and indexes."""
    with engine_of(config) as engine, engine.connect() as connection:
        look = inspect(connection)
        return {
            name: [
                sorted(map(_told, look.get_columns(name))),
                sorted(map(_told, look.get_foreign_keys(name))),
                sorted(map(_told, look.get_indexes(name))),
            ]
            for name in look.get_table_names()
        }


def _told(what: Any) -> str:
    """A thing that reflection has found as text, whatever object stands in it."""
    return json.dumps(what, sort_keys=True, default=str)


def data(config: Config) -> dict[str, list[dict[str, Any]]]:
    """The rows of the tables that have any, without the stamps of their last change."""
    with engine_of(config) as engine, engine.connect() as connection:
        names = inspect(connection).get_table_names()
        tables = sorted(set(names) - search_tables(names) - GOES_ON)
        return {name: rows for name in tables if (rows := _rows(connection, name))}


def _rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    table = Table(name, MetaData(), autoload_with=connection, resolve_fks=False)
    columns = [column for column in table.c if column.name not in STAMPS]
    return [dict(row) for row in connection.execute(select(*columns).order_by(*table.primary_key.columns)).mappings()]


def taken(config: Config) -> dict[str, Any]:
    """Both, table by table, so that a difference is told by its table."""
    return {"schema": schema(config), "data": data(config)}
