"""The parent of all: starts a generation of workers, replaces it by the next, stops.

It imports nothing of an addon and hardly anything else, so that the next generation reads the present code and
so that it costs little memory. It has one thread; whatever happens to it comes as a signal or a word of a child.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable

from core import processes

LEAVE = signal.SIGUSR1
"""Sent to a generation whose successor is ready."""

STOP = signal.SIGUSR2
"""Sent to a generation that must stop. Not SIGTERM: a second one, while granian deals with the first, locks it up."""

GRACE = 1.0
"""Seconds a replaced worker goes on answering on the connections it has."""

READY, CHANGED = b"r", b"c"
"""What a generation says: its workers are ready; what it has loaded is no longer the present."""

CRASH_LOOP = 5.5
"""Seconds within which what was started because of a crash must not crash, or it would go on for ever."""

_READY_WITHIN = 60.0

Boot = Callable[[int, bool], object]
"""The life of a generation in its own process: where to say how it is, and whether it is the first one."""


def log_error(text: str) -> None:
    """Tell of what went wrong; the log is imported with it, for most supervisors never need its megabyte."""
    import logging

    logging.getLogger(__name__).error(text)


class Generation:
    """The workers with one set of code, as the supervisor knows them: a process and those it forks."""

    def __init__(self, boot: Boot, *, first: bool, after_crash: bool) -> None:
        self.link, theirs = os.pipe()
        os.set_blocking(self.link, False)
        self._began = time.monotonic()
        self.deadline: float | None = None
        self._after_crash = after_crash

        # A group of its own: Ctrl+C is for the supervisor, which then stops the workers in order.
        self.pid = processes.fork(lambda: boot(theirs, first), group=True)
        os.close(theirs)

    @property
    def crashes_again(self) -> bool:
        """Whether its end is the second in a row."""
        return self._after_crash and time.monotonic() - self._began < CRASH_LOOP

    def said(self) -> bytes:
        """What it has said since the last call."""
        try:
            return os.read(self.link, 64)
        except BlockingIOError:
            return b""

    def dismiss(self, number: int, within: float) -> None:
        """Tell it to go; after so many seconds it is cut off."""
        processes.tell_group(self.pid, number)
        self.deadline = time.monotonic() + within

    def cut_off(self) -> None:
        """End it and all it has forked at once."""
        processes.tell_group(self.pid, signal.SIGKILL)


class Supervisor:
    """Keeps one generation of workers serving until it is told to stop.

    :param boot: what a generation does; called in a process of its own.
    :param drain: seconds that running requests get when their worker must stop.
    :param on_ready: called once, when the first generation serves.
    :param complain: told what went wrong.
    """

    def __init__(
        self,
        boot: Boot,
        *,
        drain: int,
        on_ready: Callable[[], object] | None = None,
        complain: Callable[[str], object] = log_error,
    ) -> None:
        self._boot = boot
        self._drain = drain
        self._on_ready = on_ready
        self._complain = complain
        self._current: Generation | None = None
        self._fresh: Generation | None = None
        self._leaving: list[Generation] = []
        self._served = False
        self._again = False
        self._stopping = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP replaces the workers.

        :raises SystemExit: the workers cannot be started, or end again and again.
        """
        with processes.Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD) as signals:
            self._start()
            try:
                while not self._stopping:
                    self._turn(signals)
            finally:
                self._stop(signals)

    def _turn(self, signals: processes.Signals) -> None:
        """Wait for something to happen, and deal with it."""
        links = [each.link for each in self._living()]
        select.select([signals.fileno(), *links], [], [], self._patience())
        got = signals.take()
        if got & {signal.SIGTERM, signal.SIGINT}:
            self._stopping = True
        for generation in self._living():
            self._hear(generation, generation.said())
        self._reap()
        if signal.SIGHUP in got:
            self._renew()
        for generation in self._living():
            if generation.deadline is not None and generation.deadline < time.monotonic():
                generation.cut_off()

    def _living(self) -> list[Generation]:
        return [each for each in (self._current, self._fresh, *self._leaving) if each is not None]

    def _patience(self) -> float | None:
        """Seconds until somebody must be cut off."""
        deadlines = [each.deadline for each in self._living() if each.deadline is not None]
        return max(min(deadlines) - time.monotonic(), 0.01) if deadlines else None

    def _hear(self, generation: Generation, said: bytes) -> None:
        if READY in said and generation is self._fresh:
            self._take_over(generation)
        if CHANGED in said and generation is self._current:
            self._renew()

    def _start(self, *, after_crash: bool = False) -> None:
        self._again = False
        self._fresh = Generation(self._boot, first=not self._served, after_crash=after_crash)
        if self._current is not None:
            self._fresh.deadline = time.monotonic() + _READY_WITHIN

    def _renew(self) -> None:
        """Start the next generation; one that starts just now may have read the code too early."""
        if self._stopping:
            return
        if self._fresh is None:
            self._start()
        else:
            self._again = True

    def _take_over(self, generation: Generation) -> None:
        """The new generation is ready: the old one leaves."""
        old, self._current, self._fresh = self._current, generation, None
        generation.deadline = None
        if old is not None:
            old.dismiss(LEAVE, GRACE + self._drain)
            self._leaving.append(old)
        if not self._served and self._on_ready is not None:
            self._on_ready()
        self._served = True
        if self._again:
            self._start()

    def _reap(self) -> None:
        """See who has ended."""
        for generation in self._living():
            code = processes.ended(generation.pid)
            if code is None:
                continue
            os.close(generation.link)
            if generation in self._leaving:
                self._leaving.remove(generation)
            elif generation is self._fresh:
                self._fresh = None
                self._not_started(code)
            else:
                self._current = None
                self._lost(generation, code)

    def _not_started(self, code: int) -> None:
        if self._stopping:
            return
        if self._current is None:
            raise SystemExit(code if code > 0 else 1)
        self._complain("The new workers did not start; the old ones go on.")
        if self._again:
            self._start()

    def _lost(self, generation: Generation, code: int) -> None:
        """Those who served are gone, and nobody told them to go."""
        if self._stopping:
            return
        self._complain(f"Unexpected exit of the workers' process ({code}).")
        processes.tell_group(generation.pid, STOP)  # its workers, if it leaves any, notice soon themselves
        if code > 0 or generation.crashes_again:
            raise SystemExit(1)
        if self._fresh is None:
            self._start(after_crash=True)

    def _stop(self, signals: processes.Signals) -> None:
        self._stopping = True
        for generation in self._living():
            generation.dismiss(STOP, GRACE + self._drain)
        while self._living():
            self._turn(signals)
