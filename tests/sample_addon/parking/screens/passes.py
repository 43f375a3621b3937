"""The list of passes and the card of one."""

from __future__ import annotations

from sqlalchemy import func

from addons.contacts.models import Customer, Document
from addons.contacts.services.lookup import LOOKUP
from core import (
    CARD,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Join,
    Lookup,
    LookupFilter,
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
from parking.models import Pass, Zone
from parking.services import passes
from parking.services.clients import ZONE_TITLE
from parking.services.states import INSIDE, STATES

STATE_CHOICES = tuple(Choice(state.code, state.title, state.look) for state in STATES)
GUEST = Lookup(
    Customer,
    Customer.name,
    second=Customer.main_phone,
    search=Customer.search_key,
    where=(Customer.merged_into_id.is_(None),),
    right=LOOKUP,
)

PASSES = Screen(
    key="parking.passes",
    model=Pass,
    thing="parking.pass",
    path="/parking",
    title=T("Parking passes"),
    one=T("Parking pass"),
    icon="parking",
    menu="parking",
    joins=(
        Join(Document, Document.id == Pass.id),
        Join(Zone, Zone.id == Pass.zone_id),
        Join(User, User.id == Pass.host_id),
    ),
    columns=(
        Column("number", Pass.number, T("Number"), link=CARD),
        Column("guest", Document.customer_text, T("Guest"), phone="who"),
        Column("plate", Pass.plate, T("Plate"), kind="plate", phone="goal"),
        Column("car", Pass.car, T("Car"), narrow=False),
        Column("zone", ZONE_TITLE, T("Zone")),
        Column("host", shown_name, T("Visits"), kind="person"),
        Column("state", Pass.state, T("State"), kind="state", choices=STATE_CHOICES, phone="flags"),
        Column("entered_at", Pass.entered_at, T("Came in"), kind="moment", phone="time"),
        Column("left_at", Pass.left_at, T("Left"), kind="moment", shown=False),
        Column("price", Pass.price, T("Price"), kind="money", shown=False),
    ),
    filters=(
        ChoiceFilter("state", T("State"), Pass.state, STATE_CHOICES),
        LookupFilter("zone", T("Zone"), Pass.zone_id, Zone, ZONE_TITLE),
        PersonFilter("host", T("Visits"), Pass.host_id),
        PeriodFilter("entered", T("Came in"), Pass.entered_at),
        FlagFilter("open", T("Not over"), Document.open),
    ),
    search=Document.search_key,
    order=("-number",),
    groupings=(
        Grouping(
            "zone",
            T("Zone"),
            Pass.zone_id,
            title=ZONE_TITLE,
            totals=(Total("price", func.sum(Pass.price), T("paid"), kind="money"),),
            empty=T("no zone"),
        ),
        Grouping("host", T("Visits"), Pass.host_id, title=shown_name),
    ),
    ready=(
        ReadyFilter("inside", T("On the parking"), {"state": INSIDE.code}),
        ReadyFilter("mine", T("My guests"), {"host": "me", "open": "1"}),
    ),
    sections=(
        Section(
            T("Guest"),
            (
                Field("customer_id", T("Client"), lookup=GUEST),
                Field("customer_text", T("Or who it is, in words")),
                Field("host_id", T("Visits"), lookup=Lookup(User, User.full_name, where=(User.active,))),
            ),
        ),
        Section(
            T("Car"),
            (
                Field("plate", T("Plate")),
                Field("car", T("Car")),
                Field("zone_id", T("Zone"), lookup=Lookup(Zone, ZONE_TITLE, where=(Zone.active,))),
                Field("price", T("Price, ₽"), kind="money"),
            ),
        ),
    ),
    allow=frozenset({"create", "change"}),
    create=passes.create,
    change=passes.change,
)
