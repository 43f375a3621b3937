"""The start of the application: what an addon declares wrongly takes out that addon and no other (SEC-59)."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from core.access.policy import system
from core.config import Config
from core.db.engine import Database
from core.host.models import AddonState
from core.host.plugins import Hooks
from core.host.registry import AddonError
from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

NAMES = ("startbad", "startneeds", "startgood")
MANIFEST = 'name = "{name}"\nversion = "1.0"\ncore = ">=0.1"\n{needs}title = {{en = "{name}", ru = "{name}"}}\n'
RIGHTS = '[rights."{name}.page.read"]\n'
HOOKS = """
from werkzeug.wrappers import Response
from core.host.plugins import hookimpl
from core.web.menu import MenuItem
from core.web.routing import SIGNED_IN, Route

@hookimpl
def routes():
    return [Route("/{name}", "page", lambda request: Response("{name} runs"), right=SIGNED_IN)]
"""
MENU = """
@hookimpl
def menu():
    return [MenuItem("{name}", "{name} item", "car", "{name}.page", "core.profile.read")]
"""
RAISES = """
@hookimpl
def {hook}():
    raise {error}
"""
GIVES = """
from core.web.subjects import SubjectPage

@hookimpl
def {hook}():
    return [{item}]
"""

Start = Callable[..., Application]


@pytest.fixture
def start(dealership: Dealership, tmp_path: Path) -> Iterator[Start]:
    """Starts the dealership with three more addons: one is as told, one needs it, one stands alone."""
    private = tmp_path / "private"
    apps: list[Application] = []

    def started(hooks: str, rights: str = "", **changed: object) -> Application:
        sources = {"startbad": hooks, "startneeds": MENU, "startgood": MENU}
        for name in NAMES:
            write(private / name, name, sources[name])
        (private / "startbad" / "rights.toml").write_text(rights, encoding="utf-8")
        enable(dealership.config)
        apps.append(Application(msgspec.structs.replace(dealership.config, addons_path=(private,), **changed)))
        return apps[-1]

    yield started
    for app in apps:
        app.close()
    with contextlib.suppress(ValueError):
        sys.path.remove(str(private))
    for module in [each for each in sys.modules if each.partition(".")[0] in NAMES]:
        del sys.modules[module]


def write(folder: Path, name: str, hooks: str) -> None:
    """An addon that consists of its hooks."""
    folder.mkdir(parents=True)
    needs = 'depends = {startbad = ">=1"}\n' if name == "startneeds" else ""
    (folder / "addon.toml").write_text(MANIFEST.format(name=name, needs=needs), encoding="utf-8")
    (folder / "__init__.py").write_text("")
    (folder / "hooks.py").write_text((HOOKS + hooks).replace("{name}", name), encoding="utf-8")


def enable(config: Config) -> None:
    database = Database(config.database_url, Hooks())
    with database.writing(system("tests")) as session:
        session.add_all(AddonState(name=name, state="enabled", addon_version="1.0", manifest={}) for name in NAMES)
    database.dispose()


DECLARED = ("menu", "subject_pages", "search_sources", "settings", "notification_kinds", "routes", "api_operations")


@pytest.mark.parametrize("error", ["RuntimeError('it broke')", "SystemExit(3)"])
@pytest.mark.parametrize("hook", DECLARED)
def test_a_declaration_that_raises_takes_out_its_addon_and_those_that_need_it(
    start: Start, hook: str, error: str
) -> None:
    app = start(RAISES.replace("{hook}", hook).replace("{error}", error))
    reasons = {failure.addon: failure.reason for failure in app.host.failures}
    assert set(reasons) == {"startbad", "startneeds"}
    assert hook in reasons["startbad"] or "it broke" in reasons["startbad"]
    assert error.partition("(")[0] in reasons["startbad"]
    assert "startbad" in reasons["startneeds"]
    visitor = Visitor(app, "lebedeva")
    assert visitor.get("/startgood").text == "startgood runs"
    assert [visitor.get(f"/{name}").status_code for name in ("startbad", "startneeds")] == [404, 404]
    page = visitor.get("/profile").text
    assert "startgood item" in page
    assert "startneeds item" not in page


@pytest.mark.parametrize("table", ["rights = 3", "no toml", '[grants.nobody]\n"startbad.page" = "all read"\n'])
def test_a_rights_file_with_mistakes_takes_out_its_addon_and_those_that_need_it(start: Start, table: str) -> None:
    app = start("", rights=table)
    reasons = {failure.addon: failure.reason for failure in app.host.failures}
    assert set(reasons) == {"startbad", "startneeds"}
    assert Visitor(app, "lebedeva").get("/startgood").text == "startgood runs"


@pytest.mark.parametrize(
    ("hook", "item", "words"),
    [
        ("menu", "'a text'", "is no MenuItem"),
        ("search_sources", "None", "is no SearchSource"),
        ("subject_pages", "42", "is no SubjectPage"),
        (
            "menu",
            "MenuItem('x', 'x', 'car', 'startbad.nowhere', 'core.profile.read')",
            "leads to startbad.nowhere",
        ),
        ("subject_pages", "SubjectPage('startbad_thing', 'startbad.nowhere')", "leads to startbad.nowhere"),
        ("subject_pages", "SubjectPage('startbad_thing', 'startbad.page', 'startbad.no')", "leads to startbad.no"),
    ],
)
def test_a_wrong_declaration_is_named(start: Start, hook: str, item: str, words: str) -> None:
    app = start(GIVES.replace("{hook}", hook).replace("{item}", item))
    reasons = {failure.addon: failure.reason for failure in app.host.failures}
    assert words in reasons["startbad"]
    assert set(reasons) == {"startbad", "startneeds"}
    assert Visitor(app, "lebedeva").get("/profile").status_code == 200


def test_three_addons_without_a_mistake_run(start: Start) -> None:
    app = start(MENU)
    assert app.host.failures == []
    page = Visitor(app, "lebedeva").get("/profile").text
    assert all(f"{name} item" in page for name in NAMES)


def test_a_strict_instance_does_not_start(start: Start) -> None:
    """SEC-1."""
    with pytest.raises(AddonError, match="startbad: Its hook «menu» failed"):
        start(RAISES.replace("{hook}", "menu").replace("{error}", "RuntimeError('it broke')"), strict=True)
