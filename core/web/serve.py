"""Serving the application: worker processes that start together, stop quickly and are replaced in place.

The command (``core.running``) binds the address and goes on as their parent (``core.staying``), which starts a
generation (``core.web.supervisor``): a process that loads everything once (``core.web.preloader``) and forks the
workers (``core.web.worker``), or is the only one. When the generation number of the enabled addons changes, the next
generation is started beside the old one and takes over once all its workers are ready
(``docs/decisions/0001-respawn-workers.md``). Here is what all of them need to know of where and how.
"""

from __future__ import annotations

import contextlib
import ipaddress
import resource
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_BACKLOG = 1024


class UnsafeAddress(ValueError):
    """Plain HTTP would be offered to the network."""


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """Where and how to serve.

    ``threads`` are those of one worker, made when needed; each open live stream occupies one, so the
    hub's limit must leave some for requests. ``drain`` is how many seconds running requests get when
    their worker stops; streams end at once. ``reload`` names the folders whose change replaces the
    workers, for addon developers.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 350
    cert: Path | None = None
    key: Path | None = None
    drain: int = 10
    reload: tuple[Path, ...] = ()
    watch_seconds: float = 1.0


def listening(options: ServeOptions) -> socket.socket:
    """One listening socket for all workers of all generations, which inherit it.

    With a socket for each, connections that wait for a worker are reset when it goes, and a second
    server on the same port would get half of them instead of an error.
    """
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    listener = socket.create_server((options.host, options.port), family=family, backlog=_BACKLOG)
    # Inherited by every connection: the end of an answer does not wait 40 ms for the browser's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.setblocking(False)  # all workers wake up for a connection, one gets it
    return listener


def check_address(options: ServeOptions) -> None:
    """Refuse to offer plain HTTP to the network (SEC-20)."""
    if bool(options.cert) != bool(options.key):
        raise UnsafeAddress("TLS needs both --cert and --key.")
    if not options.cert and not is_loopback(options.host):
        raise UnsafeAddress(
            f"{options.host} can be reached from the network: give --cert and --key, "
            "or bind to 127.0.0.1 behind a proxy that does TLS."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to the address. Names other than ``localhost`` are not trusted."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def newest_change(folders: Iterable[Path]) -> int:
    """A number that changes with every saved, added or removed file below these folders."""
    files = (file for folder in folders for file in folder.rglob("*") if "__pycache__" not in file.parts)
    stamps = []
    for file in files:
        with contextlib.suppress(FileNotFoundError):
            stamps.append((str(file), file.stat().st_mtime_ns))
    return hash(tuple(sorted(stamps)))


def watched(generation: Callable[[], int] | None, options: ServeOptions) -> Callable[[], object] | None:
    """What replaces the workers when it changes."""
    if not generation and not options.reload:
        return None
    return lambda: (generation() if generation else 0, newest_change(options.reload))


def raise_file_limit() -> None:
    """Every browser holds a few connections; the usual limit of 1024 files is a thousand too low."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16384 if hard == resource.RLIM_INFINITY else min(16384, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
