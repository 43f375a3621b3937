"""The settings of core and of every addon on one page, for the whole dealership or for one branch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.access.models import Branch
from core.errors import Invalid, NotFound
from core.web.http import Request, number_of, redirect
from core.web.i18n import T
from core.web.routing import Route
from core.web.setting_fields import DeclaredSetting, by_group, named
from core.web.shell import Page
from core.web.views.common import addon_title
from core.work import settings

POST = ("POST",)
_OVERTAKEN = T("Somebody has changed this meanwhile. Save again to put yours in its place.")
READ, CHANGE = "core.setting.read", settings.RIGHT


def routes() -> list[Route]:
    """The addresses of the page."""
    return [
        Route("/admin/settings", "settings", show, right=READ, menu="administration"),
        Route("/admin/settings", "settings_save", save, POST, right=CHANGE, menu="administration"),
        Route("/admin/settings/reset", "setting_reset", reset, POST, right=CHANGE),
    ]


def show(request: Request) -> Response:
    """All settings, or those a branch may decide for itself."""
    return _page(request, _branch(request))


def _page(
    request: Request, branch_id: int | None, errors: Mapping[str, list[str]] | None = None, status: int = 200
) -> Response:
    offered = _offered(request, branch_id)
    values = settings.read_all(request.session, [each.setting for each in offered], branch_id)
    decided = settings.decided(request.session, branch_id)
    return request.render(
        "admin/settings.html",
        status,
        page=Page(request.translate(T("Settings")), crumbs=_crumbs(request), menu="administration"),
        groups=[
            (_group_title(request, addon, group), [_shown(request, each, values, decided, status) for each in found])
            for (addon, group), found in by_group(offered).items()
        ],
        tabs=_tabs(request, branch_id),
        branch_id=branch_id,
        may_change=request.access.may(CHANGE),
        saved=request.args.get("saved", ""),
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
    )


def _crumbs(request: Request) -> tuple[tuple[str, str], ...]:
    return ((request.translate(T("Administration")), request.url("core.administration")),)


def _group_title(request: Request, addon: str, group: str) -> str:
    owner = request.translate(T("Forecourt itself")) if addon == "core" else addon_title(request, addon)
    return f"{owner} · {request.translate(group)}" if group else owner


def _shown(
    request: Request, each: DeclaredSetting, values: Mapping[str, Any], decided: frozenset[str], status: int
) -> dict[str, Any]:
    setting = each.setting
    name = setting.name
    sent = request.form if request.writes else {}
    shown = each.written(values[name])
    was = sent.get(f"was.{name}", shown)
    touched = f"shown.{name}" in sent and sent.get(name, "") != was
    return {
        "name": name,
        "title": request.translate(setting.title or name),
        "help": request.translate(setting.help),
        "control": each.control,
        "value": sent.get(name, "") if touched else shown,
        "was": was if touched and status == 422 else shown,
        "default": each.written(setting.default),
        "choices": [(str(choice), request.translate(str(choice))) for choice in setting.choices],
        "minimum": setting.minimum,
        "maximum": setting.maximum,
        "decided": name in decided,
    }


def _offered(request: Request, branch_id: int | None) -> list[DeclaredSetting]:
    return [each for each in request.app.settings if branch_id is None or each.setting.per_branch]


def _tabs(request: Request, branch_id: int | None) -> list[dict[str, Any]]:
    """The whole dealership and its branches; nothing where no setting can differ."""
    if not any(each.setting.per_branch for each in request.app.settings):
        return []
    title = Branch.title_ru if request.translate.language == "ru" else Branch.title_en
    rows = request.session.execute(select(Branch.id, title).where(Branch.active).order_by(title))
    places = [(None, request.translate(T("Whole dealership"))), *((row[0], row[1]) for row in rows)]
    return [
        {"text": text, "url": request.url("core.settings", branch=number), "current": number == branch_id}
        for number, text in places
    ]


def _branch(request: Request) -> int | None:
    """The branch of the address.

    :raises NotFound: there is none such.
    """
    text = request.values.get("branch", "")
    if not text:
        return None
    number = number_of(text)
    if number is None or request.session.scalar(select(Branch.id).where(Branch.id == number)) is None:
        raise NotFound
    return number


def save(request: Request) -> Response:
    """Store what was changed on the page; one mistake and nothing is, and nothing over another's change (SEC-49)."""
    branch_id = _branch(request)
    sent = [name.removeprefix("shown.") for name in request.form if name.startswith("shown.")]
    offered = list(named(_offered(request, branch_id), sent))
    values, errors = _read(request, offered)
    if errors:
        return _page(request, branch_id, errors, 422)
    before = settings.read_all(request.session, [each.setting for each in offered], branch_id)
    touched = [each for each in offered if values[each.setting.name] != _was(request, each, before)]
    overtaken = [each for each in touched if _was(request, each, before) != before[each.setting.name]]
    if overtaken:
        return _page(request, branch_id, {each.setting.name: [_OVERTAKEN] for each in overtaken}, 409)
    for each in touched:
        settings.write(request.session, each.setting, values[each.setting.name], branch_id)
    return redirect(request.url("core.settings", branch=branch_id, saved="1"))


def _was(request: Request, each: DeclaredSetting, stored: Mapping[str, Any]) -> Any:
    """The value the page showed; as it is stored for a form that does not say."""
    text = request.form.get(f"was.{each.setting.name}")
    try:
        return stored[each.setting.name] if text is None else each.read(text)
    except Invalid:
        return None


def _read(request: Request, offered: Iterable[DeclaredSetting]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    values: dict[str, Any] = {}
    errors: dict[str, list[str]] = {}
    for each in offered:
        try:
            values[each.setting.name] = each.read(request.form.get(each.setting.name, ""))
        except Invalid as refusal:
            errors |= refusal.errors
    return values, errors


def reset(request: Request) -> Response:
    """The default holds again, or for a branch what holds everywhere."""
    branch_id = _branch(request)
    found = next(named(_offered(request, branch_id), [request.form.get("name", "")]), None)
    if found is None:
        raise BadRequest
    settings.reset(request.session, found.setting, branch_id)
    return redirect(request.url("core.settings", branch=branch_id, saved="1"))
