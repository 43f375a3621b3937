"""Calls as an exchange would tell of them, made up for what no recording holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from addons.telephony.services.asterisk.calls import Call, Leg, Waits
from addons.telephony.services.asterisk.jobs import Job
from core import parse_phone

CLIENT, DID = "+79161234567", "74955550103"


def call(at: datetime, name: str = "1795304979.0", **more: Any) -> Call:
    """A call of twenty seconds that was lost while 102 rang, unless more is said."""
    started = at.timestamp()
    client = more.pop("client", CLIENT)
    phone = parse_phone(client) if client else None
    lost = Call(
        linkedid=name,
        direction="in",
        disposition="missed",
        caller=client,
        client=client,
        client_e164=phone.e164 if phone is not None else None,
        did=DID,
        started=started,
        answered=None,
        ended=started + 20,
        ended_known=True,
        wait=20.0,
        talk=0.0,
        with_employee=0.0,
        answered_by=(),
        hangup_by="client",
        loss_reason="ringing_manager",
        waits=Waits(2.0, 3.0, 15.0),
        legs=(Leg("102", started + 5, None, started + 20, "no answer", "cancelled", client or ""),),
        transfers=(),
        recordings=(),
        linkedids=(name,),
    )
    return replace(lost, **more)


def answered(at: datetime, name: str = "1795305000.0", by: str = "102", **more: Any) -> Call:
    """A call that was answered after five seconds and lasted a minute."""
    started = at.timestamp()
    talked: dict[str, Any] = {
        "disposition": "answered",
        "answered": started + 5,
        "ended": started + 65,
        "wait": 5.0,
        "talk": 60.0,
        "with_employee": 60.0,
        "answered_by": (by,),
        "loss_reason": None,
    }
    return call(at, name, **(talked | more))


def job(*attempts: Call) -> Job:
    """The attempts of one call."""
    return Job(attempts)
