"""The generated form of a record: filling it, saving it, two people saving at once, and its look-ups."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from markupsafe import Markup
from sqlalchemy import case, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.access.models import User
from core.db.base import Record
from core.db.change import expect_reach, lock_record
from core.db.engine import WorkSession
from core.errors import Confirmation, Doubt, Invalid, NotFound
from core.web import cards, clashes, forms, versions
from core.web.errors import CHECK_FIELDS
from core.web.form_fields import whole_title, written_facts
from core.web.forms import OpenForm
from core.web.http import Request, number_of, redirect, whole_number
from core.web.i18n import T
from core.web.listing.cells import Formats
from core.web.listing.filters import found
from core.web.listing.language import resolve
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import Field, FormSection, Lookup, Origin
from core.web.views import aside
from core.web.views.common import addon_title, card_url, plain_card_url, record_of, record_page
from core.work.drafts import LONGEST_KEY, drop_draft, load_draft, save_draft

FOUND = 20
"""Answers of a look-up."""

FILL = "fill"
"""The name of the buttons of a form that fill in fields and save nothing (:attr:`core.web.screens.Screen.fills`)."""


def show_new(mounted: MountedScreen, request: Request) -> Response:
    """An empty form, or what was being typed into it before."""
    viewer = Viewer(request.session, request.translate)
    origin = _origin(mounted, request)
    begun = origin.begin(request.session) if origin is not None else {}
    made = aside.just_made(mounted, request)
    defaults = {**_defaults(mounted, request), **begun, **made}
    draft = load_draft(request.session, _new_key(mounted, request, origin))
    typed = aside.with_made(draft, made) if draft else None
    sent = forms.taken_up(mounted, "create", viewer, typed, defaults=defaults) if typed else None
    opened = forms.open_form(mounted, "create", viewer, sent, defaults=defaults, settled=_settled(origin))
    return _form_page(mounted, request, opened, None, restored=bool(draft) and not made)


def make_first(mounted: MountedScreen, request: Request, field: str) -> Response:
    """Put the form of a new record aside and make a record that one of its look-ups lacks."""
    declared = mounted.lookup_field(field, request.access)
    if declared is None or declared.made is None:
        raise NotFound(T("There is no such field."))
    request.access.require(declared.made.right)
    origin = _origin(mounted, request)
    typed = {name: values if len(values) > 1 else values[0] for name, values in request.form.lists()}
    kept = {name: value for name, value in typed.items() if name not in ("csrf_token", "once")}
    save_draft(request.session, _new_key(mounted, request, origin), kept)
    own = request.url(mounted.screen.endpoint("new"), **_along(request, origin))
    known = {**request.form.to_dict(), **{name: str(number) for name, number in _along(None, origin).items()}}
    return redirect(aside.address(request, declared, own, declared.made.proposed(request.session, known)))


def create(mounted: MountedScreen, request: Request) -> Response:
    """Store a new record; sent twice, the form gives the first result (SEC-48)."""
    viewer = Viewer(request.session, request.translate)
    origin = _origin(mounted, request)
    if FILL in request.form:
        return _filled_page(mounted, request, None)
    opened = forms.open_form(mounted, "create", viewer, request.form, settled=_settled(origin))
    if not opened.validate():
        return _marked_page(mounted, request, opened, None)
    try:
        record = (
            forms.save(request.session, opened, None, origin.create, origin.doubts)
            if origin is not None
            else forms.save(request.session, opened, None)
        )
    except Invalid as refusal:
        return _refused_page(mounted, request, opened, None, refusal)
    except IntegrityError as error:
        return _refused_page(mounted, request, opened, None, _clash(mounted, request, opened, None, error))
    except Confirmation as asked:
        return _form_page(mounted, request, opened, None, status=asked.status, asked=asked)
    drop_draft(request.session, _new_key(mounted, request, origin))
    return redirect(aside.back_with(request, record) or plain_card_url(mounted, request, record.id))


def show_edit(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """The form with a record in it, or with what was being typed over it before."""
    record = record_of(mounted, request, record_id)
    expect_reach(request.session, record, mounted.screen.right("change"))
    viewer = Viewer(request.session, request.translate)
    draft = load_draft(request.session, draft_key(mounted, record_id))
    sent = forms.taken_up(mounted, "change", viewer, draft, record) if draft else None
    opened = forms.open_form(mounted, "change", viewer, sent, record)
    version = whole_number(str(draft.get("version", ""))) if draft else None
    return _form_page(mounted, request, opened, record, restored=bool(draft), version=version)


def save(mounted: MountedScreen, request: Request, record_id: int) -> Response:
    """Store a changed record; a form made from an older state shows both versions instead (SEC-49)."""
    record = record_of(mounted, request, record_id)
    expect_reach(request.session, record, mounted.screen.right("change"))
    version = whole_number(request.form.get("version", ""))
    if version is None:
        raise BadRequest
    if FILL in request.form:
        return _filled_page(mounted, request, record)
    return _save(mounted, request, record, version)


def _save(mounted: MountedScreen, request: Request, record: Record, version: int) -> Response:
    record_id, viewer = record.id, Viewer(request.session, request.translate)
    if mounted.form_sections:
        # What stands in addons' sections has no version: of two who save at once, the second compares with the first.
        lock_record(request.session, record)
    opened = forms.open_form(mounted, "change", viewer, request.form, record)
    if record.version != version or versions.CHOOSING in request.form or opened.sections:
        both = _both_versions(mounted, viewer, opened, request.form, record)
        together = _put_together(mounted, viewer, both, request.form, record) if record.version == version else None
        if together is None:
            return _conflict_page(mounted, request, both, record)
        opened = together
    if not opened.validate():
        return _marked_page(mounted, request, opened, record)
    try:
        forms.save(request.session, opened, record)
    except Invalid as refusal:
        return _refused_page(mounted, request, opened, record, refusal)
    except Confirmation as asked:
        return _form_page(mounted, request, opened, record, status=asked.status, asked=asked)
    except IntegrityError as error:
        return _refused_page(mounted, request, opened, record, _clash(mounted, request, opened, record_id, error))
    except StaleDataError:
        request.session.rollback()
        record = record_of(mounted, request, record_id)
        both = _both_versions(mounted, viewer, opened, request.form, record)
        return _conflict_page(mounted, request, both, record)
    drop_draft(request.session, draft_key(mounted, record_id))
    came_from = request.form.get("list", "")
    return redirect(
        card_url(mounted, request, record_id, came_from) if came_from else plain_card_url(mounted, request, record_id)
    )


def _filled_page(mounted: MountedScreen, request: Request, record: Record | None) -> Response:
    """The form as it was sent, with the fields that a button of it fills in from the others; nothing is saved."""
    name, _, what = request.form[FILL].partition(":")
    if name not in mounted.screen.fills:
        raise BadRequest
    sent, refusal = MultiDict(request.form), None
    try:
        for field, text in mounted.screen.fills[name](request.session, record, request.form, what).items():
            sent[field] = text
    except Invalid as refused:
        refusal = refused
    action = "create" if record is None else "change"
    settled = _settled(_origin(mounted, request)) if record is None else ()
    opened = forms.open_form(mounted, action, Viewer(request.session, request.translate), sent, record, settled=settled)
    version = whole_number(sent.get("version", ""))
    if refusal is None:
        return _form_page(mounted, request, opened, record, version=version)
    forms.add_errors(opened, refusal, request.translate)
    message = request.translate(refusal.message, **refusal.values)
    return _form_page(mounted, request, opened, record, status=refusal.status, version=version, message=message)


def drop(mounted: MountedScreen, request: Request) -> Response:
    """Give up what was typed and not saved."""
    record_id = number_of(request.form.get("record_id", ""))
    origin = _origin(mounted, request)
    drop_draft(
        request.session, _new_key(mounted, request, origin) if record_id is None else draft_key(mounted, record_id)
    )
    screen = mounted.screen
    if record_id is not None and "change" in screen.allow:
        return redirect(request.url(screen.endpoint("edit"), record_id=record_id))
    return redirect(request.url(screen.endpoint("new" if "create" in screen.allow else ""), **_along(request, origin)))


@dataclass(frozen=True, slots=True)
class _From:
    """The record that a new one comes from."""

    declared: Origin
    number: int

    def begin(self, session: WorkSession) -> Mapping[str, Any]:
        return self.declared.begin(session, self.number)

    def doubts(self, session: WorkSession, values: Mapping[str, Any]) -> Sequence[Doubt]:
        return self.declared.doubts(session, self.number, values)

    def create(self, session: WorkSession, values: dict[str, Any]) -> Record:
        return self.declared.create(session, self.number, values)


def _origin(mounted: MountedScreen, request: Request) -> _From | None:
    """What the address says the new record comes from."""
    for each in mounted.screen.origins:
        number = number_of(request.args.get(each.name, ""))
        if number is not None:
            return _From(each, number)
    return None


def _along(request: Request | None, origin: _From | None) -> dict[str, Any]:
    """What goes on in the addresses of a form: what it comes from, and the form that waits for it."""
    whence = {origin.declared.name: origin.number} if origin is not None else {}
    return {**whence, **(aside.waiting(request) if request is not None else {})}


def _new_key(mounted: MountedScreen, request: Request, origin: _From | None) -> str:
    """The draft of a form that another one waits for is its own."""
    waiting = aside.waiting(request)
    key = draft_key(mounted, None, origin)
    return f"{key}/for/{waiting['back'].lstrip('/')}"[:LONGEST_KEY] if waiting else key


def _settled(origin: _From | None) -> tuple[str, ...]:
    return origin.declared.settles if origin is not None else ()


def _told(request: Request, origin: _From | None) -> Markup | None:
    """What the form shows of the record it comes from."""
    if origin is None or origin.declared.told is None:
        return None
    template, load = origin.declared.told
    context = load(request.session, origin.number)
    if context is None:
        return None
    return Markup(request.app.pages.render(request, template, context))  # noqa: S704 - a rendered template


def _defaults(mounted: MountedScreen, request: Request) -> dict[str, Any]:
    """What the address proposes for a new record (``?customer_id=5``): fields of the form, all checked at saving."""
    values: dict[str, Any] = {}
    for each in mounted.screen.fields():
        text = request.args.get(each.name, "")
        if "create" not in each.on or not text:
            continue
        if each.lookup is not None:
            values[each.name] = number_of(text)
        elif each.choices:
            values[each.name] = next((choice.value for choice in each.choices if str(choice.value) == text), None)
        elif cards.field_kind(mounted.screen.model, each) in ("text", "optional_text", "long_text", "phone"):
            values[each.name] = text[:1000]
    for section in mounted.form_sections:
        proposed = {each.name: request.args.get(f"{section.name}-{each.name}", "")[:1000] for each in section.fields}
        values[section.name] = {name: text for name, text in proposed.items() if text} or None
    return {name: value for name, value in values.items() if value is not None}


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
    asked: Confirmation | None = None,
) -> Response:
    screen = mounted.screen
    endpoint = screen.endpoint
    record_id = record.id if record is not None else None
    origin = _origin(mounted, request) if record is None else None
    action = (
        request.url(endpoint("create"), **_along(request, origin))
        if record is None
        else request.url(endpoint("save"), record_id=record_id)
    )
    title = request.translate(T("New: %(thing)s"), thing=T(screen.one)) if record is None else screen.name_of(record)
    return request.render(
        screen.templates.get("form", "screens/form.html"),
        status,
        page=record_page(mounted, request, title),
        screen=screen,
        record=record,
        opened=opened,
        drawn=_drawn_sections(request, opened, record, action),
        form=opened.form,
        action=action,
        told=_told(request, origin),
        shown=_read_only(mounted, request, opened, record),
        version=version if version is not None else (record.version if record is not None else 0),
        once=request.form.get("once") or secrets.token_urlsafe(18),
        came_from=request.form.get("list") or request.args.get("list", ""),
        draft_key=_new_key(mounted, request, origin) if record is None else draft_key(mounted, record_id),
        restored=restored,
        drop_url=request.url(endpoint("drop_draft"), **(_along(request, origin) if record is None else {})),
        cancel_url=plain_card_url(mounted, request, record.id)
        if record is not None
        else aside.waiting(request).get("back") or request.url(endpoint()),
        made_url=lambda declared: _made_url(mounted, request, declared, origin) if record is None else "",
        lookup_url=lambda name: request.url(endpoint("lookup"), field=name),
        failed=[addon_title(request, addon) for addon in opened.failed],
        message=message,
        asked=asked,
    )


def _made_url(mounted: MountedScreen, request: Request, declared: Field, origin: _From | None) -> str:
    """Where the form is sent to be put aside; empty for a field without such a button, and for whom may not make it."""
    if declared.made is None or not request.access.may(declared.made.right):
        return ""
    return request.url(mounted.screen.endpoint("aside"), field=declared.name, **_along(request, origin))


def _drawn_sections(request: Request, opened: OpenForm, record: Record | None, action: str) -> dict[str, Markup]:
    """The sections that draw their fields themselves; one that cannot is left out like one that cannot be loaded."""
    drawn: dict[str, Markup] = {}
    for section in [each for each in opened.sections if each.template]:
        draw = partial(_draw_section, request, opened, section, record, action)
        answer = request.session.hooks.run_guarded(request.session, section.addon, "form_sections", draw)
        if answer.error:
            opened.sections.remove(section)
            opened.failed.append(section.addon)
        else:
            drawn[section.name] = answer.value
    return drawn


def _draw_section(
    request: Request, opened: OpenForm, section: FormSection, record: Record | None, action: str
) -> Markup:
    told = section.told(request.session, record, opened.texts()) if section.told is not None else {}
    context = {"form": opened.form[section.name].form, "action": action, **told}
    return Markup(request.app.pages.render(request, section.template, context))  # noqa: S704 - a rendered template


def _clash(
    mounted: MountedScreen, request: Request, opened: OpenForm, record_id: int | None, error: IntegrityError
) -> Invalid:
    """What the person is told of a record that the database would not have: at the field where there is one."""
    request.session.rollback()
    refusal = clashes.refusal_of(error)
    if refusal is None:
        raise error
    fields = clashes.taken(request.session, mounted.screen.model, opened.values(), record_id)
    return Invalid(fields) if fields else Invalid({}, refusal.message)


def _marked_page(mounted: MountedScreen, request: Request, opened: OpenForm, record: Record | None) -> Response:
    """The form again with what cannot be read, at its fields."""
    return _form_page(mounted, request, opened, record, status=422, message=request.translate(CHECK_FIELDS))


def _refused_page(
    mounted: MountedScreen, request: Request, opened: OpenForm, record: Record | None, refusal: Invalid
) -> Response:
    """The form again with what a service found wrong, at the fields it names."""
    request.session.rollback()
    forms.add_errors(opened, refusal, request.translate)
    fresh = record_of(mounted, request, record.id) if record is not None else None
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


@dataclass(frozen=True, slots=True)
class _Both:
    """Both versions of a record that two people may have changed, and which side of each field is taken."""

    mine: OpenForm
    theirs: OpenForm
    stored: Mapping[str, str]
    """The texts of theirs."""
    choices: Mapping[str, versions.Choice]


def _both_versions(
    mounted: MountedScreen, viewer: Viewer, mine: OpenForm, sent: MultiDict[str, str], record: Record
) -> _Both:
    """What was sent beside what is stored now."""
    theirs = forms.open_form(mounted, "change", viewer, None, record)
    stored = theirs.texts()
    return _Both(mine, theirs, stored, versions.choices(mine.texts(), stored, sent))


def _conflict_page(mounted: MountedScreen, request: Request, both: _Both, record: Record) -> Response:
    """Both versions side by side; what was typed goes on in hidden fields (SEC-49).

    Who has changed nothing but an addon's fields is not known: the record keeps the name of its own last change.
    """
    both.mine.validate()
    changed = versions.changed(both.stored, request.form.get(versions.WAS, ""))
    only_added = bool(changed) and changed.isdisjoint(each.name for each in both.mine.own)
    who = request.session.scalar(select(User.short_name).where(User.id == record.updated_by_id)) or "—"
    return request.render(
        "conflict.html",
        409,
        page=record_page(mounted, request, mounted.screen.name_of(record)),
        subject=mounted.screen.name_of(record),
        who="" if only_added else who,
        when=record.updated_at,
        show_url=plain_card_url(mounted, request, record.id),
        action=request.url(mounted.screen.endpoint("save"), record_id=record.id),
        hidden=versions.carried(request.form, record.version, both.stored),
        missing=versions.CHOOSING in request.form,
        fields=_versions(mounted, request, both),
    )


def _put_together(
    mounted: MountedScreen, viewer: Viewer, both: _Both, sent: MultiDict[str, str], record: Record
) -> OpenForm | None:
    """The form over what is stored now; nothing where both versions have to be looked at.

    The fields of addons' sections change without the record's version, so they are compared themselves.
    """
    if versions.CHOOSING not in sent and not versions.changed(both.stored, both.mine.was):
        return both.mine
    seen_another = versions.changed(both.stored, sent.get(versions.CHOOSING, ""))
    if seen_another or not all(each.side for each in both.choices.values()):
        return None
    return forms.open_form(mounted, "change", viewer, _merged(sent, both), record)


def _merged(sent: MultiDict[str, str], both: _Both) -> MultiDict[str, str]:
    """The form as if it had been filled in over the other version, with the chosen side of each field."""
    form = MultiDict(sent)
    for name in (name for name, each in both.choices.items() if each.side == versions.THEIRS):
        form[name] = both.stored[name]
        form.poplist(f"{name}_text")
    form[versions.WAS] = both.theirs.was
    return form


def _versions(mounted: MountedScreen, request: Request, both: _Both) -> list[dict[str, Any]]:
    """The lines of the page with both versions: the record's own fields, then those of addons' sections."""
    formats = Formats(Viewer(request.session, request.translate), request.app.assets.icon)
    stored = {bound.name: bound for _, _, bound in _compared(mounted, request, both.theirs)}
    return [
        {
            "name": bound.name,
            "label": label,
            "mine": bound.raw_data[0] if bound.errors and bound.raw_data else _in_words(each, bound, formats),
            "theirs": _in_words(each, stored[bound.name], formats),
            "choice": both.choices.get(bound.name),
        }
        for each, label, bound in _compared(mounted, request, both.mine)
        if bound.name in stored
    ]


def _compared(mounted: MountedScreen, request: Request, opened: OpenForm) -> Iterator[tuple[Field, str, Any]]:
    """The fields of which there can be two versions, each with its words and with what holds its value."""
    for each in opened.own:
        yield _kinded(mounted, each), request.translate(each.label), opened.form[each.name]
    for section in opened.sections:
        title = request.translate(section.title)
        for each, bound in opened.section_fields(section):
            yield each, f"{title} · {request.translate(each.label)}", bound


def _in_words(declared: Field, bound: Any, formats: Formats) -> str:
    return cards.plain_value(declared, bound.data, formats, {declared.name: getattr(bound, "shown", "")})


def _kinded(mounted: MountedScreen, each: Field) -> Field:
    return each if each.lookup else replace(each, kind=cards.field_kind(mounted.screen.model, each))


# --- look-ups ---------------------------------------------------------------------------------


def lookup(mounted: MountedScreen, request: Request, field: str) -> Response:
    """The records a look-up field can be set to, for what has been typed so far."""
    declared = mounted.lookup_field(field, request.access)
    if declared is None or declared.lookup is None:
        raise NotFound(T("There is no such field."))
    look = declared.lookup
    typed = request.args.get("q", "").strip()[:100]
    title = resolve(look.label, request.translate.language)
    second = resolve(look.second, request.translate.language) if look.second is not None else title
    facts = [resolve(fact, request.translate.language) for fact, _ in look.facts]
    order = (*_nearest_first(look, request), title, look.model.id)
    statement = select(look.model.id, title, second, *facts).where(*look.where).order_by(*order).limit(FOUND)
    if typed and look.search is not None:
        statement = statement.where(found(request.session, look.search, typed))
    rows = request.session.execute(statement.execution_options(**look.options(request.access))).all()
    answers = [
        (
            number,
            words,
            [str(beside)] if look.second is not None and beside else written_facts(look, told),
            whole_title(look, words, told),
        )
        for number, words, beside, *told in rows
    ]
    return request.render("screens/lookup.html", rows=answers)


def _nearest_first(look: Lookup, request: Request) -> list[Any]:
    """Those that agree with another field of the form before all others."""
    if look.near is None:
        return []
    name, column = look.near
    number = number_of(request.args.get(name, ""))
    return [case((column == number, 0), else_=1)] if number is not None else []


def draft_key(mounted: MountedScreen, record_id: int | None, origin: _From | None = None) -> str:
    """Under which name the words of a form are kept; what comes from another record has words of its own."""
    if record_id is not None:
        return f"{mounted.key}/{record_id}"
    return f"{mounted.key}/new" if origin is None else f"{mounted.key}/new/{origin.declared.name}/{origin.number}"
