"""The test run itself: its databases are fresh, its processes stay on this machine."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing

import psycopg
import pytest

from core.testing.databases import Databases
from tests.support import addons, network


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run one statement with the driver alone and return its rows."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as lite:
            return lite.execute(statement).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        done = connection.execute(statement.encode())
        return done.fetchall() if done.description else []


def make_table(url: str) -> None:
    execute(url, "CREATE TABLE things (id integer)")
    execute(url, "INSERT INTO things VALUES (7)")


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_an_empty_database(database_url: str, turn: int) -> None:
    make_table(database_url)

    assert execute(database_url, "SELECT id FROM things") == [(7,)]


def test_a_prepared_database_is_filled_once_and_copied(databases: Databases) -> None:
    filled = []

    def fill(url: str) -> None:
        filled.append(url)
        make_table(url)

    first, second = databases.prepared("things", fill), databases.prepared("things", fill)
    execute(first, "DELETE FROM things")

    assert execute(second, "SELECT id FROM things") == [(7,)]
    assert len(filled) == 1
    for url in (first, second):
        databases.drop(url)


def test_postgresql_speaks_russian_and_its_owner_is_no_superuser(database_url: str, database_kind: str) -> None:
    if database_kind == "sqlite":
        assert execute(database_url, "SELECT 'Ё'") == [("Ё",)]
    else:
        assert execute(database_url, "SELECT lower('ИВАНОВ'), usesuper FROM pg_user WHERE usename = current_user") == [
            ("иванов", False)
        ]


def test_other_machines_are_out_of_reach() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, pytest.raises(network.NetworkRefused):
        sock.connect(("192.0.2.1", 9))
    with pytest.raises(network.NetworkRefused):
        socket.getaddrinfo("forecourt.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8", None])
def test_this_machine_is_within_reach(host: str | None) -> None:
    assert network.is_here(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "8.8.8.8", "localhost.example", "2001:db8::1"])
def test_any_other_address_is_not(host: str) -> None:
    assert not network.is_here(host)


def test_sets_hold_their_dependencies() -> None:
    depends = addons.bundled()
    sets = addons.valid_sets()

    assert sets[0] == ()
    assert set(sets[-1]) == set(depends)
    assert all(depends[name] <= set(names) for names in sets for name in names)
    assert len(set(sets)) == len(sets)
