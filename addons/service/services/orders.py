"""Repair orders: their lines, what the client agrees to, what he pays, and their way into the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select

from addons.contacts.models import Document, Vehicle
from addons.contacts.services.documents import NewDocument, add_document, head_of
from addons.contacts.services.lookup import visible_customer
from addons.service.models import (
    Approval,
    CarVisit,
    Concern,
    Job,
    LabourRate,
    OrderLine,
    Payment,
    RepairOrder,
    VatRate,
)
from addons.service.services import roster
from addons.service.services.amounts import THOUSAND, WHOLE, Amounts, line_amounts, sum_of
from addons.service.services.kinds import ORDER_SERIES, ORDERS
from addons.service.services.moves import advance
from addons.service.services.states import ORDER
from addons.service.services.vocabulary import AGREED_HOW, LINE_KINDS, PAY_TYPES, PAYMENT_METHODS
from core import Conflict, Invalid, NotFound, T, WorkSession, expect_record, subject_of, timeline, to_roubles

CHANGED = "service.lines"
"""The kind of the timeline's entry about lines that came or went."""
LONGEST_QUANTITY = 1_000_000
"""A thousand units of anything."""
HIGHEST_PRICE = 100_000_000_00
OPEN_FOR_WORK = ("draft", "agreed", "in_work")
"""The states in which lines may still come and go."""
PAID_IN = (*ORDER.open, "closed")
"""The states in which money may come; an insurer's comes when the order is closed long since."""


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as it is entered. ``quantity`` in thousandths of the unit, ``price`` in kopecks, ``discount`` in hundredths of
    a percent. A labour line of a job that says neither takes the job's norm and the hour's price.
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
    concern_id: int | None = None


def add_order(session: WorkSession, visit: CarVisit, pay_type: str = "customer", payer: str = "") -> Document:
    """A repair order in a visit; its first one is made with it, others where somebody else pays.

    :raises Invalid: for a payer of an unknown kind.
    """
    if pay_type not in PAY_TYPES:
        raise Invalid({"pay_type": [T("Choose one of the list.")]})
    customer = visible_customer(session, visit.customer_id)
    vehicle = expect_record(session, Vehicle, visit.vehicle_id)
    document = add_document(
        session,
        NewDocument(
            type=ORDERS.thing,
            series=ORDER_SERIES,
            state=ORDER.first,
            title=visit.reason or vehicle.title,
            customer_id=customer.id,
            customer_text=customer.name,
            vehicle_id=vehicle.id,
            vehicle_text=vehicle.title,
            responsible_id=visit.adviser_id,
            department_id=visit.department_id,
            branch_id=visit.branch_id,
            amount=0,
        ),
    )
    order = RepairOrder(
        id=document.id,
        number=document.number,
        state=document.state,
        state_since=session.now(),
        at=document.at,
        visit_id=visit.id,
        customer_id=customer.id,
        vehicle_id=vehicle.id,
        pay_type=pay_type,
        payer=payer.strip(),
        adviser_id=visit.adviser_id,
        mileage=visit.mileage,
        department_id=visit.department_id,
        branch_id=visit.branch_id,
    )
    session.add(order)
    session.flush()
    if visit.reason:
        add_concern(session, order, visit.reason)
    ORDERS.told(session, order)
    return document


def lines_of(session: WorkSession, order: RepairOrder) -> list[OrderLine]:
    """The lines of an order in their order."""
    statement = select(OrderLine).where(OrderLine.order_id == order.id)
    return list(session.scalars(statement.order_by(OrderLine.position, OrderLine.id)))


def concerns_of(session: WorkSession, order: RepairOrder) -> list[Concern]:
    """What is wrong with the car, in the order in which it was said."""
    statement = select(Concern).where(Concern.order_id == order.id)
    return list(session.scalars(statement.order_by(Concern.position, Concern.id)))


def payments_of(session: WorkSession, order: RepairOrder) -> list[Payment]:
    """What was paid and given back, the first one first."""
    return list(session.scalars(select(Payment).where(Payment.order_id == order.id).order_by(Payment.id)))


def approvals_of(session: WorkSession, order: RepairOrder) -> list[Approval]:
    """What the client has agreed to, the first one first."""
    return list(session.scalars(select(Approval).where(Approval.order_id == order.id).order_by(Approval.id)))


def add_concern(
    session: WorkSession, order: RepairOrder, concern: str, cause: str = "", correction: str = ""
) -> Concern:
    """A complaint of the client; its cause and correction are found in the workshop."""
    if not concern.strip():
        raise Invalid({"concern": [T("Write what the client complains of.")]})
    last = session.scalar(select(func.max(Concern.position)).where(Concern.order_id == order.id)) or 0
    added = Concern(
        order_id=order.id,
        position=last + 1,
        concern=concern.strip(),
        cause=cause.strip(),
        correction=correction.strip(),
    )
    session.add(added)
    session.flush()
    return added


def complain(session: WorkSession, order_id: int, concern: str, cause: str = "", correction: str = "") -> Concern:
    """Write down what the client complains of, and what was found and done.

    :raises Conflict: for an order that is done or over.
    """
    order = _open_order(session, order_id)
    added = add_concern(session, order, concern, cause, correction)
    ORDERS.told(session, order)
    return added


def change_concern(
    session: WorkSession, order_id: int, concern_id: int, concern: str, cause: str, correction: str
) -> Concern:
    """What was found out about a complaint, and what was done about it.

    :raises Conflict: for an order that is done or over.
    """
    order = _open_order(session, order_id)
    changed = session.get(Concern, concern_id)
    if changed is None or changed.order_id != order.id:
        raise NotFound(T("There is no such complaint."))
    if not concern.strip():
        raise Invalid({"concern": [T("Write what the client complains of.")]})
    changed.concern, changed.cause, changed.correction = concern.strip(), cause.strip(), correction.strip()
    session.flush()
    ORDERS.told(session, order)
    return changed


def client_of(session: WorkSession, order: RepairOrder) -> str:
    """What the journal calls the client of an order."""
    return head_of(session, order.id).customer_text


def add_line(session: WorkSession, order_id: int, new: NewLine) -> OrderLine:
    """Write a work or a part down; into an agreed order it is extra work, which the client has to agree to (S0-42).

    :raises Conflict: for an order that is done or over.
    :raises Invalid: naming the fields that are wrong.
    :raises Forbidden: for a discount without the right to one, and for a job below the price of an hour.
    """
    order = _open_order(session, order_id)
    _expect_choices(session, order, new)
    whole = _completed(session, order, new)
    _expect_price(session, order, whole)
    amounts, rate = _calculated(session, order, whole)
    last = session.scalar(select(func.max(OrderLine.position)).where(OrderLine.order_id == order.id)) or 0
    line = OrderLine(order_id=order.id, position=last + 1)
    _write(line, whole, amounts, rate)
    session.add(line)
    session.flush()
    _sum_up(session, order)
    title = T("Added: %(title)s") if order.state == "draft" else T("Extra work: %(title)s")
    _note(session, order, title, title=line.title)
    return line


def change_line(session: WorkSession, order_id: int, line_id: int, new: NewLine) -> OrderLine:
    """Another quantity, price, discount or person; other or more work, or a dearer one, has to be agreed to again.

    :raises Conflict: for another extent of work that is done already.
    :raises Forbidden: for a discount without the right to one, also one that is given by the price.
    """
    order = _open_order(session, order_id)
    line = _line(session, order, line_id)
    _expect_choices(session, order, new, line)
    whole = _completed(session, order, new)
    amounts, rate = _calculated(session, order, whole, line.discount)
    _expect_price(session, order, whole, line)
    another, quantity = _what(line) != _what(whole), whole.quantity or 0
    if another or quantity != line.quantity:
        _expect_undone(line)
    if another or quantity > line.quantity or amounts.total > line.total:
        line.approval_id = None
    _write(line, whole, amounts, rate)
    if session.is_modified(line):
        _note(session, order, T("Changed: %(title)s"), title=line.title)
    session.flush()
    _sum_up(session, order)
    return line


def remove_line(session: WorkSession, order_id: int, line_id: int) -> None:
    """Take a line out, unless it was done already."""
    order = _open_order(session, order_id)
    line = _line(session, order, line_id)
    _expect_undone(line)
    title = line.title
    session.delete(line)
    session.flush()
    _sum_up(session, order)
    _note(session, order, T("Removed: %(title)s"), title=title)


def mark_done(session: WorkSession, order_id: int, line_id: int, *, done: bool = True) -> OrderLine:
    """A mechanic ticks what he has done.

    :raises Conflict: while the order is not in work.
    """
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "change")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, ("in_work",))
    line = _line(session, order, line_id)
    line.done = done
    session.flush()
    ORDERS.told(session, order)
    return line


def give_discount(session: WorkSession, order_id: int, discount: int, kinds: Iterable[str] = LINE_KINDS) -> RepairOrder:
    """The same discount, in hundredths of a percent, on all lines of these kinds.

    :raises Forbidden: without the right to discounts.
    :raises Invalid: below 0 or above 100 %.
    """
    order = _open_order(session, order_id)
    _expect_discount(session, order, discount)
    wanted = set(kinds)
    for line in lines_of(session, order):
        if line.kind in wanted:
            amounts = line_amounts(line.quantity, line.price, discount, line.vat)
            line.approval_id = line.approval_id if amounts.total <= line.total else None
            line.discount = discount
            _calculate(line, amounts)
    _note(session, order, T("Discount of %(percent)s %%"), percent=f"{discount * 100 / WHOLE:g}")
    session.flush()
    _sum_up(session, order)
    return order


def approve(
    session: WorkSession, order_id: int, who: str, how: str, note: str = "", *, told: int | None = None
) -> Approval:
    """The client agrees to everything the order holds now (S0-42): who said so, how, when, and to which sum.

    A draft is agreed with it.

    :param told: the sum in kopecks that he was told; none where nobody else can have changed the order since.
    :raises Invalid: without who or how.
    :raises Conflict: where it costs another sum by now (SEC-49).
    """
    order = _open_order(session, order_id)
    errors: dict[str, list[str]] = {}
    if not who.strip():
        errors["who"] = [T("Write who has agreed.")]
    if how not in AGREED_HOW:
        errors["how"] = [T("Choose how.")]
    if errors:
        raise Invalid(errors)
    if told not in (None, order.total):
        raise Conflict(
            "The sum has changed meanwhile: it was %(told)s ₽, now it is %(sum)s ₽. Tell it to the client.",
            told=str(to_roubles(told or 0)),
            sum=str(to_roubles(order.total)),
        )
    approval = Approval(
        order_id=order.id, at=session.now(), who=who.strip(), how=how, total=order.total, note=note.strip()
    )
    session.add(approval)
    session.flush()
    for line in lines_of(session, order):
        if line.approval_id is None:
            line.approval_id = approval.id
    order.agreed_total = order.total
    session.flush()
    if order.state == "draft":
        advance(session, ORDERS, order, "agreed", by_hand=False)
    ORDERS.told(session, order)
    return approval


def pay(session: WorkSession, order_id: int, amount: int, method: str, note: str = "") -> Payment:
    """Money has come, or is given back with an amount below zero; in kopecks.

    :raises Conflict: for an order that is cancelled; and nothing is given back for one in the archive: it is paid, or it
        is taken out of there first.
    :raises Invalid: for nothing at all, more than is owed, or more back than was paid.
    """
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "pay")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, PAID_IN if amount > 0 else ORDER.open)
    errors: dict[str, list[str]] = {}
    if method not in PAYMENT_METHODS:
        errors["method"] = [T("Choose one of the list.")]
    if amount == 0:
        errors["amount"] = [T("Enter a sum.")]
    elif order.paid + amount < 0:
        errors["amount"] = [T("More than was paid cannot be given back.")]
    elif amount > 0 and order.paid + amount > order.total:
        errors["amount"] = [T("This is more than is owed.")]
    if errors:
        raise Invalid(errors)
    payment = Payment(order_id=order.id, at=session.now(), amount=amount, method=method, note=note.strip())
    session.add(payment)
    order.paid += amount
    session.flush()
    ORDERS.told(session, order)
    return payment


def takes_money(order: RepairOrder) -> bool:
    """Whether anything may be paid or given back as the order stands."""
    return order.state in ORDER.open or (order.state in PAID_IN and order.paid < order.total)


def move(session: WorkSession, order_id: int, target: str, words: str = "") -> RepairOrder:
    """Agreed, into work, done, into the archive, or cancelled with a reason.

    :raises Conflict: with what stands in the way.
    """
    from addons.service.services.visits import work_begins  # a visit makes its orders, an order tells its visit

    order = ORDERS.get(session, order_id)
    values: dict[str, dict[str, Any]] = {
        "cancelled": {"cancel_reason": words.strip()},
        "in_work": {"done_at": None},
        "done": {"done_at": order.done_at or session.now()},
    }
    if (
        advance(session, ORDERS, order, target, words=words, values=values.get(target))
        and target == "in_work"
        and order.visit_id
    ):
        work_begins(session, order.visit_id)
    return order


def sums_of(lines: Sequence[Any]) -> dict[str, Amounts]:
    """The sums of each kind of line, in the order of print forms, and of all of them under ``""``."""
    found = {kind: sum_of(line for line in lines if line.kind == kind) for kind in LINE_KINDS}
    return {**found, "": sum_of(lines)}


def hourly_price(session: WorkSession, order: RepairOrder) -> int:
    """What a norm-hour costs here, in kopecks: what fits department and payer best; 0 where nobody has said."""
    fits = select(LabourRate).where(
        LabourRate.department_id.in_([order.department_id]) | LabourRate.department_id.is_(None),
        LabourRate.pay_type.in_([order.pay_type, ""]),
    )
    rates = sorted(session.scalars(fits), key=lambda rate: (rate.department_id is None, rate.pay_type == ""))
    return rates[0].hourly if rates else 0


def _open_order(session: WorkSession, order_id: int) -> RepairOrder:
    order = ORDERS.get(session, order_id)
    ORDERS.expect(session, order, "change")
    ORDERS.lock(session, order)
    ORDERS.expect_state(order, OPEN_FOR_WORK)
    return order


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
        _expect_discount(session, order, new.discount)
    return line_amounts(new.quantity, new.price, new.discount, rate.rate), rate


def _vat_rate(session: WorkSession, rate_id: int | None) -> VatRate | None:
    if rate_id is not None:
        return session.get(VatRate, rate_id)
    usual = select(VatRate).where(VatRate.active).order_by(VatRate.usual.desc(), VatRate.position, VatRate.id)
    return session.scalars(usual.limit(1)).first()


def _expect_discount(session: WorkSession, order: RepairOrder, discount: int) -> None:
    ORDERS.expect(session, order, "discount")
    if not 0 <= discount <= WHOLE:
        raise Invalid({"discount": [T("From 0 to 100 percent.")]})


def _expect_price(session: WorkSession, order: RepairOrder, new: NewLine, line: OrderLine | None = None) -> None:
    """A price below the one that was agreed, or a job's below that of an hour, is a discount by another name."""
    price = new.price or 0
    same = line if line is not None and _what(line) == _what(new) else None
    agreed = same.price if same is not None and same.approval_id is not None else 0
    of_job = new.kind == "labour" and new.job_id is not None and (same is None or same.price != price)
    if price < max(agreed, hourly_price(session, order) if of_job else 0):
        ORDERS.expect(session, order, "discount")


def _write(line: OrderLine, new: NewLine, amounts: Amounts, rate: VatRate) -> None:
    if line.kind != new.kind:
        line.done = new.kind == "part"  # a part is there as soon as it is written down
    line.kind, line.title, line.article, line.unit = new.kind, new.title, new.article.strip(), new.unit
    line.job_id, line.mechanic_id, line.concern_id = new.job_id, new.mechanic_id, new.concern_id
    line.quantity, line.price, line.discount = new.quantity or 0, new.price or 0, new.discount
    line.vat_rate_id, line.vat = rate.id, rate.rate
    _calculate(line, amounts)


def _what(work: OrderLine | NewLine) -> tuple[str, str, str, int | None]:
    """Which work or part it is, whatever it costs."""
    return work.kind, work.title, work.article.strip(), work.job_id


def _calculate(line: OrderLine, amounts: Amounts) -> None:
    line.amount, line.discount_amount, line.total, line.vat_amount = amounts


def _note(session: WorkSession, order: RepairOrder, words: str, **values: str) -> None:
    """The timeline tells who has done what to the lines, and when (S0-42)."""
    timeline.add_entry(session, [subject_of(order)], CHANGED, words, values)


def _sum_up(session: WorkSession, order: RepairOrder) -> None:
    """The order and the journal say what its lines add up to."""
    order.total = sum_of(lines_of(session, order)).total
    head_of(session, order.id).amount = order.total
    session.flush()
    ORDERS.told(session, order)
