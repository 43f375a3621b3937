"""Events to calls: fed with messages and their moments, gives the calls that are over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from addons.telephony.services.asterisk import cel, snapshots
from addons.telephony.services.asterisk.calls import Call, describe
from addons.telephony.services.asterisk.events import Events
from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.asterisk.pool import OpenCall, Pool
from addons.telephony.services.asterisk.present import Present
from addons.telephony.services.on_line import OnLine


class Reducer:
    """The calls of one PBX (S2-06). It knows no clock: moments come with what it is fed.

    :param endpoints: which endpoints of the PBX are lines and which are phones.
    """

    def __init__(self, endpoints: Endpoints | None = None) -> None:
        self._pool = Pool(endpoints or Endpoints())
        self._events = Events(self._pool)
        self._present = Present(self._pool)
        self._now = 0.0

    def feed(self, message: Message, received: float) -> list[Call]:
        """Take in a message of the link.

        :param received: when it arrived, in seconds since 1970; counts where the message is not dated.
        :returns: the calls that have been over for a while by now (:data:`pool.SETTLING`).
        """
        at = event_time(message.get("Timestamp"), received)
        self._events.apply(message, at)
        self._now = max(self._now, at)
        return _described(self._pool.settled(self._now))

    def resync(self, state: snapshots.State, at: float) -> None:
        """Take in what the PBX says is on the line, after the link was away: calls that are not there any more have ended."""
        snapshots.apply(self._pool, state, at)

    def fill(self, rows: Iterable[cel.Row]) -> list[Call]:
        """Take in the PBX's own log of the time that the link was away; before :meth:`resync`, or the gap is guessed.

        What is known already may be among the rows: nothing is counted twice.

        :returns: the calls that have been over for a while by the time of the last row.
        """
        calls: list[Call] = []
        for row in rows:
            cel.apply(self._pool, row)
            calls += _described(self._pool.settled(row.at))
        return calls

    def knows(self, linkedid: str) -> bool:
        """Whether a call of this name is followed, or was not long ago."""
        return self._pool.knows(linkedid)

    def called(self, linkedid: str) -> Call | None:
        """The open call of this name as it is now, without a look at the others; nothing where there is none."""
        call = self._pool.named(linkedid)
        return describe(call) if call is not None else None

    def close(self) -> list[Call]:
        """The calls that are left, over or not."""
        return _described(self._pool.rest())

    @property
    def open_calls(self) -> list[Call]:
        """The calls as they are now, those that have just ended among them."""
        return _described(iter(self._pool))

    @property
    def on_line(self) -> tuple[OnLine, ...]:
        """The calls that go on, as they are now; asking costs what has changed since."""
        return self._present.calls()

    def __len__(self) -> int:
        return len(self._pool)


def _described(calls: Iterator[OpenCall]) -> list[Call]:
    return [found for call in calls if (found := describe(call)) is not None]
