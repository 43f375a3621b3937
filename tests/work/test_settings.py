"""Settings: typed, limited, audited, with a default that always holds."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from sqlalchemy import select

from core.access.policy import Scope
from core.db.audit import AuditEntry
from core.db.kept import gather
from core.errors import Forbidden, Invalid
from core.testing.statements import Statements
from core.work.office_models import SettingValue
from core.work.settings import Setting, read, read_all, read_by_branch, reset, values_in, values_read, write
from tests.work.office import ANNA, MOSCOW, SAMARA, Office

WAIT = Setting("worktest.wait", int, 5, title="Waiting norm, minutes", minimum=1, maximum=60, per_branch=True)
NAME = Setting("worktest.name", str, "Forecourt", maximum=20)
OPENS = Setting("worktest.opens", time, time(9))
COLOUR = Setting("worktest.colour", str, "red", choices=("red", "green"))


@pytest.fixture
def admin(office: Office) -> Office:
    """Anna may change settings."""
    office.grants[ANNA] = {"core.setting.change": Scope.ALL}
    return office


def test_the_default_holds_until_somebody_decides_and_after_a_reset(admin: Office) -> None:
    with admin.by(ANNA) as session:
        assert read(session, WAIT) == 5
        assert write(session, WAIT, "7") == 7
        assert read(session, WAIT) == 7
        reset(session, WAIT)
        assert read(session, WAIT) == 5


def test_a_branch_may_differ_from_the_dealership(admin: Office) -> None:
    with admin.by(ANNA) as session:
        write(session, WAIT, 7)
        write(session, WAIT, 9, MOSCOW)
    with admin.by(3) as session:
        assert [read(session, WAIT, branch) for branch in (None, MOSCOW, SAMARA)] == [7, 9, 7]
        assert read_by_branch(session, WAIT) == {MOSCOW: 9, SAMARA: 7}
    with pytest.raises(Invalid), admin.by(ANNA) as session:
        write(session, NAME, "Двор", MOSCOW)


@pytest.mark.parametrize(
    ("setting", "value"),
    [(WAIT, "many"), (WAIT, 0), (WAIT, 61), (WAIT, None), (NAME, "x" * 21), (COLOUR, "blue"), (OPENS, "25:00")],
)
def test_wrong_values_are_refused_and_nothing_is_stored(admin: Office, setting: Setting[Any], value: object) -> None:
    with pytest.raises(Invalid) as refused, admin.by(ANNA) as session:
        write(session, setting, value)
    assert list(refused.value.errors) == [setting.name]
    with admin.by(ANNA) as session:
        assert read_all(session, [setting]) == {setting.name: setting.default}


def test_values_come_back_in_their_type(admin: Office) -> None:
    with admin.by(ANNA) as session:
        write(session, OPENS, time(8, 30))
    with admin.by(3) as session:
        assert read_all(session, [OPENS, COLOUR]) == {"worktest.opens": time(8, 30), "worktest.colour": "red"}


def test_values_are_read_with_other_things_in_one_statement(admin: Office) -> None:
    with admin.by(ANNA) as session:
        write(session, OPENS, time(8, 30))
        write(session, WAIT, 7)
        write(session, WAIT, 9, MOSCOW)
    asked = {"here": [OPENS, WAIT, NAME], "there": [WAIT, COLOUR], "nothing": []}
    places = {"here": MOSCOW, "there": SAMARA, "nothing": None}
    with admin.by(3) as session, Statements(admin.database) as statements:
        found = gather(session, {name: values_read(asked[name], places[name]) for name in asked})
        values = {name: values_in(found[name], asked[name]) for name in asked}
    assert len(statements.texts) == 1
    assert values == {
        "here": {"worktest.opens": time(8, 30), "worktest.wait": 9, "worktest.name": "Forecourt"},
        "there": {"worktest.wait": 7, "worktest.colour": "red"},
        "nothing": {},
    }


def test_only_who_may_changes_settings_and_the_trail_says_who(admin: Office) -> None:
    """SEC-63."""
    for change in (lambda session: write(session, WAIT, 7), lambda session: reset(session, WAIT)):
        with pytest.raises(Forbidden), admin.by(3) as session:
            change(session)
    with admin.by(ANNA) as session:
        write(session, WAIT, 7)
    with admin.by(ANNA) as session:
        write(session, WAIT, 8)
    with admin.by_system() as session:
        trail = session.execute(
            select(AuditEntry.action, AuditEntry.user_id)
            .where(AuditEntry.subject_type == "core_setting")
            .order_by(AuditEntry.id)
        )
        assert [tuple(row) for row in trail] == [("create", ANNA), ("change", ANNA)]


def test_a_stored_value_an_update_made_invalid_gives_way_to_the_default(admin: Office) -> None:
    with admin.by_system() as session:
        session.add(SettingValue(name=WAIT.name, branch_id=0, value=600))
        session.add(SettingValue(name=WAIT.name, branch_id=MOSCOW, value="soon"))
    with admin.by(3) as session:
        assert read(session, WAIT, MOSCOW) == 5
