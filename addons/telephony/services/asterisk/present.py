"""The calls of a PBX that go on: of each only what is so now, computed anew when something was told of it."""

from __future__ import annotations

from math import inf

from addons.telephony.services.asterisk.calls import View
from addons.telephony.services.asterisk.channels import Channel
from addons.telephony.services.asterisk.moments import NEVER, known
from addons.telephony.services.asterisk.names import Kind, endpoint
from addons.telephony.services.asterisk.pool import OpenCall, Pool
from addons.telephony.services.on_line import (
    BUSY,
    DIALLING,
    MENU,
    RINGING,
    TALKING,
    WAITING,
    OnLine,
    Phone,
)


class Present:
    """The calls of a pool that go on."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[int, OnLine] = {}

    def calls(self) -> tuple[OnLine, ...]:
        """All of them, as they are now."""
        for number, call in self._pool.touched():
            found = on_line(call) if call is not None else None
            if found is None:
                self._known.pop(number, None)
            else:
                self._known[number] = found
        return tuple(self._known.values())


def on_line(call: OpenCall) -> OnLine | None:
    """What a call is now; nothing once it is over, and for one that no person is in."""
    view = View(call)
    if not view.people or view.ended is not None or not call.alive:
        return None
    phones = tuple(found for each in view.people if (found := _phone(view, each)) is not None)
    number = parse(view) if view.direction != "internal" else ""
    did = view.client.exten if view.client is not None and view.direction == "in" else ""
    return OnLine(
        name=view.linkedid(),
        direction=view.direction,
        state=_state(view, phones),
        client=number,
        did=did,
        started=view.started,
        answered=view.answered(),
        channel=view.client.name if view.client is not None else "",
        phones=phones,
    )


def parse(view: View) -> str:
    """The client's number as a stored call has it."""
    return view.client_e164() or view.client_number()


def _phone(view: View, channel: Channel) -> Phone | None:
    if channel.kind is not Kind.PHONE or channel.is_gone:
        return None
    ext, name = endpoint(channel.name), channel.name
    began, until = view.talks.get(channel.uid, (0.0, 0.0))
    if until == inf and view.client is not None:
        return Phone(ext, TALKING, name, began)
    up, rang = known(channel.up), known(channel.rang)
    if up is None and channel.rang != NEVER and not channel.came_in:
        return Phone(ext, RINGING, name, rang or view.started)
    busy_since = up if up is not None else known(channel.born) if channel.came_in else None
    return Phone(ext, BUSY, name, busy_since) if busy_since is not None else None


def _state(view: View, phones: tuple[Phone, ...]) -> str:
    states = {each.state for each in phones}
    if TALKING in states:
        return TALKING
    if view.direction == "out":
        return DIALLING
    if RINGING in states:
        return RINGING
    return WAITING if any(end == inf for _, end in view.queues()) else MENU
