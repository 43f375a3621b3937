"""The hub: everybody gets his own, at once, and nothing is lost over a reconnect or a lost database."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import URL

from core.access.policy import NOBODY
from core.db.engine import Database, WorkSession
from core.live.events import publish
from core.live.hub import BUFFER, RESYNC, Hub, StreamClosed, Subscription
from core.live.stream import stream
from core.live.tail import Tail, open_tail

ME, OTHER = 1, 2
SOON = 20.0


class Listener:
    """A browser: takes what is offered and remembers it."""

    def __init__(self, hub: Hub, user_id: int = ME, last_event_id: str | None = None) -> None:
        self.subscription: Subscription = hub.subscribe(user_id, last_event_id)
        self.events: list[dict[str, Any]] = []
        self.position = ""
        self.take_until(lambda: self.position != "")

    def take_until(self, done: Any) -> None:
        """Take frames until the condition holds; fails after a few seconds."""
        deadline = time.monotonic() + SOON
        while not done():
            assert time.monotonic() < deadline, f"only got {self.topics}"
            frames, self.position = self.subscription.take(0.05)
            self.events += [json.loads(frame.removeprefix(b"data: ")) for frame in frames if frame != RESYNC]
            self.resynced = RESYNC in frames

    def wait_for(self, *topics: str) -> None:
        self.take_until(lambda: set(topics) <= set(self.topics))

    @property
    def topics(self) -> list[str]:
        return [event["topic"] for event in self.events]


def say(database: Database, topic: str, **about: Any) -> None:
    with database.writing(NOBODY) as session:
        publish(session, topic, **about)


def test_each_person_gets_his_own_and_what_is_for_all(database: Database, hub: Hub) -> None:
    mine, hers = Listener(hub, ME), Listener(hub, OTHER)
    say(database, "mine", users=[ME], contact=4)
    say(database, "hers", users=[OTHER])
    say(database, "all", contact=5)
    mine.wait_for("all")
    hers.wait_for("all")
    assert mine.topics == ["mine", "all"]
    assert hers.topics == ["hers", "all"]
    assert mine.events[0] == {"id": mine.events[0]["id"], "topic": "mine", "contact": 4}


def test_what_everybody_is_told_is_gathered_and_waits_for_nobodys_own(
    database: Database, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = hub.subscribe(ME)
    mine.take(SOON)  # it is taken in
    monkeypatch.setattr("core.live.hub.GATHER", 3600.0)
    say(database, "first")
    assert _topics(mine.take(SOON)[0]) == ["first"]
    say(database, "second")
    say(database, "third")
    say(database, "mine", users=[ME])
    frames, position = mine.take(SOON)
    assert _topics(frames) == ["second", "third", "mine"]
    assert Listener(hub, last_event_id=position).topics == []


def test_what_was_gathered_is_told_without_anything_further(database: Database, hub: Hub) -> None:
    mine = hub.subscribe(ME)
    mine.take(SOON)
    told: list[str] = []
    for topic in ("first", "second"):
        say(database, topic)
    while told != ["first", "second"]:
        frames, _ = mine.take(SOON)
        assert frames, f"only told {told}"
        told += _topics(frames)


def _topics(frames: list[bytes]) -> list[str]:
    return [json.loads(frame.removeprefix(b"data: "))["topic"] for frame in frames]


def test_commits_that_end_out_of_order_are_both_delivered(database: Database, hub: Hub) -> None:
    """A inserts first; B inserts and commits; A commits. On SQLite B has to wait for A."""
    overlapping = database.dialect == "postgresql"
    stayed, before = Listener(hub), Listener(hub).position
    inserted, gate = threading.Event(), threading.Event()
    late = threading.Thread(target=_say_and_wait, args=(database, "A", inserted, gate))
    other = threading.Thread(target=say, args=(database, "B"))
    late.start()
    assert inserted.wait(SOON)
    other.start()
    if overlapping:
        stayed.wait_for("B")  # a long transaction delays nobody else's events
        assert stayed.topics == ["B"]
    left_at = stayed.position if overlapping else before
    left = Listener(hub, last_event_id=left_at)  # comes back between B and A
    left_again = Listener(hub, last_event_id=left.position)
    gate.set()
    for thread in (late, other):
        thread.join(SOON)
    returned = Listener(hub, last_event_id=left_at)  # comes back after A
    for listener in (stayed, left, left_again, returned):
        listener.wait_for(*(["A"] if overlapping and listener is not stayed else ["A", "B"]))
    assert sorted(stayed.topics) == ["A", "B"]
    if overlapping:
        assert left.topics == left_again.topics == returned.topics == ["A"]
        ids = {event["topic"]: event["id"] for event in stayed.events}
        assert ids["A"] < ids["B"]


def _say_and_wait(database: Database, topic: str, inserted: threading.Event, gate: threading.Event) -> None:
    """Publish, and stop between the INSERT and the COMMIT until the gate opens."""

    def hold(_session: WorkSession) -> None:
        inserted.set()
        assert gate.wait(SOON)

    with database.session(write=True) as session:
        event.listen(session, "before_commit", hold)
        publish(session, topic)
        session.commit()


def test_a_returning_browser_gets_what_it_missed_and_nothing_twice(database: Database, hub: Hub) -> None:
    first = Listener(hub)
    say(database, "seen", users=[ME])
    first.wait_for("seen")
    hub.unsubscribe(first.subscription)
    say(database, "missed", users=[ME])
    say(database, "not mine", users=[OTHER])
    say(database, "missed too")
    second = Listener(hub, last_event_id=first.position)
    say(database, "live")
    second.wait_for("live")
    assert second.topics == ["missed", "missed too", "live"]


def test_a_browser_away_too_long_is_told_to_fetch_anew(database: Database, hub: Hub) -> None:
    first = Listener(hub)
    with database.writing(NOBODY) as session:
        for number in range(BUFFER + 1):
            publish(session, "many", contact=number)
    assert Listener(hub, last_event_id=first.position).resynced
    assert Listener(hub, last_event_id="not one of ours").resynced


def test_a_browser_that_does_not_read_is_cut_off_alone(database: Database, hub: Hub) -> None:
    slow, quick = Listener(hub), Listener(hub)
    for _ in range(3):
        with database.writing(NOBODY) as session:
            for number in range(BUFFER // 2):
                publish(session, "many", contact=number)
        quick.take_until(lambda: len(quick.events) % (BUFFER // 2) == 0 and quick.events)
    quick.take_until(lambda: len(quick.events) == 3 * (BUFFER // 2))
    with pytest.raises(StreamClosed):
        slow.subscription.take(0)


def test_a_full_process_takes_no_more_streams(database_url: str, database: Database) -> None:
    with Hub(database_url, limit=1) as hub:
        Listener(hub)
        with pytest.raises(StreamClosed):
            hub.subscribe(ME).take(0)


class BrokenTail:
    """A tail whose connection is lost as soon as the database is said to be gone."""

    def __init__(self, inner: Tail, gone: threading.Event) -> None:
        self._inner = inner
        self._gone = gone

    def wait(self, most: float | None = None) -> bool:
        found = self._inner.wait(most)
        if self._gone.is_set():
            raise OSError("the database is gone")
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def test_nothing_is_lost_while_the_database_is_away(
    database: Database, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    gone, back = threading.Event(), threading.Event()

    def open_broken(url: str | URL) -> Any:
        if not gone.is_set():
            return BrokenTail(open_tail(url), gone)
        assert back.wait(SOON)
        return open_tail(url)

    with Hub(database_url, open_tail=open_broken) as hub:
        listener = Listener(hub)
        gone.set()
        say(database, "meanwhile")
        back.set()
        listener.wait_for("meanwhile")
    assert "lost their database" in caplog.text


def test_stopping_ends_every_stream(database: Database, hub: Hub) -> None:
    listener = Listener(hub)
    hub.stop()
    with pytest.raises(StreamClosed):
        listener.subscription.take(SOON)
    with pytest.raises(StreamClosed):
        hub.subscribe(ME).take(SOON)
    assert hub.streams == 0


def test_the_stream_sends_events_with_their_position(database: Database, hub: Hub) -> None:
    body = stream(hub, ME, None, lambda: True, beat=0.05)
    assert next(body).startswith(b"retry: ")
    while b"id: " not in (beat := next(body)):
        assert beat == b"event: beat\ndata: 1\n\n"
    say(database, "one", users=[ME], contact=3)
    chunk = next(body)
    while b"beat" in chunk:
        chunk = next(body)
    fields = dict(line.split(b": ", 1) for line in chunk.strip().split(b"\n"))
    assert json.loads(fields[b"data"])["contact"] == 3
    assert chunk.endswith(b"\n\n")
    body.close()
    assert hub.streams == 0


@pytest.mark.parametrize("answer", [False, RuntimeError("no database")])
def test_a_revoked_session_ends_the_stream_before_anything_more_is_sent(hub: Hub, answer: Any) -> None:
    """SEC-21: signing somebody out works on open pages too."""
    now = [0.0]

    def still_valid() -> bool:
        if isinstance(answer, Exception):
            raise answer
        return bool(answer)

    body = stream(hub, ME, None, still_valid, beat=0.01, recheck=15, clock=lambda: now[0])
    next(body)
    next(body)  # not asked before its time
    now[0] = 15.0
    assert list(body) == []
    assert hub.streams == 0


def test_only_the_last_event_of_a_batch_carries_the_position(database: Database, hub: Hub) -> None:
    """Cut off in the middle, a browser asks for the whole batch again."""
    listener = Listener(hub)
    body = stream(hub, ME, listener.position, lambda: True, beat=SOON)
    next(body)
    assert next(body) == b"event: beat\ndata: 1\nid: " + listener.position.encode() + b"\n\n"
    with database.writing(NOBODY) as session:
        publish(session, "one")
        publish(session, "two")
    blocks = next(body).split(b"\n\n")
    assert [b"\nid: " in block for block in blocks] == [False, True, False]
    body.close()
