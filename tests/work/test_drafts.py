"""Drafts: nothing typed is lost, nothing is kept for ever."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.testing.statements import Statements
from core.work.drafts import LARGEST, drop_draft, load_draft, prune_drafts, save_draft, save_drafts
from tests.work.office import ANNA, BORIS, Office

KEY = "contacts.inbound/new"


def test_a_draft_is_kept_per_person_and_form_the_last_one_counts(office: Office) -> None:
    for name in ("Ор", "Орлов"):
        with office.by(ANNA) as session:
            save_draft(session, KEY, {"name": name, "phones": ["+79250000000"]})
    with office.by(ANNA) as session:
        assert load_draft(session, KEY) == {"name": "Орлов", "phones": ["+79250000000"]}
        assert load_draft(session, "other") is None
    with office.by(BORIS) as session:
        assert load_draft(session, KEY) is None
        drop_draft(session, KEY)
    with office.by(ANNA) as session:
        drop_draft(session, KEY)
        assert load_draft(session, KEY) is None


def test_several_drafts_are_kept_in_one_statement(office: Office) -> None:
    with office.by(BORIS) as session:
        save_draft(session, KEY, {"name": "Чужое"})
    for step in ("first", "second"):
        with Statements(office.database) as statements, office.by(ANNA) as session:
            save_drafts(session, {KEY: {}, "other": {"step": step}})
        assert len(statements.about("core_draft")) == 1
        with office.by(ANNA) as session:
            assert (load_draft(session, KEY), load_draft(session, "other")) == ({}, {"step": step})
    with office.by(BORIS) as session:
        assert load_draft(session, KEY) == {"name": "Чужое"}


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        pytest.param(KEY, {"text": "я" * (LARGEST // 2)}, id="over 64 kB in UTF-8"),
        pytest.param(KEY, {"text": "\ud800"}, id="lone surrogate (SEC-30)"),
        pytest.param(KEY, {"text": object()}, id="no JSON"),
        pytest.param("", {}, id="no key"),
        pytest.param("k" * 121, {}, id="key too long"),
    ],
)
def test_what_cannot_be_kept_is_refused(office: Office, key: str, fields: dict[str, object]) -> None:
    with pytest.raises(Invalid), office.by(ANNA) as session:
        save_draft(session, key, fields)


def test_drafts_nobody_touches_for_thirty_days_go(office: Office) -> None:
    with office.by(ANNA) as session:
        save_draft(session, "old", {})
    office.clock.go(days=1)
    with office.by(ANNA) as session:
        save_draft(session, "new", {})
    office.clock.go(days=29, seconds=1)
    with office.by_system() as session:
        assert prune_drafts(session, office.clock()) == 1
    with office.by(ANNA) as session:
        assert load_draft(session, "old") is None
        assert load_draft(session, "new") == {}
