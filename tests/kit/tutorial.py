"""Follows ``docs/tutorial.md``: writes its files, runs its commands, in the order in which they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.addons import ROOT
from tests.support.dealership import Server, free_port, wait_until_it_answers

TUTORIAL = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`(?P<more>, at its end)?:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?\n)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code: what a file holds, or commands."""

    chapter: str
    file: str
    more: bool
    language: str
    text: str

    @property
    def lines(self) -> int:
        """Its lines that say something."""
        return sum(1 for line in self.text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def blocks() -> list[Block]:
    """The blocks of the tutorial in their order."""
    chapters = re.split(r"^## ", TUTORIAL.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [each for chapter in chapters for each in _blocks(chapter)]


def _blocks(chapter: str) -> Iterator[Block]:
    title = chapter.partition("\n")[0]
    for found in _BLOCK.finditer(chapter):
        yield Block(title, found["file"] or "", bool(found["more"]), found["language"], found["text"])


class Reader:
    """Somebody who does what the tutorial says, in a folder that is empty at first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exported = ""
        self.said = ""

    def follow(self, block: Block) -> None:
        """Write the file, or run the commands; ``console`` is only to be looked at."""
        if block.file:
            self._write(block)
        elif block.language == "sh":
            self.run(block.text)
        else:
            assert block.language == "console", f"neither a file nor a command: {block.text}"

    def _write(self, block: Block) -> None:
        path = self.folder / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        apart = "\n\n" if path.suffix == ".py" else "\n"
        before = path.read_text(encoding="utf-8") + apart if block.more else ""
        path.write_text(before + block.text, encoding="utf-8")

    def run(self, commands: str) -> None:
        """Run commands, which have to go well."""
        self.exported += "".join(f"{line}\n" for line in commands.splitlines() if line.startswith("export "))
        done = subprocess.run(
            ["bash", "-e", "-c", self.exported + commands],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        self.said += done.stdout


def environment() -> dict[str, str]:
    """The environment of somebody with Forecourt and pytest; the plugin is there, however old the installation is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FORECOURT_", "PYTEST_"))}
    binaries = str(Path(sys.executable).parent)
    plugins = "-p no:forecourt -p core.testing -p no:cacheprovider"
    return {**kept, "PATH": f"{binaries}:{kept['PATH']}", "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": plugins}


@contextmanager
def served(reader: Reader, command: str) -> Iterator[Server]:
    """What a command of the tutorial serves, on a port of its own."""
    port = free_port()
    log = reader.folder / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["bash", "-e", "-c", f"{reader.exported}exec {command} --port {port}"],
            cwd=reader.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    wait_until_it_answers(server, 120)
    try:
        yield server
    finally:
        server.stop()
