"""Inside one worker process of :mod:`core.web.serve`: getting ready, leaving when replaced, stopping.

A worker that is replaced first stops accepting connections and asks the clients of those it has to
close them, so that no request is lost when it goes a moment later.
"""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import processes
from core.web.supervisor import GRACE, LEAVE, STOP

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from core.web.http_server import HttpServer

_MOMENT = 0.5

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Shutdown:
    """Tells the parts of a worker that it must stop, before the server waits for their requests."""

    _callbacks: list[Callable[[], object]] = field(default_factory=list)
    _begun: threading.Event = field(default_factory=threading.Event)

    @property
    def begun(self) -> bool:
        """Whether the worker is about to stop."""
        return self._begun.is_set()

    def on(self, callback: Callable[[], object]) -> None:
        """Call this when the worker must stop, in a thread of its own; it should return within a second."""
        self._callbacks.append(callback)

    def begin(self) -> None:
        """Run the callbacks, each once, whatever the others do."""
        if self.begun:
            return
        self._begun.set()
        for callback in self._callbacks:
            try:
                callback()
            except Exception:
                logger.exception("A part of the worker did not stop properly.")


Start = Callable[[Shutdown], "WSGIApplication"]
"""Begins an application inside a worker: here its threads and connections are made."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a generation has loaded before its workers are forked.

    :param start: what each worker does with it.
    :param beside: work of a process of its own beside the workers, until SIGTERM or until the process whose number
        it gets is gone.
    """

    start: Start
    beside: Callable[[int], None] | None = None


Load = Callable[[], Loaded]
"""Loads code, mappers, templates: everything that workers can share. It starts no thread and leaves no connection."""


@dataclass(slots=True)
class Worker:
    """A process that serves, from the start of its application to its end.

    :param parent: the process that forked it; a worker does not outlive it.
    :param listener: the descriptor of the listening socket that all workers share.
    :param drain: seconds that running requests get when nobody else cuts them off.
    :param ready: called when it is about to take connections.
    """

    start: Start
    parent: int
    listener: int
    drain: int
    ready: Callable[[], object]

    def serve(self, server: HttpServer, number: int) -> None:
        """Serve until told to leave or to stop. Called in the main thread."""
        server.serve_here(number, self._begin)

    def _begin(self) -> WSGIApplication:
        shutdown = Shutdown()
        _Signals(shutdown, self).start()
        application = closing_connections(self.start(shutdown), shutdown)
        self.ready()
        return application


def closing_connections(application: WSGIApplication, shutdown: Shutdown) -> WSGIApplication:
    """The application, asking clients to leave its kept-alive connections once the worker must stop."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not shutdown.begun or not environ.get("SERVER_PROTOCOL", "").startswith("HTTP/1"):
            return application(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            return start_response(status, [*headers, ("Connection", "close")], *error)

        return application(environ, start)

    return answer


def stop_accepting(listener: os.stat_result) -> None:
    """Take this process out of the queue for new connections; the other processes stay in it.

    granian accepts until it shuts down, and a connection accepted just then is closed unanswered.
    So its descriptors of the listening socket are pointed at a socket nobody connects to.
    """
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.setblocking(False)
        deaf.bind("")  # an address of its own that the kernel chooses
        deaf.listen()
        for entry in Path("/proc/self/fd").iterdir():
            descriptor = int(entry.name)
            if descriptor != deaf.fileno() and _is_same(descriptor, listener):
                os.dup2(deaf.fileno(), descriptor, inheritable=False)


def _is_same(descriptor: int, wanted: os.stat_result) -> bool:
    try:
        found = os.fstat(descriptor)
    except OSError:
        return False
    return stat.S_ISSOCK(found.st_mode) and (found.st_dev, found.st_ino) == (wanted.st_dev, wanted.st_ino)


class _Signals:
    """Learns that the worker must leave or stop.

    granian installs its own signal handlers after the application is built. The wake-up
    descriptor is written to whatever the handlers are, so it is the one place to listen. Made in the main thread.
    """

    def __init__(self, shutdown: Shutdown, worker: Worker) -> None:
        self._shutdown = shutdown
        self._worker = worker
        self._listener = os.fstat(worker.listener)
        self._signals = processes.Signals(LEAVE, STOP)

    def start(self) -> None:
        """Listen in a thread of its own."""
        threading.Thread(target=self._watch, name="worker-signals", daemon=True).start()

    def _watch(self) -> None:
        received = self._received()
        while not received and not self._orphaned():
            received = self._received()
        if received == {LEAVE}:
            stop_accepting(self._listener)
        self._shutdown.begin()
        if received == {LEAVE}:
            time.sleep(GRACE)
        if received & {signal.SIGTERM, signal.SIGINT}:
            time.sleep(_MOMENT)  # granian has been told by the same signal
        self._stop()

    def _stop(self) -> None:
        """Make granian stop, however early the signal came.

        It is repeated because one that arrives before granian's handlers are in place is lost. When
        the parent was killed, nobody else cuts this process off if it hangs.
        """
        deadline = time.monotonic() + self._worker.drain
        while True:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(_MOMENT)
            if self._orphaned() and time.monotonic() > deadline:
                os._exit(1)

    def _received(self) -> set[int]:
        """The signals of the last moment that matter."""
        select.select([self._signals], [], [], _MOMENT)
        return self._signals.take() & {signal.SIGTERM, signal.SIGINT, STOP, LEAVE}

    def _orphaned(self) -> bool:
        return os.getppid() != self._worker.parent
