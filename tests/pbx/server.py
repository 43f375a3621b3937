"""One Asterisk on loopback ports that were free, in a folder of its own."""

from __future__ import annotations

import math
import socket
import struct
import subprocess
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.pbx.install import Release, release

ETC = Path(__file__).parent / "etc"
SECRET = "ring-a-bell"
HOUSES = range(10, 40)
"""The dealerships that it is the exchange of; see ``etc/extensions.conf``."""
PHONES = range(1, 7)
START_WITHIN = 60.0
_EMPTY = ("acl", "ccss", "geolocation", "pjproject", "queuerules", "stir_shaken", "udptl")
"""Files without which modules complain."""


class Failed(Exception):
    """It does not start; the message has the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Pbx:
    """A running exchange."""

    release: Release
    folder: Path
    ami_port: int
    sip_port: int

    @property
    def version(self) -> str:
        return self.release.version

    @property
    def log(self) -> Path:
        """The folder of its logs."""
        return self.folder / "log"

    def order(self, command: str) -> str:
        """What its console answers."""
        return _run(self.release, self.folder, "-rx", command).stdout


@contextmanager
def pbx(version: str, folder: Path) -> Iterator[Pbx]:
    """An exchange of this version for the length of a block.

    :param folder: where it keeps everything; a short path, for the sake of its socket.
    :raises Missing: when this Asterisk cannot be had.
    :raises Failed: when it does not start.
    """
    found = Pbx(release(version), folder, _free_port(socket.SOCK_STREAM), _free_port(socket.SOCK_DGRAM))
    _configure(found)
    with (folder / "log/stdout").open("w") as said:
        process = subprocess.Popen(
            [*found.release.command, "-C", str(folder / "etc/asterisk.conf"), "-f", "-n"],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(found, process)
        yield found
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(found: Pbx, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until and process.poll() is None:
        if "booted" in _run(found.release, found.folder, "-rx", "core waitfullybooted").stdout:
            return
        time.sleep(0.1)
    said = [path.read_text(errors="replace") for path in found.log.glob("*") if path.name in {"messages", "stdout"}]
    raise Failed("Asterisk does not start: " + " | ".join("".join(said).splitlines()[-10:]))


def _run(found: Release, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*found.command, "-C", str(folder / "etc/asterisk.conf"), *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")


def _free_port(kind: socket.SocketKind) -> int:
    """A port that is free on all addresses that are used."""
    with socket.socket(socket.AF_INET, kind) as here:
        here.bind(("127.0.0.1", 0))
        return int(here.getsockname()[1])


# --- configuration -------------------------------------------------------------------------------


def _configure(found: Pbx) -> None:
    for each in ("etc", "run", "log/cdr-csv", "log/cel-custom", "spool", "db/keys", "recordings", "sounds", "agi"):
        (found.folder / each).mkdir(parents=True)
    first = 20_000 + found.sip_port % 200 * 200  # ports of speech: nobody speaks, so that two may have the same
    values = {
        "STATE": found.folder,
        "ROOT": found.release.root,
        "MODULES": found.release.modules,
        "AMI_PORT": found.ami_port,
        "SIP_PORT": found.sip_port,
        "RTP_START": first,
        "RTP_END": first + 398,
    }
    added = {"pjsip": _phones(), "queues": _queues()}
    for path in ETC.glob("*.conf"):
        text = path.read_text(encoding="utf-8") + added.get(path.stem, "")
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        if path.stem == "modules":
            text = "".join(line for line in text.splitlines(keepends=True) if _is_there(found.release, line))
        (found.folder / "etc" / path.name).write_text(text, encoding="utf-8")
    for name in _EMPTY:
        (found.folder / "etc" / f"{name}.conf").touch()
    _tone(found.folder / "sounds/menu.wav", 6.0)
    _tone(found.folder / "sounds/closed.wav", 1.0)


def _is_there(found: Release, line: str) -> bool:
    words = line.split()
    return not words or words[0] != "load" or (found.modules / words[-1]).exists()


def _phones() -> str:
    phones = (f"{house}{number}" for house in HOUSES for number in PHONES)
    return "".join(
        f'\n[{each}](phone)\nauth = {each}\naors = {each}\ncallerid = "Phone {each}" <{each}>\n'
        f"[{each}](phone-auth)\nusername = {each}\npassword = {SECRET}\n[{each}](phone-aor)\n"
        for each in phones
    )


def _queues() -> str:
    return "".join(
        f"\n[sales{house}](dealer)\n"
        + "".join(
            f"member => PJSIP/{house}{number},0,Sales {house}{number},PJSIP/{house}{number}\n" for number in (2, 3)
        )
        + f"\n[reception{house}](dealer)\nmember => PJSIP/{house}1,0,Reception {house}1,PJSIP/{house}1\n"
        for house in HOUSES
    )


def _tone(path: Path, seconds: float) -> None:
    """A tone that stands for an announcement."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        wanted = range(int(8_000 * seconds))
        file.writeframes(
            b"".join(struct.pack("<h", int(6_000 * math.sin(2 * math.pi * 440 * each / 8_000))) for each in wanted)
        )
