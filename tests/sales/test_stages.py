"""Stages, each with its guard, and reasons of loss that other addons put between those of sales (X-14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal
from addons.contacts.services.registration import NewContact, register
from addons.sales import hookspecs
from addons.sales.models import LostReason, Worksheet
from core.host import instance
from core.host.models import ShippedRow
from core.web.app import Application
from tests.host.private import Private, private
from tests.sales.conftest import add, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

__all__ = ["private"]

ADDS = """
from dataclasses import dataclass
from core import Conflict, T, hookimpl

@dataclass
class Stage:
    code: str
    title: str
    look: str
    before: str
    guard: object = None

def needs_a_note(session, worksheet):
    return None if worksheet.note else Conflict(T("Write a note first."))

@hookimpl(optionalhook=True)
def sales_stages():
    return [
        Stage("washing.washed", T("Washed"), "teal", "delivered", needs_a_note),
        Stage("washing.dried", T("Dried"), "teal", "no_such_stage"),
    ]
"""


@pytest.fixture
def washing(private: Private) -> Iterator[Application]:
    """The dealership with an addon that needs nothing of sales and adds two stages."""
    private.write("washing", hooks=ADDS)
    private.enable(["washing"])
    app = Application(private.config)
    assert app.host.failures == []
    yield app
    app.close()


def test_a_stage_of_another_addon_is_where_it_said_and_has_its_guard(washing: Application, private: Private) -> None:
    number, manager = add(private.dealership), Visitor(washing, "petukhov")
    card = manager.get(f"/sales/{number}").text
    assert card.index("Договор") < card.index("Washed") < card.index("Dried") < card.index("Выдан")
    refused = manager.post(f"/sales/{number}/move", {"stage": "washing.washed"})
    assert (refused.status_code, "Write a note first." in refused.text) == (409, True)
    assert stored(private.dealership, number).stage == "consultation"
    with private.dealership.session() as session:
        session.get_one(Worksheet, number).note = "Wash it well"
    assert manager.post(f"/sales/{number}/move", {"stage": "washing.washed"}).status_code == 303
    assert "Washed" in manager.get("/sales").text
    assert "Washed" in manager.get("/sales?stage=washing.washed").text
    assert "Washed" in manager.get("/sales?view=board").text


def test_a_worksheet_in_a_stage_of_a_switched_off_addon_goes_on(washing: Application, private: Private) -> None:
    number = add(private.dealership, note="Wash it")
    Visitor(washing, "petukhov").post(f"/sales/{number}/move", {"stage": "washing.washed"})
    app = Application(private.dealership.config)
    try:
        manager = Visitor(app, "petukhov")
        for path in (f"/sales/{number}", "/sales?view=board", "/sales?open=1"):
            assert stored(private.dealership, number).number in manager.get(path).text
        assert "Этап отключённого модуля" in manager.get(f"/sales/{number}").text
        assert manager.post(f"/sales/{number}/move", {"stage": "delivered"}).status_code == 303
    finally:
        app.close()


def test_traffic_is_broken_down_by_the_stage_it_has_led_to(dealership: Dealership, manager: Visitor) -> None:
    """X-13: an addon's way to look at the list of another one."""
    number = add(dealership)
    with dealership.session() as session:
        goal = session.scalars(select(ContactGoal.id).where(ContactGoal.channel == "phone")).first()
        for client, document_id in (("Иванов", number), ("Сидоров", None)):
            call = NewContact(channel="phone", goal_id=goal, client_text=client)
            register(session, call).document_id = document_id
    page = Visitor(manager.app, "kravtsov").get("/traffic?group=stage").text
    assert page.index("Консультация") < page.index("Иванов") < page.index("без сделки") < page.index("Сидоров")


GIVES = """
from types import SimpleNamespace as Word
from core import T, hookimpl

@hookimpl(optionalhook=True)
def {hook}():
    return [{words}]
"""
WRONG = {
    "brushes": ("sales_stages", 'Word(code="contract", title="Contract", look="", before="delivered", guard=None)'),
    "buckets": ("sales_stages", 'Word(code="buckets.full", title="Full", look="", before="delivered", guard="never")'),
    "sponges": ("sales_stages", 'Word(code="sponges.wet")'),
    "polish": ("sales_lost_reasons", '("polish.dull", "Тускло", "Too dull")'),
    "shampoo": ("sales_lost_reasons", 'Word(code="shampoo.gone", title_ru=None, title_en="Gone")'),
    "towels": ("sales_lost_reasons", 'Word(code="towels.used", title_ru="Полотенце" * 14, title_en="Towel")'),
}
"""The hook that each answers, and what it gives there."""
REASONS = """
    Word(code="{name}.dirt", title_ru="Грязная", title_en="Dirty"),
    Word(code="{name}.rest", title_ru="Прочее", title_en="The rest"),
"""


def test_who_adds_what_does_not_fit_is_left_out_and_sales_works(private: Private) -> None:
    """SEC-59: also where two who fit say the same."""
    for name in ("rinsing", "washing"):
        private.write(name, hooks=GIVES.format(hook="sales_lost_reasons", words=REASONS.format(name=name)))
    for name, (hook, words) in WRONG.items():
        private.write(name, hooks=GIVES.format(hook=hook, words=words))
    private.enable([*WRONG, "rinsing", "washing"])
    report = instance.upgrade(private.config)
    assert {failure.addon: failure.values["hook"] for failure in report.failures} == {
        name: hook for name, (hook, _) in WRONG.items()
    }
    with private.dealership.session() as session:
        reasons = session.scalars(select(LostReason.title_en).order_by(LostReason.position)).all()
    assert (reasons[-2:], reasons.count("Dirty")) == (["Dirty", "Other"], 1)
    app = Application(private.config)
    try:
        assert {failure.addon for failure in app.host.failures} == set(WRONG)
        number, manager = add(private.dealership), Visitor(app, "petukhov")
        paths = ("/sales", "/sales?view=board", f"/sales/{number}")
        assert [manager.get(path).status_code for path in paths] == [200] * len(paths)
    finally:
        app.close()


def test_columns_hold_the_longest_of_what_others_add() -> None:
    assert Worksheet.stage.type.length == hookspecs.STAGES.longest["code"]
    titles = (LostReason.title_ru, LostReason.title_en)
    assert {title.type.length for title in titles} == {hookspecs.LOST_REASONS.longest[title.key] for title in titles}
    assert ShippedRow.__table__.c.key.type.length == hookspecs.LOST_REASONS.longest["code"]
