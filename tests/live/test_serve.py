"""The server as it runs: streams over processes, a quick stop, workers replaced without a lost request."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from core.access.policy import NOBODY
from core.db.engine import Database
from core.live.events import publish
from core.web.serve import ServeOptions, UnsafeAddress, check_address, is_loopback, newest_change
from tests.live.running import ROOT, Browser, RunningServer, until

COMMAND = """
import sys
from core.access.policy import NOBODY
from core.db.engine import Database
from core.host.plugins import Hooks
from core.live.events import publish
with Database(sys.argv[1], Hooks()).writing(NOBODY) as session:
    publish(session, "from.a.command", contact=1)
"""


def say(database: Database, topic: str) -> None:
    with database.writing(NOBODY) as session:
        publish(session, topic)


class Told(NamedTuple):
    """What a worker says of itself."""

    page: str
    pid: str
    streams: str
    loader: str
    parent: str


def come_back(server: RunningServer, position: str, topic: str) -> None:
    """Reconnect as browsers do, as often as needed: another old worker may take the connection before it leaves."""

    def heard() -> bool:
        with Browser(server, position) as returned:
            while topic not in returned.topics and returned.read_block():
                pass
            return topic in returned.topics

    until(heard, f"{topic} was skipped")


def test_an_event_of_another_process_reaches_an_open_stream(server: RunningServer, database_url: str) -> None:
    with Browser(server).joined() as browser:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        subprocess.run([sys.executable, "-c", COMMAND, database_url], check=True, env=environment)
        browser.wait_for("from.a.command")
        assert browser.response.getheader("Content-Type") == "text/event-stream; charset=utf-8"
        assert browser.response.getheader("Cache-Control") == "no-store"


def test_its_start_is_told_when_it_answers(server: RunningServer) -> None:
    told = server.folder / "started"
    until(told.exists, "nothing was told")
    assert until(told.read_text, "nothing was told") == "True"


def test_stops_within_three_seconds_with_open_streams(server: RunningServer) -> None:
    browsers = [Browser(server).joined() for _ in range(20)]
    assert server.stop() < 3
    assert server.process.returncode == 0
    assert all(browser.ends() for browser in browsers)
    for browser in browsers:
        browser.__exit__(None, None, None)


def test_what_runs_beside_it_is_told_before_its_requests_are_waited_for(server: RunningServer) -> None:
    slow = threading.Thread(target=server.get, args=("/slow",))
    slow.start()
    until((server.folder / "slow").exists, "the slow request has not begun")
    until((server.folder / "beside").exists, "nothing runs beside it")
    server.process.terminate()
    until((server.folder / "stopping").exists, "it was not told")
    assert server.process.poll() is None
    server.write("go", "")
    slow.join()


def test_a_new_generation_replaces_the_workers(server: RunningServer, database: Database) -> None:
    """Running requests finish, streams end at once, and a returning browser has missed nothing."""
    answers: list[list[str]] = []
    slow = threading.Thread(target=lambda: answers.append(server.get("/slow")))
    slow.start()
    until((server.folder / "slow").exists, "the slow request has not begun")
    with Browser(server).joined() as browser:
        server.write("page", "second")
        server.write("generation", "1")
        assert browser.ends()
        say(database, "meanwhile")
        come_back(server, browser.position, "meanwhile")
    until(lambda: server.page() == "second", "the new workers do not take over")
    assert answers == []
    (server.folder / "go").touch()
    slow.join()
    assert answers[0][0] == "first"
    assert {server.page() for _ in range(20)} == {"second"}


def test_workers_that_cannot_start_do_not_replace_those_that_run(server: RunningServer) -> None:
    server.write("page", "broken")
    server.write("generation", "1")
    until(lambda: "the old ones go on" in server.log, "nobody said that the new workers failed")
    assert server.page() == "first"
    server.write("page", "third")
    server.write("generation", "2")
    until(lambda: server.page() == "third", "the next generation does not take over")


def test_workers_that_do_not_begin_do_not_replace_those_that_run(server: RunningServer) -> None:
    """What was loaded is well, but the workers forked from it fail."""
    server.write("page", "unstartable")
    server.write("generation", "1")
    until(lambda: "the old ones go on" in server.log, "nobody said that the new workers failed")
    assert server.page() == "first"


def test_workers_share_what_one_process_has_loaded(server: RunningServer) -> None:
    told = {Told(*server.get()) for _ in range(20)}
    (loader,) = {each.loader for each in told}
    assert {each.parent for each in told} == {loader}
    assert loader not in {str(server.process.pid), *(each.pid for each in told)}


def test_a_single_worker_has_loaded_by_itself(database: Database, database_url: str, tmp_path: Path) -> None:
    """No process stands idle beside it."""
    server = RunningServer(database_url, tmp_path, workers=1)
    try:
        told = Told(*server.get())
        assert (told.pid, told.parent) == (told.loader, str(server.process.pid))
        server.write("page", "second")
        server.write("generation", "1")
        until(lambda: server.page() == "second", "the next generation does not take over")
        assert Told(*server.get()).loader != told.loader
    finally:
        server.close()


def test_workers_whose_loader_was_killed_give_way_to_new_ones(server: RunningServer) -> None:
    before = Told(*server.get())
    server.write("page", "second")
    os.kill(int(before.loader), signal.SIGKILL)
    until(lambda: server.answers() and server.page() == "second", "nobody takes over")
    until(lambda: not Path(f"/proc/{before.pid}").exists(), "a worker of the old generation stays")
    assert Told(*server.get()).loader != before.loader


def test_a_crashed_worker_is_replaced(server: RunningServer) -> None:
    pid = int(server.get()[1])
    os.kill(pid, signal.SIGKILL)
    until(lambda: "Respawning" in server.log or "Unexpected exit" in server.log, "nobody noticed")
    until(server.answers, "the server is gone")
    assert pid not in {int(server.get()[1]) for _ in range(20)}


def test_workers_do_not_outlive_a_killed_parent(server: RunningServer) -> None:
    with Browser(server).joined() as browser:
        server.process.kill()
        server.process.wait()
        assert browser.ends()
    until(lambda: not server.answers(), "the workers still answer")


def test_serves_tls(database: Database, database_url: str, tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *name],
        check=True,
        capture_output=True,
    )
    trusted = ssl.create_default_context(cafile=cert)
    server = RunningServer(database_url, tmp_path, "--cert", str(cert), "--key", str(key), tls=trusted)
    try:
        with Browser(server).joined() as browser:
            say(database, "over.tls")
            browser.wait_for("over.tls")
    finally:
        server.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "desk.example", ""])
def test_plain_http_is_not_offered_to_the_network(host: str) -> None:
    """SEC-20: without HTTPS only on loopback."""
    assert not is_loopback(host)
    with pytest.raises(UnsafeAddress, match="--cert and --key"):
        check_address(ServeOptions(host=host))


def test_a_certificate_needs_its_key() -> None:
    with pytest.raises(UnsafeAddress, match="both"):
        check_address(ServeOptions(cert=Path("cert.pem")))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_loopback_needs_no_certificate(host: str) -> None:
    assert is_loopback(host)


def test_a_saved_file_is_a_change_and_bytecode_is_none(tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text("one = 1")
    before = newest_change([tmp_path])
    assert newest_change([tmp_path]) == before
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "views.pyc").write_bytes(b"")
    assert newest_change([tmp_path]) == before
    os.utime(tmp_path / "views.py", ns=(1, 1))
    assert newest_change([tmp_path]) != before
