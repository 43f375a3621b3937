"""Switching an addon on or off, and removing it, in a process of its own.

The process that serves must import no code of an addon it was not started with; so the deed is done by
``python -m core.host.switching``, which reads what to do from its standard input and answers in one line.
Afterwards the generation number has the serving processes replaced. It is in a session of its own and writes to files
that it has itself: neither those who are replaced nor those who no longer wait for it can end it in the middle.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import traceback
from pathlib import Path
from typing import IO

import msgspec

from core import processes
from core.config import Config

ENABLE, DISABLE, UNINSTALL = "enable", "disable", "uninstall"
GOES_ON = "goes_on"
"""What the page of addons is told instead of one of these when nobody has waited for the end."""

LONGEST = 300
"""Seconds after which nobody waits for a switch any more; it goes on, for it may be just committing."""

AT_A_SCREEN = 10
"""Seconds that a switch waits for another change of the instance: somebody looks at a page meanwhile."""

MODULE = "core.host.switching"


class Order(msgspec.Struct, frozen=True):
    """What to do with which addon of which instance, and how many seconds to wait for another change of it."""

    action: str
    addon: str
    config: dict[str, object]
    patience: float


class Outcome(msgspec.Struct, frozen=True):
    """What became of it: the addons newly switched on or off, or why it was refused, with the details for a person.

    ``goes_on``: it takes so long that nobody waits for it; nothing is known of it yet. ``under_way``: the other change of
    the instance because of which it was refused.
    """

    names: list[str] = msgspec.field(default_factory=list)
    reason: str = ""
    details: str = ""
    goes_on: bool = False
    under_way: str = ""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return not self.reason and not self.goes_on


def switch(config: Config, action: str, addon: str) -> Outcome:
    """Switch an addon on (with what it needs) or off, or remove it, in another process.

    Returns when it is done or refused, or when it has taken so long that it goes on alone.

    The caller holds no open transaction: on SQLite the other process could not write.
    """
    order = Order(action, addon, _plain(config), AT_A_SCREEN)
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as errors:
        process = _start(msgspec.json.encode(order), answer, errors)
        try:
            process.wait(LONGEST)
        except subprocess.TimeoutExpired:
            threading.Thread(target=process.wait, name="switching", daemon=True).start()  # else it stays as a zombie
            return Outcome(goes_on=True)
        said = _read(answer).strip().rsplit(b"\n", 1)[-1]
        try:
            return msgspec.json.decode(said, type=Outcome)
        except msgspec.DecodeError:
            why = _read(errors).decode("utf-8", "replace")[-20_000:]
            return Outcome(reason="the process ended without an answer", details=why)


def _start(message: bytes, answer: IO[bytes], errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the other process and tell it what to do."""
    command = [sys.executable, "-m", MODULE]
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryFile() as order:
        order.write(message)
        order.seek(0)
        return subprocess.Popen(  # noqa: S603 - a program of ours
            command, stdin=order, stdout=answer, stderr=errors, cwd=root, start_new_session=True
        )


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _plain(config: Config) -> dict[str, object]:
    """The settings as JSON keeps them; they travel by a file without a name, where nobody else reads a password."""
    return {name: _text(value) for name, value in msgspec.structs.asdict(config).items() if value is not None}


def _text(value: object) -> object:
    if isinstance(value, Path):
        return str(value.resolve())
    return [_text(each) for each in value] if isinstance(value, tuple) else value


# --- inside the other process --------------------------------------------------------------------


def obey(message: bytes) -> Outcome:
    """Do what the order says; whatever goes wrong is the answer."""
    from core.config import load_config
    from core.host import instance, uninstalling
    from core.host.one_at_a_time import Patience, UnderWay

    order = msgspec.json.decode(message, type=Order)
    patience = Patience(seconds=order.patience)
    given = dict(order.config)
    processes.private_umask()
    try:
        config = load_config(Path(str(given.pop("instance"))), {}, **given)
        if order.action == ENABLE:
            return Outcome(instance.enable(config, [order.addon], patience))
        if order.action == UNINSTALL:
            uninstalling.uninstall(config, order.addon, patience=patience)
            return Outcome([order.addon])
        instance.disable(config, order.addon, patience)
        return Outcome([order.addon])
    except (Exception, SystemExit) as error:
        under_way = error.other if isinstance(error, UnderWay) else ""
        return Outcome(reason=_sentence(error), details=traceback.format_exc()[-20_000:], under_way=under_way)


def _sentence(error: BaseException) -> str:
    from core.commands.refusals import sentence

    return sentence(error) or f"{type(error).__name__}: {error}" if isinstance(error, Exception) else repr(error)


def main() -> None:
    """Read an order, obey, answer."""
    answer = obey(sys.stdin.buffer.read())
    sys.stdout.buffer.write(b"\n" + msgspec.json.encode(answer))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
