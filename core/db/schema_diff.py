"""The models of one addon against its tables: a list of differences, or the revision that removes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import _repr_type
from alembic.operations.ops import DowngradeOps, MigrateOperation, MigrationScript, OpContainer, UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, UnaryExpression, inspect
from sqlalchemy.types import TypeDecorator, TypeEngine

from core.db.base import addon_of_table
from core.db.migrations_ops import CreateSearchIndexOp, DropSearchIndexOp
from core.db.search_index import is_searched
from core.db.search_tables import is_trigram_index, search_indexes, search_tables

_SOURCE = '''"""{title}"""

{imports}

revision = "{revision}"
down_revision = {down_revision}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


@dataclass(frozen=True)
class RevisionHeader:
    """Identity of a new revision: its id, the id before it (None: the first), its message."""

    revision: str
    down_revision: str | None
    message: str


def differences(connection: Connection, addon: str, version_table: str, metadata: MetaData) -> list[str]:
    """What has to be done to the tables to make them what the models say, one operation a line.

    :raises TypeError: if the models have something that cannot be compared or written down.
    """
    context = _context(connection, addon, version_table)
    script = _compare(context, addon, metadata)
    assert script.upgrade_ops is not None
    return [_one_line(operation, context) for operation in _flat(script.upgrade_ops)]


def revision_source(
    connection: Connection, addon: str, version_table: str, metadata: MetaData, header: RevisionHeader
) -> str:
    """The Python text of a revision that brings the tables to the models and back.

    :raises TypeError: as above.
    """
    context = _context(connection, addon, version_table)
    script = _compare(context, addon, metadata)
    assert script.upgrade_ops is not None
    assert script.downgrade_ops is not None
    types = _PlainTypes()
    upgrade = _render(script.upgrade_ops, context, types)
    downgrade = _render(script.downgrade_ops, context, types)
    imports = types.imports | {"from alembic import op"}
    if "sa." in upgrade + downgrade:
        imports.add("import sqlalchemy as sa")
    return _SOURCE.format(
        title=header.message.replace("\\", "/").replace('"', "'"),
        imports="\n".join(sorted(imports, reverse=True)),
        revision=header.revision,
        down_revision=f'"{header.down_revision}"' if header.down_revision else None,
        upgrade=upgrade,
        downgrade=downgrade,
    )


def _context(connection: Connection, addon: str, version_table: str) -> MigrationContext:
    inner = search_tables(inspect(connection).get_table_names())

    def wanted(name: str | None) -> bool:
        return name is not None and addon_of_table(name) == addon and name not in inner

    def include_name(name: str | None, kind: str, _parents: object) -> bool:
        if kind == "index":
            return not is_trigram_index(name)
        return kind != "table" or wanted(name)

    def include_object(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or wanted(name)

    return MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table,
            "include_name": include_name,
            "include_object": include_object,
            "render_as_batch": True,
            "compare_type": True,
        },
    )


def _compare(context: MigrationContext, addon: str, metadata: MetaData) -> MigrationScript:
    _refuse_expression_indexes(addon, metadata)
    script = produce_migrations(context, metadata)
    assert script.upgrade_ops is not None
    assert context.connection is not None
    create, drop = _search_differences(context.connection, addon, metadata)
    script.upgrade_ops.ops = [*drop, *script.upgrade_ops.ops, *create]
    script.downgrade_ops = script.upgrade_ops.reverse()
    return script


def _refuse_expression_indexes(addon: str, metadata: MetaData) -> None:
    """SQLite does not tell what such an index is on: it would be left out of the revision with a mere warning."""
    for table in metadata.tables.values():
        for index in table.indexes if addon_of_table(table.name) == addon else ():
            if not all(_is_plain(expression) for expression in index.expressions):
                raise TypeError(
                    f"{index.name}: an index on an expression cannot be compared; keep the value in a column"
                )


def _is_plain(expression: object) -> bool:
    while isinstance(expression, UnaryExpression):  # desc(), nulls_last()
        expression = expression.element
    return isinstance(expression, Column)


def _search_differences(
    connection: Connection, addon: str, metadata: MetaData
) -> tuple[list[MigrateOperation], list[MigrateOperation]]:
    owned = [name for name in inspect(connection).get_table_names() if addon_of_table(name) == addon]
    there = set(search_indexes(connection, owned).items())
    declared = {
        (table.name, column.name)
        for table in metadata.tables.values()
        if addon_of_table(table.name) == addon
        for column in table.columns
        if is_searched(column)
    }
    create: list[MigrateOperation] = [CreateSearchIndexOp(*pair) for pair in sorted(declared - there)]
    drop: list[MigrateOperation] = [DropSearchIndexOp(*pair) for pair in sorted(there - declared)]
    return create, drop


def _flat(container: OpContainer) -> Iterator[MigrateOperation]:
    for operation in container.ops:
        if isinstance(operation, OpContainer):
            yield from _flat(operation)
        else:
            yield operation


def _one_line(operation: MigrateOperation, context: MigrationContext) -> str:
    source = render_python_code(UpgradeOps([operation]), render_item=_PlainTypes(), migration_context=context)
    return " ".join(line.strip() for line in source.splitlines() if not line.strip().startswith("#"))


class _PlainTypes:
    """Renders column types so that a revision imports nothing of the project."""

    def __init__(self) -> None:
        self.imports: set[str] = set()

    def __call__(self, kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
        if kind != "type":
            return False
        if isinstance(item, TypeDecorator):
            return self._of_decorator(item, context)
        self._note_dialect(item)
        return False

    def _of_decorator(self, item: TypeDecorator[Any], context: AutogenContext) -> str:
        return str(_repr_type(item.impl_instance, context))

    def _note_dialect(self, item: TypeEngine[Any]) -> None:
        module = type(item).__module__.split(".")
        if module[0] != "sqlalchemy":
            raise TypeError(f"{type(item).__name__} cannot be written as a plain SQLAlchemy type")
        if module[1:2] == ["dialects"]:
            self.imports.add(f"from sqlalchemy.dialects import {module[2]}")


def _render(operations: UpgradeOps | DowngradeOps, context: MigrationContext, types: _PlainTypes) -> str:
    source = render_python_code(operations, render_as_batch=True, render_item=types, migration_context=context)
    return "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("# ###")).strip()
