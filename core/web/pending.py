"""What a person has to do before anything else: choose a password, set up the second factor (SEC-17, SEC-18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from core.errors import Forbidden
from core.web.http import redirect
from core.web.i18n import T

if TYPE_CHECKING:
    from core.web.http import Request

_ALWAYS = frozenset(
    {"core.security", "core.signin", "core.signin_send", "core.signout", "core.language", "core.health"}
)
OPEN_WHILE_PENDING = {
    "password": _ALWAYS | {"core.security_password"},
    "second_factor": _ALWAYS | {"core.second_factor_begin", "core.second_factor_confirm"},
}
"""The endpoints that somebody who still has this to do may use."""


def detour(request: Request) -> Response | None:
    """Where somebody goes first who has something to do before all else; nothing for everybody else.

    :raises Forbidden: in the API, which cannot show him a page.
    """
    pending = request.identity.pending if request.identity else ""
    if not pending or request.route.endpoint in OPEN_WHILE_PENDING[pending]:
        return None
    if request.route.api:
        raise Forbidden(T("Sign in with a browser first and finish setting up your account."))
    location = request.url("core.security")
    if request.fragment:
        return Response(status=403, headers={"HX-Redirect": location})
    return redirect(location)
