"""``forecourt run``, ``web``, ``worker`` and ``upgrade``: make what is missing, then serve."""

from __future__ import annotations

import errno
import multiprocessing
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core import __version__, logs
from core.clock import utcnow
from core.config import Config
from core.host import instance, registry
from core.jobs.worker import Supervisor, supervise
from core.web.serve import ServeOptions, check_address, serve
from core.web.worker import Load, Shutdown

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

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


def run(config: Config, address: Address, say: Say) -> None:
    """Everything in one command, until it is told to stop; the database is made or upgraded first.

    :raises NotReady: the address is taken.
    """
    instance.private_umask()
    check_address(_options(config, address))
    _expect_free(address)
    _in_child(lambda: prepare(config, say))
    supervisor = Supervisor(config)
    supervisor.start()
    try:
        _serve(config, address, say, stopping=supervisor.tell_to_stop)
    finally:
        supervisor.stop()


def web(config: Config, address: Address, say: Say) -> None:
    """Serve pages only; the jobs are done by ``forecourt worker``, on this machine or on another.

    :raises NotReady: the database is not at this release's schema, or the address is taken.
    """
    instance.private_umask()
    check_address(_options(config, address))
    _expect_free(address)
    require_present_schema(config)
    _serve(config, address, say)


def worker(config: Config, threads: int, say: Say) -> None:
    """Do the jobs only.

    :raises NotReady: the database is not at this release's schema.
    """
    instance.private_umask()
    require_present_schema(config)
    say("Forecourt does the jobs  (stop with Ctrl+C)")
    supervise(config, threads)


def upgrade(config: Config, say: Say, *, back_up: bool = True) -> None:
    """Bring the database to the present version; a backup of what is there is taken first (SEC-56)."""
    instance.private_umask()
    if back_up:
        _back_up_first(config, say)
    report = instance.upgrade(config)
    for revision in report.revisions:
        say(f"applied {revision}")
    for kept in report.kept:
        say(f"kept yours: {kept}")


def prepare(config: Config, say: Say) -> None:
    """Make or upgrade the database; a new instance gets its first people. A demonstration says who can sign in."""
    upgrade(config, say)
    if instance.is_empty(config):
        if config.demo:
            _make_demo(config, say)
        else:
            _make_administrator(config, say)
    if config.demo:
        _name_demo_people(config, say)


def require_present_schema(config: Config) -> None:
    """Refuse to serve a database that an upgrade has yet to change, or that a newer release has changed."""
    from core.host.checks import schema_problems

    problems = schema_problems(config)
    if problems:
        raise NotReady("\n".join(["The database does not fit this release:", *problems]))


def _expect_free(address: Address) -> None:
    """Say at once, and what to do, when somebody else listens there; the workers would only stop later."""
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


def _back_up_first(config: Config, say: Say) -> None:
    """Keep a copy of a database that is about to be changed; a new one has nothing to lose."""
    from core.db.backup import backup
    from core.host.checks import pending_upgrade

    if not pending_upgrade(config):
        return
    folder = config.backup_dir or config.instance / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"before-upgrade-{utcnow():%Y%m%d-%H%M%S}.zip"
    backup(config.database_url, None, target, versions={"core": __version__})
    say(f"The database as it was is in {target}")


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


def _serve(config: Config, address: Address, say: Say, stopping: Callable[[], object] | None = None) -> None:
    serve(
        _loader(config, address.reload),
        _options(config, address),
        generation=lambda: instance.present_generation(config),
        started=lambda: say(f"Forecourt runs at {address.url}  (stop with Ctrl+C)"),
        stopping=stopping,
    )


def _in_child(work: Callable[[], None]) -> None:
    """Do something in a process of its own.

    The parent must never import an addon: workers forked from it later would get the old code.
    """
    if sys.platform == "win32":
        work()
        return
    child = multiprocessing.get_context("fork").Process(target=_told, args=(work,))
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(child.exitcode)


def _told(work: Callable[[], None]) -> None:
    """Do it; what a person can put right is told in a line."""
    from core.commands.refusals import sentence

    try:
        work()
    except Exception as error:
        text = sentence(error)
        if not text:
            raise
        raise SystemExit(f"Error: {text}") from error


def _make_demo(config: Config, say: Say) -> None:
    say("Making the demonstration dealership …")
    discovery = registry.discover(config.addons_path)
    instance.enable(config, sorted(discovery.found))
    host = registry.start(instance.enabled(config), discovery, strict=True)
    instance.fill_demo(config, host)


def _name_demo_people(config: Config, say: Say) -> None:
    """Who can sign in, as what, and with which password; each time, for nobody remembers it from the first."""
    from core.access.demo import PASSWORD, logins

    host = registry.start([], registry.discover(config.addons_path))
    with instance.working(config, host, "people of the demonstration") as session:
        people = logins(session, config.language)
    if not people:
        return
    longest = max(len(each.login) for each in people)
    say(f"Sign in as one of these people; everybody's password is «{PASSWORD}», and the sign-in page offers them too:")
    for each in people:
        say(f"  {each.login:<{longest}}  {' · '.join(filter(None, (each.name, each.role, each.department)))}")


def _make_administrator(config: Config, say: Say) -> None:
    from core.access.passwords import Passwords
    from core.access.people import create_first_administrator

    host = registry.start([], registry.discover(config.addons_path))
    with instance.working(config, host, "first administrator") as session:
        code = create_first_administrator(session, Passwords([config.dealership]))
    say(f"The first administrator: login admin, one-time code {code}")


def _loader(config: Config, reload: bool) -> Load:
    def load(shutdown: Shutdown) -> WSGIApplication:
        # Imported here: the parent must not hold the addons' code, or new workers would inherit it.
        from core.web.app import make_app

        logs.setup(config.log)
        app = make_app(config, reload_templates=reload)
        shutdown.on(app.hub.stop)
        shutdown.on(app.beat.stop)
        return app

    return load


def _sources(config: Config) -> tuple[Path, ...]:
    root = Path(__file__).parent
    return (root, root.parent / "addons", *config.addons_path)
