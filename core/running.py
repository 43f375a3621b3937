"""``forecourt run``: make what is missing, then serve."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable
from pathlib import Path

from core.access.passwords import Passwords
from core.access.people import create_first_administrator
from core.config import Config
from core.host import instance, registry
from core.web.serve import ServeOptions, check_address, serve
from core.web.workers import Shutdown

Say = Callable[[str], object]


def run(
    config: Config,
    *,
    host: str,
    port: int,
    reload: bool = False,
    cert: Path | None = None,
    key: Path | None = None,
    say: Say,
) -> None:
    """Serve an instance until it is told to stop; the database is made or upgraded first."""
    options = ServeOptions(
        host=host,
        port=port,
        workers=config.workers,
        threads=config.threads,
        cert=cert,
        key=key,
        reload=_sources(config) if reload else (),
    )
    check_address(options)
    _in_child(lambda: prepare(config, say))
    scheme = "https" if cert else "http"
    say(f"Forecourt runs at {scheme}://{host}:{port}/  (stop with Ctrl+C)")
    serve(_loader(config, reload), options, generation=lambda: instance.present_generation(config))


def _in_child(work: Callable[[], None]) -> None:
    """Do something in a process of its own.

    The parent must never import an addon: workers forked from it later would get the old code.
    """
    if sys.platform == "win32":
        work()
        return
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    if child.exitcode:
        raise SystemExit(child.exitcode)


def prepare(config: Config, say: Say) -> None:
    """Make or upgrade the database; a new instance gets its first people."""
    instance.private_umask()
    for revision in instance.upgrade(config).revisions:
        say(f"applied {revision}")
    if not instance.is_empty(config):
        return
    if config.demo:
        _make_demo(config, say)
    else:
        _make_administrator(config, say)


def _make_demo(config: Config, say: Say) -> None:
    say("Making the demonstration dealership …")
    discovery = registry.discover(config.addons_path)
    instance.enable(config, sorted(discovery.found))
    host = registry.start(instance.enabled(config), discovery, strict=True)
    instance.fill_demo(config, host)


def _make_administrator(config: Config, say: Say) -> None:
    host = registry.start([], registry.discover(config.addons_path))
    with instance.working(config, host, "first administrator") as session:
        code = create_first_administrator(session, Passwords([config.dealership]))
    say(f"The first administrator: login admin, one-time code {code}")


def _loader(config: Config, reload: bool) -> Callable[[Shutdown], object]:
    def load(shutdown: Shutdown) -> object:
        # Imported here: the parent must not hold the addons' code, or new workers would inherit it.
        from core.web.app import make_app

        app = make_app(config, reload_templates=reload)
        shutdown.on(app.hub.stop)
        return app

    return load


def _sources(config: Config) -> tuple[Path, ...]:
    root = Path(__file__).parent
    return (root, root.parent / "addons", *config.addons_path)
