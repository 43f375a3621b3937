"""Wrong declarations are found at start, all at once, with the name of the addon that made them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from testextra.models import Ticket
from testscreens.models import Client, Visit
from testscreens.screens import CLIENTS, VISITS

from core.access.models import User
from core.web import screen_set
from core.web.mounted import mount
from core.web.screen_checks import check, check_mounted
from core.web.screens import (
    ChoiceFilter,
    Column,
    Field,
    FormSection,
    Grouping,
    Link,
    Lookup,
    ReadyFilter,
    Section,
)
from tests.screens.conftest import ScreensApplication


def with_column(**changed: Any) -> Any:
    return replace(
        VISITS, columns=(*VISITS.columns, Column(**({"name": "extra", "expression": Visit.title} | changed)))
    )


def with_field(**changed: Any) -> Any:
    return replace(VISITS, sections=(Section("", (Field(**({"label": "x"} | changed)),)),))


@pytest.mark.parametrize(
    ("screen", "words"),
    [
        (replace(VISITS, key="visits"), "not <addon>.<word>"),
        (replace(VISITS, path="visits/"), "must begin with /"),
        (replace(VISITS, thing="contacts.customer"), "not the addon's own"),
        (replace(VISITS, allow=frozenset({"destroy"})), "allow names destroy"),
        (replace(VISITS, templates={"board": "x.html"}), "templates names board"),
        (replace(VISITS, sections=()), "no sections of fields"),
        (replace(VISITS, search=Visit.title), "no search index"),
        (replace(VISITS, order=("-colour",)), "order names '-colour'"),
        (replace(VISITS, joins=()), "column client: testscreens_client is not joined"),
        (with_column(name="at"), "column 'at' is declared 2 times"),
        (with_column(name="Два"), "not an identifier"),
        (with_column(expression=None), "either an expression or a fetch"),
        (with_column(fetch=lambda session, ids: {}), "either an expression or a fetch"),
        (with_column(kind="colour"), "unknown kind 'colour'"),
        (with_column(phone="top"), "unknown place on phones"),
        (with_column(link="page"), "unknown link"),
        (with_column(expression=User.login), "core_user is not joined"),
        (with_column(link=Link("x", User.id)), "core_user is not joined"),
        (with_column(expression="title"), "no SQL expression"),
        (replace(VISITS, filters=(ChoiceFilter("sort", "x", Visit.state, ()),)), "filter sort: the name is taken"),
        (replace(VISITS, filters=(ChoiceFilter("x", "x", User.login, ()),)), "filter x: core_user is not joined"),
        (replace(VISITS, groupings=(Grouping("x", "x", User.login),)), "grouping x: core_user is not joined"),
        (replace(VISITS, ready=(ReadyFilter("x", "x", {"colour": "red"}),)), "there is no filter 'colour'"),
        (with_field(name="colour"), "Visit has no such column"),
        (with_field(name="version"), "never bound from a form"),
        (with_field(name="created_by_id"), "never bound from a form"),
        (with_field(name="client_id"), "a foreign key needs a lookup"),
        (with_field(name="client_id", lookup=Lookup(User, User.login)), "the column refers to testscreens_client"),
        (with_field(name="client_id", lookup=Lookup(Client, Client.name, search=Client.name)), "no search index"),
        (with_field(name="title", kind="colour"), "unknown kind 'colour'"),
    ],
)
def test_each_mistake_is_named(screen: Any, words: str) -> None:
    assert any(words in problem for problem in check(screen)), check(screen)


def test_right_declarations_have_no_problems() -> None:
    assert check(VISITS) == []
    assert check(CLIENTS) == []


def test_all_mistakes_are_told_at_once() -> None:
    screen = replace(with_column(kind="colour", phone="top"), order=("nothing",))
    assert len(check(screen)) == 3


def test_unknown_rights_are_told() -> None:
    problems = check_mounted(mount(VISITS), {"testscreens.visit.read"})
    assert any("unknown right 'testscreens.visit.export'" in problem for problem in problems)
    assert any("unknown right 'testscreens.visit.margin'" in problem for problem in problems)


def test_what_addons_add_is_checked_too() -> None:
    column = Column("title", label="x", fetch=lambda session, ids: {}, addon="testextra")
    section = FormSection("title", "x", (Field("a", "a"), Field("a", "a")), lambda s, r: {}, lambda s, r, v: None)
    problems = check_mounted(mount(VISITS, [column], [], [section]))
    assert any("column 'title' is declared 2 times" in problem for problem in problems)
    assert any("form section title: the name is taken" in problem for problem in problems)
    assert any("field of section title 'a' is declared 2 times" in problem for problem in problems)


@pytest.mark.parametrize("hook", ["list_columns", "list_filters", "list_groupings", "list_strips", "form_sections"])
@pytest.mark.parametrize(
    "given",
    [
        lambda screen_key: 1 / 0,
        lambda screen_key: ["no column"],
        lambda screen_key: [Column("x", Ticket.place)],
        lambda screen_key: [Column("at", fetch=lambda session, ids: {}), Column("at", fetch=lambda session, ids: {})],
    ],
    ids=["raises", "of another kind", "of a foreign table", "declared twice"],
)
def test_an_addon_that_adds_nonsense_fails_and_the_rest_runs(
    app: ScreensApplication, monkeypatch: pytest.MonkeyPatch, hook: str, given: Any
) -> None:
    """SEC-59, SEC-62: the culprit is taken out and named; the owner's screen works without it."""
    [implementation] = [each for name, each in app.host.hooks.implementations(hook) if name == "testextra"]
    monkeypatch.setattr(implementation, "function", given)
    screens = screen_set.gather(app.host, app.rights.rights)
    assert [failure.addon for failure in app.host.failures] == ["testextra"]
    assert "testscreens.visits" in screens
    assert "testextra" not in app.host.running


def test_a_wrong_screen_fails_its_addon_with_all_mistakes(
    app: ScreensApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = replace(with_column(kind="colour"), order=("nothing",))
    [implementation] = [each for _, each in app.host.hooks.implementations("screens")]
    monkeypatch.setattr(implementation, "function", lambda: [wrong])
    assert list(screen_set.gather(app.host, app.rights.rights)) == []
    reasons = {failure.addon: failure.reason for failure in app.host.failures}
    assert "unknown kind 'colour'" in reasons["testscreens"]
    assert "order names 'nothing'" in reasons["testscreens"]
    assert "testscreens" in reasons["testextra"]


def test_a_screen_under_somebody_else_s_name_fails(app: ScreensApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    [implementation] = [each for _, each in app.host.hooks.implementations("screens")]
    monkeypatch.setattr(implementation, "function", lambda: [replace(VISITS, key="contacts.visits")])
    screen_set.gather(app.host, app.rights.rights)
    assert "does not begin with the addon's name" in app.host.failures[0].reason


def test_every_generated_address_has_a_right(app: ScreensApplication) -> None:
    """SEC-1."""
    generated = {name: route for name, route in app.router.routes.items() if name.startswith("testscreens.")}
    assert len(generated) > 30
    assert all(route.right in app.rights.rights for route in generated.values())


def test_the_sample_lies_where_the_tests_say() -> None:
    assert (Path(__file__).parent / "addons" / "testscreens" / "addon.toml").exists()
