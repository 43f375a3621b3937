"""The addresses of delivery that are not generated from a screen."""

from __future__ import annotations

from collections.abc import Callable

from werkzeug.wrappers import Response

from addons.delivery.views import order, route, status
from core import Route

POST = ("POST",)
_BASE = "/delivery/orders/<int:record_id>"


def routes() -> list[Route]:
    """The steps of orders."""
    return [
        Route("/delivery/today", "today", route.today, right="delivery.order.deliver", menu="delivery_desk"),
        Route("/delivery/route", "route", route.show, right="delivery.order.deliver", menu="delivery_desk"),
        _on_route("lines/<int:line_id>", "route_mark", route.mark, "deliver"),
        _on_route("brought", "route_bring", route.bring, "deliver"),
        _on_route("move", "route_move", route.move, "plan"),
        Route(
            "/delivery/desk/<int:record_id>/approve",
            "desk_approve",
            route.approve,
            POST,
            right="delivery.order.approve",
        ),
        *(route_ for step in (status.STATUS, *order.STEPS) for route_ in step.routes(_BASE, "order")),
        _button("attempt", "attempt", order.attempt, "log"),
        _button("approve", "approve", order.approve, "approve"),
        _button("address/checked", "address_checked", order.check_address, "change"),
        _button("lines/<int:line_id>/remove", "remove_line", order.remove_line, "change"),
        _button("lines/<int:line_id>/delivered", "deliver", order.deliver, "deliver"),
        _button("suppliers/<int:supplier_id>/asked", "ask_supplier", order.ask_supplier, "change"),
    ]


def _on_route(path: str, name: str, view: Callable[..., Response], action: str) -> Route:
    return Route(f"/delivery/route/<int:record_id>/{path}", name, view, POST, right=f"delivery.order.{action}")


def _button(path: str, name: str, view: Callable[..., Response], action: str) -> Route:
    return Route(f"{_BASE}/{path}", name, view, POST, right=f"delivery.order.{action}")
