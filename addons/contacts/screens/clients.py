"""The list, card and form of clients."""

from __future__ import annotations

from addons.contacts.models import Customer, LeadSource
from addons.contacts.services import duplicates, records
from addons.contacts.services.customers import SET_VIP, email_fault
from core import (
    Action,
    Badge,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Follows,
    InLanguage,
    Join,
    Lookup,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Screen,
    Section,
    T,
    User,
    shown_name,
)

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
MIDDLE_NAME = Follows("legal_form", unasked=("company", "government"))

RESPONSIBLE = Lookup(User, User.full_name, where=(User.active,))
SOURCE = Lookup(LeadSource, InLanguage(LeadSource.title_ru, LeadSource.title_en), where=(LeadSource.active,))

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
            second_label=T("Phone"),
            second_kind="phone",
            badges=(Badge(Customer.vip, T("VIP"), "vio"),),
            link="card",
            phone="who",
        ),
        Column("legal_form", Customer.legal_form, T("Group"), kind="choice", choices=LEGAL_FORM_CHOICES, phone="goal"),
        Column("relation", Customer.relation, T("Relation"), kind="choice", choices=RELATION_CHOICES),
        Column("email", Customer.email, T("E-mail"), narrow=False, sortable=False),
        Column("responsible", shown_name, T("Responsible"), kind="person"),
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
                Field("middle_name", T("Middle name"), follows=MIDDLE_NAME),
                Field("email", T("E-mail"), fault=email_fault),
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
