"""A person's own settings: language, look, keys, how loud notifications are, presence."""

from __future__ import annotations

from datetime import datetime

from werkzeug.wrappers import Response

from core.access import own_account
from core.errors import Invalid
from core.web.http import Request, came_from, own_path, redirect
from core.web.i18n import T
from core.web.local_time import local_moment
from core.web.shell import PRESENCE_TITLES, Page
from core.work import notifications, presence
from core.work.notifications import NotificationKind, Sound
from core.work.presence import PresenceState

SOUNDS = ((Sound.SILENT, T("silent")), (Sound.ONCE, T("once")), (Sound.UNTIL_TAKEN, T("until taken")))
STATES = (PresenceState.FREE, PresenceState.BUSY, PresenceState.AWAY, PresenceState.OFF)


def show(request: Request) -> Response:
    """The page of one's own settings."""
    return _page(request)


def _page(request: Request, errors: dict[str, list[str]] | None = None) -> Response:
    session = request.session
    me = session.access.user_id or 0
    user = own_account.own_user(session)
    return request.render(
        "profile.html",
        422 if errors else 200,
        page=Page(request.translate(T("My settings"))),
        user=user,
        errors={name: [request.translate(text) for text in texts] for name, texts in (errors or {}).items()},
        saved=request.args.get("saved", ""),
        kinds=_kinds(request),
        chosen=notifications.chosen_sounds(session),
        sounds=SOUNDS,
        present=presence.presence_of(session, [me])[me],
        states=[(state.value, request.translate(PRESENCE_TITLES[state.value])) for state in STATES],
        form=request.form,
    )


def _kinds(request: Request) -> list[NotificationKind]:
    """Every kind of notification this person may get: those of core and of the running addons."""
    kinds = request.app.notification_kinds
    return [each for each in kinds if not each.right or request.access.may(each.right)]


def save(request: Request) -> Response:
    """Save one's own settings; nobody's rights can be changed here (SEC-10)."""
    try:
        own_account.change_own_profile(
            request.session,
            language=request.form.get("language", ""),
            theme=request.form.get("theme", ""),
            letter_keys=request.form.get("letter_keys") == "1",
        )
    except Invalid as refusal:
        return _page(request, refusal.errors)
    return redirect(request.url("core.profile", saved="settings"))


def set_look(request: Request) -> Response:
    """The language or the colours alone, from the menu that every page has."""
    user = own_account.own_user(request.session)
    own_account.change_own_profile(
        request.session,
        language=request.form.get("language", user.language),
        theme=request.form.get("theme", user.theme),
        letter_keys=user.letter_keys,
    )
    return redirect(_back(request))


def save_sounds(request: Request) -> Response:
    """Save how loud each kind of notification is; an empty choice leaves it to the sender."""
    offered = {sound.value for sound, _ in SOUNDS}
    for kind in _kinds(request):
        wanted = request.form.get(f"sound-{kind.kind}", "")
        if wanted in offered:
            notifications.set_sound(request.session, kind.kind, Sound(wanted))
        else:
            notifications.forget_sound(request.session, kind.kind)
    return redirect(request.url("core.profile", saved="sounds"))


def set_presence(request: Request) -> Response:
    """Say whether one is at the desk, busy or away, and until when."""
    try:
        presence.set_presence(
            request.session,
            _state(request.form.get("state", "")),
            until=_local_moment(request, request.form.get("until", "")),
            note=request.form.get("note", "").strip(),
        )
    except Invalid as refusal:
        return _page(request, refusal.errors)
    return redirect(_back(request))


def my_state(request: Request) -> Response:
    """What the top bar says of the person, as it is now."""
    state = request.reader.standing.presence.state.value
    return request.render(
        "frame/my_state.html",
        user_id=request.access.user_id,
        name=request.access.name,
        state=state,
        state_text=request.translate(PRESENCE_TITLES[state]),
    )


def my_states(request: Request) -> Response:
    """The states one can choose, with that of now marked."""
    return request.render("frame/my_states.html")


def _state(value: str) -> PresenceState:
    try:
        return PresenceState(value)
    except ValueError as error:
        raise Invalid({"state": [T("Choose one of the list.")]}) from error


def _local_moment(request: Request, value: str) -> datetime | None:
    """A moment as the browser's field gives it, in the person's own zone."""
    moment = local_moment(value, request.access.zone)
    if value and moment is None:
        raise Invalid({"until": [T("This is no date and time.")]})
    return moment


def _back(request: Request) -> str:
    """The page the form was sent from."""
    return own_path(request.form.get("next", "") or came_from(request), request.url("core.home"))
