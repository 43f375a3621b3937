"""``forecourt check``: everything wrong with an instance at once. Nothing is written."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from babel.messages.catalog import Message

from core.access.rights import Catalogue
from core.config import Config
from core.db.migrations import Migrations, State, Status
from core.host import hookspecs, instance, registry
from core.host.hook_docs import specs_of
from core.host.instance import CORE, MIGRATIONS, engine_of, has_database
from core.host.registry import Host

_PLACE = re.compile(r"%\((\w+)\)[a-z]|%%")
_SHOWN = 3


def check(config: Config) -> list[str]:
    """All that is wrong with the addons an instance has enabled, their declarations, tables and words."""
    discovery = registry.discover(config.addons_path)
    wanted = instance.enabled(config) if has_database(config) else []
    host = registry.start(wanted, discovery)
    problems = [*_declared(host)]
    failures = [f"{failure.addon}: {failure.reason}" for failure in host.failures]
    return [*failures, *problems, *_catalogues(host), *schema_problems(config)]


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


def schema_problems(config: Config) -> list[str]:
    """What an upgrade has yet to do, and what it cannot do."""
    if not has_database(config):
        return ["core: there is no database yet: run «forecourt upgrade»"]
    return [_told(status) for status in schema_status(config) if status.state is not State.UP_TO_DATE]


def pending_upgrade(config: Config) -> bool:
    """Whether an upgrade would change tables that hold something already."""
    if not has_database(config):
        return False
    statuses = schema_status(config)
    return statuses[0].current is not None and any(status.state is State.PENDING for status in statuses)


def _told(status: Status) -> str:
    if status.state is State.PENDING:
        return f"{status.addon}: revisions to run: {', '.join(status.pending)}: run «forecourt upgrade»"
    return f"{status.addon}: {status.problem or status.state}"


# --- declarations --------------------------------------------------------------------------------


def _declared(host: Host) -> Iterator[str]:
    """Rights, screens, routes and the rest, put together as the application does when it starts."""
    before = len(host.failures)
    rights = instance.gather_rights(host)
    yield from (f"{failure.addon}: {failure.reason}" for failure in host.failures[before:])
    yield from _attempt("core", lambda: _gather_pages(host, rights))
    plain = [spec.__name__ for spec in specs_of(hookspecs) if not inspect.signature(spec).parameters]
    for addon in list(host.running):
        for hook in sorted({*plain} - {"routes", "screens", "jobs"}):
            yield from _attempt(addon, partial(_ask, host, addon, hook))
        yield from _attempt(addon, partial(_ask_jobs, host, addon))


def _gather_pages(host: Host, rights: Catalogue) -> None:
    """The screens with their generated addresses, and the addons' own; mistakes fail the addon in ``host``."""
    from core.web import administration, screen_set, views
    from core.web.changes import RecordWords
    from core.web.routing import Router

    screens = screen_set.gather(host, rights.rights, administration.screens(RecordWords()))
    router = Router()
    router.add("core", views.routes(), rights.rights)
    for addon in list(host.running):
        generated = [route for owner, route in screens.routes() if owner == addon]
        try:
            router.add(addon, [*_ask(host, addon, "routes"), *generated], rights.rights)
        except Exception as error:
            host.fail(addon, f"{type(error).__name__}: {error}")


def _ask(host: Host, addon: str, hook: str) -> list[Any]:
    """What one addon declares through a hook that takes nothing."""
    found = [each for name, each in host.hooks.implementations(hook) if name == addon]
    answers: list[Any] = [each.function() or () for each in found]
    return [item for answer in answers for item in answer]


def _ask_jobs(host: Host, addon: str) -> None:
    from core.jobs.schedule import checked

    checked(addon, _ask(host, addon, "jobs"))


def _attempt(whose: str, work: Callable[[], object]) -> Iterator[str]:
    try:
        work()
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
