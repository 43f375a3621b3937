"""The worker processes behind :mod:`core.web.serve`: starting, telling to stop, taking over.

granian does the HTTP. What it lacks is added here by overriding: one queue of connections for all
workers, and new workers that take over only when they are ready.
"""

# granian's methods carry no annotations.
# mypy: disallow-untyped-calls=False
from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from multiprocessing.synchronize import Event as ProcessEvent
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer, WorkerProcess

from core.web.worker import GRACE, LEAVE, Boot, Load

_CONNECTIONS = 4096  # idle keep-alive connections count too, so far more than there are threads
_READY_WITHIN = 60.0
_POLL = 0.02
_RETRY = 10.0

logger = logging.getLogger(__name__)


class Server(MPServer):
    """granian's server with one queue of connections and a take-over without a gap.

    :param watched: what replaces the workers when it changes; looked at every ``watch_seconds``.
    :param drain: seconds the requests of a worker get to finish when it must stop.
    :param started: called once, when the first workers answer.
    :param stopping: called once, when the workers are about to be told to stop.
    """

    def __init__(
        self,
        load: Load,
        *,
        host: str,
        port: int,
        workers: int,
        threads: int,
        cert: Path | None,
        key: Path | None,
        drain: int,
        log_level: str,
        watched: Callable[[], object] | None,
        watch_seconds: float,
        started: Callable[[], object] | None = None,
        stopping: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(
            "forecourt",
            address=host,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=threads,
            backpressure=_CONNECTIONS,
            websockets=False,
            # Without TLS nobody speaks HTTP/2, and a connection whose version is still looked for is
            # dropped when its worker stops. With TLS one connection carries all tabs of a browser.
            http=HTTPModes.auto if cert else HTTPModes.http1,
            ssl_cert=cert,
            ssl_key=key,
            respawn_failed_workers=True,
            workers_kill_timeout=drain,
            log_level=LogLevels(log_level),
        )
        logging.getLogger("_granian").addFilter(_is_not_thread_advice)
        self._load = load
        self._listener: socket.socket | None = None
        self._drain = drain
        self._watched = watched
        self._watch_seconds = watch_seconds
        self._started = started
        self._stopping = stopping
        self._seen = self._serving = watched() if watched else None
        self._starting = threading.Lock()
        self._stopped = threading.Event()
        self._ready: dict[WorkerProcess, ProcessEvent] = {}
        self.on_reload(self._serve_what_is_seen)

    def run(self) -> None:
        """Serve until the process is told to stop."""
        try:
            self.serve(target_loader=self._load, wrap_loader=False)
        finally:
            self._stopped.set()

    def shutdown(self, exit_code: int = 0) -> None:
        if self._stopping:
            self._stopping()
        super().shutdown(exit_code)

    def _init_shared_socket(self) -> None:
        """One listening socket for all workers, where they are forked.

        With a socket for each, connections that wait for a worker are reset when it goes, and a second
        server on the same port would get half of them instead of an error.
        """
        if sys.platform != "linux":
            super()._init_shared_socket()
            return
        family = socket.AF_INET6 if ":" in self.bind_addr else socket.AF_INET
        self._listener = socket.create_server((self.bind_addr, self.bind_port), family=family, backlog=self.backlog)
        # Inherited by every connection: the end of an answer does not wait 40 ms for the browser's acknowledgement.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listener.setblocking(False)  # all workers wake up for a connection, one gets it
        self._shd: Any = SocketHolder(self._listener.fileno(), False, self.backlog)  # type: ignore[call-arg]
        self._ssp = self._sso = None

    def _drop_shared_socket(self) -> None:
        if self._listener:
            self._listener.close()
        super()._drop_shared_socket()

    def _spawn_worker(  # type: ignore[override]  # granian's own differs from its base just so
        self, idx: int, target: Any, callback_loader: Load
    ) -> WorkerProcess:
        ready = multiprocessing.Event()
        listener = self._listener.fileno() if self._listener else None
        boot = Boot(callback_loader, os.getpid(), listener, self._drain, ready)
        worker: WorkerProcess = super()._spawn_worker(idx, target, boot)
        self._ready[worker] = ready
        return worker

    def _spawn_workers(self, spawn_target: Any, target_loader: Load) -> None:
        with self._starting:
            super()._spawn_workers(spawn_target, target_loader)
        if self._started:
            threading.Thread(target=self._tell, args=(self._started,), name="started", daemon=True).start()
        if self._watched:
            threading.Thread(target=self._watch, name="generation", daemon=True).start()

    def _tell(self, started: Callable[[], object]) -> None:
        if self._wait_ready(list(self.wrks)):
            started()

    def _respawn_workers(
        self,
        workers: Sequence[int],
        spawn_target: Any,
        target_loader: Load,
        delay: float = 0,  # noqa: ARG002 - granian waits a fixed time; here readiness is waited for
    ) -> None:
        """Start new workers beside the old; when all are ready they take over, otherwise the old go on."""
        fresh = [self._spawn_worker(idx, spawn_target, target_loader) for idx in workers]
        self._start(fresh)
        self.respawned_wrks.update(dict.fromkeys(workers, time.monotonic()))
        if self._wait_ready(fresh):
            old = [self.wrks[worker.idx] for worker in fresh]
            for worker in fresh:
                self.wrks[worker.idx] = worker
                worker.interrupt_by_parent = False
            self._retire(old, LEAVE)
        elif not self.interrupt_signal:
            logger.error("The new workers did not start; the old ones go on.")
            self._retire(fresh)
            self._report_dead(workers)
        else:
            self._retire(fresh)

    def _start(self, workers: Iterable[WorkerProcess]) -> None:
        """Not while the generation is read: a fork must not copy a half-used database connection."""
        with self._starting:
            for worker in workers:
                worker.interrupt_by_parent = True  # its end is no alarm until it has taken over
                worker.start()

    def _wait_ready(self, workers: Iterable[WorkerProcess]) -> bool:
        deadline = time.monotonic() + _READY_WITHIN
        for worker in workers:
            while not self._ready[worker].wait(_POLL):
                if not worker.is_alive() or self.interrupt_signal or time.monotonic() > deadline:
                    return False
        return True

    def _retire(self, workers: Sequence[WorkerProcess], sign: int | None = None) -> None:
        """Stop workers at the same time; what is not done after the drain time is cut off."""
        for worker in workers:
            worker.interrupt_by_parent = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, sign or signal.SIGTERM)
        deadline = time.monotonic() + GRACE + self._drain
        for worker in workers:
            worker.join(max(deadline - time.monotonic(), 0.01))
            if worker.is_alive():
                worker.kill()
                worker.join()
            del self._ready[worker]

    def _report_dead(self, workers: Iterable[int]) -> None:
        """Crashed workers that could not be replaced: try again later, or give up when none is left."""
        dead = [idx for idx in workers if not self.wrks[idx].is_alive()]
        if dead and any(worker.is_alive() for worker in self.wrks):
            again = threading.Timer(_RETRY, self._alarm, [dead])
            again.daemon = True
            again.start()
        elif dead:
            self._alarm(dead)

    def _alarm(self, dead: Iterable[int]) -> None:
        """Have the main loop replace these workers; twice within seconds it takes as a crash loop and exits."""
        self.interrupt_children.extend(dead)
        self.main_loop_interrupt.set()

    def _watch(self) -> None:
        """Ask for a take-over whenever what is watched differs from what is served."""
        while not self._stopped.wait(self._watch_seconds):
            if self._look() != self._serving:
                self.signal_handler_reload()

    def _look(self) -> object:
        assert self._watched is not None
        with self._starting:
            try:
                self._seen = self._watched()
            except Exception:
                logger.exception("The generation of the addons could not be read.")
        return self._seen

    def _serve_what_is_seen(self) -> None:
        self._serving = self._seen


def _is_not_thread_advice(record: logging.LogRecord) -> bool:
    """granian warns of many threads; here most of them sleep in a stream."""
    return not str(record.msg).startswith("Configuration allows spawning up to")
