"""Calls that were told of, kept; whoever keeps them sees to their contacts (``registering``) in transactions of their own."""

from __future__ import annotations

from collections.abc import Sequence

from addons.telephony.services import registering
from addons.telephony.services.asterisk.jobs import Job
from addons.telephony.services.storing import Stored, store
from core import WorkSession, publish


def record(session: WorkSession, pbx_id: int, jobs: Sequence[Job]) -> Stored:
    """Store calls of an exchange; the caller commits, and sees to their contacts."""
    stored = store(session, pbx_id, jobs, registering.grace(session))
    if stored.new or stored.changed:
        publish(session, "telephony.calls")
    return stored
