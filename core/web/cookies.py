"""The two cookies: the sign-in, and a visitor's mark that binds the sign-in form to his browser (SEC-20)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from itsdangerous import BadSignature, Signer

from core.web.i18n import LANGUAGES

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from core.web.http import Request


def _name(request: Request, name: str) -> str:
    return f"__Host-{name}" if request.secured else name


def token_of(request: Request) -> str | None:
    """The sign-in token the browser sent, if any."""
    token = request.cookies.get(_name(request, "forecourt"))
    return token if token and len(token) <= 200 else None


def keep_token(request: Request, response: Response, token: str) -> None:
    """Give the browser its sign-in token, readable by nobody but us."""
    _set(request, response, "forecourt", token)


def drop_token(request: Request, response: Response) -> None:
    """Take the sign-in token back."""
    response.delete_cookie(_name(request, "forecourt"), path="/", secure=request.secured, httponly=True)


def keep_ticket(request: Request, response: Response, ticket: str) -> None:
    """Remember, between the password and the code, that the password was right."""
    _set(request, response, "ticket", ticket)


def read_ticket(request: Request) -> str:
    """The ticket from the password step; empty if there was none."""
    return request.cookies.get(_name(request, "ticket"), "")


def drop_ticket(request: Request, response: Response) -> None:
    """Forget the password step."""
    response.delete_cookie(_name(request, "ticket"), path="/", secure=request.secured, httponly=True)


def visitor_of(request: Request) -> str:
    """A mark for a browser nobody has signed in from; made here, signed, never taken from outside unsigned."""
    mark: str | None = request.environ.get("forecourt.visitor")
    if mark is None:
        mark = _read_mark(request)
        if mark is None:
            mark = secrets.token_urlsafe(24)
            request.environ["forecourt.new_visitor"] = True
        request.environ["forecourt.visitor"] = mark
    return mark


def keep_visitor(request: Request, response: Response) -> None:
    """Give a new visitor his mark, if the page needed one."""
    if request.environ.get("forecourt.new_visitor"):
        signed = _signer(request).sign(request.environ["forecourt.visitor"]).decode()
        _set(request, response, "visitor", signed)


def chosen_language(request: Request) -> str:
    """The language somebody chose before signing in; empty where he chose none."""
    chosen = request.cookies.get("language", "")
    return chosen if chosen in LANGUAGES else ""


def keep_language(request: Request, response: Response, language: str) -> None:
    """Remember the language somebody chose before signing in."""
    response.set_cookie("language", language, max_age=31_536_000, samesite="Lax", secure=request.secured)


def _read_mark(request: Request) -> str | None:
    try:
        return _signer(request).unsign(request.cookies.get(_name(request, "visitor"), "")).decode()
    except (BadSignature, UnicodeDecodeError):
        return None


def _signer(request: Request) -> Signer:
    return Signer(request.app.secret, salt="forecourt.visitor")


def _set(request: Request, response: Response, name: str, value: str) -> None:
    response.set_cookie(_name(request, name), value, path="/", secure=request.secured, httponly=True, samesite="Lax")
