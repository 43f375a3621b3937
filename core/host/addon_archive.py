"""The archive of an uninstalled addon: a zip with one file of JSON lines a table, and the stored files.

``manifest.json`` says what the addon was and how many rows each table had; ``tables/<table>.jsonl`` holds the rows of its
own tables and those of core's that went with it, ``grants.jsonl`` its rights in roles that stayed, ``emptied.jsonl`` the
columns of rows that stayed and referred to rows that went.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from core import __version__
from core.clock import utcnow
from core.config import Config
from core.db import archive
from core.db.archive import FILES, ArchiveReader, ArchiveWriter, BackupError, Listing
from core.host.belongings import Belongings
from core.work.filestore import FileStore

GRANTS, EMPTIED = "grants.jsonl", "emptied.jsonl"
FILE_TABLE = "core_file"
_TABLE = re.compile(r"tables/[a-z][a-z0-9_]*\.jsonl")
Line = TypeVar("Line")
_FILE = re.compile(FILES + r"[0-9a-f]{40}")


class Removed(Listing, frozen=True, kw_only=True):
    """What an archive holds of an addon.

    ``manifest`` is its ``addon.toml``, ``revision`` that of its tables; ``rows`` counts them by table, ``kept`` the head rows
    that stayed in tables of others.
    """

    addon: str
    version: str
    manifest: dict[str, Any]
    core: str
    revision: str | None
    rows: dict[str, int]
    kept: dict[str, int]


class GivenRight(msgspec.Struct, frozen=True):
    """A right of the addon in a role that stayed: its scope, and the one it was shipped with; empty for none."""

    role: str
    right: str
    scope: str
    shipped: str


class EmptiedColumn(msgspec.Struct, frozen=True):
    """What a column of a row that stayed said; ``key`` is the row's."""

    table: str
    column: str
    key: list[int | str]
    value: int | str


@contextmanager
def opened(source: Path) -> Iterator[ArchiveReader[Removed]]:
    """Open an archive and check its names and manifest.

    :raises BackupError: if it is none of an addon, or damaged.
    """
    with archive.reading_as(source, Removed, _may_hold) as reader:
        _expect_members(reader.manifest)
        yield reader


def _expect_members(removed: Removed) -> None:
    """Each table that is named has its rows, and nobody else."""
    expected = {GRANTS, EMPTIED, *map(member_of, removed.rows)}
    there = {name for name in removed.members if not name.startswith(FILES)}
    if there != expected:
        raise BackupError(f"the archive is damaged: {', '.join(sorted(there ^ expected))} is missing or not named")


def lines(folder: Path, member: str, kind: type[Line]) -> Iterator[Line]:
    """The lines of a member that was unpacked into a folder.

    :raises BackupError: for a line of another form.
    """
    with (folder / member).open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                yield msgspec.json.decode(line, type=kind)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                raise BackupError(f"the archive is damaged: {member}, line {number}: {error}") from error


def member_of(table: str) -> str:
    """The file of a table's rows."""
    return f"tables/{table}.jsonl"


def mark_of(config: Config) -> str:
    """What tells an instance's archives from those of others in the same folder, also of the same name and second."""
    return hashlib.sha256(f"archive {config.secret()} {config.database_url}".encode()).hexdigest()[:8]


def new_name(folder: Path, addon: str, mark: str) -> Path:
    """A name with the addon, the moment and the instance that nobody has taken."""
    stem = f"addon-{addon}-{utcnow():%Y%m%d-%H%M%S}-{mark}"
    names = (f"{stem}{ending}.zip" for ending in ("", *(f"-{number}" for number in range(2, 1000))))
    return next(folder / name for name in names if not (folder / name).exists())


def clear_unfinished(folder: Path, addon: str, mark: str) -> None:
    """Remove what a process of this instance that was killed had begun to write of the addon's archive."""
    for path in folder.glob(f".addon-{addon}-*-{mark}*.zip.part"):
        path.unlink(missing_ok=True)


def write(target: Path, belongings: Belongings, files: FileStore, about: dict[str, Any]) -> Removed:
    """Write everything that goes with an addon; it is all there and on the disk when this returns.

    :param about: what is not in the belongings: ``version``, ``manifest`` and ``revision``.
    :raises BackupError: if the target exists.
    """
    with archive.writing(target) as writer:
        names = [*belongings.tables, *belongings.rows_of_core]
        rows = {name: writer.add_lines(member_of(name), _lines(belongings.rows(name))) for name in names}
        writer.add_lines(GRANTS, map(msgspec.json.encode, belongings.grants()))
        writer.add_lines(EMPTIED, _emptied(belongings))
        _add_files(writer, belongings, files)
        listing = Removed(
            created_at=utcnow(),
            members=writer.members,
            addon=belongings.addon,
            core=__version__,
            rows=rows,
            kept={each.head: each.rows for each in belongings.documents if each.rows},
            **about,
        )
        writer.finish(listing)
    return listing


def contents_of(belongings: Belongings, files: FileStore) -> list[tuple[str, Path]]:
    """The stored content that goes, by its name; content whose file is missing is left out."""
    if FILE_TABLE not in belongings.rows_of_core:
        return []
    names = [str(row["storage_name"]) for row in belongings.rows(FILE_TABLE)]
    paths = [(name, files.path(name)) for name in names]
    return [(name, path) for name, path in paths if path.exists()]


def _add_files(writer: ArchiveWriter, belongings: Belongings, files: FileStore) -> None:
    for name, path in contents_of(belongings, files):
        writer.add(f"{FILES}{name}", path, compress=False)


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    for row in rows:
        yield msgspec.json.encode({name: _plain(value) for name, value in row.items()})


def _emptied(belongings: Belongings) -> Iterator[bytes]:
    for link, keys in belongings.emptied():
        for key, value in keys:
            yield msgspec.json.encode(EmptiedColumn(str(link.table), str(link.column), list(key), value))


def _plain(value: Any) -> Any:
    """A moment always with its zone: SQLite keeps it in UTC without one."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return value


def _may_hold(name: str) -> bool:
    return name in (GRANTS, EMPTIED) or bool(_TABLE.fullmatch(name) or _FILE.fullmatch(name))
