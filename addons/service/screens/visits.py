"""The list, card and form of car visits."""

from __future__ import annotations

from addons.contacts.models import Document, Vehicle
from addons.contacts.screens.shared import CLIENT
from addons.contacts.services.vehicles import HIGHEST_MILEAGE
from addons.service.models import CarVisit
from addons.service.models.visits import OPEN_VISIT
from addons.service.screens.shared import ADVISER, VEHICLE, WORKSHOP, choices, found_by_document, state_choices
from addons.service.services import heads, newcomers, today, visit_form
from addons.service.services.places import own_workshop
from addons.service.services.states import VISIT
from addons.service.services.vocabulary import FUEL_LEVELS
from core import (
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Join,
    Made,
    Origin,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    Strip,
    T,
    User,
    shown_name,
)

STATES = state_choices(VISIT)
_ANSWERED = "service/answered.html"
NEW_CLIENT = Made("contacts.clients", "contacts.customer.create", T("Add the client"), newcomers.client_to_make)
NEW_CAR = Made("contacts.vehicles", "contacts.vehicle.create", T("Add the car"), newcomers.car_to_make)

VISITS = Screen(
    key="service.visits",
    model=CarVisit,
    thing="service.visit",
    path="/service/visits",
    title=T("Car visits"),
    one=T("Car visit"),
    icon="car-garage",
    menu="service",
    joins=(
        Join(Document, Document.id == CarVisit.id),
        Join(Vehicle, Vehicle.id == CarVisit.vehicle_id),
        Join(User, User.id == CarVisit.adviser_id),
    ),
    columns=(
        Column("arrived_at", CarVisit.arrived_at, T("Received"), kind="moment", phone="time"),
        Column(
            "number",
            CarVisit.number,
            T("Number"),
            link="card",
            phone="who",
            second=Document.customer_text,
            second_label=T("Client"),
        ),
        Column("vehicle", Vehicle.title, T("Vehicle"), phone="goal"),
        Column("plate", Vehicle.plate, T("Plate"), kind="plate"),
        Column("mileage", CarVisit.mileage, T("Mileage, km"), kind="number", narrow=False),
        Column("promised_at", CarVisit.promised_at, T("Promised"), kind="moment"),
        Column("adviser", shown_name, T("Adviser"), kind="person"),
        Column("state", CarVisit.state, T("State"), kind="state", choices=STATES, phone="flags"),
        Column("handed_over_at", CarVisit.handed_over_at, T("Given out"), kind="moment", shown=False),
    ),
    filters=(
        ChoiceFilter("state", T("State"), CarVisit.state, STATES),
        PeriodFilter("period", T("Received"), CarVisit.arrived_at),
        PeriodFilter("promised", T("Promised"), CarVisit.promised_at),
        PersonFilter("adviser", T("Adviser"), CarVisit.adviser_id),
        FlagFilter("open", T("In the workshop"), OPEN_VISIT),
    ),
    search=found_by_document(CarVisit),
    order=("-arrived_at",),
    groupings=(Grouping("adviser", T("Adviser"), CarVisit.adviser_id, title=shown_name),),
    ready=(
        ReadyFilter("open", T("In the workshop"), {"open": "1"}),
        ReadyFilter("mine", T("Mine"), {"adviser": "me", "open": "1"}),
        ReadyFilter("today", T("Promised today"), {"promised": "today", "open": "1"}),
    ),
    strip=Strip("service/today.html", today.figures),
    sections=(
        Section(
            T("Client and car"),
            (
                Field("customer_id", T("Client"), lookup=CLIENT, required=True, on=("create",), made=NEW_CLIENT),
                Field("vehicle_id", T("Vehicle"), lookup=VEHICLE, required=True, on=("create",), made=NEW_CAR),
                Field("mileage", T("Mileage, km"), minimum=0, maximum=HIGHEST_MILEAGE),
                Field("reason", T("Reason for the visit"), wide=True),
                Field(
                    "department_id",
                    T("Workshop"),
                    lookup=WORKSHOP,
                    on=("create",),
                    if_several=True,
                    preset=own_workshop,
                ),
            ),
        ),
        Section(
            T("Receiving the car"),
            (
                Field("condition", T("Condition of the car"), wide=True),
                Field("belongings", T("Belongings left in the car"), wide=True),
                Field("fuel", T("Fuel"), choices=choices(FUEL_LEVELS)),
                Field("keys_taken", T("Keys taken"), minimum=0, maximum=9, default=1),
                Field("papers_taken", T("Papers taken")),
                Field("promised_at", T("Promised for")),
                Field("adviser_id", T("Adviser"), lookup=ADVISER),
            ),
        ),
    ),
    allow=frozenset({"create", "change"}),
    templates={"card": "service/visit.html"},
    card_context=heads.visit_context,
    create=visit_form.create,
    change=visit_form.change,
    doubts=visit_form.doubts,
    origins=(
        Origin(
            "contact",
            visit_form.begin_from_contact,
            visit_form.create_from_contact,
            doubts=visit_form.contact_doubts,
            told=(_ANSWERED, visit_form.answered_by_contact),
        ),
        Origin(
            "booking",
            visit_form.begin_from_booking,
            visit_form.create_from_booking,
            doubts=visit_form.booking_doubts,
            settles=("department_id",),
            told=(_ANSWERED, visit_form.answered),
        ),
    ),
)
