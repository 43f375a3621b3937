"""Bringing an instance into being and keeping it: migrate, enable, disable, fill.

An addon's state changes in the same transaction as the generation number that tells the workers; the row of that
number is the lock under which two who switch at once see each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import configure_mappers

from core.access.models import User
from core.access.policy import system
from core.access.rights import Catalogue, RightsError, gather, load
from core.access.roles import Kept, sync_roles
from core.config import Config
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.engine import Database, WorkSession, create_database_engine
from core.host import registry
from core.host.manifest import FoundAddon, snapshot
from core.host.models import AddonState
from core.host.registry import AddonError, Discovery, Host
from core.live import events  # noqa: F401 - announces after commit
from core.web.i18n import load_translators

CORE = Path(__file__).parent.parent
MIGRATIONS = "migrations"
SHIPPED = "shipped data"


@dataclass(slots=True)
class Report:
    """What an upgrade did: the revisions run, and the edits of roles it kept."""

    revisions: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)


@contextmanager
def engine_of(config: Config) -> Iterator[Engine]:
    """An engine for the length of one operation."""
    engine = create_database_engine(config.database_url, pool_size=2)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def looking(config: Config) -> Iterator[Connection]:
    """A connection that only reads: on SQLite a transaction would take the one write lock."""
    with engine_of(config) as engine, engine.connect() as connection:
        yield connection.execution_options(isolation_level="AUTOCOMMIT")


def has_database(config: Config) -> bool:
    """Whether there is a database to look into; SQLite would make one by being asked."""
    url = make_url(config.database_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").exists()


def enabled(config: Config) -> list[str]:
    """The addons the instance wants running."""
    with looking(config) as connection:
        return registry.enabled_names(connection)


def present_generation(config: Config) -> int:
    """The number of the present addon set; keeps no connection open."""
    with looking(config) as connection:
        return registry.generation(connection)


def upgrade(config: Config) -> Report:
    """Bring core and every enabled addon to the newest schema, then roles and shipped rows up to date.

    Safe to run at every start and by several processes at once; raises ``MigrationError`` naming the addon.
    """
    # Imported here, as below: a server that has nothing to upgrade does without Alembic.
    from core.db.migrations import Migrations

    config.instance.mkdir(parents=True, exist_ok=True)
    with engine_of(config) as engine:
        migrations = Migrations(engine)
        report = Report(migrations.upgrade("core", CORE / MIGRATIONS))
        with engine.connect() as connection:
            wanted = registry.enabled_names(connection)
        discovery = registry.discover(config.addons_path)
        names, _ = registry.order(wanted, discovery.found)
        for name in names:
            report.revisions += migrations.upgrade(name, discovery.found[name].folder / MIGRATIONS)
    host = registry.start(wanted, discovery)
    report.kept = fill(config, host)
    return report


def fill(config: Config, host: Host) -> list[Kept]:
    """Bring shipped roles and directory rows of the running addons up to date; edited ones are kept."""
    catalogue = gather_rights(host)
    with working(config, host, SHIPPED) as session:
        return bring_shipped(session, catalogue)


def bring_shipped(session: WorkSession, catalogue: Catalogue) -> list[Kept]:
    """Bring shipped roles and directory rows up to date, of the addons that the session knows."""
    kept = sync_roles(session, catalogue)
    session.hooks.asked("shipped_data", session=session)
    return kept


@contextmanager
def open_database(config: Config, host: Host, *, pool_size: int = 2) -> Iterator[Database]:
    """The database of a process that serves no requests, with the addons of ``host`` and their words."""
    configure_mappers()
    database = Database(config.database_url, host.hooks, pool_size=pool_size)
    translators = load_translators([CORE / "locale", *(folder for _, folder in host.folders("locale"))])
    database.words = lambda language, msgid: translators[language](msgid)
    try:
        yield database
    finally:
        database.dispose()


@contextmanager
def working(config: Config, host: Host, reason: str) -> Iterator[WorkSession]:
    """A writing session of a command, with the addons of ``host``."""
    with open_database(config, host) as database, database.writing(system(reason)) as session:
        yield session


def gather_rights(host: Host) -> Catalogue:
    """The rights and shipped roles of core and of the running addons.

    An addon whose file has mistakes fails with its dependants; the rest is kept (SEC-59).

    :raises RightsError: for mistakes in core's own file.
    """
    tables = [load(CORE / "rights.toml", "core")]
    catalogue = gather(tables)
    for addon in list(host.running.values()):
        path = addon.folder / "rights.toml"
        if addon.name not in host.running or not path.exists():
            continue
        try:
            table = load(path, addon.name)
            catalogue = gather([*tables, table])
        except RightsError as error:
            host.fail(addon.name, "; ".join(error.mistakes))
        else:
            tables.append(table)
    return catalogue


def enable(config: Config, names: Iterable[str]) -> list[str]:
    """Enable addons with everything they depend on: migrate, then switch on.

    :returns: the names that were newly enabled, dependencies first.
    :raises AddonError: for an unknown addon or an unmet need; nothing is switched on then.
    """
    from core.db.migrations import Migrations

    discovery = registry.discover(config.addons_path)
    before = enabled(config)
    wanted = _with_needs(names, discovery)
    order, failures = registry.order({*before, *wanted}, discovery.found)
    unmet = [failure for failure in failures if failure.addon in wanted]
    if unmet:
        raise AddonError("; ".join(f"{failure.addon}: {failure.reason}" for failure in unmet))
    new = [name for name in order if name in wanted and name not in before]
    with engine_of(config) as engine:
        migrations = Migrations(engine)
        for name in new:
            migrations.upgrade(name, discovery.found[name].folder / MIGRATIONS)
    host = registry.start(order, discovery)
    gather_rights(host)
    broken = [failure for failure in host.failures if failure.addon in new]
    if broken:
        raise AddonError("; ".join(f"{failure.addon}: {failure.reason}" for failure in broken))
    fill(config, host)
    if not new:
        return []
    with working(config, host, "addon enable") as session:
        on = {*_locked(session), *new}
        gone = sorted({need for name in wanted for need in discovery.found[name].manifest.depends} - on)
        if gone:
            raise AddonError(f"{', '.join(f'«{each}»' for each in gone)} was disabled meanwhile: try again")
        for name in new:
            _set_state(session, discovery.found[name], "enabled")
    return new


def _locked(session: WorkSession) -> list[str]:
    """The enabled addons; nobody else switches any until this transaction ends."""
    registry.next_generation(session)
    session.flush()
    return list(session.scalars(select(AddonState.name).where(AddonState.state == "enabled")))


def _with_needs(names: Iterable[str], discovery: Discovery) -> set[str]:
    wanted: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in discovery.found:
            known = ", ".join(sorted(discovery.found)) or "none"
            raise AddonError(f"there is no addon «{name}»; found: {known}")
        if name not in wanted:
            wanted.add(name)
            waiting += discovery.found[name].manifest.depends
    return wanted


def disable(config: Config, name: str) -> None:
    """Switch an addon off: its tables and rows stay as they are, its pages answer 404 (SEC-61).

    :raises AddonError: when it is not enabled, or others that are depend on it.
    """
    discovery = registry.discover(config.addons_path)
    on = enabled(config)
    if name not in on:
        raise AddonError(f"«{name}» is not enabled")
    _expect_unneeded(name, on, discovery)
    host = registry.start([], discovery)
    with working(config, host, "addon disable") as session:
        _expect_unneeded(name, _locked(session), discovery)
        state = session.scalars(select(AddonState).where(AddonState.name == name)).one()
        state.state = "disabled"


def _expect_unneeded(name: str, on: Iterable[str], discovery: Discovery) -> None:
    needing = [other for other in on if other in discovery.found and name in discovery.found[other].manifest.depends]
    if needing:
        raise AddonError(f"«{name}» is needed by {', '.join(f'«{other}»' for other in needing)}: disable those first")


def _set_state(session: WorkSession, addon: FoundAddon, state: str) -> None:
    row = session.scalars(select(AddonState).where(AddonState.name == addon.name)).one_or_none()
    if row is None:
        row = AddonState(name=addon.name)
        session.add(row)
    row.state = state
    row.addon_version, row.manifest = addon.manifest.version, snapshot(addon.manifest)
    row.enabled_at = session.now()


def fill_demo(config: Config, host: Host) -> None:
    """Let every addon fill an empty demonstration instance, dependencies first."""
    with working(config, host, "demonstration data") as session:
        session.hooks.asked("demo_data", session=session)


def listing(config: Config) -> list[tuple[str, str, str, str]]:
    """Every addon found or known: name, version, state, and why it does not run."""
    discovery = registry.discover(config.addons_path)
    with looking(config) as connection:
        known = registry.known_states(connection)
    names = sorted({*discovery.found, *known})
    _, failures = registry.order([name for name, row in known.items() if row.state == "enabled"], discovery.found)
    reasons = {failure.addon: failure.reason for failure in [*discovery.failures, *failures]}
    rows = []
    for name in names:
        found, row = discovery.found.get(name), known.get(name)
        version = found.manifest.version if found else (row.addon_version if row else "")
        state = row.state if row else "available"
        rows.append(
            (name, version, "failed" if name in reasons and state == "enabled" else state, reasons.get(name, ""))
        )
    return rows


def is_empty(config: Config) -> bool:
    """Whether the instance has no people yet."""
    with engine_of(config) as engine, WorkSession(engine) as session:
        return session.connection().execute(select(User.id).limit(1)).first() is None
