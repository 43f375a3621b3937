"""The lists, cards and forms of contacts, as declarations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, literal

from addons.contacts.models import (
    ContactGoal,
    Customer,
    Document,
    IgnoreReason,
    InboundContact,
    LeadSource,
    Make,
    RequestReason,
    Vehicle,
    VehicleModel,
)
from addons.contacts.services import duplicates, records
from addons.contacts.services.customers import SET_VIP
from addons.contacts.services.listing import (
    DEPARTMENT_IN_BRANCH,
    DocumentKindFilter,
    GoalFilter,
    document_kinds,
    document_page,
    draw_kinds,
    goal_titles,
    journal_panels,
)
from addons.contacts.services.states import OPEN, STATES
from addons.contacts.services.vocabulary import CATEGORIES, CHANNELS, ROUTES
from core.access.models import Branch, Department, User
from core.web.i18n import T
from core.web.screens import (
    Action,
    Badge,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Follows,
    Grouping,
    InLanguage,
    Join,
    Link,
    Lookup,
    LookupFilter,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    Total,
    named_by,
)

CHANNEL_CHOICES = tuple(Choice(each.code, each.title, each.look, each.icon) for each in CHANNELS)
STATE_CHOICES = tuple(Choice(each.code, each.title, each.look) for each in STATES)
CATEGORY_CHOICES = tuple(Choice(code, title) for code, title in CATEGORIES.items())
ROUTE_CHOICES = tuple(Choice(code, title) for code, title in ROUTES.items())
LEGAL_FORM_CHOICES = (
    Choice("person", T("Private person")),
    Choice("company", T("Legal entity")),
    Choice("government", T("Government institution")),
)
RELATION_CHOICES = (
    Choice("retail", T("Retail")),
    Choice("corporate", T("Corporate")),
    Choice("partner", T("Partner")),
    Choice("employee", T("Employee")),
)

_COMPANY = {"company": T("Short legal name"), "government": T("Short legal name")}
_TO_TALK_TO = {"company": T("Contact person"), "government": T("Contact person")}
LAST_NAME = Follows("legal_form", {"person": T("Surname"), **_COMPANY})
FIRST_NAME = Follows("legal_form", {"person": T("First name"), **_TO_TALK_TO})

person_name = func.coalesce(func.nullif(User.short_name, ""), User.full_name)
department_title = InLanguage(Department.title_ru, Department.title_en)
goal_title = InLanguage(
    Department.title_ru + literal(" · ") + ContactGoal.purpose_ru,
    Department.title_en + literal(" · ") + ContactGoal.purpose_en,
)

branch_title = InLanguage(Branch.title_ru, Branch.title_en)
department_in_branch = InLanguage(
    Department.title_ru + literal(" · ") + Branch.title_ru, Department.title_en + literal(" · ") + Branch.title_en
)
contact_make = func.coalesce(InboundContact.make_id, Vehicle.make_id)

DEPARTMENT = Lookup(Department, DEPARTMENT_IN_BRANCH, where=(Department.active,))
RESPONSIBLE = Lookup(User, User.full_name, where=(User.active,))
SOURCE = Lookup(LeadSource, InLanguage(LeadSource.title_ru, LeadSource.title_en), where=(LeadSource.active,))

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
            second_kind="phone",
            badges=(Badge(InboundContact.is_primary, T("first-time")),),
            link=Link("contacts.contact", InboundContact.id),
            phone="who",
        ),
        Column("vehicle", InboundContact.vehicle_text, T("Vehicle"), narrow=False),
        Column("goal", goal_title, T("Goal"), phone="goal"),
        Column("responsible", person_name, T("Responsible"), kind="person"),
        Column("document", Document.number, T("Document"), kind="code"),
        Column("state", InboundContact.state, T("State"), kind="state", choices=STATE_CHOICES, phone="flags"),
        Column("number", InboundContact.number, T("Number"), shown=False),
        Column("primary", InboundContact.is_primary, T("First-time client"), kind="bool", shown=False),
        Column("request", InboundContact.is_request, T("Request"), kind="bool", shown=False),
        Column("department", department_title, T("Department"), second=branch_title, shown=False),
        Column("make", Make.name, T("Make"), shown=False),
        Column(
            "note", func.substr(InboundContact.note, 1, 120), T("In the client's words"), shown=False, sortable=False
        ),
        Column("taken_at", InboundContact.taken_at, T("Taken"), kind="moment", shown=False),
        Column("finished_at", InboundContact.finished_at, T("Finished"), kind="moment", shown=False),
    ),
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
            title=person_name,
            totals=(Total("primary", func.count().filter(InboundContact.is_primary), T("first-time")),),
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

CLIENTS = Screen(
    key="contacts.clients",
    model=Customer,
    thing="contacts.customer",
    path="/clients",
    title=T("Clients"),
    one=T("Client"),
    icon="users",
    menu="clients",
    where=(Customer.merged_into_id.is_(None),),
    joins=(Join(User, User.id == Customer.responsible_id),),
    columns=(
        Column(
            "name",
            Customer.name,
            T("Client"),
            second=Customer.main_phone,
            second_kind="phone",
            badges=(Badge(Customer.vip, T("VIP"), "vio"),),
            link="card",
            phone="who",
        ),
        Column("legal_form", Customer.legal_form, T("Group"), kind="choice", choices=LEGAL_FORM_CHOICES, phone="goal"),
        Column("relation", Customer.relation, T("Relation"), kind="choice", choices=RELATION_CHOICES),
        Column("email", Customer.email, T("E-mail"), narrow=False, sortable=False),
        Column("responsible", person_name, T("Responsible"), kind="person"),
        Column("last_contact_at", Customer.last_contact_at, T("Last contact"), kind="moment", phone="time"),
        Column("created_at", Customer.created_at, T("Client since"), kind="day", shown=False),
    ),
    filters=(
        ChoiceFilter("legal_form", T("Group"), Customer.legal_form, LEGAL_FORM_CHOICES),
        ChoiceFilter("relation", T("Relation"), Customer.relation, RELATION_CHOICES),
        FlagFilter("vip", T("VIP"), Customer.vip),
        PersonFilter("responsible", T("Responsible"), Customer.responsible_id),
        PeriodFilter("last_contact", T("Last contact"), Customer.last_contact_at),
        PeriodFilter("added", T("Client since"), Customer.created_at),
    ),
    search=Customer.search_key,
    order=("name",),
    ready=(ReadyFilter("mine", T("Mine"), {"responsible": "me"}), ReadyFilter("vip", T("VIP"), {"vip": "1"})),
    sections=(
        Section(
            T("Client"),
            (
                Field("legal_form", T("Group"), choices=LEGAL_FORM_CHOICES, default="person"),
                Field("relation", T("Relation"), choices=RELATION_CHOICES, default="retail"),
                Field("last_name", T("Surname or short legal name"), follows=LAST_NAME),
                Field("first_name", T("First name or contact person"), follows=FIRST_NAME),
                Field("middle_name", T("Middle name")),
                Field("email", T("E-mail")),
                Field("responsible_id", T("Responsible"), lookup=RESPONSIBLE),
                Field("lead_source_id", T("Lead source"), lookup=SOURCE),
                Field("vip", T("VIP"), set_right=SET_VIP, follows=Follows("legal_form", ticked=("government",))),
                Field("vip_reason", T("Why VIP"), set_right=SET_VIP),
                Field("note", T("Note"), wide=True),
            ),
        ),
    ),
    create=records.create_client,
    change=records.change_client,
    doubts=duplicates.client_doubts,
    successor=lambda customer: customer.merged_into_id,
    together=(Action("merge", T("Merge"), "contacts.merge_choose", "contacts.customer.merge", icon="arrows-join-2"),),
    actions=(
        Action("vehicles", T("Vehicles"), "contacts.vehicles", "contacts.vehicle.read", icon="car"),
        Action("import", T("Import"), "contacts.imports", "contacts.customer.import", icon="file-import"),
    ),
)

VEHICLES = Screen(
    key="contacts.vehicles",
    model=Vehicle,
    thing="contacts.vehicle",
    path="/vehicles",
    title=T("Vehicles"),
    one=T("Vehicle"),
    icon="car",
    menu="clients",
    joins=(Join(Customer, Customer.id == Vehicle.customer_id),),
    columns=(
        Column("title", Vehicle.title, T("Vehicle"), second=Vehicle.vin, link="card", phone="who"),
        Column("plate", Vehicle.plate, T("Plate"), kind="plate", phone="flags"),
        Column("model_year", Vehicle.model_year, T("Model year"), kind="text"),
        Column("mileage", Vehicle.mileage, T("Mileage, km"), kind="number"),
        Column("client", Customer.name, T("Client"), link=Link("contacts.clients.card", Customer.id), phone="goal"),
    ),
    filters=(
        LookupFilter("make", T("Make"), Vehicle.make_id, Make, Make.name, where=(Make.active,)),
        FlagFilter("owned", T("Has an owner"), Vehicle.customer_id.is_not(None)),
    ),
    search=Vehicle.search_key,
    order=("title",),
    sections=(
        Section(
            T("Vehicle"),
            (
                Field("make_id", T("Make"), lookup=Lookup(Make, Make.name, where=(Make.active,))),
                Field(
                    "model_id", T("Model"), lookup=Lookup(VehicleModel, VehicleModel.name, where=(VehicleModel.active,))
                ),
                Field("model_year", T("Model year"), minimum=1900, maximum=2100),
                Field("vin", T("VIN")),
                Field("plate", T("Plate")),
                Field("colour", T("Colour")),
                Field(
                    "customer_id",
                    T("Client"),
                    lookup=Lookup(Customer, Customer.name, second=Customer.main_phone, search=Customer.search_key),
                ),
                Field("mileage", T("Mileage, km"), minimum=0, maximum=2_999_999),
                Field("note", T("Note"), wide=True),
            ),
        ),
    ),
    create=records.create_vehicle,
    change=records.change_vehicle,
    doubts=duplicates.vehicle_doubts,
)

amounts = Total("amount", func.sum(Document.amount), T("amounts"), kind="money")

DOCUMENTS = Screen(
    key="contacts.documents",
    model=Document,
    thing="contacts.document",
    path="/documents",
    title=T("Documents"),
    one=T("Document"),
    icon="files",
    menu="documents",
    joins=(
        Join(User, User.id == Document.responsible_id),
        Join(Department, Department.id == Document.department_id),
        Join(Branch, Branch.id == Document.branch_id),
    ),
    columns=(
        Column("number", Document.number, T("Number"), second=Document.title, link="card", phone="who"),
        Column("type", Document.type, T("Kind"), draw=draw_kinds),
        Column("at", Document.at, T("Date"), kind="moment", phone="time"),
        Column("client", Document.customer_text, T("Client"), phone="goal"),
        Column("vehicle", Document.vehicle_text, T("Vehicle"), narrow=False),
        Column("responsible", person_name, T("Responsible"), kind="person"),
        Column("amount", Document.amount, T("Amount"), kind="money"),
        Column("state", InLanguage(Document.state_ru, Document.state_en), T("State"), sortable=False, phone="flags"),
        Column("department", department_title, T("Department"), second=branch_title, shown=False),
    ),
    filters=(
        DocumentKindFilter("type", T("Kind")),
        PeriodFilter("period", T("Period"), Document.at),
        FlagFilter("open", T("Open ones"), Document.open),
        PersonFilter("responsible", T("Responsible"), Document.responsible_id),
        LookupFilter("department", T("Department"), Document.department_id, Department, DEPARTMENT_IN_BRANCH),
    ),
    search=Document.search_key,
    order=("-at",),
    ready=(
        ReadyFilter("open", T("Open ones"), {"open": "1"}),
        ReadyFilter("mine", T("Mine"), {"responsible": "me", "open": "1"}),
    ),
    groupings=(
        Grouping("type", T("Kind"), Document.type, words=document_kinds, totals=(amounts,)),
        Grouping("responsible", T("Responsible"), Document.responsible_id, title=person_name, totals=(amounts,)),
    ),
    sections=(
        Section(
            T("Document"),
            (
                Field("number", T("Number"), on=()),
                Field("title", T("Title"), on=()),
                Field("at", T("Date"), on=()),
                Field("customer_text", T("Client"), on=()),
                Field("vehicle_text", T("Vehicle"), on=()),
                Field("responsible_id", T("Responsible"), lookup=Lookup(User, User.full_name), on=()),
                Field("amount", T("Amount"), on=()),
            ),
        ),
    ),
    shown_at=document_page,
    panels=journal_panels,
    allow=frozenset(),
)

GOALS = Screen(
    key="contacts.goals",
    model=ContactGoal,
    thing="contacts.goal",
    path="/goals",
    title=T("Contact goals"),
    one=T("Contact goal"),
    icon="target-arrow",
    menu="directories",
    directory=True,
    joins=(
        Join(Department, Department.id == ContactGoal.department_id),
        Join(Branch, Branch.id == Department.branch_id),
    ),
    columns=(
        Column("channel", ContactGoal.channel, T("Channel"), kind="channel", choices=CHANNEL_CHOICES, phone="channel"),
        Column(
            "purpose",
            InLanguage(ContactGoal.purpose_ru, ContactGoal.purpose_en),
            T("Purpose"),
            link="card",
            phone="who",
            sortable=False,
        ),
        Column("department", department_title, T("Department"), second=branch_title, phone="goal"),
        Column("category", ContactGoal.category, T("Category"), kind="choice", choices=CATEGORY_CHOICES),
        Column("route", ContactGoal.route, T("Route"), kind="choice", choices=ROUTE_CHOICES),
        Column("norm_minutes", ContactGoal.norm_minutes, T("Norm, min"), kind="number"),
        Column("active", ContactGoal.active, T("In use"), kind="bool"),
    ),
    filters=(
        ChoiceFilter("channel", T("Channel"), ContactGoal.channel, CHANNEL_CHOICES),
        LookupFilter("department", T("Department"), ContactGoal.department_id, Department, DEPARTMENT_IN_BRANCH),
        FlagFilter("active", T("In use"), ContactGoal.active),
    ),
    order=("channel",),
    sections=(
        Section(
            T("Contact goal"),
            (
                Field("channel", T("Channel"), choices=CHANNEL_CHOICES),
                Field("department_id", T("Department"), lookup=DEPARTMENT),
                Field("purpose_ru", T("Purpose in Russian")),
                Field("purpose_en", T("Purpose in English")),
                Field("category", T("Category"), choices=CATEGORY_CHOICES, default="other"),
                Field("route", T("Route"), choices=ROUTE_CHOICES, default="document"),
                Field("norm_minutes", T("Norm, min"), minimum=1, maximum=1440, default=5),
                Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                Field("is_request", T("Potential client"), default=True),
                Field("result_required", T("A result is required"), default=True),
                Field("allows_callback", T("May be called back"), default=True),
                Field("active", T("In use"), default=True),
            ),
        ),
        Section(
            T("Talk script"),
            (
                Field("script_ru", T("Script in Russian, a phrase a line"), wide=True),
                Field("script_en", T("Script in English, a phrase a line"), wide=True),
            ),
        ),
    ),
    named=named_by("purpose"),
)


def _directory(key: str, model: Any, path: str, title: str, one: str, extra: tuple[Field, ...] = ()) -> Screen:
    """A short directory with titles in both languages."""
    return Screen(
        key=key,
        model=model,
        thing="contacts.directory",
        path=path,
        title=title,
        one=one,
        icon="list-details",
        menu="directories",
        directory=True,
        columns=(
            Column(
                "title",
                InLanguage(model.title_ru, model.title_en),
                T("Title"),
                link="card",
                phone="who",
                sortable=False,
            ),
            Column("position", model.position, T("Place in lists"), kind="number", phone="flags"),
            Column("active", model.active, T("In use"), kind="bool"),
        ),
        filters=(FlagFilter("active", T("In use"), model.active),),
        order=("position",),
        sections=(
            Section(
                one,
                (
                    Field("title_ru", T("Title in Russian")),
                    Field("title_en", T("Title in English")),
                    *extra,
                    Field("position", T("Place in lists"), minimum=0, maximum=10000, default=100),
                    Field("active", T("In use"), default=True),
                ),
            ),
        ),
        named=named_by("title"),
    )


DIRECTORIES = (
    _directory(
        "contacts.ignore_reasons",
        IgnoreReason,
        "/ignore-reasons",
        T("Reasons to ignore"),
        T("Reason to ignore"),
        (Field("comment_required", T("A comment is required")),),
    ),
    _directory("contacts.reasons", RequestReason, "/request-reasons", T("Request reasons"), T("Request reason")),
    _directory(
        "contacts.sources",
        LeadSource,
        "/lead-sources",
        T("Lead sources"),
        T("Lead source"),
        (Field("called_line", T("Called line")), Field("utm_source", T("UTM source"))),
    ),
)

MAKES = Screen(
    key="contacts.make_list",
    model=Make,
    thing="contacts.directory",
    path="/makes",
    title=T("Makes"),
    one=T("Make"),
    icon="badge-tm",
    menu="directories",
    directory=True,
    columns=(
        Column("name", Make.name, T("Make"), link="card", phone="who"),
        Column("name_ru", Make.name_ru, T("Name in Russian"), phone="goal"),
        Column("active", Make.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), Make.active),),
    order=("name",),
    sections=(
        Section(
            T("Make"),
            (
                Field("name", T("Make")),
                Field("name_ru", T("Name in Russian")),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=records.create_make,
    change=records.change_named,
)

MODELS = Screen(
    key="contacts.model_list",
    model=VehicleModel,
    thing="contacts.directory",
    path="/models",
    title=T("Models"),
    one=T("Model"),
    icon="car",
    menu="directories",
    directory=True,
    joins=(Join(Make, Make.id == VehicleModel.make_id),),
    columns=(
        Column("name", VehicleModel.name, T("Model"), link="card", phone="who"),
        Column("name_ru", VehicleModel.name_ru, T("Name in Russian")),
        Column("make", Make.name, T("Make"), phone="goal"),
        Column("active", VehicleModel.active, T("In use"), kind="bool"),
    ),
    filters=(LookupFilter("make", T("Make"), VehicleModel.make_id, Make, Make.name),),
    order=("name",),
    sections=(
        Section(
            T("Model"),
            (
                Field("make_id", T("Make"), lookup=Lookup(Make, Make.name)),
                Field("name", T("Model")),
                Field("name_ru", T("Name in Russian")),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
    create=records.create_model,
    change=records.change_named,
)


def screens() -> list[Screen]:
    """Every generated screen of contacts."""
    return [TRAFFIC, CLIENTS, VEHICLES, DOCUMENTS, GOALS, *DIRECTORIES, MAKES, MODELS]
