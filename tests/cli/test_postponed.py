"""Modules that wait until somebody uses them are then what they would have been."""

from __future__ import annotations

import subprocess
import sys

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
    done = subprocess.run(
        [sys.executable, "-c", f"import core\n{program}"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == [said], done.stderr


def test_threads_that_ask_at_once_all_get_it() -> None:
    program = """
import threading, core, asyncio
found = []
threads = [threading.Thread(target=lambda: found.append(asyncio.Task.__name__)) for _ in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print(len(found))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["8"], done.stderr
