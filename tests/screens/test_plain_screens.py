"""A screen that is made of its table."""

from __future__ import annotations

from testscreens.models import Visit

from core.web.mounted import mount
from core.web.plain_screens import plain_screen
from core.web.screen_checks import check_mounted
from tests.screens.conftest import ScreensApplication, access

LABELS = {"title": "Title", "nick": "Nick", "score": "Score"}
RIGHTS = {f"testscreens.visit.{action}" for action in ("read", "create", "change", "delete", "export")}


def test_it_says_what_the_table_says() -> None:
    screen = plain_screen(Visit, "/plain", "Visits", "Visit", LABELS)

    assert (screen.key, screen.thing) == ("testscreens.plain", "testscreens.visit")
    assert [(each.name, each.link) for each in screen.columns] == [("title", "card"), ("nick", None), ("score", None)]
    assert [each.name for each in screen.fields()] == list(LABELS)
    assert check_mounted(mount(screen), RIGHTS) == []


def test_its_texts_are_searched(app: ScreensApplication) -> None:
    screen = plain_screen(Visit, "/plain", "Visits", "Visit", LABELS)
    with app.database.writing(access()) as session:
        for title, nick in (("Winter", "ice"), ("Summer", "sun"), ("Nice", None)):
            session.add(Visit(title=title, nick=nick, at=session.now()))
        session.flush()

        found = session.query(Visit.title).where(screen.search(session, "ice")).order_by(Visit.title)

        assert [title for (title,) in found] == ["Nice", "Winter"]
