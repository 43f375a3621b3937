"""Ours and the floor in turns: times of one client, then operations a second and processor time at eight."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bench.browser import Browser
from bench.data import Dealership
from bench.serving import Served, database_cpu
from bench.workloads import Ask, Workload

CLIENTS = 8
BLOCK = 10
_COUNTER_STEP = 1_000_003


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is asked: single requests for the times, rounds and their seconds for the rates."""

    requests: int = 200
    seconds: float = 1.0
    rounds: int = 2


@dataclass(slots=True)
class Side:
    """One of the two sides of a workload, and what was measured of it. Times in milliseconds."""

    server: Served
    make: Callable[[], Browser]
    asks: Callable[[int], Ask]
    times: list[float] = field(default_factory=list)
    done: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    database_cpu: float = 0.0
    size: int = 0
    asked: int = 0

    def figures(self) -> dict[str, Any]:
        """What is reported."""
        return {
            **self.delays(),
            "rate": self.done / self.seconds,
            "cpu": self.cpu * 1000 / self.done,
            "database_cpu": self.database_cpu * 1000 / self.done,
        }

    def delays(self) -> dict[str, Any]:
        """What one client has waited for, and how much of it came."""
        cuts = statistics.quantiles(self.times, n=20)
        return {"p50": statistics.median(self.times), "p95": cuts[18], "bytes": self.size}


def measure(
    workload: Workload,
    rows: Dealership,
    ours: tuple[Served, Callable[[], Browser]],
    floor: tuple[Served, Callable[[], Browser]],
    postmaster: int | None,
    effort: Effort,
) -> tuple[Side, Side]:
    """Both sides of one workload."""
    sides = (Side(*ours, partial(workload.ours, rows)), Side(*floor, partial(workload.floor, rows)))
    latency(sides, effort)
    for _ in range(effort.rounds):
        for side in sides:
            _rate(side, postmaster, effort.seconds)
    return sides


def latency(sides: Sequence[Side], effort: Effort) -> None:
    """The times of one client, the sides in turns."""
    browsers = [side.make() for side in sides]
    for _ in range(max(effort.requests // BLOCK, 3)):
        for side, browser in zip(sides, browsers, strict=True):
            for _ in range(BLOCK):
                ask = side.asks(side.asked)
                side.asked += 1
                started = time.perf_counter()
                answer = browser.ask(ask)
                side.times.append((time.perf_counter() - started) * 1000)
                side.size = len(answer.body)
    for side, browser in zip(sides, browsers, strict=True):
        del side.times[: BLOCK * 2]  # the first ones warm both sides up
        browser.close()


def _rate(side: Side, postmaster: int | None, seconds: float) -> None:
    crowd = _Crowd(side)
    crowd.warm()
    cpu, database = side.server.cpu(), database_cpu(postmaster)
    started = time.perf_counter()
    done = crowd.run(started + seconds)
    side.seconds += time.perf_counter() - started
    side.cpu += side.server.cpu() - cpu
    side.database_cpu += database_cpu(postmaster) - database
    side.done += done
    side.asked += done


class _Crowd:
    """Eight people who ask without a pause."""

    def __init__(self, side: Side) -> None:
        self._side = side
        self._browsers = [side.make() for _ in range(CLIENTS)]
        self._failures: list[Exception] = []

    def warm(self) -> None:
        """Open the connections, and those of the server to its database, and let each of them learn its statements."""
        for _ in range(4):
            for browser in self._browsers:
                browser.ask(self._side.asks(self._side.asked))
                self._side.asked += 1

    def run(self, until: float) -> int:
        """Ask until that moment; how many were answered."""
        counts = [0] * len(self._browsers)
        threads = [
            threading.Thread(target=self._ask, args=(number, until, counts)) for number in range(len(self._browsers))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for browser in self._browsers:
            browser.close()
        if self._failures:
            raise self._failures[0]
        return sum(counts)

    def _ask(self, number: int, until: float, counts: list[int]) -> None:
        browser, asked = self._browsers[number], self._side.asked + number * _COUNTER_STEP
        try:
            while time.perf_counter() < until:
                browser.ask(self._side.asks(asked + counts[number]))
                counts[number] += 1
        except Exception as error:
            self._failures.append(error)
