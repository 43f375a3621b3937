"""One migration history per addon: upgrade, status, drift, new revisions, purge.

Every addon has its own folder of Alembic revisions and its own version table (``parking_alembic_version``), so an
uninstalled, broken or too new addon never stops another one. Histories are linear and know nothing of each
other; the order of the addons comes from their manifests. ``docs/decisions/0003-migrations-and-backup.md`` says why.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, inspect
from sqlalchemy.exc import SQLAlchemyError

from core.db import migration_lock, migrations_ops, schema_diff  # noqa: F401 - the operations register themselves
from core.db.base import NAMING, addon_of_table
from core.db.references import broken_in, broken_references, foreign_references, told
from core.db.revisions import version_table
from core.db.search_tables import drop_tables, repair_search_triggers
from core.errors import Conflict

# The version table keeps 32 characters: "0001_" and 27 of the message.
_REVISION_LENGTH = 32


class State(StrEnum):
    """How an addon's tables stand to its revision files."""

    UP_TO_DATE = "up_to_date"
    PENDING = "pending"
    AHEAD = "ahead"
    DIVERGED = "diverged"
    BROKEN = "broken"


@dataclass(frozen=True)
class Status:
    """What an upgrade of one addon would find.

    ``current`` and ``head`` are revision ids (None: none yet); ``pending`` are the ids still to run, in order;
    ``problem`` is a text for a technician, empty when nothing is wrong.
    """

    addon: str
    state: State
    current: str | None = None
    head: str | None = None
    pending: tuple[str, ...] = ()
    problem: str = ""


class MigrationError(Exception):
    """A migration that could not be done; the database is as it was before the step that failed.

    ``addon`` and ``revision`` (None when no single one is at fault) name the culprit; the cause is chained.
    """

    def __init__(self, addon: str, revision: str | None, problem: str) -> None:
        where = f"{addon}: revision {revision}" if revision else addon
        super().__init__(f"{where}: {problem}")
        self.addon = addon
        self.revision = revision
        self.problem = problem


class Migrations:
    """The migration histories of one database.

    Safe to call from several threads, processes and machines at once: they queue, and whoever comes later
    finds nothing left to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def current(self, addon: str) -> str | None:
        """The revision an addon's tables are at; None before the first upgrade.

        :raises MigrationError: if the version table holds more than one row.
        """
        with migration_lock.reading(self._engine) as connection:
            return current_within(connection, addon)

    def status(self, addon: str, folder: Path) -> Status:
        """Compare an addon's tables with its revision files; reads only and never raises for what it finds."""
        current: str | None = None
        try:
            with migration_lock.reading(self._engine) as connection:
                current = current_within(connection, addon)
        except MigrationError as error:
            return Status(addon, State.DIVERGED, problem=error.problem)
        try:
            chain = _Chain.load(addon, folder)
        except MigrationError as error:
            return Status(addon, State.BROKEN, current, problem=error.problem)
        return chain.status(current)

    def upgrade(self, addon: str, folder: Path) -> list[str]:
        """Bring an addon's tables to the newest revision, one transaction a step (SEC-56).

        :returns: the ids of the revisions this call ran, in order.
        :raises MigrationError: if the files are broken, the database is newer than the files, or a step fails;
            the steps before it stay done and the next upgrade goes on from there.
        """
        chain = _Chain.load(addon, folder)
        if chain.status(self.current(addon)).state is State.UP_TO_DATE:
            return []
        applied: list[str] = []
        with _named(addon), migration_lock.migrating(self._engine) as connection:
            while revision := _upgrade_one(connection, chain):
                applied.append(revision)
        return applied

    def downgrade(self, addon: str, folder: Path) -> list[str]:
        """Undo every revision of an addon, all or nothing; its version table stays, empty.

        For tests of the ``downgrade`` functions; :meth:`purge` is what removes an addon.

        :returns: the ids of the revisions undone, newest first.
        :raises Conflict: if other addons' tables refer to this addon's.
        :raises MigrationError: if the files do not fit the database or a step fails.
        """
        chain = _Chain.load(addon, folder)
        with _named(addon), migration_lock.migrating(self._engine) as connection, migration_lock.step(connection):
            refuse_if_held(connection, addon)
            undone = _downgrade_all(connection, chain)
            _refuse_broken_references(connection, addon, None)
        return undone

    def purge(self, addon: str, folder: Path | None = None) -> list[str]:
        """Remove all tables of an addon, its version table included; all or nothing.

        The addon's own downgrades run first where its files fit the database; whatever is left afterwards, or
        everything when the code is gone (``folder`` None) or does not fit, is found by the prefix.

        :returns: the names of the tables that were there.
        :raises Conflict: if other addons' tables refer to this addon's: the database would drop them or break.
        :raises MigrationError: if a downgrade fails.
        """
        with self.changing(addon) as connection:
            return purge_within(connection, addon, folder)

    @contextmanager
    def changing(self, addon: str) -> Iterator[Connection]:
        """One transaction in which an addon's tables and rows change together, or not at all.

        :raises MigrationError: naming the addon, for what the database refuses.
        """
        with _named(addon), migration_lock.migrating(self._engine) as connection, migration_lock.step(connection):
            yield connection

    def check(self, addon: str, folder: Path, metadata: MetaData) -> list[str]:
        """Differences between an addon's models and its tables, in both directions; empty when there are none.

        Compared are tables, columns, types, nullability, indexes, unique and foreign keys and search indexes,
        not check constraints and server defaults. Revisions that were not run are differences as well.

        :raises MigrationError: if the models have an index on an expression: SQLite cannot tell what it is on.
        """
        status = self.status(addon, folder)
        found = [f"{addon}: {_describe(status)}"] if status.state is not State.UP_TO_DATE else []
        try:
            with migration_lock.reading(self._engine) as connection:
                return found + schema_diff.differences(connection, addon, version_table(addon), metadata)
        except TypeError as error:
            raise MigrationError(addon, None, str(error)) from error

    def revision(self, addon: str, folder: Path, metadata: MetaData, message: str) -> Path:
        """Write ``NNNN_<message>.py`` with what the models have and the tables lack, and the way back.

        Only the addon's own tables are looked at. The file imports Alembic and SQLAlchemy and nothing of the
        project; read it before it is committed. Without differences its functions are empty, for a data step.

        :raises MigrationError: if the database is not at the newest revision, or a type cannot be written plainly.
        """
        status = self.status(addon, folder)
        if status.state is not State.UP_TO_DATE:
            raise MigrationError(addon, None, f"upgrade first: {_describe(status)}")
        header = schema_diff.RevisionHeader(_revision_id(status.head, message), status.head, message)
        try:
            with migration_lock.reading(self._engine) as connection:
                source = schema_diff.revision_source(connection, addon, version_table(addon), metadata, header)
        except TypeError as error:
            raise MigrationError(addon, header.revision, str(error)) from error
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{header.revision}.py"
        path.write_text(source, encoding="utf-8")
        return path


def revision_ids(addon: str, folder: Path) -> list[str]:
    """The ids of an addon's revision files, oldest first.

    :raises MigrationError: if the files are broken.
    """
    return _Chain.load(addon, folder).ids


def owned_tables(connection: Connection, addon: str) -> list[str]:
    """All tables an addon's prefix owns, sorted: its own, its search indexes, its version table."""
    return sorted(name for name in inspect(connection).get_table_names() if addon_of_table(name) == addon)


def refuse_if_held(connection: Connection, addon: str) -> None:
    """Refuse to remove an addon's tables while other addons' tables refer to them.

    :raises Conflict: with the referring tables, those of disabled and uninstalled addons included.
    """
    holders = sorted({table for table, _ in foreign_references(connection, addon)})
    if holders:
        raise Conflict("Tables of other addons refer to this addon's data: %(tables)s.", tables=", ".join(holders))


def purge_within(connection: Connection, addon: str, folder: Path | None = None) -> list[str]:
    """:meth:`Migrations.purge` as a part of the transaction that :meth:`Migrations.changing` has begun."""
    chain = _usable_chain(addon, folder)
    refuse_if_held(connection, addon)
    tables = owned_tables(connection, addon)
    if chain and chain.status(current_within(connection, addon)).state in (State.UP_TO_DATE, State.PENDING):
        _downgrade_all(connection, chain)
    drop_tables(connection, owned_tables(connection, addon))
    return tables


def make_within(connection: Connection, addon: str, folder: Path, revision: str | None) -> None:
    """Make an addon's tables as they were at a revision, in the transaction that :meth:`Migrations.changing` has begun.

    :raises MigrationError: if the files do not know the revision, or a step fails.
    """
    chain = _Chain.load(addon, folder)
    if revision is None:
        return
    problem = chain.status(revision).problem
    if problem:
        raise MigrationError(addon, None, problem)
    for each in chain.ids[: chain.ids.index(revision) + 1]:
        _run(connection, addon, each, chain.upgrade_step(each))


@contextmanager
def references_kept(connection: Connection, addon: str, tables: Collection[str]) -> Iterator[None]:
    """A change of rows after which no more rows of these tables refer to nothing than before.

    SQLite does not look at foreign keys in the transaction that :meth:`Migrations.changing` has begun.

    :raises MigrationError: when there are more.
    """
    before = broken_in(connection, tables)
    yield
    worse = broken_in(connection, tables) - before
    if worse:
        raise MigrationError(addon, None, f"rows would refer to nothing: {', '.join(told(worse))}")


class _Chain:
    """The revision files of one addon, oldest first, checked to be one line."""

    def __init__(self, addon: str, directory: ScriptDirectory | None, scripts: list[Script]) -> None:
        self.addon = addon
        self.ids = [script.revision for script in scripts]
        self._directory = directory
        self._scripts = {script.revision: script for script in scripts}

    @classmethod
    def load(cls, addon: str, folder: Path) -> _Chain:
        """Read the files of a folder; a missing or empty folder is a history without revisions.

        :raises MigrationError: if a file cannot be imported or the files are not one line.
        """
        if not folder.is_dir():
            return cls(addon, None, [])
        directory = ScriptDirectory(folder, version_locations=[folder])
        try:
            scripts = list(directory.walk_revisions())
            _refuse_branches(scripts)
        except (Exception, SystemExit) as error:  # the files are foreign code: whatever they raise is their fault
            raise MigrationError(addon, None, _what_broke(error, folder)) from error
        return cls(addon, directory, scripts[::-1])

    @property
    def head(self) -> str | None:
        return self.ids[-1] if self.ids else None

    def status(self, current: str | None) -> Status:
        """What is to be done with tables at ``current``."""
        if current is not None and current not in self._scripts:
            return self._unknown(current)
        pending = tuple(self.ids[self.ids.index(current) + 1 :] if current else self.ids)
        return Status(self.addon, State.PENDING if pending else State.UP_TO_DATE, current, self.head, pending)

    def _unknown(self, current: str) -> Status:
        number, newest = _number(current), _number(self.head or "0")
        if number is not None and newest is not None and number <= newest:
            problem = f"the database is at {current}, which is not in this release's history ending in {self.head}"
            return Status(self.addon, State.DIVERGED, current, self.head, problem=problem)
        problem = f"the database is at {current}, made by a newer release than this one (newest here: {self.head})"
        return Status(self.addon, State.AHEAD, current, self.head, problem=problem)

    def upgrade_step(self, revision: str) -> RevisionStep:
        """Alembic's step up to a revision."""
        assert self._directory is not None
        return MigrationStep.upgrade_from_script(self._directory.revision_map, self._scripts[revision])

    def downgrade_step(self, revision: str) -> RevisionStep:
        """Alembic's step down from a revision."""
        assert self._directory is not None
        return MigrationStep.downgrade_from_script(self._directory.revision_map, self._scripts[revision])


def _refuse_branches(scripts: Collection[Script]) -> None:
    heads = sorted(script.revision for script in scripts if script.is_head)
    if len(heads) > 1:
        raise ValueError(f"two lines of revisions, ending in {' and '.join(heads)}: make it one line")
    for script in scripts:
        if script.dependencies:
            raise ValueError(f"{script.revision} has depends_on: needs between addons belong in addon.toml")


@contextmanager
def _named(addon: str) -> Iterator[None]:
    """Give errors outside the steps (the lock, the commit, a lost connection) the addon's name."""
    try:
        yield
    except SQLAlchemyError as error:
        raise MigrationError(addon, None, f"{type(error).__name__}: {error}") from error


def _usable_chain(addon: str, folder: Path | None) -> _Chain | None:
    try:
        return _Chain.load(addon, folder) if folder else None
    except MigrationError:
        return None


def current_within(connection: Connection, addon: str) -> str | None:
    """:meth:`Migrations.current` on a connection that is open."""
    context = MigrationContext.configure(connection, opts={"version_table": version_table(addon)})
    heads = sorted(context.get_current_heads())
    if len(heads) > 1:
        raise MigrationError(addon, None, f"{version_table(addon)} holds several revisions: {', '.join(heads)}")
    return heads[0] if heads else None


def _upgrade_one(connection: Connection, chain: _Chain) -> str | None:
    """Run the next revision in a transaction of its own; None when there is none.

    The state is read under the lock: another process may have run the step meanwhile.
    """
    with migration_lock.step(connection):
        status = chain.status(current_within(connection, chain.addon))
        if status.state not in (State.PENDING, State.UP_TO_DATE):
            raise MigrationError(chain.addon, None, status.problem)
        if not status.pending:
            return None
        revision = status.pending[0]
        _run(connection, chain.addon, revision, chain.upgrade_step(revision))
        _refuse_broken_references(connection, chain.addon, revision)
    return revision


def _downgrade_all(connection: Connection, chain: _Chain) -> list[str]:
    status = chain.status(current_within(connection, chain.addon))
    if status.problem:
        raise MigrationError(chain.addon, None, status.problem)
    done = chain.ids[: chain.ids.index(status.current) + 1][::-1] if status.current else []
    for revision in done:
        _run(connection, chain.addon, revision, chain.downgrade_step(revision))
    return done


def _run(connection: Connection, addon: str, revision: str, step: RevisionStep) -> None:
    """Let Alembic run a step, up or down, inside the transaction that is open; what it rebuilt stays searched."""
    context = MigrationContext.configure(
        connection,
        opts={
            "version_table": version_table(addon),
            "transactional_ddl": True,
            "target_metadata": MetaData(naming_convention=NAMING),
            "fn": lambda _heads, _context: [step],
        },
    )
    try:
        with Operations.context(context):
            context.run_migrations()
        repair_search_triggers(connection, owned_tables(connection, addon))
    except (Exception, SystemExit) as error:  # the addon's code: named, and rolled back by the caller
        raise MigrationError(addon, revision, f"{type(error).__name__}: {error}") from error


def _refuse_broken_references(connection: Connection, addon: str, revision: str | None) -> None:
    try:
        broken = broken_references(connection, addon)
    except SQLAlchemyError as error:
        raise MigrationError(addon, revision, f"the foreign keys cannot be checked: {error}") from error
    if broken:
        raise MigrationError(addon, revision, f"rows would refer to nothing: {', '.join(broken)}")


def _describe(status: Status) -> str:
    if status.state is State.PENDING:
        return f"revisions not run yet: {', '.join(status.pending)}"
    return f"{status.state}: {status.problem}"


def _number(revision: str) -> int | None:
    match = re.match(r"\d+", revision)
    return int(match.group()) if match else None


def _revision_id(head: str | None, message: str) -> str:
    number = (_number(head or "0") or 0) + 1
    slug = "_".join(re.findall(r"[a-z0-9]+", message.lower()))
    return f"{number:04d}_{slug}"[:_REVISION_LENGTH].rstrip("_")


def _what_broke(error: BaseException, folder: Path) -> str:
    """The error with the file and line of the folder where it arose."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == folder]
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {error}{where}"
