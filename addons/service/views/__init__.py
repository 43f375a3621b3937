"""The addresses of service that are not generated from a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from addons.service.views import booking, booking_help, moving, order, planner, printing, visit
from core import Route, asking

POST = ("POST",)
View = Callable[..., Response]
_BASES = {"service.booking": "bookings", "service.visit": "visits", "service.order": "orders"}


def routes() -> list[Route]:
    """The planner of bays, and the steps of bookings, car visits and repair orders."""
    steps: list[asking.Step[Any]] = [
        booking.TIME,
        moving.CANCEL_BOOKING,
        moving.CANCEL_VISIT,
        moving.CANCEL_ORDER,
        moving.REOPEN_ORDER,
        visit.HAND_OVER_STEP,
        visit.ADD_ORDER,
        *order.STEPS,
    ]
    one = "/service/planner/<int:record_id>"
    return [
        Route("/service", "planner", planner.show, right="service.planner.read", menu="service"),
        Route(f"{one}/windows", "planner_windows", planner.windows, right="service.booking.change", menu="service"),
        Route(f"{one}/place", "planner_place", planner.place, POST, right="service.booking.change", menu="service"),
        *(route for step in steps for route in _routes_of(step)),
        Route(
            "/service/bookings/help",
            "booking_help",
            booking_help.show,
            right="service.booking.create",
            menu="service",
        ),
        Route(
            "/service/orders/<int:record_id>/print/<string:paper>",
            "order_print",
            printing.order,
            right="service.order.read",
        ),
        Route(
            "/service/bookings/<int:record_id>/print", "booking_print", printing.booking, right="service.booking.read"
        ),
        Route(
            "/service/orders/<int:record_id>/print/<string:paper>/pdf",
            "order_pdf",
            printing.as_pdf(printing.order),
            right="service.order.read",
        ),
        Route(
            "/service/bookings/<int:record_id>/print/pdf",
            "booking_pdf",
            printing.as_pdf(printing.booking),
            right="service.booking.read",
        ),
        Route(
            "/service/bookings/<int:record_id>/undo-missed",
            "booking_undo_missed",
            booking.undo_missed,
            POST,
            right="service.booking.change",
        ),
        _move("booking", moving.move_booking),
        _move("visit", moving.move_visit),
        _move("order", moving.move_order),
        Route(
            "/service/orders/<int:record_id>/lines/<int:line_id>/remove",
            "remove_line",
            order.remove_line,
            POST,
            right="service.order.change",
        ),
        Route(
            "/service/orders/<int:record_id>/recommendations/<int:recommendation_id>",
            "settle_recommendation",
            order.settle,
            POST,
            right="service.order.change",
        ),
        Route(
            "/service/orders/<int:record_id>/lines/<int:line_id>/done",
            "mark_done",
            order.mark_done,
            POST,
            right="service.order.change",
        ),
    ]


def _routes_of(step: asking.Step[Any]) -> list[Route]:
    return step.routes(f"/service/{_BASES[step.kind.thing]}/<int:record_id>", step.kind.thing.partition(".")[2])


def _move(word: str, view: View) -> Route:
    path = f"/service/{word}s/<int:record_id>/move"
    return Route(path, f"{word}_move", view, POST, right=f"service.{word}.read")
