"""Switching an addon on or off in a process of its own.

The process that serves must import no code of an addon it was not started with; so the deed is done by
``python -m core.host.switching``, which reads what to do from its standard input and answers in one line.
Afterwards the generation number has the serving processes replaced.
"""

from __future__ import annotations

import subprocess
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core import processes
from core.config import Config

ENABLE, DISABLE = "enable", "disable"
LONGEST = 300
"""Seconds after which a switch is given up; migrations of a large database take their time."""

MODULE = "core.host.switching"


class Order(msgspec.Struct, frozen=True):
    """What to do with which addon of which instance."""

    action: str
    addon: str
    config: dict[str, object]


class Outcome(msgspec.Struct, frozen=True):
    """What became of it: the addons newly switched on or off, or why it was refused, with the details for a person."""

    names: list[str] = msgspec.field(default_factory=list)
    reason: str = ""
    details: str = ""

    @property
    def done(self) -> bool:
        """Whether it was done."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class _Run:
    """What the other process said."""

    output: bytes
    errors: str


def switch(config: Config, action: str, addon: str) -> Outcome:
    """Switch an addon on (with what it needs) or off, in another process; returns when it is done or refused.

    The caller holds no open transaction: on SQLite the other process could not write.
    """
    order = Order(action, addon, _plain(config))
    try:
        run = _ask(msgspec.json.encode(order))
    except subprocess.TimeoutExpired:
        return Outcome(reason=f"it took more than {LONGEST} seconds")
    try:
        return msgspec.json.decode(run.output.rsplit(b"\n", 1)[-1], type=Outcome)
    except msgspec.DecodeError:
        return Outcome(reason="the process ended without an answer", details=run.errors)


def _ask(message: bytes) -> _Run:
    command = [sys.executable, "-m", MODULE]
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(command, input=message, capture_output=True, timeout=LONGEST, cwd=root, check=False)  # noqa: S603
    return _Run(done.stdout.strip(), done.stderr.decode("utf-8", "replace")[-20_000:])


def _plain(config: Config) -> dict[str, object]:
    """The settings as JSON keeps them; they travel by a pipe, where nobody else reads a password."""
    return {name: _text(value) for name, value in msgspec.structs.asdict(config).items() if value is not None}


def _text(value: object) -> object:
    if isinstance(value, Path):
        return str(value.resolve())
    return [_text(each) for each in value] if isinstance(value, tuple) else value


# --- inside the other process --------------------------------------------------------------------


def obey(message: bytes) -> Outcome:
    """Do what the order says; whatever goes wrong is the answer."""
    from core.config import load_config
    from core.host import instance

    order = msgspec.json.decode(message, type=Order)
    given = dict(order.config)
    processes.private_umask()
    try:
        config = load_config(Path(str(given.pop("instance"))), {}, **given)
        if order.action == ENABLE:
            return Outcome(instance.enable(config, [order.addon]))
        instance.disable(config, order.addon)
        return Outcome([order.addon])
    except (Exception, SystemExit) as error:
        return Outcome(reason=_sentence(error), details=traceback.format_exc()[-20_000:])


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
