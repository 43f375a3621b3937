"""Modules that wait until somebody uses them are then what they would have been."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import asyncio; print(asyncio.run(asyncio.sleep(0, 'slept')))", "slept"),
        ("from asyncio import CancelledError, sleep; print(CancelledError.__name__)", "CancelledError"),
        ("import asyncio.tasks; import asyncio; print(asyncio.tasks.Task is asyncio.Task)", "True"),
        ("import werkzeug; print(werkzeug.Client.__module__)", "werkzeug.test"),
        ("from werkzeug import Request; import werkzeug.wrappers as w; print(Request is w.Request)", "True"),
        ("import werkzeug; print(werkzeug.http.parse_date.__name__)", "parse_date"),
        ("import psycopg; print(psycopg.connect.__name__)", "connect"),
        ("from granian import Granian; print(Granian.__name__)", "MPServer"),
        ("import asyncio; print(hasattr(asyncio, 'nonsense'))", "False"),
        ("import importlib.metadata; print(importlib.metadata.version.__name__)", "version"),
        ("from importlib import metadata; print(metadata.version.__name__)", "version"),
        ("import logging, logging.config; print(logging.config.dictConfig.__name__)", "dictConfig"),
        ("import subprocess; print(subprocess.run(['true']).returncode)", "0"),
        ("import shutil, importlib; print(importlib.reload(shutil).which.__name__)", "which"),
        ("import structlog; print(structlog.threadlocal.bind_threadlocal.__name__)", "bind_threadlocal"),
        ("import sys, tempfile; tempfile.mkdtemp; print('bz2' in sys.modules)", "False"),
        ("import sys, asyncio; print('asyncio.events' in sys.modules)", "False"),
    ],
)
def test_what_waits_is_there_for_who_asks(program: str, said: str) -> None:
    """In a process of its own: here all of it has run already."""
    assert run(f"import core\n{program}") == [said]


def test_threads_that_ask_at_once_all_get_it() -> None:
    program = """
import threading, core, asyncio
found = []
threads = [threading.Thread(target=lambda: found.append(asyncio.Task.__name__)) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print(len(found))
"""
    assert run(program) == ["8"]


WAITING = """
import sys
sys.path.insert(0, sys.argv[1])
import core.postponed
core.postponed.POSTPONED += ("waiting",)
import waiting
"""


def test_what_could_not_run_is_tried_again_by_the_next_who_asks(tmp_path: Path) -> None:
    """A library may be repaired, or a file be readable, by then."""
    (tmp_path / "waiting.py").write_text("import sys\nif not hasattr(sys, 'ready'): raise OSError\nanswer = 'there'\n")
    program = f"""{WAITING}
for _ in range(2):
    try:
        waiting.answer
    except Exception as error:
        print(type(error).__name__)
sys.ready = True
print(waiting.answer)
"""
    assert run(program, str(tmp_path)) == ["OSError", "OSError", "there"]


def test_threads_do_not_wait_for_each_other_for_ever(tmp_path: Path) -> None:
    """One runs a waiting module, which imports what another imports, which asks the waiting module."""
    (tmp_path / "waiting.py").write_text(
        "import sys\nsys.runs.set()\nsys.imports.wait()\nimport needed\nanswer = 'there'\n"
    )
    (tmp_path / "needed.py").write_text(
        "import sys, waiting\nsys.imports.set()\nsys.runs.wait()\ngetattr(waiting, 'answer', None)\n"
    )
    program = f"""{WAITING}
import threading
sys.runs, sys.imports = threading.Event(), threading.Event()
threads = [threading.Thread(target=lambda: print(waiting.answer)), threading.Thread(target=lambda: __import__('needed'))]
for each in threads: each.start()
for each in threads: each.join()
print("done")
"""
    assert run(program, str(tmp_path)) == ["there", "done"]


def run(program: str, *arguments: str) -> list[str]:
    """The words a program of its own says."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()
