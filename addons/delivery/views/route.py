"""The day of the delivery desk and of each courier: his sheet, what he has brought and what he brings back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from werkzeug.wrappers import Response

from addons.delivery.services import contents, dispatch, orders
from addons.delivery.services.vocabulary import PART_TITLES, PAYMENT_METHODS
from core import Conflict, Invalid, Page, Refusal, Request, T, calendar_day, came_from, number_of, redirect

PLAN = "delivery.order.plan"


def today(request: Request) -> Response:
    """Where a working day begins: at the desk for who plans it, with the own sheet for who drives."""
    day = _today(request).isoformat()
    if request.access.may(PLAN):
        return redirect(request.url("delivery.desk", delivery_on=f"{day}..{day}"))
    return redirect(request.url("delivery.route"))


def show(request: Request) -> Response:
    """A courier's sheet of a day; nobody but who plans sees another's."""
    return _sheet(request)


def mark(request: Request, record_id: int, line_id: int) -> Response:
    """A line was brought, or is brought back with a reason."""
    sent = request.form
    if sent.get("what") == "returned":
        reason = sent.get("reason", "")
        return _step(request, lambda: contents.mark_returned(request.session, record_id, line_id, reason))
    quantity = 0 if sent.get("what") == "open" else None
    return _step(request, lambda: contents.mark_delivered(request.session, record_id, line_id, quantity))


def bring(request: Request, record_id: int) -> Response:
    """Everything of an order was brought."""
    return _step(request, lambda: contents.deliver_rest(request.session, record_id))


def move(request: Request, record_id: int) -> Response:
    """A stop earlier or later."""
    earlier = request.form.get("way") == "earlier"
    return _step(request, lambda: dispatch.move_stop(request.session, record_id, earlier=earlier))


def approve(request: Request, record_id: int) -> Response:
    """The desk agrees to a short interval (S4-66)."""
    orders.approve_window(request.session, record_id)
    return redirect(came_from(request))


def _step(request: Request, step: Callable[[], object]) -> Response:
    try:
        step()
    except (Invalid, Conflict) as refusal:
        request.session.rollback()
        return _sheet(request, refusal)
    courier_id, day = _asked(request)
    return redirect(request.url("delivery.route", courier=courier_id, day=day.isoformat()))


def _sheet(request: Request, refusal: Refusal | None = None) -> Response:
    session, plans = request.session, request.access.may(PLAN)
    courier_id, day = _asked(request)
    people = dispatch.couriers(session) if plans else {}
    stops = dispatch.route_of(session, courier_id, day)
    name = people.get(courier_id, "")
    title = request.translate(T("Route sheet"))
    return request.render(
        "delivery/route.html",
        refusal.status if refusal is not None else 200,
        page=Page(f"{title} · {name}" if name else title, menu="delivery_desk", screen_key="delivery.route"),
        courier_id=courier_id,
        couriers=people,
        plans=plans,
        day=day,
        stops=stops,
        owed=sum(stop.owed for stop in stops),
        message=_words(request, refusal),
        part_titles=PART_TITLES,
        payment_methods=PAYMENT_METHODS,
        previous_url=_address(request, courier_id, day - timedelta(days=1)),
        today_url=_address(request, courier_id, _today(request)),
        next_url=_address(request, courier_id, day + timedelta(days=1)),
    )


def _asked(request: Request) -> tuple[int, date]:
    """Whose day is meant: who may not plan means himself."""
    mine = request.access.user_id or 0
    courier_id = number_of(request.args.get("courier", "")) if request.access.may(PLAN) else None
    return courier_id or mine, calendar_day(request.args.get("day", "")) or _today(request)


def _today(request: Request) -> date:
    return request.session.now().astimezone(request.access.zone).date()


def _address(request: Request, courier_id: int, day: date) -> str:
    return request.url("delivery.route", courier=courier_id, day=day.isoformat())


def _words(request: Request, refusal: Refusal | None) -> str:
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    texts = [text for each in errors.values() for text in each]
    if refusal is None:
        return ""
    return " ".join(map(request.translate, texts)) or request.translate(refusal.message, **refusal.values)
