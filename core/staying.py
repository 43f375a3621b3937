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

    The interpreter is told what it was told on the command line; its environment stays as it is anyway.

    :param order: ``listener``, the descriptor of the listening socket; ``drain``, seconds that running requests get when
        their worker stops; ``log``, the form of the log; ``started``, what to say when the first workers answer;
        ``program``, what is served, in words that only :func:`core.running.live` understands.
    """
    # Not among the arguments: the address of a database may hold a password, and everybody sees those of a program.
    paper = os.memfd_create("order")
    with open(paper, "wb", closefd=False) as file:
        file.write(json.dumps({**order, "path": sys.path}).encode())
    os.lseek(paper, 0, os.SEEK_SET)
    for descriptor in (paper, order["listener"]):
        os.set_inheritable(descriptor, True)
    sys.stdout.flush()
    python = [sys.executable, *_interpreter_options(), "-P"]
    os.execv(sys.executable, [*python, __file__, str(paper), *sys.argv[1:]])  # noqa: S606


def _interpreter_options() -> list[str]:
    """What the interpreter was told before the program, for the next one; ``-u`` cannot be asked for and is lost."""
    letters = {"optimize": "O", "dont_write_bytecode": "B", "isolated": "I", "ignore_environment": "E", "no_site": "S"}
    flags = ["-" + letter * getattr(sys.flags, name) for name, letter in letters.items() if getattr(sys.flags, name)]
    implementation = [name if value is True else f"{name}={value}" for name, value in sys._xoptions.items()]
    return [*flags, *(f"-W{rule}" for rule in sys.warnoptions), *(f"-X{option}" for option in implementation)]


def _main() -> None:
    with os.fdopen(int(sys.argv[1]), "rb") as paper:
        order = json.loads(paper.read())
    sys.path[:] = order["path"]
    os.set_inheritable(order["listener"], False)
    _stay(order)


def _stay(order: dict[str, Any]) -> None:
    """Look after the generations until told to stop."""
    from core.web.supervisor import Supervisor, log_error

    def boot(link: int, first: bool) -> None:
        _forget_core()
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


def _forget_core() -> None:
    """Have a generation import core's modules anew: those of this process may be older than what an upgrade has put there."""
    for name in [each for each in sys.modules if each.partition(".")[0] == "core"]:
        del sys.modules[name]


if __name__ == "__main__":
    _main()
