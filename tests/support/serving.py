"""Serves a small application of tests and benchmarks as Forecourt is served, but without a command and an instance.

The program that calls :func:`serve` stays the parent itself, with all it has imported: an application that is a function
in it can be loaded in the generations. Commands go on as ``core.staying`` instead.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.web.serve import ServeOptions, listening, raise_file_limit, watched
from core.web.supervisor import Supervisor

if TYPE_CHECKING:
    from core.web.worker import Load


def serve(
    load: Load,
    options: ServeOptions,
    *,
    generation: Callable[[], int] | None = None,
    started: Callable[[], object] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP or a new generation replaces the workers.

    :param load: called once for each generation, in a process of its own.
    :param generation: the number of the present set of addons.
    :param started: called once, when the first workers answer.
    :raises SystemExit: workers cannot be started, or crash again and again.
    """
    raise_file_limit()
    supervisor = os.getpid()
    with listening(options) as listener:

        def boot(link: int, _first: bool) -> None:
            # Imported here, as there: what the parent holds would be old code in later generations.
            from core.web import preloader

            place = preloader.Place(listener.fileno(), link, supervisor)
            preloader.live(load, options, watched(generation, options), place)

        Supervisor(boot, drain=options.drain, on_ready=started).run()
