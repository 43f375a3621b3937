"""Setting a status: what the rules say, what they ask for, and the status they name instead as one click."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from addons.delivery.models import DeliveryOrder
from addons.delivery.services import moves
from addons.delivery.services.orders import ORDERS
from addons.delivery.services.statuses import Ask, Status, statuses
from core import Invalid, NotFound, Request, T, asking, typed_numbers

HUNDRED = 100


def _meant(request: Request) -> Status:
    known, code = statuses(request.session.hooks), request.args.get("to", "")
    if code not in known:
        raise NotFound(T("There is no such status."))
    return known[code]


def _boxes(request: Request, order: DeliveryOrder) -> Sequence[asking.Box]:
    asks = _meant(request).asks
    usual: Mapping[str, str] = {}
    if not any(ask.name in request.form for ask in asks) and any(ask.usual for ask in asks):
        facts = moves.facts_of(request.session, order)
        usual = {ask.name: ask.usual(facts) for ask in asks if ask.usual}
    return [
        asking.Box("seen", "", "hidden", order.status),
        *(_box(request, ask, usual.get(ask.name, "")) for ask in asks),
        asking.Box("comment", T("Comment"), "area"),
    ]


_KINDS = {"choice": "select", "money": "number", "flag": "flag", "text": "area"}


def _box(request: Request, ask: Ask, usual: str) -> asking.Box:
    return asking.Box(
        ask.name,
        ask.title,
        _KINDS[ask.kind],
        usual,
        asking.words_of(request, ask.choices),
        ask.required,
        ask.hint,
        moves.LONGEST_MESSAGE,
        when=ask.when,
    )


def _answers(request: Request, status: Status) -> dict[str, Any]:
    """What the form says of the inputs that are asked with those before them."""
    answers: dict[str, Any] = {}
    for ask in status.asks:
        if ask.wanted(answers) and (answer := _typed(request, ask)) is not None:
            answers[ask.name] = answer
    return answers


def _typed(request: Request, ask: Ask) -> Any:
    sent = request.form.get(ask.name, "")
    if ask.kind == "money":
        return typed_numbers.scaled(ask.name, sent, HUNDRED)
    if ask.kind == "flag":
        return sent == "1"
    return sent or None


def _set(request: Request, order: DeliveryOrder) -> None:
    status, sent = _meant(request), request.form
    moves.set_status(
        request.session,
        order.id,
        status.code,
        comment=sent.get("comment", ""),
        answers=_answers(request, status),
        seen=sent.get("seen", ""),
    )


def _more(request: Request, order: DeliveryOrder) -> Mapping[str, Any]:
    """What the rules say now, with what was typed where that can be read."""
    status = _meant(request)
    answers: dict[str, Any] = {}
    if request.form:
        answers = {name: value for name, value in _readable(request, status).items() if value is not None}
    answer = moves.check(request.session, order, status.code, request.form.get("comment", ""), answers)
    return {
        "order_status": status,
        "present": statuses(request.session.hooks)[order.status],
        "answer": answer,
        "closed": answer.refused and not _depends_on_answers(request, order, status),
        "instead": statuses(request.session.hooks).get(answer.instead),
    }


def _depends_on_answers(request: Request, order: DeliveryOrder, status: Status) -> bool:
    """Whether other answers could make it right: then the form stays open."""
    return bool(request.form) and not moves.check(request.session, order, status.code).refused


def _readable(request: Request, status: Status) -> dict[str, Any]:
    try:
        return moves.clean(status, _answers(request, status))
    except Invalid:
        return {}


STATUS = asking.Step(
    "status",
    ORDERS,
    T("Set the status"),
    T("Set the status"),
    _boxes,
    _set,
    action="move",
    along=("to",),
    template="delivery/status_form.html",
    more=_more,
)
