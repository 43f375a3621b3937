"""Kinds of exchanges: Asterisk is one of ours, others come from other addons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.telephony.services.asterisk.names import Endpoints
from core import Hooks

if TYPE_CHECKING:
    from addons.telephony.services.link.desk import Desk

ORIGINATE, TRANSFER, CONSULT, HANG_UP, HOLD, ANSWER = "originate", "transfer", "consult", "hang_up", "hold", "answer"
"""What can be asked of an exchange: to call somebody from an employee's phone; to pass the client on at once, or after his
colleague was asked, which hanging up completes; to hang up; to put the client on hold or take him back; to pick a phone up."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange as its link needs to know it.

    :param log: where its own log of calls is, as this machine sees it; empty where it is out of reach.
    :param context: where orders are dialled.
    :param technology: what the phones of employees are reached by.
    """

    id: int
    name: str
    host: str
    port: int
    account: str
    secret: str
    endpoints: Endpoints
    log: str = ""
    context: str = "from-internal"
    technology: str = "PJSIP"


@dataclass(frozen=True, slots=True)
class Given:
    """An order as an exchange is to carry it out.

    :param kind: one of the abilities that the adapter declares.
    :param ext: the phone of who orders it; ``channel`` is its end of the call that the order is about.
    :param number: whom to dial, as the exchange dials: digits, ``+``, ``*``, ``#``.
    :param name: what the call that is made is to be called, with ``-1`` for the first attempt.
    """

    id: int
    kind: str
    ext: str
    channel: str
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Adapter:
    """A kind of exchange.

    :param code: with the addon's name in front, ``parking.intercom``; 40 characters at most.
    :param follow: keeps the link and tells the desk of every call that is over, of those that go on, of the link's state, and
        of what it has heard; it carries out the desk's orders. It returns soon after the desk's ``goes_on()`` says no, and
        raises nothing for an exchange that is away.
    :param abilities: the kinds of orders that it carries out; screens offer these alone.
    """

    code: str
    title: str
    follow: Callable[[Exchange, Desk], object]
    abilities: frozenset[str] = frozenset()


def adapters(hooks: Hooks) -> dict[str, Adapter]:
    """Every kind of exchange there is, by its code."""
    return {adapter.code: adapter for _, adapter in hooks.declared("telephony_pbx_adapters")}
