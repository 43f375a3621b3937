"""Losing a deal: its reason, asked in a dialog over the card or the board, or on a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Response

from addons.sales.services import worksheets
from core import (
    Invalid,
    Page,
    Request,
    T,
    drop_draft,
    expect_reach,
    lines_of,
    load_draft,
    number_of,
    own_path,
    redirect,
)


def show(request: Request, record_id: int) -> Response:
    """The form, with what was typed into it before; a dialog where a piece of a page is asked for."""
    kept = load_draft(request.session, _draft_key(record_id)) or {}
    return _form(request, record_id, kept, own_path(request.args.get("next", ""), ""))


def lose(request: Request, record_id: int) -> Response:
    """The deal is off, for a reason."""
    sent = request.form
    back = own_path(sent.get("next", ""), "")
    reason_id, comment = number_of(sent.get("lost_reason_id", "")), lines_of(sent.get("comment", ""))
    try:
        worksheets.move(request.session, record_id, "lost", lost_reason_id=reason_id, comment=comment)
    except Invalid as refusal:
        request.session.rollback()
        return _form(request, record_id, sent, back, refusal)
    drop_draft(request.session, _draft_key(record_id))
    return redirect(back or request.url("sales.worksheets.card", record_id=record_id))


def _form(
    request: Request, record_id: int, entered: Mapping[str, Any], back: str, refusal: Invalid | None = None
) -> Response:
    worksheet = worksheets.get_worksheet(request.session, record_id)
    expect_reach(request.session, worksheet, worksheets.MOVE)
    card = request.url("sales.worksheets.card", record_id=record_id)
    wrong = refusal.errors if refusal is not None else {}
    template = "sales/lose_dialog.html" if request.fragment else "sales/lose.html"
    return request.render(
        template,
        refusal.status if refusal is not None else 200,
        page=Page(request.translate(T("Why was the deal lost?")), crumbs=((worksheet.number, card),), menu="sales"),
        worksheet=worksheet,
        reasons=worksheets.lost_reasons(request.session),
        entered={name: str(entered.get(name, "")) for name in ("lost_reason_id", "comment")},
        errors={name: [request.translate(text) for text in texts] for name, texts in wrong.items()},
        draft_key=_draft_key(record_id),
        next_url=back,
        back_url=back or card,
    )


def _draft_key(record_id: int) -> str:
    return f"sales.lose/{record_id}"
