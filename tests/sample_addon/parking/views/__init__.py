"""The addresses of parking that are not generated from a screen."""

from __future__ import annotations

from werkzeug.wrappers import Response

from addons.contacts.models import Customer
from core import Request, Route, expect_record, redirect
from parking.services import passes

POST = ("POST",)


def routes() -> list[Route]:
    """Letting in and out, and a pass for a client who is coming."""
    return [
        Route("/parking/<int:record_id>/enter", "enter", enter, POST, right=passes.MOVE),
        Route("/parking/<int:record_id>/leave", "leave", leave, POST, right=passes.MOVE),
        Route("/parking/guests", "guests", guests, right="parking.pass.read"),
        Route("/parking/clients/<int:record_id>/order", "order", order, POST, right="parking.pass.create"),
    ]


def enter(request: Request, record_id: int) -> Response:
    """Let a car in, from its card."""
    passes.enter(request.session, record_id)
    return _card(request, record_id)


def leave(request: Request, record_id: int) -> Response:
    """Let a car out, from its card."""
    passes.leave(request.session, record_id)
    return _card(request, record_id)


def guests(request: Request) -> Response:
    """The guests of a person who are here, over his pages; without scripts he is led to the list."""
    if not request.fragment:
        return redirect(request.url("parking.passes"))
    return request.render("parking/guests.html", guests=passes.guests_of(request.session))


def order(request: Request, record_id: int) -> Response:
    """A pass for a client, from his card."""
    customer = expect_record(request.session, Customer, record_id)
    return _card(request, passes.order(request.session, customer).id)


def _card(request: Request, record_id: int) -> Response:
    return redirect(request.url("parking.passes.card", record_id=record_id))
