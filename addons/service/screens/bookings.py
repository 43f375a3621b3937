"""The list, card and form of bookings."""

from __future__ import annotations

from addons.contacts.models import Document
from addons.contacts.screens.shared import CLIENT
from addons.service.models import Bay, Booking
from addons.service.screens.shared import (
    ADVISER,
    BAY,
    MAKE,
    MECHANIC,
    MODEL,
    VEHICLE,
    found_by_document,
    state_choices,
)
from addons.service.services import booking_form, heads
from addons.service.services.places import bay_title
from addons.service.services.states import BOOKING
from core import (
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Join,
    LookupFilter,
    Origin,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    T,
    User,
    shown_name,
)

STATES = state_choices(BOOKING)

BOOKINGS = Screen(
    key="service.bookings",
    model=Booking,
    thing="service.booking",
    path="/service/bookings",
    title=T("Bookings"),
    one=T("Service booking"),
    icon="calendar-event",
    menu="service",
    joins=(
        Join(Document, Document.id == Booking.id),
        Join(User, User.id == Booking.adviser_id),
        Join(Bay, Bay.id == Booking.bay_id),
    ),
    columns=(
        Column("starts_at", Booking.starts_at, T("Time"), kind="moment", phone="time"),
        Column(
            "number",
            Booking.number,
            T("Number"),
            link="card",
            phone="who",
            second=Document.customer_text,
            second_label=T("Client"),
        ),
        Column("phone", Booking.phone, T("Phone"), kind="phone", sortable=False, narrow=False),
        Column("vehicle", Booking.vehicle_text, T("Vehicle"), phone="goal"),
        Column("reason", Booking.reason, T("Reason for the visit"), sortable=False, narrow=False),
        Column("bay", bay_title, T("Bay"), sort=Bay.title),
        Column("adviser", shown_name, T("Adviser"), kind="person"),
        Column("state", Booking.state, T("State"), kind="state", choices=STATES, phone="flags"),
        Column("rescheduled", Booking.rescheduled, T("Moved, times"), kind="number", shown=False),
    ),
    filters=(
        ChoiceFilter("state", T("State"), Booking.state, STATES),
        PeriodFilter("day", T("Day"), Booking.starts_at),
        PersonFilter("adviser", T("Adviser"), Booking.adviser_id),
        LookupFilter("bay", T("Bay"), Booking.bay_id, Bay, bay_title, where=(Bay.active,)),
        FlagFilter("unassigned", T("Without a time"), Booking.starts_at.is_(None)),
    ),
    search=found_by_document(Booking),
    order=("-starts_at",),
    groupings=(
        Grouping("adviser", T("Adviser"), Booking.adviser_id, title=shown_name),
        Grouping("state", T("State"), Booking.state, choices=STATES),
    ),
    ready=(
        ReadyFilter("today", T("Today"), {"day": "today", "state": ("scheduled", "checked_in", "in_progress")}),
        ReadyFilter("unassigned", T("Without a time"), {"unassigned": "1", "state": "scheduled"}, tone="warn"),
        ReadyFilter("mine", T("Mine"), {"adviser": "me", "state": ("scheduled", "checked_in", "in_progress")}),
        ReadyFilter("missed", T("Did not come"), {"state": "no_show"}),
    ),
    sections=(
        Section(
            T("Client and car"),
            (
                Field("customer_id", T("Client"), lookup=CLIENT),
                Field("customer_text", T("Or who it is, in words"), on_card=T("Description")),
                Field("phone", T("Contact phone"), kind="phone"),
                Field("vehicle_id", T("Vehicle"), lookup=VEHICLE),
                Field("make_id", T("Make"), lookup=MAKE),
                Field("model_id", T("Model"), lookup=MODEL),
                Field(
                    "vehicle_text",
                    T("Or which car, in words"),
                    on_card=T("In words"),
                    beside=("vehicle_id", "make_id", "model_id"),
                ),
            ),
        ),
        Section(
            T("Why the client comes"),
            (
                Field("reason", T("Reason for the visit"), wide=True),
                Field("wishes", T("Wishes"), wide=True),
            ),
        ),
        Section(
            T("When"),
            (
                Field(
                    "starts_at",
                    T("Date and time"),
                    hint=T("Empty: it waits in the queue of the planner."),
                    on=("create",),
                ),
                Field("minutes", T("Duration, minutes"), minimum=15, maximum=20160, default=60),
                Field("bay_id", T("Bay"), lookup=BAY, on=("create",)),
                Field("mechanic_id", T("Mechanic"), lookup=MECHANIC, on=("create",)),
                Field("adviser_id", T("Adviser"), lookup=ADVISER),
            ),
            name="when",
        ),
    ),
    allow=frozenset({"create", "change"}),
    templates={"card": "service/booking.html", "form": "service/booking_form.html"},
    card_context=heads.booking_context,
    create=booking_form.create,
    numbers=("job_ids",),
    change=booking_form.change,
    doubts=booking_form.doubts,
    fixed=booking_form.fixed,
    origins=(Origin("contact", booking_form.begin, booking_form.create_from),),
)
