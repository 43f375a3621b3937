"""The backup archive: a zip with a manifest that says what must be in it, byte for byte.

Everything read from an archive is distrusted: names are checked, nothing is unpacked that the manifest does not
list, and no member may become larger than the manifest says (SEC-33).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

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


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive holds.

    ``versions`` are the releases of the product and its addons by name, ``revisions`` the schema revision of
    each addon, ``rows`` the number of rows of each table. ``dialect`` is ``sqlite`` or ``postgresql``.
    """

    format: int = _FORMAT
    created_at: datetime
    dialect: str
    versions: dict[str, str]
    revisions: dict[str, str]
    rows: dict[str, int]
    members: dict[str, Member]


@dataclass
class ArchiveWriter:
    """Adds files to an archive and remembers their sizes and sums."""

    _zip: zipfile.ZipFile
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, name: str, source: Path, *, compress: bool) -> None:
        """Copy a file in. Photographs and recordings are not compressed: they are already."""
        entry = zipfile.ZipInfo(name)
        entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        entry.external_attr = 0o600 << 16
        with source.open("rb") as reader, self._zip.open(entry, "w", force_zip64=True) as writer:
            self.members[name] = _copy(reader, writer, None)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest; the archive is complete with it."""
        self._zip.writestr(MANIFEST, msgspec.json.encode(manifest), zipfile.ZIP_DEFLATED)


@contextmanager
def writing(target: Path) -> Iterator[ArchiveWriter]:
    """A new archive, readable by its owner only; it appears under its name when it is complete, or not at all.

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
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b") as stream:
        yield stream


class ArchiveReader:
    """A checked archive, open for reading.

    :raises BackupError: if its names, sizes or manifest are not as they must be.
    """

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.manifest = _read_manifest(archive)
        _check_names(archive.namelist(), self.manifest.members)

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
def reading(source: Path) -> Iterator[ArchiveReader]:
    """Open an archive and check its names and manifest.

    :raises BackupError: if it is none of ours or damaged.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupError(f"{source} cannot be read as a backup: {error}") from error
    with archive:
        yield ArchiveReader(archive)


def _read_manifest(archive: zipfile.ZipFile) -> Manifest:
    try:
        with archive.open(MANIFEST) as stream:
            content = stream.read(_MANIFEST_BYTES + 1)
        if len(content) > _MANIFEST_BYTES:
            raise BackupError("the manifest is too long")
        manifest = msgspec.json.decode(content, type=Manifest)
    except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupError(f"the archive has no readable manifest: {error}") from error
    if manifest.format != _FORMAT:
        raise BackupError(f"the archive has format {manifest.format}; this release reads {_FORMAT}")
    return manifest


def _check_names(names: list[str], members: Mapping[str, Member]) -> None:
    if len(set(names)) != len(names) or set(names) != {MANIFEST, *members} or DATABASE not in members:
        raise BackupError("the archive does not hold exactly what its manifest lists")
    for name, member in members.items():
        if not (name == DATABASE or is_safe_name(name)) or member.size < 0:
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
