"""Uninstalling an addon with documents: their head rows stay in the history, by name (X-12)."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from core.access.models import Department, User
from core.host import instance
from core.host.uninstalling import preview, uninstall
from core.web.app import Application
from core.work.office_models import NumberSeries
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor
from tests.uninstall import fingerprints

pytestmark = pytest.mark.addons("contacts", "sales")


KEEPING = {"contacts_document", "contacts_document_kind", "core_number_series"}
"""Tables that still speak of what was: the references, what they are called, and the series whose numbers they bear."""


SHOWN_CODE = re.compile(r"(?<!closed=)sales\.worksheet")
"""The code of a kind where people read it; the address that closes a group names it."""


def sell(dealership: Dealership, lead_source_id: int | None = None) -> int:
    """A worksheet of a client."""
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    with dealership.session() as session:
        showroom = session.scalars(select(Department).where(Department.kind == "showroom")).one()
        new = NewWorksheet(
            lead_source_id=lead_source_id,
            customer_text="Иванов Виктор",
            interest="Kia Rio",
            responsible_id=dealership.people["petukhov"],
            department_id=showroom.id,
            branch_id=showroom.branch_id,
        )
        return create_worksheet(session, new).id


def test_only_the_references_remain(dealership: Dealership) -> None:
    """Every row of others is as it was, and nothing but the references speaks of the addon."""
    config = dealership.config
    number = sell(dealership)
    before = fingerprints.data(config)
    instance.disable(config, "sales")
    found = preview(config, "sales")
    assert [(each.table, each.head, each.rows) for each in found.documents] == [
        ("sales_worksheet", "contacts_document", 1)
    ]
    done = uninstall(config, "sales")
    after = fingerprints.data(config)
    assert done.removed.kept == {"contacts_document": 1}
    assert not [name for name in fingerprints.schema(config) if name.startswith("sales_")]
    theirs = {name for name in before if not name.startswith(("core_", "sales_"))}
    assert {name: after.get(name) for name in theirs} == {name: before[name] for name in theirs}
    (document,) = after["contacts_document"]
    assert (document["id"], document["customer_text"]) == (number, "Иванов Виктор")
    assert "sales" not in str([after[name] for name in after if name not in KEEPING])


@pytest.mark.parametrize("gone", [False, True], ids=["disabled", "uninstalled"])
@pytest.mark.parametrize(
    ("language", "kind", "off"), [("ru", "Рабочий лист", "модуль отключён"), ("en", "Worksheet", "module is off")]
)
def test_a_reference_is_a_name_without_a_link(
    dealership: Dealership, gone: bool, language: str, kind: str, off: str
) -> None:
    """Wherever documents are shown; and what was not removed works on."""
    number, contact, client = _document_of_a_contact(dealership)
    instance.disable(dealership.config, "sales")
    if gone:
        uninstall(dealership.config, "sales")
    with dealership.session() as session:
        session.get_one(User, dealership.people["admin"]).language = language
    app = Application(dealership.config)
    try:
        admin = Visitor(app, "admin")
        named = f"{kind} РЛ-000001 ({off})"
        found = admin.get("/search?q=РЛ-000001").text
        export = admin.post("/documents/export", {"query": "", "kind": "csv", "format": "csv"}).text
        pages = {
            "journal": (admin.get("/documents").text, f"{kind} ({off})"),
            "groups": (admin.get("/documents?group=type").text, f"{kind} ({off})"),
            "row": (admin.get(f"/documents/{number}").text, named),
            "contact": (admin.get(f"/contact/{contact}").text, named),
            "client": (admin.get(f"/clients/{client}").text, named),
            "search": (found, f"{kind} ({off})"),
            "print": (admin.post("/documents/print", {"query": ""}).text, f"{kind} ({off})"),
            "export": (export, f"{kind} ({off})"),
        }
        assert [name for name, (page, words) in pages.items() if words not in page] == []
        assert [name for name, (page, _) in pages.items() if 'href="/sales' in page or SHOWN_CODE.search(page)] == []
        assert [admin.get(path).status_code for path in ("/admin", "/admin/addons", "/sales")] == [200, 200, 404]
    finally:
        app.close()


def test_a_kind_that_nobody_knows_is_a_document(dealership: Dealership) -> None:
    """Of an instance whose addon was off already when kinds began to be kept."""
    from addons.contacts.models import DocumentKind

    sell(dealership)
    instance.disable(dealership.config, "sales")
    with dealership.session() as session:
        for kind in session.scalars(select(DocumentKind)):
            session.delete(kind)
    app = Application(dealership.config)
    try:
        assert "Документ (модуль отключён)" in Visitor(app, "admin").get("/documents").text
    finally:
        app.close()


def _document_of_a_contact(dealership: Dealership) -> tuple[int, int, int]:
    """A contact of a client that has become a worksheet: the numbers of all three."""
    from addons.contacts.services import handling
    from tests.contacts.test_handling import Firm
    from tests.contacts.test_identifying import add_client, mine

    firm = Firm(dealership)
    try:
        client = add_client(firm, "Иванов", "+79031234567")
        contact = mine(firm, customer_id=client, client_text="")
        with firm.as_("petukhov") as session:
            return handling.create_document(session, contact, "sales.worksheet").id, contact, client
    finally:
        firm.database.dispose()


def test_no_number_is_given_twice(dealership: Dealership) -> None:
    """A reference bears its number for good, so an addon that comes back counts on."""
    sell(dealership)
    instance.disable(dealership.config, "sales")
    uninstall(dealership.config, "sales")
    instance.enable(dealership.config, ["sales"])
    sell(dealership)
    with dealership.session() as session:
        assert session.scalar(select(NumberSeries.last).where(NumberSeries.code == "sales.worksheet")) == 2


def test_without_documents_nothing_remains(dealership: Dealership) -> None:
    """The addon with documents, before its first: the instance that never had it looks the same."""
    config = dealership.config
    instance.disable(config, "sales")
    uninstall(config, "sales")
    before = fingerprints.taken(config)
    instance.enable(config, ["sales"])
    instance.disable(config, "sales")
    uninstall(config, "sales")
    assert fingerprints.taken(config) == before
