"""What an order consists of: its lines, their suppliers, analogues, and what of them was delivered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import func, select

from addons.contacts.services.documents import head_of, index_document
from addons.delivery.models import DeliveryOrder, Item, LineSupplier, OrderLine
from addons.delivery.services.orders import index_order, locked_order, told
from addons.delivery.services.statuses import CANCELLED, COMPLETED, in_groups
from addons.delivery.services.vocabulary import ANALOGUES
from core import Conflict, Invalid, NotFound, T, WorkSession, subject_of, timeline

THOUSAND = 1000
MOST, DEAREST = 1_000 * THOUSAND, 100_000_000_00
LONGEST_NAME, LONGEST_TITLE, LONGEST_REASON = 120, 200, 300
CHANGED = "delivery.line"
"""The kind of the timeline's entry about another content."""


@dataclass(frozen=True, slots=True)
class NewLine:
    """What is ordered. ``quantity`` in thousandths of the unit, ``price`` in kopecks a unit; nothing: as the item says.

    ``suppliers`` are names; nothing leaves those that are there, or takes the item's.
    """

    title: str = ""
    item_id: int | None = None
    article: str = ""
    quantity: int | None = THOUSAND
    price: int | None = None
    suppliers: Sequence[str] | None = None
    discontinued: bool | None = None


def lines_of(session: WorkSession, order_id: int) -> list[OrderLine]:
    """The lines of an order in their order."""
    statement = select(OrderLine).where(OrderLine.order_id == order_id)
    return list(session.scalars(statement.order_by(OrderLine.position, OrderLine.id)))


def suppliers_of(session: WorkSession, order_id: int) -> dict[int, list[LineSupplier]]:
    """The suppliers of an order's lines, by line."""
    statement = select(LineSupplier).join(OrderLine, OrderLine.id == LineSupplier.line_id)
    return by_line(session.scalars(statement.where(OrderLine.order_id == order_id).order_by(LineSupplier.id)))


def by_line(suppliers: Iterable[Any]) -> dict[int, list[Any]]:
    """Suppliers by the line that they are asked for."""
    found: dict[int, list[Any]] = {}
    for each in suppliers:
        found.setdefault(each.line_id, []).append(each)
    return found


def add_line(session: WorkSession, order_id: int, new: NewLine) -> OrderLine:
    """Write down what the client wants.

    :raises Invalid: naming the fields that are wrong.
    """
    order = locked_order(session, order_id, "change")
    last = session.scalar(select(func.max(OrderLine.position)).where(OrderLine.order_id == order.id)) or 0
    line = OrderLine(order_id=order.id, position=last + 1)
    item = _item(session, new.item_id, line)
    line.discontinued = item is not None and item.discontinued
    _write(line, new, item)
    session.add(line)
    session.flush()
    names = new.suppliers if new.suppliers is not None else (item.suppliers.splitlines() if item is not None else ())
    _name_suppliers(session, line, names)
    _sum_up(session, order)
    _note(session, order, T("Added: %(title)s"), line.title)
    return line


def change_line(session: WorkSession, order_id: int, line_id: int, new: NewLine) -> OrderLine:
    """Other goods, another quantity or price, other suppliers.

    :raises Invalid: naming the fields that are wrong.
    """
    order = locked_order(session, order_id, "change")
    line = line_of(session, order, line_id)
    item = _item(session, new.item_id, line)
    _write(line, new, item)
    if line.delivered > line.quantity:
        raise Invalid({"quantity": [T("More was delivered already.")]})
    _bring_back(line, line.returned)
    if new.suppliers is not None:
        _name_suppliers(session, line, new.suppliers)
    session.flush()
    _sum_up(session, order)
    _note(session, order, T("Changed: %(title)s"), line.title)
    return line


def remove_line(session: WorkSession, order_id: int, line_id: int) -> None:
    """Take a line out.

    :raises Conflict: where some of it was delivered.
    """
    order = locked_order(session, order_id, "change")
    line = line_of(session, order, line_id)
    if line.delivered:
        raise Conflict("This was delivered already.")
    title = line.title
    session.delete(line)
    session.flush()
    _sum_up(session, order)
    _note(session, order, T("Removed: %(title)s"), title)


def mark_asked(session: WorkSession, order_id: int, supplier_id: int, *, asked: bool = True) -> LineSupplier:
    """A supplier was asked whether he has it, or it turns out that he was not (S4-28)."""
    order = locked_order(session, order_id, "change")
    supplier = session.get(LineSupplier, supplier_id)
    if supplier is None:
        raise NotFound(T("There is no such supplier."))
    line_of(session, order, supplier.line_id)
    supplier.checked_at = session.now() if asked else None
    session.flush()
    told(session, order)
    return supplier


def note_analogue(session: WorkSession, order_id: int, line_id: int, answer: str, title: str = "") -> OrderLine:
    """What became of the offer of other goods instead; those that are taken become the line (S4-37, S4-38).

    :raises Invalid: without the goods that were offered.
    """
    order = locked_order(session, order_id, "change")
    line = line_of(session, order, line_id)
    title = title.strip() or line.analogue_title
    errors: dict[str, list[str]] = {}
    if answer not in ANALOGUES:
        errors["analogue"] = [T("Choose one of the list.")]
    if answer and not title:
        errors["analogue_title"] = [T("Say which goods were offered.")]
    elif len(title) > LONGEST_TITLE:
        errors["analogue_title"] = [T("This is too long.")]
    if errors:
        raise Invalid(errors)
    line.analogue, line.analogue_title = answer, title if answer else ""
    if answer == "accepted" and line.title != title:
        _note(session, order, T("Analogue instead: %(title)s"), title)
        line.analogue_title, line.title = line.title, title
        line.item_id, line.article, line.discontinued = None, "", False
        _bring_back(line, 0)
        _name_suppliers(session, line, ())
    session.flush()
    _sum_up(session, order)
    return line


def mark_delivered(session: WorkSession, order_id: int, line_id: int, quantity: int | None = None) -> OrderLine:
    """How much of a line the client has got, in thousandths; all of it where nothing is said.

    :raises Invalid: for less than nothing or more than was ordered.
    :raises Conflict: for an order that is cancelled, or completed and not delivered after all (S4-22).
    """
    order = _on_its_way(session, order_id)
    line = line_of(session, order, line_id)
    delivered = line.quantity if quantity is None else quantity
    if not 0 <= delivered <= line.quantity:
        raise Invalid({"delivered": [T("From nothing to what was ordered.")]})
    if order.status == COMPLETED and delivered < line.quantity:
        raise Conflict("The order is completed: everything in it was delivered.")
    line.delivered = delivered
    _bring_back(line, line.returned)
    session.flush()
    told(session, order)
    return line


def deliver_rest(session: WorkSession, order_id: int) -> DeliveryOrder:
    """The client has got everything that is not brought back.

    :raises Conflict: for an order that is cancelled.
    """
    order = _on_its_way(session, order_id)
    for line in lines_of(session, order.id):
        line.delivered = max(line.delivered, line.quantity - line.returned)
    session.flush()
    told(session, order)
    return order


def mark_returned(session: WorkSession, order_id: int, line_id: int, reason: str) -> OrderLine:
    """The courier has brought back what of a line the client did not take.

    :raises Invalid: without a reason, or where nothing is left that could have been brought back.
    :raises Conflict: for an order that is cancelled.
    """
    order = _on_its_way(session, order_id)
    line, reason = line_of(session, order, line_id), reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid({"reason": [T("This is too long.") if reason else T("Say why it was brought back.")]})
    if line.delivered >= line.quantity:
        raise Invalid({"reason": [T("All of it was delivered.")]})
    line.returned, line.return_reason = line.quantity - line.delivered, reason
    session.flush()
    values = {"title": line.title, "reason": reason}
    timeline.add_entry(session, [subject_of(order)], CHANGED, T("Brought back: %(title)s – %(reason)s"), values)
    told(session, order)
    return line


def _on_its_way(session: WorkSession, order_id: int) -> DeliveryOrder:
    """An order whose goods can be brought: it may have been cancelled since its sheet was opened."""
    order = locked_order(session, order_id, "deliver")
    if order.status in in_groups(session.hooks, CANCELLED):
        raise Conflict("This order is cancelled.")
    return order


def _bring_back(line: OrderLine, returned: int) -> None:
    """So much of a line was brought back, at most what was not delivered; without any there is no reason."""
    line.returned = min(returned, line.quantity - line.delivered)
    if not line.returned:
        line.return_reason = ""


def line_of(session: WorkSession, order: DeliveryOrder, line_id: int) -> OrderLine:
    """A line of this order.

    :raises NotFound: for one that is none of it.
    """
    line = session.get(OrderLine, line_id)
    if line is None or line.order_id != order.id:
        raise NotFound(T("There is no such line."))
    return line


def sum_of(quantity: int, price: int) -> int:
    """What a line costs, in kopecks, halves rounded up."""
    return int((Decimal(quantity) * price / THOUSAND).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _item(session: WorkSession, item_id: int | None, line: OrderLine) -> Item | None:
    if item_id is None:
        return None
    item = session.get(Item, item_id)
    if item is None or (not item.active and item.id != line.item_id):
        raise Invalid({"item_id": [T("Choose one of the list.")]})
    return item


def _write(line: OrderLine, new: NewLine, item: Item | None) -> None:
    title = new.title.strip() or (item.title if item is not None else "")
    price = new.price if new.price is not None or item is None else item.price
    errors: dict[str, list[str]] = {}
    if not title:
        errors["title"] = [T("Write what it is.")]
    elif len(title) > LONGEST_TITLE:
        errors["title"] = [T("This is too long.")]
    if new.quantity is None or not 0 < new.quantity <= MOST:
        errors["quantity"] = [T("More than nothing, and at most 1,000.")]
    if price is None:
        errors["price"] = [T("Enter the price: these goods are in no directory.")]
    elif price < 0:
        errors["price"] = [T("Enter a sum that is not below zero.")]
    elif price > DEAREST:
        errors["price"] = [T("At most 100,000,000 ₽.")]
    if errors or new.quantity is None or price is None:
        raise Invalid(errors)
    line.item_id = item.id if item is not None else None
    line.title, line.article = title, new.article.strip() or (item.article if item is not None else "")
    line.quantity, line.price, line.total = new.quantity, price, sum_of(new.quantity, price)
    if new.discontinued is not None:
        line.discontinued = new.discontinued


def _name_suppliers(session: WorkSession, line: OrderLine, names: Sequence[str]) -> None:
    """Exactly these; whoever was asked already stays asked."""
    wanted = list(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if any(len(name) > LONGEST_NAME for name in wanted):
        raise Invalid({"suppliers": [T("This is too long.")]})
    known = {each.name: each for each in session.scalars(select(LineSupplier).where(LineSupplier.line_id == line.id))}
    for name, each in known.items():
        if name not in wanted:
            session.delete(each)
    session.add_all(LineSupplier(line_id=line.id, name=name) for name in wanted if name not in known)
    session.flush()


def _sum_up(session: WorkSession, order: DeliveryOrder) -> None:
    """The order and the journal say what its lines add up to, and what they are."""
    lines = lines_of(session, order.id)
    order.total = sum(line.total for line in lines)
    head = head_of(session, order.id)
    head.amount, head.title = order.total, ", ".join(line.title for line in lines)[:LONGEST_TITLE]
    order.goods = head.title
    index_document(session, head)
    index_order(order)
    session.flush()
    told(session, order)


def _note(session: WorkSession, order: DeliveryOrder, words: str, title: str) -> None:
    timeline.add_entry(session, [subject_of(order)], CHANGED, words, {"title": title})
