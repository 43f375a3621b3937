"""The list of inbound traffic."""

from __future__ import annotations

from sqlalchemy import func, literal

from addons.contacts.models import ContactGoal, Document, InboundContact, Make, Vehicle
from addons.contacts.screens.shared import CHANNEL_CHOICES, branch_title, department_title
from addons.contacts.services.goals import GOAL_TITLE
from addons.contacts.services.listing import DEPARTMENT_IN_BRANCH, GoalFilter, colleagues, goal_titles
from addons.contacts.services.states import OPEN, REAL, STATES
from core import (
    Badge,
    Branch,
    Choice,
    ChoiceFilter,
    Column,
    Department,
    FlagFilter,
    Grouping,
    InLanguage,
    Join,
    Link,
    LookupFilter,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    T,
    Total,
    User,
    shown_name,
)

STATE_CHOICES = tuple(Choice(each.code, each.title, each.look) for each in STATES)

goal_title = InLanguage(*(title.element for title in GOAL_TITLE))
department_in_branch = InLanguage(
    Department.title_ru + literal(" · ") + Branch.title_ru, Department.title_en + literal(" · ") + Branch.title_en
)
contact_make = func.coalesce(InboundContact.make_id, Vehicle.make_id)
FIRST_TIME = Total("primary", func.count().filter(InboundContact.is_primary), T("first-time ones"))

TRAFFIC = Screen(
    key="contacts.traffic",
    model=InboundContact,
    thing="contacts.contact",
    path="/traffic",
    title=T("Inbound traffic"),
    one=T("Inbound contact"),
    icon="arrows-right-left",
    menu="traffic",
    joins=(
        Join(ContactGoal, ContactGoal.id == InboundContact.goal_id),
        Join(Department, Department.id == InboundContact.department_id),
        Join(User, User.id == InboundContact.responsible_id),
        Join(Document, Document.id == InboundContact.document_id),
        Join(Branch, Branch.id == InboundContact.branch_id),
        Join(Vehicle, Vehicle.id == InboundContact.vehicle_id),
        Join(Make, Make.id == contact_make),
    ),
    columns=(
        Column(
            "channel",
            InboundContact.channel,
            T("Channel"),
            kind="channel",
            choices=CHANNEL_CHOICES,
            phone="channel",
        ),
        Column("at", InboundContact.at, T("Time"), kind="moment", phone="time"),
        Column(
            "client",
            InboundContact.client_text,
            T("Client"),
            second=InboundContact.phone,
            second_label=T("Phone"),
            second_kind="phone",
            badges=(Badge(InboundContact.is_primary, T("first-time")),),
            link=Link("contacts.contact", InboundContact.id),
            phone="who",
        ),
        Column("vehicle", InboundContact.vehicle_text, T("Vehicle"), narrow=False),
        Column("goal", goal_title, T("Goal"), phone="goal"),
        Column("responsible", shown_name, T("Responsible"), kind="person"),
        Column("document", Document.number, T("Document"), kind="code"),
        Column("state", InboundContact.state, T("State"), kind="state", choices=STATE_CHOICES, phone="flags"),
        Column("number", InboundContact.number, T("Number"), shown=False),
        Column("primary", InboundContact.is_primary, T("First-time client"), kind="bool", shown=False),
        Column("request", InboundContact.is_request, T("Request"), kind="bool", shown=False),
        Column(
            "department", department_title, T("Department"), second=branch_title, second_label=T("Branch"), shown=False
        ),
        Column("make", Make.name, T("Make"), shown=False),
        Column(
            "note", func.substr(InboundContact.note, 1, 120), T("In the client's words"), shown=False, sortable=False
        ),
        Column("taken_at", InboundContact.taken_at, T("Taken"), kind="moment", shown=False),
        Column("finished_at", InboundContact.finished_at, T("Finished"), kind="moment", shown=False),
    ),
    unless_asked={"state": REAL},
    filters=(
        PeriodFilter("period", T("Period"), InboundContact.at),
        ChoiceFilter("state", T("State"), InboundContact.state, STATE_CHOICES),
        ChoiceFilter("channel", T("Channel"), InboundContact.channel, CHANNEL_CHOICES),
        LookupFilter("department", T("Department"), InboundContact.department_id, Department, DEPARTMENT_IN_BRANCH),
        GoalFilter(
            "goal", T("Goal"), InboundContact.goal_id, ContactGoal, ContactGoal.purpose_ru, where=(ContactGoal.active,)
        ),
        LookupFilter("make", T("Make"), contact_make, Make, Make.name),
        PersonFilter("responsible", T("Responsible"), InboundContact.responsible_id),
        FlagFilter("primary", T("First-time client"), InboundContact.is_primary),
        FlagFilter("request", T("Request"), InboundContact.is_request),
        FlagFilter("open", T("Unfinished"), InboundContact.state.in_(OPEN)),
    ),
    search=InboundContact.search_key,
    order=("-at",),
    groupings=(
        Grouping(
            "responsible",
            T("Responsible"),
            InboundContact.responsible_id,
            title=shown_name,
            totals=(FIRST_TIME,),
        ),
        Grouping(
            "operator",
            T("Registered by"),
            InboundContact.created_by_id,
            totals=(FIRST_TIME,),
            empty=T("by itself"),
            words=colleagues,
        ),
        Grouping("department", T("Department"), InboundContact.department_id, title=department_in_branch),
        Grouping("goal", T("Goal"), InboundContact.goal_id, title=goal_title, words=goal_titles),
        Grouping("make", T("Make"), contact_make, title=Make.name, empty=T("no make")),
        Grouping("channel", T("Channel"), InboundContact.channel, choices=CHANNEL_CHOICES),
        Grouping("state", T("State"), InboundContact.state, choices=STATE_CHOICES),
    ),
    ready=(
        ReadyFilter("mine", T("Mine"), {"responsible": "me"}),
        ReadyFilter("open", T("Not processed"), {"open": "1"}, tone="bad"),
        ReadyFilter("waiting", T("Waiting"), {"state": "waiting"}),
        ReadyFilter("site_today", T("Website, today"), {"channel": "web", "period": "today"}),
    ),
    allow=frozenset(),
)
