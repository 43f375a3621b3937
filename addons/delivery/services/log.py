"""What has passed between the client and us: talks, calls without an answer, offers, invoices (S4-82)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from addons.contacts.services.attempts import call_attempts
from addons.delivery.models import DeliveryOrder, LogEntry
from addons.delivery.services.orders import locked_order, told, zone_of
from addons.delivery.services.reaching import distinct
from addons.delivery.services.vocabulary import LOGGED
from core import Invalid, T, WorkSession, subject_of, timeline

LONGEST = 300
AHEAD = timedelta(minutes=1)
"""How much later than ours somebody's clock may be."""
NOTED = "delivery.logged"
"""The kind of the timeline's entry about what was logged."""


def log(session: WorkSession, order_id: int, kind: str, at: datetime | None = None, note: str = "") -> LogEntry:
    """Write something down that has happened, now or earlier.

    :raises Invalid: for an unknown kind, a moment that is still to come or before the order, or a note that is too long.
    """
    order = locked_order(session, order_id, "log")
    moment, errors = at or session.now(), dict[str, list[str]]()
    if kind not in LOGGED:
        errors["kind"] = [T("Choose one of the list.")]
    if moment > session.now() + AHEAD:
        errors["at"] = [T("This is still to come.")]
    elif moment < beginning(order, zone_of(session, order.branch_id)):
        errors["at"] = [T("This was before the order: nothing earlier than the day it was made can be logged.")]
    if len(note.strip()) > LONGEST:
        errors["note"] = [T("This is too long.")]
    if errors:
        raise Invalid(errors)
    entry = LogEntry(order_id=order.id, at=moment, kind=kind, note=note.strip())
    session.add(entry)
    session.flush()
    timeline.add_entry(session, [subject_of(order)], NOTED, LOGGED[kind], body=entry.note, at=moment)
    told(session, order)
    return entry


def beginning(order: DeliveryOrder, zone: ZoneInfo) -> datetime:
    """Since when things happen that concern an order: the day it was made on, for it may be entered after the call."""
    return datetime.combine(order.at.astimezone(zone).date(), time(), tzinfo=zone)


def attempts_of(
    session: WorkSession, order: DeliveryOrder, noted: Iterable[datetime], zone: ZoneInfo
) -> tuple[datetime, ...]:
    """The calls without an answer, noted by hand or known to another addon; a call that two have noted is one (S4-82).

    :param noted: those of the order's own log.
    :param zone: that of the order's branch.
    """
    since = beginning(order, zone)
    known = call_attempts(session, order.customer_id, order.phone, since)
    return tuple(distinct(at for at in (*noted, *known) if at >= since))
