"""Requests take turns, and who is slow is overtaken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from werkzeug.test import Client

from core.web.app import Application
from core.web.turns import Turns
from tests.live.running import until

SOON = 20.0
NEVER = 1000.0


@pytest.fixture
def others() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def within(turns: Turns, inside: threading.Event, leave: threading.Event) -> None:
    with turns.taken():
        inside.set()
        assert leave.wait(SOON)


def begin(others: ThreadPoolExecutor, turns: Turns) -> tuple[Future[None], threading.Event]:
    """Somebody who has his turn until told to leave."""
    inside, leave = threading.Event(), threading.Event()
    run = others.submit(within, turns, inside, leave)
    assert inside.wait(SOON)
    return run, leave


def most_at_a_time(others: ThreadPoolExecutor, turns: Turns) -> int:
    """How many of many have been in it together."""
    present: set[int] = set()
    seen: list[int] = []

    def come_and_go(number: int) -> None:
        with turns.taken():
            present.add(number)
            seen.append(len(set(present)))
            threading.Event().wait(0.001)  # long enough for the others to come in, if they may
            present.discard(number)

    for run in [others.submit(come_and_go, number) for number in range(40)]:
        run.result(SOON)
    return max(seen)


@pytest.mark.parametrize("number", [1, 2])
def test_so_many_are_in_it_together(others: ThreadPoolExecutor, number: int) -> None:
    turns = Turns(number, patience=NEVER)
    assert most_at_a_time(others, turns) <= number
    begun = [begin(others, turns) for _ in range(number)]
    for run, leave in begun:
        leave.set()
        run.result(SOON)


def test_who_is_slow_is_overtaken(others: ThreadPoolExecutor) -> None:
    turns = Turns(1, patience=0.01)
    begun = [begin(others, turns) for _ in range(3)]
    for run, leave in begun:
        leave.set()
        run.result(SOON)


def test_who_waits_for_longest_is_next(others: ThreadPoolExecutor) -> None:
    turns, order = Turns(1, patience=NEVER), []

    def come(number: int) -> None:
        with turns.taken():
            order.append(number)

    first, leave = begin(others, turns)
    runs = []
    for number in range(4):
        runs.append(others.submit(come, number))
        until(lambda: len(turns._waiting) > number, "he does not wait")  # noqa: B023 - asked at once
    leave.set()
    for run in (first, *runs):
        run.result(SOON)
    assert order == [0, 1, 2, 3]


def test_who_was_overtaken_gives_no_second_turn_back(others: ThreadPoolExecutor) -> None:
    turns = Turns(1, patience=0.2)
    slow, leave = begin(others, turns)
    with turns.taken():
        leave.set()
        slow.result(SOON)
    turns._patience = NEVER
    assert most_at_a_time(others, turns) == 1


def test_a_failure_gives_the_turn_back() -> None:
    turns = Turns(1, patience=NEVER)
    with pytest.raises(ZeroDivisionError), turns.taken():
        raise ZeroDivisionError
    with turns.taken():
        pass


def test_every_request_takes_a_turn(app: Application) -> None:
    taken: list[str] = []

    class Watched(Turns):
        @contextmanager
        def taken(self) -> Iterator[None]:
            with super().taken():
                taken.append("begun")
                yield
                taken.append("over")

    app._turns = Watched(1)
    assert Client(app).get("/health").status_code == 200
    assert taken == ["begun", "over"]
