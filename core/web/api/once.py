"""A request under an ``Idempotency-Key`` is carried out once; sent again it gives the first result (SEC-48)."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from core.errors import Invalid, Refusal
from core.web.i18n import T
from core.web.once import remember_result, repeated_result

if TYPE_CHECKING:
    from core.web.http import Request

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def earlier_result(request: Request) -> int | None:
    """The id that the first sending of this request led to, or nothing if this is the first.

    :raises Invalid: when the key was used for another body; :raises Refusal: 400 for what is no key.
    """
    key = _key(request)
    known = repeated_result(request.session, key) if key else None
    if known is None:
        return None
    body, _, record_id = known.partition(" ")
    if body != _fingerprint(request):
        raise Invalid({}, T("This Idempotency-Key was used for another request."))
    return int(record_id)


def remember(request: Request, record_id: int) -> None:
    """Keep the result under the request's key, in the request's own transaction."""
    key = _key(request)
    if key:
        remember_result(request.session, key, f"{_fingerprint(request)} {record_id}")


def _key(request: Request) -> str:
    """The key as it is stored: of this person and this address alone."""
    sent = request.headers.get("Idempotency-Key", "")
    if not sent:
        return ""
    if not _KEY.fullmatch(sent):
        raise Refusal(T("An Idempotency-Key has up to 255 visible ASCII characters."))
    scope = f"{request.access.user_id} {request.method} {request.path} {sent}"
    return hashlib.sha256(scope.encode()).hexdigest()


def _fingerprint(request: Request) -> str:
    return hashlib.sha256(request.get_data()).hexdigest()[:24]
