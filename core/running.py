"""``forecourt run``, ``web``, ``worker`` and ``upgrade``.

The command reads its line, opens the address and goes on as the small process that stays (``core.staying``). That
forks the generations, which come back here (:func:`live`). What is done with the database is in ``core.preparing``, what
is served in ``core.program``.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from core import processes, staying
from core.config import Config
from core.web.serve import ServeOptions, check_address, listening, raise_file_limit, watched

if TYPE_CHECKING:
    from core.web.worker import Loaded

Say = Callable[[str], object]


class NotReady(Exception):
    """An instance that cannot be served as it is; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where to serve, and with which certificate; ``reload`` is for addon developers."""

    host: str = "127.0.0.1"
    port: int = 8000
    cert: Path | None = None
    key: Path | None = None
    reload: bool = False

    @property
    def url(self) -> str:
        """What a person types into a browser."""
        return f"{'https' if self.cert else 'http'}://{self.host}:{self.port}/"


def run(config: Config, address: Address) -> NoReturn:
    """Everything in one command, until it is told to stop; the database is made or upgraded first.

    :raises NotReady: the address is taken.
    :raises UnsafeAddress: another address than loopback without certificate and key.
    """
    _serve(config, address, everything=True)


def web(config: Config, address: Address) -> NoReturn:
    """Serve pages only; the jobs are done by ``forecourt worker``, on this machine or on another.

    A database that is not at this release's schema is found by the first generation, and ends the server.

    :raises NotReady: the address is taken.
    :raises UnsafeAddress: another address than loopback without certificate and key.
    """
    _serve(config, address, everything=False)


def worker(config: Config, threads: int, say: Say) -> None:
    """Do the jobs only.

    :raises NotReady: the database is not at this release's schema.
    """
    from core import preparing
    from core.jobs.worker import supervise

    processes.private_umask()
    preparing.require_present_schema(config)
    say("Forecourt does the jobs  (stop with Ctrl+C)")
    supervise(config, threads)


def upgrade(config: Config, say: Say, *, back_up: bool = True) -> list[str]:
    """Bring the database to the present version; a backup of what is there is taken first (SEC-56).

    :returns: the addons that did not go through.
    """
    from core import preparing

    processes.private_umask()
    report = preparing.upgrade(config, say, back_up=back_up)
    return [failure.addon for failure in report.failures]


def _serve(config: Config, address: Address, *, everything: bool) -> NoReturn:
    processes.private_umask()
    options = _options(config, address)
    check_address(options)
    _expect_free(address)
    raise_file_limit()
    with listening(options) as listener:
        staying.become(
            {
                "listener": listener.fileno(),
                "drain": options.drain,
                "log": config.log,
                "started": f"Forecourt runs at {address.url}  (stop with Ctrl+C)",
                "program": msgspec.json.encode(_Served(config, address, everything), enc_hook=str).decode(),
            }
        )


class _Served(msgspec.Struct, frozen=True):
    """What is served, on its way from the command to the generations."""

    config: Config
    address: Address
    everything: bool


def live(served: str, place: tuple[int, int, int], *, first: bool) -> None:
    """The life of a generation in its process.

    :param served: what the command has said.
    :param place: the descriptors of the listening socket and of the supervisor's link, and the supervisor's number.
    """
    from core import logs
    from core.web import preloader

    what = msgspec.json.decode(served, type=_Served, dec_hook=_path)
    logs.setup(what.config.log)
    program = _Program(what.config, _say, everything=what.everything, reload=what.address.reload)
    program.prepare(first=first)
    options = _options(what.config, what.address)
    preloader.live(program.load, options, watched(program.generation, options), preloader.Place(*place))


def _path(_wanted: type, value: Any) -> Path:
    """What JSON has as a text."""
    return Path(value)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the command is over, its words go on


class _Program:
    """What is served; its methods are called in the processes of the generations, and import there.

    What stays of the command must not hold the addons' code, nor core's, or the next generation would inherit it.
    """

    def __init__(self, config: Config, say: Say, *, everything: bool, reload: bool) -> None:
        self._config, self._say, self._everything, self._reload = config, say, everything, reload
        self._fill = False

    def prepare(self, *, first: bool) -> None:
        """Before a generation is loaded; before the first, the database is seen to."""
        from core.db.unused_dialect import leave_out_postgresql

        leave_out_postgresql(self._config.database_url)
        if not first:
            return
        from core import preparing

        if not self._everything:
            preparing.told(lambda: preparing.require_present_schema(self._config))
            return
        preparing.told(lambda: preparing.prepare_apart(self._config, self._say))
        self._fill = True

    def load(self) -> Loaded:
        """One generation."""
        from core import program

        return program.load(self._config, jobs=self._everything, fill=self._fill, reload_templates=self._reload)

    def generation(self) -> int:
        """The number of the present set of addons."""
        from core.host import instance

        return instance.present_generation(self._config)


def _expect_free(address: Address) -> None:
    """Say at once, and what to do, when somebody else listens there."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server does: a port that has just been let go of is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                text = f"Another program listens at {address.host}:{address.port}: stop it, or choose another --port."
                raise NotReady(text) from error


def _options(config: Config, address: Address) -> ServeOptions:
    return ServeOptions(
        host=address.host,
        port=address.port,
        workers=config.workers,
        threads=config.threads,
        cert=address.cert,
        key=address.key,
        reload=_sources(config) if address.reload else (),
    )


def _sources(config: Config) -> tuple[Path, ...]:
    root = Path(__file__).parent
    return (root, root.parent / "addons", *config.addons_path)
