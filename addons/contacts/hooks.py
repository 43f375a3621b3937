"""What contacts adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from typing import Any

from addons.contacts import screens as declared
from addons.contacts import views
from addons.contacts.models import InboundContact
from addons.contacts.services import (
    directories,
    document_kinds,
    following,  # noqa: F401 - a session listener lives there
    panels,
    personal,
    phone_section,
    reception,
    search,
    shipped,
    upkeep,
    vocabulary,
)
from addons.contacts.services.intake import sources, talks
from addons.contacts.views import api, consents, intake, merging, messages, specialists
from core import (
    Action,
    AuditWords,
    Declaration,
    FormSection,
    Hooks,
    Job,
    MenuItem,
    NotificationKind,
    Operation,
    Panel,
    Record,
    Route,
    Screen,
    SearchSource,
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
def api_operations() -> list[Operation]:
    return api.operations()


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem(
            "reception",
            T("Reception"),
            "headset",
            "contacts.reception",
            "contacts.reception.read",
            order=10,
            letter="KeyR",
            count=reception.waiting_count,
            home_for=("reception",),
        ),
        MenuItem(
            "desk",
            T("My desk"),
            "layout-dashboard",
            "contacts.desk",
            "contacts.desk.read",
            order=15,
            letter="KeyD",
            home_for=("specialist", "traffic_head"),
        ),
        MenuItem(
            "traffic",
            T("Traffic"),
            "arrows-right-left",
            "contacts.traffic",
            "contacts.contact.read",
            order=20,
            letter="KeyT",
        ),
        MenuItem("documents", T("Documents"), "files", "contacts.documents", "contacts.document.read", order=60),
        MenuItem(
            "clients", T("Clients"), "users", "contacts.clients", "contacts.customer.read", order=70, letter="KeyC"
        ),
    ]


@hookimpl
def card_panels(session: WorkSession, subject: Record) -> list[Panel] | None:
    own = panels.panels_of(session, subject) or ()
    views_own = (consents, merging, specialists, intake)
    return [*own, *(panel for part in views_own for panel in part.panels(session, subject))] or None


@hookimpl
def form_sections(screen_key: str) -> list[FormSection] | None:
    return phone_section.sections(screen_key) or sources.sections(screen_key)


@hookimpl
def search_sources() -> list[SearchSource]:
    return search.sources()


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [
        NotificationKind("contacts.personal", T("A contact for you")),
        NotificationKind("contacts.group", T("A contact that anybody may take")),
        NotificationKind("contacts.callback", T("A client to call back")),
        NotificationKind("contacts.import", T("An import has finished")),
        NotificationKind("contacts.request", T("A request of a site or messenger")),
        NotificationKind(talks.NOTICE, T("A client writes")),
    ]


@hookimpl
def card_actions(subject: Record) -> list[Action] | None:
    return consents.actions(subject) or intake.actions(subject)


@hookimpl
def contacts_contact_panels(session: WorkSession, contact: InboundContact) -> list[Panel] | None:
    return messages.panels(session, contact)


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [
        SubjectPage("contacts_inbound_contact", "contacts.contact", claim="contacts.claim"),
        SubjectPage("contacts_import", "contacts.import"),
        SubjectPage("contacts_customer", "contacts.clients.card"),
        SubjectPage("contacts_vehicle", "contacts.vehicles.card"),
        SubjectPage("contacts_intake_source", "contacts.intake_sources.card"),
    ]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [*personal.SETTINGS, *upkeep.SETTINGS]


@hookimpl
def jobs() -> list[Job]:
    return upkeep.jobs()


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def audit_words() -> list[AuditWords]:
    return [vocabulary.AUDIT]


@hookimpl
def shipped_data(session: WorkSession) -> None:
    shipped.bring(session)
    document_kinds.keep_kinds(session)


@hookimpl
def demo_data(session: WorkSession) -> None:
    from addons.contacts.services import demo  # only for demonstrations

    demo.fill(session)


@hookimpl
def before_delete(session: WorkSession, subject: Record) -> str | None:
    return directories.refuse_deletion(session, subject)
