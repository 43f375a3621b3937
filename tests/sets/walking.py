"""Somebody who opens everything: every page he finds a link to, and every address of the API."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client, TestResponse

from core.access.models import User
from core.access.own_account import create_token
from core.access.policy import system
from core.web.app import Application

STREAMS = {"core.live"}
"""Answers that do not end by themselves."""

ENOUGH = 2
"""Addresses of one endpoint that are opened: other records look alike."""

_LINK = re.compile(r'(?:href|hx-get|data-live-url|data-lookup-url|src)="([^"#]+)')
_FAILED = 'class="failure"'


class Walker:
    """One of the demonstration's people, walking through the whole application.

    :ivar problems: what went wrong, in words; empty when all is well.
    :ivar opened: how many addresses of each endpoint were opened.
    """

    def __init__(self, app: Application, login: str) -> None:
        self.app, self.login = app, login
        self.problems: list[str] = []
        self.opened: Counter[str] = Counter()
        self._client = Client(app)
        with app.database.writing(system("test")) as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            self._client.set_cookie(
                "forecourt", app.authenticator.open(session, user, address="::1", user_agent="test")
            )
            self._token = create_token(session, user, "walking")
        self._seen: set[str] = set()

    def walk(self) -> None:
        """Open all pages that need nothing to be named, and follow the links that stand there."""
        waiting = deque((path, "") for path in self._beginnings())
        while waiting:
            path, origin = waiting.popleft()
            endpoint = self._endpoint(path)
            if path in self._seen or endpoint in STREAMS or (endpoint and self.opened[endpoint] >= ENOUGH):
                continue
            self._seen.add(path)
            answer = self._client.get(path)
            self.opened[endpoint or "files"] += 1
            self._judge(path, origin, answer)
            waiting.extend((link, path) for link in _links(path, answer))

    def call(self) -> None:
        """Read every list of the API, and the first record of each."""
        headers = {"Authorization": f"Bearer {self._token}"}
        client = Client(self.app)
        described = client.get("/api/v1/openapi.json", headers=headers)
        assert described.status_code == 200, described.text
        for path, operations in described.json["paths"].items():
            if "get" not in operations or "{" in path:
                continue
            path = "/api/v1" + path.removeprefix("/api/v1")
            answer = client.get(path, headers=headers)
            self._judge_call(path, answer)
            rows = answer.json.get("items", []) if answer.status_code == 200 and isinstance(answer.json, dict) else []
            for row in rows[:1]:
                self._judge_call(f"{path}/{row['id']}", client.get(f"{path}/{row['id']}", headers=headers))

    def _beginnings(self) -> Iterator[str]:
        """The pages of which no record has to be named and that this person may open."""
        arguments = {rule.endpoint: rule.arguments for rule in self.app.router.map.iter_rules()}
        with self.app.database.session() as session:
            cookie = self._client.get_cookie("forecourt")
            assert cookie is not None
            identity = self.app.authenticator.identities.identify(session, cookie.value)
        assert identity is not None
        for endpoint, route in self.app.router.routes.items():
            page = "GET" in route.methods and not route.api and not arguments[endpoint]
            if page and self.app.router.open_to(identity.access, endpoint):
                yield self.app.url(endpoint)

    def _endpoint(self, path: str) -> str | None:
        try:
            return str(self.app.router.map.bind("localhost").match(urlsplit(path).path)[0])
        except HTTPException:
            return None

    def _judge(self, path: str, origin: str, answer: TestResponse) -> None:
        if not origin and answer.status_code == 400:
            return  # a page that is opened with something chosen, as nobody has here
        if answer.status_code not in (200, 204, 303, 304):
            self._blame(path, origin, answer.status)
        elif answer.mimetype == "text/html" and _FAILED in answer.text:
            self._blame(path, origin, "shows the box of an addon that did not answer")

    def _judge_call(self, path: str, answer: TestResponse) -> None:
        if answer.status_code not in (200, 403):
            self._blame(path, "the API's description", answer.status)

    def _blame(self, path: str, origin: str, what: str) -> None:
        self.problems.append(f"{self.login}: {path} (from {origin or 'the start'}): {what}")


def _links(path: str, answer: TestResponse) -> Iterator[str]:
    """The addresses of this application that a page names."""
    if answer.location:
        yield urlsplit(answer.location).path
    if answer.mimetype != "text/html":
        return
    for found in _LINK.findall(answer.text):
        link = urlsplit(urljoin(path, unescape(found)))
        if not link.scheme and not link.netloc and link.path.startswith("/"):
            yield link._replace(fragment="").geturl()
