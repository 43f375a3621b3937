"""Answers of the API: JSON with moments in UTC, versions as entity tags, problems with what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from core.web.http import Request

_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
VARY = "Authorization, Cookie, Accept-Language"


def answer(data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    found = Response(_encoder.encode(data), status, headers=headers, content_type="application/json")
    found.headers["Vary"] = VARY
    return found


def record_answer(data: Mapping[str, Any], status: int = 200, location: str = "") -> Response:
    """One record with its version as ``ETag``, and where it is when it is new."""
    found = answer(data, status)
    if isinstance(data.get("version"), int):
        found.headers["ETag"] = entity_tag(data["version"])
    if location:
        found.headers["Location"] = location
    return found


def entity_tag(version: int) -> str:
    """A version as ``ETag`` and ``If-Match`` carry it."""
    return f'"{version}"'


def problem(request: Request, status: int, title: str, detail: str, **members: Any) -> Response:
    """A refusal that says more than words (RFC 9457)."""
    body = {"title": request.translate(title), "status": status, "detail": detail, **members}
    found = answer(body, status)
    found.content_type = "application/problem+json"
    return found
