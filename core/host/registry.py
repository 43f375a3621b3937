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
from pluggy import PluginValidationError
from sqlalchemy import Connection, inspect, select, update
from sqlalchemy.orm import Session

from core import __version__
from core.host import hookspecs, mapping
from core.host.manifest import FoundAddon, ManifestError, read_manifest, satisfies
from core.host.misfits import NO_SUCH_KIND, Misfit
from core.host.models import AddonState, Generation
from core.host.plugins import Hooks
from core.text.msgids import T

D = TypeVar("D")
ENTRY_POINTS = "forecourt.addons"
NOT_UP_TO_DATE = T("It could not be brought up to date: %(error)s")
RAISED = T("Its hook «%(hook)s» failed: %(error)s")
log = structlog.get_logger("forecourt.host")


class AddonError(Exception):
    """An addon that cannot be found, ordered or started, said in one sentence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an addon is not running: the culprit's name, a sentence, and the traceback if any.

    ``message`` is a msgid whose ``%(name)s`` places ``values`` fill.
    """

    addon: str
    message: str
    details: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """The sentence in English, for the log and for commands."""
        return self.message % self.values if self.values else str(self.message)


def said(failures: Iterable[Failure]) -> str:
    """Failures in one line, each with its culprit, for the log and for commands."""
    return "; ".join(f"{failure.addon}: {failure.reason}" for failure in failures)


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
            mistakes = {"mistakes": "; ".join(error.problems)}
            discovery.failures.append(
                Failure(folder.name, T("Its addon.toml cannot be used: %(mistakes)s"), "", mistakes)
            )
            continue
        known = discovery.found.get(manifest.name)
        if known is None:
            discovery.found[manifest.name] = FoundAddon(manifest, folder, package)
        elif known.folder.resolve() != folder.resolve():
            both = {"used": str(known.folder), "other": str(folder)}
            message = T("There are two addons of this name: the one in %(used)s is used, not the one in %(other)s.")
            discovery.failures.append(Failure(manifest.name, message, "", both))
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
        found += [(folder.name, folder) for folder in sorted(path.iterdir())]
    return [(package, folder) for package, folder in found if _is_addon(folder)]


def _is_addon(folder: Path) -> bool:
    """Whether it has a manifest; also when nobody lets us look, which whoever reads that is to say."""
    try:
        return (folder / "addon.toml").exists()
    except OSError:
        return True


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


def is_editable(addon: FoundAddon) -> bool:
    """Whether its code lies where it is written: the interpreter learns of such a place only when it starts."""
    beside = addon.folder.parent.glob("*.dist-info")
    return addon.package in set(_installed_packages()) and not any(
        addon.package in _offered(_text(about / "entry_points.txt")) for about in beside
    )


def unmet_need(addon: FoundAddon, available: Mapping[str, FoundAddon]) -> Failure | None:
    """What keeps an addon from starting beside ``available`` ones; nothing when nothing does."""
    manifest = addon.manifest

    def unmet(message: str, name: str, wanted: str, found: str = "") -> Failure:
        return Failure(addon.name, message, "", {"name": name, "wanted": wanted, "found": found})

    if not satisfies(__version__, manifest.core):
        return unmet(T("It needs Forecourt %(wanted)s, this is %(found)s."), "core", manifest.core, __version__)
    for name, wanted in manifest.depends.items():
        if name not in available:
            return unmet(T("It needs the addon «%(name)s», which is not enabled."), name, wanted)
        if not satisfies(available[name].manifest.version, wanted):
            version = available[name].manifest.version
            return unmet(T("It needs «%(name)s» %(wanted)s, found %(found)s."), name, wanted, version)
    for name, wanted in manifest.optional.items():
        if name in available and not satisfies(available[name].manifest.version, wanted):
            version = available[name].manifest.version
            return unmet(T("It works with «%(name)s» %(wanted)s only, found %(found)s."), name, wanted, version)
    return None


def order(wanted: Iterable[str], found: Mapping[str, FoundAddon]) -> tuple[list[str], list[Failure]]:
    """The start order of a set of addons, dependencies first, names breaking ties.

    An addon with a missing dependency or in a cycle is left out and named, with its dependants.
    """
    failures = [Failure(name, T("Its code is not installed.")) for name in sorted(set(wanted) - set(found))]
    usable = {name: found[name] for name in sorted(set(wanted) & set(found))}
    while True:
        unmet = [failure for addon in usable.values() if (failure := unmet_need(addon, usable))]
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
        path = {"path": " → ".join(cycle)}
        failures += [
            Failure(name, T("It needs itself, by way of others: %(path)s"), "", path) for name in sorted(set(cycle))
        ]
        rest, more = order([name for name in usable if name not in cycle], found)
        return rest, failures + more


@dataclass(slots=True)
class Host:
    """The addons of one application object: what runs, in what order, and what does not."""

    discovery: Discovery
    hooks: Hooks
    running: dict[str, FoundAddon] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()
    """What is enabled and not started, because this is safe mode."""

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
            except Misfit as misfit:
                self.fail(addon, misfit.message, **misfit.values)
                continue
            except (Exception, SystemExit) as error:
                self.fail(addon, RAISED, traceback.format_exc(), hook=hook, error=named(error))
                continue
            strangers = [item for item in items if not isinstance(item, kind)]
            if strangers:
                self.fail(addon, NO_SUCH_KIND, hook=hook, item=repr(strangers[0]), kind=kind.__name__)
            else:
                found += [(addon, item) for item in items]
        return [(addon, item) for addon, item in found if addon in self.running]

    def fail(self, addon: str, message: str, details: str = "", /, **values: str) -> None:
        """Take an addon and everything that depends on it out of service, and say why.

        :param message: a msgid, whose ``%(name)s`` places ``values`` fill.
        """
        for name in self._with_dependants(addon):
            if name in self.running:
                del self.running[name]
                if self.hooks.manager.has_plugin(name):
                    self.hooks.unregister(name)
            failure = Failure(addon, message, details, values)
            if name != addon:
                failure = Failure(name, T("It needs «%(name)s», which failed."), "", {"name": addon})
            self.failures.append(failure)
            log.error("addon failed to start", addon=name, reason=failure.reason)

    def _with_dependants(self, addon: str) -> list[str]:
        gone = [addon]
        for name, other in self.running.items():
            if any(needed in gone for needed in other.manifest.depends):
                gone.append(name)
        return gone


def start(
    wanted: Iterable[str],
    discovery: Discovery,
    *,
    unfit: Mapping[str, str] | None = None,
    safe: bool = False,
    strict: bool = False,
) -> Host:
    """Import and register the wanted addons in order; what fails is quarantined and named.

    :param unfit: addons that could not be brought up to date, and why; they are not imported.
    :param safe: start the basic addons only.
    :param strict: raise ``AddonError`` at the first failure instead.
    """
    hooks = Hooks()
    kept = safely(wanted, discovery) if safe else set(wanted)
    host = Host(discovery, hooks, failures=list(discovery.failures), left_out=frozenset(set(wanted) - kept))
    names, failures = order(kept, discovery.found)
    host.failures += failures
    host.running = {name: discovery.found[name] for name in names}
    hooks.add_specs(hookspecs)
    for name in names:
        if unfit and name in unfit and name in host.running:
            host.fail(name, NOT_UP_TO_DATE, error=unfit[name])
    for step, message in _STEPS:
        for name in list(host.running):
            if name in host.running:
                _attempt(host, name, step, message)
    _check_pending(host)
    _ask_for_each_other(host)
    if strict and host.failures:
        raise AddonError(said(host.failures))
    return host


def safely(wanted: Iterable[str], discovery: Discovery) -> set[str]:
    """What safe mode keeps of a set of addons."""
    return {name for name in wanted if name in discovery.found and discovery.found[name].basic}


def _attempt(host: Host, name: str, step: Callable[[Host, str], None], message: str) -> None:
    try:
        step(host, name)
    except Misfit as misfit:
        host.fail(name, misfit.message, **misfit.values)
    except (Exception, SystemExit) as error:
        host.fail(name, message, traceback.format_exc(), error=named(error))


def named(error: BaseException) -> str:
    """An error with the name of its kind."""
    return f"{type(error).__name__}: {error}"


def _import(host: Host, name: str) -> None:
    addon = host.running[name]
    with mapping.undone_if_it_fails(addon.package) as tables:
        _expect_own(addon, importlib.import_module(addon.package))
        if host.module(name, "models") is not None:
            _expect_prefix(name, tables())
        for module in ("hookspecs", "hooks"):
            host.module(name, module)


def _expect_own(addon: FoundAddon, package: ModuleType) -> None:
    """Whoever calls his addon like another package gets that one's code when he is imported."""
    folders = [Path(each).resolve() for each in getattr(package, "__path__", ())]
    if addon.folder.resolve() not in folders:
        taken = str(folders[0]) if folders else str(getattr(package, "__file__", None) or package.__name__)
        raise Misfit(T("Another Python package has its name: %(package)s"), package=taken)


def _expect_prefix(addon: str, tables: Iterable[str]) -> None:
    """Every table an addon brings carries its name as prefix."""
    strangers = sorted(name for name in tables if not name.startswith(f"{addon}_"))
    if strangers:
        raise Misfit(
            T("Its tables must begin with «%(prefix)s»: %(tables)s"), prefix=f"{addon}_", tables=", ".join(strangers)
        )


def _add_specs(host: Host, name: str) -> None:
    specs = host.module(name, "hookspecs")
    if specs is not None:
        host.hooks.add_specs(specs)


def _register(host: Host, name: str) -> None:
    implementations = host.module(name, "hooks")
    if implementations is not None:
        _expect_given(host.hooks, implementations)
        host.hooks.register(name, implementations)


def _expect_given(hooks: Hooks, implementations: ModuleType) -> None:
    """Refuse, in words, an implementation that takes what its hook does not give."""
    for hook, taken, given in hooks.arguments(implementations):
        strange = [name for name in taken if name not in given]
        if strange:
            raise Misfit(
                T("Its hook «%(hook)s» takes «%(strange)s», and is called as %(hook)s(%(given)s)."),
                hook=hook,
                strange=", ".join(strange),
                given=", ".join(given),
            )


_STEPS = (
    (_import, T("Its code cannot be loaded: %(error)s")),
    (_add_specs, T("The hooks it offers cannot be used: %(error)s")),
    (_register, T("One of its hooks does not fit: %(error)s")),
)


def _check_pending(host: Host) -> None:
    while True:
        try:
            host.hooks.check()
            return
        except PluginValidationError as error:
            culprit = host.hooks.manager.get_name(error.plugin)
            assert culprit is not None
            host.fail(culprit, T("It answers a hook that nobody offers: %(error)s"), error=str(error))


def _ask_for_each_other(host: Host) -> None:
    """Ask at once what addons declare through hooks of other addons, in commands as in servers.

    What they said is kept: whoever fails at it is named here, and not the owner of the hook who asks later (SEC-59).
    """
    for hook in host.hooks.unasked:
        if not hasattr(hookspecs, hook):
            host.declared(hook, object)


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


def quarantined(connection: Connection) -> dict[str, str]:
    """The enabled addons whose last upgrade did not go through, and why."""
    if not inspect(connection).has_table(AddonState.__tablename__):
        return {}
    rows = select(AddonState.name, AddonState.problem).where(AddonState.state == "enabled", AddonState.problem != "")
    return dict(connection.execute(rows).all())


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
