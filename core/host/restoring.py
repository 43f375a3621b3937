"""Bringing an uninstalled addon back from its archive, with everything that can be put where it was.

The tables are made as they were at the archive's revision and filled, in one transaction; then the addon is enabled as
any other, which takes it to the newest revision. Rows of core that have lost their number to others get a new one, and
what refers to them follows. What refers to rows that are gone is emptied, or left out where it cannot be without them.
An archive is believed as far as it holds what is the addon's (:mod:`core.host.admission`).
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    DateTime,
    Executable,
    Table,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from core.access.models import raise_epoch
from core.config import Config
from core.db.archive import FILES, ArchiveReader, BackupError
from core.db.audit import note_action
from core.db.base import addon_of_table
from core.db.references import keys_checked_last
from core.db.reflected import SUBJECT_ID, SUBJECT_TYPE, Link, Schema, portions
from core.db.revisions import version_table
from core.host import addon_archive, instance, registry
from core.host.addon_archive import EMPTIED, FILE_TABLE, EmptiedColumn, GivenRight, Removed, member_of
from core.host.admission import Admission
from core.host.belongings import GRANTS, ROLES, SHIPPED, Belongings
from core.host.instance import MIGRATIONS, engine_of
from core.host.manifest import FoundAddon
from core.host.one_at_a_time import PATIENT, Patience, Turn, one_at_a_time
from core.host.registry import AddonError
from core.host.uninstalling import system_session
from core.work.filestore import FileStore

REASON = "addon restore"
_UNPACKED = ".addon-restore-"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: rows by table, and how many of each could not be put back.

    ``rights`` are those of others, as (role, right), that had been given to the addon's roles here; they are given anew by hand.
    """

    addon: str
    rows: dict[str, int]
    left_out: dict[str, int]
    rights: list[tuple[str, str]]


def restore(config: Config, source: Path, patience: Patience = PATIENT) -> Restored:
    """Bring an addon back from its archive and enable it.

    :raises BackupError: if the archive is none of an addon, or damaged.
    :raises AddonError: when its code or what it needs is missing, or there is something of it here already.
    :raises MigrationError: when the code does not know the archive's revision; nothing was changed then.
    """
    with (
        addon_archive.opened(source) as reader,
        one_at_a_time(config, f"addon restore {reader.manifest.addon}", patience) as turn,
    ):
        return _restore(config, source, reader, turn)


def _restore(config: Config, source: Path, reader: ArchiveReader[Removed], turn: Turn) -> Restored:
    from core.db.migrations import Migrations

    found = _usable(config, reader)
    with (
        engine_of(config) as engine,
        _unpacked(config, reader) as folder,  # first: on SQLite nobody else writes in the transaction
        Migrations(engine).changing(found.name) as connection,
    ):
        loader = _filled(connection, found, reader.manifest, folder)
        with _files_put(config, loader, folder):
            _note(connection, source, loader)
            turn.expect_held()
    instance.switch_on(config, [found.name], turn)
    return Restored(found.name, dict(loader.put), dict(loader.left_out), loader.rights)


@contextmanager
def _unpacked(config: Config, reader: ArchiveReader[Removed]) -> Iterator[Path]:
    """The archive's members beside the stored files; what a restore that was killed has left there goes first."""
    for left in config.instance.glob(f"{_UNPACKED}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=config.instance, prefix=_UNPACKED) as folder:
        reader.extract(Path(folder))
        yield Path(folder)


def _usable(config: Config, reader: ArchiveReader[Removed]) -> FoundAddon:
    name = reader.manifest.addon
    there = registry.discover(config.addons_path).found
    if name not in there:
        raise AddonError(f"the code of «{name}» is not installed")
    unmet = registry.unmet_need(there[name], {each: there[each] for each in instance.enabled(config) if each in there})
    if unmet is not None:
        raise AddonError(registry.said([unmet]))
    return there[name]


def _filled(connection: Connection, found: FoundAddon, archived: Removed, folder: Path) -> _Loader:
    from core.db.migrations import make_within, references_kept

    with system_session(connection, REASON) as session:
        registry.next_generation(session)
        session.flush()
    if Belongings(connection, found.name):
        raise AddonError(
            f"there is something of «{found.name}» here already: disable and uninstall it first, or enable it if a restore of it was cut off"
        )
    make_within(connection, found.name, found.folder / MIGRATIONS, archived.revision)
    loader = _Loader(connection, found.name, folder, archived.rows)
    with references_kept(connection, found.name, loader.tables):
        loader.load()
    raise_epoch(connection)
    return loader


@contextmanager
def _files_put(config: Config, loader: _Loader, folder: Path) -> Iterator[None]:
    """Put the content of the restored files in its place, unless the rest fails."""
    files, put = FileStore(config.files_dir), []
    try:
        for name in loader.contents:
            source = folder / FILES / name
            if source.exists() and not files.path(name).exists():
                files.put(source, name)
                put.append(name)
        yield
    except BaseException:
        for name in put:
            files.path(name).unlink(missing_ok=True)
        raise


def _note(connection: Connection, source: Path, loader: _Loader) -> None:
    with system_session(connection, REASON) as session:
        note_action(
            session, "addon_restored", None, addon=loader.addon, archive=source.name, rows=sum(loader.put.values())
        )
        session.flush()


# --- the rows --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Later:
    """A column that could not be filled while its row was put in: what it refers to may have come after it."""

    link: Link
    key: tuple[Any, ...]
    value: Any


class _Ready(NamedTuple):
    """A row that can be put in, with the values it gets; ``lacks`` when something it referred to is gone."""

    row: Row
    values: Row
    lacks: bool


@dataclass(slots=True)
class _Loader:
    """Puts the rows of an archive back, those of core first: the addon's may refer to them."""

    connection: Connection
    addon: str
    folder: Path
    archived: Mapping[str, int]
    put: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    contents: list[str] = field(default_factory=list)
    """The names of the stored content whose rows are back."""
    rights: list[tuple[str, str]] = field(default_factory=list)
    """Rights of others that roles of the addon had been given here."""
    _schema: Schema = field(init=False)
    _admission: Admission = field(init=False)
    _own: list[str] = field(init=False)
    """The addon's tables."""
    _moved: dict[str, dict[Any, Any]] = field(default_factory=lambda: defaultdict(dict))
    """The new numbers of rows of core by their old ones; None for a row that was left out."""
    _later: list[_Later] = field(default_factory=list)
    _subjects: list[tuple[str, tuple[Any, ...], str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._schema = Schema(self.connection)
        self._own = [name for name in self._schema.owned(self.addon) if name != version_table(self.addon)]
        self._admission = Admission(self._schema, self.addon, sorted(self.archived), self._rows)

    @property
    def tables(self) -> list[str]:
        """The tables that rows are put into."""
        return [*self._own, *self._admission.of_core]

    def load(self) -> None:
        """Put everything back that can be."""
        self._clear()
        for name in self._schema.in_order(self._admission.of_core):
            for rows in portions(self._rows(name)):
                self._put_into_core(self._schema.tables[name], rows)
        with keys_checked_last(self.connection, self._own):
            for name in self._own:
                if name in self.archived:
                    for rows in portions(self._rows(name)):
                        self._put_into_own(self._schema.tables[name], rows)
            while any(self._without(link) for link in self._links_among_own()):
                pass
        for name in set(self.archived) - set(self._schema.tables):  # of another release of core
            self.left_out[name] += self.archived[name]
        self._fill_later()
        self._follow_subjects()
        self._give_rights()
        self._fill_emptied()
        self._go_on_counting()

    def _clear(self) -> None:
        """Take out the rows that the addon's revisions have put into its tables: those there were come from the archive."""
        for name in reversed(self._schema.in_order(self._own)):
            self.connection.execute(delete(self._schema.tables[name]))

    def _rows(self, table: str) -> Iterator[Row]:
        return addon_archive.lines(self.folder, member_of(table), Row)

    def _is_of_core(self, name: str) -> bool:
        return addon_of_table(name) == "core"

    def _put_into_core(self, table: Table, rows: Sequence[Row]) -> None:
        for row, values, _ in self._ready(table, rows):
            if table.name == ROLES:
                self._keep_to_own_rights(values)
            key = [column.name for column in table.primary_key.columns]
            if key == ["id"] and self._is_there(table, values["id"]):
                del values["id"]
            new = self.connection.execute(self._unless_there(table).values(values)).one_or_none()
            if key == ["id"]:
                self._moved[table.name][row["id"]] = new[0] if new is not None else None
            if new is None:
                self.left_out[table.name] += 1
                continue
            self.put[table.name] += 1
            self._remember(table, row, tuple(new))
            if table.name == FILE_TABLE:
                self.contents.append(values["storage_name"])

    def _put_into_own(self, table: Table, rows: Sequence[Row]) -> None:
        ready = list(self._ready(table, rows))
        put = [each for each in ready if not each.lacks]
        if put:
            self.connection.execute(insert(table), [each.values for each in put])
        # The table may not let a row be without what is gone.
        put += [each for each in ready if each.lacks and self._tried(insert(table).values(each.values))]
        self.put[table.name] += len(put)
        if len(put) < len(ready):
            self.left_out[table.name] += len(ready) - len(put)
        for row, values, _ in put:
            self._remember(table, row, tuple(values[column.name] for column in table.primary_key.columns))

    def _tried(self, statement: Executable) -> bool:
        """Whether the database takes a change; nothing of it stays otherwise."""
        try:
            with self.connection.begin_nested():
                self.connection.execute(statement)
        except IntegrityError:
            return False
        return True

    def _links_among_own(self) -> list[Link]:
        return [link for name in self._own for link in self._schema.links_of(name) if link.referred in self._own]

    def _without(self, link: Link) -> bool:
        """Empty the keys to rows of the addon that were left out; a row that cannot be without goes too. Whether there was any."""
        table, referred = self._schema.tables[link.table], self._schema.tables[link.referred]
        number = referred.alias().c[referred.primary_key.columns.keys()[0]]
        column, key = table.c[link.column], list(table.primary_key.columns)
        dangling = select(*key).where(column.is_not(None), ~select(number).where(number == column).exists())
        found = self.connection.execute(dangling).all()
        for parts in found:
            same = and_(*(each == part for each, part in zip(key, parts, strict=True)))
            if not (link.nullable and self._tried(update(table).where(same).values({link.column: None}))):
                self.connection.execute(delete(table).where(same))
                self.put[table.name] -= 1
                self.left_out[table.name] += 1
        return bool(found)

    def _ready(self, table: Table, rows: Sequence[Row]) -> Iterator[_Ready]:
        """The rows that can be put in; the others are counted."""
        links = [link for link in self._schema.links_of(table.name) if link.referred not in self._own]
        absent = {
            link: self._absent(link, rows) | self._taken(link, rows) for link in links if not self._comes_later(link)
        }
        for row in rows:
            values = {name: _value(table.c[name], value) for name, value in row.items() if name in table.c}
            if any(values.get(column.name) is None for column in table.primary_key.columns):
                raise BackupError(f"the archive is damaged: a row of {table.name} has no key")
            lacking = self._refer(links, absent, values)
            if all(link.nullable for link in lacking):
                yield _Ready(row, values, bool(lacking))
            else:
                self.left_out[table.name] += 1
                if self._is_of_core(table.name) and "id" in row:
                    self._moved[table.name][row["id"]] = None

    def _refer(self, links: Iterable[Link], absent: Mapping[Link, set[Any]], values: Row) -> list[Link]:
        """Have the values refer to what is there now; the keys that refer to what is not, which are emptied."""
        lacking = []
        for link in links:
            value = values.get(link.column)
            if value is None:
                continue
            now = None if self._comes_later(link) else self._now(link, value)
            values[link.column] = None if now in absent.get(link, ()) else now
            if values[link.column] is None and not self._comes_later(link):
                lacking.append(link)
        return lacking

    def _comes_later(self, link: Link) -> bool:
        """Whether what a row of core refers to may be put in after it, as rows of the same table."""
        return link.nullable and self._is_of_core(link.table) and link.referred in self.archived

    def _now(self, link: Link, value: Any) -> Any:
        return self._moved[link.referred].get(value, value) if self._is_of_core(link.referred) else value

    def _absent(self, link: Link, rows: Sequence[Row]) -> set[Any]:
        """Which of the rows that these refer to are not there."""
        values = {self._now(link, row[link.column]) for row in rows if row.get(link.column) is not None} - {None}
        return values - self._present(link.referred, values)

    def _taken(self, link: Link, rows: Sequence[Row]) -> set[Any]:
        """Which of the head rows that these share their numbers with have become documents of others."""
        if not self._is_head(link):
            return set()
        numbers = {row.get(link.column) for row in rows}
        others = [each for each in self._schema.links_to(link.referred) if each.table not in self._own]
        return {number for each in others if self._is_head(each) for number in self._present(each.table, numbers)}

    def _is_head(self, link: Link) -> bool:
        """Whether a key leads from a document to its head row, by which documents are known."""
        key = [column.name for column in self._schema.tables[link.table].primary_key.columns]
        return [link.column] == key and link.holds and not self._is_of_core(link.referred)

    def _present(self, name: str, keys: Iterable[Any]) -> set[Any]:
        (column,) = self._schema.tables[name].primary_key.columns
        return set(self.connection.scalars(select(column).where(column.in_(list(keys)))))

    def _is_there(self, table: Table, number: Any) -> bool:
        return bool(self._present(table.name, [number]))

    def _unless_there(self, table: Table) -> Any:
        """An INSERT that does nothing where a row of the same names is there already."""
        insert_into = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        return insert_into(table).on_conflict_do_nothing().returning(*table.primary_key.columns)

    def _remember(self, table: Table, row: Row, key: tuple[Any, ...]) -> None:
        for link in self._schema.links_of(table.name):
            if self._comes_later(link) and row.get(link.column) is not None:
                self._later.append(_Later(link, key, row[link.column]))
        if table.name in self._schema.by_subject and self._is_of_core(str(row[SUBJECT_TYPE])):
            self._subjects.append((table.name, key, row[SUBJECT_TYPE], row[SUBJECT_ID]))

    # --- when all rows are there ----------------------------------------------------------------

    def _fill_later(self) -> None:
        for each in self._later:
            self._set(each.link, each.key, each.value)

    def _set(self, link: Link, key: Sequence[Any], old: Any) -> None:
        """Have an empty column refer to a row again, if that is there."""
        value = self._now(link, old)
        if value is None or value not in self._present(link.referred, [value]):
            return
        table = self._schema.tables[link.table]
        columns = zip(table.primary_key.columns, key, strict=True)
        same = and_(*(column == part for column, part in columns), table.c[link.column].is_(None))
        self.connection.execute(update(table).where(same).values({link.column: value}))

    def _follow_subjects(self) -> None:
        """What is about a row of core that has a new number now is about that."""
        for name, key, subject_type, old in self._subjects:
            new = self._moved.get(subject_type, {}).get(old, old)
            if new is not None and new != old:
                table = self._schema.tables[name]
                same = and_(*(column == part for column, part in zip(table.primary_key.columns, key, strict=True)))
                self.connection.execute(update(table).where(same).values({SUBJECT_ID: new}))

    def _keep_to_own_rights(self, role: Row) -> None:
        """Leave a role of the addon its own rights: those of others that it ships for it come when it is enabled.

        What was taken away here stays away, what was given here is given anew by hand.
        """
        grants, shipped = role[GRANTS] or {}, role[SHIPPED] or {}
        others = {right for right in {*grants, *shipped} if not self._admission.is_own_right(right)}
        as_shipped = {right for right in others if grants.get(right) == shipped.get(right)}
        self.rights += [(role["code"], right) for right in sorted(others - as_shipped) if right in grants]
        role[GRANTS] = {right: scope for right, scope in grants.items() if right not in others}
        role[SHIPPED] = {right: scope for right, scope in shipped.items() if right not in as_shipped}

    def _give_rights(self) -> None:
        """Put the rights back into the roles that are still there; what was decided since then stays."""
        roles = self._schema.tables[ROLES]
        given: dict[str, list[GivenRight]] = defaultdict(list)
        for each in addon_archive.lines(self.folder, addon_archive.GRANTS, GivenRight):
            self._admission.expect_right(each)
            given[each.role].append(each)
        for code, rights in given.items():
            row = self.connection.execute(select(roles.c[GRANTS], roles.c[SHIPPED]).where(roles.c.code == code)).first()
            if row is not None:
                grants = {each.right: each.scope for each in rights if each.scope} | (row[0] or {})
                shipped = {each.right: each.shipped for each in rights if each.shipped} | (row[1] or {})
                values = {GRANTS: grants, SHIPPED: shipped, "version": roles.c.version + 1}
                self.connection.execute(update(roles).where(roles.c.code == code).values(values))

    def _fill_emptied(self) -> None:
        for each in addon_archive.lines(self.folder, EMPTIED, EmptiedColumn):
            self._admission.expect_emptied(each)
            went = each.key[0] in self._moved.get(each.table, ())
            for link in self._schema.links_of(each.table):
                if link.column == each.column and not went:
                    self._set(link, each.key, each.value)

    def _go_on_counting(self) -> None:
        """PostgreSQL numbers rows by a sequence, which does not notice numbers that were given by hand."""
        if self.connection.dialect.name != "postgresql":
            return
        for name in self.put:
            table = self._schema.tables[name]
            if "id" in table.c:
                highest = select(func.max(table.c.id)).scalar_subquery()
                sequence = func.pg_get_serial_sequence(name, "id")
                self.connection.execute(select(func.setval(sequence, func.greatest(highest, _last(sequence)))))


def _last(sequence: Any) -> Any:
    """The last number a sequence has given, without taking one."""
    return func.coalesce(func.pg_sequence_last_value(sequence.op("::")(text("regclass"))), 1)


def _value(column: Column[Any], value: Any) -> Any:
    """A value as its column takes it.

    :raises BackupError: for one that it does not.
    """
    if value is None or isinstance(column.type, JSON):
        return value
    try:
        if isinstance(column.type, DateTime):
            moment = msgspec.convert(value, datetime)
            return moment if column.type.timezone else moment.astimezone(UTC).replace(tzinfo=None)
        return msgspec.convert(value, column.type.python_type, strict=False)
    except msgspec.ValidationError as error:
        raise BackupError(f"the archive is damaged: {column}: {error}") from error
