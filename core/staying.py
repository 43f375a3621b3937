"""The process that stays: ``forecourt run`` and ``web`` go on as this program once their command line is read.

Reading it takes click, the settings and checks of addresses: 8 MB that would stay as long as the server does, and that
the generations would inherit. So the command runs this file in its place. It imports what looking after the others
needs, and hands on what is to be served without looking into it.
"""

from __future__ import annotations

import json
import os
import sys

TYPE_CHECKING = False  # not from typing, which is a megabyte
if TYPE_CHECKING:
    from typing import Any, NoReturn


def become(order: dict[str, Any]) -> NoReturn:
    """Run this file instead of the present program, in the same process and with the same modules to be found.

    :param order: ``listener``, the descriptor of the listening socket; ``drain``, seconds that running requests get when
        their worker stops; ``log``, the form of the log; ``started``, what to say when the first workers answer;
        ``program``, what is served, in words that only :func:`core.running.live` understands.
    """
    # Through a pipe: the address of a database may hold a password, and everybody sees the arguments of a program.
    link, end = os.pipe()
    os.set_blocking(end, False)
    os.write(end, json.dumps({**order, "path": sys.path}).encode())
    os.close(end)
    for descriptor in (link, order["listener"]):
        os.set_inheritable(descriptor, True)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-P", __file__, str(link), *sys.argv[1:]])  # noqa: S606


def _main() -> None:
    with os.fdopen(int(sys.argv[1]), "rb") as link:
        order = json.loads(link.read())
    sys.path[:] = order["path"]
    os.set_inheritable(order["listener"], False)
    _stay(order)


def _stay(order: dict[str, Any]) -> None:
    """Look after the generations until told to stop."""
    from core.web.supervisor import Supervisor, log_error

    def boot(link: int, first: bool) -> None:
        from core import running

        running.live(order["program"], (order["listener"], link, supervisor), first=first)

    def started() -> None:
        print(order["started"], flush=True)  # noqa: T201 - it is told to a person

    def complain(text: str) -> None:
        from core import logs

        logs.setup(order["log"])
        log_error(text)

    supervisor = os.getpid()
    Supervisor(boot, drain=order["drain"], on_ready=started, complain=complain).run()


if __name__ == "__main__":
    _main()
