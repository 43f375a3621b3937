"""What an instance needs before it is served: its database made or upgraded, its first people."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core import __version__, processes
from core.clock import utcnow
from core.config import Config
from core.db import revisions
from core.host import instance, registry
from core.host.instance import CORE, MIGRATIONS
from core.running import NotReady

Say = Callable[[str], object]


def prepare(config: Config, say: Say) -> None:
    """Make or upgrade the database; a new instance gets its first people. A demonstration says who can sign in."""
    upgrade(config, say)
    if instance.is_empty(config):
        if config.demo:
            _make_demo(config, say)
        else:
            _make_administrator(config, say)
    name_demo_people(config, say)


def prepare_apart(config: Config, say: Say) -> None:
    """Do :func:`prepare` in a process of its own, if there is anything to make.

    What it loads for that, Alembic and the addons' revisions, is gone with it. Without anything to make, the shipped
    rows are still to be brought up to date by the process that has the addons loaded.
    """
    if has_present_schema(config) and not instance.is_empty(config):
        name_demo_people(config, say)
        return
    code = processes.wait(processes.fork(lambda: told(lambda: prepare(config, say))))
    if code:
        raise SystemExit(code if code > 0 else 1)


def told(work: Callable[[], object]) -> None:
    """Do it; what a person can put right is told in a line."""
    try:
        work()
    except Exception as error:
        # Only now: it imports click.
        from core.commands.refusals import sentence

        text = sentence(error)
        if not text:
            raise
        raise SystemExit(f"Error: {text}") from error


def upgrade(config: Config, say: Say, *, back_up: bool = True) -> instance.Report:
    """Bring the database to the present version; a backup of what is there is taken first (SEC-56).

    Reported as failed is also what could be brought up to date and still cannot be served.
    """
    # Only now, as below: it imports Alembic.
    from core.host.checks import left_out

    before = partial(_back_up_first, config, say) if back_up else None
    report = instance.upgrade(config, say, before=before)
    named = {failure.addon for failure in report.failures}
    report.failures += [failure for failure in left_out(config) if failure.addon not in named]
    for revision in report.revisions:
        say(f"applied {revision}")
    for kept in report.kept:
        say(f"kept yours: {kept}")
    for failure in report.failures:
        say(f"failed, the rest goes on without it: {registry.said([failure])}")
    return report


def has_present_schema(config: Config) -> bool:
    """Whether the tables are plainly what this release needs, and every addon could be brought up to date."""
    if not instance.has_database(config):
        return False
    discovery = registry.discover(config.addons_path)
    with instance.looking(config) as connection:
        if not revisions.are_present(connection, {"core": CORE / MIGRATIONS}):
            return False
        wanted = set(registry.enabled_names(connection)).intersection(discovery.found)
        kept = registry.safely(wanted, discovery) if config.safe_mode else wanted
        histories = {name: discovery.found[name].folder / MIGRATIONS for name in kept}
        return kept.isdisjoint(registry.quarantined(connection)) and revisions.are_present(connection, histories)


def require_present_schema(config: Config) -> None:
    """Refuse to serve a database that an upgrade has yet to change, or that a newer release has changed.

    What an upgrade has tried and could not do is no reason: the rest runs without that addon.

    :raises NotReady: naming what is wrong.
    """
    if has_present_schema(config):
        return
    # Only now: it imports Alembic.
    from core.host.checks import schema_problems

    problems = schema_problems(config, _left_out(config))
    if problems:
        raise NotReady("\n".join(["The database does not fit this release:", *problems]))


def _left_out(config: Config) -> set[str]:
    """The addons an instance runs without: their last upgrade did not go through, or this is safe mode."""
    if not instance.has_database(config):
        return set()
    discovery = registry.discover(config.addons_path)
    with instance.looking(config) as connection:
        if not revisions.are_present(connection, {"core": CORE / MIGRATIONS}):
            return set()
        wanted, failed = set(registry.enabled_names(connection)), set(registry.quarantined(connection))
    return failed | (wanted - registry.safely(wanted, discovery) if config.safe_mode else set())


def _back_up_first(config: Config, say: Say) -> None:
    """Keep a copy of a database that is about to be changed; a new one has nothing to lose."""
    from core.db.backup import backup
    from core.host.checks import pending_upgrade

    if not pending_upgrade(config):
        return
    config.backups.mkdir(parents=True, exist_ok=True)
    target = config.backups / f"before-upgrade-{utcnow():%Y%m%d-%H%M%S}.zip"
    backup(config.database_url, None, target, versions={"core": __version__})
    say(f"The database as it was is in {target}")


def _make_demo(config: Config, say: Say) -> None:
    say("Making the demonstration dealership …")
    discovery = registry.discover(config.addons_path)
    instance.enable(config, sorted(discovery.found))
    host = registry.start(instance.enabled(config), discovery, strict=True)
    instance.fill_demo(config, host)


def name_demo_people(config: Config, say: Say) -> None:
    """Who can sign in, as what, and with which password; each time, for nobody remembers it from the first."""
    if not config.demo:
        return
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
