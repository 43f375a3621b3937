"""Empty and prepared databases for tests, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from core.testing.postgres import OWNER, RunningServer

KINDS = ("sqlite", "postgresql")
Fill = Callable[[str], None]


class Databases(ABC):
    """Makes databases of one kind, by URL. The caller disposes of his engines; :meth:`drop` removes the rows.

    :param prepared: what somebody else has filled, by key; never removed here.
    """

    kind: str

    def __init__(self, prepared: Mapping[str, str] | None = None) -> None:
        self._prepared = dict(prepared or {})

    @abstractmethod
    def create(self) -> str:
        """The URL of a new empty database."""

    @abstractmethod
    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""

    @abstractmethod
    def _copy(self, url: str) -> str:
        """The URL of a copy of a database nobody is connected to."""

    def prepared(self, key: str, fill: Fill, start: Callable[[], str] | None = None) -> str:
        """The URL of a new database that ``fill`` has filled: once a run for each key, then copied.

        ``fill`` gets the URL of an empty database, or of what ``start`` gives, and leaves no connection open.
        """
        if key not in self._prepared:
            url = start() if start else self.create()
            fill(url)
            self._prepared[key] = url
        return self._copy(self._prepared[key])

    def _name(self) -> str:
        # Random, because pytest may make this object twice in a run when it orders tests by their parameters.
        return f"forecourt_{os.getpid()}_{secrets.token_hex(6)}"


class SqliteDatabases(Databases):
    """Files in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path, prepared: Mapping[str, str] | None = None) -> None:
        super().__init__(prepared)
        self._folder = folder

    def create(self) -> str:
        return f"sqlite:///{self._folder / self._name()}.db"

    def drop(self, url: str) -> None:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(_path(url) + ending).unlink(missing_ok=True)

    def _copy(self, url: str) -> str:
        with closing(sqlite3.connect(_path(url))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = self.create()
        shutil.copyfile(_path(url), _path(copy))
        return copy


class PostgresDatabases(Databases):
    """Databases of one server, cloned from a template."""

    kind = "postgresql"

    def __init__(self, server: RunningServer, prepared: Mapping[str, str] | None = None) -> None:
        super().__init__(prepared)
        self._server = server

    def create(self) -> str:
        return self._clone("template1")

    def drop(self, url: str) -> None:
        self._server.admin(f"DROP DATABASE IF EXISTS {_database(url)} WITH (FORCE)")

    def _copy(self, url: str) -> str:
        return self._clone(_database(url))

    def _clone(self, template: str) -> str:
        name = self._name()
        self._server.admin(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY file_copy")
        return self._server.url(name)


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _database(url: str) -> str:
    return url.split("@/")[1].split("?")[0]
