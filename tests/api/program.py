"""A program with somebody's token, and what it can be asked to prepare."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from core.access.models import User
from core.access.own_account import create_token
from core.web.app import Application
from tests.support.dealership import Dealership

V1 = "/api/v1"


class Program:
    """Calls the API in somebody's name."""

    def __init__(self, app: Application, dealership: Dealership, login: str, language: str = "en") -> None:
        self.app, self.language = app, language
        self.client = Client(app)
        with dealership.session() as session:
            user = session.scalars(select(User).where(User.login == login)).one()
            self.user_id = user.id
            self.token = create_token(session, user, "tests")

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """One call; header names are written with underscores."""
        sent = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        more = {} if body is None else {"json": body}
        return self.client.open(path if path.startswith("/api") else V1 + path, method=method, headers=sent, **more)

    def raw(self, method: str, path: str, data: bytes, content_type: str = "application/json") -> TestResponse:
        """One call with a body that need not be JSON."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        return self.client.open(V1 + path, method=method, headers=headers, data=data)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.call("PATCH", path, body, **headers)

    def register(self, **values: Any) -> dict[str, Any]:
        """A contact that has come in by telephone for the showroom."""
        answer = self.post("/contacts/traffic", {"channel": "phone", "goal_id": 1, "client_text": "Виктор"} | values)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json
        return found
