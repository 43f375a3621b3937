"""Who asks the API: a program with its token, or a signed-in browser that only reads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.access.identity import Identity
from core.errors import Forbidden, NotSignedIn
from core.web import cookies, upkeep
from core.web.i18n import LANGUAGES, T

if TYPE_CHECKING:
    from core.web.http import Request

_LONGEST = 200


def identify(request: Request) -> None:
    """Find out whose request it is, in which language he is to be answered, and whether he has asked too often.

    ``Authorization: Bearer fct_…`` counts for everything. A browser's cookie counts for reading alone: forms of other
    sites carry it too, and there is no form token here (SEC-23).

    :raises NotSignedIn: for a token that is none; :raises Forbidden: for changes with a cookie;
    :raises TooMany: for too many requests.
    """
    identity = _by_token(request) if "Authorization" in request.headers else _by_cookie(request)
    if identity is None:
        return
    request.identity = upkeep.keep_up(request, identity)
    request.access = replace(request.identity.access, language=_language(request, identity.access.language))
    request.app.api_limit.spend("user" if identity.token_id is None else "token", _key(identity))
    if identity.token_id is None and request.writes:
        raise Forbidden(T("Changes through the API need a token."))


def _by_token(request: Request) -> Identity | None:
    scheme, _, token = request.headers["Authorization"].strip().partition(" ")
    token = token.strip()
    identity = None
    if scheme.lower() == "bearer" and len(token) <= _LONGEST and token.isascii():
        with request.app.database.session() as session:
            identities = request.app.authenticator.identities
            identity = identities.identify_token(session, token, request.remote_addr or "")
    if identity is None:
        request.app.api_limit.spend("unknown", request.remote_addr or "")
        raise NotSignedIn(T("This token is unknown, revoked or has run out."))
    return identity


def _by_cookie(request: Request) -> Identity | None:
    token = cookies.token_of(request)
    if token is None:
        return None
    with request.app.database.session() as session:
        return request.app.authenticator.identities.identify(session, token, request.remote_addr or "")


def _key(identity: Identity) -> str:
    return str(identity.access.user_id if identity.token_id is None else identity.token_id)


def _language(request: Request, own: str) -> str:
    """The language the program asks for, else its owner's."""
    offered = [own, *(each for each in LANGUAGES if each != own)]
    return request.accept_languages.best_match(offered, default=own) or own
