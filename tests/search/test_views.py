"""The search as it is asked for: the palette's list and the page without scripts."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from core.access.models import Department
from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

FRAGMENT = {"X-Fragment": "1"}


def hrefs(html: str) -> list[str]:
    return re.findall(r'role="option"[^>]*href="([^"]+)"', html)


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))


def test_the_palette_begins_with_the_commands(app: Application) -> None:
    answer = Visitor(app, "lebedeva").get("/search", headers=FRAGMENT)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert {"/profile", "/profile/security", "/keys", "/notifications"} <= set(hrefs(answer.text))


def test_every_command_and_hit_can_be_opened(app: Application, addon_set: tuple[str, ...]) -> None:
    """Everything only with the person's rights: no line leads to a refusal."""
    for login in ("lebedeva", "petukhov", "admin"):
        visitor = Visitor(app, login)
        found = hrefs(visitor.get("/search", headers=FRAGMENT).text)
        if "contacts" in addon_set:
            found += hrefs(visitor.get("/search?q=мерс", headers=FRAGMENT).text)
            found += hrefs(visitor.get("/search?q=000482", headers=FRAGMENT).text)
        links = {href: href.replace("&amp;", "&") for href in found}
        statuses = {href: visitor.get(link, follow_redirects=True).status_code for href, link in links.items()}
        assert {href: status for href, status in statuses.items() if status != 200} == {}


@pytest.mark.parametrize("path", ["/search", "/search?q=", "/search?q=%20", "/search?q=xyzxyz"])
def test_the_page_works_without_scripts(app: Application, path: str) -> None:
    answer = Visitor(app, "lebedeva").get(path)
    assert answer.status_code == 200
    assert '<form class="card-b line" role="search" method="get" action="/search">' in answer.text


@pytest.mark.parametrize("query", ["%00", "%ED%A0%80", "a" * 5000, "%F0%9F%98%80", "%22%3E%3Cscript%3E"])
def test_bad_input_is_never_a_fault(app: Application, query: str) -> None:
    """SEC-30, SEC-25: refused or searched for, and never part of the page's own markup."""
    answer = Visitor(app, "lebedeva").get(f"/search?q={query}")
    assert answer.status_code in (200, 400)
    assert "<script>" not in answer.text


def test_strangers_are_sent_to_sign_in(app: Application) -> None:
    assert Visitor(app).get("/search?q=иванов").status_code == 303


@pytest.mark.addons("contacts")
def test_the_corrected_layout_is_said(app: Application) -> None:
    """S2-32: «Раскладка исправлена: иванов»."""
    visitor = Visitor(app, "lebedeva")
    for headers in (FRAGMENT, {}):
        html = visitor.get("/search?q=bdfyjd", headers=headers).text
        assert "Раскладка исправлена: иванов" in text_of(html)
        assert "<mark>Иванов</mark>" in html
    assert "Раскладка исправлена" not in visitor.get("/search?q=иванов").text


@pytest.mark.addons("contacts")
def test_a_document_of_an_absent_addon_leads_to_the_journal(app: Application) -> None:
    """X-12."""
    html = Visitor(app, "admin").get("/search?q=ЗН-011382", headers=FRAGMENT).text
    assert any(href.startswith("/documents?q=") for href in hrefs(html))


@pytest.mark.addons("contacts", "sales")
def test_a_document_leads_to_its_own_page_or_for_others_to_the_journal(
    app: Application, dealership: Dealership
) -> None:
    """Who may see the document but not its addon's pages is led where he may go."""
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    with dealership.session() as session:
        department_id = session.scalars(select(Department.id).where(Department.kind == "showroom")).one()
        document = create_worksheet(session, NewWorksheet(customer_text="Лунёв Пётр", department_id=department_id))
    (own,) = hrefs(Visitor(app, "kravtsov").get("/search?q=лунёв", headers=FRAGMENT).text)
    (journal,) = hrefs(Visitor(app, "lebedeva").get("/search?q=лунёв", headers=FRAGMENT).text)
    assert own == f"/sales/{document.id}"
    assert journal.startswith("/documents?q=")


@pytest.mark.addons("contacts")
def test_a_new_client_is_a_command_for_those_who_may_make_one(app: Application) -> None:
    html = Visitor(app, "lebedeva").get("/search?q=клиент", headers=FRAGMENT).text
    assert "Создать: Клиент" in text_of(html)
    assert "/clients/new" in hrefs(html)


def test_the_keyboard_map_as_dialog_and_as_page(app: Application) -> None:
    visitor = Visitor(app, "lebedeva")
    dialog, page = visitor.get("/keys", headers=FRAGMENT).text, visitor.get("/keys").text
    assert "data-screen-keys" in dialog
    assert "<html" not in dialog
    assert page.count('id="keys-title"') == 1
    for html in (dialog, page):
        assert "<kbd>Ctrl K</kbd>" in html
