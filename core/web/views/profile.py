"""A person's own settings: language, look, keys, presence."""

from __future__ import annotations

from werkzeug.wrappers import Response

from core.access import own_account
from core.web.http import Request, own_path, redirect
from core.work import presence


def show(request: Request) -> Response:
    """The page of one's own settings."""
    return request.render("profile.html", user=own_account.own_user(request.session))


def save(request: Request) -> Response:
    """Save one's own settings; nobody's rights can be changed here (SEC-10)."""
    own_account.change_own_profile(
        request.session,
        language=request.form.get("language", ""),
        theme=request.form.get("theme", ""),
        letter_keys=request.form.get("letter_keys") == "1",
    )
    return redirect(own_path(request.form.get("next", ""), request.url("core.profile")))


def set_presence(request: Request) -> Response:
    """Say whether one is at the desk, busy or away."""
    state = request.form.get("state", "")
    if state in set(presence.PresenceState):
        presence.set_presence(request.session, presence.PresenceState(state), note=request.form.get("note", ""))
    return redirect(own_path(request.form.get("next", "")))
