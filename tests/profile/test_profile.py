"""One's own settings: language, look, keys, sounds, presence."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access.models import User
from core.access.policy import Access, system
from core.testing.clock import SetClock
from core.testing.visitors import ORIGIN
from core.web.app import Application
from core.web.shell import PRESENCE_TITLES
from core.work import notifications, presence
from core.work.notifications import Message, Sound
from core.work.subjects import Subject
from tests.support.dealership import PASSWORD, Dealership
from tests.support.visitors import Visitor


def user(app: Application, login: str = "lebedeva") -> User:
    with app.database.reading(system("test")) as session:
        return session.scalars(select(User).where(User.login == login)).one()


def own(visitor: Visitor) -> Access:
    """What this person may do."""
    cookie = visitor.client.get_cookie("forecourt")
    assert cookie is not None
    with visitor.app.database.session() as session:
        identity = visitor.app.authenticator.identities.identify(session, cookie.value)
    assert identity is not None
    return identity.access


def test_language_look_and_keys_are_saved_and_count_at_once(app: Application) -> None:
    """X-03: the next page speaks the language chosen."""
    visitor = Visitor(app, "lebedeva")
    assert "Мои настройки" in visitor.get("/profile").text
    answer = visitor.post("/profile", {"language": "en", "theme": "dark"})
    assert answer.status_code == 303
    page = visitor.get("/profile").text
    assert "My settings" in page
    assert 'data-theme="dark"' in page
    assert 'data-letter-keys="off"' in page
    visitor.post("/profile", {"language": "ru", "theme": "auto", "letter_keys": "1"})
    assert 'data-letter-keys="off"' not in visitor.get("/profile").text


def test_language_and_colours_are_in_the_menu_of_every_page(app: Application) -> None:
    """Each is changed alone, and one stays where one was."""
    visitor = Visitor(app, "lebedeva")
    visitor.post("/profile", {"language": "ru", "theme": "dark"})
    menu = visitor.get("/tasks").text
    assert 'action="/profile/look"' in menu
    answer = visitor.post("/profile/look", {"language": "en"}, headers={"Referer": "http://localhost/tasks?q=1"})
    assert answer.location == "/tasks?q=1"
    page = visitor.get("/tasks").text
    assert '<html lang="en"' in page
    assert 'data-theme="dark"' in page
    visitor.post("/profile/look", {"theme": "light"})
    page = visitor.get("/tasks").text
    assert '<html lang="en"' in page
    assert 'data-theme="light"' in page
    assert 'data-letter-keys="off"' in page
    assert visitor.post("/profile/look", {"theme": "pink"}).status_code == 422


@pytest.mark.parametrize("fields", [{"language": "fr", "theme": "auto"}, {"language": "ru", "theme": "pink"}, {}])
def test_what_there_is_none_of_is_refused(app: Application, fields: dict[str, str]) -> None:
    answer = Visitor(app, "lebedeva").post("/profile", fields)
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_nothing_else_of_the_account_is_bound(app: Application) -> None:
    """SEC-7, SEC-10: login, name, roles and rights do not come from this form."""
    before = user(app)
    fields = {"language": "ru", "theme": "auto", "login": "boss", "full_name": "Boss", "roles": "administrator"}
    Visitor(app, "lebedeva").post("/profile", {**fields, "active": "0", "password_hash": "x"})
    after = user(app)
    assert (after.login, after.full_name, after.active) == (before.login, before.full_name, before.active)
    assert after.password_hash == before.password_hash


def test_how_loud_a_kind_is_holds_for_the_next_notification(app: Application) -> None:
    visitor = Visitor(app, "lebedeva")
    assert (
        visitor.post("/profile/sounds", {"sound-core.task": "silent", "sound-nothing.such": "once"}).status_code == 303
    )
    me = user(app).id
    with app.database.writing(system("test")) as session:
        notifications.notify(session, [me], "core.task", Subject("core_task", 1), Message("Task", sound=Sound.ONCE))
    with app.database.reading(own(visitor)) as session:
        assert notifications.chosen_sounds(session) == {"core.task": Sound.SILENT}
        assert [each.sound for each in notifications.active(session)] == [Sound.SILENT]
    assert '<option value="silent" selected>' in visitor.get("/profile").text


def test_an_empty_choice_leaves_it_to_the_sender(app: Application) -> None:
    visitor = Visitor(app, "lebedeva")
    visitor.post("/profile/sounds", {"sound-core.task": "silent"})
    visitor.post("/profile/sounds", {"sound-core.task": ""})
    with app.database.reading(own(visitor)) as session:
        assert notifications.chosen_sounds(session) == {}


@pytest.mark.addons("contacts")
def test_the_kinds_of_the_addons_can_be_chosen(app: Application) -> None:
    assert 'name="sound-contacts.group"' in Visitor(app, "lebedeva").get("/profile").text


def test_the_menu_names_the_states_as_everybody_else_sees_them(app: Application) -> None:
    visitor = Visitor(app, "lebedeva")
    page = visitor.get("/profile").text
    menu = page[page.index('id="me"') :]
    for state in ("free", "busy", "away", "off"):
        words = app.translators["ru"](PRESENCE_TITLES[state])
        assert re.search(rf'value="{state}"[^>]*><i[^>]*></i>{words}</button>', menu), state


def test_presence_until_a_moment_in_ones_own_zone(app: Application, clock: SetClock) -> None:
    """S0-18: the moment is typed as the clock on the wall shows it."""
    until = (clock() + timedelta(hours=5)).replace(second=0)
    wall = (until + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    fields = {"state": "busy", "until": wall, "note": "совещание", "next": "/profile"}
    visitor = Visitor(app, "lebedeva")
    answer = visitor.post("/presence", fields)
    assert (answer.status_code, answer.location) == (303, "/profile")
    me = user(app).id
    with app.database.reading(own(visitor)) as session:
        present = presence.presence_of(session, [me])[me]
    assert (present.state, present.until, present.note) == ("busy", until, "совещание")


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "asleep"},
        {},
        {"state": "busy", "until": "2001-01-01T10:00"},
        {"state": "busy", "until": "tomorrow"},
        {"state": "busy", "until": "9999-99-99T99:99"},
    ],
)
def test_a_state_that_cannot_be_is_refused(app: Application, fields: dict[str, str]) -> None:
    """SEC-30: never a fault."""
    answer = Visitor(app, "lebedeva").post("/presence", fields)
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_a_moment_at_the_end_of_time_is_refused(app: Application) -> None:
    """SEC-30: also west of Greenwich, where it is after the last moment there is."""
    visitor = Visitor(app, "lebedeva")
    with app.database.writing(system("test")) as session:
        session.scalars(select(User).where(User.login == "lebedeva")).one().time_zone = "America/Los_Angeles"
    answer = visitor.post("/presence", {"state": "busy", "until": "9999-12-31T23:59"})
    assert answer.status_code == 422


ELSEWHERE = [
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "/\t/elsewhere.example",
    "https:elsewhere.example",
    "javascript:alert(1)",
    "elsewhere.example",
    "//[elsewhere",
]
FORMS = [
    ("/profile/look", {"theme": "dark"}, "/"),
    ("/presence", {"state": "free"}, "/"),
    ("/language/en", {}, "/signin"),
    ("/signin", {"login": "petukhov", "password": PASSWORD}, "/"),
]


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize(("path", "fields", "default"), FORMS, ids=[path for path, *_ in FORMS])
def test_no_form_leads_to_another_site(
    app: Application, path: str, fields: dict[str, str], default: str, target: str
) -> None:
    """SEC-27."""
    visitor = Visitor(app, "lebedeva")
    assert visitor.post(path, {**fields, "next": "/tasks?q=1"}).location == "/tasks?q=1"
    assert visitor.post(path, {**fields, "next": target}).location == default


def test_presence_leads_back_to_the_page_it_was_sent_from(app: Application) -> None:
    """SEC-27: and never to another site."""
    visitor = Visitor(app, "lebedeva")

    def leads_to(referrer: str, **fields: str) -> str | None:
        return visitor.post("/presence", {"state": "free", **fields}, headers={"Referer": referrer}).location

    assert leads_to(f"{ORIGIN}/search?q=1") == "/search?q=1"
    assert leads_to("https://elsewhere.example/phish") == "/"
    assert leads_to("https://[elsewhere") == "/"
    assert leads_to(f"{ORIGIN}/keys", next="https://elsewhere.example/") == "/"
    assert leads_to(f"{ORIGIN}//elsewhere.example") == "/"


def test_the_waiting_notifications_as_a_page_and_under_the_bell(app: Application, dealership: Dealership) -> None:
    visitor = Visitor(app, "lebedeva")
    assert "Ничего нового" in visitor.get("/notifications").text
    with dealership.session() as session:
        message = Message("%(who)s calls", title_values={"who": "Иванов"})
        notifications.notify(session, [dealership.people["lebedeva"]], "core.mention", Subject("core_task", 1), message)
    page = visitor.get("/notifications").text
    fragment = visitor.get("/notifications", headers={"HX-Request": "true"}).text
    assert "Иванов calls" in page
    assert "<html" in page
    assert "Иванов calls" in fragment
    assert "<html" not in fragment
    assert "Иванов calls" not in Visitor(app, "admin").get("/notifications").text


def test_each_sees_the_kinds_he_may_get(app: Application) -> None:
    """A stopped job is told to those who may start it again, and they choose how loud."""
    assert "sound-core.job_parked" not in Visitor(app, "lebedeva").get("/profile").text
    admin = Visitor(app, "admin")
    page = admin.get("/profile").text
    assert "sound-core.job_parked" in page
    assert "Фоновое задание остановлено" in page
    assert "data-sound-test" in page
    assert admin.post("/profile/sounds", {"sound-core.job_parked": "silent"}).status_code == 303
    with app.database.reading(own(admin)) as session:
        assert notifications.chosen_sounds(session) == {"core.job_parked": Sound.SILENT}


def test_what_is_not_there_is_told_in_ones_language(app: Application) -> None:
    """X-03: also at an address that leads nowhere, whatever the browser's language is."""
    visitor, english = Visitor(app, "lebedeva"), {"Accept-Language": "en"}
    answer = visitor.get("/nowhere", headers=english)
    assert answer.status_code == 404
    assert '<html lang="ru"' in answer.text
    assert '<html lang="en"' in Visitor(app).get("/nowhere", headers=english).text
