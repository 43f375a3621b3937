"""A kind of telephone exchange for Forecourt: a switchboard that says a line of JSON for whatever happens at it.

``{"call": "7", "what": "rings", "at": 1795304979.0, "from": "+79161234567", "to": "74955550103", "phone": "102"}``, and the
same with ``answers`` and ``ends``. See ``docs/adapters.md``; the addon's ``hooks.py`` answers ``telephony_pbx_adapters`` with
``[Adapter("gates.switchboard", T("Switchboard"), follow)]``.
"""

from __future__ import annotations

import json
import socket
import time
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from addons.telephony.services.asterisk.calls import Call, Leg, Waits
from addons.telephony.services.link.adapters import Exchange
from addons.telephony.services.link.desk import Desk
from addons.telephony.services.on_line import RINGING, TALKING, OnLine, Phone

log = structlog.get_logger("gates.switchboard")

LOOK, PAUSE = 0.2, 2.0
"""Seconds between two looks at whether to go on, and before a lost link is tried again."""


def follow(exchange: Exchange, desk: Desk) -> None:
    """Keep the link until the desk says no; an exchange that is away is told, and tried again."""
    while desk.goes_on():
        desk.state("connecting")
        try:
            with socket.create_connection((exchange.host, exchange.port), timeout=1.0) as line:
                desk.state("linked", release="Switchboard 3")
                _listen(line, desk)
        except OSError as error:
            desk.state("away", str(error))
            _rest(desk)
    desk.finish(1.0)


def _rest(desk: Desk) -> None:
    until = time.monotonic() + PAUSE
    while desk.goes_on() and time.monotonic() < until:
        desk.store()
        time.sleep(LOOK)


def _listen(line: socket.socket, desk: Desk) -> None:
    calls: dict[str, OnLine] = {}
    line.settimeout(LOOK)
    rest, asked = b"", False
    while desk.goes_on():
        asked = asked or _say_what_is_missing(desk)
        *lines, rest = (rest + _read(line, desk)).split(b"\n")
        for each in lines:
            try:
                _hear(json.loads(each), calls, desk)
            except (ValueError, KeyError, TypeError):
                log.warning("the switchboard said what cannot be read", line=each[:200])
        desk.on_line(tuple(calls.values()))
        desk.store()


def _say_what_is_missing(desk: Desk) -> bool:
    """Whether the desk knows now what is missing; not while the database is away."""
    try:
        if desk.missed_since() is not None:
            desk.filled("no_log")  # it keeps nothing of the time in which nobody listened
    except SQLAlchemyError:
        return False
    return True


def _read(line: socket.socket, desk: Desk) -> bytes:
    if not desk.has_room:
        time.sleep(LOOK)
        return b""
    try:
        data = line.recv(65_536)
    except TimeoutError:
        return b""
    if not data:
        raise ConnectionError("the switchboard has hung up")
    return data


def _hear(said: dict[str, Any], calls: dict[str, OnLine], desk: Desk) -> None:
    name, at = said["call"], said["at"]
    if said["what"] == "rings":
        phone = Phone(said["phone"], RINGING, name, at)
        calls[name] = OnLine(name, "in", RINGING, said["from"], said["to"], at, None, name, (phone,))
    elif name in calls and said["what"] == "answers":
        talks = replace(calls[name].phones[0], state=TALKING, since=at)
        calls[name] = replace(calls[name], state=TALKING, answered=at, phones=(talks,))
    elif name in calls and said["what"] == "ends":
        desk.tell([_over(calls.pop(name), at)])
    desk.tell((), heard=at)


def _over(call: OnLine, ended: float) -> Call:
    """The call as it is kept: whoever answered has talked to the end."""
    ext, until = call.phones[0].ext, call.answered or ended
    talk, answered = ended - until, call.answered is not None
    leg = Leg(
        ext, call.started, call.answered, ended, "answered" if answered else "no answer", "other side", call.client
    )
    return Call(
        linkedid=call.name,
        direction=call.direction,
        disposition="answered" if answered else "missed",
        caller=call.client,
        client=call.client,
        client_e164=call.client,
        did=call.did,
        started=call.started,
        answered=call.answered,
        ended=ended,
        ended_known=True,
        wait=until - call.started,
        talk=talk,
        with_employee=talk,
        answered_by=(ext,) if answered else (),
        hangup_by="client",
        loss_reason=None if answered else "ringing_manager",
        waits=Waits(ring=until - call.started),
        legs=(leg,),
        transfers=(),
        recordings=(),
    )
