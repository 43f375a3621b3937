"""The addons: which there are, how they do, and the switches (SEC-58…61)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from core.db.audit import note_action
from core.errors import NotFound
from core.host import registry
from core.host.manifest import FoundAddon, is_name
from core.host.models import AddonState
from core.host.plugins import FailedCall
from core.host.registry import AddonError, Failure
from core.host.switching import DISABLE, ENABLE, GOES_ON, UNINSTALL, Outcome, switch
from core.web.http import Request, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.shell import Page
from core.web.views.common import addon_title, cascading_words

if TYPE_CHECKING:
    from core.host.uninstalling import Preview

POST = ("POST",)
UNDER_WAY = T("Another change is under way: %(deed)s. Try again when it is done.")
DEEDS: Mapping[str, str] = {
    "addon enable": T("switching on %(names)s"),
    "addon disable": T("switching off %(names)s"),
    "addon uninstall": T("removing %(names)s"),
    "addon restore": T("bringing back %(names)s"),
    "upgrade": T("an upgrade"),
    "restore": T("restoring a backup"),
    "move": T("the move to another database"),
}
"""Another change, by the words with which it takes the instance's lock; the names of addons follow them."""
OTHER_DEED = T("a change of this instance")
SOMETHING_ELSE = T("Something has changed meanwhile, or it does not work. Look at the details, then try again.")
"""Why something was refused that nothing stands against any more."""

READ = "core.addon.read"
SLOW = 50.0
"""Milliseconds an addon may take in one call of a hook before it is named as slow (SEC-60)."""

AT_START = ("shipped_data", "demo_data")
"""Hooks that write many rows, and that no page waits for."""

STATES: Mapping[str, tuple[str, str]] = {
    "enabled": (T("enabled"), "ok"),
    "starting": (T("being switched on"), "acc"),
    "stopping": (T("being switched off"), "acc"),
    "paused": (T("left alone for ten minutes"), "warn"),
    "left_out": (T("left out: safe mode"), "warn"),
    "failed": (T("failed"), "bad"),
    "disabled": (T("disabled"), ""),
    "available": (T("available"), ""),
}


@dataclass(frozen=True, slots=True)
class HookRow:
    """What an addon did in one hook since this process started; times in milliseconds."""

    name: str
    calls: int
    failures: int
    total: float
    average: float

    @property
    def slow(self) -> bool:
        """Whether it takes too long on average, where pages wait for it."""
        return self.average > SLOW and self.name not in AT_START


@dataclass(frozen=True, slots=True)
class AddonRow:
    """One addon of the page. ``reasons`` and ``details`` say why it does not run, ``needed_by`` who needs it.

    ``paused_by`` is the latest of the failures because of which it is left alone now.
    """

    name: str
    title: str
    version: str
    state: str
    reasons: list[str]
    details: str
    paused_by: FailedCall | None
    needs: list[str]
    needed_by: list[str]
    hooks: list[HookRow]
    unused: list[str]

    @property
    def slow(self) -> list[HookRow]:
        """The hooks in which it takes too long."""
        return [hook for hook in self.hooks if hook.slow]

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


def _page(
    request: Request, outcome: Outcome | None = None, name: str = "", refused_why: str = "", status: int = 200
) -> Response:
    rows = _rows(request)
    details = request.access.may("core.addon.enable")
    held = _held(request)
    context: dict[str, Any] = {
        "rows": rows,
        "states": STATES,
        "settling": not all(row.settled for row in rows),
        "safe_mode": request.app.config.safe_mode,
        "with_details": details,
        "may_enable": details,
        "may_disable": request.access.may("core.addon.disable"),
        "may_uninstall": request.access.may("core.addon.uninstall"),
        "done": _done(request),
        "held": held,
        "cascading": cascading_words(request, held) if held is not None else [],
        "refused": outcome,
        "refused_title": addon_title(request, name) if name else "",
        "refused_why": refused_why,
    }
    if request.fragment and not request.writes:
        return request.render("admin/addon_list.html", **context)
    crumbs = ((request.translate(T("Administration")), request.url("core.administration")),)
    page = Page(request.translate(T("Addons")), crumbs=crumbs, menu="administration")
    return request.render("admin/addons.html", status, page=page, **context)


def _done(request: Request) -> tuple[str, str] | None:
    """What was switched just now: the action and the titles of the addons."""
    action, names = request.args.get("done", ""), request.args.get("names", "")
    if action not in (ENABLE, DISABLE, UNINSTALL, GOES_ON):
        return None
    titles = [addon_title(request, name) for name in names.split(",") if is_name(name)]
    return action, ", ".join(titles)


def _held(request: Request) -> Preview | None:
    """What an addon that was switched off just now still holds, for those who may switch it."""
    name = request.args.get("names", "")
    if request.args.get("done") != DISABLE or not is_name(name) or not request.access.may("core.addon.disable"):
        return None
    # Only now: a server that switches no addon off does without.
    from core.host import uninstalling

    with suppress(AddonError):
        found = uninstalling.look(request.session.connection(), request.app.config, name)
        return found if found.state == "disabled" else None
    return None


# --- the rows ---------------------------------------------------------------------------------


def _rows(request: Request) -> list[AddonRow]:
    found = registry.discover(request.app.config.addons_path).found
    with request.app.database.reading(request.access) as session:
        known = registry.known_states(session.connection())
    failures = _failures(request)
    return [
        _row(request, name, found.get(name), known, failures, found) for name in sorted({*found, *known, *failures})
    ]


def _failures(request: Request) -> dict[str, list[Failure]]:
    found: dict[str, list[Failure]] = {}
    for failure in request.app.host.failures:
        found.setdefault(failure.addon, []).append(failure)
    return found


def _row(
    request: Request,
    name: str,
    addon: FoundAddon | None,
    known: Mapping[str, AddonState],
    failures: Mapping[str, list[Failure]],
    found: Mapping[str, FoundAddon],
) -> AddonRow:
    row, failed = known.get(name), failures.get(name, [])
    wanted = row.state if row is not None else "available"
    language = request.translate.language
    on = {other for other, state in known.items() if state.state == "enabled"}
    depends = addon.manifest.depends if addon is not None else {}
    hooks, unused = _hooks(request, name)
    state = _state(request, name, wanted, failed=bool(failed))
    return AddonRow(
        name=name,
        title=addon.manifest.title_in(language) if addon is not None else addon_title(request, name),
        version=addon.manifest.version if addon is not None else (row.addon_version if row is not None else ""),
        state=state,
        reasons=[request.translate(each.message, **each.values) for each in failed],
        details="\n".join(each.details for each in failed if each.details),
        paused_by=request.app.host.hooks.latest_failures.get(name) if state == "paused" else None,
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
        if name in host.left_out:
            return "left_out"
        return "failed" if failed else "starting"
    return "stopping" if name in host.running else ("failed" if failed and wanted == "available" else wanted)


def _needs(found: Mapping[str, FoundAddon], other: str, name: str) -> bool:
    return other in found and name in found[other].manifest.depends


def _titles(names: Iterable[str], found: Mapping[str, FoundAddon], language: str) -> list[str]:
    return [found[name].manifest.title_in(language) if name in found else name for name in sorted(names)]


def needed_by(request: Request, name: str) -> list[str]:
    """The titles of the enabled addons that need this one."""
    found = registry.discover(request.app.config.addons_path).found
    known = registry.known_states(request.session.connection())
    on = [other for other, state in known.items() if state.state == "enabled"]
    return _titles((other for other in on if _needs(found, other, name)), found, request.translate.language)


def _hooks(request: Request, name: str) -> tuple[list[HookRow], list[str]]:
    """The hooks with figures, and the names of those that were not called yet.

    Copied first: requests of other threads add to them.
    """
    hooks = request.app.host.hooks
    measured = [
        HookRow(
            hook,
            each.calls,
            each.failures,
            1000 * each.seconds,
            1000 * each.seconds / max(each.calls, 1),
        )
        for (addon, hook), each in sorted(hooks.statistics.copy().items())
        if addon == name
    ]
    called = {row.name.partition(" ")[0].partition(":")[0] for row in measured}
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
    found = registry.discover(request.app.config.addons_path).found
    if name not in {*found, *registry.known_states(request.session.connection())}:
        raise NotFound(T("There is no such addon."))
    note_action(request.session, f"addon_{action}", None, addon=name)
    request.session.commit()
    outcome = switch(request.app.config, action, name)
    if outcome.goes_on:
        return redirect(request.url("core.addons", done=GOES_ON, names=name))
    if outcome.done:
        return redirect(request.url("core.addons", done=action, names=",".join(outcome.names) or name))
    note_action(request.session, "addon_refused", None, addon=name, why=outcome.reason)
    request.session.commit()
    return _page(request, outcome, name, _why_not(request, name, action, outcome), 409)


def _why_not(request: Request, name: str, action: str, outcome: Outcome) -> str:
    """What stands against a switch now, in the person's language; the process that refused it speaks English only."""
    if outcome.under_way:
        return under_way(request, outcome)
    found = registry.discover(request.app.config.addons_path).found
    known = registry.known_states(request.session.connection())
    on = {other for other, state in known.items() if state.state == "enabled"}
    if action == DISABLE:
        needing = needed_by(request, name)
        if needing:
            return request.translate(T("Others need it. Disable these first: %(names)s"), names=", ".join(needing))
        why = "" if name in on else request.translate(T("It is disabled already."))
    else:
        wanted = _with_needs(name, found)
        _, failures = registry.order({*on, *wanted}, found)
        told = [request.translate(each.message, **each.values) for each in failures if each.addon in wanted]
        why = " ".join(told)
    return why or request.translate(SOMETHING_ELSE)


def under_way(request: Request, refused: Outcome) -> str:
    """Because of which other change, in the person's language; in which process and on which host is for the details."""
    return request.translate(UNDER_WAY, deed=_deed(request, refused.under_way.partition(",")[0]))


def _deed(request: Request, words: str) -> str:
    for known, deed in DEEDS.items():
        if words == known or words.startswith(f"{known} "):
            names = [addon_title(request, name) for name in words.removeprefix(known).split()]
            return request.translate(deed, names=", ".join(names))
    return request.translate(OTHER_DEED)


def _with_needs(name: str, found: Mapping[str, FoundAddon]) -> set[str]:
    """An addon and all that it needs, directly or not."""
    wanted, waiting = set(), [name]
    while waiting:
        each = waiting.pop()
        if each not in wanted:
            wanted.add(each)
            waiting += found[each].manifest.depends if each in found else ()
    return wanted
