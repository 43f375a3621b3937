"""A worksheet's steps."""

from __future__ import annotations

from werkzeug.wrappers import Response

from addons.sales.services import worksheets
from core import Request, expect_reach, number_of, step_on_card

ASK = "X-Ask"
"""The header that leads a board to the form which a move needs first."""


def move(request: Request, record_id: int) -> Response:
    """To another stage, from the card."""
    stage, comment = request.form.get("stage", ""), request.form.get("comment", "")
    return step_on_card(
        request,
        "sales.worksheets",
        record_id,
        lambda: worksheets.move(request.session, record_id, stage, comment=comment),
    )


def board_move(request: Request) -> Response:
    """A card was dragged to another column; losing a deal asks for its reason first."""
    record_id = number_of(request.form.get("id", "")) or 0
    stage = request.form.get("state", "")
    if stage == "lost":
        expect_reach(request.session, worksheets.get_worksheet(request.session, record_id), worksheets.MOVE)
        return Response(status=422, headers={ASK: request.url("sales.lose_form", record_id=record_id)})
    worksheets.move(request.session, record_id, stage)
    return Response(status=204)
