"""An SQLite instance copied into an empty PostgreSQL database, and proved there row by row.

All of it is one transaction of the target: whoever kills the process, or finds a row that does not fit, leaves the
target as empty as it was. The source's rows are only read, and nobody else uses it meanwhile; when the target is in use
from then on, the source is marked before it is let go. The tables are made by the revisions the source is at, so that
they are those of any other instance on PostgreSQL; what no revision makes, above all tables of addons whose code is
gone, is made from what SQLite says of it.
"""

from __future__ import annotations

import graphlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    StaticPool,
    Table,
    create_engine,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.config import Config, ConfigError
from core.db import migration_lock
from core.db.address import without_secrets
from core.db.base import addon_of_table
from core.db.engine import create_database_engine
from core.db.migrations import MigrationError, current_within, make_within
from core.db.moved_away import mark_moved, refuse_moved
from core.db.portable import Proof, Unmovable, asked, compared, read_row, readers
from core.db.revisions import version_table
from core.db.search_tables import search_tables
from core.db.shapes import make_alike
from core.host.checks import histories
from core.host.one_at_a_time import Patience, Say, one_at_a_time

AT_ONCE = 2_000
"""Rows held in memory at a time."""

PROGRESS = 100_000
"""Rows of a table after which it is told how far it has come."""

_SHOWN = 20
"""Wrong values that are named; the others are counted."""

_OLDEST = 140_000
"""PostgreSQL 14, as the server numbers itself."""


class MoveError(Exception):
    """An instance that cannot be moved; the source is as it was, and the target as empty.

    Only when the connection is lost in the very commit may the target hold the whole copy; it is of no use then, and the
    next move says that the target is not empty.
    """


class NotTakenOver(MoveError):
    """All rows have arrived and the file is marked as moved, but the settings do not name the new database yet."""


@dataclass(slots=True)
class Moved:
    """What was moved: each table's number of rows, with the digest that both sides have.

    ``unlike`` says which conditions and indexes of tables without code are not there, or otherwise.
    """

    proofs: dict[str, Proof] = field(default_factory=dict)
    unlike: list[str] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """The rows of all tables together."""
        return sum(proof.rows for proof in self.proofs.values())


def move(config: Config, target_url: str, say: Say, take_over: Callable[[], str] | None = None) -> Moved:
    """Copy the instance's SQLite database into an empty PostgreSQL database and compare every row.

    :param take_over: has the instance's settings name the target, and gives what is to be said of it. It is called when
        the copy is committed and still nobody else can use the source, which is marked as moved then; without it the
        source stays as it was.
    :raises MoveError: naming what stands in the way, or each value that does not fit; the target is as it was.
    :raises NotTakenOver: when all has arrived, and ``take_over`` has failed.
    """
    path = _source_path(config, target_url)
    engine = create_database_engine(target_url, pool_size=1)
    try:
        with one_at_a_time(config, "move", Patience(say)), _alone(path) as source:
            with _filling(engine) as target:
                moved = _Move(source, target, say).run(histories(config))
            if take_over is not None:
                _hand_over(source, without_secrets(target_url), take_over, say)
        _analyze(engine, say)
    finally:
        engine.dispose()
    return moved


def _hand_over(source: Connection, address: str, take_over: Callable[[], str], say: Say) -> None:
    """First the mark: whoever is cut off between the two is told where the rows are, and nothing is written here."""
    try:
        mark_moved(_driver(source), address)
    except sqlite3.Error as error:
        say(f"The old file could not be marked as moved ({error}): have nothing start with the old address.")
    try:
        told = take_over()
    except (ConfigError, OSError) as error:
        raise NotTakenOver(
            f"All rows have arrived in {address}, but the settings could not be changed: {error}."
            " Put the address there by hand: database = …"
        ) from error
    say(told)


def _source_path(config: Config, target_url: str) -> Path:
    source = make_url(config.database_url)
    if source.get_backend_name() != "sqlite":
        raise MoveError("This instance is on PostgreSQL already: move it by «forecourt backup» and «restore».")
    if not target_url.startswith("postgresql://"):
        raise MoveError("Only to PostgreSQL can an instance be moved: --to postgresql://user@host/name")
    return Path(source.database or "")


@contextmanager
def _alone(path: Path) -> Iterator[Connection]:
    """The source for nobody else: what were written into it meanwhile would be lost with it.

    :raises MoveError: while a server, a worker or a command uses it.
    """
    try:
        with closing(_opened(path)) as driver:
            engine = create_engine("sqlite://", creator=lambda: driver, poolclass=StaticPool, pool_reset_on_return=None)
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                yield connection
    except sqlite3.Error as error:
        raise _fault(path, error) from error
    except DBAPIError as error:
        if not isinstance(error.orig, sqlite3.Error):
            raise
        raise _fault(path, error.orig) from error


def _opened(path: Path) -> sqlite3.Connection:
    driver = sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=2)
    # Texts that are none in UTF-8 are bytes here, so that they can be named.
    driver.text_factory = _text_or_bytes
    try:
        # In this mode a lock outlives the transaction that took it: it is let go with the connection.
        driver.execute("PRAGMA locking_mode=EXCLUSIVE")
        driver.execute("BEGIN EXCLUSIVE")
        driver.execute("COMMIT")
        refuse_moved(driver)
    except BaseException:
        driver.close()
        raise
    return driver


def _fault(path: Path, error: sqlite3.Error) -> MoveError:
    """What is wrong with the source, for a person."""
    kind = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest says more exactly what SQLite did
    if kind in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return MoveError(f"{path} is in use: stop the servers and workers of this instance first.")
    if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return MoveError(f"{path} is damaged: {error}")
    return MoveError(f"{path} cannot be read: {error}")


def _text_or_bytes(said: bytes) -> str | bytes:
    try:
        return said.decode()
    except UnicodeDecodeError:
        return said


@contextmanager
def _filling(engine: Engine) -> Iterator[Connection]:
    """One transaction of an empty target, alone among those who change its tables."""
    engine.connect().close()  # a server that cannot be reached is told of as everywhere
    try:
        with migration_lock.migrating(engine) as connection, migration_lock.step(connection):
            _expect_fit(connection)
            _expect_empty(connection)
            yield connection
    except DBAPIError as error:
        if not isinstance(error.orig, psycopg.Error):  # the source's, which is asked meanwhile
            raise
        raise MoveError(f"PostgreSQL refused: {_said(error.orig)}") from error


def _said(error: BaseException | None) -> str:
    """What the database says, in one line: also to which row and column it refers."""
    said = [str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__]
    diagnosis = getattr(error, "diag", None)
    for part in ("message_detail", "context"):
        more = getattr(diagnosis, part, None)
        said += [more.splitlines()[0]] if more else []
    return "; ".join(said)


def _expect_fit(target: Connection) -> None:
    """Refuse a server or a database in which Forecourt would not work."""
    number = int(target.scalar(text("SHOW server_version_num")) or 0)
    if number < _OLDEST:
        raise MoveError(f"PostgreSQL 14 or newer is needed, this is {target.scalar(text('SHOW server_version'))}.")
    encoding = target.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8" or target.scalar(select(func.lower("Я"))) != "я":
        raise MoveError("The database must be in UTF8 and fold Cyrillic: make it with --encoding UTF8 --locale C.UTF-8")


def _expect_empty(target: Connection) -> None:
    inspector = inspect(target)
    names = {*inspector.get_table_names(), *inspector.get_view_names()} - _of_extensions(target)
    if names:
        name = target.scalar(select(func.current_database()))
        shown = ", ".join(sorted(names)[:3])
        raise MoveError(
            f"The database «{name}» is not empty: it has {len(names)} tables ({shown} …). Nothing was changed."
            " If it holds a rehearsal of this move, make it anew (dropdb, createdb) and run this again."
        )


def _of_extensions(target: Connection) -> set[str]:
    """Tables and views that came with an extension, as in a database made from the server's own template."""
    statement = text(
        "SELECT relname FROM pg_class JOIN pg_depend ON objid = pg_class.oid"
        " WHERE classid = 'pg_class'::regclass AND deptype = 'e' AND relnamespace = current_schema()::regnamespace"
    )
    return set(target.scalars(statement))


def _analyze(engine: Engine, say: Say) -> None:
    """The copy is as good without it, only slower for a while."""
    say("Gathering what the planner of PostgreSQL needs to know …")
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM (ANALYZE)")
    except SQLAlchemyError as error:
        why = _said(error.orig if isinstance(error, DBAPIError) else error)
        say(f"That failed; run VACUUM ANALYZE there some time: {why}")


class _Move:
    """The work inside the two transactions."""

    def __init__(self, source: Connection, target: Connection, say: Say) -> None:
        self._source, self._target, self._say = source, target, say
        found = inspect(source).get_table_names()
        self._names = sorted(set(found) - search_tables(found))
        self._wrong: list[str] = []
        self._unlike: list[str] = []

    def run(self, folders: Mapping[str, Path]) -> Moved:
        """Tables, rows, references, proof."""
        self._expect_whole()
        self._make_tables(folders)
        tables = self._tables()
        references = self._take_references_off()
        self._target.exec_driver_sql(f"TRUNCATE {', '.join(map(self._quoted, self._names))}")
        sent = {table.name: self._send(table) for table in tables}
        if self._wrong:
            raise MoveError(
                _listed("These values do not fit into PostgreSQL; put them right and move again", self._wrong)
            )
        self._say("Putting the references back …")
        for statement in references:
            self._target.exec_driver_sql(statement)
        self._go_on_counting(tables)
        self._compare(tables, sent)
        return Moved(sent, self._unlike)

    def _quoted(self, name: str) -> str:
        return self._target.dialect.identifier_preparer.quote(name)

    def _expect_whole(self) -> None:
        """Rows and tables that refer to nothing could not be put under PostgreSQL's foreign keys."""
        lines = [
            f"{name}: refers to a table {referred} that is not there"
            for name, referred in self._references()
            if referred not in self._names
        ]
        broken = self._source.exec_driver_sql("PRAGMA foreign_key_check").all()
        lines += [
            f"{table}, row {number}: refers to a row of {referred} that is not there"
            for table, number, referred, _ in broken
        ]
        if lines:
            raise MoveError(_listed("These refer to nothing; put them right and move again", lines))

    # --- tables ----------------------------------------------------------------------------------

    def _make_tables(self, folders: Mapping[str, Path]) -> None:
        """Addon by addon, those that others refer to first."""
        owned: dict[str, set[str]] = {}
        for name in self._names:
            owned.setdefault(addon_of_table(name), set()).add(name)
        for addon in self._order(owned):
            revision = current_within(self._source, addon) if version_table(addon) in owned[addon] else None
            if revision is not None and addon in folders:
                self._say(f"Making the tables of {addon} ({revision}) …")
                self._by_revisions(addon, folders[addon], revision)
            there = set(inspect(self._target).get_table_names())
            rest = owned[addon] - there
            if rest:
                self._say(f"Making {len(rest)} tables of {addon} that no code here makes, as they are …")
                self._unlike += make_alike(self._source, self._target, rest)

    def _order(self, owned: Iterable[str]) -> Sequence[str]:
        graph: dict[str, set[str]] = {addon: set() for addon in sorted(owned)}
        for name, referred in self._references():
            addon, needed = addon_of_table(name), addon_of_table(referred)
            graph[addon] |= {needed} - {addon}
        try:
            return list(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError as error:
            circle = " → ".join(error.args[1])
            raise MoveError(
                f"The tables of these addons refer to each other, so that none can be made first: {circle}"
            ) from error

    def _references(self) -> list[tuple[str, str]]:
        """Which tables refer to which. SQLite looks for names whatever their case."""
        found = inspect(self._source).get_multi_foreign_keys(filter_names=self._names).items()
        names = {name.lower(): name for name in self._names}
        return [
            (name, names.get(key["referred_table"].lower(), key["referred_table"]))
            for (_, name), keys in found
            for key in keys
        ]

    def _by_revisions(self, addon: str, folder: Path, revision: str) -> None:
        try:
            make_within(self._target, addon, folder, revision)
        except MigrationError as error:
            raise MoveError(f"The tables cannot be made: {error}") from error

    def _tables(self) -> list[Table]:
        """The tables of the target, whose columns must be those of the source."""
        metadata = MetaData()
        foreign = _of_extensions(self._target)
        metadata.reflect(self._target, only=lambda name, _: name not in foreign)
        theirs = inspect(self._source)
        problems = [f"{name}: no revision makes it any more" for name in set(metadata.tables) - set(self._names)]
        for name in self._names:
            there = {each.name for each in _written(metadata.tables[name])}
            here = {each["name"] for each in theirs.get_columns(name) if "computed" not in each}
            problems += [f"{name}.{column}: only on one of both sides" for column in sorted(there ^ here)]
        if problems:
            raise MoveError(_listed("The tables are not what their revisions make; run «forecourt check»", problems))
        return [metadata.tables[name] for name in self._names]

    def _take_references_off(self) -> list[str]:
        """Drop the foreign keys, which neither cycles nor rows of one table that refer to each other allow to fill.

        :returns: the statements that put them back, over all rows at once.
        """
        found = self._target.execute(
            text(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
                " WHERE contype = 'f' AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
            )
        ).all()
        for table, name, _ in found:
            self._target.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {self._quoted(name)}")
        return [f"ALTER TABLE {table} ADD CONSTRAINT {self._quoted(name)} {said}" for table, name, said in found]

    # --- rows ------------------------------------------------------------------------------------

    def _send(self, table: Table) -> Proof:
        """Copy a table, and give the proof of what was sent."""
        proof, columns = Proof(), _written(table)
        names = [each.name for each in columns]
        keys = [names.index(each.name) for each in table.primary_key.columns]
        try:
            reading = readers(columns)
        except Unmovable as error:
            raise MoveError(str(error)) from error
        same, listed = compared(columns), ", ".join(map(self._quoted, names))
        into = f"COPY {self._quoted(table.name)} ({listed}) FROM STDIN"
        driver = self._target.connection.driver_connection
        assert driver is not None
        try:
            with driver.cursor() as cursor, cursor.copy(into) as copy:
                for row in self._rows(table.name, names):
                    values, wrong = read_row(names, reading, row)
                    if wrong:
                        where = ", ".join([table.name, *(f"{names[each]} {row[each]}" for each in keys)])
                        self._wrong += (f"{where}: {each}" for each in wrong)
                        continue
                    copy.write_row(values)
                    self._count(table, proof, same(values), "sent")
        except psycopg.Error as error:
            raise MoveError(f"{table.name}: PostgreSQL refused: {_said(error)}") from error
        return proof

    def _rows(self, table: str, columns: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        """The rows of the source as its driver gives them, a portion at a time."""
        quote = self._source.dialect.identifier_preparer.quote_identifier
        listed = ", ".join(map(quote, columns))
        cursor = _driver(self._source).execute(f"SELECT {listed} FROM {quote(table)}")  # noqa: S608 - quoted
        while rows := cursor.fetchmany(AT_ONCE):
            yield from rows

    def _count(self, table: Table, proof: Proof, row: tuple[Any, ...], what: str) -> None:
        proof.add(row)
        if proof.rows % PROGRESS == 0:
            self._say(f"  {table.name}: {proof.rows} rows {what} …")

    def _go_on_counting(self, tables: Iterable[Table]) -> None:
        """PostgreSQL numbers rows by sequences, which do not notice numbers that were given by hand."""
        given = self._ever_given()
        for table in tables:
            for column in table.primary_key.columns:
                sequence = self._target.scalar(
                    select(func.pg_get_serial_sequence(self._quoted(table.name), column.name))
                )
                if sequence is not None:
                    highest = self._target.scalar(select(func.max(column))) or 0
                    last = max(highest, given.get(table.name, 0))
                    self._target.execute(select(func.setval(sequence, max(last, 1), last > 0)))

    def _ever_given(self) -> dict[str, int]:
        """The highest number that was ever given in tables whose numbers never come again."""
        there = "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'"
        if self._source.exec_driver_sql(there).first() is None:
            return {}
        return dict(self._source.exec_driver_sql("SELECT name, seq FROM sqlite_sequence").all())

    # --- proof -----------------------------------------------------------------------------------

    def _compare(self, tables: Sequence[Table], sent: Mapping[str, Proof]) -> None:
        """Read everything back and compare it with what was sent."""
        different = []
        for table in tables:
            proof = self._arrived(table)
            if proof != sent[table.name]:
                rows = f"{sent[table.name].rows} rows here, {proof.rows} there"
                different.append(f"{table.name}: {rows}; digests {sent[table.name].digest}, {proof.digest}")
            elif proof.rows:
                self._say(f"{table.name}: {proof.rows} rows, the same on both sides ({proof.digest[:16]})")
        if different:
            raise MoveError(_listed("What has arrived differs from what was sent; nothing was kept", different))

    def _arrived(self, table: Table) -> Proof:
        proof, columns = Proof(), _written(table)
        same = compared(columns)
        statement = select(*map(asked, columns)).execution_options(stream_results=True, yield_per=AT_ONCE)
        for row in self._target.execute(statement):
            self._count(table, proof, same(tuple(row)), "compared")
        return proof


def _driver(source: Connection) -> sqlite3.Connection:
    driver = source.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver


def _written(table: Table) -> list[Column[Any]]:
    """The columns that are filled; what the database computes by itself is left to it."""
    return [column for column in table.columns if column.computed is None]


def _listed(what: str, lines: Sequence[str]) -> str:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return "\n  ".join([f"{what}:", *lines[:_SHOWN], *more])
