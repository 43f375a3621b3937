"""What telephony does by itself: contacts of calls that nobody has registered, and missed calls that were answered since."""

from __future__ import annotations

from datetime import timedelta

from addons.telephony.services import registering
from core import Job, T


def jobs() -> list[Job]:
    """The sweeps."""
    return [
        Job(
            "telephony.contacts",
            registering.register_due,
            timedelta(seconds=15),
            T("Calls that are to become contacts"),
        )
    ]
