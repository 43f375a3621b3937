"""The papers of the workshop, ready for the printer, and as PDF where that can be made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from werkzeug.wrappers import Response

from addons.service.services import printing
from addons.service.services.kinds import BOOKINGS, ORDERS
from core import NotFound, Request, T, can_make_pdf, pdf_of


def order(request: Request, record_id: int, paper: str) -> Response:
    """A paper of a repair order.

    :raises NotFound: for one that the order does not have as it stands: work that is not done has no statement.
    """
    record = ORDERS.get(request.session, record_id)
    form = next((each for each in printing.papers_of(record) if each.code == paper), None)
    if form is None:
        raise NotFound(T("This repair order has no such paper now."))
    context = printing.order_paper(request.session, record)
    back = request.url("service.orders.card", record_id=record.id)
    pdf = _pdf_url(request, "service.order_pdf", record_id=record.id, paper=paper)
    return _paper(request, "service/print_order.html", record=record, paper=form, back_url=back, pdf_url=pdf, **context)


def booking(request: Request, record_id: int) -> Response:
    """The paper of a booking."""
    record = BOOKINGS.get(request.session, record_id)
    context = printing.booking_paper(request.session, record)
    back = request.url("service.bookings.card", record_id=record.id)
    pdf = _pdf_url(request, "service.booking_pdf", record_id=record.id)
    return _paper(request, "service/print_booking.html", record=record, back_url=back, pdf_url=pdf, **context)


def as_pdf(paper: Callable[..., Response]) -> Callable[..., Response]:
    """The same paper as a file to keep or to send."""

    def view(request: Request, record_id: int, **more: Any) -> Response:
        if not can_make_pdf():
            raise NotFound(T("This server makes no PDF."))
        content = pdf_of(request.app.assets, paper(request, record_id, **more).get_data(as_text=True))
        answer = Response(content, content_type="application/pdf")
        name = "-".join(filter(None, (str(record_id), more.get("paper", "booking"))))
        answer.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
        return answer

    return view


def _pdf_url(request: Request, endpoint: str, **values: Any) -> str:
    """Where the paper is a PDF; nothing where none can be made."""
    return request.url(endpoint, **values) if can_make_pdf() else ""


def _paper(request: Request, template: str, **context: Any) -> Response:
    """Papers are in Russian, whatever language their reader has chosen for the program."""
    return request.render(template, _=partial(request.session.words, "ru"), lang="ru", **context)
