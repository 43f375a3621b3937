"""granian's HTTP server in one process; starting and replacing processes is not its part here.

Only the compiled half of granian is used, and its wrapper of a WSGI application: the other half looks after
processes, logs and event loops, which would cost every process 4 MB.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import granian._granian
from granian.wsgi import _callback_wrapper as wsgi_callback

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from core.web.serve import ServeOptions

_BACKLOG = 1024
_CONNECTIONS = 4096  # idle keep-alive connections count too, so far more than there are threads
_RUNTIME_THREADS = 1
_RUNTIME_HELPERS = 512  # the most, made when needed
_IDLE_SECONDS = 30  # after which a thread that has nothing to do ends

_compiled: Any = granian._granian  # its declarations leave out what is used here


class _NoLoop:
    """Where granian expects an event loop; a WSGI application is called in threads and needs none."""

    call_soon = None


class HttpServer:
    """granian with the settings Forecourt relies on, on a listening socket that other processes share."""

    def __init__(self, options: ServeOptions, listener: int) -> None:
        self._options = options
        self._listener = listener
        self._tls = _tls(options.cert, options.key)

    def serve_here(self, number: int, load: Callable[[], WSGIApplication]) -> None:
        """Serve in this process until SIGTERM or SIGINT; called in the main thread."""
        application = wsgi_callback(load(), {})
        stop, stopped = _compiled.WorkerSignal(), threading.Event()
        stop.add_cb(stopped.set)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda _number, _frame: stop.set())
        socket = (None, _compiled.SocketHolder(self._listener, False, _BACKLOG))
        scheduler = _compiled.CallbackScheduler(_NoLoop, application, None, None, None)
        self._worker(number, socket).serve_mtr(scheduler, None, stop)
        stopped.wait()

    def _worker(self, number: int, socket: tuple[None, Any]) -> Any:
        return _compiled.WSGIWorker(
            number,
            socket,
            None,  # no pipe for measurements
            _RUNTIME_THREADS,
            _RUNTIME_HELPERS,
            self._options.threads,
            _IDLE_SECONDS,
            _CONNECTIONS,
            # Without TLS nobody speaks HTTP/2, and a connection whose version is still looked for is
            # dropped when its worker stops. With TLS one connection carries all tabs of a browser.
            "auto" if self._options.cert else "1",
            None,
            None,
            None,  # no files
            *self._tls,
            (None, None),  # no measurements
        )


def _tls(cert: Path | None, key: Path | None) -> tuple[Any, ...]:
    """Whether in use, certificate, key, its password, oldest version; then what concerns certificates of clients.

    :raises OSError: the certificate and its key cannot be used.
    """
    if cert is None or key is None:
        return (False, None, None, None, "tls1.3", None, [], False)
    import ssl

    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    return (True, str(cert.resolve()), str(key.resolve()), None, "tls1.3", None, [], False)
