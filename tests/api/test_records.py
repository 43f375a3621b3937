"""Records for programs: added, changed, deleted by the same services as from forms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from core.db.audit import AuditEntry, AuditValue
from tests.api.conftest import Programs
from tests.support.dealership import Dealership

pytestmark = pytest.mark.addons("contacts", "sales")
CLIENTS, VEHICLES, WORKSHEETS = "/contacts/clients", "/contacts/vehicles", "/sales/worksheets"


def test_a_record_is_added_and_read(program: Programs) -> None:
    reception = program("lebedeva")
    added = reception.post(CLIENTS, {"last_name": " Тарасов ", "first_name": "Илья", "relation": "retail"})
    assert added.status_code == 201
    assert added.headers["Location"] == f"/api/v1{CLIENTS}/{added.json['id']}"
    read = reception.get(added.headers["Location"])
    assert read.json == added.json
    assert read.headers["ETag"] == added.headers["ETag"] == f'"{read.json["version"]}"'
    assert (read.json["name"], read.json["legal_form"]) == ("Тарасов Илья", "person")


def test_money_is_kopecks_and_moments_are_utc(program: Programs) -> None:
    manager = program("petukhov")
    client = manager.post(CLIENTS, {"last_name": "Тарасов"}).json["id"]
    sent = {
        "customer_id": client,
        "budget": 350000050,
        "next_step_at": "2026-11-20T14:07:00+03:00",
        "interest": "Chery",
    }
    sheet = manager.post(WORKSHEETS, sent).json
    assert (sheet["budget"], sheet["next_step_at"]) == (350000050, "2026-11-20T11:07:00Z")
    assert sheet["responsible_id"] == manager.user_id


def test_a_change_keeps_what_it_does_not_name(program: Programs) -> None:
    reception = program("lebedeva")
    client = reception.post(CLIENTS, {"last_name": "Тарасов", "email": "t@example.org"})
    changed = reception.patch(client.headers["Location"], {"first_name": "Илья"}, If_Match=client.headers["ETag"])
    assert changed.status_code == 200
    assert (changed.json["first_name"], changed.json["email"]) == ("Илья", "t@example.org")
    assert changed.json["version"] > client.json["version"]
    again = reception.patch(client.headers["Location"], {"email": "", "version": changed.json["version"]})
    assert again.json["email"] == ""


def test_a_stale_change_gets_both_versions(program: Programs) -> None:
    """SEC-49: nothing is overwritten."""
    reception = program("lebedeva")
    client = reception.post(CLIENTS, {"last_name": "Тарасов"})
    path, first = client.headers["Location"], client.json["version"]
    reception.patch(path, {"first_name": "Илья", "version": first})
    stale = reception.patch(path, {"first_name": "Иван", "version": first})
    assert stale.status_code == 409
    assert stale.json["sent"] == {"version": first, "first_name": "Иван"}
    assert stale.json["stored"]["first_name"] == "Илья"
    assert reception.get(path).json["first_name"] == "Илья"
    assert reception.patch(path, {"first_name": "Иван"}).status_code == 428
    assert reception.patch(path, {"first_name": "Иван"}, If_Match="*").status_code == 400


def test_of_changes_at_once_one_is_kept(program: Programs) -> None:
    """SEC-49: each of four was made from the same version; one is stored, three are told."""
    reception = program("lebedeva")
    client = reception.post(CLIENTS, {"last_name": "Тарасов"})
    people = [program("lebedeva") for _ in range(4)]

    def change(place: int) -> int:
        body = {"first_name": f"имя {place}", "version": client.json["version"]}
        return people[place].patch(client.headers["Location"], body).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, range(4))) == [200, 409, 409, 409]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"last_name": "Т", "no_such_field": 1}, "no_such_field"),
        ({"last_name": "Т", "id": 5}, "id"),
        ({"last_name": "Т", "version": 5}, "version"),
        ({"last_name": "Т", "created_by_id": 5}, "created_by_id"),
        ({"last_name": "Т", "branch_id": 1}, "branch_id"),
        ({"last_name": 5}, "last_name"),
        ({"last_name": None}, "last_name"),
        ({"last_name": "Т" * 5000}, "last_name"),
        ({"last_name": "Т", "vip": "yes"}, "vip"),
        ({"last_name": "Т", "legal_form": "robot"}, "legal_form"),
        ({"last_name": "Т", "responsible_id": 999999}, "responsible_id"),
        ({"last_name": "Т", "responsible_id": 2**63}, "responsible_id"),
        ({"last_name": "Т", "email": "no address"}, "email"),
        ({}, "last_name"),
    ],
)
def test_each_wrong_field_is_named(program: Programs, body: dict[str, Any], field: str) -> None:
    """SEC-4, SEC-7: stamps, owners and unknown names are refused alike."""
    answer = program("lebedeva").post(CLIENTS, body)
    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [field]


def test_refusals_speak_the_callers_language(program: Programs) -> None:
    body = {"last_name": "Т", "no_such_field": 1}
    assert program("lebedeva", "ru").post(CLIENTS, body).json["errors"]["no_such_field"] == [
        "Такого поля нет, или здесь его задать нельзя."
    ]
    english = program("lebedeva", "en").post(CLIENTS, body).json
    assert english["errors"]["no_such_field"] == ["There is no such field, or it cannot be set here."]
    assert english["title"] == "Check what you entered"


def test_an_addons_section_is_an_object_in_the_record(program: Programs) -> None:
    manager, reception = program("petukhov"), program("lebedeva")
    sent = {"last_name": "Тарасов", "sales": {"budget": 250000000, "payment": "credit"}}
    client = manager.post(CLIENTS, sent)
    path = client.headers["Location"]
    assert client.json["sales"]["budget"] == 250000000
    changed = manager.patch(path, {"sales": {"payment": "cash"}, "version": client.json["version"]})
    assert (changed.json["sales"]["budget"], changed.json["sales"]["payment"]) == (250000000, "cash")
    assert "sales" not in reception.get(path).json
    refused = reception.post(CLIENTS, sent)
    assert list(refused.json["errors"]) == ["sales"]
    wrong = manager.post(CLIENTS, {"last_name": "Т", "sales": {"budget": "many", "colour": "red"}})
    assert sorted(wrong.json["errors"]) == ["sales.budget", "sales.colour"]


def test_a_record_of_others_is_unknown(program: Programs) -> None:
    """SEC-3: a foreign record is answered like a missing one."""
    sheet = program("petukhov").post(WORKSHEETS, {"customer_id": _client(program), "interest": "Chery"}).json
    reception = program("lebedeva")
    assert reception.get(f"{WORKSHEETS}/{sheet['id']}").status_code == 403
    contact = reception.register()
    foreign = program("volkov").get(f"/contacts/traffic/{contact['id']}")
    missing = program("volkov").get("/contacts/traffic/999999")
    assert (foreign.status_code, foreign.json) == (404, missing.json)


def test_a_right_on_own_records_reaches_own_records(program: Programs) -> None:
    """SEC-6: managers read the department's worksheets and change their own."""
    sheet = program("petukhov").post(WORKSHEETS, {"customer_id": _client(program), "interest": "Chery"}).json
    path, body = f"{WORKSHEETS}/{sheet['id']}", {"interest": "Omoda", "version": sheet["version"]}
    colleague = program("sokolova")
    assert colleague.get(path).status_code == 200
    assert colleague.patch(path, body).status_code == 403
    assert program("petukhov").patch(path, body).status_code == 200


def test_deleting(program: Programs) -> None:
    admin = program("admin")
    make = admin.post("/contacts/make_list", {"name": "Фаэтон"})
    assert admin.call("DELETE", make.headers["Location"]).status_code == 428
    stale = admin.call("DELETE", make.headers["Location"], If_Match='"99"')
    assert stale.status_code == 409
    assert admin.call("DELETE", make.headers["Location"], If_Match=make.headers["ETag"]).status_code == 204
    assert admin.get(make.headers["Location"]).status_code == 404


def test_what_is_needed_is_not_deleted(program: Programs) -> None:
    admin = program("admin")
    client = _client(program)
    admin.post(WORKSHEETS, {"customer_id": client, "interest": "Chery"})
    refused = admin.call("DELETE", f"{CLIENTS}/{client}", If_Match='"1"')
    assert refused.status_code == 409
    assert admin.get(f"{CLIENTS}/{client}").status_code == 200


def test_two_of_one_kind_clash(program: Programs) -> None:
    admin = program("admin")
    assert admin.post("/contacts/make_list", {"name": "Фаэтон"}).status_code == 201
    assert admin.post("/contacts/make_list", {"name": "Фаэтон"}).status_code == 409


def test_a_request_with_a_key_happens_once(program: Programs) -> None:
    """SEC-48: the second sending gives the first result; another body or person is another thing."""
    reception = program("lebedeva")
    first = reception.post(CLIENTS, {"last_name": "Тарасов"}, Idempotency_Key="order-1")
    second = reception.post(CLIENTS, {"last_name": "Тарасов"}, Idempotency_Key="order-1")
    assert (second.status_code, second.json) == (201, first.json)
    assert second.headers["Location"] == first.headers["Location"]
    assert reception.post(CLIENTS, {"last_name": "Другой"}, Idempotency_Key="order-1").status_code == 422
    other = program("admin").post(CLIENTS, {"last_name": "Тарасов"}, Idempotency_Key="order-1")
    assert other.json["id"] != first.json["id"]
    assert reception.post(CLIENTS, {"last_name": "Т"}, Idempotency_Key="x" * 256).status_code == 400


def test_a_key_used_at_once_adds_one(program: Programs) -> None:
    """SEC-48: four at the same time, one record."""
    people = [program("lebedeva") for _ in range(4)]

    def add(place: int) -> tuple[int, int]:
        answer = people[place].post(CLIENTS, {"last_name": "Тарасов"}, Idempotency_Key="order-1")
        return answer.status_code, answer.json["id"]

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(add, range(4)))) == 1
    assert len(people[0].get(CLIENTS).json["items"]) == 1


def test_reads_are_counted(program: Programs) -> None:
    """SEC-63: a program that reads a list has read each of its cards."""
    reception = program("lebedeva")
    ids = {reception.post(CLIENTS, {"last_name": f"Клиент {place}"}).json["id"] for place in range(3)}
    reception.app.reads.write(reception.app.clock())
    reception.get(CLIENTS)
    assert {read.subject_id for read in reception.app.reads._reads} == ids


def test_a_list_that_is_read_stands_in_the_trail_once_an_hour(program: Programs, dealership: Dealership) -> None:
    """SEC-63: what programs take out is an export; an empty answer is none."""
    reception = program("lebedeva")
    reception.get(CLIENTS)
    assert exports(dealership) == []
    for place in range(3):
        reception.post(CLIENTS, {"last_name": f"Клиент {place}"})
    for _ in range(2):
        reception.get(f"{CLIENTS}?limit=2&vip=0")
    noted = {"screen": "contacts.clients", "format": "api", "filter": "vip=0", "rows": 2}
    assert exports(dealership) == [noted]
    program("petukhov").get(CLIENTS)
    assert len(exports(dealership)) == 2


def exports(dealership: Dealership) -> list[dict[str, Any]]:
    """What the trail says of exports."""
    statement = select(AuditValue.changes).join(AuditEntry).where(AuditEntry.action == "export").order_by(AuditEntry.id)
    with dealership.session() as session:
        return list(session.scalars(statement))


def _client(program: Programs) -> int:
    found: int = program("petukhov").post(CLIENTS, {"last_name": "Тарасов"}).json["id"]
    return found
