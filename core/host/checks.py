"""``forecourt check``: everything wrong with an instance at once. Nothing is written."""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from babel.messages.catalog import Message
from sqlalchemy import inspect as inspect_database
from sqlalchemy import select

from core.access.rights import Catalogue
from core.clock import utcnow
from core.config import Config
from core.db.migrations import Migrations, State, Status
from core.host import hookspecs, instance, registry
from core.host.fingerprint import content_hash
from core.host.hook_docs import specs_of
from core.host.instance import CORE, MIGRATIONS, engine_of, has_database, looking
from core.host.misfits import Misfit
from core.host.models import AddonState
from core.host.plugins import PAUSE_WINDOW
from core.host.registry import Failure, Host
from core.work.models import Notification
from core.work.notifications import PAUSED

if TYPE_CHECKING:
    from core.web.screen_set import ScreenSet

_PLACE = re.compile(r"%\((\w+)\)[a-z]|%%")
_SHOWN = 3


def check(config: Config) -> list[str]:
    """All that is wrong with the addons an instance has enabled, their declarations, tables and words."""
    host = _host(config)
    return [*_wrong(host), *_catalogues(host), *schema_problems(config), *_paused(config)]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What an upgrade would meet: what is wrong before it begins, and what it would do, each with its addon."""

    problems: list[str]
    pending: list[str]


def upgrade_outlook(config: Config) -> Outlook:
    """Everything that stands in the way of an upgrade, at once, and what it has to do."""
    wrong = _wrong(_host(config))
    if not has_database(config):
        return Outlook(wrong, ["core: the database is to be made"])
    statuses = schema_status(config)
    pending = [f"{each.addon}: {', '.join(each.pending)}" for each in statuses if each.state is State.PENDING]
    misfits = [_told(each) for each in statuses if each.state not in (State.PENDING, State.UP_TO_DATE)]
    files = _files_outlook(config, [each.addon for each in statuses if each.state is State.UP_TO_DATE])
    return Outlook([*wrong, *misfits, *files.problems], [*pending, *files.pending])


def _files_outlook(config: Config, names: Collection[str]) -> Outlook:
    """Of the addons whose tables are up to date, those that have other files than when they were last brought in."""
    outlook = Outlook([], [])
    if "core" not in names:
        return outlook  # what is known of addons may lie in tables that are not there yet
    found = registry.discover(config.addons_path).found
    with looking(config) as connection:
        known = registry.known_states(connection)
    for name in names:
        try:
            if name in known and (known[name].problem or known[name].content_hash != content_hash(found[name].folder)):
                outlook.pending.append(f"{name}: its files are others than the last time")
        except OSError as error:
            outlook.problems.append(f"{name}: its files cannot be read: {error}")
    return outlook


def left_out(config: Config) -> list[Failure]:
    """The enabled addons that a server started now would leave out, and why; in safe mode not those it is meant to.

    It is found out as a server does: their code is loaded, and asked for whatever it declares.
    """
    if not has_database(config):
        return []
    host = instance.start_host(msgspec.structs.replace(config, strict=False))
    _gather_pages(host, instance.gather_rights(host))
    for hook in host.hooks.unasked:
        host.declared(hook, object)
    wanted = set(instance.enabled(config)) - set(host.running)
    return [failure for failure in host.failures if failure.addon in wanted]


def _host(config: Config) -> Host:
    """The enabled addons with the code that is there now, whatever became of the last upgrade."""
    wanted = instance.enabled(config) if has_database(config) else []
    return registry.start(wanted, registry.discover(config.addons_path))


def _wrong(host: Host) -> list[str]:
    """What is wrong with the addons and with what they declare; the failures of the start come first."""
    started = len(host.failures)
    declared = list(_declared(host))
    return [*(registry.said([failure]) for failure in host.failures[:started]), *declared]


def _paused(config: Config) -> list[str]:
    """The addons that a server leaves alone because they failed too often; it has told the administrators."""
    if not has_database(config):
        return []
    with looking(config) as connection:
        if not inspect_database(connection).has_table(Notification.__tablename__):
            return []
        rows = connection.execute(
            select(AddonState.name, Notification.created_at, Notification.body_values)
            .join(AddonState, AddonState.id == Notification.subject_id)
            .where(
                Notification.kind == PAUSED,
                Notification.subject_type == AddonState.__tablename__,
                Notification.created_at > utcnow() - timedelta(seconds=PAUSE_WINDOW),
            )
            .order_by(AddonState.name, Notification.created_at)
        ).all()
    latest = {name: (at, values) for name, at, values in rows}
    return [
        f"{name}: left alone for ten minutes since {at:%H:%M} UTC, for it failed several times,"
        f" lastly in {values['what']}: {values['error']}: put it right and run «forecourt upgrade», which ends that"
        for name, (at, values) in latest.items()
    ]


# --- the schema ----------------------------------------------------------------------------------


def histories(config: Config) -> dict[str, Path]:
    """The revision folders of core and of every addon that is found."""
    found = registry.discover(config.addons_path).found
    return {"core": CORE / MIGRATIONS, **{name: addon.folder / MIGRATIONS for name, addon in found.items()}}


def schema_status(config: Config) -> list[Status]:
    """How the tables of core and of the enabled addons stand to their revision files."""
    folders = histories(config)
    with engine_of(config) as engine:
        migrations = Migrations(engine)
        names = ["core", *(name for name in instance.enabled(config) if name in folders)]
        return [migrations.status(name, folders[name]) for name in names]


def schema_problems(config: Config, tolerated: Collection[str] = ()) -> list[str]:
    """What an upgrade has yet to do, and what it cannot do, but for the ``tolerated`` addons."""
    if not has_database(config):
        return ["core: there is no database yet: run «forecourt upgrade»"]
    found = [status for status in schema_status(config) if status.state is not State.UP_TO_DATE]
    return [_told(status) for status in found if status.addon not in tolerated]


def pending_upgrade(config: Config) -> bool:
    """Whether an upgrade would change tables that hold something already."""
    if not has_database(config):
        return False
    statuses = schema_status(config)
    if statuses[0].current is None:
        return False
    with looking(config) as connection:
        # What was tried in vain is tried again at every start: one copy from before that is enough.
        failed = registry.quarantined(connection) if statuses[0].state is State.UP_TO_DATE else {}
    return any(status.state is State.PENDING and status.addon not in failed for status in statuses)


def _told(status: Status) -> str:
    if status.state is State.PENDING:
        return f"{status.addon}: revisions to run: {', '.join(status.pending)}: run «forecourt upgrade»"
    return f"{status.addon}: {status.problem or status.state}"


# --- declarations --------------------------------------------------------------------------------


def _declared(host: Host) -> Iterator[str]:
    """Rights, screens, routes and the rest, put together as the application does when it starts."""
    before = len(host.failures)
    rights = instance.gather_rights(host)
    screens: list[ScreenSet] = []
    yield from _attempt("core", lambda: screens.append(_gather_pages(host, rights)))
    for each in screens:
        yield from _lost_screens(host, each)
    yield from (registry.said([failure]) for failure in host.failures[before:])
    plain = [spec.__name__ for spec in specs_of(hookspecs) if not inspect.signature(spec).parameters]
    for addon in list(host.running):
        for hook in sorted({*plain} - {"routes", "screens", "jobs"}):
            yield from _attempt(addon, partial(_ask, host, addon, hook))
        yield from _attempt(addon, partial(_ask_jobs, host, addon))


def _gather_pages(host: Host, rights: Catalogue) -> ScreenSet:
    """The screens with their generated addresses, and the addons' own; mistakes fail the addon in ``host``."""
    from core.web import administration, screen_set, views
    from core.web.changes import RecordWords
    from core.web.routing import RouteError, Router

    screens = screen_set.gather(host, rights.rights, administration.screens(RecordWords()))
    router = Router()
    router.add("core", views.routes(), rights.rights)
    for addon in list(host.running):
        generated = [route for owner, route in screens.routes() if owner == addon]
        try:
            router.add(addon, [*_ask(host, addon, "routes"), *generated], rights.rights)
        except RouteError as error:
            for message, values in error.problems:
                host.fail(addon, message, **values)
        except (Exception, SystemExit) as error:
            host.fail(addon, registry.RAISED, hook="routes", error=registry.named(error))
    return screens


class _Key(str):
    """The key of no screen; it remembers what it was compared with."""

    __slots__ = ("compared",)

    def __init__(self, _text: str) -> None:
        self.compared: set[str] = set()

    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        self.compared.add(str(other))
        return False

    def __ne__(self, other: object) -> bool:
        return not self == other


def _extended(host: Host, addon: str, hook: str) -> set[str]:
    """The screens an addon adds something to through a hook: it looks whether it is asked for one of them."""
    key = _Key("core.no_such_screen")
    given = {"screen_key": key, "session": None, "subject": None}
    for name, each in host.hooks.implementations(hook):
        if name == addon:
            with contextlib.suppress(Exception, SystemExit):
                each.function(*[given[argument] for argument in each.argnames])
    return key.compared


def _lost_screens(host: Host, screens: ScreenSet) -> Iterator[str]:
    """Screens that an addon adds something to and that their owner, which is there, has no longer."""
    hooks = [spec.__name__ for spec in specs_of(hookspecs) if "screen_key" in inspect.signature(spec).parameters]
    for addon in host.running:
        for hook in hooks:
            for key in sorted(_extended(host, addon, hook)):
                owner, point, _ = key.partition(".")
                if point and owner in ("core", *host.running) and key not in screens:
                    yield f"{addon}: {hook}: there is no screen «{key}» any more"


def _ask(host: Host, addon: str, hook: str) -> list[Any]:
    """What one addon declares through a hook that takes nothing, tested."""
    return host.hooks.ask(addon, hook)


def _ask_jobs(host: Host, addon: str) -> None:
    from core.jobs.schedule import checked

    checked(addon, _ask(host, addon, "jobs"))


def _attempt(whose: str, work: Callable[[], object]) -> Iterator[str]:
    try:
        work()
    except Misfit as misfit:
        yield f"{whose}: {misfit}"
    except (Exception, SystemExit) as error:
        yield f"{whose}: {type(error).__name__}: {error}"


# --- words ---------------------------------------------------------------------------------------


def _catalogues(host: Host) -> Iterator[str]:
    folders = [("core", CORE / "locale"), *host.folders("locale")]
    for owner, folder in folders:
        for file in sorted(folder.glob("*.po")):
            yield from _attempt_catalogue(owner, file)


def _attempt_catalogue(owner: str, file: Path) -> Iterator[str]:
    from core.host.messages import read_catalogue

    try:
        messages = [message for message in read_catalogue(file) if message.id]
    except Exception as error:
        yield f"{owner}: {file.name} cannot be read: {error}"
        return
    yield from _listed(f"{owner}: {file.name}: not translated", filter(_is_empty, messages))
    yield from _listed(f"{owner}: {file.name}: other places than the text has", filter(_has_other_places, messages))


def _is_empty(message: Message) -> bool:
    return message.fuzzy or not all(_texts(message.string))


def _has_other_places(message: Message) -> bool:
    """Whether a translation names a value the text does not give: showing it would fail."""
    given = {place for text in _texts(message.id) for place in _PLACE.findall(text)}
    return any(set(_PLACE.findall(text)) - given for text in _texts(message.string))


def _texts(text: str | Iterable[str] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def _listed(what: str, messages: Iterable[Message]) -> Iterator[str]:
    texts = [_texts(message.id)[0] for message in messages]
    if texts:
        more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
        yield f"{what}: {', '.join(f'«{text}»' for text in texts[:_SHOWN])}{more}"
