"""Archived repair orders of another program, imported through the importer of contacts (S1-64, S1-65, S1-71)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Customer, Document, Import, ImportRow, OdometerReading, Vehicle
from addons.contacts.services.importing import cells, files, steps
from addons.contacts.services.importing.cells import Wrong
from addons.contacts.services.primary import is_primary
from addons.service.models import RepairOrder
from addons.service.services import concerns, order_money
from core.access.policy import Access, Scope
from core.errors import Forbidden, Invalid
from core.web.app import Application
from core.web.i18n import load_translators
from tests.service.conftest import receive, workshop
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "archived-orders.csv"
HEADS = ["Номер", "Дата", "Закрыт", "Клиент", "Телефон", "VIN", "Госномер", "Пробег", "Причина", "Работы", "Итого"]
IVANOV = ["Иванов Виктор", "89031112233", "XTA21099043576182", "Е555КХ77"]
ROW = ["СТО-17", "12.03.2021", "13.03.2021", *IVANOV, "45 200", "ТО-45", "Замена масла", "12 500,50"]
SUM = "12\u00a0500,50"
"""The sum of the row on a page."""
TRANSLATE = load_translators([])["en"]
Rows = Sequence[Sequence[Any]]


@pytest.fixture
def admin(app: Application) -> Visitor:
    """Who may import everything."""
    return Visitor(app, "admin")


def _stream(rows: Rows) -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return io.BytesIO(text.getvalue().encode())


def _go_on(dealership: Dealership, import_id: int) -> None:
    with dealership.session() as session:
        while steps.advance(session, import_id).working:
            session.commit()


def _checked(dealership: Dealership, content: io.BytesIO) -> int:
    with dealership.session() as session:
        record = steps.start(session, content, "архив.csv", "service.orders")
        columns = {int(place): name for place, name in record.columns.items()}
        steps.set_columns(session, record.id, columns, match_known=True, add_models=True)
        import_id: int = record.id
    _go_on(dealership, import_id)
    return import_id


def _import(dealership: Dealership, content: io.BytesIO) -> tuple[int, int, int, int]:
    """How many orders were created, updated, unchanged, left out."""
    import_id = _checked(dealership, content)
    with dealership.session() as session:
        expected = _counts(session, import_id)
        steps.run(session, import_id)
    _go_on(dealership, import_id)
    with dealership.session() as session:
        counts = _counts(session, import_id)
        assert session.get_one(Import, import_id).state == "finished"
    assert counts == expected, "the check has told what the import does"
    return counts


def _counts(session: Any, import_id: int) -> tuple[int, int, int, int]:
    record = session.get_one(Import, import_id)
    return record.created, record.updated, record.unchanged, record.skipped


def _problems(dealership: Dealership, rows: Rows) -> dict[int, list[str]]:
    import_id = _checked(dealership, _stream([HEADS, *rows]))
    with dealership.session() as session:
        named = files.titles(session, session.get_one(Import, import_id))
        found = session.scalars(select(ImportRow).where(ImportRow.import_id == import_id).order_by(ImportRow.number))
        return {row.number: files.problem_texts(row.problems, named, TRANSLATE) for row in found}


def _changed(**cells_: str) -> list[str]:
    """The row with other cells, by their headings."""
    return [cells_.get(head, cell) for head, cell in zip(HEADS, ROW, strict=True)]


# --- what an import does ----------------------------------------------------------------------------


def test_the_example_of_the_documentation_is_imported_whole_and_only_once(dealership: Dealership) -> None:
    assert _import(dealership, io.BytesIO(EXAMPLE.read_bytes())) == (3, 0, 0, 0)
    with dealership.session() as session:
        first = session.scalars(select(RepairOrder).where(RepairOrder.number == "СТО-0001204")).one()
        head = session.get_one(Document, first.id)
        assert (first.state, first.external_id, first.mileage) == ("closed", "СТО-0001204", 45_200)
        assert (first.past_total, first.past_adviser) == (12_500_00, "Сидоров П. А.")
        assert first.past_works == "Замена масла и фильтров"
        assert (first.total, first.paid, head.amount, head.open) == (0, 0, None, False)
        assert head.at == datetime(2021, 3, 12, 6, 30, tzinfo=UTC)
        assert (head.customer_text, head.vehicle_text) == ("Иванов Виктор Сергеевич", "Volkswagen Polo")
        assert [each.concern for each in concerns.concerns_of(session, first)] == ["ТО-45"]
        assert first.department_id == workshop(session).id
        assert session.scalar(select(func.count(Customer.id))) == 2
        assert session.scalar(select(func.count(Vehicle.id))) == 2
    assert _import(dealership, io.BytesIO(EXAMPLE.read_bytes())) == (0, 0, 3, 0)
    with dealership.session() as session:
        assert session.scalar(select(func.count(RepairOrder.id))) == 3
        assert session.scalar(select(func.count(OdometerReading.id))) == 3


def test_a_file_imported_again_corrects_what_it_says_otherwise(dealership: Dealership) -> None:
    _import(dealership, _stream([HEADS, ROW]))
    mended = _changed(Пробег="46 000", Причина="ТО-60", Итого="", Дата="11.03.2021")
    assert _import(dealership, _stream([HEADS, mended])) == (0, 1, 0, 0)
    with dealership.session() as session:
        order = session.scalars(select(RepairOrder)).one()
        assert (order.mileage, order.past_total) == (46_000, 12_500_50), "an empty cell takes nothing away"
        assert [each.concern for each in concerns.concerns_of(session, order)] == ["ТО-60"]
        [reading] = session.scalars(select(OdometerReading)).all()
        assert (reading.kilometres, reading.at) == (46_000, datetime(2021, 3, 10, 21, tzinfo=UTC))
        assert session.get_one(Document, order.id).title == "ТО-60"


def test_what_is_known_of_a_client_and_a_car_stays_as_it_is(dealership: Dealership) -> None:
    """A file of the past adds to it: an old plate is no news, an older mileage is only a reading."""
    receive(dealership)
    with dealership.session() as session:
        car = session.scalars(select(Vehicle)).one()
        car.vin = "XTA21099043576182"
        customer_id, known_at = car.customer_id, car.mileage_at
    told = _changed(Клиент="Иванов В.", Телефон="+79031234567", Госномер="О001ОО01")
    assert _import(dealership, _stream([HEADS, told])) == (1, 0, 0, 0)
    with dealership.session() as session:
        car = session.scalars(select(Vehicle)).one()
        assert (car.plate, car.mileage, car.mileage_at) == ("A123BC77", 45_000, known_at)
        assert session.get_one(Customer, customer_id).name == "Иванов Виктор"
        order = session.scalars(select(RepairOrder).where(RepairOrder.external_id.is_not(None))).one()
        assert (order.customer_id, order.vehicle_id) == (customer_id, car.id)
        readings = select(OdometerReading.kilometres).order_by(OdometerReading.at)
        assert session.scalars(readings).all() == [45_200, 45_000]


def test_a_car_may_have_been_somebody_elses_then(dealership: Dealership) -> None:
    _import(dealership, _stream([HEADS, ROW]))
    before = _changed(Номер="СТО-9", Клиент="Сидоров Олег", Телефон="89165554433", Дата="01.02.2019", Закрыт="")
    assert _import(dealership, _stream([HEADS, before])) == (1, 0, 0, 0)
    with dealership.session() as session:
        car = session.scalars(select(Vehicle)).one()
        owner = session.get_one(Customer, car.customer_id)
        found = session.scalars(select(RepairOrder).where(RepairOrder.number == "СТО-9")).one()
        earlier = session.get_one(Customer, found.customer_id)
        assert (owner.name, earlier.name, found.vehicle_id) == ("Иванов Виктор", "Сидоров Олег", car.id)


def test_an_order_without_a_client_goes_to_the_owner_of_its_car(dealership: Dealership) -> None:
    _import(dealership, _stream([HEADS, ROW]))
    assert _import(dealership, _stream([HEADS, _changed(Номер="СТО-18", Клиент="", Телефон="")])) == (1, 0, 0, 0)
    with dealership.session() as session:
        assert len(set(session.scalars(select(RepairOrder.customer_id)))) == 1


# --- rows that cannot be imported -------------------------------------------------------------------


def test_every_row_is_told_what_is_wrong_with_it(dealership: Dealership) -> None:
    rows = [
        ROW,
        _changed(),
        _changed(Номер=""),
        _changed(Номер="2", Дата="", Закрыт=""),
        _changed(Номер="3", Дата="14.03.2021"),
        _changed(Номер="4", Дата=f"01.01.{datetime.now(UTC).year + 1}", Закрыт=""),
        _changed(Номер="5", Пробег="3 000 000", Итого="много"),
        _changed(Номер="6", Клиент="", Телефон="", VIN="", Госномер=""),
    ]
    assert _problems(dealership, rows) == {
        3: ["Number in another system: Row 2 has this number already."],
        4: ["Number in another system: Fill this in."],
        5: ["Opened: Fill this in."],
        6: ["Closed: It cannot have been closed before it was opened."],
        7: ["Opened: This day is still to come."],
        8: ["Mileage, km: A number from 0 to 2999999.", "Sum: This is no sum of money."],
        9: ["Say whose repair it was: the client's name, phone or number, or a car that is known here."],
    }


def test_a_number_twice_is_found_however_many_rows_lie_between(dealership: Dealership) -> None:
    rows = [_changed(Номер=f"СТО-{number}") for number in range(steps.PART + 1)]
    assert list(_problems(dealership, [*rows, rows[0]])) == [steps.PART + 3]


def test_a_number_of_our_own_or_of_another_client_is_refused(dealership: Dealership) -> None:
    receive(dealership)
    with dealership.session() as session:
        own = session.scalars(select(RepairOrder.number)).one()
    _import(dealership, _stream([HEADS, ROW]))
    other = _changed(Клиент="Другой Пётр", Телефон="89990001122", VIN="", Госномер="")
    assert _problems(dealership, [_changed(Номер=own), other]) == {
        2: ["Number in another system: A repair order of this program has this number."],
        3: ["Number in another system: The order with this number is here already, of “Иванов Виктор”."],
    }


def test_a_file_without_the_columns_it_needs_is_not_checked(dealership: Dealership) -> None:
    with dealership.session() as session:
        record = steps.start(session, _stream([HEADS, ROW]), "архив.csv", "service.orders")
        with pytest.raises(Invalid) as refused:
            steps.set_columns(session, record.id, {3: "full_name"}, match_known=True, add_models=False)
    assert "columns" in refused.value.errors


@pytest.mark.parametrize(
    ("text", "sum_"),
    [("12 500,50", 12_500_50), ("3200", 3200_00), ("18\u00a0940.5 руб.", 18_940_50), ("0,1 ₽", 10), ("1.005", 1_01)],
)
def test_sums_are_read_as_people_and_spreadsheets_write_them(text: str, sum_: int) -> None:
    assert cells.kopecks(text) == sum_


@pytest.mark.parametrize("text", ["много", "-5", "1,234.50", "1e9", "", "12345678901"])
def test_what_is_no_sum_is_refused(text: str) -> None:
    with pytest.raises(Wrong):
        cells.kopecks(text)


# --- what an archived order counts for --------------------------------------------------------------


def test_it_makes_a_repeat_client_and_stands_in_the_history(
    app: Application, dealership: Dealership, admin: Visitor
) -> None:
    """S1-57, S1-64, S1-65; search by number and plate."""
    _import(dealership, _stream([HEADS, ROW]))
    with dealership.session() as session:
        order = session.scalars(select(RepairOrder)).one()
        assert order.customer_id is not None
        assert not is_primary(session, order.customer_id)
    cards = {"clients": ("contacts_customer", order.customer_id), "vehicles": ("contacts_vehicle", order.vehicle_id)}
    for path, (subject, number) in cards.items():
        assert f"/service/orders/{order.id}" in admin.get(f"/{path}/{number}").text
        assert "Заказ-наряд СТО-17 из другой программы" in admin.get(f"/timeline/{subject}/{number}").text
    for query in ("СТО-17", "Е555КХ"):
        assert f"/service/orders/{order.id}" in admin.get(f"/search?q={query}").text
    page = admin.get(f"/service/orders/{order.id}").text
    for words in ("Замена масла", SUM, "12 марта 2021", "ТО-45"):
        assert words in page
    for words in ("Ещё к оплате", f"/service/orders/{order.id}/print", "Работы и запчасти"):
        assert words not in page


def test_it_is_in_no_work_list_and_in_no_total(dealership: Dealership, admin: Visitor) -> None:
    _import(dealership, _stream([HEADS, ROW]))
    page = admin.get("/service/orders?q=").text
    assert "СТО-17" in page
    assert SUM in page
    for query in ("open=1", "owing=1", "state=done"):
        assert "СТО-17" not in admin.get(f"/service/orders?{query}").text
    assert SUM not in admin.get("/service/orders?group=state").text.partition("СТО-17")[0]
    assert SUM not in admin.get("/documents?group=type").text


def test_money_is_not_taken_for_it(dealership: Dealership) -> None:
    _import(dealership, _stream([HEADS, ROW]))
    with dealership.session() as session:
        order_id = session.scalars(select(RepairOrder.id)).one()
        with pytest.raises(Invalid):
            order_money.pay(session, order_id, 100, "cash")


# --- who may, and the screens -----------------------------------------------------------------------


def test_only_somebody_with_the_right_to_it_imports_orders(app: Application, dealership: Dealership) -> None:
    user_id = dealership.people["volkov"]
    rights = ("contacts.customer.import", "contacts.customer.lookup")
    for more, refused in ((), True), (("service.order.import",), False):
        access = Access(user_id=user_id, login="volkov", grants=dict.fromkeys((*rights, *more), Scope.ALL))
        with app.database.writing(access) as session:
            assert [kind.code for kind in steps.kinds(session)] == ([] if refused else ["service.orders"])
            if refused:
                with pytest.raises(Forbidden):
                    steps.start(session, _stream([HEADS, ROW]), "архив.csv", "service.orders")
            else:
                steps.start(session, _stream([HEADS, ROW]), "архив.csv", "service.orders")


def test_the_screens_lead_from_the_file_to_the_archive(dealership: Dealership, admin: Visitor) -> None:
    page = admin.get("/clients/import").text
    assert "Архив заказ-нарядов" in page
    assert "/clients/import/template?kind=service.orders" in page
    template = admin.get("/clients/import/template?kind=service.orders")
    assert template.headers["Content-Disposition"].endswith("filename=service-orders-template.xlsx")
    file = (io.BytesIO(EXAMPLE.read_bytes()), EXAMPLE.name)
    address = str(admin.post("/clients/import", {"file": file, "kind": "service.orders"}).location)
    columns = admin.get(address).text
    assert "Номер в другой системе *" in columns
    chosen = dict(re.findall(r'name="(column\.\d+)".*?<option value="(\w+)" selected>', columns))
    assert chosen["column.0"] == "order_number"
    refused = admin.post(f"{address}/columns", {**chosen, "column.0": ""})
    assert (refused.status_code, "отмечены звёздочкой" in refused.text) == (422, True)
    admin.post(f"{address}/columns", {**chosen, "match_known": "1", "add_models": "1"})
    admin.post(f"{address}/advance")
    checked = admin.get(address).text
    assert "Архив заказ-нарядов" in checked
    with dealership.session() as session:
        assert session.scalar(select(func.count(RepairOrder.id))) == 0, "nothing is written before it is said"
    admin.post(f"{address}/run")
    admin.post(f"{address}/advance")
    assert "Загрузка завершена" in admin.get(address).text
    assert "СТО-0002310" in admin.get("/service/orders?brought=1").text


def test_an_import_of_an_addon_that_is_off_waits_and_holds_nobody_up(dealership: Dealership, admin: Visitor) -> None:
    with dealership.session() as session:
        record = steps.start(session, _stream([HEADS, ROW]), "архив.csv", "service.orders")
        record.kind, record.state = "gone.things", "checking"
        import_id = record.id
    with dealership.session() as session:
        steps.sweep(session)
        assert session.get_one(Import, import_id).state == "checking"
    assert admin.get(f"/clients/import/{import_id}").status_code == 200
    assert admin.post(f"/clients/import/{import_id}/advance").status_code == 409
    assert admin.post(f"/clients/import/{import_id}/cancel").status_code == 303
