"""A worksheet's steps."""

from __future__ import annotations

from werkzeug.wrappers import Response

from addons.sales.services import worksheets
from core.web.http import MAX_ID, Request, redirect


def move(request: Request, record_id: int) -> Response:
    """To another stage, from the card or the board."""
    worksheets.move(request.session, record_id, request.form.get("stage", ""), comment=request.form.get("comment", ""))
    return Response(status=204) if request.fragment else _to_card(request, record_id)


def board_move(request: Request) -> Response:
    """A card was dragged to another column; losing a deal asks for its reason on the card."""
    text = request.form.get("id", "")
    record_id = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
    worksheets.move(request.session, record_id, request.form.get("state", ""))
    return Response(status=204)


def lose(request: Request, record_id: int) -> Response:
    """The deal is off, for a reason."""
    text = request.form.get("lost_reason_id", "")
    reason_id = int(text) if text.isascii() and text.isdigit() and len(text) <= 18 and int(text) <= MAX_ID else None
    comment = request.form.get("comment", "")
    worksheets.move(request.session, record_id, "lost", lost_reason_id=reason_id, comment=comment)
    return _to_card(request, record_id)


def _to_card(request: Request, record_id: int) -> Response:
    return redirect(request.url("sales.worksheets.card", record_id=record_id))
