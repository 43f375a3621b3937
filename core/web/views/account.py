"""Signing in and out, and where each person starts."""

from __future__ import annotations

from werkzeug.wrappers import Response

from core.access import demo
from core.access.own_account import end_own
from core.access.policy import NOBODY
from core.errors import Invalid, NotSignedIn, Refusal, TooMany
from core.web import cookies
from core.web.http import Request, json_response, own_path, redirect
from core.web.i18n import T
from core.web.menu import home as menu_home
from core.web.shell import Page
from core.work import presence


def home(request: Request) -> Response:
    """Send the person to the workplace of his role (S0-01)."""
    item = menu_home(request.app.menu, request.access)
    return redirect(request.url(item.endpoint) if item else request.url("core.profile"))


def show_signin(request: Request) -> Response:
    """The sign-in page; somebody who is signed in goes on, unless somebody wants to sign in instead of him."""
    target = own_path(request.args.get("next", ""))
    if request.access.user_id is not None and "instead" not in request.args:
        return redirect(target)
    return _form(request, target)


def signin(request: Request) -> Response:
    """Check login and password, then the second factor; the same words and time for every failure (SEC-16).

    The sign-in that the new one replaces in this browser ends with the same commit (SEC-19).
    """
    target = own_path(request.form.get("next", ""))
    app, address = request.app, request.remote_addr or ""
    where = {"address": address, "user_agent": request.user_agent.string}
    try:
        with app.database.writing(NOBODY) as session:
            if app.config.demo and "demo" in request.form:
                language = cookies.chosen_language(request)
                result = demo.sign_in_as(app.authenticator, session, request.form["demo"], language, **where)
            elif "code" in request.form:
                ticket = cookies.read_ticket(request)
                result = app.authenticator.finish(session, ticket, request.form["code"].strip(), **where)
            else:
                login, password = request.form.get("login", ""), request.form.get("password", "")
                result = app.authenticator.sign_in(session, login, password, **where)
            if not result.second_factor_needed:
                presence.arrive(session, result.user.id)
                if request.identity is not None:
                    end_own(session, request.identity)
    except (TooMany, Invalid, NotSignedIn) as refusal:
        return _refused(request, target, refusal)
    if result.second_factor_needed:
        response = _form(request, target, step="code")
        cookies.keep_ticket(request, response, result.ticket)
        return response
    response = redirect(target)
    cookies.keep_token(request, response, result.token)
    cookies.drop_ticket(request, response)
    return response


def _refused(request: Request, target: str, refusal: Refusal) -> Response:
    step = "code" if "code" in request.form and not isinstance(refusal, NotSignedIn) else "password"
    error = request.translate(refusal.message, **refusal.values)
    response = _form(request, target, step=step, error=error, status=refusal.status)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def signout(request: Request) -> Response:
    """End this sign-in; the browser is told to forget what it cached."""
    if request.identity is not None:
        end_own(request.session, request.identity)
    response = redirect(request.url("core.signin"))
    cookies.drop_token(request, response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def language(request: Request, language: str) -> Response:
    """Choose the language of the sign-in page."""
    response = redirect(own_path(request.form.get("next", ""), request.url("core.signin")))
    cookies.keep_language(request, response, language)
    return response


def health(request: Request) -> Response:
    """Whether this worker answers and reaches its database; for proxies and service managers."""
    with request.app.database.reading(request.access) as session:
        session.connection().exec_driver_sql("SELECT 1")
    return json_response({"status": "ok"})


def _form(request: Request, target: str, *, step: str = "password", error: str = "", status: int = 200) -> Response:
    return request.render(
        "signin.html",
        status,
        page=Page(request.translate(T("Sign in"))),
        next=target,
        second_factor=step == "code",
        error=error,
        login=request.form.get("login", ""),
        demo_users=_demo_logins(request),
        demo_password=demo.PASSWORD,
    )


def _demo_logins(request: Request) -> list[demo.DemoLogin]:
    """The people of a demonstration; nothing on a real instance (SEC-18)."""
    if not request.app.config.demo:
        return []
    with request.app.database.reading(NOBODY) as session:
        return demo.logins(session, request.translate.language)
