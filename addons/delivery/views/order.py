"""The steps of an order: its goods, its money, its log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import case, or_, select
from werkzeug.wrappers import Response

from addons.delivery.models import DeliveryOrder, Item, OrderLine
from addons.delivery.services import contents, log, orders, payments, splitting
from addons.delivery.services.contents import NewLine
from addons.delivery.services.vocabulary import ANALOGUES, ATTEMPT, LOGGED, PAYMENT_METHODS
from core import (
    Invalid,
    NotFound,
    Request,
    T,
    asking,
    lines_of,
    local_moment,
    moment_input,
    number_of,
    step_on_card,
    typed_numbers,
)

HUNDRED, THOUSAND = 100, 1000
_ITEMS = 500


def _line_meant(request: Request, order: DeliveryOrder) -> OrderLine | None:
    number = number_of(request.args.get("part", ""))
    return contents.line_of(request.session, order, number) if number is not None else None


def _line_boxes(request: Request, order: DeliveryOrder) -> Sequence[asking.Box]:
    line, language = _line_meant(request, order), request.translate.language
    known = contents.suppliers_of(request.session, order.id).get(line.id, []) if line else []
    return [
        asking.Box(
            "item_id",
            T("Goods of the directory"),
            "select",
            str(line.item_id or "") if line else "",
            _items(request, line),
        ),
        asking.Box("title", T("Title"), value=line.title if line else "", longest=200, hint=_OF_ITEM),
        asking.Box("article", T("Part number"), value=line.article if line else "", longest=60),
        asking.Box(
            "quantity",
            T("Quantity"),
            "number",
            typed_numbers.typed(line.quantity, THOUSAND, language) if line else "1",
            required=True,
        ),
        asking.Box(
            "price",
            T("Price, ₽"),
            "number",
            typed_numbers.typed(line.price, HUNDRED, language) if line else "",
            hint=_PRICE,
        ),
        asking.Box(
            "suppliers",
            T("Suppliers, one a line"),
            "area",
            "\n".join(each.name for each in known),
            longest=2000,
            hint=_SUPPLIERS,
        ),
        asking.Box("discontinued", T("Discontinued"), "flag", "1" if line and line.discontinued else ""),
    ]


_OF_ITEM = T("Goods that are in no directory are written here; empty: as the directory says.")
_PRICE = T("Empty: as the directory says.")
_SUPPLIERS = T("Empty for new goods: as the directory says.")


def _items(request: Request, line: OrderLine | None) -> list[tuple[str, str]]:
    """What the directory offers, and first what the line has already, be it offered or not."""
    own = line.item_id if line is not None else None
    offered = select(Item).where(or_(Item.active, Item.id == own))
    found = offered.order_by(case((Item.id == own, 0), else_=1), Item.title).limit(_ITEMS)
    return [(str(item.id), item.title) for item in request.session.scalars(found)]


def _save_line(request: Request, order: DeliveryOrder) -> None:
    sent, line = request.form, _line_meant(request, order)
    named = lines_of(sent.get("suppliers", "")).splitlines()
    new = NewLine(
        title=sent.get("title", ""),
        item_id=number_of(sent.get("item_id", "")),
        article=sent.get("article", ""),
        quantity=typed_numbers.scaled("quantity", sent.get("quantity", ""), THOUSAND),
        price=typed_numbers.scaled("price", sent.get("price", ""), HUNDRED),
        suppliers=named if line is not None or named else None,
        discontinued=sent.get("discontinued") == "1" or (None if line is None else False),
    )
    if line is None:
        contents.add_line(request.session, order.id, new)
    else:
        contents.change_line(request.session, order.id, line.id, new)


LINE = asking.Step("line", orders.ORDERS, T("Goods"), T("Save"), _line_boxes, _save_line, part=_line_meant)


def _expect_line(request: Request, order: DeliveryOrder) -> OrderLine:
    line = _line_meant(request, order)
    if line is None:
        raise NotFound(T("There is no such line."))
    return line


def _analogue_boxes(request: Request, order: DeliveryOrder) -> Sequence[asking.Box]:
    line = _expect_line(request, order)
    return [
        asking.Box("analogue", T("What the client says"), "select", line.analogue, asking.words_of(request, ANALOGUES)),
        asking.Box("analogue_title", T("Goods that were offered"), value=line.analogue_title, longest=200),
    ]


def _save_analogue(request: Request, order: DeliveryOrder) -> None:
    sent = request.form
    line = _expect_line(request, order)
    contents.note_analogue(request.session, order.id, line.id, sent.get("analogue", ""), sent.get("analogue_title", ""))


ANALOGUE = asking.Step(
    "analogue", orders.ORDERS, T("Analogue"), T("Save"), _analogue_boxes, _save_analogue, part=_expect_line
)


def _log_boxes(request: Request, _order: DeliveryOrder) -> Sequence[asking.Box]:
    now = moment_input(request.session.now(), request.session.access.zone)
    return [
        asking.Box("kind", T("What happened"), "select", "attempt", asking.words_of(request, LOGGED), required=True),
        asking.Box("at", T("When"), "moment", now, required=True),
        asking.Box("note", T("Note"), "area"),
    ]


def _save_log(request: Request, order: DeliveryOrder) -> None:
    sent = request.form
    log.log(request.session, order.id, sent.get("kind", ""), _moment(request), sent.get("note", ""))


def _moment(request: Request) -> datetime | None:
    typed = request.form.get("at", "")
    if not typed:
        return None
    at = local_moment(typed, request.session.access.zone)
    if at is None:
        raise Invalid({"at": [T("This is not a date and time.")]})
    return at


LOG = asking.Step(
    "log", orders.ORDERS, T("Call or conversation"), T("Write it down"), _log_boxes, _save_log, action="log"
)


def _payment_boxes(request: Request, order: DeliveryOrder) -> Sequence[asking.Box]:
    lines = contents.lines_of(request.session, order.id)
    back = payments.to_give_back(request.session, order, lines)
    proposed = back or payments.left_to_pay(order, lines)
    return [
        asking.Box(
            "amount",
            T("Sum, ₽"),
            "number",
            typed_numbers.typed(proposed or None, HUNDRED, request.translate.language),
            required=True,
            hint=_STAGES,
        ),
        asking.Box(
            "method",
            T("How"),
            "select",
            order.payment_method or "cash",
            asking.words_of(request, PAYMENT_METHODS),
            required=True,
        ),
        *([asking.Box("returned", T("Given back to the client"), "flag", "1" if back else "")] if order.paid else []),
        asking.Box("note", T("Note")),
    ]


_STAGES = T("A part of it is a payment in stages.")


def _pay(request: Request, order: DeliveryOrder) -> None:
    sent = request.form
    amount = typed_numbers.scaled("amount", sent.get("amount", ""), HUNDRED) or 0
    method, note, returned = sent.get("method", ""), sent.get("note", ""), sent.get("returned") == "1"
    payments.pay(request.session, order.id, amount, method, note, returned=returned)


PAY = asking.Step("pay", orders.ORDERS, T("Payment"), T("Note the payment"), _payment_boxes, _pay, action="pay")

STEPS = (LINE, ANALOGUE, LOG, PAY)


def attempt(request: Request, record_id: int) -> Response:
    """He has not answered just now: one click."""
    return _step(request, record_id, lambda: log.log(request.session, record_id, ATTEMPT))


def remove_line(request: Request, record_id: int, line_id: int) -> Response:
    """Take a line out."""
    return _step(request, record_id, lambda: contents.remove_line(request.session, record_id, line_id))


def deliver(request: Request, record_id: int, line_id: int) -> Response:
    """A line was delivered, in full or not at all."""
    quantity = 0 if request.form.get("delivered") == "0" else None
    return _step(request, record_id, lambda: contents.mark_delivered(request.session, record_id, line_id, quantity))


def ask_supplier(request: Request, record_id: int, supplier_id: int) -> Response:
    """A supplier was asked, or was not after all."""
    asked = request.form.get("asked") == "1"
    return _step(request, record_id, lambda: contents.mark_asked(request.session, record_id, supplier_id, asked=asked))


def approve(request: Request, record_id: int) -> Response:
    """The delivery department agrees to a short interval."""
    return _step(request, record_id, lambda: orders.approve_window(request.session, record_id))


def check_address(request: Request, record_id: int) -> Response:
    """Every field of the address was looked at and is right (S4-54)."""
    return _step(request, record_id, lambda: splitting.check(request.session, record_id))


def _step(request: Request, record_id: int, step: Callable[[], object]) -> Response:
    return step_on_card(request, "delivery.orders", record_id, step)
