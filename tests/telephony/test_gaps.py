"""What a link has missed is read from the exchange's log: cut anywhere, dropped, off for a while, killed (S1-13, X-09)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from addons.telephony.models import Link, Pbx
from addons.telephony.services import replaying
from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.calls import Call
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.asterisk.moments import event_time
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.link import keeper, reading
from addons.telephony.services.link.adapters import Exchange
from addons.telephony.services.link.asterisk import Timing, follow
from addons.telephony.services.link.filling import Filling
from addons.telephony.services.link.logbook import FILE, QUEUES, RECORDS, Logbook
from addons.telephony.services.replaying import Recording
from addons.telephony.services.vocabulary import BEGINS_LATER, NO_LOG, ONLY_RECORDS, UNREADABLE
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
SWEPT = 5
"""Of how many places of a recording one is swept."""
DATED = [name for name in NAMES if name != "s2-undated"]
"""Here everything is said at once: what is not dated would be of one moment."""
OLDER = '"CHAN_START","2026-11-21 00:00:01.000000","","","s","internal","PJSIP/101-000000ff","","","1795219201.9","","",""\n'
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


class Full(Missing):
    """A desk that has room once it was asked to store."""

    has_room = False

    def store(self, *, at_once: bool = False, waiting: Callable[[], int] = int) -> bool:
        self.has_room = True
        return True

    def tell(self, calls: Iterable[Call], heard: float | None = None) -> None:
        assert self.has_room
        super().tell(calls, heard)


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


@pytest.mark.parametrize("name", DATED)
class TestCut:
    @pytest.mark.slow
    def test_everywhere(self, name: str, tmp_path: Path) -> None:
        for number, begin in enumerate(moments(recording(name))[::SWEPT]):
            away = AWAY[number % len(AWAY)]
            assert cut_and_filled(name, tmp_path / str(number), begin, begin + away) == [], (begin, away)

    def test_at_some_places(self, name: str, tmp_path: Path) -> None:
        chance = random.Random(name)
        for number, begin in enumerate(chance.sample(moments(recording(name)), PLACES)):
            away = chance.choice(AWAY)
            found = cut_and_filled(name, tmp_path / str(number), begin, begin + away)
            assert found == [], (begin, away)


def shown(dealership: Dealership) -> tuple[bool, str]:
    """Whether calls may be missing, and why, as the record of the link says."""
    link = link_of(dealership)
    assert link is not None
    return link.gap_since is not None, link.gap_problem


NAME, BEGAN = "b1-abandoned-in-ivr", 1795306054.0
"""A call of five seconds that is lost in the menu, and when it began."""


@pytest.fixture
def logged(tmp_path: Path) -> Path:
    """A folder of logs that tells of one call, which nobody has heard of."""
    write(tmp_path / "log", [OLDER, *log_lines(NAME, 0, float("inf"))])
    return tmp_path / "log"


def linked_before(dealership: Dealership, port: int, log: Path | str, until: float = BEGAN - 60) -> None:
    """An exchange that was linked until a moment; nobody has listened since."""
    number = add_exchange(dealership, port)
    with dealership.session() as session:
        session.get_one(Pbx, number).log = str(log)
        heard = datetime.fromtimestamp(until, UTC)
        session.add(Link(pbx_id=number, state="off", since=session.now(), heard_at=heard, connected=1, dropped=0))


LATER = Part(begins=BEGAN + 600)


def test_calls_of_the_time_when_no_process_listened_are_stored_s1_13(dealership: Dealership, logged: Path) -> None:
    """Also after a kill: what counts is until when everything was stored."""
    with Manager(LATER) as manager:
        linked_before(dealership, manager.port, logged)
        with on_duty(dealership, lambda: bool(stored(dealership)) and not shown(dealership)[0]) as duty:
            keeper.keep(duty)
    (call,) = stored(dealership)
    assert (call.disposition, call.loss_reason, call.contact_state) == ("missed", "listening_ivr", "done")
    assert shown(dealership) == (False, "")


def test_a_call_that_went_on_when_the_process_ended_is_stored_whole_x_09(dealership: Dealership, logged: Path) -> None:
    with Manager(LATER) as manager:
        linked_before(dealership, manager.port, logged, until=BEGAN + 3)
        with on_duty(dealership, lambda: bool(stored(dealership)) and not shown(dealership)[0]) as duty:
            keeper.keep(duty)
    (call,) = stored(dealership)
    expected = EXPECTED[NAME]["calls"][0]
    assert abs(call.started_at.timestamp() - expected["started"]) < 1
    assert abs(call.wait_ms / 1000 - expected["wait_s"]) < 1


@pytest.mark.parametrize("problem", [NO_LOG, UNREADABLE, BEGINS_LATER])
def test_what_cannot_be_filled_is_told_in_words(app: Any, dealership: Dealership, tmp_path: Path, problem: str) -> None:
    if problem == BEGINS_LATER:
        write(tmp_path, log_lines(NAME, 0, float("inf")))
    log = {NO_LOG: "", UNREADABLE: tmp_path / "nowhere", BEGINS_LATER: tmp_path}[problem]
    with Manager(LATER) as manager:
        linked_before(dealership, manager.port, log)
        with on_duty(dealership, lambda: shown(dealership)[1] == problem) as duty:
            keeper.keep(duty)
        pbx = link_of(dealership)
    assert pbx is not None
    page = Visitor(app, "admin").get(f"/telephony/exchanges/{pbx.pbx_id}").text
    words = {
        NO_LOG: "не указан журнал",
        UNREADABLE: "Журнал АТС не читается",
        BEGINS_LATER: "Журнал АТС начинается позже",
    }
    assert words[problem] in page
    assert shown(dealership)[0]


def test_what_came_too_fast_is_read_from_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue has a cap; what is thrown away there is a gap like any other."""
    monkeypatch.setattr(reading.Reader.__init__, "__defaults__", (5_000,))
    taken = recording(NAME)
    write(tmp_path, [OLDER, *log_lines(NAME, 0, float("inf"))])
    desk: Any = Missing(lambda desk: len(desk.calls) > 0 and "" in desk.gaps and desk.thrown_away > 0)
    desk.since = moments(taken)[0] - 1
    flood = written({"Event": "Newexten", "Uniqueid": "1.1"}) * 20_000
    with Manager(Part(flood + spoken(taken, 0, float("inf")), begins=BEGAN), LATER) as manager:
        follow(exchange(manager.port, tmp_path), desk, QUICK)
    assert "away" in desk.states
    assert differences(NAME, form.document(jobs(desk.calls)), unasked(NAME) | {"recordings"}) == []


def test_the_log_waits_while_the_desk_has_no_room(logged: Path) -> None:
    reducer = Reducer(Endpoints())
    desk: Any = Full(lambda desk: False)
    desk.since = BEGAN - 60
    Filling(str(logged), desk, reducer).begin()
    assert desk.has_room
    assert len(desk.calls) + len(reducer) == 1


RECORDED = sorted(path.name.removesuffix(".cdr.csv") for path in TRACES.glob("*.cdr.csv"))
ROUGHLY = ("direction", "disposition", "loss_reason", "client", "did", "answered_by", "linkedid")


@pytest.mark.parametrize("name", RECORDED)
def test_where_there_is_no_log_the_records_tell_who_called_and_who_talked(name: str, tmp_path: Path) -> None:
    for kind, place in (("cdr.csv", RECORDS), ("queue_log", QUEUES)):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text((TRACES / f"{name}.{kind}").read_text(encoding="utf-8"), encoding="utf-8")
    calls = EXPECTED[name]["calls"]
    desk: Any = Missing(lambda desk: len(desk.calls) >= len(calls) and bool(desk.gaps))
    desk.since = calls[0]["started"] - 1
    with Manager(Part(begins=calls[-1]["ended"] + 60)) as manager:
        follow(exchange(manager.port, tmp_path), desk, QUICK)
    found = form.document(jobs(desk.calls))["calls"]
    assert [{part: each[part] for part in ROUGHLY} for each in found] == [
        {part: each[part] for part in ROUGHLY} for each in calls
    ]
    assert desk.gaps[-1] in {ONLY_RECORDS, BEGINS_LATER}


class TestLogbook:
    def rows(self, folder: Path, since: float) -> list[str]:
        return [f"{row.at - BEGAN:.0f} {row.kind}" for row in Logbook(str(folder)).since(since)]

    def test_it_is_read_from_a_place_near_the_moment(self, tmp_path: Path) -> None:
        long = [
            OLDER.replace("219201", f"{220000 + number}").replace("219201", f"{220000 + number}")
            for number in range(20_000)
        ]
        write(tmp_path, long)
        write(tmp_path, log_lines(NAME, 0, float("inf")))
        assert len(self.rows(tmp_path, BEGAN)) == len(log_lines(NAME, 0, float("inf")))

    def test_a_line_that_is_being_written_is_read_when_it_is_whole(self, logged: Path) -> None:
        whole = (logged / FILE).read_bytes()
        (logged / FILE).write_bytes(whole[:-20])
        book = Logbook(str(logged))
        first = list(book.since(BEGAN))
        (logged / FILE).write_bytes(whole)
        rest = list(book.more())
        assert len(rest) == 1
        assert [*first, *rest] == list(Logbook(str(logged)).since(BEGAN))

    def test_what_was_moved_away_is_read_too(self, logged: Path) -> None:
        rows = self.rows(logged, BEGAN)
        (logged / FILE).rename(logged / "cel-custom" / "cel.csv.1")
        (logged / FILE).write_text("", encoding="utf-8")
        assert self.rows(logged, BEGAN) == rows

    def test_the_file_may_be_named_itself(self, logged: Path) -> None:
        assert self.rows(logged / FILE, BEGAN) == self.rows(logged, BEGAN)

    def test_nonsense_in_it_spoils_no_row(self, logged: Path) -> None:
        rows = self.rows(logged, BEGAN)
        data = (
            (logged / FILE).read_bytes().replace(b"\n", b'\n"CHAN_START","x\n\xff\x00,,,"\n' + b"9" * 300_000 + b"\n")
        )
        (logged / FILE).write_bytes(data)
        assert self.rows(logged, BEGAN) == rows
