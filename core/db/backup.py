"""Backup and restore of a whole installation: the database and the stored files in one archive (SEC-57).

An archive is proved by restoring it: :func:`verify` does that on a scratch database and compares the counts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from core.clock import utcnow
from core.db import archive, dumps
from core.db.archive import DATABASE, FILES, BackupError, Manifest
from core.db.engine import create_database_engine
from core.db.migrations import revision_ids

__all__ = ["BackupError", "BackupReport", "backup", "restore", "verify"]

Check = Callable[[Engine], Sequence[str]]
"""Looks at a restored database and answers with what is wrong with it."""


@dataclass(frozen=True)
class BackupReport:
    """What went into an archive, or came out of it; ``size`` is that of the archive in bytes."""

    archive: Path
    manifest: Manifest
    size: int

    @property
    def rows(self) -> int:
        """Rows of all tables together."""
        return sum(self.manifest.rows.values())

    @property
    def files(self) -> int:
        """Stored files."""
        return len(self.manifest.members) - 1


def backup(database_url: str, files_dir: Path | None, target: Path, *, versions: Mapping[str, str]) -> BackupReport:
    """Write the database and the stored files into one archive, readable by its owner only; work goes on meanwhile.

    The database is taken first: a file is stored before the row that names it, so every row finds its file.

    :param versions: releases by name: ``core`` and each installed addon; only told, not checked.
    :raises BackupError: if the target exists, the database cannot be read or a file has a name that cannot be restored.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        dumped = Path(folder, DATABASE)
        found = dumps.dump(database_url, dumped)
        with archive.writing(target) as writer:
            writer.add(DATABASE, dumped, compress=True)
            for name, path in _stored_files(files_dir):
                _add_file(writer, name, path)
            manifest = Manifest(
                created_at=utcnow(),
                dialect=make_url(database_url).get_backend_name(),
                versions=dict(versions),
                revisions=found.revisions,
                rows=found.rows,
                members=writer.members,
            )
            writer.finish(manifest)
    return BackupReport(target, manifest, target.stat().st_size)


def restore(
    source: Path,
    database_url: str,
    files_dir: Path,
    *,
    histories: Mapping[str, Path],
    replace: bool = False,
) -> BackupReport:
    """Put an archive back. The archive is checked before anything is touched. Stop the server first.

    :param histories: the revision folders of this release by addon; an archive with a revision they do not
        have comes from a newer release. Addons that are not installed are restored unchecked, as they were.
    :param replace: overwrite a database that has tables and a folder that has files.
    :raises BackupError: if the archive is damaged, newer, of the other kind of database, or the target is not empty.
    """
    with archive.reading(source) as reader:
        _refuse_other_dialect(reader.manifest, database_url)
        _refuse_newer(reader.manifest, histories)
        _refuse_leftover(_before_restore(files_dir))
        if not replace:
            _refuse_used(database_url, files_dir)
        with _unpacked(reader, files_dir.parent) as folder:
            dumps.load(folder / DATABASE, database_url)
            _refuse_differences(reader.manifest, database_url)
            _swap(folder / FILES, files_dir)
    return BackupReport(source, reader.manifest, source.stat().st_size)


def verify(source: Path, database_url: str, *, checks: Sequence[Check] = ()) -> list[str]:
    """Prove an archive by restoring it into a scratch database; answers what is wrong, nothing if all is well.

    Sums, sizes and names of all members, row counts of all tables and schema revisions are compared with the
    manifest; ``checks`` look further (the audit chain). The database at ``database_url`` is not touched: on
    PostgreSQL the scratch database is made on the same server.
    """
    try:
        with archive.reading(source) as reader, _unpacked(reader, None) as folder:
            _refuse_other_dialect(reader.manifest, database_url)
            with dumps.scratch(database_url, folder) as scratch_url:
                dumps.load(folder / DATABASE, scratch_url)
                return [*_differences(reader.manifest, scratch_url), *_checked(scratch_url, checks)]
    except BackupError as error:
        return [str(error)]


def _checked(database_url: str, checks: Sequence[Check]) -> list[str]:
    engine = create_database_engine(database_url)
    try:
        return [problem for check in checks for problem in check(engine)]
    finally:
        engine.dispose()


@contextmanager
def _unpacked(reader: archive.ArchiveReader[Manifest], parent: Path | None) -> Iterator[Path]:
    """The archive's members in a folder of their own, which nobody else can read."""
    if parent:
        parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=".restore-") as folder:
        reader.extract(Path(folder))
        yield Path(folder)


def _stored_files(files_dir: Path | None) -> Iterator[tuple[str, Path]]:
    """Member names and paths of the stored files; links are not followed."""
    if files_dir is None:
        return
    for folder, folders, names in os.walk(files_dir):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file() and not path.is_symlink():
                yield FILES + path.relative_to(files_dir).as_posix(), path


def _add_file(writer: archive.ArchiveWriter, name: str, path: Path) -> None:
    if not archive.is_safe_name(name):
        raise BackupError(f"{path} has a name that cannot be restored everywhere")
    try:
        writer.add(name, path, compress=False)
    except FileNotFoundError:
        return  # deleted since it was listed


def _refuse_other_dialect(manifest: Manifest, database_url: str) -> None:
    dialect = make_url(database_url).get_backend_name()
    if manifest.dialect != dialect:
        raise BackupError(
            f"the archive is of {manifest.dialect} and cannot be restored into {dialect}: move it instead"
        )


def _refuse_newer(manifest: Manifest, histories: Mapping[str, Path]) -> None:
    for addon, revision in sorted(manifest.revisions.items()):
        if addon in histories and revision not in revision_ids(addon, histories[addon]):
            raise BackupError(f"the archive comes from a newer release: {addon} is at {revision}, unknown here")


def _refuse_used(database_url: str, files_dir: Path) -> None:
    if not dumps.is_empty(database_url):
        raise BackupError("the database is not empty; say so if it is to be replaced")
    if files_dir.exists() and any(files_dir.iterdir()):
        raise BackupError(f"{files_dir} is not empty; say so if it is to be replaced")


def _differences(manifest: Manifest, database_url: str) -> list[str]:
    found = dumps.facts(database_url)
    tables = sorted(manifest.rows.keys() | found.rows.keys())
    return [
        f"{name}: {manifest.rows.get(name, 'no table')} rows backed up, {found.rows.get(name, 'no table')} restored"
        for name in tables
        if manifest.rows.get(name) != found.rows.get(name)
    ] + [f"schema revisions differ: {found.revisions}" for _ in range(manifest.revisions != found.revisions)]


def _refuse_differences(manifest: Manifest, database_url: str) -> None:
    if problems := _differences(manifest, database_url):
        raise BackupError(
            f"the restored database differs from the archive: {'; '.join(problems)}; "
            "the database has been replaced, the files have not: restore another archive"
        )


def _before_restore(files_dir: Path) -> Path:
    """Where the old files are kept meanwhile."""
    return files_dir.with_name(f".{files_dir.name}.before-restore")


def _refuse_leftover(before: Path) -> None:
    if before.exists():
        raise BackupError(f"{before} is left of a restore that failed; look at it and move it away")


def _swap(restored: Path, files_dir: Path) -> None:
    """Put the restored files in place of the old ones, which are kept beside the folder until that is done.

    The folder itself stays: it may be a mounted volume.
    """
    before = _before_restore(files_dir)
    before.mkdir(mode=0o700)
    files_dir.mkdir(mode=0o700, exist_ok=True)
    _move_all(files_dir, before)
    if restored.exists():
        _move_all(restored, files_dir)
    shutil.rmtree(before)


def _move_all(source: Path, target: Path) -> None:
    for child in source.iterdir():
        shutil.move(child, target / child.name)
