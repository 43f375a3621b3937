"""The run's own PostgreSQL, whose programs are installed where that is allowed."""

from __future__ import annotations

from core.testing import postgres
from core.testing.postgres import find_initdb
from tests.support.system import need


class PostgresServer(postgres.PostgresServer):
    """The test kit's server."""

    def __init__(self) -> None:
        super().__init__(need(find_initdb, "postgresql", "the test suite on PostgreSQL"))
