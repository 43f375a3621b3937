"""The page of all directories, and the lists that the palette leads to (S0-06, S0-45, S1-73, S2-31)."""

from __future__ import annotations

import re

import pytest

from core.web.app import Application
from tests.screens.test_records_http import form
from tests.support.visitors import Visitor, app

__all__ = ["app"]

pytestmark = pytest.mark.addons("contacts", "sales")
OF_CONTACTS = ("/goals", "/ignore-reasons", "/request-reasons", "/lead-sources", "/makes", "/models")
OF_SALES = ("/lost-reasons",)


def test_an_administrator_finds_every_directory_of_every_addon(app: Application) -> None:
    admin = Visitor(app, "admin")
    page = admin.get("/directories").text
    for path in (*OF_CONTACTS, *OF_SALES):
        assert f'href="{path}?q="' in page, path
        assert admin.get(f"{path}?q=").status_code == 200
        assert f'href="{path}/new"' in admin.get(f"{path}?q=").text, path
    assert 'href="/directories"' in admin.get("/tasks").text


def test_who_looks_after_none_has_no_place_for_them_in_the_rail(app: Application) -> None:
    reception = Visitor(app, "lebedeva")
    assert 'href="/directories"' not in reception.get("/tasks").text
    page = reception.get("/directories").text
    assert 'href="/makes?q="' in page
    assert 'href="/lost-reasons?q="' not in page


def test_the_page_counts_in_one_statement(app: Application) -> None:
    page = Visitor(app, "admin").get("/directories").text
    assert "записей" in page or "записи" in page


@pytest.mark.parametrize(
    ("typed", "path"), [("марки", "/makes"), ("автомобили", "/vehicles"), ("рекламные", "/lead-sources")]
)
def test_lists_are_found_by_name(app: Application, typed: str, path: str) -> None:
    assert f'href="{path}"' in Visitor(app, "admin").get(f"/search?q={typed}", headers={"HX-Request": "true"}).text


def test_the_clients_lead_to_the_vehicles(app: Application) -> None:
    assert 'href="/vehicles"' in Visitor(app, "lebedeva").get("/clients?q=").text


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/makes", "name"),
        ("/models", "name"),
        ("/ignore-reasons", "title_ru"),
        ("/lead-sources", "title_ru"),
        ("/lost-reasons", "title_ru"),
        ("/goals", "purpose_ru"),
    ],
)
def test_what_there_is_already_is_told_at_its_field(app: Application, path: str, field: str) -> None:
    """SEC-30: whether it was to be made or to be called so, and what was typed is still there."""
    admin = Visitor(app, "admin")
    [first] = re.findall(rf'href="({path}/\d+)[?"]', admin.get(f"{path}?q=").text)[:1]
    fields = form(admin.get(f"{first}/edit").text) | {"once": ""}
    made = admin.post(f"{path}/new", fields | {field: "Другое"})
    assert made.status_code == 303, made.text
    of_it = form(admin.get(f"{made.location}/edit").text) | {"once": ""}
    for address, values in ((f"{path}/new", fields), (f"{made.location}/edit", of_it | {field: fields[field]})):
        answer = admin.post(address, values)
        assert answer.status_code == 422, (address, answer.text)
        assert f'id="{field}-error"' in answer.text
        assert "Такая запись уже есть" in answer.text


def test_an_administrator_adds_a_reason_and_it_is_offered(app: Application) -> None:
    """S0-06, S0-45: without a restart."""
    admin = Visitor(app, "admin")
    fields = {"title_ru": "Розыгрыш", "title_en": "A prank", "position": "5", "active": "y"}
    assert admin.post("/ignore-reasons/new", fields).status_code == 303
    assert "Розыгрыш" in admin.get("/ignore-reasons?q=").text
