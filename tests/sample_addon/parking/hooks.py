"""What parking gives to Forecourt: every hook implementation, one line each into services or views."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from addons.contacts.models import InboundContact
from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.importing.kinds import ImportKind
from addons.contacts.services.intake.adapters import Adapter
from addons.contacts.services.portrait import ClientBadge
from addons.contacts.services.vocabulary import Channel, GoalRoute
from core import (
    Action,
    AuditWords,
    Column,
    Command,
    Declaration,
    Duty,
    Filter,
    FormSection,
    FrameStrip,
    Grouping,
    Job,
    MenuItem,
    NotificationKind,
    Operation,
    Panel,
    Read,
    Record,
    Route,
    Screen,
    SearchSource,
    Setting,
    Strip,
    SubjectPage,
    T,
    WorkSession,
    hookimpl,
)
from parking import screens as declared
from parking import views
from parking.services import clients, finding, gate, passes, past_stays, personal, shipped
from parking.views import api

# --- what core offers ----------------------------------------------------------------------------


@hookimpl
def routes() -> list[Route]:
    return views.routes()


@hookimpl
def screens() -> list[Screen]:
    return [declared.PASSES, declared.ZONES]


@hookimpl
def commands() -> list[Command]:
    from parking.views import commands as views  # servers need none

    return [Command(views.zones), Command(views.tariff, needs_instance=False)]


@hookimpl
def api_operations() -> list[Operation]:
    return api.operations()


@hookimpl
def list_columns(screen_key: str) -> list[Column] | None:
    return clients.columns(screen_key)


@hookimpl
def list_filters(screen_key: str) -> list[Filter] | None:
    return clients.filters(screen_key)


@hookimpl
def list_groupings(screen_key: str) -> list[Grouping] | None:
    return clients.groupings(screen_key)


@hookimpl
def list_strips(screen_key: str) -> list[Strip] | None:
    return clients.strips(screen_key)


@hookimpl
def form_sections(screen_key: str) -> list[FormSection] | None:
    return clients.form_sections(screen_key)


@hookimpl
def card_panels(session: WorkSession, screen_key: str, subject: Record) -> list[Panel] | None:
    return clients.panels(session, screen_key, subject)


@hookimpl
def card_actions(screen_key: str) -> list[Action] | None:
    return clients.actions(screen_key)


@hookimpl
def menu() -> list[MenuItem]:
    return [MenuItem("parking", T("Parking"), "parking", "parking.passes", clients.READ, order=65)]


@hookimpl
def frame_strips() -> list[FrameStrip]:
    return [gate.GUESTS]


@hookimpl
def telephone_lines(user_ids: Sequence[int]) -> Read | None:
    return gate.lines(user_ids)


@hookimpl
def search_sources() -> list[SearchSource]:
    return [SearchSource("passes", T("Parking passes"), "parking", clients.READ, finding.find)]


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [NotificationKind(passes.ARRIVED, T("A guest of yours comes in"), clients.READ)]


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [SubjectPage("parking_pass", "parking.passes.card")]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [passes.VALID_HOURS]


@hookimpl
def jobs() -> list[Job]:
    return [Job("parking.expire", passes.expire, timedelta(minutes=5), T("Passes of guests who did not come"))]


@hookimpl
def duties() -> list[Duty]:
    return [Duty("parking.barrier", gate.watch)]


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def audit_words() -> list[AuditWords]:
    steps = {"pass.inside": T("car let in"), "pass.left": T("car let out"), "pass.expired": T("guest did not come")}
    return [AuditWords(actions=steps, things={"parking_kept_place": T("Kept places")})]


@hookimpl
def shipped_data(session: WorkSession) -> None:
    shipped.bring(session)


@hookimpl
def demo_data(session: WorkSession) -> None:
    from parking.services import demo  # only for demonstrations

    demo.fill(session)


@hookimpl
def before_delete(session: WorkSession, subject: Record) -> str | None:
    return passes.refuse_deletion(session, subject)


# --- what contacts offers ------------------------------------------------------------------------


@hookimpl
def contacts_channels() -> list[Channel]:
    return [gate.GATE]


@hookimpl
def contacts_intake_adapters() -> list[Adapter]:
    return [gate.TABLET]


@hookimpl
def contacts_request_attended(session: WorkSession, contact: InboundContact) -> list[datetime] | None:
    return gate.attended_until(session, contact)


@hookimpl
def contacts_goal_routes() -> list[GoalRoute]:
    return [gate.AT_ONCE]


@hookimpl
def contacts_document_types() -> list[DocumentType]:
    return [gate.PASS]


@hookimpl
def contacts_import_kinds() -> list[ImportKind]:
    return [past_stays.STAYS]


@hookimpl
def contacts_finished_business(customer_id: int) -> Read | None:
    return clients.finished_business(customer_id)


@hookimpl
def contacts_call_attempts() -> list[datetime]:
    return gate.calls_from_the_gate()


@hookimpl
def contacts_contact_registered(session: WorkSession, contact: InboundContact) -> None:
    gate.open_for(session, contact)


@hookimpl
def contacts_contact_passed_on(session: WorkSession, contact: InboundContact) -> None:
    gate.follow_contact(session, contact)


@hookimpl
def contacts_contact_undone(session: WorkSession, contact: InboundContact) -> None:
    gate.forget_host(session, contact)


@hookimpl
def contacts_portrait_blocks(customer_id: int) -> list[Panel] | None:
    return clients.portrait(customer_id)


@hookimpl
def contacts_contact_panels(contact: InboundContact) -> list[Panel] | None:
    return clients.of_contact(contact)


@hookimpl
def contacts_client_badges(customer_id: int) -> list[ClientBadge] | None:
    return clients.badges(customer_id)


# --- what sales offers, where it is --------------------------------------------------------------


@hookimpl(optionalhook=True)
def sales_stages() -> list[gate.Stage]:
    return [gate.PRESENTED]


@hookimpl(optionalhook=True)
def sales_lost_reasons() -> list[gate.Reason]:
    return [gate.FAR]


# --- what delivery offers, where it is -----------------------------------------------------------


@hookimpl(optionalhook=True)
def delivery_statuses() -> list[gate.OrderStatus]:
    return [gate.ON_THE_LOT]


# --- what telephony offers, where it is ----------------------------------------------------------


@hookimpl(optionalhook=True)
def telephony_pbx_adapters() -> list[gate.Intercom]:
    return [gate.INTERCOM]
