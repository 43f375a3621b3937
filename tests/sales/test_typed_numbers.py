"""A phone number finds its records in every list, as people write it (S0-34, X-04)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from addons.contacts.services import handling
from addons.contacts.services.documents import find_documents
from core.web.app import Application
from tests.contacts.test_handling import Firm, firm
from tests.contacts.test_identifying import add_client, mine
from tests.support.visitors import Visitor

__all__ = ["firm"]

SPELLINGS = ("+79031234567", "89031234567", "8 903 123-45-67", "+7 (903) 123-45-67", "9031234567", "123-45-67")
LISTS = ("/clients", "/traffic", "/documents", "/sales")


@pytest.fixture
def worksheet(firm: Firm) -> int:
    """A worksheet of somebody with this number, beside a client with another one."""
    add_client(firm, "Петров", "+79031234568")
    contact = mine(firm, customer_id=add_client(firm, "Иванов", "+79031234567"), client_text="")
    with firm.as_("petukhov") as session:
        return handling.create_document(session, contact, "sales.worksheet").id


@pytest.mark.parametrize("typed", SPELLINGS)
def test_a_number_finds_in_lists_and_in_the_picker(firm: Firm, worksheet: int, app: Application, typed: str) -> None:
    manager = Visitor(app, "petukhov")
    for path in LISTS:
        page = manager.get(f"{path}?q={quote(typed)}").text
        assert "Иванов Пётр" in page, path
        assert "Петров Пётр" not in page, path
    assert "Иванов Пётр" in manager.get(f"/sales/lookup/customer_id?q={quote(typed)}").text
    with firm.as_("petukhov") as session:
        assert [each.id for each in find_documents(session, typed)] == [worksheet]
        assert find_documents(session, "+79031234599") == []
