"""From state to state: a button on a card, and the form where a move asks why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from addons.service.models import Booking, CarVisit, RepairOrder
from addons.service.services import bookings, orders, visits
from addons.service.services.kinds import BOOKINGS, ORDERS, VISITS
from addons.service.services.moves import Kind
from addons.service.services.states import WHY
from core import Request, T, WorkSession, asking, step_on_card

Mover = Callable[[WorkSession, int, str, str], Any]


def mover(kind: Kind[Any], move: Mover) -> Callable[[Request, int], Response]:
    """The view of a button that moves a document."""

    def view(request: Request, record_id: int) -> Response:
        target = request.form.get("target", "")
        return step_on_card(request, f"{kind.thing}s", record_id, lambda: move(request.session, record_id, target, ""))

    return view


def _why(_request: Request, _record: Any) -> list[asking.Box]:
    return [asking.Box("words", WHY, "area", required=True)]


def _to(state: str, move: Mover) -> Callable[[Request, Any], None]:
    def run(request: Request, record: Any) -> None:
        move(request.session, record.id, state, request.form.get("words", ""))

    return run


_BUTTON = T("Cancel it")
CANCEL_BOOKING: asking.Step[Booking] = asking.Step(
    "cancelled", BOOKINGS, T("Cancel the booking"), _BUTTON, _why, _to("cancelled", bookings.move), look="bad"
)
CANCEL_VISIT: asking.Step[CarVisit] = asking.Step(
    "cancelled", VISITS, T("Cancel the car visit"), _BUTTON, _why, _to("cancelled", visits.move), look="bad"
)
CANCEL_ORDER: asking.Step[RepairOrder] = asking.Step(
    "cancelled", ORDERS, T("Cancel the repair order"), _BUTTON, _why, _to("cancelled", orders.move), look="bad"
)
_REOPEN = T("Take out of the archive")
REOPEN_ORDER: asking.Step[RepairOrder] = asking.Step(
    "done", ORDERS, _REOPEN, _REOPEN, _why, _to("done", orders.move), action="close"
)

move_booking = mover(BOOKINGS, bookings.move)
move_visit = mover(VISITS, visits.move)
move_order = mover(ORDERS, orders.move)
