"""The steps of a repair order: its lines, what the client agrees to, what he pays, what is recommended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select
from werkzeug.wrappers import Response

from addons.service.models import Concern, Employee, Job, OrderLine, RepairOrder, VatRate
from addons.service.services import (
    concerns,
    discounts,
    labour_rates,
    order_lines,
    order_money,
    order_prices,
    orders,
    recommendations,
)
from addons.service.services.kinds import ORDERS
from addons.service.services.order_lines import NewLine
from addons.service.services.vocabulary import AGREED_HOW, LINE_KINDS, PAYMENT_METHODS, URGENCIES
from core import (
    Invalid,
    Kopecks,
    Request,
    T,
    User,
    asking,
    lines_of,
    number_of,
    step_on_card,
    typed_numbers,
    whole_number,
)

HUNDRED, THOUSAND = 100, 1000


def _line_boxes(request: Request, order: RepairOrder) -> Sequence[asking.Box]:
    line, language = _line_meant(request, order), request.translate.language
    kind = line.kind if line is not None else request.args.get("kind", "labour")
    return [
        asking.Box("kind", T("What it is"), "select", kind, asking.words_of(request, LINE_KINDS), required=True),
        asking.Box("job_id", T("Kind of work"), "select", str(line.job_id or "") if line else "", _jobs(request, line)),
        asking.Box("title", T("Title"), value=line.title if line else "", longest=200, hint=_OF_JOB),
        asking.Box("article", T("Part number"), value=line.article if line else "", longest=60),
        asking.Box(
            "quantity",
            T("Quantity or norm-hours"),
            "number",
            typed_numbers.typed(line.quantity, THOUSAND, language) if line else "",
            hint=_OF_JOB,
        ),
        asking.Box("unit", T("Unit"), value=line.unit if line else "", longest=10),
        asking.Box(
            "price",
            T("Price, ₽"),
            "number",
            typed_numbers.typed(line.price, HUNDRED, language) if line else "",
            hint=_hourly(request, order),
        ),
        *_discount_box(request, order, line),
        asking.Box("vat_rate_id", T("VAT"), "select", str(line.vat_rate_id) if line else "", _vat_rates(request, line)),
        asking.Box(
            "mechanic_id",
            T("Mechanic"),
            "select",
            str(line.mechanic_id or "") if line else "",
            _mechanics(request, order, line),
            hint=T("Work is done when it is known who has done it."),
        ),
        asking.Box(
            "performer",
            T("Who does it, if it is done outside"),
            value=line.performer if line else "",
            longest=160,
        ),
        asking.Box(
            "concern_id",
            T("Complaint"),
            "select",
            str(line.concern_id or "") if line else "",
            _concerns(request, order),
        ),
    ]


def _hourly(request: Request, order: RepairOrder) -> str:
    """What an empty price means. A part has none: nobody should find the price of an hour in it."""
    price = Kopecks(labour_rates.hourly_price(request.session, order))
    return request.translate(T("Empty: %(price)s for a norm-hour of work."), price=price)


def _discount_box(request: Request, order: RepairOrder, line: OrderLine | None) -> Sequence[asking.Box]:
    """The discount, for who may give one; who sent one all the same is told at the field why not."""
    if not request.form.get("discount") and not discounts.may_discount(request.session, order):
        return ()
    given = typed_numbers.typed(line.discount or None, HUNDRED, request.translate.language) if line else ""
    return [asking.Box("discount", T("Discount, %"), "number", given)]


_OF_JOB = T("Empty: as the job says.")


def _line_meant(request: Request, order: RepairOrder) -> OrderLine | None:
    number = number_of(request.args.get("part", ""))
    line = request.session.get(OrderLine, number) if number is not None else None
    return line if line is not None and line.order_id == order.id else None


def _concern_meant(request: Request, order: RepairOrder) -> Concern | None:
    number = number_of(request.args.get("part", ""))
    concern = request.session.get(Concern, number) if number is not None else None
    return concern if concern is not None and concern.order_id == order.id else None


def _concerns(request: Request, order: RepairOrder) -> list[tuple[str, str]]:
    return [(str(each.id), each.concern) for each in concerns.concerns_of(request.session, order)]


def _jobs(request: Request, line: OrderLine | None) -> list[tuple[str, str]]:
    found = request.session.scalars(select(Job).where(Job.active).order_by(Job.position, Job.id))
    kept = request.session.get(Job, line.job_id) if line is not None and line.job_id is not None else None
    return _titled(request, found, kept)


def _vat_rates(request: Request, line: OrderLine | None) -> list[tuple[str, str]]:
    rates = select(VatRate).where(VatRate.active).order_by(VatRate.usual.desc(), VatRate.position, VatRate.id)
    kept = request.session.get(VatRate, line.vat_rate_id) if line is not None else None
    return _titled(request, request.session.scalars(rates), kept)


def _titled(
    request: Request, offered: Iterable[Job] | Iterable[VatRate], kept: Job | VatRate | None
) -> list[tuple[str, str]]:
    """Rows of a directory as choices; the one a line has already is among them when nobody else is offered it."""
    english = request.translate.language == "en"
    found = [(str(each.id), each.title_en if english else each.title_ru) for each in offered]
    if kept is None or kept.active:
        return found
    return [*found, _switched_off(request, kept.id, kept.title_en if english else kept.title_ru, T("out of use"))]


def _switched_off(request: Request, number: int, title: str, why: str) -> tuple[str, str]:
    return str(number), f"{title} ({request.translate(why)})"


def _mechanics(request: Request, order: RepairOrder, line: OrderLine | None) -> list[tuple[str, str]]:
    """Who works in the department; whom a line names already is among them when he works there no more."""
    statement = (
        select(User.id, User.full_name)
        .join(Employee, Employee.user_id == User.id)
        .where(Employee.mechanic, Employee.active, Employee.department_id == order.department_id, User.active)
        .order_by(User.full_name)
    )
    found = [(str(number), name) for number, name in request.session.execute(statement)]
    kept = request.session.get(User, line.mechanic_id) if line is not None and line.mechanic_id is not None else None
    if kept is None or str(kept.id) in dict(found):
        return found
    return [*found, _switched_off(request, kept.id, kept.full_name, T("does not work here"))]


def _line_sent(request: Request, line: OrderLine | None) -> NewLine:
    """What was typed; a form without a discount, of who may give none, leaves it as it is."""
    sent, errors = request.form, {}
    numbers: dict[str, int | None] = {}
    for name, scale in (("quantity", THOUSAND), ("price", HUNDRED), ("discount", HUNDRED)):
        try:
            numbers[name] = typed_numbers.scaled(name, sent.get(name, ""), scale)
        except Invalid as refusal:
            errors.update(refusal.errors)
    if errors:
        raise Invalid(errors)
    return NewLine(
        kind=sent.get("kind", ""),
        title=sent.get("title", ""),
        article=sent.get("article", ""),
        unit=sent.get("unit", ""),
        job_id=number_of(sent.get("job_id", "")),
        vat_rate_id=number_of(sent.get("vat_rate_id", "")),
        mechanic_id=number_of(sent.get("mechanic_id", "")),
        performer=sent.get("performer", ""),
        concern_id=number_of(sent.get("concern_id", "")),
        quantity=numbers["quantity"],
        price=numbers["price"],
        discount=(numbers["discount"] or 0) if line is None or "discount" in sent else line.discount,
    )


def _save_line(request: Request, order: RepairOrder) -> None:
    line = _line_meant(request, order)
    if line is None:
        order_lines.add_line(request.session, order.id, _line_sent(request, line))
    else:
        order_lines.change_line(request.session, order.id, line.id, _line_sent(request, line))


LINE = asking.Step("line", ORDERS, T("Work or part"), T("Save"), _line_boxes, _save_line, part=_line_meant)


def remove_line(request: Request, record_id: int, line_id: int) -> Response:
    """Take a line out."""
    return _step(request, record_id, lambda: order_lines.remove_line(request.session, record_id, line_id))


def mark_done(request: Request, record_id: int, line_id: int) -> Response:
    """Tick a work as done, or take the tick away."""
    done = request.form.get("done") == "1"
    return _step(request, record_id, lambda: order_lines.mark_done(request.session, record_id, line_id, done=done))


def _approval_boxes(request: Request, order: RepairOrder) -> Sequence[asking.Box]:
    who = orders.client_of(request.session, order)
    return [
        asking.Box("told", "", "hidden", str(order.total)),
        asking.Box("who", T("Who has agreed"), value=who, required=True, longest=160),
        asking.Box("how", T("How"), "select", "phone", asking.words_of(request, AGREED_HOW), required=True),
        asking.Box("note", T("Note")),
    ]


def _approve(request: Request, order: RepairOrder) -> None:
    sent, told = request.form, whole_number(request.form.get("told", ""))
    if told is None:
        raise Invalid({"told": [T("Fill this in.")]})
    order_money.approve(
        request.session, order.id, sent.get("who", ""), sent.get("how", ""), sent.get("note", ""), told=told
    )


def _sum_to_agree(request: Request, order: RepairOrder) -> str:
    total, before = Kopecks(order.total), Kopecks(order.agreed_total)
    return request.translate(
        T("The client agrees to %(total)s in all; until now to %(before)s."), total=total, before=before
    )


APPROVE = asking.Step(
    "approve", ORDERS, T("The client agrees"), T("Note the approval"), _approval_boxes, _approve, note=_sum_to_agree
)


def _payment_boxes(request: Request, order: RepairOrder) -> Sequence[asking.Box]:
    owed = order.total - order.paid
    return [
        asking.Box(
            "amount",
            T("Sum, ₽"),
            "number",
            typed_numbers.typed(owed, HUNDRED, request.translate.language) if owed else "",
            required=True,
            hint=_BACK,
        ),
        asking.Box("method", T("How"), "select", "card", asking.words_of(request, PAYMENT_METHODS), required=True),
        asking.Box("note", T("Note"), longest=200),
    ]


_BACK = T("With a minus: money given back.")


def _pay(request: Request, order: RepairOrder) -> None:
    sent = request.form
    amount = typed_numbers.scaled("amount", sent.get("amount", ""), HUNDRED) or 0
    order_money.pay(request.session, order.id, amount, sent.get("method", ""), sent.get("note", ""))


PAY = asking.Step("pay", ORDERS, T("Payment"), T("Note the payment"), _payment_boxes, _pay, action="pay")


def _discount_boxes(request: Request, _order: RepairOrder) -> Sequence[asking.Box]:
    return [
        asking.Box("discount", T("Discount, %"), "number", required=True),
        asking.Box(
            "kinds",
            T("On what"),
            "select",
            "labour",
            [("", request.translate(T("Everything"))), *asking.words_of(request, LINE_KINDS)],
        ),
    ]


def _discount(request: Request, order: RepairOrder) -> None:
    discount = typed_numbers.scaled("discount", request.form.get("discount", ""), HUNDRED)
    if discount is None:
        raise Invalid({"discount": [T("Fill this in.")]})
    kind = request.form.get("kinds", "")
    order_prices.give_discount(request.session, order.id, discount, [kind] if kind else LINE_KINDS)


DISCOUNT = asking.Step(
    "discount", ORDERS, T("Discount"), T("Give the discount"), _discount_boxes, _discount, action="discount", whole=True
)


def _concern_boxes(request: Request, order: RepairOrder) -> Sequence[asking.Box]:
    concern = _concern_meant(request, order)
    return [
        asking.Box(
            "concern", T("What the client complains of"), "area", concern.concern if concern else "", required=True
        ),
        asking.Box("cause", T("Cause"), "area", concern.cause if concern else ""),
        asking.Box("correction", T("What was done about it"), "area", concern.correction if concern else ""),
    ]


def _save_concern(request: Request, order: RepairOrder) -> None:
    words = tuple(lines_of(request.form.get(name, "")) for name in ("concern", "cause", "correction"))
    concern = _concern_meant(request, order)
    if concern is None:
        concerns.complain(request.session, order.id, *words)
    else:
        concerns.change_concern(request.session, order.id, concern.id, *words)


CONCERN = asking.Step("concern", ORDERS, T("Complaint"), T("Save"), _concern_boxes, _save_concern, part=_concern_meant)


def _recommendation_boxes(request: Request, _order: RepairOrder) -> Sequence[asking.Box]:
    return [
        asking.Box("text", T("What should be done"), "area", required=True, longest=1000),
        asking.Box("urgency", T("How soon"), "select", "later", asking.words_of(request, URGENCIES), required=True),
        asking.Box("due_mileage", T("At a mileage of, km"), "number"),
    ]


def _recommend(request: Request, order: RepairOrder) -> None:
    sent = request.form
    mileage = typed_numbers.scaled("due_mileage", sent.get("due_mileage", ""), 1)
    text, urgency = sent.get("text", ""), sent.get("urgency", "")
    recommendations.recommend(request.session, order.id, text, urgency, due_mileage=mileage)


RECOMMEND = asking.Step("recommend", ORDERS, T("Recommendation"), T("Save"), _recommendation_boxes, _recommend)


def settle(request: Request, record_id: int, recommendation_id: int) -> Response:
    """What was recommended at an earlier visit is done now, declined, or open again."""
    state = request.form.get("state", "")
    return _step(
        request, record_id, lambda: recommendations.settle(request.session, record_id, recommendation_id, state)
    )


STEPS = (LINE, APPROVE, PAY, DISCOUNT, CONCERN, RECOMMEND)


def _step(request: Request, record_id: int, step: Callable[[], object]) -> Response:
    return step_on_card(request, "service.orders", record_id, step)
