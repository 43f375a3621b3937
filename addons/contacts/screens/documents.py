"""The journal of documents of all addons."""

from __future__ import annotations

from sqlalchemy import func

from addons.contacts.models import Document
from addons.contacts.screens.shared import branch_title, department_title
from addons.contacts.services.document_kinds import all_kinds
from addons.contacts.services.listing import (
    DEPARTMENT_IN_BRANCH,
    DocumentKindFilter,
    document_page,
    draw_kinds,
    journal_panels,
)
from core import (
    Branch,
    Column,
    Department,
    Field,
    FlagFilter,
    Grouping,
    InLanguage,
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
        Column(
            "number",
            Document.number,
            T("Number"),
            second=Document.title,
            second_label=T("Title"),
            link="card",
            phone="who",
        ),
        Column("type", Document.type, T("Kind"), draw=draw_kinds),
        Column("at", Document.at, T("Date"), kind="moment", phone="time"),
        Column("client", Document.customer_text, T("Client"), phone="goal"),
        Column("vehicle", Document.vehicle_text, T("Vehicle"), narrow=False),
        Column("responsible", shown_name, T("Responsible"), kind="person"),
        Column("amount", Document.amount, T("Amount"), kind="money"),
        Column("state", InLanguage(Document.state_ru, Document.state_en), T("State"), sortable=False, phone="flags"),
        Column(
            "department", department_title, T("Department"), second=branch_title, second_label=T("Branch"), shown=False
        ),
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
        Grouping("type", T("Kind"), Document.type, words=all_kinds, totals=(amounts,)),
        Grouping("responsible", T("Responsible"), Document.responsible_id, title=shown_name, totals=(amounts,)),
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
