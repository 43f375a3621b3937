"""Calling the addons: always one by one, so that one that fails spoils only its own part."""

from __future__ import annotations

import inspect
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
import structlog

from core.clock import utcnow
from core.errors import Refusal
from core.host.vocabularies import Vocabulary, vocabulary_of
from core.logs import safe_text

if TYPE_CHECKING:
    from core.db.engine import WorkSession

PROJECT = "forecourt"
hookspec = pluggy.HookspecMarker(PROJECT)
"""Marks what an addon's ``hookspecs.py`` offers to other addons."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks an implementation in ``hooks.py``."""

PAUSE_AFTER = 5
PAUSE_WINDOW = 600.0
LONGEST_ERROR = 200
"""Characters of an error that are kept to be shown."""

log = structlog.get_logger("forecourt.hooks")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one addon gave to a hook; ``error`` is set instead of ``value`` when it failed."""

    addon: str
    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call of an addon that failed: in what, with which error in one line, its traceback, and when (UTC)."""

    what: str
    error: str
    details: str
    at: datetime


@dataclass(slots=True)
class HookStatistics:
    """Calls, failures and time spent by one addon in one hook (SEC-60)."""

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0

    def count(self, seconds: float) -> None:
        """One more call, which took this long."""
        self.calls += 1
        self.seconds += seconds


class Hooks:
    """The enabled addons of one application object, in dependency order.

    Three ways to call, by what a failure means:
    :meth:`declared` at start (it fails the addon), :meth:`each` for lists, panels and listeners
    (a box and a log line), :meth:`asked` for validators and guards (it refuses the change).
    """

    def __init__(self) -> None:
        self.manager = pluggy.PluginManager(PROJECT)
        self.order: list[str] = []
        self.statistics: dict[tuple[str, str], HookStatistics] = {}
        self._recent_failures: dict[str, deque[float]] = {}
        """When each addon failed lately. Requests in other threads write here: one step, never a walk through it."""
        self.latest_failures: dict[str, FailedCall] = {}
        """The latest failure of each addon, for whoever asks why it is paused."""
        self.newly_paused: set[str] = set()
        """Addons paused since somebody was told of it: whoever tells takes them out."""
        self._implementations: dict[str, list[tuple[str, pluggy.HookImpl]]] = {}
        self._declared: dict[tuple[str, str], list[Any]] = {}

    def add_specs(self, module: ModuleType) -> None:
        """Make the hooks of a ``hookspecs`` module known; before any plugin, always."""
        self.manager.add_hookspecs(module)

    def arguments(self, module: ModuleType) -> Iterator[tuple[str, list[str], list[str]]]:
        """The hooks of this module that somebody offers: ``(hook, arguments it takes, arguments it is given)``."""
        for hook, implementation in vars(module).items():
            if self.manager.parse_hookimpl_opts(module, hook) is None:
                continue
            caller: pluggy.HookCaller | None = getattr(self.manager.hook, hook, None)
            if caller is None or caller.spec is None:
                continue
            parameters = inspect.signature(implementation).parameters.values()
            taken = [each.name for each in parameters if each.default is inspect.Parameter.empty]
            yield hook, taken, list(caller.spec.argnames)

    def register(self, addon: str, module: ModuleType) -> None:
        """Register an addon's ``hooks`` module; dependencies must have been registered before.

        :raises pluggy.PluginValidationError: when an implementation does not fit its spec.
        """
        self.manager.register(module, name=addon)
        self.order.append(addon)
        self._implementations.clear()

    def unregister(self, addon: str) -> None:
        """Forget an addon whose start failed."""
        self.manager.unregister(name=addon)
        self.order.remove(addon)
        self._implementations.clear()
        self._declared = {asked: items for asked, items in self._declared.items() if asked[0] != addon}

    def check(self) -> None:
        """Refuse implementations of hooks nobody declared."""
        self.manager.check_pending()

    def implementations(self, hook: str) -> list[tuple[str, pluggy.HookImpl]]:
        """Who implements a hook, in dependency order."""
        if hook not in self._implementations:
            caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
            found = {impl.plugin_name: impl for impl in caller.get_hookimpls()}
            self._implementations[hook] = [(name, found[name]) for name in self.order if name in found]
        return self._implementations[hook]

    def declared(self, hook: str) -> Iterator[tuple[str, Any]]:
        """Everything the addons declare through a hook that takes nothing: ``(addon, one item)`` for each item.

        What they said at the start is kept: whoever asks later gets the same, and no failure (SEC-59).
        """
        for addon, _ in self.implementations(hook):
            for item in self.declared_by(addon, hook):
                yield addon, item

    def declared_by(self, addon: str, hook: str) -> list[Any]:
        """What one of its implementers declares through such a hook, asked if it has not been."""
        known = self._declared.get((addon, hook))
        return self.ask(addon, hook) if known is None else known

    def ask(self, addon: str, hook: str) -> list[Any]:
        """Ask one addon what it declares through a hook, and keep it.

        :raises Misfit: for an item that is not as the specification says.
        """
        found = list(self.asked_of(addon, hook) or ())
        vocabulary = self._vocabulary(hook)
        if vocabulary is not None:
            vocabulary.expect_fit(addon, hook, found)
        self._declared[addon, hook] = found
        return found

    def _vocabulary(self, hook: str) -> Vocabulary | None:
        caller: pluggy.HookCaller = getattr(self.manager.hook, hook)
        return vocabulary_of(caller.spec.function) if caller.spec is not None else None

    @property
    def unasked(self) -> list[str]:
        """The hooks that take nothing and that somebody implements who has not been asked yet."""
        callers = [each for each in vars(self.manager.hook).values() if isinstance(each, pluggy.HookCaller)]
        declaring = [each.name for each in callers if each.spec is not None and not each.spec.argnames]
        return [
            hook
            for hook in declaring
            if any((addon, hook) not in self._declared for addon, _ in self.implementations(hook))
        ]

    def each(self, hook: str, /, **arguments: Any) -> list[Answer]:
        """Ask every addon, isolated: in a savepoint when the ``session`` among the arguments writes, else just caught.

        ``None`` («not mine») is left out; an addon that raises gives an answer with ``error``.
        """
        answers = (self._guarded(addon, hook, each, arguments) for addon, each in self.implementations(hook))
        return [answer for answer in answers if answer.error or answer.value is not None]

    def each_of(self, addon: str, hook: str, /, **arguments: Any) -> Answer:
        """Ask one of the addons that implement a hook, isolated as in :meth:`each`."""
        return self._guarded(addon, hook, dict(self.implementations(hook))[addon], arguments)

    def asked_of(self, addon: str, hook: str, /, **arguments: Any) -> Any:
        """Ask one addon without isolation; nothing when it does not implement the hook."""
        implementation = dict(self.implementations(hook)).get(addon)
        return None if implementation is None else self._measured(addon, hook, implementation, arguments)

    def asked(self, hook: str, **arguments: Any) -> list[Answer]:
        """Ask every addon without isolation: what it raises goes to the caller and undoes the change."""
        found = self.implementations(hook)
        answers = (Answer(addon, self._measured(addon, hook, each, arguments)) for addon, each in found)
        return [answer for answer in answers if answer.value is not None]

    def _measured(self, addon: str, hook: str, implementation: pluggy.HookImpl, arguments: dict[str, Any]) -> Any:
        """Call an implementation and count it; what it raises goes on."""
        statistics = self.statistics.setdefault((addon, hook), HookStatistics())
        started = time.perf_counter()
        try:
            return implementation.function(*[arguments[name] for name in implementation.argnames])
        except Refusal:
            raise
        except (Exception, SystemExit):
            statistics.failures += 1
            raise
        finally:
            statistics.count(time.perf_counter() - started)

    def paused(self, addon: str) -> bool:
        """Whether an addon failed so often lately that it is left alone for a while (SEC-59)."""
        recent = self._recent_failures.get(addon)
        return recent is not None and len(recent) == PAUSE_AFTER and recent[0] > time.monotonic() - PAUSE_WINDOW

    def run_guarded(self, session: WorkSession | None, addon: str, what: str, call: Callable[[], Any]) -> Answer:
        """Run a piece an addon contributed (a panel, a column, a listener), unless the addon is paused (SEC-59)."""
        if self.paused(addon):
            return Answer(addon, error="paused")
        statistics = self.statistics.setdefault((addon, what), HookStatistics())
        started = time.perf_counter()
        try:
            if session is not None and session.writable:
                with session.begin_nested():
                    value = call()
            else:
                value = call()
        except Refusal:
            raise
        except (Exception, SystemExit) as error:
            statistics.failures += 1
            self._note_failure(addon, what, error)
            log.exception("addon failed", addon=addon, hook=what)
            return Answer(addon, error=f"{type(error).__name__}: {error}")
        finally:
            statistics.count(time.perf_counter() - started)
        return Answer(addon, value)

    def run_unguarded(
        self, addon: str, what: str, call: Callable[[], Any], is_fault: Callable[[BaseException], bool]
    ) -> Any:
        """Run a piece an addon contributed that must not fail alone: what it raises undoes all, and counts if it is a fault."""
        statistics = self.statistics.setdefault((addon, what), HookStatistics())
        started = time.perf_counter()
        try:
            return call()
        except (Exception, SystemExit) as error:
            if is_fault(error):
                statistics.failures += 1
                self._note_failure(addon, what, error)
                log.error("addon failed, and what it was part of is undone", addon=addon, hook=what)
            raise
        finally:
            statistics.count(time.perf_counter() - started)

    def _note_failure(self, addon: str, what: str, error: BaseException) -> None:
        """Remember the latest failures of an addon; never of core, which cannot be left alone.

        Of what the error says, the first line only: databases put the values of rows into the others.
        """
        if addon == "core":
            return
        line = safe_text(f"{type(error).__name__}: {error}".partition("\n")[0])[:LONGEST_ERROR]
        details = "".join(traceback.format_exception(error))
        self.latest_failures[addon] = FailedCall(what, line, details, utcnow())
        self._recent_failures.setdefault(addon, deque(maxlen=PAUSE_AFTER)).append(time.monotonic())
        if self.paused(addon):
            self.newly_paused.add(addon)

    def _guarded(self, addon: str, hook: str, implementation: pluggy.HookImpl, arguments: dict[str, Any]) -> Answer:
        def call() -> Any:
            return implementation.function(*[arguments[name] for name in implementation.argnames])

        return self.run_guarded(arguments.get("session"), addon, hook, call)
