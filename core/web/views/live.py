"""What moves by itself: the event stream, notifications, drafts."""

from __future__ import annotations

from datetime import timedelta

from werkzeug.wrappers import Response

from core.errors import NotFound
from core.live.stream import HEADERS
from core.live.stream import stream as live_stream
from core.web import cookies
from core.web.http import Request, json_response, own_path, redirect
from core.web.i18n import T
from core.web.once import repeated_result
from core.web.shell import Page
from core.web.subjects import words
from core.work import drafts
from core.work import notifications as notices

LATER = timedelta(minutes=5)


def stream(request: Request) -> Response:
    """The person's live events; the connection stays open and holds no database session."""
    app, token = request.app, cookies.token_of(request)
    user_id = request.access.user_id
    if token is None or user_id is None:
        raise NotFound("There is no such page.")

    def still_valid() -> bool:
        with app.database.session() as session:
            identity = app.authenticator.identities.identify(session, token)
            return identity is not None and identity.access.user_id == user_id

    # The header is the browser's own, after a cut; the address is ours, on a new page or after a refusal.
    left_at = request.headers.get("Last-Event-ID") or request.args.get("last")
    body = live_stream(app.hub, user_id, left_at, still_valid)
    return Response(body, headers=list(HEADERS), direct_passthrough=True)


def notifications(request: Request) -> Response:
    """What waits for the person: the content under the bell, or a page of its own."""
    shown = [_shown(request, notice) for notice in notices.active(request.session)]
    if request.fragment:
        return request.render("notifications/list.html", notifications=shown)
    page = Page(request.translate(T("Notifications")))
    return request.render("notifications/page.html", page=page, notifications=shown)


def popup(request: Request, notification_id: int) -> Response:
    """One notification as it pops up; nothing once it has been dealt with, which is no mistake of whoever asks."""
    found = notices.active(request.session, [notification_id])
    if not found:
        return Response(status=204)
    return request.render("notifications/popup.html", notification=_shown(request, found[0]))


def open_notification(request: Request, notification_id: int) -> Response:
    """Open what a notification is about (S0-30); a personal one ends with it (C-08)."""
    subject = notices.open_notification(request.session, notification_id)
    return redirect(request.app.subjects.url(subject))


def later(request: Request, notification_id: int) -> Response:
    """Put a notification away for a few minutes."""
    notices.snooze(request.session, notification_id, request.session.now() + LATER)
    if request.fragment:
        return json_response({"later": int(LATER.total_seconds())})
    return redirect(own_path(request.form.get("next", "")))


def save_draft(request: Request, key: str) -> Response:
    """Keep what is being typed, so that a lost session or server loses no word.

    It carries the one-time key of its form: one that comes in after the form was carried out is not kept, or what
    was saved already would come back as something typed.
    """
    if repeated_result(request.session, request.form.get("once", "")):
        return json_response({"saved": None})
    fields = {name: values if len(values) > 1 else values[0] for name, values in request.form.lists()}
    for name in ("csrf_token", "once"):
        fields.pop(name, None)
    drafts.save_draft(request.session, key, fields)
    return json_response({"saved": request.session.now().isoformat()})


def _shown(request: Request, notice: notices.ActiveNotification) -> dict[str, object]:
    translate, pages = request.translate, request.app.subjects
    return {
        "id": notice.id,
        "kind": notice.kind,
        "title": translate(notice.title, **words(notice.title_values, translate.language)),
        "body": translate(notice.body, **words(notice.body_values, translate.language)),
        "icon": notice.icon,
        "channel": "",
        "sound": notice.sound.value,
        "created_at": notice.created_at,
        "opened_at": notice.opened_at,
        "page_url": pages.url(notice.subject) if notice.subject.type in pages else "",
        "claim_url": pages.claim_url(notice.subject) if notice.is_group else "",
    }
