"""Calling the addons: always one by one, so that one that fails spoils only its own part."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
import structlog

from core.errors import Refusal

if TYPE_CHECKING:
    from core.db.engine import WorkSession

PROJECT = "forecourt"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

PAUSE_AFTER = 5
PAUSE_WINDOW = 600.0

log = structlog.get_logger("forecourt.hooks")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one addon gave to a hook; ``error`` is set instead of ``value`` when it failed."""

    addon: str
    value: Any = None
    error: str = ""


@dataclass(slots=True)
class HookStatistics:
    """Calls, failures and time spent by one addon in one hook (SEC-60)."""

    calls: int = 0
    failures: int = 0
    seconds: float = 0.0


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
        self.newly_paused: set[str] = set()
        """Addons paused since somebody was told of it: whoever tells takes them out."""
        self._implementations: dict[str, list[tuple[str, pluggy.HookImpl]]] = {}
        self._declared: dict[tuple[str, str], list[Any]] = {}

    def add_specs(self, module: ModuleType) -> None:
        """Make the hooks of a ``hookspecs`` module known; before any plugin, always."""
        self.manager.add_hookspecs(module)

    def register(self, addon: str, module: ModuleType) -> None:
        """Register an addon's ``hooks`` module; dependencies must have been registered before.

        :raises pluggy.PluginValidationError: when an implementation does not fit its spec.
        """
        self.manager.register(module, name=addon)
        self.order.append(addon)
        self._implementations.clear()
        self._declared.clear()

    def unregister(self, addon: str) -> None:
        """Forget an addon whose start failed."""
        self.manager.unregister(name=addon)
        self.order.remove(addon)
        self._implementations.clear()
        self._declared.clear()

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
        """Ask one addon what it declares through a hook, and keep it."""
        found = self._declared[addon, hook] = list(_call(dict(self.implementations(hook))[addon], {}) or ())
        return found

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
        session: WorkSession | None = arguments.get("session")
        answers = []
        for addon, implementation in self.implementations(hook):
            answer = self._guarded(session, addon, hook, implementation, arguments)
            if answer.error or answer.value is not None:
                answers.append(answer)
        return answers

    def asked(self, hook: str, **arguments: Any) -> list[Answer]:
        """Ask every addon without isolation: what it raises goes to the caller and undoes the change."""
        answers = (Answer(addon, _call(impl, arguments)) for addon, impl in self.implementations(hook))
        return [answer for answer in answers if answer.value is not None]

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
            self._note_failure(addon)
            log.exception("addon failed", addon=addon, hook=what)
            return Answer(addon, error=f"{type(error).__name__}: {error}")
        finally:
            statistics.calls += 1
            statistics.seconds += time.perf_counter() - started
        return Answer(addon, value)

    def _note_failure(self, addon: str) -> None:
        """Remember the latest failures of an addon; never of core, which cannot be left alone."""
        if addon == "core":
            return
        self._recent_failures.setdefault(addon, deque(maxlen=PAUSE_AFTER)).append(time.monotonic())
        if self.paused(addon):
            self.newly_paused.add(addon)

    def _guarded(
        self,
        session: WorkSession | None,
        addon: str,
        hook: str,
        implementation: pluggy.HookImpl,
        arguments: dict[str, Any],
    ) -> Answer:
        return self.run_guarded(session, addon, hook, lambda: _call(implementation, arguments))


def _call(implementation: pluggy.HookImpl, arguments: dict[str, Any]) -> Any:
    return implementation.function(*[arguments[name] for name in implementation.argnames])
