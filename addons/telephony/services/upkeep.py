"""What telephony does by itself: contacts of calls that nobody has registered, and missed calls that were answered since,
and recordings."""

from __future__ import annotations

from datetime import time, timedelta

from addons.telephony.services import registering
from addons.telephony.services.recordings import looking
from core import Daily, Job, T


def jobs() -> list[Job]:
    """The sweeps."""
    return [
        Job(
            "telephony.contacts",
            registering.register_due,
            timedelta(seconds=15),
            T("Calls that are to become contacts"),
        ),
        Job("telephony.recordings", looking.look, timedelta(seconds=15), T("Recordings of calls that come and go")),
        Job("telephony.recordings_term", looking.doom_old, Daily(time(3, 50)), T("Recordings whose term is over")),
    ]
