"""Bringing an instance into being and keeping it: migrate, enable, disable, fill.

An addon's state changes in the same transaction as the generation number that tells the workers. Whoever changes
something holds the instance's one lock from the first look to the last commit (:mod:`core.host.one_at_a_time`), and asks
before it commits a state whether he has it still.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, Engine, inspect, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import configure_mappers

from core.access.models import User
from core.access.policy import system
from core.access.rights import Catalogue, RightsError, gather, load
from core.access.roles import Kept, sync_roles
from core.access.sealed import box_of
from core.config import Config
from core.db import audit, guards  # noqa: F401 - the session listeners live there
from core.db.engine import Database, WorkSession, create_database_engine
from core.db.revisions import are_present, version_table
from core.errors import Refusal
from core.host import registry
from core.host.contents import keep_contents
from core.host.fingerprint import content_hash
from core.host.manifest import FoundAddon, snapshot
from core.host.models import AddonState
from core.host.one_at_a_time import LONGEST, PATIENT, Patience, Say, Turn, one_at_a_time, silent
from core.host.plugins import Answer
from core.host.registry import NOT_UP_TO_DATE, AddonError, Discovery, Failure, Host
from core.host.shipped import KeptRow, kept_rows
from core.host.upgrade_steps import Steps
from core.live import events  # noqa: F401 - announces after commit
from core.text.msgids import T
from core.web.i18n import load_translators

if TYPE_CHECKING:
    from core.db.migrations import Migrations

CORE = Path(__file__).parent.parent
MIGRATIONS = "migrations"
SHIPPED = "shipped data"

log = structlog.get_logger("forecourt.host")


@dataclass(slots=True)
class Report:
    """What an upgrade did: the revisions run, the addons left as they were, the edits kept, and what did not go through."""

    revisions: list[str] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)
    kept: list[Kept | KeptRow] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


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


def start_host(config: Config) -> Host:
    """The host of an instance with the addons that its database says are enabled.

    What could not be brought up to date is left out, and in safe mode all but the basic addons.
    """
    with looking(config) as connection:
        wanted, unfit = registry.enabled_names(connection), registry.quarantined(connection)
    discovery = registry.discover(config.addons_path)
    return registry.start(wanted, discovery, unfit=unfit, safe=config.safe_mode, strict=config.strict)


def upgrade(
    config: Config, say: Say = silent, seconds: float = LONGEST, before: Callable[[], object] | None = None
) -> Report:
    """Bring core and every enabled addon to the newest schema, then roles and shipped rows up to date.

    One upgrade at a time, addon by addon: the tables of one whose code is the same as the last time are left as they
    are, one that does not go through is left out with those that need it until it does, and the rest goes on. Whoever is killed on the way
    leaves what the next upgrade finishes. At the end the running servers are told to begin anew, with the code of now.

    :param seconds: how long to wait for another change of the instance.
    :param before: called before anything is changed, when nobody else changes anything any more.
    :raises MigrationError: for core's own tables.
    :raises AddonError: on an instance that is ``strict``, at the end, naming those that did not go through.
    """
    # Imported here, as below: a server that has nothing to upgrade does without Alembic.
    from core.db.migrations import Migrations

    config.instance.mkdir(parents=True, exist_ok=True)
    with engine_of(config) as engine:
        migrations = Migrations(engine)
        with one_at_a_time(config, "upgrade", Patience(say, seconds)) as turn:
            if before is not None:
                before()
            report = Report(migrations.upgrade("core", CORE / MIGRATIONS))
            _Upgrade(config, engine, migrations, report, turn).run(say)
    if config.strict and report.failures:
        raise AddonError(registry.said(report.failures))
    return report


class _Upgrade:
    """The addons' part of an upgrade."""

    def __init__(self, config: Config, engine: Engine, migrations: Migrations, report: Report, turn: Turn) -> None:
        self._config, self._engine, self._migrations, self._report = config, engine, migrations, report
        self._turn, self._steps = turn, Steps(engine, turn)
        self._found = registry.discover(config.addons_path)
        self._codes: dict[str, str] = {}
        """The hash of each addon's code."""
        self._changed: list[str] = []
        """The addons to bring up to date."""
        self._unfit: dict[str, str] = {}

    def run(self, say: Say) -> None:
        """Tables, then roles, then shipped rows."""
        for step in self._steps.cut_off():
            say(f"The last upgrade was cut off ({step}); this one goes on from there.")
        with self._engine.connect() as connection:
            wanted = registry.enabled_names(connection)
        names, _ = registry.order(self._kept(wanted), self._found.found)
        self._look(names)
        for name in self._changed:
            self._bring_tables(name)
        host = registry.start(wanted, self._found, unfit=self._unfit, safe=self._config.safe_mode)
        catalogue = gather_rights(host)
        with open_database(self._config, host) as database:
            with database.writing(system(SHIPPED)) as session:
                self._report.kept += sync_roles(session, catalogue)
                keep_contents(session, catalogue)
            self._bring_all_rows(database, list(host.running))
            with database.writing(system(SHIPPED)) as session:
                registry.next_generation(session)  # running servers have the code of before
                self._turn.expect_held()
        out = set(wanted) - set(host.running) - set(self._unfit)
        self._report.failures += [failure for failure in host.failures if failure.addon in out]
        told = (Failure(name, NOT_UP_TO_DATE, "", {"error": why}) for name, why in self._unfit.items())
        self._report.failures += told

    def _kept(self, wanted: list[str]) -> Iterable[str]:
        return registry.safely(wanted, self._found) if self._config.safe_mode else wanted

    def _look(self, names: list[str]) -> None:
        """Which addons have other code than the last time, or did not go through then."""
        before = self._steps.outcomes(names)
        for name in names:
            addon = self._found.found[name]
            try:
                code = content_hash(addon.folder)
                with self._engine.connect() as connection:
                    present = are_present(connection, {name: addon.folder / MIGRATIONS})
            except OSError as error:
                self._give_up(name, f"its files cannot be read: {error}")
                continue
            self._codes[name] = code
            (self._report.untouched if present and before[name] == (code, "") else self._changed).append(name)

    def _bring_tables(self, name: str) -> None:
        addon = self._found.found[name]
        needed = next((need for need in addon.manifest.depends if need in self._unfit), None)
        if needed is not None:
            self._give_up(name, f"it needs «{needed}», which could not be brought up to date")
            return
        try:
            with self._steps.step(name, "tables"):
                self._report.revisions += self._migrations.upgrade(name, addon.folder / MIGRATIONS)
        except (Exception, SystemExit) as error:
            self._give_up(name, _why(error))

    def _bring_all_rows(self, database: Database, names: list[str]) -> None:
        """Every addon's, if one has changed: what one ships may be made of what others give through its hooks.

        None of them is done before all are asked: whoever is killed in between has left something changed.
        """
        if self._changed:
            for name in names:
                self._bring_rows(database, name)
        for name in names:
            if name in self._changed and name not in self._unfit:
                self._steps.note_done(self._found.found[name].manifest, self._codes[name])

    def _bring_rows(self, database: Database, name: str) -> None:
        try:
            with self._steps.step(name, "shipped rows"), database.writing(system(SHIPPED)) as session:
                database.hooks.asked_of(name, "shipped_data", session=session)
                self._report.kept += kept_rows(session)
        except (Exception, SystemExit) as error:
            self._give_up(name, _why(error))

    def _give_up(self, name: str, why: str) -> None:
        self._unfit[name] = why
        self._steps.note_failed(name, self._codes.get(name, ""), why)
        log.error("addon not brought up to date", addon=name, reason=why)


def _why(error: BaseException) -> str:
    from core.db.migrations import MigrationError

    return str(error) if isinstance(error, MigrationError) else registry.named(error)


def fill(config: Config, host: Host, expected: Collection[str] = ()) -> list[Kept]:
    """Bring shipped roles and directory rows of the running addons up to date; edited ones are kept.

    :raises AddonError: for one of the ``expected`` addons that fails at it.
    """
    catalogue = gather_rights(host)
    with working(config, host, SHIPPED) as session:
        kept = sync_roles(session, catalogue)
        failed = [f"{answer.addon}: {answer.error}" for answer in _bring_rows(session) if answer.addon in expected]
        if failed:
            raise AddonError("; ".join(failed))
        return kept


def bring_shipped(session: WorkSession, catalogue: Catalogue) -> list[Kept]:
    """Bring shipped roles and directory rows up to date, of the addons that the session knows.

    One that fails keeps its rows as they were, and nobody else from starting.
    """
    kept = sync_roles(session, catalogue)
    _bring_rows(session)
    keep_contents(session, catalogue)
    return kept


def _bring_rows(session: WorkSession) -> list[Answer]:
    """Each addon's rows; gives what did not go well."""
    hook, hooks = "shipped_data", session.hooks
    answers = []
    for addon, _ in hooks.implementations(hook):
        try:
            answers.append(hooks.each_of(addon, hook, session=session))
        except Refusal as refusal:
            log.error("addon failed", addon=addon, hook=hook, reason=str(refusal))
            answers.append(Answer(addon, error=str(refusal)))
    return [answer for answer in answers if answer.error]


@contextmanager
def open_database(config: Config, host: Host, *, pool_size: int = 2) -> Iterator[Database]:
    """The database of a process that serves no requests, with the addons of ``host`` and their words."""
    configure_mappers()
    database = Database(config.database_url, host.hooks, pool_size=pool_size)
    translators = load_translators([CORE / "locale", *(folder for _, folder in host.folders("locale"))])
    database.words = lambda language, msgid: translators[language](msgid)
    database.secret_box = lambda: box_of(config)
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
            host.fail(addon.name, T("Its rights.toml has mistakes: %(mistakes)s"), mistakes="; ".join(error.mistakes))
        else:
            tables.append(table)
    return catalogue


def enable(config: Config, names: Iterable[str], patience: Patience = PATIENT) -> list[str]:
    """Enable addons with everything they depend on: migrate, then switch on.

    :returns: the names that were newly enabled, dependencies first.
    :raises AddonError: for an unknown addon or an unmet need; nothing is switched on then.
    """
    wanted = sorted(set(names))
    with one_at_a_time(config, f"addon enable {' '.join(wanted)}", patience) as turn:
        return switch_on(config, wanted, turn)


def switch_on(config: Config, names: Iterable[str], turn: Turn) -> list[str]:
    """:func:`enable` for whoever has the lock already."""
    from core.db.migrations import Migrations

    discovery = registry.discover(config.addons_path)
    before = enabled(config)
    wanted = with_needs(names, discovery)
    order, failures = registry.order({*before, *wanted}, discovery.found)
    unmet = [failure for failure in failures if failure.addon in wanted]
    if unmet:
        raise AddonError(registry.said(unmet))
    new = [name for name in order if name in wanted and name not in before]
    with engine_of(config) as engine:
        migrations = Migrations(engine)
        for name in new:
            migrations.upgrade(name, discovery.found[name].folder / MIGRATIONS)
    host = registry.start(order, discovery)
    rights = gather_rights(host)
    broken = [failure for failure in host.failures if failure.addon in new]
    if broken:
        raise AddonError(registry.said(broken))
    fill(config, host, new)
    if not new:
        return []
    with working(config, host, "addon enable") as session:
        on = {*_locked(session), *new}
        gone = sorted({need for name in wanted for need in discovery.found[name].manifest.depends} - on)
        if gone:
            raise AddonError(f"{_quoted(gone)} was disabled meanwhile: try again")
        _expect_tables(session, [discovery.found[name] for name in new])
        for name in new:
            _set_state(session, discovery.found[name], "enabled")
        session.flush()
        keep_contents(session, rights)
        turn.expect_held()
    return new


def _locked(session: WorkSession) -> list[str]:
    """The enabled addons; also without the lock nobody else switches any until this transaction ends."""
    registry.next_generation(session)
    session.flush()
    return list(session.scalars(select(AddonState.name).where(AddonState.state == "enabled")))


def _expect_tables(session: WorkSession, new: Iterable[FoundAddon]) -> None:
    """The tables were made before; whoever has uninstalled the addon since then has dropped them."""
    there = inspect(session.connection())
    made = [addon.name for addon in new if any((addon.folder / MIGRATIONS).glob("*.py"))]
    gone = [name for name in made if not there.has_table(version_table(name))]
    if gone:
        raise AddonError(f"{_quoted(gone)} was uninstalled meanwhile: try again")


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"«{name}»" for name in names)


def with_needs(names: Iterable[str], discovery: Discovery) -> set[str]:
    """These addons and all that they depend on.

    :raises AddonError: when one of them is not there.
    """
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


def disable(config: Config, name: str, patience: Patience = PATIENT) -> None:
    """Switch an addon off: its tables and rows stay as they are, its pages answer 404 (SEC-61).

    :raises AddonError: when it is not enabled, or others that are depend on it.
    """
    with one_at_a_time(config, f"addon disable {name}", patience) as turn:
        _switch_off(config, name, turn)


def _switch_off(config: Config, name: str, turn: Turn) -> None:
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
        turn.expect_held()


def _expect_unneeded(name: str, on: Iterable[str], discovery: Discovery) -> None:
    needing = [other for other in on if other in discovery.found and name in discovery.found[other].manifest.depends]
    if needing:
        raise AddonError(f"«{name}» is needed by {_quoted(needing)}: disable those first")


def _set_state(session: WorkSession, addon: FoundAddon, state: str) -> None:
    row = session.scalars(select(AddonState).where(AddonState.name == addon.name)).one_or_none()
    if row is None:
        row = AddonState(name=addon.name)
        session.add(row)
    row.state = state
    row.addon_version, row.manifest = addon.manifest.version, snapshot(addon.manifest)
    row.enabled_at = session.now()
    row.content_hash, row.problem = content_hash(addon.folder), ""


def fill_demo(config: Config, host: Host) -> None:
    """Let every addon fill an empty demonstration instance, dependencies first."""
    with working(config, host, "demonstration data") as session:
        session.hooks.asked("demo_data", session=session)


def listing(config: Config, left_out: Iterable[Failure] = ()) -> list[tuple[str, str, str, str]]:
    """Every addon found or known: name, version, state, and why it does not run.

    :param left_out: what is known of addons whose code has been tried; here none is loaded.
    """
    discovery = registry.discover(config.addons_path)
    with looking(config) as connection:
        known, unfit = registry.known_states(connection), registry.quarantined(connection)
    names = sorted({*discovery.found, *known})
    _, failures = registry.order([name for name, row in known.items() if row.state == "enabled"], discovery.found)
    failures += [Failure(name, NOT_UP_TO_DATE, "", {"error": why}) for name, why in unfit.items()]
    failures += left_out
    reasons = {failure.addon: failure.reason for failure in [*discovery.failures, *failures]}
    broken = {failure.addon for failure in failures}
    rows = []
    for name in names:
        found, row = discovery.found.get(name), known.get(name)
        version = found.manifest.version if found else (row.addon_version if row else "")
        state = row.state if row else "available"
        rows.append(
            (name, version, "failed" if name in broken and state == "enabled" else state, reasons.get(name, ""))
        )
    return rows


def is_empty(config: Config) -> bool:
    """Whether the instance has no people yet."""
    with engine_of(config) as engine, WorkSession(engine) as session:
        return session.connection().execute(select(User.id).limit(1)).first() is None
