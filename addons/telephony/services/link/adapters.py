"""Kinds of exchanges: Asterisk is one of ours, others come from other addons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from addons.telephony.services.asterisk.names import Endpoints
from core import Hooks

if TYPE_CHECKING:
    from addons.telephony.services.link.desk import Desk


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange as its link needs to know it.

    :param log: where its own log of calls is, as this machine sees it; empty where it is out of reach.
    """

    id: int
    name: str
    host: str
    port: int
    account: str
    secret: str
    endpoints: Endpoints
    log: str = ""


@dataclass(frozen=True, slots=True)
class Adapter:
    """A kind of exchange.

    :param code: with the addon's name in front, ``parking.intercom``; 40 characters at most.
    :param follow: keeps the link and tells the desk of every call that is over, of the link's state, and of what it has heard;
        it returns soon after the desk's ``goes_on()`` says no, and raises nothing for an exchange that is away.
    """

    code: str
    title: str
    follow: Callable[[Exchange, Desk], object]


def adapters(hooks: Hooks) -> dict[str, Adapter]:
    """Every kind of exchange there is, by its code."""
    return {adapter.code: adapter for _, adapter in hooks.declared("telephony_pbx_adapters")}
