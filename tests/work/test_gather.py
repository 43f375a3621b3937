"""Several reads in one statement: the same rows as one by one, whatever their types, values and order."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, Select, String, bindparam, cast, func, insert, literal, select

from core.access.models import User
from core.access.policy import system
from core.db.engine import WorkSession
from core.db.kept import Read, gather, read
from core.jobs.models import JobRun
from core.testing.clock import NOON
from core.testing.statements import Statements
from core.work.models import Notification
from core.work.office_models import CalendarException
from tests.work.office import ANNA, BORIS, VERA, Office

_NUMBER = bindparam("number", type_=BigInteger)
NOTES: Select[*tuple[Any, ...]] = (
    select(*(getattr(Notification, column.key) for column in Notification.__table__.columns))
    .where(Notification.user_id == _NUMBER)
    .order_by(Notification.created_at.desc(), Notification.id)
)
PEOPLE: Select[*tuple[Any, ...]] = (
    select(User.id, User.full_name, User.active, (User.full_name + "100% of 'x'").label("words"))
    .where(User.id == _NUMBER, User.full_name.not_like("%\\%(q0_number)s%"))
    .order_by(User.id)
)
NAMES: Select[*tuple[Any, ...]] = select(User.full_name).where(User.id.in_(bindparam("numbers", expanding=True)))
DAYS: Select[*tuple[Any, ...]] = select(CalendarException.day).order_by(CalendarException.day)


def add_note(session: WorkSession, user_id: int, **values: Any) -> None:
    fields = {
        "kind": "core.mention",
        "subject_type": "core_user",
        "subject_id": 1,
        "title": "note",
        "title_values": {},
        "body": "",
        "body_values": {},
        "icon": "at",
        "sound": "once",
        "created_at": NOON,
    }
    session.execute(insert(Notification), [{**fields, "user_id": user_id, **values}])


def test_what_is_gathered_is_what_is_read_one_by_one(office: Office) -> None:
    with office.database.writing(system("a test")) as session:
        add_note(session, ANNA, title='quoted "100%" \\ строка\n', title_values={"deep": [1, None, {"é": "ё"}]})
        add_note(session, ANNA, created_at=NOON + timedelta(microseconds=1), opened_at=NOON)
        add_note(session, BORIS, from_user_id=2**62)
        session.add(CalendarException(department_id=1, day=date(2026, 5, 9)))
    wanted = [
        Read(NOTES, {"number": ANNA}),
        Read(PEOPLE, {"number": BORIS}),
        Read(NOTES, {"number": BORIS}),
        Read(NOTES, {"number": VERA}),
        Read(NAMES, {"numbers": [ANNA, BORIS, VERA]}),
        Read(NAMES, {"numbers": []}),
        Read(DAYS),
    ]
    with office.database.reading(system("a test")) as session:
        alone = [read(session, each) for each in wanted]
        together = list(gather(session, dict(enumerate(wanted))).values())
        assert [list(rows) for rows in together] == [list(rows) for rows in alone]
        assert [len(rows) for rows in together] == [2, 1, 1, 0, 3, 0, 1]
        assert together[0][0].created_at == NOON + timedelta(microseconds=1)
        assert together[0][1].title_values == {"deep": [1, None, {"é": "ё"}]}
        # With other values it is the same statement.
        again = gather(session, dict(enumerate([Read(NOTES, {"number": BORIS}), *wanted[1:]])))
        assert list(again[0]) == list(alone[2])


def test_it_is_one_statement(office: Office) -> None:
    with office.database.reading(system("a test")) as session, Statements(office.database) as statements:
        gather(session, {1: Read(NOTES, {"number": ANNA}), 2: Read(PEOPLE, {"number": ANNA}), 3: Read(DAYS)})
    assert len(statements.texts) == 1


def test_what_was_just_written_is_gathered_too(office: Office) -> None:
    with office.database.writing(system("a test")) as session:
        session.add(CalendarException(department_id=1, day=date(2026, 5, 9)))
        found = gather(session, {"days": Read(DAYS), "people": Read(PEOPLE, {"number": ANNA})})
    assert [row.day for row in found["days"]] == [date(2026, 5, 9)]
    assert [row.id for row in found["people"]] == [ANNA]


def test_a_type_that_json_would_change_is_refused(office: Office) -> None:
    """On every database alike: a developer on one learns of it before his customer on the other."""
    with office.database.reading(system("a test")) as session, pytest.raises(TypeError, match="cannot be gathered"):
        gather(session, {"seconds": Read(select(JobRun.seconds)), "days": Read(DAYS)})


@given(st.lists(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])), max_size=5))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_survives(office: Office, texts: list[str]) -> None:
    spoken = [cast(bindparam(f"t{number}", type_=String), String).label(f"c{number}") for number in range(len(texts))]
    values = {f"t{number}": text for number, text in enumerate(texts)}
    with office.database.reading(system("a test")) as session:
        wanted = {"texts": Read(select(*spoken, literal("x")), values), "one": Read(select(func.count()))}
        found = gather(session, wanted)
    assert [tuple(row) for row in found["texts"]] == [(*texts, "x")]
    assert [tuple(row) for row in found["one"]] == [(1,)]
