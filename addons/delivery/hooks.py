"""What delivery adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from typing import Any

from addons.contacts.services.document_types import DocumentType
from addons.delivery import screens as declared
from addons.delivery import views
from addons.delivery.services import moves, orders, personal, splitting
from addons.delivery.services.limits import SETTINGS
from addons.delivery.services.vocabulary import AUDIT
from addons.delivery.views import api
from core import (
    AuditWords,
    Command,
    Declaration,
    FormSection,
    Hooks,
    MenuItem,
    NotificationKind,
    Operation,
    Route,
    Screen,
    Setting,
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
def form_sections(screen_key: str) -> list[FormSection] | None:
    return [splitting.section()] if screen_key == declared.ORDERS.key else None


@hookimpl
def audit_words() -> list[AuditWords]:
    return [AUDIT]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [*SETTINGS]


@hookimpl
def api_operations() -> list[Operation]:
    return api.operations()


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem(
            "delivery", T("Delivery"), "package", "delivery.orders", "delivery.order.read", order=50, letter="KeyO"
        ),
        MenuItem(
            "delivery_desk",
            T("Rounds"),
            "truck-delivery",
            "delivery.today",
            "delivery.order.deliver",
            order=51,
        ),
    ]


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [SubjectPage("delivery_order", "delivery.orders.card")]


@hookimpl
def contacts_document_types() -> list[DocumentType]:
    return [
        DocumentType(
            code=orders.THING,
            title=T("Order with delivery"),
            summary=T("parts and accessories, brought to the client"),
            icon="package",
            endpoint="delivery.orders.card",
            create=orders.create_from_contact,
            form="delivery.orders.new",
            met=orders.meet,
            right="delivery.order.create",
            suits=("parts",),
            order=50,
        )
    ]


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [NotificationKind(moves.CALL_BACK, T("A client to call back about his order"), "delivery.order.read")]


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def demo_data(session: WorkSession) -> None:
    from addons.delivery.services import demo  # for demonstrations alone

    demo.fill(session)


@hookimpl
def commands() -> list[Command]:
    from addons.delivery.views import commands as typed  # only where a command is typed

    return [Command(typed.split, needs_instance=False)]
