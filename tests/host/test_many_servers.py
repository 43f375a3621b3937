"""Several servers and workers of one instance: what one changes all have soon, and no request is lost."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from core.host import instance
from tests.host.private import Private, page
from tests.support.dealership import ROOT, free_port

pytestmark = pytest.mark.slow

SOON = 40.0
"""Seconds after which a test gives up; what the product promises is 5, on a machine that has nothing else to do."""


def until(condition: Callable[[], object], what: Callable[[], str]) -> None:
    deadline = time.monotonic() + SOON
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


@dataclass
class Visitor:
    """Somebody who asks one server again and again, on a connection that is kept."""

    port: int
    failures: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """How often each text came from the addon's page; nothing for a page that is not there."""
    _leaves: threading.Event = field(default_factory=threading.Event)

    def stay(self) -> None:
        """Ask until told to leave."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SOON)
        while not self._leaves.wait(0.01):
            for path in ("/health", "/snow"):
                try:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    said = answer.read().decode()
                except (OSError, http.client.HTTPException) as error:
                    self.failures.append(repr(error))
                    connection.close()
                    continue
                if answer.status >= 500:
                    self.failures.append(f"{path}: {answer.status}")
                if path == "/snow":
                    self.answers[said if answer.status == 200 else ""] += 1
        connection.close()

    def leave(self) -> None:
        """Ask nothing more."""
        self._leaves.set()


class Cluster:
    """Two servers with two workers each, and a worker for the jobs, each asked by somebody all the time."""

    def __init__(self, private: Private, log: Path) -> None:
        self.private, self.log = private, log
        self.ports = [free_port(), free_port()]
        self.commands = [self.command("web", "--workers", "2", "--port", str(port)) for port in self.ports]
        self.jobs = self.command("worker")
        self.visitors = [Visitor(port) for port in self.ports for _ in range(2)]
        self.threads = [threading.Thread(target=each.stay) for each in self.visitors]
        for port in self.ports:
            until(lambda port=port: answers(port), log.read_text)
        until(lambda: psutil.Process(self.jobs.pid).children(), log.read_text)
        for each in self.threads:
            each.start()

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run ``forecourt`` for the instance."""
        config = self.private.config
        variables = {
            **os.environ,
            "FORECOURT_DATABASE": config.database,
            "FORECOURT_ADDONS_PATH": str(self.private.folder),
        }
        line = [sys.executable, "-m", "core.cli", "--instance", str(config.instance), *arguments]
        with self.log.open("ab") as log:
            return subprocess.Popen(line, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)

    def all_say(self, text: str) -> None:
        """Wait until nobody is given anything else from the addon's page."""
        for each in self.visitors:
            each.answers.clear()

        def settled() -> bool:
            if all(len(each.answers) == 1 and each.answers[text] > 5 for each in self.visitors):
                return True
            for each in self.visitors:
                if set(each.answers) - {text}:
                    each.answers.clear()
            return False

        until(settled, lambda: f"{[each.answers for each in self.visitors]}\n{self.log.read_text()}")

    def below_worker(self) -> set[int]:
        """The processes that ``forecourt worker`` has; the one that does the jobs is another after each change."""
        return {each.pid for each in psutil.Process(self.jobs.pid).children()}

    def stop(self) -> None:
        """End all."""
        for visitor in self.visitors:
            visitor.leave()
        for thread in self.threads:
            thread.join()
        for process in (*self.commands, self.jobs):
            process.terminate()
        for process in (*self.commands, self.jobs):
            process.wait(SOON)


def answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@pytest.fixture
def cluster(private: Private, tmp_path: Path) -> Iterator[Cluster]:
    private.write("snow", hooks=snowing("first"))
    private.write("sleet", hooks=page("sleet"))
    log = tmp_path / "log"
    log.touch()
    made = Cluster(private, log)
    yield made
    made.stop()


def snowing(text: str) -> str:
    """An addon with a page for everybody, which says this."""
    source = page("snow", '"public"').replace("snow runs", text)
    assert text in source
    return source


def test_what_one_process_changes_all_have_and_no_request_is_lost(cluster: Cluster) -> None:
    """Two addons are enabled at once, one is upgraded and disabled, by commands, while everybody is asked."""
    before = cluster.below_worker()
    first, second = cluster.command("addon", "enable", "snow"), cluster.command("addon", "enable", "sleet")
    assert (first.wait(SOON), second.wait(SOON)) == (0, 0)
    assert set(instance.enabled(cluster.private.config)) >= {"snow", "sleet"}
    cluster.all_say("first")
    until(lambda: (now := cluster.below_worker()) != before and len(now) == len(before), cluster.log.read_text)

    cluster.private.write("snow", hooks=snowing("second"))
    assert cluster.command("upgrade").wait(SOON) == 0
    cluster.all_say("second")

    assert cluster.command("addon", "disable", "snow").wait(SOON) == 0
    cluster.all_say("")
    assert [each.failures for each in cluster.visitors] == [[], [], [], []]
