"""What a sign-in needs now and then: it is seen, and its id is renewed after a change of roles (SEC-19)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.access.crypto import token_hash
from core.access.identity import Identity, note_seen
from core.access.policy import NOBODY
from core.errors import NotSignedIn
from core.web import cookies
from core.work import presence

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from core.web.http import Request

_RENEWED = "forecourt.renewed"
_BY_ITSELF = "X-By-Itself"
"""What a page asks for without its reader says so: it does not keep an idle sign-in alive."""

log = structlog.get_logger("forecourt.web")


def keep_up(request: Request, identity: Identity) -> Identity:
    """Write down that the person is there, so that he counts as present, and give his browser a new id if his roles have changed.

    A database that is busy is no reason to refuse the page: the next request tries again.
    """
    renewal = identity.renewal_due and _opens_page(request)
    by_itself = request.route.endpoint == "core.live" or _BY_ITSELF in request.headers
    seen = identity.seen_due and not by_itself
    if not (renewal or seen):
        return identity
    try:
        return _kept_up(request, identity, renewal=renewal)
    except (DBAPIError, PoolTimeout) as error:
        log.warning("a sign-in could not be kept up", error=str(error).partition("\n")[0])
        return identity


def _kept_up(request: Request, identity: Identity, *, renewal: bool) -> Identity:
    app = request.app
    request.release()
    with app.database.writing(NOBODY) as session:
        note_seen(session, identity)
        if identity.access.user_id is not None:
            presence.seen(session, [identity.access.user_id])
        if not renewal:
            return identity
        try:
            token = app.authenticator.renew(session, identity)
        except NotSignedIn:
            return identity
    request.environ[_RENEWED] = token
    return replace(identity, csrf_owner=token_hash(token), renewal_due=False)


def _opens_page(request: Request) -> bool:
    """Whether the answer is a whole page: only that brings the forms of the new id along with it."""
    if request.writes or request.fragment:
        return False
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else request.accept_mimetypes.best == "text/html"


def keep_renewed(request: Request, response: Response) -> None:
    """Give the browser the id that this request has renewed, if it has."""
    token = request.environ.get(_RENEWED)
    if token:
        cookies.keep_token(request, response, token)
