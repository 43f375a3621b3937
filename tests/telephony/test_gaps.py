"""What a link has missed is read from the exchange's log: cut anywhere, dropped, off for a while, killed (S1-13, X-09)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from addons.telephony.models import Link, Pbx
from addons.telephony.services import replaying
from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.link import keeper, reading
from addons.telephony.services.link.adapters import Exchange
from addons.telephony.services.link.asterisk import Timing, follow
from addons.telephony.services.link.logbook import FILE, Logbook
from addons.telephony.services.replaying import Recording
from addons.telephony.services.vocabulary import BEGINS_LATER, NO_LOG, UNREADABLE
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor
from tests.telephony.manager import SECRET, Manager, Part, written
from tests.telephony.recorded import EXPECTED, NAMES, TRACES, differences, moments, on_the_line, recording
from tests.telephony.test_calls import unasked
from tests.telephony.test_link import ENOUGH, Noting
from tests.telephony.test_links_kept import add_exchange, link_of, on_duty, stored

QUICK = Timing(patience=5.0, ping=0.05, busy_ping=0.05, silence=5.0, again=0.02, pause=0.01, longest_pause=0.05)
AWAY = (0.2, 1.0, 3.0, 8.0, float("inf"))
PLACES = 2
"""Places of each recording at which its link is cut in the usual run."""
OLDER = '"CHAN_START","2026-11-21 00:00:01.000000","","","s","internal","PJSIP/101-000000ff","","","1795219201.9",' + (
    '"1795219201.9","",""\n'
)
"""Somebody called the day before."""
LOOKS = 150
"""Looks of a link after which a test gives up."""


class Missing(Noting):
    """A desk that knows since when something may be missing."""

    def __init__(self, until: Callable[[Noting], bool]) -> None:
        super().__init__(until)
        self.since: float | None = None
        self._looks = ENOUGH - LOOKS

    def missed_since(self) -> float | None:
        return self.since


def log_lines(name: str, since: float, until: float) -> list[str]:
    """The lines of a recorded log between two moments."""
    lines = (TRACES / f"{name}.cel.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    dated = zip(replaying.read(TRACES / EXPECTED[name]["files"][0]).rows, lines, strict=True)
    return [line for row, line in dated if since <= row.at < until]


def write(folder: Path, lines: Iterable[str]) -> None:
    """Add lines to the log in a folder of logs."""
    (folder / FILE).parent.mkdir(parents=True, exist_ok=True)
    with (folder / FILE).open("a", encoding="utf-8") as file:
        file.writelines(lines)


def spoken(taken: Recording, since: float, until: float) -> bytes:
    """The events of a recording between two moments."""
    return b"".join(
        written(message)
        for connection in taken.connections
        for received, message in connection.messages
        if "Event" in message and since <= event_time(message.get("Timestamp"), received) < until
    )


def exchange(port: int, log: Path) -> Exchange:
    return Exchange(1, "test", "127.0.0.1", port, "forecourt", SECRET, Endpoints(), str(log))


def cut_and_filled(name: str, folder: Path, begin: float, end: float) -> list[str]:
    """How far off the calls of a recording are, told by a link that was away from one moment to the other."""
    taken, start, over = recording(name), float("-inf"), moments(recording(name))[-1] + 5
    back = min(end, over)

    def goes_on() -> None:
        write(folder, [OLDER, *log_lines(name, start, back)])
        desk.since = begin

    parts = (
        Part(spoken(taken, start, begin), stays=False, begins=moments(taken)[0] - 1),
        Part(spoken(taken, back, float("inf")), on_the_line(taken, back), begins=back, ends=over, first=goes_on),
    )
    calls = len(EXPECTED[name]["calls"])
    attempts = sum(len(call.get("attempts", [0])) for call in form.document(jobs(replaying.reduce(taken)))["calls"])
    desk: Any = Missing(lambda desk: len(desk.calls) >= max(calls, attempts) and "" in desk.gaps)
    with Manager(*parts) as manager:
        follow(exchange(manager.port, folder), desk, QUICK)
    return differences(name, form.document(jobs(desk.calls)), unasked(name) | {"recordings"})


@pytest.mark.parametrize("name", NAMES)
class TestCut:
    def test_at_some_places(self, name: str, tmp_path: Path) -> None:
        chance = random.Random(name)
        for number, begin in enumerate(chance.sample(moments(recording(name)), PLACES)):
            away = chance.choice(AWAY)
            found = cut_and_filled(name, tmp_path / str(number), begin, begin + away)
            assert found == [], (begin, away)
