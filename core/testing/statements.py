"""What the database is asked: how often, and in which words."""

from __future__ import annotations

from typing import Any, Self

from sqlalchemy import event

from core.db.engine import Database


class Statements:
    """The statements sent to a database while it is open; those that hold a transaction together do not count."""

    def __init__(self, database: Database) -> None:
        self.sent: list[tuple[str, Any]] = []
        """Each with its parameters."""
        self.committed = 0
        """How many of them belong to a transaction; the others read by themselves."""
        self._engine = database.engine

    def __enter__(self) -> Self:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_error: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "BEGIN")):
            self.sent.append((statement, parameters))
            self.committed += connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT"

    @property
    def texts(self) -> list[str]:
        """Their words."""
        return [text for text, _ in self.sent]

    def about(self, word: str) -> list[str]:
        """Those that name a table, or hold another word."""
        return [text for text in self.texts if word in text]
