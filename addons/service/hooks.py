"""What service adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from typing import Any

from addons.contacts.models import InboundContact
from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.importing.kinds import ImportKind
from addons.contacts.services.portrait import ClientBadge
from addons.service import screens as declared
from addons.service import views
from addons.service.services import (
    bookings,
    conversion,
    history,
    maintenance,
    panels,
    past_orders,
    personal,
    printing,
    reminders,
    shipped,
    visits,
)
from addons.service.services.kinds import BOOKINGS, ORDERS, VISITS
from addons.service.services.vocabulary import AUDIT
from addons.service.views import api
from core import (
    AuditWords,
    Column,
    Declaration,
    Filter,
    FormSection,
    Job,
    MenuItem,
    NotificationKind,
    Operation,
    Panel,
    Read,
    Record,
    Route,
    Screen,
    Setting,
    Strip,
    SubjectPage,
    T,
    WorkSession,
    hookimpl,
)


@hookimpl
def routes() -> list[Route]:
    return views.routes()


@hookimpl
def screens() -> list[Screen]:
    return declared.screens()


@hookimpl
def audit_words() -> list[AuditWords]:
    return [AUDIT]


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem("service", T("Service"), "tool", "service.planner", "service.planner.read", order=40, letter="KeyS"),
    ]


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [
        SubjectPage("service_booking", "service.bookings.card"),
        SubjectPage("service_visit", "service.visits.card"),
        SubjectPage("service_order", "service.orders.card"),
    ]


@hookimpl
def contacts_document_types() -> list[DocumentType]:
    return [
        DocumentType(
            code=BOOKINGS.thing,
            title=T("Service booking"),
            summary=T("a time in the workshop"),
            icon="calendar-plus",
            endpoint="service.bookings.card",
            create=bookings.create_from_contact,
            form="service.bookings.new",
            met=bookings.meet,
            right="service.booking.create",
            suits=("repair",),
            order=20,
        ),
        DocumentType(
            code=VISITS.thing,
            title=T("Car visit"),
            summary=T("the car is here: mileage, condition, repair order"),
            icon="car-garage",
            endpoint="service.visits.card",
            create=visits.create_from_contact,
            form="service.visits.new",
            right="service.visit.create",
            suits=("repair",),
            order=30,
        ),
        DocumentType(
            code=ORDERS.thing,
            title=T("Repair order"),
            summary="",
            icon="clipboard-list",
            endpoint="service.orders.card",
            create=None,
            right="service.order.read",
            order=40,
        ),
    ]


@hookimpl
def contacts_finished_business(customer_id: int) -> Read | None:
    return history.finished_business(customer_id)


@hookimpl
def contacts_import_kinds() -> list[ImportKind]:
    return [past_orders.import_kind()]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [*printing.SETTINGS, maintenance.DAYS_BEFORE]


@hookimpl
def contacts_portrait_blocks(customer_id: int) -> list[Panel] | None:
    return panels.portrait(customer_id)


@hookimpl
def contacts_contact_panels(contact: InboundContact) -> list[Panel] | None:
    return panels.of_contact(contact)


@hookimpl
def contacts_client_badges(customer_id: int) -> list[ClientBadge] | None:
    return panels.badges(customer_id)


@hookimpl
def card_panels(subject: Record) -> list[Panel] | None:
    return panels.of_card(subject)


@hookimpl
def list_columns(screen_key: str) -> list[Column] | None:
    return conversion.columns(screen_key) or maintenance.columns(screen_key)


@hookimpl
def form_sections(screen_key: str) -> list[FormSection] | None:
    return maintenance.form_sections(screen_key)


@hookimpl
def jobs() -> list[Job]:
    return maintenance.jobs()


@hookimpl
def list_filters(screen_key: str) -> list[Filter] | None:
    return conversion.filters(screen_key)


@hookimpl
def list_strips(screen_key: str) -> list[Strip] | None:
    return conversion.strips(screen_key)


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [
        NotificationKind(reminders.REMIND, T("A client to remind of his booking"), "service.booking.read"),
        NotificationKind(reminders.MISSED, T("A client who did not come"), "service.booking.read"),
        NotificationKind(maintenance.KIND, T("A client to invite to maintenance"), "service.booking.read"),
    ]


@hookimpl
def api_operations() -> list[Operation]:
    return api.operations()


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def shipped_data(session: WorkSession) -> None:
    shipped.bring(session)


@hookimpl
def demo_data(session: WorkSession) -> None:
    from addons.service.services import demo  # only for demonstrations

    demo.fill(session)
