"""What telephony offers to other addons: kinds of exchanges beside Asterisk."""

from __future__ import annotations

from collections.abc import Callable

from addons.telephony.services.link.adapters import Adapter
from core import Vocabulary, hookspec

ADAPTERS = Vocabulary(object, has={"title": str, "follow": Callable, "abilities": frozenset}, longest={"code": 40})


@hookspec
@ADAPTERS
def telephony_pbx_adapters() -> list[Adapter]:
    """Kinds of telephone exchanges that can be linked (S2-06).

    When: once, at start; an adapter's ``follow(exchange, desk)`` then in a thread of its own for each exchange of its kind.
    It tells the desk of calls that are over, as ``Call`` of ``services.asterisk.calls``, of those that go on, as ``OnLine`` of
    ``services.on_line``, of the state of its link, and until when it has heard of everything; it carries out the desk's orders,
    as far as it has declared ``abilities``, which is what screens offer; docs/adapters.md has all
    fields, with an example. Return: adapters, whose codes begin with the addon's name. Since 0.1.
    Example: ``return [Adapter("parking.intercom", T("Gate intercom"), intercom.follow)]``
    """
