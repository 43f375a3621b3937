"""What a program orders of an exchange: it calls somebody, and passes calls on."""

from __future__ import annotations

from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.names import endpoint
from addons.telephony.services.link.wire import Wire
from tests.pbx.server import SECRET, Pbx

ACCOUNT = "forecourt"


class Console:
    """A connection of a program of its own; it waits for each answer."""

    def __init__(self, exchange: Pbx) -> None:
        self._wire = Wire("127.0.0.1", exchange.ami_port, patience=10.0, silence=3600.0)
        self.order("Login", Username=ACCOUNT, Secret=SECRET, Events="off")

    def order(self, action: str, **headers: str) -> Message:
        """The answer to an action."""
        return self._asked(self._wire.send(action, headers))[0]

    def channel_of(self, extension: str) -> str:
        """The channel of a telephone that is on the line."""
        found = (each["Channel"] for each in self._asked(self._wire.send("CoreShowChannels")) if "Channel" in each)
        return next(name for name in found if endpoint(name) == extension)

    def close(self) -> None:
        self._wire.close()

    def _asked(self, action_id: str) -> list[Message]:
        """The answer, and the list that follows it."""
        answers: list[Message] = []
        while not answers or (answers[0].get("EventList") == "start" and answers[-1].get("EventList") != "Complete"):
            answers += [each for each in self._wire.read() if each.get("ActionID") == action_id]
        return answers
