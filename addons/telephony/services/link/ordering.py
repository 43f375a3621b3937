"""Orders to an Asterisk as actions of the manager interface, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.link.adapters import (
    CONSULT,
    HANG_UP,
    ORIGINATE,
    TRANSFER,
    Exchange,
    Given,
)
from addons.telephony.services.link.desk import Desk
from addons.telephony.services.link.wire import LinkError, Wire
from addons.telephony.services.orders import BUSY, LOST, NOT_ANSWERED, NOT_THERE, REFUSED

ABILITIES = frozenset({ORIGINATE, TRANSFER, CONSULT, HANG_UP})
RING_MS = 30_000
"""How long the phone of who orders a call rings."""

_SAFE = re.compile(r"[A-Za-z0-9_.@/;:*#+-]{1,150}")
"""What may stand in an action: no blank, no end of a line, nothing that the dialplan would read as more (SEC-45)."""

_REASONS = {"1": NOT_ANSWERED, "3": NOT_ANSWERED, "5": BUSY, "0": NOT_THERE, "8": NOT_THERE}
"""Why a call was not made, as ``OriginateResponse`` counts: hung up, rang out, busy, no such phone, congested."""


class Orders:
    """The orders that were given over one connection. «Success» of most actions means that they are queued, and no more."""

    def __init__(self, wire: Wire, exchange: Exchange, desk: Desk) -> None:
        self._wire, self._exchange, self._desk = wire, exchange, desk
        self._open: dict[str, Given] = {}

    def give(self, orders: Sequence[Given]) -> None:
        """Send orders.

        :raises LinkError: when the exchange does not take one; whose it was, and whose those after it, is told so.
        """
        for place, order in enumerate(orders):
            try:
                self._give(order)
            except LinkError:
                for each in orders[place:]:
                    self._desk.done(each.id, LOST)
                raise

    def _give(self, order: Given) -> None:
        action, headers = self._action(order)
        if not all(_SAFE.fullmatch(value) for value in headers.values()):
            self._desk.done(order.id, REFUSED)
            return
        self._open[self._wire.send(action, headers)] = order

    def hear(self, message: Message) -> None:
        """Look whether a message answers an order."""
        order = self._open.get(message.get("ActionID", ""))
        if order is None:
            return
        event = message.get("Event", "")
        if event == "OriginateResponse":
            failed = message.get("Response") != "Success"
            self._settle(message, _REASONS.get(message.get("Reason", ""), REFUSED) if failed else "")
        elif event == "" and message.get("Response") == "Error":
            self._settle(message, _problem(message))
        elif event == "" and order.kind != ORIGINATE:
            self._settle(message, "")

    def lose(self) -> None:
        """The connection has ended: what came of the open orders is not known."""
        for order in self._open.values():
            self._desk.done(order.id, LOST)
        self._open.clear()

    def _settle(self, message: Message, problem: str) -> None:
        order = self._open.pop(message["ActionID"])
        self._desk.done(order.id, problem, message.get("Message", "") if problem else "")

    def _action(self, order: Given) -> tuple[str, Mapping[str, str]]:
        context = self._exchange.context
        if order.kind == ORIGINATE:
            return "Originate", {
                "Channel": f"{self._exchange.technology}/{order.ext}",
                "Context": context,
                "Exten": order.number,
                "Priority": "1",
                "CallerID": order.number,
                "Timeout": str(RING_MS),
                "Async": "true",
                "ChannelId": f"{order.name}-1",
            }
        if order.kind == HANG_UP:
            return "Hangup", {"Channel": order.channel, "Cause": "16"}
        action = "Atxfer" if order.kind == CONSULT else "BlindTransfer"
        return action, {"Channel": order.channel, "Context": context, "Exten": order.number}


def _problem(message: Message) -> str:
    """What an error says: nearly always that the channel is gone."""
    text = message.get("Message", "").lower()
    return NOT_THERE if "no such channel" in text or "not found" in text or "does not exist" in text else REFUSED
