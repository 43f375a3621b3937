"""Texts that no database keeps: taken out of forms, refused in addresses (SEC-30)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from sqlalchemy import func, select

from addons.contacts.models import ContactGoal, Customer, InboundContact
from core.web.app import Application
from core.work.models import TimelineEntry
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

UNSTORABLE = ("a\x00b", "a\x01b", "a\x1bb", "a\x7fb")
WORDS = "В тексте есть знаки, которые нельзя сохранить."


@pytest.fixture
def reception(app: Application) -> Visitor:
    return Visitor(app, "lebedeva")


def _register(dealership: Dealership, reception: Visitor, **more: str) -> tuple[int, str]:
    with dealership.session() as session:
        goal_id = session.scalar(select(ContactGoal.id).where(ContactGoal.channel == "phone").limit(1))
    fields = {"channel": "phone", "goal_id": str(goal_id), "client_text": "Иван", "customer_id_text": "Иван"}
    answer = reception.post("/reception", {**fields, "way": "transfer", **more})
    return answer.status_code, answer.text


def _counted(dealership: Dealership) -> tuple[int, int]:
    with dealership.session() as session:
        contacts = session.scalar(select(func.count(InboundContact.id))) or 0
        return contacts, session.scalar(select(func.count(TimelineEntry.id))) or 0


@pytest.mark.parametrize("text", UNSTORABLE)
def test_a_contact_is_registered_without_what_cannot_be_stored(
    dealership: Dealership, reception: Visitor, text: str
) -> None:
    status, _ = _register(dealership, reception, client_text=text, note=text, vehicle_text=text, once=text)
    assert status == 303
    with dealership.session() as session:
        contact = session.scalars(select(InboundContact).order_by(InboundContact.id.desc()).limit(1)).one()
        assert contact.note == "ab"
        contact_id = contact.id
    assert reception.post(f"/contact/{contact_id}/note", {"text": text}).status_code < 400


def test_tabs_and_line_ends_are_kept(dealership: Dealership, reception: Visitor) -> None:
    status, _ = _register(dealership, reception, note="строка\r\nдругая\tс табуляцией")
    assert status == 303
    with dealership.session() as session:
        assert "\t" in (session.scalar(select(InboundContact.note).order_by(InboundContact.id.desc())) or "")


@pytest.mark.parametrize("text", UNSTORABLE)
def test_addresses_with_what_cannot_be_stored_are_refused(reception: Visitor, text: str) -> None:
    for path in (f"/traffic?q={quote(text)}", f"/reception?client_text={quote(text)}", f"/clients?{quote(text)}=1"):
        assert reception.get(path).status_code == 400, path
    assert reception.post(f"/drafts/{quote(text)}", {"a": "b"}).status_code == 400


def test_a_fragment_is_refused_as_a_fragment(reception: Visitor) -> None:
    answer = reception.get("/reception?client_text=a%00b", headers={"HX-Request": "true"})
    assert answer.status_code == 400
    assert WORDS in answer.text
    assert "<html" not in answer.text


LONG = {"last_name": "Ж" * 160, "first_name": "Ж" * 80, "middle_name": "Ж" * 80}
"""Each fits into its column; the whole name into none."""


@pytest.mark.parametrize("names", [LONG, {"last_name": "Ж" * 5000, "first_name": "И"}])
def test_a_name_longer_than_its_column_is_refused_wherever_it_is_typed(
    dealership: Dealership, app: Application, reception: Visitor, names: dict[str, str]
) -> None:
    _register(dealership, reception)
    with dealership.session() as session:
        contact_id = session.scalar(select(func.max(InboundContact.id)))
    admin = Visitor(app, "admin")
    new = {**names, "legal_form": "person", "relation": "retail", "section.numbers": "1"}
    assert admin.post("/clients/new", {**new, "once": "long-name-1"}).status_code == 422
    assert admin.post(f"/contact/{contact_id}/client", {"legal_form": "person", **names}).status_code == 422
    status, page = _register(dealership, admin, customer_id="new", **names)
    assert (status, "Слишком длинно." in page) == (422, True)
    with dealership.session() as session:
        assert session.scalar(select(func.count(Customer.id))) == 0


def test_a_make_as_long_as_its_field_is_found_in_every_spelling(app: Application) -> None:
    """What it is found by is longer than what was typed."""
    saved = Visitor(app, "admin").post("/makes/new", {"name": "Щ" * 60, "name_ru": "Щ" * 60, "active": "1"})
    assert saved.status_code == 303
