"""What a run of many sets makes once for the processes of all: a PostgreSQL, and a database that takes long to fill."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.testing.databases import Fill, PostgresDatabases, SqliteDatabases
from tests.support.postgres import PostgresServer

_VARIABLE = "FORECOURT_TEST_SHARED"


@dataclass(frozen=True, slots=True)
class Handed:
    """What this process was given.

    :ivar server: the folder of the PostgreSQL that runs.
    :ivar prepared: URLs of filled databases, by kind and key.
    """

    server: Path
    prepared: Mapping[str, Mapping[str, str]]


def handed() -> Handed | None:
    """What the process that started this one has made, if it has."""
    told = os.environ.get(_VARIABLE)
    if not told:
        return None
    values = json.loads(told)
    return Handed(Path(values["server"]), values["prepared"])


@contextmanager
def shared(key: str, fill: Fill) -> Iterator[dict[str, str]]:
    """A database of each kind that ``fill`` has filled, kept while others copy it.

    :returns: what to put into the environment of these.
    """
    server = PostgresServer()
    try:
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor() as pool:
            makers = [SqliteDatabases(Path(folder)), PostgresDatabases(server)]
            urls = [maker.create() for maker in makers]
            list(pool.map(fill, urls))
            prepared = {maker.kind: {key: url} for maker, url in zip(makers, urls, strict=True)}
            yield {_VARIABLE: json.dumps({"server": str(server.folder), "prepared": prepared})}
    finally:
        server.stop()
