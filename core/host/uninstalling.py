"""Uninstalling an addon: looked at first, written to an archive, then removed in one transaction.

Nothing of it needs the addon's code: what belongs to it is read from the database (:mod:`core.host.belongings`). Archive
and removal are one transaction, so that whoever kills the process finds everything as it was, or the addon gone; the
archive is complete on the disk before that is decided. Stored content goes after the commit: what a crash leaves of it,
no row knows any more, and the daily sweep of stray files takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Connection, and_, bindparam, delete, func, select, update

from core.access.models import raise_epoch
from core.access.policy import system
from core.clock import utcnow
from core.config import Config
from core.db.audit import note_action
from core.db.base import addon_of_table
from core.db.engine import WorkSession
from core.db.reflected import Link
from core.host import addon_archive, registry
from core.host.belongings import GRANTS, ROLES, SHIPPED, Belongings, Documents, Key, Reference, is_one_of
from core.host.contents import Contents, Titles, read_contents
from core.host.instance import MIGRATIONS, engine_of, looking
from core.host.manifest import FoundAddon, is_name
from core.host.one_at_a_time import PATIENT, Patience, Turn, one_at_a_time
from core.host.plugins import Hooks
from core.host.registry import AddonError
from core.work.filestore import FileStore

CORE = "core"
REASON = "addon uninstall"

log = structlog.get_logger("forecourt.host")


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table of the addon that goes."""

    name: str
    columns: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role that goes, and how many people have it."""

    code: str
    titles: Titles
    people: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What an uninstall would take, and what keeps it from being done. ``bytes`` is the size of the stored files."""

    addon: str
    titles: Titles
    version: str
    state: str
    has_code: bool
    tables: list[TableFacts]
    documents: list[Documents]
    contents: Contents
    roles: list[RoleFacts]
    rows_of_core: dict[str, int]
    files: int
    bytes: int
    references: list[Reference]
    cascading: list[Link]

    @property
    def rows(self) -> int:
        """The rows of the addon's own tables together."""
        return sum(each.rows for each in self.tables)

    @property
    def holders(self) -> list[str]:
        """The addons whose tables refer to what would go."""
        return sorted({addon_of_table(each.table) for each in self.references})

    @property
    def possible(self) -> bool:
        """Whether it could be done now."""
        return self.state != "enabled" and not self.references


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What was done: the archive, and what it holds."""

    archive: Path
    removed: addon_archive.Removed


def preview(config: Config, name: str) -> Preview:
    """Look at what an uninstall would take; nothing is changed.

    :raises AddonError: when the instance has nothing of such an addon.
    """
    with looking(config) as connection:
        return look(connection, config, name)


def look(connection: Connection, config: Config, name: str) -> Preview:
    """The same, for whoever has a connection."""
    found = registry.discover(config.addons_path).found.get(name)
    return _preview(connection, name, found, FileStore(config.files_dir))


def uninstall(config: Config, name: str, folder: Path | None = None, patience: Patience = PATIENT) -> Uninstalled:
    """Write what belongs to an addon to an archive and remove it; an addon that is on has to be disabled before.

    :param folder: where the archive goes; the instance's folder for backups if not said.
    :raises AddonError: when it is on, others refer to it, or there is nothing of it.
    :raises MigrationError: for what the database refuses; everything is as it was then.
    """
    with one_at_a_time(config, f"addon uninstall {name}", patience) as turn:
        return _uninstall(config, name, folder or config.backups, turn)


def _uninstall(config: Config, name: str, folder: Path, turn: Turn) -> Uninstalled:
    from core.db.migrations import Migrations, references_kept

    found = registry.discover(config.addons_path).found.get(name)
    files = FileStore(config.files_dir)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with engine_of(config) as engine, Migrations(engine).changing(name) as connection:
        belongings = _claimed(connection, name)
        mark = addon_archive.mark_of(config)
        addon_archive.clear_unfinished(folder, name, mark)
        target = addon_archive.new_name(folder, name, mark)
        with _gone_on_failure(target):
            removed = addon_archive.write(target, belongings, files, _about(connection, name, found))
            content = addon_archive.contents_of(belongings, files)
            with references_kept(connection, name, belongings.neighbours()):
                _remove(connection, belongings, found)
            _note(connection, target, removed)
            turn.expect_held()
    _forget(path for _, path in content)
    return Uninstalled(target, removed)


def _forget(content: Iterable[Path]) -> None:
    """Remove stored content that no row knows any more."""
    for path in content:
        path.unlink(missing_ok=True)


@contextmanager
def _gone_on_failure(target: Path) -> Iterator[None]:
    """An archive of what was not removed goes; not when the commit fails, whose outcome nobody knows for certain."""
    try:
        yield
    except BaseException:
        target.unlink(missing_ok=True)
        raise


# --- looking ---------------------------------------------------------------------------------------


def _preview(connection: Connection, name: str, found: FoundAddon | None, files: FileStore) -> Preview:
    belongings = _existing(connection, name)
    row = registry.known_states(connection).get(name)
    content = [path.stat().st_size for _, path in addon_archive.contents_of(belongings, files)]
    manifest = row.manifest if row is not None else {}
    return Preview(
        addon=name,
        titles=found.manifest.title if found is not None else manifest.get("title", {}),
        version=row.addon_version if row is not None else (found.manifest.version if found is not None else ""),
        state=row.state if row is not None else "available",
        has_code=found is not None,
        tables=[_table_facts(belongings, table) for table in belongings.tables],
        documents=[each for each in belongings.documents if each.rows],
        contents=read_contents(row),
        roles=_role_facts(connection, belongings),
        rows_of_core={table: len(keys) for table, keys in belongings.rows_of_core.items()},
        files=len(content),
        bytes=sum(content),
        references=belongings.references(),
        cascading=belongings.cascading(),
    )


def _existing(connection: Connection, name: str) -> Belongings:
    if name == CORE:
        raise AddonError("core is no addon")
    # To SQLite «Parking.days» is LIKE «parking.days»: another spelling would find the rows of an addon that is on.
    belongings = Belongings(connection, name) if is_name(name) else None
    if not belongings:
        raise AddonError(f"there is nothing of «{name}» in this instance")
    return belongings


def _table_facts(belongings: Belongings, table: str) -> TableFacts:
    return TableFacts(table, tuple(belongings.schema.tables[table].c.keys()), belongings.count(table))


def _role_facts(connection: Connection, belongings: Belongings) -> list[RoleFacts]:
    keys = sorted(belongings.rows_of_core.get(ROLES, ()))
    if not keys:
        return []
    roles, links = belongings.schema.tables[ROLES], belongings.schema.tables["core_user_role"]
    people = select(func.count()).where(links.c.role_id == roles.c.id).scalar_subquery()
    statement = select(roles.c.code, roles.c.title_ru, roles.c.title_en, people).where(is_one_of(roles, keys))
    return [
        RoleFacts(code, {"ru": ru, "en": en}, number)
        for code, ru, en, number in connection.execute(statement.order_by(roles.c.code))
    ]


# --- removing, inside the transaction --------------------------------------------------------------


def _claimed(connection: Connection, name: str) -> Belongings:
    """What is to go, locked: nobody switches an addon, and nobody writes to the addon's tables, until this ends."""
    with system_session(connection, REASON) as session:
        registry.next_generation(session)
        session.flush()
        row = registry.known_states(connection).get(name)
    if row is not None and row.state == "enabled":
        raise AddonError(f"«{name}» is enabled: disable it first")
    belongings = _existing(connection, name)
    if connection.dialect.name == "postgresql" and belongings.tables:
        quote = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(map(quote, belongings.tables))} IN ACCESS EXCLUSIVE MODE")
        belongings = Belongings(connection, name)
    references = belongings.references()
    if references:
        told = ", ".join(f"{each.table}.{each.column} ({each.rows} rows)" for each in references)
        raise AddonError(f"tables of other addons refer to «{name}»: {told}; uninstall those addons first")
    return belongings


def _about(connection: Connection, name: str, found: FoundAddon | None) -> dict[str, Any]:
    from core.db.migrations import current_within

    row = registry.known_states(connection).get(name)
    version = row.addon_version if row is not None else (found.manifest.version if found is not None else "")
    manifest = row.manifest if row is not None else {}
    return {"version": version, "manifest": manifest, "revision": current_within(connection, name)}


def _remove(connection: Connection, belongings: Belongings, found: FoundAddon | None) -> None:
    # First, for rows of the addon may refer to rows of core that go; of core nothing refers to the addon's tables.
    _drop_tables(connection, belongings.addon, found)
    for link, rows in belongings.emptied():
        _empty(connection, belongings, link.table, link.column, [key for key, _ in rows])
    _take_rights(connection, belongings)
    for table in reversed(belongings.schema.in_order(belongings.rows_of_core)):
        _delete(connection, belongings, table, sorted(belongings.rows_of_core[table]))
    raise_epoch(connection)


def _drop_tables(connection: Connection, name: str, found: FoundAddon | None) -> None:
    """By the addon's own downgrades, which know of more than tables; when one fails, it is as if there were none."""
    from core.db.migrations import MigrationError, purge_within

    try:
        with connection.begin_nested():
            purge_within(connection, name, found.folder / MIGRATIONS if found is not None else None)
    except MigrationError as error:
        log.warning("a downgrade failed: the tables are dropped without", addon=name, reason=str(error))
        purge_within(connection, name)


def _empty(connection: Connection, belongings: Belongings, name: str, column: str, keys: Sequence[Key]) -> None:
    table = belongings.schema.tables[name]
    columns = list(table.primary_key.columns)
    condition = and_(*(each == bindparam(f"key_{each.name}") for each in columns))
    rows = [{f"key_{each.name}": part for each, part in zip(columns, key, strict=True)} for key in keys]
    connection.execute(update(table).where(condition).values({column: None}), rows)


def _delete(connection: Connection, belongings: Belongings, name: str, keys: Sequence[Key]) -> None:
    """Delete exactly the rows that are in the archive.

    :raises AddonError: when somebody has deleted one of them meanwhile.
    """
    table = belongings.schema.tables[name]
    columns = list(table.primary_key.columns)
    condition = and_(*(each == bindparam(f"key_{each.name}") for each in columns))
    rows = [{f"key_{each.name}": part for each, part in zip(columns, key, strict=True)} for key in keys]
    if connection.execute(delete(table).where(condition), rows).rowcount != len(rows):
        raise AddonError(f"rows of {name} were deleted meanwhile: try again")


def _take_rights(connection: Connection, belongings: Belongings) -> None:
    """Take the addon's rights out of the roles that stay."""
    roles = belongings.schema.tables[ROLES]
    prefix = f"{belongings.addon}."
    for code in {each["role"] for each in belongings.grants()}:
        row = connection.execute(select(roles.c[GRANTS], roles.c[SHIPPED]).where(roles.c.code == code)).one()
        rest = [{right: scope for right, scope in (each or {}).items() if not right.startswith(prefix)} for each in row]
        values = {GRANTS: rest[0], SHIPPED: rest[1], "version": roles.c.version + 1}
        connection.execute(update(roles).where(roles.c.code == code).values(values))


def _note(connection: Connection, target: Path, removed: addon_archive.Removed) -> None:
    """Say in the audit trail what went, and with which archive: the rows themselves are told nowhere else."""
    with system_session(connection, REASON) as session:
        note_action(
            session,
            "addon_uninstalled",
            None,
            addon=removed.addon,
            archive=target.name,
            rows=sum(removed.rows.values()),
        )
        session.flush()


@contextmanager
def system_session(connection: Connection, reason: str) -> Iterator[WorkSession]:
    """A session of the system inside the transaction that is open; it commits nothing itself."""
    with WorkSession(bind=connection, expire_on_commit=False) as session:
        session.access, session.clock, session.hooks, session.writable = system(reason), utcnow, Hooks(), True
        yield session
