"""The steps of a car visit: another repair order, the hand-over."""

from __future__ import annotations

from collections.abc import Sequence

from addons.service.models import CarVisit
from addons.service.services import visits
from addons.service.services.kinds import VISITS
from addons.service.services.vocabulary import HAND_OVER, PAY_TYPES
from core import Request, T, asking


def _checks(request: Request, _visit: CarVisit) -> Sequence[asking.Box]:
    return [asking.Box("checked", T("What was done"), "checks", choices=asking.words_of(request, HAND_OVER))]


def _hand_over(request: Request, visit: CarVisit) -> None:
    visits.hand_over(request.session, visit.id, request.form.getlist("checked"))


HAND_OVER_STEP = asking.Step(
    "handed_over", VISITS, T("Hand the car over"), T("Given out"), _checks, _hand_over, action="hand_over"
)


def _payers(request: Request, _visit: CarVisit) -> Sequence[asking.Box]:
    return [
        asking.Box("pay_type", T("Who pays"), "select", "warranty", asking.words_of(request, PAY_TYPES), required=True),
        asking.Box("payer", T("Payer, if it is not the client"), longest=160),
    ]


def _add_order(request: Request, visit: CarVisit) -> None:
    visits.add_order(request.session, visit.id, request.form.get("pay_type", ""), request.form.get("payer", ""))


ADD_ORDER = asking.Step("add_order", VISITS, T("Another repair order"), T("Add"), _payers, _add_order)
