"""granian as the HTTP server of one worker process; starting and replacing processes is not its part here."""

# granian's methods carry no annotations.
# mypy: disallow-untyped-calls=False
from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.net import SocketHolder  # type: ignore[attr-defined]
from granian.server.mp import MPServer

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from core.web.serve import ServeOptions

_CONNECTIONS = 4096  # idle keep-alive connections count too, so far more than there are threads


class HttpServer(MPServer):
    """granian with the settings Forecourt relies on, on a listening socket that other processes share."""

    def __init__(self, options: ServeOptions, listener: int) -> None:
        super().__init__(
            "forecourt",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.workers,
            blocking_threads=options.threads,
            backpressure=_CONNECTIONS,
            runtime_mode=RuntimeModes.mt,
            websockets=False,
            # Without TLS nobody speaks HTTP/2, and a connection whose version is still looked for is
            # dropped when its worker stops. With TLS one connection carries all tabs of a browser.
            http=HTTPModes.auto if options.cert else HTTPModes.http1,
            ssl_cert=options.cert,
            ssl_key=options.key,
            log_level=LogLevels(options.log_level),
        )
        logging.getLogger("_granian").addFilter(_is_not_thread_advice)
        self._listener = listener

    def serve_here(self, number: int, load: Callable[[], WSGIApplication]) -> None:
        """Serve in this process until SIGTERM or SIGINT; called in the main thread."""
        self._shd: Any = SocketHolder(self._listener, False, self.backlog)  # type: ignore[call-arg]
        self._ssp = self._sso = None
        self._ipc: dict[int, Any] = {}
        # The process granian would start, which runs here instead: this one has been forked already.
        self._spawn_worker(number - 1, self._spawn_wsgi_worker, load).inner.run()


def _is_not_thread_advice(record: logging.LogRecord) -> bool:
    """granian warns of many threads; here most of them sleep in a stream."""
    return not str(record.msg).startswith("Configuration allows spawning up to")
