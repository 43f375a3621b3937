"""One generation of workers: everything is loaded once, then the workers are forked and looked after.

What was loaded before the fork is one copy in memory for all. So nothing here may start a thread or leave a
connection open before the workers are forked: neither survives a fork.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import select
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core import processes
from core.web.http_server import HttpServer
from core.web.serve import ServeOptions
from core.web.supervisor import CHANGED, CRASH_LOOP, GRACE, LEAVE, READY, STOP
from core.web.worker import Load, Loaded, Worker

_LOOK = 0.5
_PAUSES = (0.2, 1.0, 5.0, 15.0, 60.0)
_STEADY = 60.0

logger = logging.getLogger(__name__)

Watched = Callable[[], object]


@dataclass(slots=True)
class Place:
    """Where a generation lives.

    :param listener: the descriptor of the listening socket that all workers share.
    :param link: where it tells the supervisor how it is.
    :param supervisor: the process that started it; it does not outlive it.
    """

    listener: int
    link: int
    supervisor: int

    def say(self, word: bytes) -> None:
        """Tell the supervisor; one that is gone hears nothing."""
        try:
            os.write(self.link, word)
        except OSError:
            logger.warning("The supervisor of the workers is gone.")


def live(load: Load, options: ServeOptions, watched: Watched | None, place: Place) -> None:
    """Load, serve, go when told. Called in the main and only thread of a process of its own."""
    seen = watched() if watched else None
    loaded = _load(load)
    server = HttpServer(options, place.listener)
    watch = Watch(watched, seen, place) if watched else None
    if options.workers == 1 and loaded.beside is None:
        _serve_alone(loaded, server, options, watch, place)
    else:
        Crew(loaded, server, options, watch, place).run()


def _load(load: Load) -> Loaded:
    """Load without looking for garbage all the time; what is loaded stays, so it is never looked through again.

    A collector that walks through it would also write to it, and so copy it, in every worker. What garbage loading
    leaves is not worth the 0.17 s of a last look: it was measured to give nothing back.
    """
    gc.disable()
    try:
        loaded = load()
    finally:
        gc.enable()
    gc.freeze()
    _give_back()
    return loaded


def _give_back() -> None:
    """Return what loading has needed for a moment: workers would use it and so copy it, each for himself."""
    with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)


@dataclass(slots=True)
class Watch:
    """Says when the present is no longer what was loaded; each new state once."""

    watched: Watched
    seen: object
    place: Place

    def look(self) -> None:
        """Look once."""
        try:
            present = self.watched()
        except Exception:
            logger.exception("The generation of the addons could not be read.")
            return
        if present != self.seen:
            self.seen = present
            self.place.say(CHANGED)

    def follow(self, every: float) -> None:
        """Look again and again, for ever."""
        while True:
            time.sleep(every)
            self.look()


def _serve_alone(loaded: Loaded, server: HttpServer, options: ServeOptions, watch: Watch | None, place: Place) -> None:
    """One worker and nothing beside it: it is this process, which costs the least memory."""

    def ready() -> None:
        place.say(READY)
        if watch:
            threading.Thread(target=watch.follow, args=(options.watch_seconds,), name="watch", daemon=True).start()

    Worker(loaded.start, place.supervisor, place.listener, options.drain, ready).serve(server, 1)


@dataclass(slots=True)
class Member:
    """A forked process: a worker by its number, or the one beside the workers, which has none."""

    number: int
    pid: int
    replaces: bool = False
    began: float = field(default_factory=time.monotonic)

    @property
    def age(self) -> float:
        """Seconds it has lived."""
        return time.monotonic() - self.began

    @property
    def crashes_again(self) -> bool:
        """Whether its end is the second in a row."""
        return self.replaces and self.age < CRASH_LOOP


class Crew:
    """The forked processes of a generation, and this one, which only looks after them."""

    def __init__(
        self, loaded: Loaded, server: HttpServer, options: ServeOptions, watch: Watch | None, place: Place
    ) -> None:
        self._loaded, self._server, self._options = loaded, server, options
        self._watch, self._place = watch, place
        self._members: list[Member] = []
        self._ready, self._tell_ready = os.pipe()
        os.set_blocking(self._ready, False)
        self._missing = options.workers
        self._failures = 0
        self._beside_at: float | None = None
        self._next_look = time.monotonic() + options.watch_seconds
        self._cut_off_at: float | None = None

    def run(self) -> None:
        """Fork the workers and look after them until they are told to go, or the supervisor is gone."""
        with processes.Signals(signal.SIGTERM, signal.SIGINT, STOP, LEAVE, signal.SIGCHLD) as signals:
            for number in range(1, self._options.workers + 1):
                self._fork_worker(number)
            while self._cut_off_at is None or self._members:
                self._turn(signals)

    def _turn(self, signals: processes.Signals) -> None:
        select.select([signals.fileno(), self._ready], [], [], self._patience())
        self._count_ready()
        got = signals.take()
        if got & {signal.SIGTERM, signal.SIGINT, STOP} or os.getppid() != self._place.supervisor:
            self._dismiss(STOP)
        elif LEAVE in got:
            self._dismiss(LEAVE)
        for member in list(self._members):
            code = processes.ended(member.pid)
            if code is not None:
                self._members.remove(member)
                self._gone(member, code)
        self._on_time()

    def _patience(self) -> float:
        times = [time.monotonic() + _LOOK, self._next_look, self._beside_at]
        return max(min(each for each in times if each is not None) - time.monotonic(), 0.001)

    def _on_time(self) -> None:
        """What is done when its time has come."""
        now = time.monotonic()
        if self._cut_off_at is not None:
            if now > self._cut_off_at:
                self._tell_all(signal.SIGKILL)
            return
        if self._beside_at is not None and now >= self._beside_at:
            self._fork_beside()
        if self._watch and not self._missing and now >= self._next_look:
            self._watch.look()
            self._next_look = time.monotonic() + self._options.watch_seconds
        elif now >= self._next_look:
            self._next_look = now + self._options.watch_seconds

    def _fork_worker(self, number: int, *, replaces: bool = False) -> None:
        def serve() -> None:
            os.close(self._ready)
            os.close(self._place.link)
            Worker(self._loaded.start, crew, self._place.listener, self._options.drain, ready).serve(
                self._server, number
            )

        def ready() -> None:
            os.write(self._tell_ready, READY)

        crew = os.getpid()
        self._members.append(Member(number, processes.fork(serve), replaces))

    def _fork_beside(self) -> None:
        def work() -> None:
            os.close(self._ready)
            os.close(self._place.link)
            assert self._loaded.beside is not None
            self._loaded.beside(crew)

        crew = os.getpid()
        self._beside_at = None
        self._members.append(Member(0, processes.fork(work)))

    def _count_ready(self) -> None:
        """When all workers are ready they take over together, and what works beside them begins."""
        if not self._missing:
            return
        try:
            self._missing -= len(os.read(self._ready, self._missing))
        except BlockingIOError:
            return
        if not self._missing:
            self._place.say(READY)
            if self._loaded.beside is not None:
                self._beside_at = time.monotonic()

    def _gone(self, member: Member, code: int) -> None:
        """A member has ended; one that was not told to is replaced."""
        if self._cut_off_at is not None:
            return
        if not member.number:
            self._beside_gone(member, code)
            return
        logger.error("Unexpected exit of worker-%s (%s).", member.number, code)
        if self._missing or member.crashes_again:
            self._dismiss(LEAVE)
            raise SystemExit(1)
        self._fork_worker(member.number, replaces=True)

    def _beside_gone(self, member: Member, code: int) -> None:
        self._failures = 0 if code == 0 or member.age > _STEADY else self._failures + 1
        if code:
            logger.error("The process beside the workers ended and is started anew (%s).", code)
        self._beside_at = time.monotonic() + _PAUSES[min(self._failures, len(_PAUSES) - 1)]

    def _dismiss(self, number: int) -> None:
        """Tell all to go; most have been told by the signal to their group, those just forked have not."""
        if self._cut_off_at is None:
            self._cut_off_at = time.monotonic() + GRACE + self._options.drain
            self._beside_at = None
        self._tell_all(number)

    def _tell_all(self, number: int) -> None:
        for member in self._members:
            processes.tell(member.pid, number)
