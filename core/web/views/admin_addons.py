"""The addons: which there are, how they do, and the switches (SEC-58…61)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from core.db.audit import note_action
from core.errors import NotFound
from core.host import registry
from core.host.manifest import FoundAddon
from core.host.models import AddonState
from core.host.registry import Failure
from core.host.switching import DISABLE, ENABLE, Outcome, switch
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.shell import Page
from core.web.views.common import addon_title

POST = ("POST",)
READ = "core.addon.read"
SLOW = 0.05
"""Seconds an addon may take in one call of a hook before it is named as slow (SEC-60)."""

STATES: Mapping[str, tuple[str, str]] = {
    "enabled": (T("enabled"), "ok"),
    "starting": (T("being switched on"), "acc"),
    "stopping": (T("being switched off"), "acc"),
    "paused": (T("left alone for ten minutes"), "warn"),
    "failed": (T("failed"), "bad"),
    "disabled": (T("disabled"), ""),
    "available": (T("available"), ""),
}


@dataclass(frozen=True, slots=True)
class HookRow:
    """What an addon did in one hook since this process started."""

    name: str
    calls: int
    failures: int
    milliseconds: float
    slow: bool


@dataclass(frozen=True, slots=True)
class AddonRow:
    """One addon of the page. ``reason`` and ``details`` say why it does not run, ``needed_by`` who needs it."""

    name: str
    title: str
    version: str
    state: str
    reason: str
    details: str
    needs: list[str]
    needed_by: list[str]
    hooks: list[HookRow]
    unused: list[str]

    @property
    def settled(self) -> bool:
        """Whether this process serves what the database says."""
        return self.state not in ("starting", "stopping")


def routes() -> list[Route]:
    """The addresses of the page."""
    one = "/admin/addons/<name>"
    return [
        Route("/admin/addons", "addons", show, right=READ, menu="administration"),
        Route(f"{one}/enable", "addon_enable", enable, POST, right="core.addon.enable", menu="administration"),
        Route(f"{one}/disable", "addon_disable", disable, POST, right="core.addon.disable", menu="administration"),
    ]


def show(request: Request) -> Response:
    """All addons found or known; as a fragment while a switch takes effect."""
    return _page(request)


def _page(request: Request, outcome: Outcome | None = None, name: str = "", status: int = 200) -> Response:
    rows = _rows(request)
    details = request.access.may("core.addon.enable")
    context: dict[str, Any] = {
        "rows": rows,
        "states": STATES,
        "settling": not all(row.settled for row in rows),
        "with_details": details,
        "may_enable": details,
        "may_disable": request.access.may("core.addon.disable"),
        "done": _done(request),
        "refused": outcome,
        "refused_title": addon_title(request, name) if name else "",
    }
    if request.fragment and not request.writes:
        return request.render("admin/addon_list.html", **context)
    crumbs = ((request.translate(T("Administration")), request.url("core.administration")),)
    page = Page(request.translate(T("Addons")), crumbs=crumbs, menu="administration")
    return request.render("admin/addons.html", status, page=page, **context)


def _done(request: Request) -> tuple[str, str] | None:
    """What was switched just now: the action and the titles of the addons."""
    action, names = request.args.get("done", ""), request.args.get("names", "")
    if action not in (ENABLE, DISABLE):
        return None
    known = request.app.host.discovery.found
    titles = [addon_title(request, name) for name in names.split(",") if name in known]
    return action, ", ".join(titles)


# --- the rows ---------------------------------------------------------------------------------


def _rows(request: Request) -> list[AddonRow]:
    found = registry.discover(request.app.config.addons_path).found
    with request.app.database.reading(request.access) as session:
        known = registry.known_states(session.connection())
    failures = _failures(request)
    return [
        _row(request, name, found.get(name), known, failures, found) for name in sorted({*found, *known, *failures})
    ]


def _failures(request: Request) -> dict[str, Failure]:
    found: dict[str, Failure] = {}
    for failure in request.app.host.failures:
        found.setdefault(failure.addon, failure)
    return found


def _row(
    request: Request,
    name: str,
    addon: FoundAddon | None,
    known: Mapping[str, AddonState],
    failures: Mapping[str, Failure],
    found: Mapping[str, FoundAddon],
) -> AddonRow:
    row, failure = known.get(name), failures.get(name)
    wanted = row.state if row is not None else "available"
    language = request.translate.language
    on = {other for other, state in known.items() if state.state == "enabled"}
    depends = addon.manifest.depends if addon is not None else {}
    hooks, unused = _hooks(request, name)
    return AddonRow(
        name=name,
        title=addon.manifest.title_in(language) if addon is not None else name,
        version=addon.manifest.version if addon is not None else (row.addon_version if row is not None else ""),
        state=_state(request, name, wanted, failed=failure is not None),
        reason=failure.reason if failure is not None else "",
        details=failure.details if failure is not None else "",
        needs=_titles(depends, found, language),
        needed_by=_titles((other for other in on if _needs(found, other, name)), found, language),
        hooks=hooks,
        unused=unused,
    )


def _state(request: Request, name: str, wanted: str, *, failed: bool) -> str:
    """What the database wants, as far as this process has it already."""
    host = request.app.host
    if wanted == "enabled":
        if name in host.running:
            return "paused" if host.hooks.paused(name) else "enabled"
        return "failed" if failed else "starting"
    return "stopping" if name in host.running else ("failed" if failed and wanted == "available" else wanted)


def _needs(found: Mapping[str, FoundAddon], other: str, name: str) -> bool:
    return other in found and name in found[other].manifest.depends


def _titles(names: Iterable[str], found: Mapping[str, FoundAddon], language: str) -> list[str]:
    return [found[name].manifest.title_in(language) if name in found else name for name in sorted(names)]


def _hooks(request: Request, name: str) -> tuple[list[HookRow], list[str]]:
    """The hooks with figures, and the names of those that were not called yet."""
    hooks = request.app.host.hooks
    measured = [
        HookRow(
            hook,
            each.calls,
            each.failures,
            1000 * each.seconds / max(each.calls, 1),
            each.seconds > SLOW * max(each.calls, 1),
        )
        for (addon, hook), each in sorted(hooks.statistics.items())
        if addon == name
    ]
    called = {row.name.partition(" ")[0] for row in measured}
    plugin = hooks.manager.get_plugin(name)
    callers = (hooks.manager.get_hookcallers(plugin) or []) if plugin is not None else []
    return measured, sorted(caller.name for caller in callers if caller.name not in called)


# --- the switches -----------------------------------------------------------------------------


def enable(request: Request, name: str) -> Response:
    """Switch an addon on, with what it needs."""
    return _switch(request, name, ENABLE)


def disable(request: Request, name: str) -> Response:
    """Switch an addon off; its data stays."""
    return _switch(request, name, DISABLE)


def _switch(request: Request, name: str, action: str) -> Response:
    """Write down who wants it, then have another process do it: this one must not import the addon's code.

    What cannot be written down does not happen (SEC-63). On SQLite the other process can write only once this
    request's transaction has ended.
    """
    if name not in registry.discover(request.app.config.addons_path).found:
        raise NotFound(T("There is no such addon."))
    note_action(request.session, f"addon_{action}", None, addon=name)
    request.session.commit()
    outcome = switch(request.app.config, action, name)
    if outcome.done:
        return redirect(request.url("core.addons", done=action, names=",".join(outcome.names) or name))
    note_action(request.session, "addon_refused", None, addon=name, why=outcome.reason)
    request.session.commit()
    return _page(request, outcome, name, 409)
