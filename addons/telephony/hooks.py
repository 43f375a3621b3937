"""What telephony adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from addons.contacts.models import InboundContact, IntakeSource
from addons.contacts.services.vocabulary import Channel
from addons.telephony import screens as declared
from addons.telephony.services import (
    attempts,
    exchanges,
    house,
    line,
    missed,
    orders,
    panels,
    passing,
    personal,
    pop_ups,
    registering,
    upkeep,
    vocabulary,
)
from addons.telephony.services.autodial import campaigns, rules
from addons.telephony.services.link import asterisk, keeper, ordering
from addons.telephony.services.link.adapters import Adapter
from addons.telephony.services.recordings import looking
from addons.telephony.views import line as line_views
from addons.telephony.views import recordings, report
from core import (
    AuditWords,
    Command,
    Declaration,
    Duty,
    FormSection,
    FrameStrip,
    Hooks,
    Job,
    MenuItem,
    NotificationKind,
    Panel,
    Read,
    Record,
    Route,
    Screen,
    Setting,
    SubjectPage,
    T,
    WorkSession,
    hookimpl,
)


@hookimpl
def screens(hooks: Hooks) -> list[Screen]:
    return declared.screens(hooks)


@hookimpl
def routes() -> list[Route]:
    return [*line_views.routes(), *report.routes(), *recordings.routes()]


@hookimpl
def frame_strips() -> list[FrameStrip]:
    return [FrameStrip("calls", "telephony.line", line.READ, line.count, line.topics, "telephony/line.js")]


@hookimpl
def telephone_lines(user_ids: Sequence[int]) -> Read | None:
    return line.lines_read(user_ids)


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem("calls", T("Phone calls"), "phone", "telephony.calls", "telephony.call.read", order=25, letter="KeyL")
    ]


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [
        SubjectPage("telephony_call", "telephony.calls.card"),
        SubjectPage("telephony_live_phone", "telephony.line_open"),
    ]


@hookimpl
def audit_words() -> list[AuditWords]:
    return [vocabulary.AUDIT]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [house.GOAL, registering.GRACE, missed.CALL_BACK_WITHIN, orders.ABROAD, looking.DAYS, *rules.SETTINGS]


@hookimpl
def jobs() -> list[Job]:
    return upkeep.jobs()


@hookimpl
def duties() -> list[Duty]:
    return [Duty("telephony.links", keeper.keep)]


@hookimpl
def telephony_pbx_adapters() -> list[Adapter]:
    return [Adapter(exchanges.ASTERISK, T("Asterisk, FreePBX"), asterisk.follow, ordering.ABILITIES)]


@hookimpl
def form_sections(screen_key: str) -> list[FormSection] | None:
    return exchanges.sections(screen_key)


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [
        NotificationKind(missed.KIND, T("A missed call"), "telephony.call.read"),
        NotificationKind(pop_ups.KIND, T("A call on your phone"), line.READ),
        NotificationKind(passing.KIND, T("A call without its contact"), line.READ),
    ]


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def contacts_call_attempts(
    session: WorkSession, customer_id: int | None, phone: str, since: datetime
) -> Sequence[datetime] | None:
    return attempts.call_attempts(session, customer_id, phone, since)


@hookimpl
def contacts_request_attended(
    session: WorkSession, contact: InboundContact, source: IntakeSource
) -> Sequence[datetime] | None:
    until = campaigns.begin(session, contact, source)
    return [until] if until is not None else None


@hookimpl
def contacts_contact_registered(session: WorkSession, contact: InboundContact, way: str, origin: str) -> None:
    passing.registered(session, contact, way, origin)


@hookimpl
def contacts_contact_passed_on(session: WorkSession, contact: InboundContact) -> None:
    passing.passed_on(session, contact)


@hookimpl
def contacts_contact_undone(session: WorkSession, contact: InboundContact) -> None:
    passing.undone(session, contact)


@hookimpl
def contacts_contact_panels(session: WorkSession, contact: InboundContact) -> list[Panel]:
    return panels.of_contact(session, contact)


@hookimpl
def card_panels(session: WorkSession, subject: Record) -> list[Panel] | None:
    return panels.of_card(session, subject)


@hookimpl
def demo_data(session: WorkSession) -> None:
    from addons.telephony.services import demo  # only for demonstrations

    demo.fill(session)


@hookimpl
def contacts_channels() -> list[Channel]:
    return vocabulary.CHANNELS


@hookimpl
def commands() -> list[Command]:
    from addons.telephony.views import commands as views  # only where a command is typed

    return [Command(views.replay, needs_instance=False), Command(views.demo_calls), Command(views.check, group="pbx")]
