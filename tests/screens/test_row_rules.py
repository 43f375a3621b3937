"""Row rules on statements that live long and on those of the moment: worked out once a person, never anybody else's (SEC-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import bindparam, select
from sqlalchemy.exc import InvalidRequestError

from core.access.policy import Access, Scope, system
from core.db.audit import AuditEntry
from core.db.change import get_record
from core.db.guards import MOST_KEPT, RowRules, row_rules
from core.db.kept import Read, read
from tests.screens.conftest import ScreensApplication, access
from tests.screens.test_lists_http import add_visits


def numbers(app: ScreensApplication, person: Access, statement: Any, values: Any = None, *, kept: bool) -> list[int]:
    with app.database.reading(person) as session:
        if kept:
            return sorted(row[0] for row in read(session, Read(statement, values or {})))
        return sorted(session.scalars(statement, values or {}))


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "of the moment"])
def test_each_person_sees_by_his_own_rights(app: ScreensApplication, kept: bool) -> None:
    """SEC-2: one statement, run by people of every scope in turn, with rights that change in between."""
    from testscreens.models import Visit

    mine = add_visits(app, 2, owner_id=1, department_id=7)
    theirs = add_visits(app, 2, owner_id=2, department_id=8)
    nobodys = add_visits(app, 1, owner_id=None)
    statement = select(Visit.id).where(Visit.title != bindparam("title"))
    everything = mine + theirs + nobodys
    for _ in range(2):
        for person, wanted in (
            (access(1, read=Scope.OWN), mine),
            (access(2, read=Scope.OWN), theirs),
            (access(1, read=Scope.ALL), everything),
            (access(1, read=Scope.NONE), []),
            (replace(access(3, read=Scope.DEPARTMENT), department_ids=frozenset({7})), mine),
            (replace(access(3, read=Scope.DEPARTMENT), department_ids=frozenset({8})), theirs),
            (replace(access(3, read=Scope.DEPARTMENT), department_ids=frozenset({7, 8})), mine + theirs),
            (replace(access(2, read=Scope.OWN), elevated="a test"), everything),
            (access(2, read=Scope.OWN), theirs),
        ):
            found = numbers(app, person, statement, {"title": "x"}, kept=kept)
            assert found == sorted(wanted), person
        assert numbers(app, access(1, read=Scope.OWN), statement, {"title": "visit 0"}, kept=kept) == mine[1:]


def test_what_is_made_once_is_made_anew_when_there_is_too_much() -> None:
    """A process that lives for months keeps no more than so much for anybody."""
    rules, made = RowRules(access(1)), list[int]()

    def ask(number: int) -> int:
        return rules.once(number, lambda: made.append(number) or number)

    assert [ask(number) for number in range(1, MOST_KEPT + 1)] == [ask(number) for number in range(1, MOST_KEPT + 1)]
    assert made == list(range(1, MOST_KEPT + 1))
    assert (ask(0), ask(1)) == (0, 1)
    assert made[MOST_KEPT:] == [0, 1]


def test_work_without_a_person_has_its_rules_made_once(app: ScreensApplication) -> None:
    """A beat each minute must not drive out what was worked out for people."""
    with app.database.reading(system("one")) as one, app.database.reading(system("other")) as other:
        assert row_rules(one) is row_rules(other)


def test_the_same_person_with_other_rights_is_another(app: ScreensApplication) -> None:
    """SEC-11: the object of the grants is part of what the rules are remembered by."""
    from testscreens.models import Visit

    mine, theirs = add_visits(app, 1, owner_id=1), add_visits(app, 1, owner_id=2)
    statement = select(Visit.id)
    person = access(1, read=Scope.ALL)
    assert numbers(app, person, statement, kept=True) == mine + theirs
    narrowed = replace(person, grants=dict(person.grants) | {"testscreens.visit.read": Scope.OWN})
    assert numbers(app, narrowed, statement, kept=True) == mine


def test_what_follows_from_a_step_reaches_every_row_for_a_named_reason(app: ScreensApplication) -> None:
    """SEC-9: for as long as the block lasts, however it ends; the trail says who and why."""
    from testscreens.models import Visit

    mine, theirs = add_visits(app, 1, owner_id=1), add_visits(app, 1, owner_id=2)
    own = access(1, read=Scope.OWN)
    with app.database.writing(own) as session:
        with session.unlimited("a test"):
            assert sorted(session.scalars(select(Visit.id))) == mine + theirs
            session.get_one(Visit, theirs[0]).title = "moved"
            session.flush()
        assert session.access is own
        with pytest.raises(KeyError), session.unlimited("a test"):
            raise KeyError
        assert list(session.scalars(select(Visit.id))) == mine
        with pytest.raises(ValueError, match="reason"), session.unlimited(""):
            pass
    with app.database.reading(system("tests")) as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (entry.subject_id, entry.user_id, entry.source) == (theirs[0], 1, " · a test")


def test_rules_hold_in_subqueries_and_joins(app: ScreensApplication) -> None:
    """SEC-2: wherever a ruled model stands in a kept statement."""
    from testscreens.models import Client, Visit

    with app.database.writing(system("tests")) as session:
        foreign, own = Client(name="foreign", owner_id=2), Client(name="own", owner_id=1)
        session.add_all([foreign, own])
        session.flush()
        ids = foreign.id, own.id
    for number in ids:
        add_visits(app, 1, client_id=number)
    grants = dict(access().grants) | {"testscreens.client.read": Scope.OWN}
    person = Access(user_id=1, grants=grants)
    joined = select(Visit.id, Client.name).outerjoin(Client, Client.id == Visit.client_id).order_by(Visit.id)
    inside = select(Visit.id).where(Visit.client_id.in_(select(Client.id)))
    with app.database.reading(person) as session:
        assert [row[1] for row in read(session, Read(joined))] == [None, "own"]
        assert len(read(session, Read(inside))) == 1


def test_a_kept_statement_sees_what_its_session_has_written(app: ScreensApplication) -> None:
    from testscreens.models import Visit

    from tests.screens.conftest import NOW

    statement = select(Visit.id)
    with app.database.writing(access(1)) as session:
        session.add(Visit(title="fresh", at=NOW, owner_id=1))
        assert len(read(session, Read(statement))) == 1


def test_a_kept_statement_takes_every_kind_of_value(app: ScreensApplication) -> None:
    """Moments in any zone, lists of any length, the empty one too; each run has its own values."""
    from testscreens.models import Visit

    from tests.screens.conftest import NOW

    first, second, third = add_visits(app, 3)
    wanted = bindparam("ids", expanding=True)
    several = select(Visit.id, Visit.at).where(Visit.id.in_(wanted), Visit.at <= bindparam("until")).order_by(Visit.id)
    moscow = NOW.astimezone(ZoneInfo("Europe/Moscow")) + timedelta(days=1)
    with app.database.reading(access(1)) as session:
        for ids in ([first], [first, third], [], [second], [third, first, second]):
            rows = read(session, Read(several, {"ids": ids, "until": moscow}))
            assert [row.id for row in rows] == sorted(ids)
            assert all(row.at.utcoffset() == timedelta() for row in rows)
        assert not read(session, Read(several, {"ids": [first], "until": NOW - timedelta(days=400)}))


def test_a_person_without_departments_has_an_empty_list_in_his_rules(app: ScreensApplication) -> None:
    """A rule by department of somebody who belongs to none; the rule names an empty list."""
    from testscreens.models import Visit

    lost = replace(access(1), department_ids=frozenset(), branch_ids=frozenset())
    statement = select(Visit.id).where(Visit.owner_id.in_(sorted(lost.department_ids)))
    with app.database.reading(lost) as session:
        assert read(session, Read(statement)) == []


def test_a_kept_statement_without_its_values_is_refused(app: ScreensApplication) -> None:
    from testscreens.models import Visit

    statement = select(Visit.id).where(Visit.id == bindparam("number"))
    with app.database.reading(access(1)) as session, pytest.raises(InvalidRequestError):
        read(session, Read(statement))


def test_a_record_is_found_by_each_persons_own_rights(app: ScreensApplication) -> None:
    """SEC-2: the statement that carries somebody's rules is never run for somebody else without his own."""
    from testscreens.models import Visit

    [mine] = add_visits(app, 1, owner_id=1)
    [theirs] = add_visits(app, 1, owner_id=2)
    for _ in range(2):
        for number, own, other in ((1, mine, theirs), (2, theirs, mine)):
            with app.database.reading(access(number, read=Scope.OWN)) as session:
                found = get_record(session, Visit, own)
                assert found is not None
                assert found.id == own
                assert get_record(session, Visit, other) is None


def test_a_statement_with_somebodys_rules_gets_those_of_whoever_runs_it(app: ScreensApplication) -> None:
    from testscreens.models import Visit

    [mine] = add_visits(app, 1, owner_id=1)
    add_visits(app, 1, owner_id=2)
    with app.database.reading(access(1, read=Scope.ALL)) as session:
        wide = row_rules(session).ruled("everything", lambda: select(Visit).order_by(Visit.id))
        assert len(session.scalars(wide).all()) == 2
    with app.database.reading(access(1, read=Scope.OWN)) as session:
        assert [each.id for each in session.scalars(wide)] == [mine]
    with app.database.reading(access(1, read=Scope.NONE)) as session:
        assert not session.scalars(wide).all()
