"""Lists for programs: paging, filters, order, properties, counts."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.testing.statements import Statements
from tests.api.conftest import Programs
from tests.api.program import Program
from tests.support.dealership import Dealership

pytestmark = pytest.mark.addons("contacts", "sales")
TRAFFIC = "/contacts/traffic"


def pages(program: Program, path: str, way: str = "next") -> list[list[int]]:
    """The ids of all pages from here on."""
    found = []
    address: str | None = path
    while address:
        page = program.get(address)
        assert page.status_code == 200, page.text
        found.append([item["id"] for item in page.json["items"]])
        address = page.json[way]
    return found


@pytest.mark.parametrize("sort", ["-at", "at", "client", "-responsible", "state"])
def test_pages_visit_each_row_once(program: Programs, sort: str) -> None:
    """W2a, SEC-29: forward and back again, whatever the order and however many share a value."""
    reception = program("lebedeva")
    ids = {reception.register(client_text=f"Клиент {place % 3}")["id"] for place in range(11)}
    forward = pages(reception, f"{TRAFFIC}?sort={sort}&limit=4")
    assert [len(page) for page in forward] == [4, 4, 3]
    assert {number for page in forward for number in page} == ids
    last = reception.get(f"{TRAFFIC}?sort={sort}&limit=4").json["next"]
    last = reception.get(last).json["next"]
    assert pages(reception, last, "previous") == forward[::-1]


def test_a_page_keeps_its_size_within_limits(program: Programs) -> None:
    """SEC-29: 1–500, whatever is asked."""
    admin = program("admin")
    assert len(admin.get("/contacts/goals?limit=0").json["items"]) == 1
    assert len(admin.get("/contacts/goals?limit=-7").json["items"]) == 1
    assert len(admin.get("/contacts/goals?limit=100000").json["items"]) == len(
        admin.get("/contacts/goals").json["items"]
    )
    assert admin.get("/contacts/goals?limit=ten").status_code == 400


def test_rows_are_counted_only_when_asked(program: Programs) -> None:
    reception = program("lebedeva")
    reception.register()
    assert "count" not in reception.get(TRAFFIC).json
    counted = reception.get(f"{TRAFFIC}?count=1").json
    assert (counted["count"], counted["count_capped"]) == (1, False)


def test_filters_search_and_properties(program: Programs) -> None:
    reception, specialist = program("lebedeva"), program("petukhov")
    mine = reception.register(client_text="Тарасов", responsible_id=specialist.user_id, phone="8 (916) 123-45-67")
    reception.register(client_text="Яшин")
    assert pages(specialist, f"{TRAFFIC}?responsible=me") == [[mine["id"]]]
    assert pages(specialist, f"{TRAFFIC}?state=assigned&state=waiting") == [[mine["id"]]]
    assert pages(specialist, f"{TRAFFIC}?q=tarasov") == [[mine["id"]]]
    found = specialist.get(f"{TRAFFIC}?q=tarasov&fields=number,client,phone,responsible_id,at").json["items"]
    assert found == [
        {
            "id": mine["id"],
            "number": mine["number"],
            "client": "Тарасов",
            "phone": "+79161234567",
            "responsible_id": specialist.user_id,
            "at": mine["at"],
        }
    ]
    assert found[0]["at"].endswith("Z")


UNKNOWN = (
    "nonsense=1",
    "state=nonsense",
    "sort=nonsense",
    "sort=goal_id",
    "fields=nonsense",
    "fields=search_key",
    "period=1",
    "after=nonsense",
    "count=maybe",
    "q=%00",
)
OF_PAGES_ONLY = ("group=state", "cols=client", "view=board", "exact=1", "closed=1")


@pytest.mark.parametrize("query", [*UNKNOWN, *OF_PAGES_ONLY])
def test_unknown_names_and_values_are_refused(program: Programs, query: str) -> None:
    """SEC-4, SEC-29, SEC-30; what only pages have is unknown here."""
    answer = program("lebedeva").get(f"{TRAFFIC}?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_only_own_rows_are_listed_and_counted(program: Programs) -> None:
    """SEC-2: the workshop sees nothing of the showroom."""
    program("lebedeva").register()
    workshop = program("volkov")
    assert workshop.get(f"{TRAFFIC}?count=1").json["items"] == []
    assert workshop.get(f"{TRAFFIC}?count=1").json["count"] == 0


def test_another_addons_column_is_asked_once_a_page(program: Programs) -> None:
    admin = program("admin")
    clients = [admin.post("/contacts/clients", {"last_name": f"Клиент {place}"}).json["id"] for place in range(3)]
    sheet = admin.post("/sales/worksheets", {"customer_id": clients[0], "interest": "Chery"}).json
    with Statements(admin.app.database) as statements:
        items = admin.get("/contacts/clients?fields=name,worksheet").json["items"]
    assert [item["worksheet"] for item in items] == [sheet["number"], None, None]
    assert sum("FROM sales_worksheet" in text for text in statements.texts) == 1
    with Statements(admin.app.database) as statements:
        admin.get("/contacts/clients?fields=name")
    assert not any("FROM sales_worksheet" in text for text in statements.texts)


def test_the_number_of_statements_does_not_grow(program: Programs) -> None:
    """PERFORMANCE: a page takes two statements with the token's and one for each column of an addon, for any rows."""
    reception = program("lebedeva")
    reception.register()
    reception.get(TRAFFIC)
    with Statements(reception.app.database) as one:
        reception.get(TRAFFIC)
    for _ in range(9):
        reception.register()
    with Statements(reception.app.database) as ten:
        assert len(reception.get(TRAFFIC).json["items"]) == 10
    assert len(ten.texts) == len(one.texts)
    assert len([text for text in ten.texts if not re.search(r"\b(sales|service)_", text)]) == 2


def test_kept_plans_are_few(program: Programs) -> None:
    """Whatever properties are asked for, a process keeps the plan of the usual ones and of all."""
    admin = program("admin")
    resource = admin.app.api.resources["contacts.clients"]
    names = list(resource.outputs)
    for place in range(len(names) - 1):
        assert admin.get(f"/contacts/clients?fields={names[place]},{names[place + 1]}").status_code == 200
    assert len(resource.mounted.plans) <= 2


def test_each_caller_reads_his_own_language(program: Programs) -> None:
    russian: Any = program("admin", "ru").get("/contacts/reasons?limit=1").json
    english: Any = program("admin", "en").get("/contacts/reasons?limit=1").json
    assert russian["items"][0]["title"] != english["items"][0]["title"]


def test_the_trail_hides_what_its_page_hides(program: Programs, dealership: Dealership) -> None:
    """SEC-4: a column that draws its values is words here too, and never what it left out."""
    admin = program("admin")
    manager = program("petukhov")
    client = manager.post("/contacts/clients", {"last_name": "Тарасов"}).json
    manager.patch(f"/contacts/clients/{client['id']}", {"last_name": "Ветров", "version": client["version"]})
    entries = admin.get("/core/audit?limit=20").json["items"]
    assert all(isinstance(entry["changes"], str) for entry in entries)
    assert any("Тарасов → Ветров" in entry["changes"] for entry in entries)
    page = admin.app.screens["core.audit"]
    assert next(column for column in page.columns if column.name == "changes").draw is not None
