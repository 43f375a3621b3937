"""What the gate adds to the work with contacts: its intercom as a channel, and a route on which a pass is made at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, String, bindparam, func, literal_column, select

from addons.contacts.models import ContactGoal, InboundContact
from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.intake import forms, signing
from addons.contacts.services.intake.adapters import Adapter
from addons.contacts.services.vocabulary import Channel, GoalRoute
from core import Access, FrameStrip, OnDuty, Read, T, WorkSession, subject_of, timeline
from parking.models import Pass
from parking.services import passes
from parking.services.states import INSIDE

GATE = Channel("parking.gate", T("Gate intercom"), "barrier-block", "visit", waits_here=True)
AT_ONCE = GoalRoute("parking.pass", T("Gets a parking pass at once"))

PASS = DocumentType(
    code=passes.TYPE,
    title=T("Parking pass"),
    summary=T("a guest comes by car"),
    icon="parking",
    endpoint="parking.passes.card",
    create=passes.create_from_contact,
    met=passes.meet,
    right="parking.pass.create",
    suits=("information", "other"),
    order=50,
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of a sale, as sales asks for it: sales is optional here, so nothing of it is imported."""

    code: str
    title: str
    look: str
    before: str
    guard: object


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason why a sale was lost, as sales asks for it."""

    code: str
    title_ru: str
    title_en: str


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """A status of an order with delivery, as delivery asks for it."""

    code: str
    title: str
    group: str
    guard: object


@dataclass(frozen=True, slots=True)
class Intercom:
    """A kind of telephone exchange, as telephony asks for it."""

    code: str
    title: str
    follow: Callable[[Any, Any], object]
    abilities: frozenset[str] = frozenset()


def follow(_exchange: object, desk: Any) -> None:
    """Keep the link to the intercom, which tells of no calls."""
    while desk.goes_on():
        desk.store()
        time.sleep(LOOK)


def watch(duty: OnDuty) -> None:
    """Stand by the barrier for as long as this process is the one that does."""
    while duty.goes_on(LOOK):
        pass


LOOK = 0.2
WALK = timedelta(minutes=1)
TABLET = Adapter("parking.tablet", T("Tablet at the gate"), GATE.code, signing.verify, forms.read)
INTERCOM = Intercom("parking.intercom", T("Gate intercom"), follow)
PRESENTED = Stage("parking.presented", T("On the handover place"), "teal", "delivered", passes.stands_ready)
FAR = Reason("parking.far", "Негде поставить машину", "Nowhere to park")
ON_THE_LOT = OrderStatus("parking.on_the_lot", T("The courier waits on the lot"), "delivery", None)


def calls_from_the_gate() -> list[datetime]:
    """Calls without an answer that prove that a client cannot be reached: nobody rings a client up from the gate."""
    return []


def attended_until(session: WorkSession, contact: InboundContact) -> list[datetime] | None:
    """Somebody walks to whoever writes at the gate: nobody else is told before he is there."""
    return [session.now() + WALK] if contact.channel == GATE.code else None


def lines(user_ids: Sequence[int]) -> Read:
    """Whose line is taken: the telephone of whoever has a guest at his car just now is not for others."""
    return Read(_HOSTS, {"users": sorted(user_ids)})


_HOSTS = (
    select(Pass.host_id.label("user_id"), literal_column("'call'", String).label("line"))
    .where(Pass.host_id.in_(bindparam("users", expanding=True)), Pass.state == INSIDE.code)
    .group_by(Pass.host_id)
)


def follow_contact(session: WorkSession, contact: InboundContact) -> None:
    """A guest whose contact was redirected visits whoever has it now."""
    _visits(session, contact, contact.responsible_id)


def forget_host(session: WorkSession, contact: InboundContact) -> None:
    """A guest whose contact was taken back visits nobody."""
    _visits(session, contact, None)


def _visits(session: WorkSession, contact: InboundContact, host_id: int | None) -> None:
    visited = session.get(Pass, contact.document_id) if contact.document_id is not None else None
    if visited is not None:
        visited.host_id = host_id
        session.flush()


def guests(access: Access) -> Select[int]:
    """Counts the guests of a person who are here."""
    return select(func.count(Pass.id)).where(Pass.host_id == access.user_id, Pass.state == INSIDE.code)


def topics(_access: Access) -> str:
    """After which events the guests may be others."""
    return "parking.passes"


GUESTS = FrameStrip("guests", "parking.guests", "parking.pass.read", guests, topics)


def open_for(session: WorkSession, contact: InboundContact) -> None:
    """Keep the promise of the route: whoever is registered with it has his pass before he has driven on."""
    goal = session.get(ContactGoal, contact.goal_id)
    if goal is None or goal.route != AT_ONCE.code:
        return
    document = passes.create_from_contact(session, contact)
    issued = T("Parking pass %(number)s was issued")
    timeline.add_entry(session, [subject_of(contact)], "parking.issued", issued, {"number": document.number})
