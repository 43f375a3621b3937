"""What happens to requests while an addon is disabled and enabled again with changed code?

Two ways are compared on the same small application with two workers: *rebuild* imports the changed module
in the running workers, *respawn* replaces the workers (``core.web.supervisor``). An addon with a table and a
session listener, on which another one with a table and a page depends, is rewritten on disk and announced by
a new generation number while clients keep asking for the page. See ``docs/decisions/0001-respawn-workers.md``.

Usage: ``python bench/respawn.py [--how rebuild|respawn] [--requests 2000] [--clients 8] [--changes 6]``
"""

from __future__ import annotations

import argparse
import functools
import http.client
import importlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import Engine, create_engine, text  # noqa: E402
from sqlalchemy.orm import DeclarativeBase, Session  # noqa: E402

from core.web.serve import ServeOptions  # noqa: E402
from core.web.worker import Loaded, Shutdown  # noqa: E402
from tests.support.serving import serve  # noqa: E402

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAUSE = 0.05
"""Seconds a client thinks between two requests."""

ADDON = """
import threading
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column
from __main__ import Base, heard

VERSION = {version}

class Thing(Base):
    __tablename__ = "bench_thing"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    {column}: Mapped[str]

@event.listens_for(Session, "before_flush")
def listen(session, context, instances):
    heard[threading.get_ident()].add(VERSION)
"""

DEPENDENT = """
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from __main__ import Base
from bench_addon import VERSION, Thing

class Line(Base):
    __tablename__ = "bench_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey(Thing.id))
    thing: Mapped[Thing] = relationship()

def page(session):
    thing = session.scalars(select(Thing)).first()
    session.add(Line(thing=thing))
    session.flush()
    session.rollback()
    return VERSION
"""


class Base(DeclarativeBase):
    """What core's base is to the addons."""


heard: defaultdict[int, set[int]] = defaultdict(set)


def write_addons(folder: Path, version: int) -> None:
    """Change the addon's code: another version, another column."""
    code = ADDON.format(version=version, column="note" if version % 2 else "remark")
    files = {"bench_addon.py": code, "bench_dependent.py": DEPENDENT, "generation": str(version)}
    for name, content in files.items():
        (folder / f"{name}.new").write_text(content)
        (folder / f"{name}.new").replace(folder / name)


def import_addons() -> Any:
    """The code of the addon, and of the one that depends on it, as it is on disk now."""
    importlib.invalidate_caches()
    for name in ("bench_addon", "bench_dependent"):
        sys.modules.pop(name, None)
        importlib.import_module(name)
    return sys.modules["bench_dependent"]


class Rebuilding:
    """Follows the generation by importing the addon again in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.addon, self.seen = folder, import_addons(), generation(folder)
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(0.05)
            if (now := generation(self.folder)) != self.seen:
                Base.metadata.clear()
                self.addon, self.seen = import_addons(), now


def generation(folder: Path) -> int:
    """The number of the present set of addons."""
    return int((folder / "generation").read_text())


def load(folder: Path, how: str) -> Loaded:
    """What a generation loads: for *respawn* the addons; *rebuild* imports them in its workers, again and again."""
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(folder))
    addon = import_addons() if how == "respawn" else None
    return Loaded(functools.partial(start, folder, addon))


def start(folder: Path, addon: Any, _shutdown: Shutdown) -> WSGIApplication:
    """The application of one worker: the addon's page."""
    engine = make_database(folder)
    current: Callable[[], Any]
    if addon is None:
        rebuilding = Rebuilding(folder)
        current = lambda: rebuilding.addon  # noqa: E731
    else:
        current = lambda: addon  # noqa: E731

    def application(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        listeners = heard[threading.get_ident()]
        listeners.clear()
        try:
            with Session(engine) as session:
                version = current().page(session)
        except Exception as error:
            start_response("500 Internal Server Error", [("Content-Type", "text/plain")])
            return [type(error).__name__.encode()]
        start_response("200 OK", [("Content-Type", "application/json")])
        body = {"version": version, "heard": len(listeners), "mapped": mapped_classes()}
        return [json.dumps(body).encode()]

    return application


def mapped_classes() -> int:
    """How many classes SQLAlchemy keeps; zero while another thread adds one."""
    try:
        return len(set(Base.registry.mappers))
    except RuntimeError:
        return 0


def make_database(folder: Path) -> Engine:
    """One row that both versions of the addon can show."""
    engine = create_engine(f"sqlite:///{folder / 'bench.db'}", connect_args={"timeout": 15})
    with engine.begin() as connection:
        connection.execute(
            text("CREATE TABLE IF NOT EXISTS bench_thing (id INTEGER PRIMARY KEY, title TEXT, note TEXT, remark TEXT)")
        )
        connection.execute(text("CREATE TABLE IF NOT EXISTS bench_line (id INTEGER PRIMARY KEY, thing_id INTEGER)"))
        connection.execute(text("INSERT OR IGNORE INTO bench_thing VALUES (1, 'thing', 'note', 'remark')"))
    return engine


class Clients:
    """Ask for the page again and again, on kept connections, as a browser or a proxy does."""

    def __init__(self, port: int, requests: int, clients: int) -> None:
        self.port, self.left = port, requests
        self.lock = threading.Lock()
        self.failed: Counter[str] = Counter()
        self.last: dict[str, Any] = {}
        self.worst: Counter[str] = Counter()
        self.threads = [threading.Thread(target=self._ask_on) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _ask_on(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        while self._one_more():
            try:
                connection.request("GET", "/")
                answer = connection.getresponse()
                body = answer.read()
                if answer.status == 200:
                    self._note(json.loads(body))
                else:
                    self.failed[f"{answer.status} {body.decode()}"] += 1
            except (OSError, http.client.HTTPException) as error:
                self.failed[type(error).__name__] += 1
                connection.close()
            time.sleep(PAUSE)
        connection.close()

    def _one_more(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def _note(self, answer: dict[str, Any]) -> None:
        with self.lock:
            self.last = answer
            for name in ("heard", "mapped"):
                self.worst[name] = max(self.worst[name], answer[name])


def measure(how: str, requests: int, clients: int, changes: int) -> None:
    """Run the clients against a server of its own, changing the addon under them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_addons(folder, 1)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [sys.executable, "-W", "ignore", __file__, "--serve", how, str(port), name]
        server = subprocess.Popen(command)
        try:
            while not reachable(port):
                time.sleep(0.05)
            run, began = Clients(port, requests, clients), time.monotonic()
            waited = []
            for version in range(2, changes + 2):
                time.sleep(0.5)
                write_addons(folder, version)
                waited.append(seconds_until(lambda version=version: run.last.get("version") == version))
            for thread in run.threads:
                thread.join()
            seconds = time.monotonic() - began
        finally:
            server.terminate()
            server.wait(15)
    print(
        f"{how}: {requests} requests, {clients} clients, {changes} changes in {seconds:.1f} s; "
        f"failed {sum(run.failed.values())} {dict(run.failed)}; new code answers after at most {max(waited):.2f} s; "
        f"at most {run.worst['mapped']} classes mapped and {run.worst['heard']} listeners called, of 2 and 1"
    )


def seconds_until(condition: Callable[[], bool]) -> float:
    """How long it took; at most ten seconds."""
    began = time.monotonic()
    while not condition() and time.monotonic() - began < 10:
        time.sleep(0.005)
    return time.monotonic() - began


def reachable(port: int) -> bool:
    """Whether the server answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def run_server(how: str, port: int, folder: Path) -> None:
    """The server process: two workers."""
    options = ServeOptions(port=port, workers=2, threads=16, watch_seconds=0.1)
    watched = functools.partial(generation, folder) if how == "respawn" else None
    serve(functools.partial(load, folder, how), options, generation=watched)


def main() -> None:
    """Measure both ways, or the one asked for."""
    if sys.argv[1:2] == ["--serve"]:
        run_server(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--how", choices=["rebuild", "respawn"])
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--changes", type=int, default=6)
    given = parser.parse_args()
    for how in [given.how] if given.how else ["rebuild", "respawn"]:
        measure(how, given.requests, given.clients, given.changes)


if __name__ == "__main__":
    main()
