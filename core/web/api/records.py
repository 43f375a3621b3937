"""Reading, adding, changing and deleting records of a screen."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from core.db.base import Record
from core.errors import Invalid, NotFound, Refusal
from core.web import deletion, forms
from core.web.api import once
from core.web.api.answers import answer, problem, record_answer
from core.web.api.inputs import SentForm, read_form
from core.web.api.resources import Resource, count, page_address, reached, read_list, read_one, understood
from core.web.api.values import read_object
from core.web.http import Request, whole_number
from core.web.i18n import T
from core.web.listing.viewer import Viewer
from core.web.views.common import addon_title
from core.work.subjects import Subject


class VersionNeeded(Refusal):
    """A change or a deletion that does not say which version of the record it was made from (SEC-49)."""

    status = 428


def show_list(resource: Resource, request: Request) -> Response:
    """One page of the list with the addresses of its neighbours."""
    question = understood(resource, request.args, request.access)
    viewer = _viewer(request)
    page = read_list(resource, question, viewer)
    if page.items:
        request.app.api_exports.note(request, resource.key, question.state.query(), len(page.items))
    _note_reads(resource, request, [item["id"] for item in page.items])
    address = request.url(resource.endpoint("list"))
    after = page_address(address, request.args, "after", page.after)
    before = page_address(address, request.args, "before", page.before)
    body: dict[str, Any] = {"items": page.items, "next": after, "previous": before}
    if question.counted:
        body |= count(resource, question, viewer)
    if page.failed:
        body["unavailable"] = [addon_title(request, addon) for addon in page.failed]
    return answer(body)


def show(resource: Resource, request: Request, record_id: int) -> Response:
    """One record."""
    found = read_one(resource, _viewer(request), record_id)
    _note_reads(resource, request, [record_id])
    return record_answer(found)


def create(resource: Resource, request: Request) -> Response:
    """Add a record; under an ``Idempotency-Key`` once, however often it is sent (SEC-48)."""
    viewer = _viewer(request)
    known = once.earlier_result(request)
    if known is None:
        form = read_form(resource.inputs, "create", viewer, read_object(request), confirmed=_confirmed(request))
        known = _saved(request, form, None).id
        once.remember(request, known)
    location = request.url(resource.endpoint("read"), record_id=known)
    return record_answer(_seen(resource, viewer, known), 201, location)


def change(resource: Resource, request: Request, record_id: int) -> Response:
    """Change what the body names; made from an older version it is refused with both (SEC-49)."""
    viewer = _viewer(request)
    record = reached(resource, viewer, record_id, "change")
    body = read_object(request)
    version = _expect_version(request, body)
    form = read_form(resource.inputs, "change", viewer, body, record, _confirmed(request))
    if record.version != version:
        return _conflict(resource, request, record_id, version, form, body)
    try:
        _saved(request, form, record)
    except StaleDataError:
        request.session.rollback()
        return _conflict(resource, request, record_id, version, form, body)
    return record_answer(_seen(resource, viewer, record_id))


def delete(resource: Resource, request: Request, record_id: int) -> Response:
    """Delete a record that nobody needs; in another version than the caller has seen it stays (SEC-49)."""
    viewer = _viewer(request)
    record = reached(resource, viewer, record_id, "delete")
    version = _expect_version(request, {})
    if record.version != version:
        return _conflict(resource, request, record_id, version)
    titles = partial(addon_title, request)
    deletion.delete(request.session, resource.screen, record, request.translate, titles)
    return Response(status=204)


def _viewer(request: Request) -> Viewer:
    return Viewer(request.session, request.translate)


def _confirmed(request: Request) -> frozenset[str]:
    """The keys of the doubts the caller has looked at."""
    return frozenset(request.headers.get("Confirmed", "").split())


def _note_reads(resource: Resource, request: Request, ids: list[int]) -> None:
    """A program reads a list as thoroughly as a person reads cards; both are counted alike (SEC-63)."""
    app, table = request.app, resource.screen.model.__tablename__
    for record_id in ids:
        app.reads.note(request.access.user_id, Subject(table, record_id), app.clock())


def _saved(request: Request, form: SentForm, record: Record | None) -> Record:
    """Store by the screen's service; fields of addons' sections are named as the body names them."""
    form.confirmed = _confirmed(request)
    try:
        return forms.save(request.session, form, record)
    except Invalid as refusal:
        names = {
            f"{part.name}-{each.name}": f"{part.name}.{each.name}" for part in form.sections for each in part.fields
        }
        errors = {names.get(name, name): texts for name, texts in refusal.errors.items()}
        raise Invalid(errors, refusal.message, **refusal.values) from refusal


def _seen(resource: Resource, viewer: Viewer, record_id: int) -> dict[str, Any]:
    """The record as its author sees it; its number alone when it is out of his reach from now on."""
    try:
        return read_one(resource, viewer, record_id)
    except NotFound:
        return {"id": record_id}


def _expect_version(request: Request, body: dict[str, Any]) -> int:
    """The version a change or deletion was made from; taken out of the body.

    :raises VersionNeeded: when it is not said.
    """
    version = _version(request, body)
    if version is None:
        raise VersionNeeded(T("Say which version you mean: If-Match or version."))
    return version


def _version(request: Request, body: dict[str, Any]) -> int | None:
    sent = body.pop("version", None)
    header = request.headers.get("If-Match", "").strip()
    if header:
        number = whole_number(header.removeprefix("W/").strip('"'))
        if number is None or (sent is not None and sent != number):
            raise BadRequest
        return number
    if sent is None:
        return None
    if not isinstance(sent, int) or isinstance(sent, bool):
        raise Invalid({"version": [request.translate(T("This is not a whole number."))]})
    return sent


def _conflict(
    resource: Resource,
    request: Request,
    record_id: int,
    version: int,
    form: SentForm | None = None,
    body: dict[str, Any] | None = None,
) -> Response:
    """Both versions: what was sent, and what is stored."""
    stored = read_one(resource, _viewer(request), record_id)
    sent = {name: value for name, value in form.values().items() if name in (body or {})} if form else {}
    return problem(
        request,
        409,
        T("Somebody was faster"),
        request.translate(T("Somebody changed this record meanwhile. Open it again to see the change.")),
        sent={"version": version, **sent},
        stored=stored,
    )
