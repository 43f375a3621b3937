"""The pages of duplicates, merging and importing, asked as a browser without scripts does."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Customer, CustomerPhone, Import, Merge, OdometerReading, Vehicle
from addons.contacts.services import merging
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.lookup import find_customers
from addons.contacts.services.records import change_vehicle, create_vehicle
from core.db.audit import AuditEntry, AuditValue
from core.testing.visitors import ORIGIN
from core.web.app import Application
from core.work.models import TimelineSubject
from core.work.personal_models import CardRead
from core.work.personal_watch import EXPORT
from tests.api.program import Program
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

FILE = "Код клиента;Фамилия;Имя;Телефоны\n1;Иванов;Иван;89031234567\n2;Петров;Пётр;12345\n"
NEW = {"legal_form": "person", "relation": "retail", "section.numbers": "1"}


@pytest.fixture
def admin(app: Application) -> Visitor:
    """The administrator."""
    return Visitor(app, "admin")


def _add(dealership: Dealership, last: str, **more: object) -> int:
    with dealership.session() as session:
        branch_id = session.scalar(select(func.min(Customer.branch_id))) or 1
        data = CustomerData(last_name=last, first_name="Иван", branch_id=branch_id, **more)  # type: ignore[arg-type]
        return create_customer(session, data).id


def _count(dealership: Dealership) -> int:
    with dealership.session() as session:
        return session.scalar(select(func.count(Customer.id)).where(Customer.merged_into_id.is_(None))) or 0


def _confirmed(page: str) -> str:
    found = re.search(r'name="confirmed" value="([^"]+)"', page)
    assert found is not None
    return unescape(found[1])


# --- duplicates -----------------------------------------------------------------------------------


@pytest.mark.addons("contacts", "sales")
def test_all_mistakes_of_a_form_are_told_at_once(admin: Visitor) -> None:
    """Those of a field, of its service, and of the sections of addons; the numbers stand where they are asked for."""
    wrong = {"email": "a@b", "numbers-phones": "89", "section.sales": "1", "sales-budget": "много"}
    answer = admin.post("/clients/new", {**NEW, "last_name": "Новиков", "once": "k9", **wrong})
    assert answer.status_code == 422
    for name in ("email", "numbers-phones", "sales-budget"):
        assert f'id="{name}-error"' in answer.text, name
    assert answer.text.index('name="numbers-phones"') < answer.text.index('name="note"')


def test_a_company_is_not_asked_for_what_only_people_have(admin: Visitor) -> None:
    fields = {**NEW, "last_name": "Ромашка", "email": "a@b", "once": "k8"}
    asked = [
        "data-unasked-now" in admin.post("/clients/new", {**fields, "legal_form": form, "middle_name": name}).text
        for form, name in (("person", ""), ("company", ""), ("company", "Ильич"))
    ]
    assert asked == [False, True, False]


def test_a_client_with_a_known_number_is_saved_only_after_a_look(dealership: Dealership, admin: Visitor) -> None:
    """PEERS.md §2 row 6: the warning comes before saving."""
    known = _add(dealership, "Щербаков", phones=["89031234567"])
    fields = {**NEW, "last_name": "Новиков", "first_name": "Олег", "numbers-phones": "8 (903) 123-45-67", "once": "k1"}
    asked = admin.post("/clients/new", fields)
    assert asked.status_code == 409
    assert "Щербаков Иван" in asked.text
    assert f"/clients/{known}" in asked.text
    assert 'value="Новиков"' in asked.text
    assert _count(dealership) == 1
    saved = admin.post("/clients/new", {**fields, "confirmed": _confirmed(asked.text)})
    assert saved.status_code == 303
    assert _count(dealership) == 2
    with dealership.session() as session:
        assert session.scalar(select(func.count(CustomerPhone.id))) == 2


def test_a_duplicate_that_came_meanwhile_is_asked_about_again(dealership: Dealership, admin: Visitor) -> None:
    _add(dealership, "Щербаков", phones=["89031234567"])
    fields = {**NEW, "last_name": "Новиков", "first_name": "Олег", "numbers-phones": "89031234567"}
    confirmed = _confirmed(admin.post("/clients/new", fields).text)
    _add(dealership, "Белов", phones=["89031234567"])
    asked = admin.post("/clients/new", {**fields, "confirmed": confirmed})
    assert asked.status_code == 409
    assert "Белов Иван" in asked.text


def test_changing_a_client_into_another_offers_to_merge_them(dealership: Dealership, admin: Visitor) -> None:
    known, other = _add(dealership, "Щербаков"), _add(dealership, "Иное")
    asked = admin.post(f"/clients/{other}/edit", {**NEW, "last_name": "Щербаков", "first_name": "Иван", "version": "2"})
    if asked.status_code == 409 and "confirmed" not in asked.text:
        asked = admin.post(
            f"/clients/{other}/edit", {**NEW, "last_name": "Щербаков", "first_name": "Иван", "version": "1"}
        )
    assert asked.status_code == 409
    assert unescape(asked.text).count(f"/clients/merge?id={known}&id={other}") == 1


def test_a_program_is_told_what_to_look_at_and_confirms_it_by_its_keys(
    dealership: Dealership, app: Application
) -> None:
    known = _add(dealership, "Щербаков", phones=["89031234567"])
    program = Program(app, dealership, "admin")
    body = {"last_name": "Щербаков", "first_name": "Иван"}
    asked = program.post("/contacts/clients", body)
    assert asked.status_code == 409
    (doubt,) = asked.json["doubts"]
    assert (doubt["key"], doubt["title"]) == (f"duplicate.{known}", "Щербаков Иван")
    assert doubt["reasons"] == ["Same name"]
    assert program.post("/contacts/clients", body, Confirmed=doubt["key"]).status_code == 201
    assert _count(dealership) == 2


# --- merging --------------------------------------------------------------------------------------


def test_two_selected_clients_are_compared_merged_and_separated_again(dealership: Dealership, admin: Visitor) -> None:
    kept = _add(dealership, "Щербаков", phones=["89031234567"])
    gone = _add(dealership, "Щербакова", email="ivan@example.org", phones=["84951112233"])
    listed = admin.get("/clients?q=")
    assert "/clients/merge/choose" in listed.text
    chosen = admin.post("/clients/merge/choose", {"id": [str(kept), str(gone)], "query": ""})
    assert chosen.location == f"/clients/merge?id={kept}&id={gone}"
    page = admin.get(chosen.location)
    assert page.status_code == 200
    assert "ivan@example.org" in page.text
    fields = {"id": [str(kept), str(gone)], "keep": str(kept), "field.last_name": str(gone)}
    done = admin.post("/clients/merge", fields)
    assert done.status_code == 303, done.text
    told = admin.get(done.location)
    assert told.status_code == 200
    assert "<dt>core</dt>" not in told.text
    with dealership.session() as session:
        assert session.get_one(Customer, kept).name == "Щербакова Иван"
        assert session.get_one(Customer, kept).email == "ivan@example.org"
    assert admin.get(f"/clients/{gone}").location == f"/clients/{kept}"
    assert done.location in admin.get(f"/clients/{kept}").text
    undone = admin.post(f"{done.location}/undo")
    assert undone.status_code == 303
    assert _count(dealership) == 2
    assert admin.get(undone.location).status_code == 200
    assert admin.post(f"{done.location}/undo").status_code == 409


def test_what_cannot_be_merged_is_said_on_the_page(dealership: Dealership, admin: Visitor) -> None:
    one, two = _add(dealership, "Щербаков"), _add(dealership, "ООО", legal_form="company")
    assert admin.post("/clients/merge/choose", {"id": [str(one)]}).status_code == 422
    with dealership.session() as session:
        session.get_one(Customer, one).first_name = ""
    fields = {"id": [str(one), str(two)], "keep": str(one), "field.legal_form": str(two), "field.first_name": str(one)}
    refused = admin.post("/clients/merge", fields)
    assert refused.status_code == 422
    assert "first_name-error" in refused.text
    for broken in ({}, {"id": ["1", "x"]}, {"id": [str(one), str(two)], "keep": "999"}):
        assert admin.post("/clients/merge", broken).status_code == 400
    assert admin.get("/clients/merge").status_code == 400
    assert admin.get(f"/clients/merge?id={one}&id={two}&keep={one + two}").status_code == 400
    assert admin.get("/clients/merge?id=998&id=999").status_code == 404


def test_merging_needs_its_right(dealership: Dealership, app: Application) -> None:
    """SEC-1."""
    reception = Visitor(app, "lebedeva")
    ids = [str(_add(dealership, "Щербаков")), str(_add(dealership, "Щербакова"))]
    assert reception.post("/clients/merge", {"id": ids, "keep": ids[0]}).status_code == 403
    assert "/clients/merge/choose" not in reception.get("/clients?q=").text
    assert reception.get("/clients/import").status_code == 403
    with dealership.session() as session:
        assert session.scalar(select(func.count(Merge.id))) == 0


# --- importing ------------------------------------------------------------------------------------


def _upload(admin: Visitor, content: str = FILE, name: str = "клиенты.csv") -> str:
    answer = admin.post("/clients/import", {"file": (io.BytesIO(content.encode("cp1251")), name)})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_file_goes_all_the_way_without_scripts(dealership: Dealership, admin: Visitor) -> None:
    assert admin.get("/clients/import").status_code == 200
    address = _upload(admin)
    columns = admin.get(address)
    assert columns.status_code == 200
    assert re.search(r'<option value="external_id" selected>', columns.text)
    mapped = {"column.0": "external_id", "column.1": "last_name", "column.2": "first_name", "column.3": "phones"}
    twice = admin.post(f"{address}/columns", {**mapped, "column.2": "last_name"})
    assert twice.status_code == 422
    assert "column.2-error" in twice.text
    assert admin.post(f"{address}/columns", {**mapped, "match_known": "1"}).location == address
    assert admin.get(address).status_code == 200
    assert admin.post(f"{address}/advance").location == address
    checked = admin.get(address)
    assert "<td>Петров Пётр</td><td><div>Телефоны: «12345» — не номер телефона" in checked.text
    assert _count(dealership) == 0
    problems = admin.get(f"{address}/problems")
    assert problems.headers["Content-Disposition"].startswith("attachment")
    assert problems.data[:2] == b"PK"
    assert [(each["screen"], each["rows"]) for each in _exports(dealership)] == [("contacts.import_problems", 1)]
    assert admin.get(f"{address}?columns=1").status_code == 200
    assert admin.post(f"{address}/run").location == address
    assert admin.post(f"{address}/run").status_code == 409
    last = admin.post(f"{address}/advance", headers={"HX-Request": "true"})
    assert (last.status_code, last.headers["HX-Redirect"]) == (204, address)
    assert admin.get(address).status_code == 200
    assert _count(dealership) == 1
    assert admin.get("/clients/import").status_code == 200


def test_the_page_shows_how_far_it_has_got(admin: Visitor) -> None:
    rows = "".join(f"{number};Клиент{number};Имя;\n" for number in range(300))
    address = _upload(admin, "Код клиента;Фамилия;Имя;Телефоны\n" + rows)
    admin.post(f"{address}/columns", {"column.0": "external_id", "column.1": "last_name"})
    part = admin.post(f"{address}/advance", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert 'id="import-progress"' in part.text
    assert "<html" not in part.text
    assert admin.post(f"{address}/cancel").location == address
    assert admin.get(address).status_code == 200


def test_a_bad_file_is_refused_on_the_page(dealership: Dealership, admin: Visitor) -> None:
    """SEC-31, SEC-33."""
    program = {"file": (io.BytesIO(b"MZ\x00\x01"), "a.csv")}
    headers = {"Origin": ORIGIN, "X-CSRF-Token": admin.token(), "Content-Type": "multipart/form-data; boundary=x"}
    large = admin.client.post("/clients/import", data=b"a" * (21 * 1024 * 1024), headers=headers)
    assert admin.post("/clients/import", program).status_code == 422
    assert admin.post("/clients/import", {}).status_code == 422
    assert large.status_code == 413
    with dealership.session() as session:
        assert session.scalar(select(func.count(Import.id))) == 0


def test_files_of_ours(dealership: Dealership, admin: Visitor) -> None:
    _add(dealership, "Щербаков", note="=1+1", phones=["89031234567"])
    assert admin.get("/clients/import/template").data[:2] == b"PK"
    text = admin.post("/clients/import/data", {"format": "csv"}).data.decode("utf-8-sig")
    assert "Щербаков;Иван" in text
    assert "'=1+1" in text  # SEC-35
    assert "+79031234567" in text
    assert admin.post("/clients/import/data", {"format": "exe"}).status_code == 400


# --- the panels of the card -----------------------------------------------------------------------


def test_a_number_somebody_else_has_is_added_from_the_card_only_after_a_look(
    dealership: Dealership, admin: Visitor
) -> None:
    """The panel asks what the form asks; a number nobody has is added at once."""
    _add(dealership, "Щербаков", phones=["89031234567"])
    other = _add(dealership, "Орлов")
    address = f"/clients/{other}/phone"
    asked = admin.post(address, {"phone": "8 903 123-45-67"})
    assert asked.status_code == 409
    assert "Щербаков" in asked.text
    assert "Тот же телефон" in asked.text
    assert _numbers(dealership, other) == []
    answer = admin.post(address, {"phone": "8 903 123-45-67", "confirmed": _confirmed(asked.text)})
    assert answer.location == f"/clients/{other}"
    assert admin.post(address, {"phone": "89035556677"}).status_code == 303
    assert _numbers(dealership, other) == ["+79031234567", "+79035556677"]


def test_a_note_on_a_merged_record_goes_to_the_client_who_stays(dealership: Dealership, admin: Visitor) -> None:
    """Whoever has the card open that was, writes and reads on the one that is."""
    kept, gone = _add(dealership, "Иванов"), _add(dealership, "Иваноф")
    with dealership.session() as session:
        merging.merge(session, kept, gone, {})
    page = f"/timeline/contacts_customer/{gone}"
    assert admin.post(f"{page}/notes", {"text": "Просил перезвонить"}).location == f"/clients/{kept}"
    assert "Просил перезвонить" in admin.get(page).text
    with dealership.session() as session:
        assert session.scalars(select(TimelineSubject.subject_id)).all() == [kept]


def _numbers(dealership: Dealership, customer_id: int) -> list[str]:
    numbers = select(CustomerPhone.e164).where(CustomerPhone.customer_id == customer_id)
    with dealership.session() as session:
        return list(session.scalars(numbers.order_by(CustomerPhone.position)))


def test_a_car_that_has_run_nothing_says_so(dealership: Dealership) -> None:
    with dealership.session() as session:
        car = create_vehicle(session, {"title": "Новый", "mileage": 0, "model_year": None, "plate": "", "colour": None})
        assert (car.mileage, car.model_year, car.plate, car.colour) == (0, None, None, "")
        change_vehicle(session, car, {"mileage": None})
        assert car.mileage is None


def test_the_mileage_of_a_cars_form_is_a_reading(dealership: Dealership, admin: Visitor) -> None:
    """S1-71: dated, and one lower than last time is looked at first; emptied, it is not known, and what was read is kept."""
    new = {"plate": "А123ВС77", "mileage": "90 000", "once": "car"}
    assert admin.post("/vehicles/new", new).status_code == 303
    with dealership.session() as session:
        number, version = session.execute(select(Vehicle.id, Vehicle.version)).one()
    path, sent = f"/vehicles/{number}/edit", {"plate": "А123ВС77", "mileage": "9", "version": str(version)}
    asked = admin.post(path, sent)
    assert asked.status_code == 409
    assert "Пробег 9 км меньше прошлого показания 90\xa0000 км" in asked.text
    assert admin.post(path, {**sent, "confirmed": _confirmed(asked.text)}).status_code == 303
    with dealership.session() as session:
        readings = session.scalars(select(OdometerReading).order_by(OdometerReading.id)).all()
        car = session.get_one(Vehicle, number)
        assert [each.kilometres for each in readings] == [90_000, 9]
        assert (car.mileage, car.mileage_at) == (9, readings[1].at)
        for _ in range(2):
            change_vehicle(session, car, {"mileage": None})
            assert (car.mileage, car.mileage_at) == (None, None)
        assert session.scalars(select(OdometerReading).order_by(OdometerReading.id)).all() == readings


@pytest.mark.parametrize(("typed", "status"), [("WDD 176 000 0000-0000", 303), ("WDD 176 000 0000 0000 1", 422)])
def test_a_vin_is_typed_with_spaces(dealership: Dealership, admin: Visitor, typed: str, status: int) -> None:
    """Its length is that of the code, not of what was typed."""
    answer = admin.post("/vehicles/new", {"vin": typed, "once": "vin"})
    assert answer.status_code == status
    with dealership.session() as session:
        assert session.scalars(select(Vehicle.vin)).all() == (["WDD17600000000000"] if status == 303 else [])


def test_a_sold_car_finds_its_new_owner_alone(dealership: Dealership) -> None:
    seller, buyer = _add(dealership, "Щербаков"), _add(dealership, "Орлов")
    with dealership.session() as session:
        car = create_vehicle(session, {"title": "Camry", "vin": "XTA210990Y2765499", "customer_id": seller})
        found = [each.id for each in find_customers(session, "XTA210990Y2765499").customers]
        assert found == [seller]
        change_vehicle(session, car, {"customer_id": buyer})
        found = [each.id for each in find_customers(session, "XTA210990Y2765499").customers]
        assert found == [buyer]
        change_vehicle(session, car, {"customer_id": None})
        assert find_customers(session, "XTA210990Y2765499").customers == []


# --- exports --------------------------------------------------------------------------------------


def _exports(dealership: Dealership) -> list[dict[str, object]]:
    statement = select(AuditValue.changes).join(AuditEntry).where(AuditEntry.action == "export").order_by(AuditEntry.id)
    with dealership.session() as session:
        return list(session.scalars(statement))


@pytest.mark.parametrize(
    ("path", "screen"), [("/clients/export", "contacts.clients"), ("/clients/import/data", "contacts.import")]
)
@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_an_export_is_in_the_trail_with_its_people(
    dealership: Dealership, admin: Visitor, path: str, screen: str, kind: str
) -> None:
    """SEC-35, SEC-63, SEC-73: that it was made, how many rows it had, and whose."""
    ids = {_add(dealership, name) for name in ("Иванов", "Петров")}
    with admin.post(path, {"format": kind}) as answer:
        assert answer.status_code == 200
    (noted,) = _exports(dealership)
    assert (noted["screen"], noted["format"], noted["rows"]) == (screen, kind, 2)
    with dealership.session() as session:
        taken = select(CardRead.subject_id).where(CardRead.way == EXPORT, CardRead.subject_type == "contacts_customer")
        assert set(session.scalars(taken)) == ids


def test_a_list_about_nobody_is_in_the_trail_alone(dealership: Dealership, admin: Visitor) -> None:
    with admin.post("/admin/audit/export", {"format": "csv"}) as answer:
        assert answer.status_code == 200
    assert [each["screen"] for each in _exports(dealership)] == ["core.audit"]
    with dealership.session() as session:
        assert session.scalars(select(CardRead)).all() == []


# --- numbers --------------------------------------------------------------------------------------


def test_a_number_that_is_none_comes_back_marked_with_what_was_typed(dealership: Dealership, admin: Visitor) -> None:
    client = _add(dealership, "Щербаков")
    refused = admin.post(f"/clients/{client}/phone", {"phone": "абв"})
    assert refused.status_code == 422
    assert 'value="абв"' in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert "Это не номер телефона" in refused.text
    assert admin.post(f"/clients/{client}/phone", {"phone": "89035550101"}).status_code == 303


def test_a_refusal_without_its_form_says_what_is_wrong(
    admin: Visitor, app: Application, dealership: Dealership
) -> None:
    """Nothing is marked on such a page; a program reads the same in its language."""
    answer = Program(app, dealership, "lebedeva").post("/contacts/clients", {"legal_form": "company"})
    assert answer.status_code == 422
    assert answer.json["detail"] in ("Проверьте отмеченные поля.", "Check the marked fields.")
    assert answer.json["title"] in ("Проверьте, что вы ввели", "Check what you entered")


def test_a_clients_numbers_come_first_on_a_phone(dealership: Dealership, admin: Visitor) -> None:
    number = _add(dealership, "Щербаков", phones=["89031234567"])
    assert re.search(r'class="card-fc early"[^>]*data-panel="phones"', admin.get(f"/clients/{number}").text)
