"""The lines of a repair order: works and parts, what each costs, who does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from addons.contacts.services.documents import head_of
from addons.service.models import Concern, Job, OrderLine, RepairOrder, VatRate
from addons.service.services import order_story, roster
from addons.service.services.amounts import THOUSAND, Amounts, line_amounts, sum_of
from addons.service.services.discounts import MAY_DISCOUNT, MAY_UNDERCUT, expect_may_discount, expect_percent
from addons.service.services.kinds import ORDERS
from addons.service.services.labour_rates import hourly_price
from addons.service.services.open_orders import open_order
from addons.service.services.vocabulary import LINE_KINDS
from core import Conflict, Invalid, NotFound, T, WorkSession, subject_of, timeline

WHO_DOES_IT = T("Say who does it: choose the mechanic.")
LONGEST_QUANTITY = 1_000_000
"""A thousand units of anything."""
HIGHEST_PRICE = 100_000_000_00


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is entered. ``quantity`` in thousandths of the unit, ``price`` in kopecks, ``discount`` in hundredths of
    a percent. A labour line of a job that says neither takes the job's norm and the hour's price. ``performer`` is who does a
    work outside.
    """

    kind: str = "labour"
    title: str = ""
    job_id: int | None = None
    article: str = ""
    unit: str = ""
    quantity: int | None = None
    price: int | None = None
    discount: int = 0
    vat_rate_id: int | None = None
    mechanic_id: int | None = None
    performer: str = ""
    concern_id: int | None = None


def lines_of(session: WorkSession, order: RepairOrder) -> list[OrderLine]:
    """The lines of an order in their order."""
    statement = select(OrderLine).where(OrderLine.order_id == order.id)
    return list(session.scalars(statement.order_by(OrderLine.position, OrderLine.id)))


def sums_of(lines: Sequence[Any]) -> dict[str, Amounts]:
    """The sums of each kind of line, in the order of print forms, and of all of them under ``""``."""
    found = {kind: sum_of(line for line in lines if line.kind == kind) for kind in LINE_KINDS}
    return {**found, "": sum_of(lines)}


def add_line(session: WorkSession, order_id: int, new: NewLine) -> OrderLine:
    """Write a work or a part down; into an agreed order it is extra work, which the client has to agree to (S0-42).

    :raises Conflict: for an order that is done or over.
    :raises Invalid: naming the fields that are wrong; also for a discount without the right to one, and for a job below
        the price of an hour.
    """
    order = open_order(session, order_id)
    _expect_choices(session, order, new)
    return write_line(session, order, new)


def write_line(session: WorkSession, order: RepairOrder, new: NewLine) -> OrderLine:
    """Write down what follows from another step, as what was booked does: the right of that one was asked."""
    whole = _completed(session, order, new)
    _expect_price(session, order, whole)
    amounts, rate = _calculated(session, order, whole)
    last = session.scalar(select(func.max(OrderLine.position)).where(OrderLine.order_id == order.id)) or 0
    line = OrderLine(order_id=order.id, position=last + 1)
    _write(line, whole, amounts, rate)
    session.add(line)
    session.flush()
    sum_up(session, order)
    title = T("Added: %(title)s") if order.state == "draft" else T("Extra work: %(title)s")
    note(session, order, title, title=line.title)
    return line


def change_line(session: WorkSession, order_id: int, line_id: int, new: NewLine) -> OrderLine:
    """Another quantity, price, discount or person; other or more work, or a dearer one, has to be agreed to again.

    :raises Conflict: for another extent of work that is done already.
    :raises Invalid: naming the fields; also for a discount without the right to one, also one that is given by the price.
    """
    order = open_order(session, order_id)
    line = _line(session, order, line_id)
    _expect_choices(session, order, new, line)
    whole = _completed(session, order, new)
    amounts, rate = _calculated(session, order, whole, line.discount)
    _expect_price(session, order, whole, line)
    another, quantity = _what(line) != _what(whole), whole.quantity or 0
    if another or quantity != line.quantity:
        _expect_undone(line)
    _expect_own_price(line, new)
    _expect_performer(line, new)
    if another or quantity > line.quantity or amounts.total > line.total:
        line.approval_id = None
    before = line.total
    _write(line, whole, amounts, rate)
    if session.is_modified(line):
        order_story.repriced(session, order, line, before)
    session.flush()
    sum_up(session, order)
    return line


def remove_line(session: WorkSession, order_id: int, line_id: int) -> None:
    """Take a line out, unless it was done already."""
    order = open_order(session, order_id)
    line = _line(session, order, line_id)
    _expect_undone(line)
    title = line.title
    session.delete(line)
    session.flush()
    sum_up(session, order)
    note(session, order, T("Removed: %(title)s"), title=title)


def mark_done(session: WorkSession, order_id: int, line_id: int, *, done: bool = True) -> OrderLine:
    """A mechanic ticks what he has done; of work that is nobody's yet it is his who ticks it, if he repairs cars here.

    :raises Conflict: while the order is not in work.
    :raises Invalid: for work of which nobody is said to do it: the statement names him.
    """
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "change")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, ("in_work",))
    line = _line(session, order, line_id)
    if done and line.kind == "labour" and line.mechanic_id is None:
        line.mechanic_id = _who_ticks(session, order)
    if line.done != done:
        line.done = done
        order_story.done(session, order, line)
    session.flush()
    ORDERS.told(session, order)
    return line


def _who_ticks(session: WorkSession, order: RepairOrder) -> int:
    user_id = session.access.user_id
    if user_id is None or not roster.repairs_in(session, user_id, order.department_id):
        raise Invalid({"mechanic_id": [WHO_DOES_IT]}, WHO_DOES_IT)
    return user_id


def _line(session: WorkSession, order: RepairOrder, line_id: int) -> OrderLine:
    line = session.get(OrderLine, line_id)
    if line is None or line.order_id != order.id:
        raise NotFound(T("There is no such line."))
    return line


def _expect_undone(line: OrderLine) -> None:
    if line.done and line.kind != "part":
        raise Conflict("This work is done already.")


def _expect_choices(session: WorkSession, order: RepairOrder, new: NewLine, line: OrderLine | None = None) -> None:
    """A job that is in use and a mechanic of this workshop; what the line says already may stay."""
    errors: dict[str, list[str]] = {}
    job = session.get(Job, new.job_id) if new.job_id else None
    if new.job_id not in (None, line and line.job_id) and (job is None or not job.active):
        errors["job_id"] = [T("Choose one of the list.")]
    if new.mechanic_id not in (None, line and line.mechanic_id) and not roster.repairs_in(
        session, new.mechanic_id, order.department_id
    ):
        errors["mechanic_id"] = [T("Choose a mechanic of this department.")]
    if errors:
        raise Invalid(errors)


def _expect_own_price(line: OrderLine, new: NewLine) -> None:
    """What an hour of work costs is not what a part costs, nor the other way round: nobody has said so."""
    if new.kind != line.kind and new.price == line.price:
        raise Invalid({"price": [T("This was the price of something else. Write what this costs.")]})


def _expect_performer(line: OrderLine, new: NewLine) -> None:
    """Work that is done keeps somebody who has done it."""
    if line.done and line.kind == new.kind == "labour" and line.mechanic_id and not new.mechanic_id:
        raise Invalid({"mechanic_id": [WHO_DOES_IT]})


def _completed(session: WorkSession, order: RepairOrder, new: NewLine) -> NewLine:
    """With what the job says where the person said nothing."""
    job = session.get(Job, new.job_id) if new.job_id else None
    title = new.title.strip() or (session.words("ru", job.title_ru) if job is not None else "")
    quantity, price, unit = new.quantity, new.price, new.unit.strip()
    if new.kind == "labour":
        quantity = job.norm * (THOUSAND // 100) if quantity is None and job is not None else quantity
        price = hourly_price(session, order) if price is None else price
        unit = unit or "н/ч"
    return replace(new, title=title, quantity=quantity, price=price, unit=unit or "шт")


def _calculated(
    session: WorkSession, order: RepairOrder, new: NewLine, had_discount: int = 0
) -> tuple[Amounts, VatRate]:
    errors: dict[str, list[str]] = {}
    rate = _vat_rate(session, new.vat_rate_id)
    if new.kind not in LINE_KINDS:
        errors["kind"] = [T("Choose one of the list.")]
    if not new.title:
        errors["title"] = [T("Write what it is.")]
    if new.quantity is None or not 0 < new.quantity <= LONGEST_QUANTITY:
        errors["quantity"] = [T("More than nothing, and at most 1,000.")]
    if new.price is None or not 0 <= new.price <= HIGHEST_PRICE:
        errors["price"] = [T("Enter a sum that is not below zero.")]
    concern = session.get(Concern, new.concern_id) if new.concern_id else None
    if new.concern_id and (concern is None or concern.order_id != order.id):
        errors["concern_id"] = [T("Choose one of the list.")]
    if rate is None:
        errors["vat_rate_id"] = [T("Choose one of the list.")]
    if errors or new.quantity is None or new.price is None or rate is None:
        raise Invalid(errors)
    if new.discount != had_discount:
        expect_may_discount(session, order, "discount", MAY_DISCOUNT)
        expect_percent(new.discount)
    return line_amounts(new.quantity, new.price, new.discount, rate.rate), rate


def _vat_rate(session: WorkSession, rate_id: int | None) -> VatRate | None:
    if rate_id is not None:
        return session.get(VatRate, rate_id)
    usual = select(VatRate).where(VatRate.active).order_by(VatRate.usual.desc(), VatRate.position, VatRate.id)
    return session.scalars(usual.limit(1)).first()


def _expect_price(session: WorkSession, order: RepairOrder, new: NewLine, line: OrderLine | None = None) -> None:
    """A price below the one that was agreed, or a job's below that of an hour, is a discount by another name."""
    price = new.price or 0
    same = line if line is not None and _what(line) == _what(new) else None
    agreed = same.price if same is not None and same.approval_id is not None else 0
    of_job = new.kind == "labour" and new.job_id is not None and (same is None or same.price != price)
    if price < max(agreed, hourly_price(session, order) if of_job else 0):
        expect_may_discount(session, order, "price", MAY_UNDERCUT)


def _write(line: OrderLine, new: NewLine, amounts: Amounts, rate: VatRate) -> None:
    if line.kind != new.kind:
        line.done = new.kind == "part"  # a part is there as soon as it is written down
    line.kind, line.title, line.article, line.unit = new.kind, new.title, new.article.strip(), new.unit
    line.job_id, line.mechanic_id, line.concern_id = new.job_id, new.mechanic_id, new.concern_id
    line.performer = new.performer.strip() if new.kind == "outside" else ""
    line.quantity, line.price, line.discount = new.quantity or 0, new.price or 0, new.discount
    line.vat_rate_id, line.vat = rate.id, rate.rate
    calculate(line, amounts)


def _what(work: OrderLine | NewLine) -> tuple[str, str, str, int | None]:
    """Which work or part it is, whatever it costs."""
    return work.kind, work.title, work.article.strip(), work.job_id


def calculate(line: OrderLine, amounts: Amounts) -> None:
    """The four sums of a line."""
    line.amount, line.discount_amount, line.total, line.vat_amount = amounts


def note(session: WorkSession, order: RepairOrder, words: str, **values: str) -> None:
    """The timeline tells who has done what to the lines, and when (S0-42)."""
    timeline.add_entry(session, [subject_of(order)], order_story.LINES, words, values)


def sum_up(session: WorkSession, order: RepairOrder) -> None:
    """The order and the journal say what its lines add up to."""
    order.total = sum_of(lines_of(session, order)).total
    head_of(session, order.id).amount = order.total
    session.flush()
    ORDERS.told(session, order)
