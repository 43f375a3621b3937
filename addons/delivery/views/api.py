"""What programs may do with orders: their steps, by the same services, with the same answers of the rules.

Sums are in kopecks, quantities in thousandths of the unit, moments in UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from addons.delivery.models import DeliveryOrder
from addons.delivery.services import contents, log, moves, orders, payments
from addons.delivery.services.contents import NewLine
from addons.delivery.services.judging import Answer
from core import MAX_ID, Operation, T, WorkSession

Number = Annotated[int, Meta(ge=1, le=MAX_ID, examples=[2])]
Moment = Annotated[datetime, Meta(tz=True)]
Code = Annotated[str, Meta(max_length=40, examples=["call_back"])]


class OrderShown(Struct, kw_only=True):
    """An order after a step."""

    id: int
    number: str
    version: int
    status: str
    status_since: datetime
    customer_id: int | None
    responsible_id: int | None
    total: int
    paid: int


class StatusWanted(Struct, kw_only=True, forbid_unknown_fields=True):
    """The status an order is to get. ``seen`` is the one it had when it was read: another one by now is refused."""

    status: Code
    comment: Annotated[str, Meta(max_length=300)] = ""
    answers: dict[str, str | int | bool] = {}
    seen: Annotated[str, Meta(max_length=40)] = ""


class Lacking(Struct, kw_only=True):
    """What a rule misses, in the caller's language; ``instead`` is the status that it names, ``field`` what to give."""

    rule: str
    text: str
    instead: str = ""
    field: str = ""


class Needed(Struct, kw_only=True):
    """An input that the status asks for; ``choices`` are the values it may have, money is in kopecks."""

    name: str
    kind: str
    rule: str
    title: str
    choices: list[str] = []


class Verdict(Struct, kw_only=True):
    """What the rules say: ``allowed``, ``refused`` or ``needs``."""

    status: str
    verdict: str
    lacks: list[Lacking]
    needs: list[Needed]


class Line(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is ordered; nothing said: as the item of the directory says."""

    title: Annotated[str, Meta(max_length=200)] = ""
    item_id: Number | None = None
    article: Annotated[str, Meta(max_length=60)] = ""
    quantity: Annotated[int, Meta(examples=[1000])] = 1000
    price: Annotated[int, Meta(examples=[1_999_00])] | None = None
    suppliers: list[Annotated[str, Meta(max_length=120)]] | None = None
    discontinued: bool | None = None


class Logging(Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that has happened between the client and us, now or at a moment before."""

    kind: Annotated[str, Meta(max_length=20, examples=["attempt"])]
    at: Moment | None = None
    note: Annotated[str, Meta(max_length=300)] = ""


class Paying(Struct, kw_only=True, forbid_unknown_fields=True):
    """Money that has come, or was given back; in kopecks, above zero either way."""

    amount: Annotated[int, Meta(examples=[1_999_00])]
    method: Annotated[str, Meta(max_length=20, examples=["card"])]
    returned: bool = False
    note: Annotated[str, Meta(max_length=300)] = ""


def operations() -> list[Operation]:
    """Statuses, goods, log and money of orders."""
    return [
        Operation(
            name="check_status",
            title=T("Ask the rules whether an order may get a status"),
            path="/orders/{id}/status/check",
            right="delivery.order.move",
            run=_check,
            show=_told,
            gives=Verdict,
            takes=StatusWanted,
        ),
        _step("set_status", T("Give an order a status"), "status", "move", _set, StatusWanted),
        _step("add_order_line", T("Add goods to an order"), "lines", "change", _add, Line),
        _step("log_order", T("Log a call or a conversation about an order"), "log", "log", _log, Logging),
        _step("pay_order", T("Note a payment of an order"), "payments", "pay", _pay, Paying),
    ]


def _step(name: str, title: str, path: str, action: str, run: Callable[..., Any], takes: type[Struct]) -> Operation:
    return Operation(
        name=name,
        title=title,
        path=f"/orders/{{id}}/{path}",
        right=f"delivery.order.{action}",
        run=run,
        show=_shown,
        gives=OrderShown,
        takes=takes,
        find=orders.get_order,
    )


def _check(session: WorkSession, record_id: int, sent: StatusWanted) -> Answer:
    order = orders.get_order(session, record_id)
    return moves.check(session, order, sent.status, sent.comment, sent.answers)


def _told(session: WorkSession, answer: Answer) -> Verdict:
    return Verdict(
        status=answer.status.code,
        verdict=answer.verdict,
        lacks=[
            Lacking(rule=lack.rule, text=moves.in_words(session, lack), instead=lack.instead, field=lack.field)
            for lack in (*answer.lacks, *answer.missing)
        ],
        needs=[
            Needed(
                name=ask.name,
                kind=ask.kind,
                rule=ask.rule,
                title=session.words(session.access.language, ask.title),
                choices=list(ask.choices),
            )
            for ask in answer.needs
        ],
    )


def _set(session: WorkSession, record_id: int, sent: StatusWanted) -> DeliveryOrder:
    return moves.set_status(session, record_id, sent.status, comment=sent.comment, answers=sent.answers, seen=sent.seen)


def _add(session: WorkSession, record_id: int, sent: Line) -> DeliveryOrder:
    values = {name: getattr(sent, name) for name in Line.__struct_fields__}
    contents.add_line(session, record_id, NewLine(**values))
    return orders.get_order(session, record_id)


def _log(session: WorkSession, record_id: int, sent: Logging) -> DeliveryOrder:
    log.log(session, record_id, sent.kind, sent.at, sent.note)
    return orders.get_order(session, record_id)


def _pay(session: WorkSession, record_id: int, sent: Paying) -> DeliveryOrder:
    payments.pay(session, record_id, sent.amount, sent.method, sent.note, returned=sent.returned)
    return orders.get_order(session, record_id)


def _shown(_session: WorkSession, order: DeliveryOrder) -> OrderShown:
    return OrderShown(**{name: getattr(order, name) for name in OrderShown.__struct_fields__})
