"""Which addons there are, which are enabled, in what order they start, and what failed."""

from __future__ import annotations

import graphlib
import importlib
import importlib.util
import pkgutil
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import structlog
from sqlalchemy import Connection, inspect, select, update
from sqlalchemy.orm import Session

from core import __version__
from core.db.base import Base
from core.host import hookspecs
from core.host.manifest import FoundAddon, ManifestError, read_manifest, satisfies
from core.host.models import AddonState, Generation
from core.host.plugins import Hooks

D = TypeVar("D")
ENTRY_POINTS = "forecourt.addons"
log = structlog.get_logger("forecourt.host")


class AddonError(Exception):
    """An addon that cannot be found, ordered or started, said in one sentence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an addon is not running: the culprit's name, a sentence, and the traceback if any."""

    addon: str
    reason: str
    details: str = ""


@dataclass(slots=True)
class Discovery:
    """All addons found on this machine, and the folders whose manifest cannot be used."""

    found: dict[str, FoundAddon] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)


def check_namespace() -> None:
    """Refuse to start when somebody's ``addons/__init__.py`` hides the bundled addons (LAYOUT §7)."""
    import addons

    if getattr(addons, "__file__", None) is not None:
        raise AddonError(f"{addons.__file__} hides the addons that come with Forecourt; remove that file")


def discover(addons_path: Iterable[Path] = ()) -> Discovery:
    """Find addons without importing them: bundled ones, installed ones, and those in private folders."""
    check_namespace()
    discovery = Discovery()
    for package, folder in _candidates(addons_path):
        try:
            manifest = read_manifest(folder / "addon.toml")
        except ManifestError as error:
            discovery.failures.append(Failure(folder.name, str(error)))
            continue
        known = discovery.found.get(manifest.name)
        if known is None:
            discovery.found[manifest.name] = FoundAddon(manifest, folder, package)
        elif known.folder.resolve() != folder.resolve():
            discovery.failures.append(Failure(manifest.name, f"found twice: {known.folder} and {folder}"))
    return discovery


def _candidates(addons_path: Iterable[Path]) -> list[tuple[str, Path]]:
    import addons

    found = [
        (f"addons.{module.name}", Path(str(module.module_finder.path)) / module.name)  # type: ignore[union-attr]
        for module in pkgutil.iter_modules(addons.__path__)
        if module.ispkg
    ]
    for package in _installed_packages():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.submodule_search_locations:
            found.append((package, Path(next(iter(spec.submodule_search_locations)))))
    for path in addons_path:
        if str(path) not in sys.path:
            sys.path.append(str(path))
        found += [(folder.name, folder) for folder in sorted(path.iterdir()) if (folder / "addon.toml").exists()]
    return [(package, folder) for package, folder in found if (folder / "addon.toml").exists()]


def _installed_packages() -> Iterator[str]:
    """What installed distributions offer as addons, by their entry points.

    Their files are read here: ``importlib.metadata`` is 2 MB with what it imports, in each process of a server.
    As there, of two copies of a distribution the one that comes first in ``sys.path`` counts, for its code is imported,
    and a file that cannot be read offers nothing.
    """
    seen: set[str] = set()
    for folder in sys.path:
        for about in sorted(Path(folder).glob("*-info")):
            name = _distribution(about)
            if name not in seen:
                seen.add(name)
                yield from _offered(_text(about / "entry_points.txt"))


def _distribution(about: Path) -> str:
    """Whose a ``.dist-info`` or ``.egg-info`` is, spelled as all spellings of a name are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", about.stem.partition("-")[0]).lower()


def _text(file: Path) -> str:
    """What a file of somebody else's says; nothing when it is missing or cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _offered(entry_points: str) -> Iterator[str]:
    """The packages in our group of one distribution's entry points."""
    group = ""
    for line in map(str.strip, entry_points.splitlines()):
        if line.startswith("["):
            group = line.strip("[]").strip()
        elif group == ENTRY_POINTS and not line.startswith(("#", ";")) and "=" in line:
            yield line.partition("=")[2].strip()


def missing_dependency(addon: FoundAddon, available: Mapping[str, FoundAddon]) -> str:
    """What keeps an addon from starting beside ``available`` ones; empty when nothing does."""
    manifest = addon.manifest
    if not satisfies(__version__, manifest.core):
        return f"needs core {manifest.core}, this is {__version__}"
    for name, wanted in manifest.depends.items():
        if name not in available:
            return f"needs the addon «{name}», which is not enabled"
        if not satisfies(available[name].manifest.version, wanted):
            return f"needs «{name}» {wanted}, found {available[name].manifest.version}"
    for name, wanted in manifest.optional.items():
        if name in available and not satisfies(available[name].manifest.version, wanted):
            return f"works with «{name}» {wanted}, found {available[name].manifest.version}"
    return ""


def order(wanted: Iterable[str], found: Mapping[str, FoundAddon]) -> tuple[list[str], list[Failure]]:
    """The start order of a set of addons, dependencies first, names breaking ties.

    An addon with a missing dependency or in a cycle is left out and named, with its dependants.
    """
    failures = [Failure(name, "its code is not installed") for name in sorted(set(wanted) - set(found))]
    usable = {name: found[name] for name in sorted(set(wanted) & set(found))}
    while True:
        unmet = [
            Failure(name, reason) for name, addon in usable.items() if (reason := missing_dependency(addon, usable))
        ]
        if not unmet:
            break
        failures += unmet
        for failure in unmet:
            del usable[failure.addon]
    graph = {
        name: sorted(set(addon.manifest.depends) | (set(addon.manifest.optional) & set(usable)))
        for name, addon in usable.items()
    }
    try:
        return list(graphlib.TopologicalSorter(graph).static_order()), failures
    except graphlib.CycleError as error:
        cycle: list[str] = error.args[1]
        failures += [Failure(name, "depends on itself: " + " → ".join(cycle)) for name in sorted(set(cycle))]
        rest, more = order([name for name in usable if name not in cycle], found)
        return rest, failures + more


@dataclass(slots=True)
class Host:
    """The addons of one application object: what runs, in what order, and what does not."""

    discovery: Discovery
    hooks: Hooks
    running: dict[str, FoundAddon] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)

    def module(self, addon: str, name: str) -> ModuleType | None:
        """An addon's module of a fixed name (``models``, ``screens`` …), or nothing if it has none."""
        return _optional_module(f"{self.running[addon].package}.{name}")

    def folders(self, name: str) -> list[tuple[str, Path]]:
        """The ``templates``, ``locale`` or ``static`` folders of the running addons, in start order."""
        folders = [(addon.name, addon.folder / name) for addon in self.running.values()]
        return [(addon, folder) for addon, folder in folders if folder.is_dir()]

    def declared(self, hook: str, kind: type[D]) -> list[tuple[str, D]]:
        """What the running addons declare at the start through a hook that takes nothing: ``(addon, one item)``.

        An addon that raises, or gives something of another kind, fails with its dependants; the rest is kept (SEC-59).
        """
        found: list[tuple[str, D]] = []
        for addon, _ in list(self.hooks.implementations(hook)):
            if addon not in self.running:
                continue
            try:
                items = self.hooks.ask(addon, hook)
            except (Exception, SystemExit) as error:
                self.fail(addon, f"{hook}: {type(error).__name__}: {error}", traceback.format_exc())
                continue
            strangers = [item for item in items if not isinstance(item, kind)]
            if strangers:
                self.fail(addon, f"{hook}: {strangers[0]!r} is no {kind.__name__}")
            else:
                found += [(addon, item) for item in items]
        return [(addon, item) for addon, item in found if addon in self.running]

    def fail(self, addon: str, reason: str, details: str = "") -> None:
        """Take an addon and everything that depends on it out of service, and say why."""
        for name in self._with_dependants(addon):
            if name in self.running:
                del self.running[name]
                if self.hooks.manager.has_plugin(name):
                    self.hooks.unregister(name)
            why = reason if name == addon else f"depends on «{addon}», which failed"
            self.failures.append(Failure(name, why, details if name == addon else ""))
            log.error("addon failed to start", addon=name, reason=why)

    def _with_dependants(self, addon: str) -> list[str]:
        gone = [addon]
        for name, other in self.running.items():
            if any(needed in gone for needed in other.manifest.depends):
                gone.append(name)
        return gone


def start(wanted: Iterable[str], discovery: Discovery, *, strict: bool = False) -> Host:
    """Import and register the wanted addons in order; what fails is quarantined and named.

    :param strict: raise ``AddonError`` at the first failure instead.
    """
    hooks = Hooks()
    host = Host(discovery, hooks, failures=list(discovery.failures))
    names, failures = order(wanted, discovery.found)
    host.failures += failures
    host.running = {name: discovery.found[name] for name in names}
    hooks.add_specs(hookspecs)
    for step in (_import, _add_specs, _register):
        for name in list(host.running):
            if name in host.running:
                _attempt(host, name, step)
    _check_pending(host)
    if strict and host.failures:
        raise AddonError("; ".join(f"{failure.addon}: {failure.reason}" for failure in host.failures))
    return host


def _attempt(host: Host, name: str, step: Callable[[Host, str], None]) -> None:
    try:
        step(host, name)
    except (Exception, SystemExit) as error:
        host.fail(name, f"{type(error).__name__}: {error}", traceback.format_exc())


def _import(host: Host, name: str) -> None:
    importlib.import_module(host.running[name].package)
    models = host.module(name, "models")
    if models is not None:
        check_tables(name, models)


def check_tables(addon: str, models: ModuleType) -> None:
    """Every table an addon brings carries its name as prefix; raises ``AddonError`` naming those that do not."""
    package = models.__name__
    names = [
        str(mapper.class_.__tablename__)
        for mapper in Base.registry.mappers
        if mapper.class_.__module__.startswith(package)
    ]
    strangers = [name for name in names if not name.startswith(f"{addon}_")]
    if strangers:
        raise AddonError(f"tables outside the prefix «{addon}_»: {', '.join(sorted(strangers))}")


def _add_specs(host: Host, name: str) -> None:
    specs = host.module(name, "hookspecs")
    if specs is not None:
        host.hooks.add_specs(specs)


def _register(host: Host, name: str) -> None:
    implementations = host.module(name, "hooks")
    if implementations is not None:
        host.hooks.register(name, implementations)


def _check_pending(host: Host) -> None:
    for name in list(host.running):
        try:
            host.hooks.check()
            return
        except Exception as error:
            culprit = next((other for other in host.running if f"'{other}'" in str(error)), name)
            host.fail(culprit, str(error))


def _optional_module(name: str) -> ModuleType | None:
    if importlib.util.find_spec(name) is None:
        return None
    return importlib.import_module(name)


# --- the states in the database -------------------------------------------------------------


def enabled_names(connection: Connection) -> list[str]:
    """The addons an instance wants running; none while the database is still empty."""
    if not inspect(connection).has_table(AddonState.__tablename__):
        return []
    with Session(connection) as session:
        return list(
            session.scalars(select(AddonState.name).where(AddonState.state == "enabled").order_by(AddonState.name))
        )


def known_states(connection: Connection) -> dict[str, AddonState]:
    """What the database says of each addon it has ever known."""
    if not inspect(connection).has_table(AddonState.__tablename__):
        return {}
    with Session(connection) as session:
        return {row.name: row for row in session.scalars(select(AddonState))}


def generation(connection: Connection) -> int:
    """The number of the present addon set; it only goes up."""
    with Session(connection) as session:
        return session.scalar(select(Generation.number).where(Generation.id == 1)) or 0


def next_generation(session: Session) -> None:
    """Tell every worker, on commit, that the addon set has changed."""
    changed = session.execute(update(Generation).where(Generation.id == 1).values(number=Generation.number + 1))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.add(Generation(id=1, number=1))
