"""Calls that were told of, kept: stored, and made contacts of."""

from __future__ import annotations

from collections.abc import Sequence

from addons.telephony.services import registering
from addons.telephony.services.asterisk.jobs import Job
from addons.telephony.services.storing import Stored, store
from core import WorkSession, publish


def keep(session: WorkSession, pbx_id: int, jobs: Sequence[Job]) -> Stored:
    """Store calls of an exchange and register what is due; the caller commits."""
    stored = record(session, pbx_id, jobs)
    while registering.register_due(session) == registering.BATCH:
        pass
    return stored


def record(session: WorkSession, pbx_id: int, jobs: Sequence[Job]) -> Stored:
    """Store calls of an exchange; the caller commits, and sees to their contacts."""
    stored = store(session, pbx_id, jobs, registering.grace(session))
    if stored.new or stored.changed:
        publish(session, "telephony.calls")
    return stored
