"""``forecourt check --deploy``: what keeps an instance from being safe in the open, and what to do (SEC-67)."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import Connection, func, select, text
from sqlalchemy.engine import make_url

from core.access.models import User
from core.access.policy import system
from core.config import FILE, PREFIX, SHORTEST_SECRET, Config
from core.db.engine import Database
from core.host.instance import has_database
from core.host.plugins import Hooks

_FEW_CHARACTERS = 10
_NETWORK = ("9p", "afs", "beegfs", "ceph", "cifs", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs")
_NETWORK_FUSE = ("fuse.cephfs", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs")


class Finding(NamedTuple):
    """One weakness, and what to do about it."""

    what: str
    remedy: str


def check_deployment(config: Config, mounts: Path = Path("/proc/self/mounts")) -> list[Finding]:
    """Every weakness of an instance that is meant for real work.

    :param mounts: where the system lists its file systems.
    """
    findings = [finding for part in _PARTS for finding in part(config)]
    return [*findings, *_network_file_system(config, mounts), *_in_database(config)]


def _demonstration(config: Config) -> Iterator[Finding]:
    if config.demo:
        yield Finding("This is a demonstration: its people have a password everybody knows.", "make another instance")


def _second_factor(config: Config) -> Iterator[Finding]:
    if not config.require_second_factor and not config.demo:
        yield Finding(
            "Nobody is asked for a second factor, whatever he may do.", f"set require_second_factor = true in {FILE}"
        )


def _transport(config: Config) -> Iterator[Finding]:
    host = urlsplit(config.public_url).hostname or ""
    if not config.secure and host not in ("localhost", "127.0.0.1", "::1"):
        yield Finding(
            "People reach it without TLS, or public_url does not say how they do.",
            f'set public_url = "https://…" in {FILE}, behind a proxy with TLS or with --cert and --key',
        )


def _file_modes(config: Config) -> Iterator[Finding]:
    """Whatever others on the machine may read or change (SEC-66)."""
    if sys.platform == "win32":
        return
    names = ("", FILE, "secret.key", "secret.previous", "forecourt.db", "queue.db", "files", "backups")
    paths = [config.instance / name for name in names] + [each for each in (config.backup_dir,) if each]
    for path in paths:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield Finding(f"Others on this machine may get at {path}.", f"chmod {mode} {path}")


def _secret(config: Config) -> Iterator[Finding]:
    """Read, never made: a check writes nothing."""
    path = config.instance / "secret.key"
    secret = os.environ.get(f"{PREFIX}SECRET") or (path.read_text(encoding="ascii").strip() if path.exists() else "")
    if secret and (len(secret) < SHORTEST_SECRET or len(set(secret)) < _FEW_CHARACTERS):
        yield Finding(
            "The instance's secret can be guessed.",
            f"remove {PREFIX}SECRET so that a random one is made, or give one of {SHORTEST_SECRET} random characters",
        )


def _backups(config: Config) -> Iterator[Finding]:
    if config.backup_dir is None:
        yield Finding("There is no place for backups.", f"set backup_dir in {FILE} and run «forecourt backup» daily")
    elif not config.backup_dir.is_dir():
        yield Finding(f"The folder for backups, {config.backup_dir}, is not there.", "make it, or mount it")
    elif config.backup_dir.resolve().is_relative_to(config.instance.resolve()):
        yield Finding("Backups lie in the instance's own folder.", "set backup_dir to another disk")


def _audit_heads(config: Config) -> Iterator[Finding]:
    if config.audit_heads is None:
        yield Finding(
            "No copy of the audit seal is kept outside: the end of the trail could be cut off unnoticed.",
            f"set audit_heads in {FILE} to a file on another machine or an append-only one",
        )
    elif config.audit_heads.resolve().is_relative_to(config.instance.resolve()):
        yield Finding(
            "The copy of the audit seal lies in the instance's own folder.", "set audit_heads to another place"
        )


def _root(_config: Config) -> Iterator[Finding]:
    if sys.platform != "win32" and os.geteuid() == 0:
        yield Finding("This command runs as root; the server must not.", "run Forecourt as a user of its own")


_PARTS: tuple[Callable[[Config], Iterator[Finding]], ...] = (
    _demonstration,
    _second_factor,
    _transport,
    _file_modes,
    _secret,
    _backups,
    _audit_heads,
    _root,
)


def _network_file_system(config: Config, mounts: Path) -> Iterator[Finding]:
    """SQLite's locks do not hold on a network file system: two hosts would ruin the file (SEC-50)."""
    url = make_url(config.database_url)
    if url.get_backend_name() != "sqlite" or not mounts.exists():
        return
    kind = file_system_of(Path(url.database or "").resolve(), mounts.read_text(encoding="utf-8", errors="replace"))
    if kind in (*_NETWORK, *_NETWORK_FUSE):
        yield Finding(
            f"The SQLite database lies on a network file system ({kind}).", "move it to a local disk, or use PostgreSQL"
        )


def file_system_of(path: Path, mounts: str) -> str:
    """The kind of file system a path is on, from the lines of ``/proc/self/mounts``; empty when unknown."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = Path(fields[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


# --- inside the database -------------------------------------------------------------------------


def _in_database(config: Config) -> Iterator[Finding]:
    if not has_database(config):
        return
    database = Database(config.database_url, Hooks(), pool_size=1)
    try:
        with database.reading(system("check")) as session:
            if database.dialect == "postgresql":
                yield from _postgresql(session.connection())
            shared = select(User.password_hash).where(User.active, User.password_hash != "")
            if session.execute(shared.group_by(User.password_hash).having(func.count() > 1)).first():
                yield Finding(
                    "Several people have the common password of a demonstration.", "make another instance for real work"
                )
    finally:
        database.dispose()


def _postgresql(connection: Connection) -> Iterator[Finding]:
    if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        yield Finding(
            "The database is used as a PostgreSQL superuser.", "make a role that owns this database and nothing else"
        )
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if connection.scalar(select(func.current_setting(setting))) == "off":
            yield Finding(
                f"PostgreSQL runs with {setting} = off: what was saved may be lost.", f"set {setting} = on (SEC-51)"
            )
