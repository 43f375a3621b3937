"""The list and card of repair orders; their lines have a page of their own."""

from __future__ import annotations

from sqlalchemy import func

from addons.contacts.models import Document, Vehicle
from addons.service.models import ORDER_SUM, RepairOrder
from addons.service.models.orders import OPEN_ORDER
from addons.service.screens.shared import ADVISER, choices, found_by_document, state_choices
from addons.service.services import heads, order_form
from addons.service.services.states import ORDER
from addons.service.services.vocabulary import PAY_TYPES
from core import (
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Join,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    T,
    Total,
    User,
    shown_name,
)

STATES = state_choices(ORDER)
PAYERS = choices(PAY_TYPES)
totals = Total("total", func.sum(RepairOrder.total), T("sums"), kind="money")

ORDERS = Screen(
    key="service.orders",
    model=RepairOrder,
    thing="service.order",
    path="/service/orders",
    title=T("Repair orders"),
    one=T("Repair order"),
    icon="clipboard-list",
    menu="service",
    joins=(
        Join(Document, Document.id == RepairOrder.id),
        Join(Vehicle, Vehicle.id == RepairOrder.vehicle_id),
        Join(User, User.id == RepairOrder.adviser_id),
    ),
    columns=(
        Column(
            "number",
            RepairOrder.number,
            T("Number"),
            link="card",
            phone="who",
            second=Document.customer_text,
            second_label=T("Client"),
        ),
        Column("at", RepairOrder.at, T("Date"), kind="day", phone="time"),
        Column("vehicle", Vehicle.title, T("Vehicle"), phone="goal"),
        Column("plate", Vehicle.plate, T("Plate"), kind="plate"),
        Column("pay_type", RepairOrder.pay_type, T("Who pays"), kind="choice", choices=PAYERS, narrow=False),
        Column("total", ORDER_SUM, T("Sum"), kind="money"),
        Column("paid", RepairOrder.paid, T("Paid"), kind="money", narrow=False),
        Column("adviser", shown_name, T("Adviser"), kind="person"),
        Column("state", RepairOrder.state, T("State"), kind="state", choices=STATES, phone="flags"),
    ),
    filters=(
        ChoiceFilter("state", T("State"), RepairOrder.state, STATES),
        ChoiceFilter("pay_type", T("Who pays"), RepairOrder.pay_type, PAYERS),
        PeriodFilter("period", T("Period"), RepairOrder.at),
        PersonFilter("adviser", T("Adviser"), RepairOrder.adviser_id),
        FlagFilter("open", T("Open ones"), OPEN_ORDER),
        FlagFilter("brought", T("From another program"), RepairOrder.external_id.is_not(None)),
        FlagFilter("owing", T("Not paid in full"), RepairOrder.paid < RepairOrder.total),
    ),
    search=found_by_document(RepairOrder),
    order=("-at",),
    groupings=(
        Grouping("adviser", T("Adviser"), RepairOrder.adviser_id, title=shown_name, totals=(totals,)),
        Grouping("state", T("State"), RepairOrder.state, choices=STATES, totals=(totals,)),
        Grouping("pay_type", T("Who pays"), RepairOrder.pay_type, choices=PAYERS, totals=(totals,)),
    ),
    ready=(
        ReadyFilter("open", T("Open ones"), {"open": "1"}),
        ReadyFilter("mine", T("Mine"), {"adviser": "me", "open": "1"}),
        ReadyFilter("done", T("Done, not closed"), {"state": "done"}),
        ReadyFilter("archive", T("Archive"), {"state": "closed"}),
    ),
    sections=(
        Section(
            T("Repair order"),
            (
                Field("pay_type", T("Who pays"), choices=PAYERS),
                Field("payer", T("Payer, if it is not the client")),
                Field("adviser_id", T("Adviser"), lookup=ADVISER),
            ),
        ),
    ),
    allow=frozenset({"change"}),
    templates={"card": "service/order.html"},
    card_context=heads.order_context,
    change=order_form.change,
)
