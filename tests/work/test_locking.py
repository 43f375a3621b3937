"""A record for changing: as it is now, only what the person may know of, and nobody else's meanwhile (SEC-3, SEC-48)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import update

from core.db.change import get_record, locked_record
from core.db.engine import WorkSession
from core.errors import NotFound
from core.testing.statements import Statements
from core.text.msgids import T
from core.work.task_models import Task
from core.work.tasks import NewTask, create_task
from tests.work.office import ANNA, BORIS, VERA, Office

SHORT = 0.3
"""Seconds in which whoever does not wait would be done."""


@pytest.fixture
def number(office: Office) -> int:
    """A task that Anna has given herself."""
    with office.by(ANNA) as session:
        return create_task(session, NewTask(title="call back", due_at=session.now(), assignee_id=ANNA)).id


def write(session: WorkSession, number: int, **values: object) -> None:
    """What somebody writes past this session's objects."""
    statement = update(Task).where(Task.id == number).values(**values)
    session.execute(statement.execution_options(audited=True, synchronize_session=False))


def test_it_is_one_statement(office: Office, number: int) -> None:
    with office.by(ANNA) as session, Statements(office.database) as statements:
        assert locked_record(session, Task, number).title == "call back"
    assert len(statements.texts) == 1


def test_what_the_person_must_not_know_of_is_missing(office: Office, number: int) -> None:
    with office.by(VERA) as session, pytest.raises(NotFound, match="no such task"):
        locked_record(session, Task, number, T("There is no such task."))


def test_what_has_gone_is_missing(office: Office, number: int) -> None:
    with office.by(ANNA) as session, pytest.raises(NotFound):
        locked_record(session, Task, number + 1)


def test_a_record_that_is_known_already_is_read_anew(office: Office, number: int) -> None:
    with office.by(ANNA) as session:
        known = get_record(session, Task, number)
        write(session, number, details="He is in after six", version=7)
        locked = locked_record(session, Task, number)
        assert locked is known
        assert (locked.details, locked.version) == ("He is in after six", 7)


def test_what_was_changed_in_it_is_stored_first(office: Office, number: int) -> None:
    with office.by(ANNA) as session:
        locked_record(session, Task, number).details = "He is in after six"
        assert locked_record(session, Task, number).details == "He is in after six"


@pytest.mark.parametrize(("assignee", "seen"), [(ANNA, "He is in after six"), (BORIS, None)])
def test_whoever_waited_gets_what_the_other_one_has_left(
    office: Office, number: int, assignee: int, seen: str | None
) -> None:
    written, done = Event(), Event()

    def second() -> str | None:
        written.wait()
        try:
            with office.by(ANNA) as session:
                return locked_record(session, Task, number).details
        except NotFound:
            return None
        finally:
            done.set()

    with ThreadPoolExecutor(1) as thread:
        with office.by_system() as session:
            locked_record(session, Task, number)
            waiting = thread.submit(second)
            written.set()
            assert not done.wait(SHORT)
            own = {"details": "He is in after six", "assignee_id": assignee, "created_by_id": assignee}
            write(session, number, **own)
        assert waiting.result() == seen
