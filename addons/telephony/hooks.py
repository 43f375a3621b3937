"""What telephony adds: every hook implementation, one line each into services or views."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from addons.contacts.models import InboundContact
from addons.contacts.services.vocabulary import Channel
from addons.telephony import screens as declared
from addons.telephony.services import (
    attempts,
    exchanges,
    house,
    missed,
    panels,
    personal,
    registering,
    upkeep,
    vocabulary,
)
from addons.telephony.services.link import asterisk, keeper
from addons.telephony.services.link.adapters import Adapter
from addons.telephony.services.recordings import looking
from addons.telephony.views import recordings
from core import (
    AuditWords,
    Command,
    Declaration,
    Duty,
    FormSection,
    Hooks,
    Job,
    MenuItem,
    NotificationKind,
    Panel,
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
def routes() -> list[Route]:
    return recordings.routes()


@hookimpl
def screens(hooks: Hooks) -> list[Screen]:
    return declared.screens(hooks)


@hookimpl
def menu() -> list[MenuItem]:
    return [
        MenuItem("calls", T("Phone calls"), "phone", "telephony.calls", "telephony.call.read", order=25, letter="KeyL")
    ]


@hookimpl
def subject_pages() -> list[SubjectPage]:
    return [SubjectPage("telephony_call", "telephony.calls.card")]


@hookimpl
def audit_words() -> list[AuditWords]:
    return [vocabulary.AUDIT]


@hookimpl
def settings() -> list[Setting[Any]]:
    return [house.GOAL, registering.GRACE, looking.DAYS]


@hookimpl
def jobs() -> list[Job]:
    return upkeep.jobs()


@hookimpl
def duties() -> list[Duty]:
    return [Duty("telephony.links", keeper.keep)]


@hookimpl
def telephony_pbx_adapters() -> list[Adapter]:
    return [Adapter(exchanges.ASTERISK, T("Asterisk, FreePBX"), asterisk.follow)]


@hookimpl
def form_sections(screen_key: str) -> list[FormSection] | None:
    return exchanges.sections(screen_key)


@hookimpl
def notification_kinds() -> list[NotificationKind]:
    return [NotificationKind(missed.KIND, T("A missed call"), "telephony.call.read")]


@hookimpl
def personal_data() -> list[Declaration]:
    return personal.declarations()


@hookimpl
def contacts_call_attempts(
    session: WorkSession, customer_id: int | None, phone: str, since: datetime
) -> Sequence[datetime] | None:
    return attempts.call_attempts(session, customer_id, phone, since)


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

    return [Command(views.replay, needs_instance=False), Command(views.demo_calls)]
