"""What sales adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.portrait import ClientBadge
from addons.sales import screens as declared
from addons.sales import views
from addons.sales.services import clients, next_steps, panels, personal, portrait, shipped, traffic, worksheets
from addons.sales.views import api
from core import (
    AuditWords,
    Column,
    Declaration,
    Filter,
    FormSection,
    Grouping,
    Hooks,
    MenuItem,
    NotificationKind,
    Operation,
    Panel,
    Read,
    Record,
    Route,
    Screen,
    SubjectPage,
    T,
    WorkSession,
    hookimpl,
)


@hookimpl
def routes() -> list[Route]:
    return views.routes()


@hookimpl
def screens(hooks: Hooks) -> list[Screen]:
    return declared.screens(hooks)


@hookimpl
def audit_words() -> list[AuditWords]:
    return [AuditWords(actions={"worksheet.moved": T("worksheet moved to another stage")})]


@hookimpl
def api_operations() -> list[Operation]:
    return api.operations()


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem("sales", T("Sales"), "car", "sales.worksheets", "sales.worksheet.read", order=30, letter="KeyP"),
    ]


@hookimpl
def list_columns(screen_key: str) -> list[Column] | None:
    return clients.columns(screen_key)


@hookimpl
def list_filters(screen_key: str) -> list[Filter] | None:
    return clients.filters(screen_key)


@hookimpl
def list_groupings(screen_key: str) -> list[Grouping] | None:
    return traffic.groupings(screen_key)


@hookimpl
def form_sections(screen_key: str) -> list[FormSection] | None:
    return clients.form_sections(screen_key)


@hookimpl
def card_panels(session: WorkSession, subject: Record) -> list[Panel] | None:
    return panels.panels_of(session, subject)


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [SubjectPage("sales_worksheet", "sales.worksheets.card")]


@hookimpl
def contacts_document_types() -> list[DocumentType]:
    return [
        DocumentType(
            code=worksheets.TYPE,
            title=T("Worksheet"),
            summary=T("choosing and selling a car"),
            icon="file-plus",
            endpoint="sales.worksheets.card",
            create=worksheets.create_from_contact,
            met=worksheets.meet,
            right="sales.worksheet.create",
            suits=("sale",),
            order=10,
            leave=worksheets.leave_interest,
            take_back=worksheets.take_back,
        )
    ]


@hookimpl
def contacts_finished_business(customer_id: int) -> Read | None:
    return worksheets.finished_business(customer_id)


@hookimpl
def contacts_portrait_blocks(session: WorkSession, customer_id: int) -> list[Panel] | None:
    return portrait.blocks(session.hooks, customer_id)


@hookimpl
def contacts_client_badges(customer_id: int) -> list[ClientBadge] | None:
    return portrait.badges(customer_id)


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [NotificationKind(next_steps.KIND, T("The next step of a worksheet"), "sales.worksheet.read")]


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def shipped_data(session: WorkSession) -> None:
    shipped.bring(session)


@hookimpl
def demo_data(session: WorkSession) -> None:
    from addons.sales.services import demo  # only for demonstrations

    demo.fill(session)
