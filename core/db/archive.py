"""Archives, such as backups: a zip with a manifest that says what must be in it, byte for byte.

Everything read from an archive is distrusted: names are checked, nothing is unpacked that the manifest does not
list, and no member may become larger than the manifest says (SEC-33).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Generic, TypeVar

import msgspec

from core.durable import sync_folder

MANIFEST = "manifest.json"
DATABASE = "database"
FILES = "files/"
_FORMAT = 1
_MANIFEST_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024


class BackupError(Exception):
    """A backup or a restore that could not be done; the text is for the person who started it."""


class Member(msgspec.Struct, frozen=True):
    """Size in bytes and SHA-256 (hex) of one file of the archive."""

    size: int
    sha256: str


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What every archive says of itself: when it was made, and its members by name."""

    format: int = _FORMAT
    created_at: datetime
    members: dict[str, Member]


class Manifest(Listing, frozen=True, kw_only=True):
    """What a backup holds.

    ``versions`` are the releases of the product and its addons by name, ``revisions`` the schema revision of
    each addon, ``rows`` the number of rows of each table. ``dialect`` is ``sqlite`` or ``postgresql``.
    """

    dialect: str
    versions: dict[str, str]
    revisions: dict[str, str]
    rows: dict[str, int]


L = TypeVar("L", bound=Listing)


@dataclass
class ArchiveWriter:
    """Adds files to an archive and remembers their sizes and sums."""

    _zip: zipfile.ZipFile
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, name: str, source: Path, *, compress: bool) -> None:
        """Copy a file in. Photographs and recordings are not compressed: they are already."""
        with source.open("rb") as reader, self._member(name, compress=compress) as writer:
            self.members[name] = _copy(reader, writer, None)

    def add_lines(self, name: str, lines: Iterable[bytes]) -> int:
        """Write lines as they come; returns how many."""
        digest, size, number = hashlib.sha256(), 0, 0
        with self._member(name, compress=True) as writer:
            for line in lines:
                number += 1
                digest.update(line + b"\n")
                size += writer.write(line + b"\n")
        self.members[name] = Member(size, digest.hexdigest())
        return number

    def _member(self, name: str, *, compress: bool) -> IO[bytes]:
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        return self._zip.open(entry, "w", force_zip64=True)

    def finish(self, manifest: Listing) -> None:
        """Write the manifest; the archive is complete with it."""
        self._zip.writestr(MANIFEST, msgspec.json.encode(manifest), zipfile.ZIP_DEFLATED)


@contextmanager
def writing(target: Path) -> Iterator[ArchiveWriter]:
    """A new archive, readable by its owner only; it is under its name, and on the disk, when it is complete.

    :raises BackupError: if the target exists.
    """
    if target.exists():
        raise BackupError(f"{target} exists already")
    partial = target.with_name(f".{target.name}.part")
    partial.unlink(missing_ok=True)
    try:
        with _private(partial) as stream:
            with zipfile.ZipFile(stream, "w", compresslevel=6) as archive:
                yield ArchiveWriter(archive)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(target)
        sync_folder(target.parent)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as stream:
        yield stream


class ArchiveReader(Generic[L]):
    """A checked archive, open for reading.

    :raises BackupError: if its names, sizes or manifest are not as they must be.
    """

    def __init__(self, archive: zipfile.ZipFile, kind: type[L], may_hold: Callable[[str], bool]) -> None:
        self._zip = archive
        self.manifest = _read_manifest(archive, kind)
        _check_names(archive.namelist(), self.manifest, may_hold)

    def extract(self, folder: Path) -> None:
        """Unpack all members below an existing folder, checking sizes and sums as they come.

        :raises BackupError: for a member that is not what the manifest says, or too little free space.
        """
        needed = sum(member.size for member in self.manifest.members.values())
        if needed > shutil.disk_usage(folder).free:
            raise BackupError(f"not enough free space in {folder}: {needed} bytes are needed")
        for name, member in self.manifest.members.items():
            self._extract_one(name, member, folder.joinpath(*PurePosixPath(name).parts))

    def _extract_one(self, name: str, member: Member, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with self._zip.open(name) as reader, _private(path) as writer:
                found = _copy(reader, writer, member.size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
            raise BackupError(f"the archive is damaged: {name}: {error}") from error
        if found != member:
            raise BackupError(f"the archive is damaged: {name} is not what the manifest says")


@contextmanager
def reading(source: Path) -> Iterator[ArchiveReader[Manifest]]:
    """Open a backup and check its names and manifest.

    :raises BackupError: if it is none of ours or damaged.
    """
    with reading_as(source, Manifest, lambda name: name == DATABASE or is_safe_name(name)) as reader:
        if DATABASE not in reader.manifest.members:
            raise BackupError("the archive does not hold exactly what its manifest lists")
        yield reader


@contextmanager
def reading_as(source: Path, kind: type[L], may_hold: Callable[[str], bool]) -> Iterator[ArchiveReader[L]]:
    """Open an archive of a kind and check its names and manifest.

    :param may_hold: whether a member may have this name.
    :raises BackupError: if it is none of ours or damaged.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}") from error
    with archive:
        yield ArchiveReader(archive, kind, may_hold)


def _read_manifest(archive: zipfile.ZipFile, kind: type[L]) -> L:
    try:
        with archive.open(MANIFEST) as stream:
            content = stream.read(_MANIFEST_BYTES + 1)
        if len(content) > _MANIFEST_BYTES:
            raise BackupError("the manifest is too long")
        manifest = msgspec.json.decode(content, type=kind)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupError(f"the archive has no readable manifest: {error}") from error
    if manifest.format != _FORMAT:
        raise BackupError(f"the archive has format {manifest.format}; this release reads {_FORMAT}")
    return manifest


def _check_names(names: list[str], manifest: Listing, may_hold: Callable[[str], bool]) -> None:
    if len(set(names)) != len(names) or set(names) != {MANIFEST, *manifest.members}:
        raise BackupError("the archive does not hold exactly what its manifest lists")
    for name, member in manifest.members.items():
        if not may_hold(name) or member.size < 0:
            raise BackupError(f"the archive holds a file with a forbidden name: {name!r}")


def is_safe_name(name: str) -> bool:
    """Whether a member is a plain relative path below ``files/``, on every operating system."""
    parts = name.removeprefix(FILES).split("/")
    plain = all(part.strip(". ") and not set(part) & set('\\:*?"<>|') and part.isprintable() for part in parts)
    return name.startswith(FILES) and plain


def _copy(reader: IO[bytes], writer: IO[bytes], limit: int | None) -> Member:
    """Copy a stream, stopping at a limit in bytes, and say what went through."""
    digest, size = hashlib.sha256(), 0
    while chunk := reader.read(_CHUNK):
        size += len(chunk)
        if limit is not None and size > limit:
            raise BackupError("the archive is damaged: a file is longer than the manifest says")
        digest.update(chunk)
        writer.write(chunk)
    return Member(size, digest.hexdigest())
