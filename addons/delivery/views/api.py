"""What programs may do with orders: their steps, by the same services, with the same answers of the rules.

Sums are in kopecks, quantities in thousandths of the unit, moments in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct, to_builtins

from addons.delivery.models import DeliveryOrder
from addons.delivery.services import contents, log, moves, orders, payments
from addons.delivery.services.contents import NewLine
from addons.delivery.services.judging import Answer
from addons.delivery.services.moves import InputNeeded, RuleRefusal
from addons.delivery.services.statuses import STATUSES, statuses
from addons.delivery.services.vocabulary import LOGGED, PAYMENT_METHODS
from core import MAX_ID, Invalid, Operation, T, WorkSession


def _one_of(words: Mapping[str, str], *others: dict[str, str]) -> dict[str, Any]:
    """The values that a text may have, each with its words."""
    return {"anyOf": [*({"const": code, "title": str(title)} for code, title in words.items()), *others]}


def _told_as(words: str, **more: Any) -> Meta:
    """What a property is, in words that the description of the API has in its reader's language."""
    return Meta(description=str(words), **more)


_ADDED = {"pattern": r"^[^.]+\..+$", "title": str(T("A status of another addon"))}
_STATUSES = _one_of({status.code: status.title for status in STATUSES}, _ADDED)
_KOPECKS = T("In whole kopecks.")

Number = Annotated[int, Meta(ge=1, le=MAX_ID, examples=[2])]
Moment = Annotated[datetime, Meta(tz=True)]
Code = Annotated[str, Meta(max_length=40, examples=["call_back"], extra_json_schema=_STATUSES)]
Kopecks = Annotated[int, _told_as(_KOPECKS)]
Answers = Annotated[
    dict[str, str | int | bool],
    _told_as(
        T(
            "What the status asks for, by the names that “needs” of the check says: a code of its choices, "
            "a sum in whole kopecks, true or false, a text."
        ),
        examples=[{"reason": "dates"}],
    ),
]
Seen = Annotated[
    str,
    _told_as(
        T("The status the order had when you read it: it is refused where it is another one by now."),
        max_length=40,
    ),
]
Instead = Annotated[str, _told_as(T("The status that fits instead and that no rule forbids now; empty: none."))]


class OrderShown(Struct, kw_only=True):
    """An order after a step."""

    id: int
    number: str
    version: int
    status: str
    status_since: datetime
    customer_id: int | None
    responsible_id: int | None
    total: Kopecks
    paid: Kopecks


class StatusWanted(Struct, kw_only=True, forbid_unknown_fields=True):
    """The status an order is to get. ``seen`` is the one it had when it was read: another one by now is refused."""

    status: Code
    comment: Annotated[str, Meta(max_length=300)] = ""
    answers: Answers = {}
    seen: Seen = ""


class Lacking(Struct, kw_only=True):
    """What a rule misses, in the caller's language; ``instead`` is the status that it names, ``field`` what to give."""

    rule: str
    text: str
    instead: Instead = ""
    field: Annotated[str, _told_as(T("The property of the request that would satisfy the rule."))] = ""


class Needed(Struct, kw_only=True):
    """An input that the status asks for; ``choices`` are the values it may have, money is in kopecks."""

    name: Annotated[str, _told_as(T("What it is called in “answers”."))]
    kind: Annotated[str, _told_as(T("choice, money in whole kopecks, flag or text"))]
    rule: str
    title: str
    choices: list[str] = []


class Verdict(Struct, kw_only=True):
    """What the rules say: ``allowed``, ``refused`` or ``needs``."""

    status: str
    verdict: Annotated[
        str, _told_as(T("allowed; needs: something is to be given first; refused: nothing given would help"))
    ]
    instead: Instead
    lacks: list[Lacking]
    needs: list[Needed]


class Line(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is ordered; nothing said: as the item of the directory says."""

    title: Annotated[str, Meta(max_length=200)] = ""
    item_id: Number | None = None
    article: Annotated[str, Meta(max_length=60)] = ""
    quantity: Annotated[
        int, _told_as(T("In thousandths of the unit: 1000 is one piece, 1500 is 1.5 metres."), examples=[1000])
    ] = 1000
    price: Annotated[
        Annotated[int, Meta(examples=[1_999_00])] | None,
        _told_as(T("In whole kopecks for one unit. Without it the price of the directory.")),
    ] = None
    suppliers: list[Annotated[str, Meta(max_length=120)]] | None = None
    discontinued: bool | None = None


class Logging(Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that has happened between the client and us, now or at a moment before."""

    kind: Annotated[str, Meta(max_length=20, examples=["attempt"], extra_json_schema=_one_of(LOGGED))]
    at: Moment | None = None
    note: Annotated[str, Meta(max_length=300)] = ""


class Paying(Struct, kw_only=True, forbid_unknown_fields=True):
    """Money that has come, or was given back; in kopecks, above zero either way."""

    amount: Annotated[int, _told_as(_KOPECKS, examples=[1_999_00])]
    method: Annotated[str, Meta(max_length=20, examples=["card"], extra_json_schema=_one_of(PAYMENT_METHODS))]
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
    with _answers_named(session, sent.status):
        return moves.check(session, order, sent.status, sent.comment, sent.answers)


@contextmanager
def _answers_named(session: WorkSession, code: str) -> Iterator[None]:
    """A refusal tells a program what the rules say, and calls an input of the status as it is sent: in ``answers``."""
    wanted = statuses(session.hooks).get(code)
    asked = {ask.name for ask in wanted.asks} if wanted is not None else set()
    try:
        yield
    except RuleRefusal as refusal:
        refusal.members = _members(session, refusal.answer)
        raise
    except Invalid as refusal:
        refusal.errors = {f"answers.{name}" if name in asked else name: each for name, each in refusal.errors.items()}
        if isinstance(refusal, InputNeeded):
            refusal.members = _members(session, refusal.answer)
        raise


def _members(session: WorkSession, answer: Answer) -> dict[str, Any]:
    told = to_builtins(_told(session, answer))
    # The problem's own ``status`` is the number of the answer.
    return {name: told[name] for name in ("verdict", "instead", "lacks", "needs")}


def _told(session: WorkSession, answer: Answer) -> Verdict:
    return Verdict(
        status=answer.status.code,
        verdict=answer.verdict,
        instead=answer.instead,
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
    with _answers_named(session, sent.status):
        return moves.set_status(
            session, record_id, sent.status, comment=sent.comment, answers=sent.answers, seen=sent.seen
        )


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
