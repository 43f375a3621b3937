"""Our side in this very process: how many statements a request needs, and where its time goes."""

from __future__ import annotations

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from werkzeug.test import Client

from bench.data import NOW
from bench.workloads import Ask
from core.access.crypto import csrf_token, token_hash
from core.access.models import User
from core.access.policy import system
from core.clock import Clock, utcnow
from core.config import Config
from core.testing.statements import Statements
from core.web.app import Application


def shifted_clock(started: datetime) -> Clock:
    """A clock by which the process started at the invented dealership's present."""
    return lambda: utcnow() - started + NOW


def signed_in(app: Application, login: str) -> str:
    """The cookie of somebody who has just signed in."""
    with app.database.writing(system("benchmark")) as session:
        user = session.scalars(select(User).where(User.login == login)).one()
        return app.authenticator.open(session, user, address="127.0.0.1", user_agent="benchmark")


class Inside:
    """One application with its people signed in, called without a socket."""

    def __init__(self, config: Config) -> None:
        self.app = Application(config, clock=shifted_clock(utcnow()))
        self._tokens: dict[str, str] = {}

    def client(self, login: str) -> Client:
        """A browser of this person."""
        if login not in self._tokens:
            self._tokens[login] = signed_in(self.app, login)
        client = Client(self.app)
        client.set_cookie("forecourt", self._tokens[login])
        return client

    def ask(self, client: Client, login: str, ask: Ask) -> bytes:
        """Ask and check the answer."""
        if ask.fields is None:
            answer = client.get(ask.path)
            assert answer.status_code == 200, (ask.path, answer.status, answer.text[:2000])
        else:
            token = csrf_token(self.app.secret, token_hash(self._tokens[login]))
            answer = client.post(ask.path, data=ask.fields | {"csrf_token": token})
            assert answer.status_code == 303, (ask.path, answer.status, answer.text[:2000])
        assert ask.expected in answer.text, (ask.path, ask.expected)
        return answer.data

    def statements(self, login: str, asks: Callable[[int], Ask], number: int = 3) -> Statements:
        """The statements of one request of a person who has been here before."""
        client = self.client(login)
        for warm in range(3):
            self.ask(client, login, asks(warm))
        with Statements(self.app.database) as statements:
            self.ask(client, login, asks(number))
        return statements

    def profile(self, login: str, asks: Callable[[int], Ask], requests: int = 300) -> tuple[float, pstats.Stats]:
        """Milliseconds of processor time of one request, measured without the profiler, and the profile."""
        client = self.client(login)
        for number in range(30):
            self.ask(client, login, asks(number))
        started = time.process_time()
        for number in range(requests):
            self.ask(client, login, asks(number))
        cpu = (time.process_time() - started) * 1000 / requests
        profiler = cProfile.Profile()
        profiler.enable()
        for number in range(requests):
            self.ask(client, login, asks(number))
        profiler.disable()
        return cpu, pstats.Stats(profiler)

    def close(self) -> None:
        """Let go of the database."""
        self.app.close()


def tables_of(texts: list[str]) -> Counter[str]:
    """What statements begin with, for a glance."""
    return Counter(" ".join(text.split())[:100] for text in texts)
