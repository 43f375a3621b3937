"""Addons that are broken, each in its way: the culprit is named in both languages, and the rest works (SEC-58…60)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from sqlalchemy import select

from core import preparing
from core.access.models import User
from core.access.policy import system
from core.host import checks, instance
from core.host.plugins import HookStatistics
from core.testing.statements import Statements
from core.web.app import Application
from tests.host.private import Private, page
from tests.support.addons import ROOT
from tests.support.visitors import Visitor

OTHER_TABLE = """
from sqlalchemy.orm import Mapped, mapped_column
from core.db.base import Base

class Stolen(Base):
    __tablename__ = "others_thing"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
UNMAPPABLE = """
from sqlalchemy.orm import Mapped, mapped_column, relationship
from core.db.base import Base

class Line(Base):
    __tablename__ = "unmapped_line"
    id: Mapped[int] = mapped_column(primary_key=True)
    order = relationship("Nobody")
"""
SIGNATURE = """
from core.host.plugins import hookimpl

@hookimpl
def list_columns(screen_key, colour):
    return None
"""
UNKNOWN_HOOK = SIGNATURE.replace("list_columns(screen_key, colour)", "greetings()")
RAISES = """
from core.host.plugins import hookimpl

@hookimpl
def menu():
    raise ValueError("no menu today")
"""
DECLARES = """
from core.host.plugins import hookimpl

@hookimpl
def {hook}():
    {body}
"""
DECLARING = ("settings", "menu", "audit_words", "personal_data", "notification_kinds")
CULPRITS = {
    "aatable": (
        "Its tables must begin with «aatable_»: others_thing",
        "Его таблицы должны начинаться с «aatable_»",
    ),
    "alone": ("It needs Forecourt &gt;=9, this is", "Ему нужен Forecourt &gt;=9, а это"),
    "colorsys": ("Another Python package has its name", "Его имя занято другим пакетом Python"),
    "elder": ("It needs «healthy» &gt;=9, found 1.0.", "Ему нужно «healthy» &gt;=9, найдено 1.0."),
    "importing": ("Its code cannot be loaded: ModuleNotFoundError", "Его код не загружается: ModuleNotFoundError"),
    "manifest": ("Its addon.toml cannot be used", "Его addon.toml не годится"),
    "migrating": (
        "It could not be brought up to date: migrating: revision 0001_step",
        "Его не удалось обновить: migrating",
    ),
    "openly": ("Its address «/openly» (openly.page) asks for no right.", "не требует никакого права"),
    "raising": ("Its hook «menu» failed: ValueError: no menu today", "Его хук «menu» не сработал"),
    "ringone": ("It needs itself, by way of others", "Ему нужно оно само, через другие"),
    "ringtwo": ("It needs itself, by way of others", "Ему нужно оно само, через другие"),
    "sharing": ("Its address «/healthy» (sharing.page) is taken by healthy.page.", "занят: healthy.page"),
    "signature": (
        "Its hook «list_columns» takes «colour», and is called as list_columns(screen_key).",
        "Его хук «list_columns» принимает «colour», а вызывается как list_columns(screen_key).",
    ),
    "leaning": ("It needs «signature», which failed.", "Ему нужно «signature», а оно не работает."),
    "unknownhook": ("It answers a hook that nobody offers", "Оно отвечает на хук, которого никто не предлагает"),
    "unmapped": ("Its code cannot be loaded: InvalidRequestError", "Его код не загружается: InvalidRequestError"),
}
"""What the page of addons says of each, in English and in Russian."""


def write_all(private: Private) -> None:
    """The broken ones, and ``healthy`` among them."""
    private.write("healthy", hooks=page("healthy"))
    private.write("aatable", models=OTHER_TABLE)
    private.write("alone", core=">=9")
    private.write("colorsys")
    private.write("elder", needs='depends = {healthy = ">=9"}')
    private.write("importing", hooks="import no_such_engine")
    private.write("manifest", needs="surprise = 1")
    private.write("migrating", hooks=page("migrating"))
    private.revision("migrating", 1, 'op.create_table("migrating_thing", sa.Column("id", sa.Integer())); 1 / 0')
    private.write("openly", hooks=page("openly", right='""'))
    private.write("raising", hooks=RAISES)
    private.write("ringone", needs='depends = {ringtwo = ">=1"}')
    private.write("ringtwo", needs='depends = {ringone = ">=1"}')
    private.write("sharing", hooks=page("sharing").replace('"/sharing"', '"/healthy"'))
    private.write("signature", hooks=SIGNATURE)
    private.write("leaning", needs='depends = {signature = ">=1"}', hooks=page("leaning"))
    private.write("unknownhook", hooks=UNKNOWN_HOOK)
    private.write("unmapped", models=UNMAPPABLE)


@pytest.fixture
def app(private: Private) -> Iterator[Application]:
    """The dealership with all of them at once."""
    write_all(private)
    private.enable([*CULPRITS, "healthy"])
    instance.upgrade(private.config)
    application = Application(private.config)
    yield application
    application.close()


def test_each_is_named_in_both_languages_and_the_rest_works(app: Application, addon_set: tuple[str, ...]) -> None:
    assert {failure.addon for failure in app.host.failures} == set(CULPRITS)
    assert set(app.host.running) == {*addon_set, "healthy"}
    russian = Visitor(app, "admin").get("/admin/addons").text
    with app.database.writing(system("test")) as session:
        session.scalars(select(User).where(User.login == "admin")).one().language = "en"
    english = Visitor(app, "admin").get("/admin/addons").text
    for name, (in_english, in_russian) in CULPRITS.items():
        assert in_english in english, name
        assert in_russian in russian, name
    visitor = Visitor(app, "lebedeva")
    assert visitor.get("/healthy").text == "healthy runs"
    pages = ["/profile", *(["/documents"] if "contacts" in addon_set else [])]
    assert [visitor.get(path).status_code for path in pages] == [200] * len(pages)
    assert {visitor.get(f"/{name}").status_code for name in CULPRITS} == {404}


def test_another_start_in_the_same_process_finds_the_same(app: Application, private: Private) -> None:
    """What could not be loaded has left neither tables nor classes behind."""
    again = Application(private.config)
    try:
        assert [(each.addon, each.reason) for each in again.host.failures] == [
            (each.addon, each.reason) for each in app.host.failures
        ]
    finally:
        again.close()


STARTS = """
import sys
from pathlib import Path
from core.host import registry
host = registry.start(["contacts", "aathief"], registry.discover([Path(sys.argv[1])]))
print([(failure.addon, failure.reason) for failure in host.failures], *host.running)
"""


@pytest.mark.addons("contacts")
@pytest.mark.parametrize("file", ["addon.toml", "migrations/0001_step.py", "locale/ru.po"])
def test_a_file_in_another_encoding_keeps_nobody_else_from_starting(
    private: Private, addon_set: tuple[str, ...], file: str
) -> None:
    """Some editors of Windows write Russian in an encoding of their own."""
    private.write("healthy", hooks=page("healthy"))
    path = private.write("encoded", hooks=page("encoded")) / file
    private.revision("encoded", 1, "pass")
    path.parent.mkdir(exist_ok=True)
    path.touch()
    path.write_bytes("# Шины\n".encode("cp1251") + path.read_bytes())
    private.enable(["encoded", "healthy"])
    preparing.has_present_schema(private.config)
    instance.upgrade(private.config)
    application = Application(private.config)
    try:
        assert {*addon_set, "healthy"} <= set(application.host.running)
    finally:
        application.close()


@pytest.mark.parametrize("body", ["return 5", "return [5]", "raise SystemExit(3)"])
def test_what_a_hook_must_not_give_keeps_nobody_else_from_starting(
    private: Private, addon_set: tuple[str, ...], body: str
) -> None:
    private.write("healthy", hooks=page("healthy"))
    wrong = {f"wrong{number}": hook for number, hook in enumerate(DECLARING)}
    for name, hook in wrong.items():
        private.write(name, hooks=DECLARES.format(hook=hook, body=body))
    private.enable([*wrong, "healthy"])
    instance.upgrade(private.config)
    application = Application(private.config)
    try:
        assert {*addon_set, "healthy"} <= set(application.host.running)
    finally:
        application.close()


ITEM = """
from core import AuditWords, MenuItem, NotificationKind, SearchSource, Setting, SubjectPage, hookimpl

@hookimpl
def {hook}():
    return [{item}]
"""
MENU = 'MenuItem("x", {title}, "{icon}", "core.home", "core.search.use"{more})'
SEARCH = 'SearchSource("x", "X", "{icon}", "core.search.use", {find})'
ITEMS = {
    "bulbs": ("menu", MENU.format(title='"X"', icon="no-such-icon", more="")),
    "leaves": ("menu", MENU.format(title='"X"', icon="leaf", more=', order="first"')),
    "places": ("menu", MENU.format(title="5", icon="map", more="")),
    "glasses": ("search_sources", SEARCH.format(icon="no-such-icon", find="print")),
    "lenses": ("search_sources", SEARCH.format(icon="eye", find="None")),
    "bells": ("notification_kinds", 'NotificationKind("bells.rang", None)'),
    "paths": ("subject_pages", "SubjectPage(5, 'core.home')"),
    "knobs": ("settings", 'Setting(None, int, 5, title="X")'),
    "tales": ("audit_words", "AuditWords(actions=5)"),
}
"""The hook of core that each answers, and what it gives there."""


def test_what_core_cannot_use_fails_its_addon_and_is_named_by_the_check(
    private: Private, addon_set: tuple[str, ...]
) -> None:
    """SEC-59: every page has the menu, and every start reads the settings."""
    for name, (hook, item) in ITEMS.items():
        private.write(name, hooks=ITEM.format(hook=hook, item=item))
    private.enable(ITEMS)
    told = [problem for problem in checks.upgrade_outlook(private.config).problems if "Its hook" in problem]
    assert {problem.partition(":")[0] for problem in told} == set(ITEMS)
    app = Application(private.config)
    try:
        assert {failure.addon: failure.values["hook"] for failure in app.host.failures} == {
            name: hook for name, (hook, _) in ITEMS.items()
        }
        assert set(app.host.running) == set(addon_set)
        admin = Visitor(app, "admin")
        paths = ("/profile", "/search?q=Ivanov", "/admin/settings", "/admin/audit", "/admin/addons")
        assert [admin.get(path).status_code for path in paths] == [200] * len(paths)
    finally:
        app.close()


def test_a_table_under_somebody_elses_name_takes_it_from_nobody(private: Private) -> None:
    """The thief is loaded first, by his name. In a process of its own: here the owner has been loaded already."""
    private.write("aathief", models=OTHER_TABLE.replace("others_thing", "contacts_customer"))
    command = [sys.executable, "-c", STARTS, str(private.folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    said = done.stdout.splitlines()[-1]
    assert said == "[('aathief', 'Its tables must begin with «aathief_»: contacts_customer')] contacts"


def test_two_addons_of_one_name(private: Private, tmp_path: Path) -> None:
    """The first is used; it is not called broken for the second."""
    private.write("healthy", hooks=page("healthy"))
    other = Private(private.dealership, tmp_path / "other")
    other.write("healthy", hooks=page("healthy"))
    private.enable(["healthy"])
    config = msgspec.structs.replace(private.config, addons_path=(private.folder, other.folder))
    app = Application(config)
    try:
        assert Visitor(app, "lebedeva").get("/healthy").text == "healthy runs"
        assert "Дополнений с этим именем два" in Visitor(app, "admin").get("/admin/addons").text
        assert [row[2] for row in instance.listing(config) if row[0] == "healthy"] == ["enabled"]
    finally:
        app.close()
        other.forget()


class Watch:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


FINDS = """
from core.host.plugins import hookimpl
from core.web.search import SearchSource

@hookimpl
def search_sources():
    return [SearchSource("things", "Things", "user", "core.profile.read", find)]
"""
SLOW = (
    FINDS
    + """
def find(session, query, limit):
    import host_watch
    host_watch.watch.now += 0.25
    return []
"""
)
FAILS = (
    FINDS
    + """
def find(session, query, limit):
    raise RuntimeError("no things today")
"""
)


def test_a_slow_one_is_named_with_its_hook_and_its_time(private: Private, monkeypatch: pytest.MonkeyPatch) -> None:
    """SEC-60."""
    watch = Watch()
    monkeypatch.setattr("core.host.plugins.time", SimpleNamespace(perf_counter=watch, monotonic=watch))
    monkeypatch.setitem(sys.modules, "host_watch", SimpleNamespace(watch=watch))  # type: ignore[misc]
    private.write("dawdling", hooks=SLOW)
    private.write("failing", hooks=FAILS)
    private.enable(["dawdling", "failing"])
    app = Application(private.config)
    try:
        app.host.hooks.statistics["dawdling", "shipped_data"] = HookStatistics(calls=1, seconds=9.0)
        admin = Visitor(app, "admin")
        assert admin.get("/search", query_string={"q": "Ivanov"}).status_code == 200
        page = admin.get("/admin/addons").text
    finally:
        app.close()
    assert "search_sources:things — в среднем 250 мс." in page
    assert app.host.hooks.statistics["dawdling", "search_sources:things"].seconds == 0.25
    assert app.host.hooks.statistics["failing", "search_sources:things"].failures == 1
    assert page.count("медленное") == 1
    assert "shipped_data — в среднем" not in page


def test_a_hook_nobody_implements_costs_no_statement(app: Application) -> None:
    with app.database.reading(system("test")) as session, Statements(app.database) as statements:
        assert app.host.hooks.each("before_delete", session=session, subject=None) == []
        assert app.host.hooks.asked("before_delete", session=session, subject=None) == []
    assert statements.sent == []
