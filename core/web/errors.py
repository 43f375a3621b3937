"""Every refusal and every fault as one clear answer: a page, a fragment or JSON (SEC-38)."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from core.errors import Confirmation, Conflict, Doubt, Forbidden, Invalid, NotFound, NotSignedIn, Refusal, TooMany
from core.web import clashes, cookies
from core.web.http import came_from, html, json_response, redirect
from core.web.i18n import T
from core.web.shell import Page

if TYPE_CHECKING:
    from core.web.http import Request

log = structlog.get_logger("forecourt.web")

_TITLES = {
    400: T("The request is not understood"),
    401: T("Sign in"),
    403: T("You have no right to do this"),
    404: T("Nothing is here"),
    405: T("The request is not understood"),
    409: T("Somebody was faster"),
    411: T("The request is not understood"),
    413: T("That is too large"),
    415: T("The request is not understood"),
    422: T("Check what you entered"),
    429: T("Too many tries"),
    500: T("Something went wrong"),
    503: T("The database is busy"),
}
_TITLES_OF_HOOKS = {
    **_TITLES,
    401: T("It is not proved whose this is"),
    409: T("This was sent before with another content"),
}
"""What a program is told that sends us something by itself."""
_MESSAGES = {
    400: T("Something in the request is malformed. Nothing was changed."),
    404: T("There is no such page or record, or it is not yours to see."),
    405: T("This address does not take such requests."),
    411: T("The request does not say how long it is."),
    413: T("The text or file is larger than this form takes. Nothing was changed."),
    500: T("The fault is recorded. Nothing was saved by this step; try again or tell your administrator the number."),
    503: T("Nothing was saved by this step. Try again in a moment."),
}
CHECK_FIELDS = T("Check the marked fields.")
"""What a refusal of input says by itself."""
CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
_REPEATABLE = {"40001", "40P01"}


class StaleForm(Refusal):
    """A form whose token is missing, old or somebody else's (SEC-23)."""

    status = 403


def answer(request: Request, error: Exception) -> Response:
    """The answer to a failed request. Whatever was not committed has not happened."""
    if isinstance(error, NotSignedIn) and not _api(request):
        return _to_sign_in(request)
    if isinstance(error, IntegrityError):
        # Two people at once: both had looked before the first of them wrote.
        log.warning("clash", path=request.path, method=request.method, error=clashes.complaint(error))
        error = clashes.refusal_of(error) or error
    status, message = _status_and_message(request, error)
    incident = ""
    if status >= 500:
        incident = secrets.token_hex(4)
        log.error("request failed", incident=incident, path=request.path, method=request.method, exc_info=error)
    response = _body(request, status, message, incident, error)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


def _status_and_message(request: Request, error: Exception) -> tuple[int, str]:
    translate = request.translate
    if isinstance(error, Refusal):
        return error.status, translate(error.message, **error.values)
    if isinstance(error, StaleDataError):
        return 409, translate("Somebody changed this record meanwhile. Open it again to see the change.")
    if isinstance(error, HTTPException) and error.code:
        return error.code, translate(_MESSAGES.get(error.code, _MESSAGES[400]))
    if database_trouble(error):
        return 503, translate(_MESSAGES[503])
    return 500, translate(_MESSAGES[500])


def _api(request: Request) -> bool:
    """Whether a program asks: through the API, or as a webhook."""
    route = getattr(request, "route", None)
    return request.path.startswith("/api/") if route is None else route.api or route.signed


def _body(request: Request, status: int, message: str, incident: str, error: Exception) -> Response:
    asked = isinstance(error, Confirmation)
    route = getattr(request, "route", None)
    titles = _TITLES_OF_HOOKS if route is not None and route.signed else _TITLES
    own = T("Look at this first") if asked else getattr(error, "title", "")
    title = request.translate(own or titles.get(status, titles[400]))
    if _api(request):
        problem = {"title": title, "status": status, "detail": message}
        if isinstance(error, Refusal):
            problem = {**error.members, **problem}
        if incident:
            problem["incident"] = incident
        if fields := getattr(error, "errors", {}):
            problem["errors"] = {name: [request.translate(text) for text in texts] for name, texts in fields.items()}
        if isinstance(error, Confirmation):
            problem["doubts"] = [_doubt(request, doubt) for doubt in error.doubts]
        response = json_response(problem, status)
        response.content_type = "application/problem+json"
        return response
    if isinstance(error, Invalid):
        message = _mistakes(request, error)
    context = {"status": status, "title": title, "message": message, "incident": incident}
    if request.fragment:
        return html(request.app.pages.render(request, "errors/fragment.html", context), status)
    return html(_page(request, status, context), status)


def _page(request: Request, status: int, context: dict[str, Any]) -> str:
    """Inside the frame for who is signed in, so that he stays present and hears what comes in.

    The frame reads the database: where that is the trouble, the page does without it.
    """
    pages, identity = request.app.pages, request.identity
    if status < 500 and identity is not None and not identity.pending:
        try:
            return pages.render(request, "errors/inside.html", {**context, "page": Page(context["title"])})
        except (DBAPIError, PoolTimeout) as error:
            log.warning("an answer without its frame", error=str(error).partition("\n")[0])
    return pages.render(request, "errors/error.html", context)


def _mistakes(request: Request, error: Invalid) -> str:
    """What is wrong, line by line: on a page without the form no field is marked."""
    said = [] if error.message == CHECK_FIELDS else [request.translate(error.message, **error.values)]
    said += [request.translate(text) for texts in error.errors.values() for text in texts]
    return "\n".join(dict.fromkeys(said)) or request.translate(CHECK_FIELDS)


def _doubt(request: Request, doubt: Doubt) -> dict[str, Any]:
    """A doubt for a program: sent again with all the keys in the header ``Confirmed``, the request is carried out."""
    reasons = [request.translate(reason, **doubt.values) for reason in doubt.reasons]
    return {"key": doubt.key, "title": doubt.title, "lines": list(doubt.lines), "reasons": reasons}


def _to_sign_in(request: Request) -> Response:
    """There, and back to the page; a piece of a page only says so, or what is typed in the page would be lost."""
    if request.fragment:
        return Response(status=401)
    target = came_from(request) if request.writes else request.full_path.rstrip("?")
    return redirect(request.url("core.signin", next=target if target != "/" else None))


def worth_repeating(error: Exception) -> bool:
    """Whether the same request can succeed when it is run again from the top (SEC-51).

    A clash of keys counts: of two sendings of one form the second then finds the first's result.
    """
    if isinstance(error, IntegrityError):
        return "core_once" in clashes.complaint(error)
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _REPEATABLE


def is_fault(error: BaseException) -> bool:
    """Whether an error is the program's own: no refusal, no clash of two people, no trouble of the database."""
    if isinstance(error, IntegrityError) and clashes.refusal_of(error) is not None:
        return False
    if isinstance(error, (Refusal, HTTPException, StaleDataError)):
        return False
    return not (isinstance(error, Exception) and (worth_repeating(error) or database_trouble(error)))


def database_trouble(error: Exception) -> bool:
    """Whether the database is locked, full, read-only or away: the user may try again (SEC-54)."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False  # a refusal of values, which may hold any of the words below
    text = clashes.complaint(error).lower()
    state = str(getattr(error.orig, "sqlstate", "") or "")
    busy = ("locked", "disk is full", "readonly", "read-only", "connection", "shutting down")
    return state[:2] in ("08", "53", "57") or any(word in text for word in busy)


def harden(request: Request, response: Response) -> Response:
    """The headers every answer carries, files of the front end among them (SEC-26)."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.secured:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def secure(request: Request, response: Response) -> Response:
    """The headers of an answer made for one person: the common ones, and that nobody else may get it."""
    harden(request, response)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Vary", "Cookie, HX-Request")
    cookies.keep_visitor(request, response)
    return response


__all__ = ["Conflict", "Forbidden", "Invalid", "NotFound", "NotSignedIn", "StaleForm", "TooMany", "answer", "secure"]
