"""What the processes of a server hold: the parent nothing that could be old, the others nothing that is not needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.cli.conftest import ROOT, Console
from tests.support.dealership import Dealership, Server, start_server

RARE = ("alembic", "mako", "pygments", "openpyxl", "xlsxwriter", "python_calamine", "segno", "PIL", "rapidfuzz")
RARE += ("limits", "pyotp", "cryptography", "huey", "zxcvbn", "playwright", "httpx")
RARE += ("click", "babel.messages", "calendar", "difflib", "greenlet", "logging.config", "shutil")
RARE += ("http.server", "werkzeug.serving", "werkzeug.test", "granian.server", "granian._loops")
WITHOUT_POSTGRESQL = ("psycopg", "asyncio.tasks", "ssl", "sqlalchemy.dialects.postgresql")
WITHOUT_POSTGRESQL += ("importlib.metadata", "zipfile")  # psycopg asks for its own version

PARENT = """
import json, sys
import core.staying, core.web.supervisor
print(json.dumps(sorted(name for name, module in sys.modules.items() if type(module).__name__ != "_Waiting")))
"""

LOADED = """
import json, sys, threading
from pathlib import Path
from core import running
from core.config import load_config
config = load_config(Path(sys.argv[1]))
served = running._Program(config, print, everything=True, reload=False)
served.prepare(first=True)
loaded = served.load()
import core.web.preloader
pool = loaded.start.__self__.database.engine.pool
modules = sorted(name for name, module in sys.modules.items() if type(module).__name__ != "_Waiting")
print(json.dumps([modules, threading.active_count(), pool.checkedin() + pool.checkedout()]))
"""

BECOMING = """
import sys
from core import staying
staying.__file__ = sys.argv[1]
staying.become({"listener": 0, "program": "x" * 200_000})
"""

BECOME = """
import json, os, sys
order = json.loads(os.fdopen(int(sys.argv[1])).read())
flags = [sys.flags.optimize, sys.flags.dont_write_bytecode]
print(json.dumps([len(order["program"]), flags, sys.warnoptions, sys._xoptions]))
"""


def test_what_stays_of_the_command_gets_its_whole_order_and_the_options_of_the_interpreter(tmp_path: Path) -> None:
    """A pipe would hold 64 KB of the order."""
    (tmp_path / "become.py").write_text(BECOME)
    options = ("-OO", "-B", "-W", "error::ImportWarning", "-X", "faulthandler", "-X", "int_max_str_digits=0")
    program, environment = str(tmp_path / "become.py"), {"PYTHONWARNINGS": ""}
    length, flags, warnings, implementation = run(BECOMING, program, environment=environment, options=options)
    assert length == 200_000
    assert flags == [2, 1]
    assert warnings == ["error::ImportWarning"]
    assert implementation == {"faulthandler": True, "int_max_str_digits": "0"}


def test_a_generation_imports_of_core_what_an_upgrade_has_put_there() -> None:
    """Not the modules that the parent has from before."""
    program = """
import json
from core import processes, staying
processes.old = True
staying._forget_core()
from core import processes
print(json.dumps([hasattr(processes, "old")]))
"""
    assert run(program) == [False]


def test_the_parent_holds_no_code_that_the_next_generation_would_inherit() -> None:
    modules = set(run(PARENT))
    assert "core.web.supervisor" in modules
    mine = ("core.db", "core.host", "core.access", "core.work", "core.web.app", "core.preparing", "core.program")
    assert not [name for name in modules if name.split(".")[0] in ("sqlalchemy", "granian", "werkzeug", "addons")]
    assert not [name for name in modules if name.startswith(mine)]
    assert not {"click", "msgspec", "logging", "socket", "typing"} & modules


def test_a_server_loads_nothing_rare_and_leaves_nothing_that_must_not_be_forked(console: Console) -> None:
    """Its threads and connections would not survive the fork of the workers."""
    console.ok("user", "add", "anna", "--name", "Анна")
    modules, threads, connections = run(LOADED, str(console.folder), environment=console.environment)
    rare = RARE if "postgresql" in console.config.database_url else (*RARE, *WITHOUT_POSTGRESQL)
    assert sorted(set(rare).intersection(modules)) == []
    assert (threads, connections) == (1, 0)


def test_what_stays_of_the_command_holds_nothing_of_what_it_serves(server: Server) -> None:
    """Nor of what has read the command line, whose libraries are msgspec's and OpenSSL's."""
    libraries = Path(f"/proc/{server.process.pid}/maps").read_text()
    assert not [name for name in ("msgspec", "sqlite", "psycopg", "granian", "crypto") if name in libraries]


def test_what_stays_of_the_command_logs_like_the_others(dealership: Dealership) -> None:
    server = start_server(dealership.config, FORECOURT_LOG="json")
    try:
        (generation,) = psutil.Process(server.process.pid).children()
        generation.kill()
        deadline = time.monotonic() + 20
        while "Unexpected exit" not in server.log.read_text():
            assert time.monotonic() < deadline, server.log.read_text()
            time.sleep(0.05)
        (line,) = [each for each in server.log.read_text().splitlines() if "Unexpected exit" in each]
        assert json.loads(line)["level"] == "error"
    finally:
        server.stop()


def run(
    program: str, *arguments: str, environment: dict[str, str] | None = None, options: tuple[str, ...] = ()
) -> list[object]:
    command = [sys.executable, *options, "-c", program, *arguments]
    env = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    found: list[object] = json.loads(done.stdout.splitlines()[-1])
    return found
