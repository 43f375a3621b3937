"""Reading the event table: nothing is skipped and nothing read twice, in whatever order commits end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Connection, Text, cast, func, insert

from core.access.policy import NOBODY
from core.db.engine import Database
from core.live.events import publish
from core.live.models import Event
from core.live.position import LastId, Snapshot
from core.live.tail import open_tail

WRITERS = 3
STEPS = st.lists(st.tuples(st.sampled_from(["write", "commit", "rollback", "read"]), st.integers(0, WRITERS - 1)))


class Writers:
    """Transactions that overlap where the database lets them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._open: dict[int, Connection] = {}
        self._unsaid: dict[int, set[str]] = {}
        self._number = 0
        self.committed: set[str] = set()

    def write(self, writer: int) -> None:
        if self._database.dialect == "sqlite" and self._open and writer not in self._open:
            return  # one writer at a time
        if writer not in self._open:
            self._open[writer] = self._database.engine.connect()
        self._number += 1
        topic = f"{writer}.{self._number}"
        row = {"at": datetime.now(UTC), "topic": topic, "payload": {}}
        statement = insert(Event)
        if self._database.dialect == "postgresql":
            statement = statement.values(xid=cast(cast(func.pg_current_xact_id(), Text), BigInteger))
        self._open[writer].execute(statement, row)
        self._unsaid.setdefault(writer, set()).add(topic)

    def commit(self, writer: int) -> None:
        if writer in self._open:
            connection = self._open.pop(writer)
            connection.commit()
            connection.close()
            self.committed |= self._unsaid.pop(writer)

    def rollback(self, writer: int) -> None:
        if writer in self._open:
            connection = self._open.pop(writer)
            connection.rollback()
            connection.close()
            del self._unsaid[writer]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(STEPS)
def test_every_committed_event_is_read_exactly_once(
    database: Database, database_url: str, steps: list[tuple[str, int]]
) -> None:
    writers, tail, read = Writers(database), open_tail(database_url), []
    position = tail.now()
    try:
        for action, writer in [*steps, *(("commit", writer) for writer in range(WRITERS)), ("read", 0)]:
            if action == "read":
                rows, position = tail.read(position)
                assert all(position.covers(row.order) for row in rows)
                read += [row.topic for row in rows]
                # A browser comes back with the text of the position.
                position = tail.parse(str(position)) or pytest.fail("a position of our own is refused")
            else:
                getattr(writers, action)(writer)
    finally:
        tail.close()
    assert sorted(read) == sorted(writers.committed)


def test_reads_for_one_person_and_at_most_so_many(database: Database, database_url: str) -> None:
    tail = open_tail(database_url)
    start = tail.now()
    with database.writing(NOBODY) as session:
        publish(session, "mine", users=[1], contact=5)
        publish(session, "hers", users=[2])
        publish(session, "ours")
    rows, _ = tail.read(start, only_for=1)
    assert [(row.topic, row.user_id, row.payload) for row in rows] == [("mine", 1, {"contact": 5}), ("ours", None, {})]
    assert [row.topic for row in tail.read(start, limit=2)[0]] == ["mine", "hers"]
    tail.close()


def test_wakes_for_a_commit_and_when_called(database: Database, database_url: str) -> None:
    tail = open_tail(database_url)
    tail.wake()
    assert tail.wait() is False
    with database.writing(NOBODY) as session:
        publish(session, "new")
    assert tail.wait() is True
    tail.close()


@given(st.one_of(st.text(), st.from_regex(r"[0-9:,]{0,60}", fullmatch=True)))
def test_anything_a_browser_sends_is_a_position_or_nothing(text: str) -> None:
    for kind in (LastId, Snapshot):
        position = kind.parse(text)
        assert position is None or position.covers(2**63) in (True, False)
    assert Snapshot.parse("1:2:" + "3," * 5000 + "3") is None


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1), st.frozensets(st.integers(0, 2**63 - 1), max_size=9))
def test_a_snapshot_survives_its_text(xmin: int, xmax: int, running: frozenset[int]) -> None:
    snapshot = Snapshot(xmin, xmax, running)
    assert Snapshot.parse(str(snapshot)) == snapshot
    assert LastId.parse(str(LastId(xmin))) == LastId(xmin)
