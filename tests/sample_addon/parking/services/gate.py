"""What the gate adds to the work with contacts: its intercom as a channel, and a route on which a pass is made at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from addons.contacts.models import ContactGoal, InboundContact
from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.vocabulary import Channel, GoalRoute
from core import OnDuty, T, WorkSession, subject_of, timeline
from parking.services import passes

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
INTERCOM = Intercom("parking.intercom", T("Gate intercom"), follow)
PRESENTED = Stage("parking.presented", T("On the handover place"), "teal", "delivered", passes.stands_ready)
FAR = Reason("parking.far", "Негде поставить машину", "Nowhere to park")
ON_THE_LOT = OrderStatus("parking.on_the_lot", T("The courier waits on the lot"), "delivery", None)


def calls_from_the_gate() -> list[datetime]:
    """Calls without an answer that prove that a client cannot be reached: nobody rings a client up from the gate."""
    return []


def open_for(session: WorkSession, contact: InboundContact) -> None:
    """Keep the promise of the route: whoever is registered with it has his pass before he has driven on."""
    goal = session.get(ContactGoal, contact.goal_id)
    if goal is None or goal.route != AT_ONCE.code:
        return
    document = passes.create_from_contact(session, contact)
    issued = T("Parking pass %(number)s was issued")
    timeline.add_entry(session, [subject_of(contact)], "parking.issued", issued, {"number": document.number})
