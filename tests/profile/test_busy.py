"""A database with nothing to spare: a request waits for no second connection, and whoever waits in vain is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from core.access.identity import Identity
from core.access.models import SignIn
from core.access.policy import system
from core.db.engine import WorkSession
from core.web import errors, upkeep
from core.web.app import Application
from tests.support.visitors import Visitor


def test_a_page_that_keeps_a_sign_in_up_holds_one_connection(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-54: as many requests as there are connections would wait for each other for ever."""
    visitor, held = Visitor(app, "lebedeva"), []
    real = upkeep.note_seen

    def noted(session: WorkSession, identity: Identity) -> None:
        real(session, identity)
        held.append(app.database.engine.pool.checkedout())  # type: ignore[attr-defined]

    monkeypatch.setattr(upkeep, "note_seen", noted)
    with app.database.writing(system("test")) as session:
        session.execute(update(SignIn).values(last_seen_at=app.clock() - timedelta(minutes=5)))
    assert visitor.get("/tasks").status_code == 200
    assert held == [1]


def test_trouble_of_the_database_is_told_from_faults(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-54: no connection to be had is trouble; words in what a person typed are not."""
    typed = IntegrityError("INSERT", {}, Exception("NOT NULL constraint failed: the connection is locked"))
    locked = OperationalError("INSERT", {}, Exception("database is locked"))
    visitor, raised = Visitor(app, "lebedeva"), list[Any]()

    def fail(*_: Any) -> None:
        raise raised[0]

    monkeypatch.setattr(app, "_admit", fail)
    clash = IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: core_user.login"))
    cases = ((PoolTimeout("QueuePool limit"), 503), (locked, 503), (typed, 500), (clash, 409))
    for error, status in cases:
        raised[:] = [error]
        assert visitor.get("/tasks").status_code == status, error
    assert errors.database_trouble(locked)
