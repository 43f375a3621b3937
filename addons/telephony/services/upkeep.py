"""What telephony does by itself: contacts of calls that nobody has registered, and missed calls that were answered since,
and recordings."""

from __future__ import annotations

from datetime import time, timedelta

from sqlalchemy import delete

from addons.telephony.models import CallContact, Order
from addons.telephony.services import pop_ups, registering
from addons.telephony.services.autodial import campaigns
from addons.telephony.services.recordings import looking
from core import Daily, Job, Notification, T, WorkSession

NOTICES_KEPT = timedelta(hours=1)
ORDERS_KEPT = timedelta(days=7)


def jobs() -> list[Job]:
    """The sweeps."""
    return [
        Job(
            "telephony.contacts",
            registering.sweep,
            timedelta(seconds=15),
            T("Calls that are to become contacts"),
        ),
        Job("telephony.recordings", looking.look, timedelta(seconds=15), T("Recordings of calls that come and go")),
        Job("telephony.recordings_term", looking.doom_old, Daily(time(3, 50)), T("Recordings whose term is over")),
        Job("telephony.tidy", tidy, timedelta(minutes=10), T("Orders and notices of calls that are over")),
        # The links look every moment; the job goes on where no link does.
        Job("telephony.campaigns", campaigns.advance, timedelta(seconds=5), T("Calls for site requests")),
    ]


def tidy(session: WorkSession) -> int:
    """Take away what says nothing any more: notices of phones that rang, orders, and whose calls were.

    :returns: how many rows that were.
    """
    now = session.now()
    rang = (Notification.kind == pop_ups.KIND, Notification.closed_at < now - NOTICES_KEPT)
    old = [
        delete(Notification).where(*rang),
        delete(Order).where(Order.created_at < now - ORDERS_KEPT),
        delete(CallContact).where(CallContact.at < now - ORDERS_KEPT),
    ]
    return sum(session.connection().execute(each).rowcount for each in old)
