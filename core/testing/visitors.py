"""People who ask the application without a browser: signed in, forms with their tokens."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from core.access.crypto import csrf_token
from core.access.models import User
from core.access.policy import NOBODY
from core.web.app import Application
from core.work import presence

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
ORIGIN = "http://localhost"


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.client = Client(app)

    def enter(self, login: str, *, second_factor: bool = False) -> None:
        """Be signed in, as if by password, and code if ``second_factor``; checking a password takes its time on purpose."""
        with self.app.database.writing(NOBODY) as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            open_ = self.app.authenticator.open
            token = open_(session, user, address="127.0.0.1", user_agent="test", second_factor=second_factor)
            presence.arrive(session, user.id)
        self.client.set_cookie("forecourt", token)

    def get(self, path: str, **arguments: Any) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, **arguments)

    def post(self, path: str, fields: dict[str, Any] | None = None, **arguments: Any) -> TestResponse:
        """Send a form of this person's own session."""
        headers = {"Origin": ORIGIN, **arguments.pop("headers", {})}
        return self.client.post(path, data={**(fields or {}), "csrf_token": self.token()}, headers=headers, **arguments)

    def token(self) -> str:
        """The form token of this browser."""
        cookie = self.client.get_cookie("forecourt")
        if cookie is None:
            return self._visitor_token()
        with self.app.database.session() as session:
            identity = self.app.authenticator.identities.identify(session, cookie.value)
        return csrf_token(self.app.secret, identity.csrf_owner) if identity else self._visitor_token()

    def _visitor_token(self) -> str:
        found = _TOKEN.search(self.get("/signin").text)
        assert found is not None
        return found.group(1)
