"""The generated list as a browser meets it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.screens.conftest import NOW, Browser, ScreensApplication, Statements

from core.access.policy import system


def add_visits(app: ScreensApplication, number: int, **values: Any) -> list[int]:
    from testscreens.models import Visit

    with app.database.writing(system("tests")) as session:
        visits = [
            Visit(**({"title": f"visit {place}", "at": NOW - timedelta(minutes=place), "owner_id": 1} | values))
            for place in range(number)
        ]
        session.add_all(visits)
        session.flush()
        return [visit.id for visit in visits]


def test_the_list_shows_rows(app: ScreensApplication, browser: Browser) -> None:
    add_visits(app, 3, phone="+79031234567", amount=1810000, urgent=True)
    answer = browser.get("/visits")
    assert answer.status_code == 200, answer.text
    assert "visit 2" in answer.text
    assert "+7 903 123-45-67" in answer.text
