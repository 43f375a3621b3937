"""The generated pages of one record: card, form, saving, conflict, deletion, look-ups."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.access.models import User
from core.db.base import Record
from core.db.change import get_record
from core.errors import Invalid, NotFound, Refusal
from core.web import cards, deletion, forms
from core.web.forms import OpenForm
from core.web.http import MAX_ID, Request, redirect
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.filters import found as found_by
from core.web.listing.filters import number_of
from core.web.listing.language import resolve
from core.web.listing.place import place_in_list
from core.web.listing.state import parse_query
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Action, Screen
from core.web.shell import Page
from core.web.views.common import addon_title
from core.web.views.task_panel import task_panels
from core.work.drafts import drop_draft, load_draft

FOUND = 20
"""Answers of a look-up."""


# --- the card ---------------------------------------------------------------------------------


def show_card(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """A record to read, with what the addons show beside it."""
    screen = mounted.screen
    record = _record(mounted, request, record_id)
    viewer = Viewer(request.session, request.translate)
    formats = Formats(viewer, request.app.assets.icon)
    extra = screen.card_context(request.session, record) if screen.card_context is not None else {}
    return request.render(
        screen.templates.get("card", "screens/card.html"),
        page=_page(mounted, request, screen.name_of(record)),
        screen=screen,
        record=record,
        sections=cards.sections(mounted, record, viewer, formats, request.url),
        panels=[
            _panel(request, each)
            for each in cards.panels(request.session, mounted, record, own_panels(mounted, request, record))
        ],
        actions=[_action(request, each, record) for each in cards.actions(request.session, mounted, record)],
        pager=_pager(mounted, request, viewer, record_id),
        urls=_card_urls(mounted, request, record),
        **extra,
    )


def own_panels(mounted: MountedScreen, request: Request, record: Record) -> list[cards.ContributedPanel]:
    """What the screen's owner shows beside the fields, and what core shows on every card that can be pointed at."""
    found = [cards.ContributedPanel("core", each) for each in task_panels(request, record)]
    if mounted.screen.panels is None:
        return found
    owner, panels = mounted.screen.owner, mounted.screen.panels
    answer = request.session.hooks.run_guarded(request.session, owner, "panels", lambda: list(panels(request, record)))
    if answer.error:
        return [*found, cards.ContributedPanel(owner, None)]
    return [*found, *(cards.ContributedPanel(owner, each) for each in answer.value)]


def _panel(request: Request, contributed: cards.ContributedPanel) -> dict[str, Any]:
    """A contributed panel, drawn; what fails inside it is its own affair (SEC-59)."""
    panel, addon = contributed.panel, contributed.addon
    if panel is None:
        return {"html": "", "error": True, "addon": addon_title(request, addon), "place": "main"}

    def draw() -> Markup:
        return Markup(request.app.pages.render(request, panel.template, panel.load()))  # noqa: S704 - a template

    answer = request.session.hooks.run_guarded(request.session, addon, f"card_panels {panel.name}", draw)
    return {
        "name": panel.name,
        "title": request.translate(panel.title),
        "html": answer.value,
        "error": bool(answer.error),
        "addon": addon_title(request, addon),
        "place": panel.place,
    }


def _action(request: Request, action: Action, record: Record) -> dict[str, Any]:
    return {
        "text": request.translate(action.label),
        "url": request.url(action.endpoint, **{"record_id": record.id, **action.arguments}),
        "kind": action.kind,
        "icon": action.icon,
        "key": action.key,
        "post": action.post,
    }


def _pager(mounted: MountedScreen, request: Request, viewer: Viewer, record_id: int) -> dict[str, Any] | None:
    """«3 of 61» and the neighbours in the list the card was opened from."""
    text = request.args.get("list", "")
    if "list" not in request.args:
        return None
    try:
        state = parse_query(mounted, text, request.access).without_place()
        place = place_in_list(mounted, state, viewer, record_id)
    except Refusal:
        return None
    if place is None:
        return None
    words = T("%(number)s of %(total)s")
    return {
        "text": request.translate(words, number=_capped(request, place.number), total=_capped(request, place.total)),
        "previous": _card_url(mounted, request, place.previous_id, text),
        "next": _card_url(mounted, request, place.next_id, text),
    }


def _capped(request: Request, number: int) -> str:
    from core.web.views.lists import capped

    return capped(request, number)


def _card_url(mounted: MountedScreen, request: Request, record_id: int | None, came_from: str) -> str:
    if record_id is None:
        return ""
    return f"{request.url(mounted.screen.endpoint('card'), record_id=record_id)}?{urlencode({'list': came_from})}"


def _card_urls(mounted: MountedScreen, request: Request, record: Record) -> dict[str, str]:
    screen, access = mounted.screen, request.access
    came_from = request.args.get("list", "")
    address = request.url(screen.endpoint())
    urls = {
        "list": f"{address}?{came_from or 'q='}#row-{record.id}",
        "card": request.url(screen.endpoint("card"), record_id=record.id),
        "edit": "",
        "delete": "",
        "timeline": "",
    }
    if screen.sections and "change" in screen.allow and access.may(screen.right("change")):
        urls["edit"] = request.url(screen.endpoint("edit"), record_id=record.id)
    if "delete" in screen.allow and access.may(screen.right("delete")):
        urls["delete"] = request.url(screen.endpoint("delete"), record_id=record.id)
    if isinstance(record, Record):
        urls["timeline"] = request.url("core.timeline", subject_type=record.__tablename__, subject_id=record.id)
    return urls


# --- the form ---------------------------------------------------------------------------------


def show_new(mounted: MountedScreen, request: Request) -> Response:
    """An empty form, or what was being typed into it before."""
    viewer = Viewer(request.session, request.translate)
    defaults = _defaults(mounted, request)
    draft = load_draft(request.session, _draft_key(mounted, None))
    sent: MultiDict[str, str] | None = MultiDict(draft) if draft else None
    opened = forms.open_form(mounted, "create", viewer, sent, defaults=defaults)
    return _form_page(mounted, request, opened, None, restored=bool(draft))


def create(mounted: MountedScreen, request: Request) -> Response:
    """Store a new record; sent twice, the form gives the first result (SEC-48)."""
    viewer = Viewer(request.session, request.translate)
    opened = forms.open_form(mounted, "create", viewer, request.form)
    if not opened.validate():
        return _form_page(mounted, request, opened, None, status=422)
    try:
        record = forms.save(request.session, opened, None)
    except Invalid as refusal:
        return _refused_page(mounted, request, opened, None, refusal)
    drop_draft(request.session, _draft_key(mounted, None))
    return redirect(request.url(mounted.screen.endpoint("card"), record_id=record.id))


def show_edit(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """The form with a record in it, or with what was being typed over it before."""
    record = _record(mounted, request, record_id)
    viewer = Viewer(request.session, request.translate)
    draft = load_draft(request.session, _draft_key(mounted, record_id))
    sent: MultiDict[str, str] | None = MultiDict(draft) if draft else None
    opened = forms.open_form(mounted, "change", viewer, sent, record)
    version = number_of(str(draft.get("version", ""))) if draft else None
    return _form_page(mounted, request, opened, record, restored=bool(draft), version=version)


def save(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """Store a changed record; a form made from an older state shows both versions instead (SEC-49)."""
    record = _record(mounted, request, record_id)
    viewer = Viewer(request.session, request.translate)
    version = number_of(request.form.get("version", ""))
    if version is None:
        raise BadRequest
    opened = forms.open_form(mounted, "change", viewer, request.form, record)
    if record.version != version:
        return _conflict_page(mounted, request, opened, record)
    if not opened.validate():
        return _form_page(mounted, request, opened, record, status=422)
    try:
        forms.save(request.session, opened, record)
    except Invalid as refusal:
        return _refused_page(mounted, request, opened, record, refusal)
    except StaleDataError:
        request.session.rollback()
        return _conflict_page(mounted, request, opened, _record(mounted, request, record_id))
    drop_draft(request.session, _draft_key(mounted, record_id))
    came_from = request.form.get("list", "")
    return redirect(
        _card_url(mounted, request, record_id, came_from) if came_from else _plain_card(mounted, request, record_id)
    )


def _plain_card(mounted: MountedScreen, request: Request, record_id: int) -> str:
    return request.url(mounted.screen.endpoint("card"), record_id=record_id)


def drop(mounted: MountedScreen, request: Request) -> Response:
    """Give up what was typed and not saved."""
    record_id = number_of(request.form.get("record_id", ""))
    drop_draft(request.session, _draft_key(mounted, record_id))
    endpoint = mounted.screen.endpoint
    if record_id is None:
        return redirect(request.url(endpoint("new")))
    return redirect(request.url(endpoint("edit"), record_id=record_id))


def _defaults(mounted: MountedScreen, request: Request) -> dict[str, Any]:
    """What the address proposes for a new record (``?customer_id=5``); only fields of the form, all checked at saving."""
    found: dict[str, Any] = {}
    for each in mounted.screen.fields():
        text = request.args.get(each.name, "")
        if "create" not in each.on or not text:
            continue
        if each.lookup is not None:
            found[each.name] = number_of(text)
        elif each.choices:
            found[each.name] = next((choice.value for choice in each.choices if str(choice.value) == text), None)
        elif cards.field_kind(mounted.screen.model, each) in ("text", "long_text", "phone"):
            found[each.name] = text[:1000]
    return {name: value for name, value in found.items() if value is not None}


def _form_page(
    mounted: MountedScreen,
    request: Request,
    opened: OpenForm,
    record: Record | None,
    *,
    status: int = 200,
    restored: bool = False,
    version: int | None = None,
    message: str = "",
) -> Response:
    screen = mounted.screen
    endpoint = screen.endpoint
    record_id = record.id if record is not None else None
    action = request.url(endpoint("create")) if record is None else request.url(endpoint("save"), record_id=record_id)
    title = request.translate(T("New: %(thing)s"), thing=T(screen.one)) if record is None else screen.name_of(record)
    return request.render(
        screen.templates.get("form", "screens/form.html"),
        status,
        page=_page(mounted, request, title),
        screen=screen,
        record=record,
        opened=opened,
        form=opened.form,
        action=action,
        shown=_read_only(mounted, request, opened, record),
        version=version if version is not None else (record.version if record is not None else 0),
        once=request.form.get("once") or secrets.token_urlsafe(18),
        came_from=request.form.get("list") or request.args.get("list", ""),
        draft_key=_draft_key(mounted, record_id),
        restored=restored,
        drop_url=request.url(endpoint("drop_draft")),
        cancel_url=request.url(endpoint()) if record is None else _plain_card(mounted, request, record.id),
        lookup_url=lambda name: request.url(endpoint("lookup"), field=name),
        failed=[addon_title(request, addon) for addon in opened.failed],
        message=message,
    )


def _refused_page(
    mounted: MountedScreen, request: Request, opened: OpenForm, record: Record | None, refusal: Invalid
) -> Response:
    """The form again with what a service found wrong, at the fields it names."""
    request.session.rollback()
    forms.add_errors(opened, refusal, request.translate)
    fresh = _record(mounted, request, record.id) if record is not None else None
    message = request.translate(refusal.message, **refusal.values)
    return _form_page(mounted, request, opened, fresh, status=422, message=message)


def _read_only(mounted: MountedScreen, request: Request, opened: OpenForm, record: Record | None) -> dict[str, Any]:
    """The values of fields that are on the form to be read only."""
    if record is None:
        return {}
    bound = {each.name for each in opened.own}
    rest = [
        each
        for each in mounted.screen.fields()
        if each.name not in bound and (not each.right or request.access.may(each.right))
    ]
    viewer = Viewer(request.session, request.translate)
    formats = Formats(viewer, request.app.assets.icon)
    titles = cards.lookup_titles(rest, record, viewer)
    return {each.name: cards.shown_value(each, record, formats, titles) for each in rest}


# --- two people, one record -------------------------------------------------------------------


def _conflict_page(mounted: MountedScreen, request: Request, opened: OpenForm, record: Record) -> Response:
    """Both versions side by side; what was typed goes on in hidden fields (SEC-49)."""
    opened.validate()
    who = request.session.scalar(select(User.short_name).where(User.id == record.updated_by_id)) or "—"
    sent = [(name, value) for name, values in request.form.lists() for value in values]
    hidden = [(name, value) for name, value in sent if name not in ("csrf_token", "version")]
    return request.render(
        "conflict.html",
        409,
        page=_page(mounted, request, mounted.screen.name_of(record)),
        subject=mounted.screen.name_of(record),
        who=who,
        when=record.updated_at,
        show_url=_plain_card(mounted, request, record.id),
        action=request.url(mounted.screen.endpoint("save"), record_id=record.id),
        hidden=[*hidden, ("version", str(record.version))],
        fields=list(_versions(mounted, request, opened, record)),
    )


def _versions(mounted: MountedScreen, request: Request, opened: OpenForm, record: Record) -> list[dict[str, Any]]:
    viewer = Viewer(request.session, request.translate)
    formats = Formats(viewer, request.app.assets.icon)
    theirs = cards.lookup_titles(opened.own, record, viewer)
    rows = []
    for each in opened.own:
        field = opened.form[each.name]
        stored = getattr(record, each.name)
        titles = {each.name: getattr(field, "shown", "")}
        mine = field.raw_data[0] if field.errors and field.raw_data else None
        rows.append(
            {
                "label": request.translate(each.label),
                "mine": mine
                if mine is not None
                else cards.plain_value(_kinded(mounted, each), field.data, formats, titles),
                "theirs": cards.plain_value(_kinded(mounted, each), stored, formats, theirs),
                "differs": mine is not None or field.data != stored,
            }
        )
    return rows


def _kinded(mounted: MountedScreen, each: Any) -> Any:
    from dataclasses import replace

    return each if each.lookup else replace(each, kind=cards.field_kind(mounted.screen.model, each))


# --- deleting ---------------------------------------------------------------------------------


def ask_delete(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """Ask before deleting: by name, or say why it cannot be."""
    record = _record(mounted, request, record_id)
    reasons = deletion.obstacles(request.session, record, request.translate, partial(addon_title, request))
    name = mounted.screen.name_of(record)
    return request.render(
        "screens/delete.html",
        page=_page(mounted, request, name),
        name=name,
        reasons=reasons,
        action=request.url(mounted.screen.endpoint("delete_do"), record_id=record_id),
        version=record.version,
        back=_plain_card(mounted, request, record_id),
    )


def delete(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """Delete a record and go back to the list."""
    record = _record(mounted, request, record_id)
    deletion.delete(request.session, mounted.screen, record, request.translate, partial(addon_title, request))
    return redirect(f"{request.url(mounted.screen.endpoint())}?{request.form.get('list') or 'q='}")


# --- look-ups ---------------------------------------------------------------------------------


def lookup(mounted: MountedScreen, request: Request, field: str) -> Response:
    """The records a look-up field can be set to, for what has been typed so far."""
    declared = mounted.lookup_field(field)
    if declared is None or declared.lookup is None or (declared.right and not request.access.may(declared.right)):
        raise NotFound(T("There is no such field."))
    look = declared.lookup
    if look.right:
        request.access.require(look.right)
    typed = request.args.get("q", "").strip()[:100]
    title = resolve(look.label, request.translate.language)
    second = resolve(look.second, request.translate.language) if look.second is not None else title
    statement = select(look.model.id, title, second).where(*look.where).order_by(title, look.model.id).limit(FOUND)
    if typed and look.search is not None:
        statement = statement.where(found_by(request.session, look.search, typed))
    options: Mapping[str, Any] = {"right": look.right} if look.right else {}
    rows = request.session.execute(statement.execution_options(**options)).all()
    return request.render("screens/lookup.html", rows=rows, with_second=look.second is not None)


# --- shared -----------------------------------------------------------------------------------


def _record(mounted: MountedScreen, request: Request, record_id: int) -> Record:
    """The record, if this person may know of it; a foreign one is answered like a missing one (SEC-3)."""
    found = get_record(request.session, mounted.screen.model, record_id) if record_id <= MAX_ID else None
    if found is None:
        raise NotFound(T("There is no such page or record, or it is not yours to see."))
    return found


def _page(mounted: MountedScreen, request: Request, title: str) -> Page:
    screen: Screen = mounted.screen
    came_from = request.args.get("list", "")
    list_url = f"{request.url(screen.endpoint())}?{came_from or 'q='}"
    return Page(
        title=title,
        crumbs=((request.translate(screen.title), list_url),),
        screen_key=f"{screen.key}.card",
        menu=screen.menu,
    )


def _draft_key(mounted: MountedScreen, record_id: int | None) -> str:
    return f"{mounted.key}/{record_id if record_id is not None else 'new'}"
