"""What is on the line at a moment, asked for and gathered while events go on."""

from __future__ import annotations

import time

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.link.wire import Wire

LISTS = ("Status", "CoreShowChannels", "QueueStatus")
MOST_ITEMS = 50_000
"""Items of all lists that are kept."""


class Asked:
    """The lists that were asked for, and what has come of them.

    :param at: when they are asked for, in seconds since 1970.
    """

    def __init__(self, wire: Wire, at: float) -> None:
        self.at = at
        self.state: dict[str, list[Message]] = {}
        """The items of each list that has come whole."""
        self._begun = time.monotonic()
        self._items: dict[str, list[Message]] = {}
        self._open = {wire.send(name): name for name in LISTS}
        self._closed = False

    def takes(self, message: Message) -> bool:
        """Whether a message belongs to the answers."""
        action_id = message.get("ActionID", "")
        name = self._open.get(action_id)
        if name is None:
            return False
        items = self._items.setdefault(action_id, [])
        if message.get("Response") == "Error":
            del self._open[action_id]
        elif "Response" in message:
            return True
        elif message.get("EventList") == "Complete" or message.get("Event", "").endswith("Complete"):
            self.state[name] = items
            del self._open[action_id]
        elif sum(map(len, self._items.values())) < MOST_ITEMS:
            items.append(message)
        return True

    @property
    def is_open(self) -> bool:
        """Whether what comes still has to be looked through for answers."""
        return not self._closed

    @property
    def is_answered(self) -> bool:
        """Whether every list has come, or was refused."""
        return not self._open

    def is_late(self, patience: float) -> bool:
        """Whether the answers take longer than so many seconds."""
        return time.monotonic() - self._begun > patience

    def close(self) -> None:
        """The answers were used."""
        self._closed = True
