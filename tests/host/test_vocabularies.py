"""Addons that add to the words of another one, each wrongly in its way: the giver is left out, the owner works (SEC-59)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from core.access.models import User
from core.access.policy import system
from core.host import checks, instance, registry
from core.web.app import Application
from tests.host.private import Private
from tests.support.visitors import Visitor

OFFERS = """
from core import Vocabulary, hookspec

@hookspec
@Vocabulary(object, has={"title": str, "icon": str}, longest={"code": 20, "title": 30}, icons=["icon"])
def lending_things():
    pass
"""
SHOWS = """
from werkzeug.wrappers import Response
from core import Route, SIGNED_IN, hookimpl

def things(request):
    known = request.app.host.hooks.declared("lending_things")
    return Response(" ".join(sorted(thing.title for _, thing in known)))

@hookimpl
def routes():
    return [Route("/lending", "page", things, right=SIGNED_IN)]
"""
GIVES = """
from types import SimpleNamespace as Thing
from core import hookimpl

@hookimpl(optionalhook=True)
def lending_things():
    return {things}
"""
CULPRITS = {
    "halved": (
        'Thing(code="halved.car", title="Car")',
        "gave «halved.car», whose «icon» is None, which is no str.",
        "дал «halved.car», где «icon» — None, а это не str.",
    ),
    "lasting": (
        'Thing(code="lasting.car", title="Car" * 11, icon="car")',
        "gave «lasting.car», whose «title» is longer than 30 characters.",
        "дал «lasting.car», где «title» длиннее, чем 30 знаков.",
    ),
    "numbering": (
        'Thing(code=5, title="Car", icon="car")',
        "whose «code» is 5, which is no str.",
        "где «code» — 5, а это не str.",
    ),
    "naming": (
        'Thing(code="lending.car", title="Car", icon="car")',
        "gave «lending.car», whose code is not «naming.» and then small Latin letters, digits or «_».",
        "дал «lending.car», а код должен состоять из «naming.» и строчных латинских букв, цифр или «_».",
    ),
    "nameless": ('Thing(code="nameless.", title="Car", icon="car")', "gave «nameless.», whose code", "дал «nameless.»"),
    "painting": (
        'Thing(code="painting.car", title="Car", icon="no-such-icon")',
        "gave «painting.car» with the icon «no-such-icon», which there is not.",
        "дал «painting.car» со значком «no-such-icon», а такого значка нет.",
    ),
    "raising": ("1 / 0", "failed: ZeroDivisionError", "не сработал: ZeroDivisionError"),
    "stretching": (
        'Thing(code="stretching.carriages", title="Car", icon="car"), Thing(code="stretching.carriages2", title="Car", icon="car")',
        "gave «stretching.carriages2», whose «code» is longer than 20 characters.",
        "дал «stretching.carriages2», где «code» длиннее, чем 20 знаков.",
    ),
    "telling": ('"car"', "gave &#39;car&#39;, whose «code» is None", "дал &#39;car&#39;, где «code» — None"),
    "twofold": (
        '*[Thing(code="twofold.car", title="Car", icon="car")] * 2',
        "gave «twofold.car» twice.",
        "дал «twofold.car» дважды.",
    ),
}
"""What each gives, and what the page of addons says of it in English and in Russian."""


@pytest.fixture
def lending(private: Private) -> Private:
    """The owner of a vocabulary, one who adds to it as he should, and all who do not."""
    private.write("lending", hookspecs=OFFERS, hooks=SHOWS)
    private.write("giving", hooks=GIVES.format(things='[Thing(code="giving.key_2", title="Key", icon="key")]'))
    for name, (things, _, _) in CULPRITS.items():
        private.write(name, hooks=GIVES.format(things=f"[{things}]"))
    private.enable([*CULPRITS, "giving", "lending"])
    return private


@pytest.fixture
def app(lending: Private) -> Iterator[Application]:
    """The dealership with all of them."""
    application = Application(lending.config)
    yield application
    application.close()


def test_each_is_named_in_both_languages_and_the_owner_works(app: Application) -> None:
    assert [failure.addon for failure in app.host.failures] == sorted(CULPRITS)
    assert {"lending", "giving"} <= set(app.host.running)
    assert Visitor(app, "lebedeva").get("/lending").text == "Key"
    russian = Visitor(app, "admin").get("/admin/addons").text
    with app.database.writing(system("test")) as session:
        session.scalars(select(User).where(User.login == "admin")).one().language = "en"
    english = Visitor(app, "admin").get("/admin/addons").text
    for name, (_, in_english, in_russian) in CULPRITS.items():
        assert in_english in english, name
        assert in_russian in russian, name


def test_commands_name_them_and_do_without(lending: Private) -> None:
    assert {failure.addon for failure in instance.upgrade(lending.config).failures} == set(CULPRITS)
    told = checks.upgrade_outlook(lending.config).problems
    assert [problem.partition(":")[0] for problem in told] == sorted(CULPRITS)
    host = instance.start_host(lending.config)
    assert [addon for addon, _ in host.hooks.declared("lending_things")] == ["giving"]


def test_one_is_not_switched_on(private: Private) -> None:
    private.write("lending", hookspecs=OFFERS, hooks=SHOWS)
    private.write("naming", hooks=GIVES.format(things=f"[{CULPRITS['naming'][0]}]"))
    private.enable(["lending"])
    with pytest.raises(registry.AddonError, match=r"naming: Its hook «lending_things» gave «lending\.car»"):
        instance.enable(private.config, ["naming"])


def test_what_was_said_at_the_start_stays_when_another_addon_fails(app: Application) -> None:
    """Nobody is asked in the middle of the work of the one who owns the hook."""
    calls = app.host.hooks.statistics["giving", "lending_things"].calls
    app.host.fail("lending", "It is broken.")
    assert [addon for addon, _ in app.host.hooks.declared("lending_things")] == ["giving"]
    assert app.host.hooks.statistics["giving", "lending_things"].calls == calls


def test_icons_are_not_looked_for_where_they_were_not_built(private: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work without the front-end parts."""
    monkeypatch.setattr("core.web.assets.ICONS", private.folder / "none.json")
    private.write("lending", hookspecs=OFFERS, hooks=SHOWS)
    private.write("painting", hooks=GIVES.format(things=f"[{CULPRITS['painting'][0]}]"))
    private.enable(["lending", "painting"])
    assert instance.start_host(private.config).failures == []
