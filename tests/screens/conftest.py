"""A whole application with the sample addons, on both databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from core.access.crypto import csrf_token
from core.access.models import User
from core.access.policy import Access, Scope, system
from core.config import Config
from core.db.base import Base
from core.db.engine import Database, create_database_engine
from core.db.migrations_ops import CreateSearchIndexOp
from core.host.models import AddonState
from core.host.plugins import Hooks
from core.testing.databases import Databases
from core.web.app import Application
from core.web.http import Request

ADDONS = Path(__file__).parent / "addons"
SAMPLES = ("testextra", "testscreens")
sys.path.append(str(ADDONS))

NOW = datetime(2026, 11, 20, 11, 7, tzinfo=UTC)
"""14:07 in Moscow."""

VISIT_RIGHTS = ("read", "create", "change", "delete", "export", "margin", "assign")
ALL = {f"testscreens.visit.{action}": Scope.ALL for action in VISIT_RIGHTS} | {
    f"testscreens.client.{action}": Scope.ALL for action in VISIT_RIGHTS
}


def access(user_id: int = 1, language: str = "en", **changed: Scope) -> Access:
    """A person; ``margin=Scope.NONE`` changes one right on visits."""
    own = {"core.profile.read": Scope.OWN, "core.notification.read": Scope.OWN}
    grants = ALL | own | {f"testscreens.visit.{name}": scope for name, scope in changed.items()}
    return Access(user_id=user_id, login="anna", name="Anna", grants=grants, language=language)


class ScreensApplication(Application):
    """The application with the sign-in left out: the tests say who asks."""

    person = access()

    def _identify(self, request: Request) -> None:
        request.access = self.person

    def _csrf_owner(self, request: Request) -> str:
        return "tests"

    def url(self, endpoint: str, **arguments: Any) -> str:
        """Addresses of the shell that these tests do not need may be missing."""
        if endpoint.startswith("core.") and endpoint not in self.router.routes:
            return f"/{endpoint}"
        return super().url(endpoint, **arguments)


def fill(url: str) -> None:
    """Tables, search indexes, the sample addons and two people."""
    import testextra.models  # noqa: F401
    import testscreens.models  # noqa: F401

    engine = create_database_engine(url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        index_searches(connection)
    engine.dispose()
    database = Database(engine.url, Hooks())
    with database.writing(system("tests")) as session:
        session.add_all(AddonState(name=name, state="enabled", addon_version="0.1.0", manifest={}) for name in SAMPLES)
        session.add(User(login="anna", full_name="Anna Ivanova", short_name="Anna I."))
        session.add(User(login="boris", full_name="Boris Petrov", short_name="Boris P."))
    database.dispose()


def index_searches(connection: Any) -> None:
    """Make the search indexes as a migration would."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    operations = Operations(MigrationContext.configure(connection))
    for table in ("testscreens_client", "testscreens_visit"):
        CreateSearchIndexOp.create_search_index(operations, table, "search_key")


@pytest.fixture
def app(databases: Databases, tmp_path: Path) -> Iterator[ScreensApplication]:
    """The application; a person with all rights asks."""
    url = databases.prepared("sample screens", fill)
    config = Config(instance=tmp_path, database=url, addons_path=(ADDONS,), strict=True)
    application = ScreensApplication(config, clock=lambda: NOW)
    yield application
    application.close()
    databases.drop(url)


class Visitor:
    """Asks the application as a browser does."""

    def __init__(self, app: ScreensApplication) -> None:
        self.app = app
        self._client = HttpClient(app)

    def get(self, path: str, **query: Any) -> TestResponse:
        """A page."""
        return self._client.get(path, query_string=query or None)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """A form with its token."""
        data = {"csrf_token": csrf_token(self.app.secret, "tests"), **fields}
        return self._client.post(path, data=data)


@pytest.fixture
def visitor(app: ScreensApplication) -> Visitor:
    """A browser of the person who asks."""
    return Visitor(app)


def no_hooks() -> Hooks:
    """Hooks without addons."""
    return Hooks()
