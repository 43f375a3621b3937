"""Clients and vehicles from a file: every problem before anything is written, resumable, idempotent.

SEC-30, SEC-31, SEC-33, SEC-35 for the file; SEC-2 for who may; C-06, S4-01…07 for what a client is.
"""

from __future__ import annotations

import csv
import io
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from addons.contacts.models import Customer, CustomerPhone, Import, ImportFact, ImportPart, ImportRow, Vehicle
from addons.contacts.services import merging
from addons.contacts.services.customers import SET_VIP
from addons.contacts.services.importing import cells, files, steps
from addons.contacts.services.importing.cells import Wrong
from addons.contacts.services.importing.columns import find_headings, recognise
from addons.contacts.services.importing.steps import Progress
from addons.contacts.services.importing.tables import read_table
from addons.contacts.services.lookup import find_customers
from core.access.models import User
from core.access.policy import Scope
from core.db.audit import AuditEntry
from core.db.engine import WorkSession
from core.errors import Conflict, Forbidden, Invalid
from core.testing.databases import Databases
from core.web.i18n import load_translators
from core.work.models import Notification
from tests.contacts.clients import OLGA, PAVEL, Dealership, access, add_car, add_client, fill, open_dealership, opened

HEADS = ["Код клиента", "Фамилия", "Имя", "Телефоны", "VIN", "Госномер", "Марка", "Модель"]
VINS = ["WBA5A5C51ED501234", "XTA21099043576182", "Z94CB41AACR123456"]
TRANSLATE = load_translators([])["en"]
Rows = Sequence[Sequence[Any]]


@pytest.fixture
def dealership(databases: Databases) -> Iterator[Dealership]:
    """The dealership without clients."""
    with opened(databases, "clients", fill) as there:
        yield there


# --- files ----------------------------------------------------------------------------------------


def _csv(rows: Rows, encoding: str = "utf-8", delimiter: str = ";") -> io.BytesIO:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return io.BytesIO(text.getvalue().encode(encoding))


def _xlsx(rows: Rows) -> io.BytesIO:
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                sheet.write_datetime(number, place, cell, day)
            else:
                sheet.write(number, place, cell)
    book.close()
    stream.seek(0)
    return stream


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_texts_are_read_in_either_encoding_and_with_any_separator(encoding: str, delimiter: str) -> None:
    rows = [["Фамилия", "Имя"], ["Иванов, мл.", "Пётр; Павел"]]
    assert list(read_table(_csv(rows, encoding, delimiter), "Клиенты.CSV")) == rows


def test_workbooks_are_read_with_numbers_and_days_as_people_mean_them() -> None:
    rows = [[], ["Телефон", "Год", "День", "VIP", "Пробег"], [79031234567, 2019, date(2024, 5, 1), True, 1234.5]]
    assert list(read_table(_xlsx(rows), "a.xlsx"))[1:] == [
        ["Телефон", "Год", "День", "VIP", "Пробег"],
        ["79031234567", "2019", "2024-05-01", "1", "1234.5"],
    ]


def _corners() -> io.BytesIO:
    """A tiny workbook that would need 400 GB: two cells in opposite corners."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write(0, 0, "Фамилия")
    sheet.write(1048575, 16383, "x")
    book.close()
    stream.seek(0)
    return stream


def _damaged() -> io.BytesIO:
    """A workbook whose sheet breaks off."""
    whole, broken = zipfile.ZipFile(_xlsx([["Фамилия"], ["Иванов"]])), io.BytesIO()
    with zipfile.ZipFile(broken, "w") as archive:
        for entry in whole.infolist():
            content = whole.read(entry)
            archive.writestr(entry, content[: len(content) // 2] if "sheet1" in entry.filename else content)
    broken.seek(0)
    return broken


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (_corners(), "a.xlsx"),
        (_damaged(), "a.xlsx"),
        (io.BytesIO(b"PK\x03\x04 no archive"), "a.xlsx"),
        (io.BytesIO(b"MZ\x90\x00 program"), "a.csv"),
        (_csv([["Фамилия", "Имя"]]), "a.xlsx"),
        (_csv([["Фамилия", "Имя"]]), "a.exe"),
        (_csv([["a"] * 101]), "a.csv"),
        (io.BytesIO(b"a" * (20 * 1024 * 1024 + 1)), "a.csv"),
        (io.BytesIO(b'"' + b"a," * 200_000), "a.csv"),
    ],
    ids=["corners", "damaged", "archive", "program", "lie", "kind", "wide", "large", "cell"],
)
def test_dangerous_and_foreign_files_are_refused(content: io.BytesIO, name: str) -> None:
    """SEC-33: limits on size, cells and memory; what the content is, not what the name says."""
    content.seek(0)
    with pytest.raises(Invalid) as refused:
        list(read_table(content, name))
    assert list(refused.value.errors) == ["file"]


def test_headings_are_found_under_a_title_in_both_languages() -> None:
    rows = [["Выгрузка клиентов"], [], ["№ п/п", "Ф.И.О.", "Моб. телефон", "Телефон 2", "VIN-код", "Гос. номер"]]
    assert find_headings(rows) == 2
    assert recognise(rows[2]) == {1: "full_name", 2: "phones", 3: "phones", 4: "vin", 5: "plate"}
    assert recognise(["Last name", "First Name", "Client", "Phone", "Colour"]) == {
        0: "last_name", 1: "first_name", 3: "phones", 4: "colour",
    }  # fmt: skip
    assert find_headings([["a", "b"], ["1", "2"]]) is None


def test_a_second_client_is_no_number() -> None:
    assert recognise(["Клиент", "Клиент 2", "Телефон 2"]) == {0: "full_name", 2: "phones"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("8 903 123-45-67, +7 (916) 765 43 21", ["+79031234567", "+79167654321"]),
        ("79031234567 79161234567", ["+79031234567", "+79161234567"]),
        ("8 495 123-45-67, доб. 12", ["+74951234567"]),
        ("89031234567 Иван; 8-916-765-43-21 (жена)", ["+79031234567", "+79167654321"]),
        ("нет", []),
    ],
)
def test_several_phones_in_one_cell(text: str, numbers: list[str]) -> None:
    assert [phone.e164 for phone in cells.phones(text)] == numbers


def test_days_numbers_and_words() -> None:
    zone = cells.ZoneInfo("Europe/Moscow")
    assert cells.moment("1.5.24", zone) == datetime(2024, 4, 30, 21, tzinfo=UTC)
    assert cells.moment("2024-05-01 13:40", zone) == datetime(2024, 5, 1, 10, 40, tzinfo=UTC)
    assert [cells.whole(text, 0, 10**6) for text in ("120 000 км", "120000.0", "120\u00a0000")] == [120_000] * 3
    assert [cells.year(text) for text in ("2019", "2019 г.", "01.05.2019")] == [2019] * 3
    for call, text in (
        (lambda each: cells.moment(each, zone), "31.02.2024"),
        (cells.yes_or_no, "может быть"),
        (lambda each: cells.whole(each, 0, 10), "11"),
        (cells.phones, "89031234567, 12345"),
    ):
        with pytest.raises(Wrong):
            call(text)


# --- the whole way --------------------------------------------------------------------------------


def _start(dealership: Dealership, rows: Rows, *, match: bool = True, add: bool = False, user_id: int = OLGA) -> int:
    """A file that has been sent and whose columns were taken as they are recognised."""
    with dealership.by(user_id) as session:
        record = steps.start(session, _csv(rows), "клиенты.csv")
        columns = {int(place): name for place, name in record.columns.items()}
        steps.set_columns(session, record.id, columns, match_known=match, add_models=add)
        return record.id


def _go_on(dealership: Dealership, import_id: int) -> Progress:
    while True:
        with dealership.by_system() as session:
            progress = steps.advance(session, import_id)
        if not progress.working:
            return progress


def _check(dealership: Dealership, rows: Rows, **more: Any) -> dict[int, list[str]]:
    """The problems of a file, by the number of the row."""
    return _problems(dealership, _checked(dealership, rows, **more))


def _checked(dealership: Dealership, rows: Rows, **more: Any) -> int:
    import_id = _start(dealership, rows, **more)
    assert _go_on(dealership, import_id).state == "checked"
    return import_id


def _problems(dealership: Dealership, import_id: int) -> dict[int, list[str]]:
    with dealership.by_system() as session:
        found = session.scalars(select(ImportRow).where(ImportRow.import_id == import_id).order_by(ImportRow.number))
        named = files.titles(session, session.get_one(Import, import_id))
        return {row.number: files.problem_texts(row.problems, named, TRANSLATE) for row in found}


def _import(dealership: Dealership, rows: Rows, **more: Any) -> tuple[int, int, int, int]:
    """Check and run a file; how many rows were created, updated, unchanged, skipped."""
    import_id = _checked(dealership, rows, **more)
    expected = _counts(dealership, import_id)
    with dealership.by(OLGA) as session:
        steps.run(session, import_id)
    assert _go_on(dealership, import_id).state == "finished"
    counts = _counts(dealership, import_id)
    assert counts == expected, "the check promised something else"
    return counts


def _counts(dealership: Dealership, import_id: int) -> tuple[int, int, int, int]:
    with dealership.by_system() as session:
        record = session.get_one(Import, import_id)
        return record.created, record.updated, record.unchanged, record.skipped


def _names(dealership: Dealership) -> list[str]:
    with dealership.by_system() as session:
        return list(session.scalars(select(Customer.name).order_by(Customer.name, Customer.id)))


FILE = [
    HEADS,
    ["1", "Иванов", "Иван", "8 903 123-45-67, 84951112233", VINS[0], "А123ВС77", "БМВ", "x5"],
    ["1", "", "", "", VINS[1], "В001ВВ77", "BMW", ""],
    ["2", "Петров", "Пётр", "89161112233", "", "", "", ""],
]


def test_a_file_becomes_clients_with_numbers_and_several_cars(dealership: Dealership) -> None:
    assert _import(dealership, FILE) == (2, 1, 0, 0)
    with dealership.by(OLGA) as session:
        client = session.scalars(select(Customer).where(Customer.external_id == "1")).one()
        assert (client.name, client.main_phone, client.branch_id) == ("Иванов Иван", "+79031234567", 1)
        phones = session.scalars(select(CustomerPhone.e164).where(CustomerPhone.customer_id == client.id))
        assert sorted(phones) == ["+74951112233", "+79031234567"]
        cars = session.scalars(select(Vehicle).where(Vehicle.customer_id == client.id).order_by(Vehicle.id)).all()
        assert [(car.vin, car.plate, car.title) for car in cars] == [
            (VINS[0], "A123BC77", "BMW X5"),
            (VINS[1], "B001BB77", "BMW"),
        ]
        for query in ("Иванов", "84951112233", "в001вв77", VINS[0]):
            assert [each.id for each in find_customers(session, query).customers] == [client.id], query


def test_the_check_writes_nothing(dealership: Dealership) -> None:
    before = dealership.fingerprint()
    _checked(dealership, FILE)
    assert dealership.fingerprint() == before
    with dealership.by_system() as session:
        assert session.scalar(select(func.count(ImportFact.key))) == 0


def test_the_same_file_twice_changes_nothing(dealership: Dealership) -> None:
    _import(dealership, FILE)
    before = _directories(dealership)
    assert _import(dealership, FILE) == (0, 0, 3, 0)
    assert _directories(dealership) == before


def test_changed_rows_update_and_empty_cells_leave_alone(dealership: Dealership) -> None:
    _import(dealership, FILE)
    heads = ["Код клиента", "Фамилия", "Имя", "E-mail", "VIN", "Цвет"]
    rows = [heads, ["1", "Иваненко", "", "i@example.org", VINS[0], "белый"], ["2", "", "", "", "", ""]]
    assert _import(dealership, rows) == (0, 1, 1, 0)
    with dealership.by(OLGA) as session:
        client = session.scalars(select(Customer).where(Customer.external_id == "1")).one()
        assert (client.name, client.email, client.main_phone) == ("Иваненко Иван", "i@example.org", "+79031234567")
        assert session.scalars(select(Vehicle.colour).where(Vehicle.vin == VINS[0])).one() == "белый"


PROBLEMS: list[tuple[list[str], str]] = [
    (["", "", "", "", "", "", "", ""], ""),
    (["3", "Сидоров", "Олег", "12345", "", "", "", ""], "Phones: “12345” is no phone number."),
    (["4", "Сидоров", "Олег", "", "WBAIII", "", "", ""], "VIN: A VIN has 17 letters and digits, without I, O and Q."),
    (["5", "Сидоров", "Олег", "", "", "", "Москвич", ""], "Make: There is no such make in the directory."),
    (["6", "Сидоров", "Олег", "", "", "", "BMW", "Z9"], "Model: The make has no such model in the directory."),
    (["7", "", "", "89265554433", "", "", "", ""], "Surname or short legal name: Give at least a name."),
    (["8", "Ё" * 200, "Олег", "", "", "", "", ""], "Surname or short legal name: At most 160 characters."),
    (["9", "Сидоров", "Олег", "", VINS[2], "", "", "X5"], "Model: A model needs its make."),
]


def test_every_problem_row_is_listed_with_its_reasons_and_good_rows_go_in(dealership: Dealership) -> None:
    rows = [HEADS, *(row for row, _ in PROBLEMS), FILE[3]]
    import_id = _checked(dealership, rows)
    found = _problems(dealership, import_id)
    assert found == {number: [text] for number, (_, text) in enumerate(PROBLEMS, start=2) if text}
    with dealership.by(OLGA) as session:
        steps.run(session, import_id)
    _go_on(dealership, import_id)
    assert _counts(dealership, import_id) == (1, 0, 0, 7)
    assert _names(dealership) == ["Петров Пётр"]


def test_all_reasons_of_a_row_are_told_at_once(dealership: Dealership) -> None:
    heads = ["Фамилия", "Телефон", "VIP", "Год", "Марка", "Ответственный"]
    assert _check(dealership, [heads, ["Сидоров", "123456", "наверное", "1800", "Москвич", "Никто"]]) == {
        2: [
            "VIP: Write yes or no.",
            "Responsible: There is no such person, or there are two of this name: write the login.",
            "Phones: “123456” is no phone number.",
            "Make: There is no such make in the directory.",
            "Model year: A number from 1900 to 2100.",
        ]
    }


def test_rows_that_contradict_each_other_are_found_however_far_apart(dealership: Dealership) -> None:
    many = [[str(number), f"Клиент{number}", "Имя", "", "", "", "", ""] for number in range(100, 100 + steps.PART)]
    rows = [
        HEADS,
        ["1", "Иванов", "Иван", "89031234567", VINS[0], "", "", ""],
        *many,
        ["1", "Иваненко", "", "", "", "", "", ""],
        ["2", "Петров", "Пётр", "", VINS[0], "", "", ""],
        ["1", "Иванов", "", "", VINS[0], "", "BMW", ""],
    ]
    last = len(rows)
    assert _check(dealership, rows) == {
        last - 2: ["Surname or short legal name: Row 2 says something else of this."],
        last - 1: ["VIN: This car belongs to “Иванов Иван”."],
    }


def test_known_clients_are_found_by_phone_vin_and_name_and_get_the_number(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        add_client(session, "Иванов", "Иван", phones=["89031234567"])
        add_car(session, add_client(session, "Петров", "Пётр"), vin=VINS[0])
        add_client(session, "Сидоров", "Олег")
    rows = [
        HEADS,
        ["11", "Иванов", "Иван", "8(903)1234567", "", "", "", ""],
        ["", "Петров", "Пётр", "", VINS[0], "", "", ""],
        ["", "Сидоров", "Олег", "", "", "", "BMW", "X5"],
    ]
    assert _import(dealership, rows) == (0, 2, 1, 0)
    assert _names(dealership) == ["Иванов Иван", "Петров Пётр", "Сидоров Олег"]
    with dealership.by(OLGA) as session:
        assert session.scalars(select(Customer.external_id).where(Customer.external_id.is_not(None))).all() == ["11"]


def test_a_number_that_went_on_to_somebody_else_makes_nobody_another_person(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        add_car(session, add_client(session, "Иванов", "Иван", phones=["89031234567"]), vin=VINS[0])
        for _ in range(2):
            add_client(session, "Двойной", "Тёзка")
    rows = [
        HEADS,
        ["", "Смирнова", "Вера", "89031234567", "", "", "", ""],
        ["", "Смирнова", "Вера", "", VINS[0], "", "", ""],
        ["", "Двойной", "Тёзка", "", "", "", "", ""],
        ["7", "Смирнова", "Вера", "89031234567", "", "", "", ""],
    ]
    assert _check(dealership, rows) == {
        2: ["Phones: This number belongs to “Иванов Иван”."],
        3: ["VIN: The car with this VIN belongs to “Иванов Иван”."],
        4: ["Surname or short legal name: Several clients have this name, and the row has no phone."],
    }


def test_without_matching_every_row_needs_its_number(dealership: Dealership) -> None:
    rows = [HEADS, ["", "Иванов", "Иван", "89031234567", "", "", "", ""], FILE[3]]
    problems = _check(dealership, rows, match=False)
    assert list(problems) == [2]


def test_a_client_merged_here_is_not_brought_back(dealership: Dealership) -> None:
    _import(dealership, FILE)
    with dealership.by(OLGA) as session:
        ids = {row.external_id: row.id for row in session.execute(select(Customer.external_id, Customer.id))}
        merging.merge(session, ids["1"], ids["2"], {})
    assert _check(dealership, FILE) == {
        4: ["Client's number in the other program: “Петров Пётр” was merged with another client here."]
    }


def test_missing_makes_are_added_when_asked_for(dealership: Dealership) -> None:
    rows = [
        HEADS,
        ["1", "Иванов", "Иван", "", "", "", "Москвич", "412"],
        ["2", "Петров", "Пётр", "", "", "", "москвич", "412"],
    ]
    assert _import(dealership, rows, add=True) == (2, 0, 0, 0)
    assert _import(dealership, rows, add=True) == (0, 0, 2, 0)
    with dealership.by(OLGA) as session:
        assert session.scalars(select(Vehicle.title)).all() == ["Москвич 412", "Москвич 412"]


def test_who_has_left_keeps_his_clients_and_gets_no_new_ones(dealership: Dealership) -> None:
    rows = [["Фамилия", "Имя", "Телефоны", "Ответственный"], ["Иванов", "Иван", "89031234567", ""]]
    with dealership.by_system() as session:
        login = session.get_one(User, PAVEL).login
    rows[1][3] = login
    assert _import(dealership, rows) == (1, 0, 0, 0)
    with dealership.by_system() as session:
        session.get_one(User, PAVEL).active = False
    assert _import(dealership, rows) == (0, 0, 1, 0)
    assert _check(dealership, [rows[0], ["Петров", "Пётр", "89161112233", login]]) == {
        2: ["Responsible: This colleague works here no more."]
    }


def test_companies_government_and_odd_values(dealership: Dealership) -> None:
    """S4-01…S4-06: the group decides which names are needed; a government body is VIP by itself (C-28)."""
    heads = ["Код", "Группа", "Отношение", "Название", "Контактное лицо", "Последнее обращение", "Рекламный канал"]
    rows = [
        heads,
        ["1", "Юридическое лицо", "партнёр", "ООО «Ромашка»", "Пётр", "01.02.2024", "сайт"],
        ["2", "госучреждение", "", "МЧС", "Олег", "", ""],
        ["3", "Юр. лицо?", "", "ООО", "Олег", "", ""],
        ["4", "юрлицо", "", "ООО «Без лица»", "", "", ""],
    ]
    import_id = _checked(dealership, rows)
    assert _problems(dealership, import_id) == {
        4: ["Group: There is no such choice."],
        5: ["First name or contact person: Give the person to talk to."],
    }
    assert _import(dealership, rows) == (2, 0, 0, 2)
    assert _import(dealership, rows) == (0, 0, 2, 2)
    with dealership.by(OLGA) as session:
        found = session.scalars(select(Customer).order_by(Customer.external_id)).all()
    assert [(each.legal_form, each.relation, each.vip, each.lead_source_id) for each in found] == [
        ("company", "partner", False, 1),
        ("government", "retail", True, None),
    ]
    assert found[0].last_contact_at == datetime(2024, 1, 31, 21, tzinfo=UTC)


def test_an_odometer_goes_forward_only(dealership: Dealership) -> None:
    """S1-71: a reading is dated; an older file does not turn it back."""
    heads = ["VIN", "Пробег, км", "Дата пробега"]
    newer = [heads, [VINS[0], "50 000", "01.06.2024"]]
    _import(dealership, newer)
    assert _import(dealership, [heads, [VINS[0], "40 000", "01.06.2023"]]) == (0, 0, 1, 0)
    assert _import(dealership, [heads, [VINS[0], "60 000", "01.06.2025"]]) == (0, 1, 0, 0)
    assert _import(dealership, newer) == (0, 0, 1, 0)
    with dealership.by(OLGA) as session:
        assert session.scalars(select(Vehicle.mileage)).one() == 60_000


# --- cut off and gone on -------------------------------------------------------------------------


def _many(count: int) -> Rows:
    rows = [
        [
            str(number % 300),
            f"Клиент{number % 300}",
            "Имя",
            f"8903{number % 300:07}",
            "",
            f"А{number:03}ВС77",
            "BMW",
            "X5",
        ]
        for number in range(count)
    ]
    return [HEADS, *rows]


def test_an_import_cut_off_at_any_point_ends_as_if_it_had_not_been(databases: Databases) -> None:
    rows = _many(2 * steps.PART + 40)
    with opened(databases, "clients", fill) as whole:
        counts = _import(whole, rows)
        expected = _exported(whole)
    with opened(databases, "clients", fill) as cut:
        import_id = _start(cut, rows)
        for state in ("checking", "running"):
            if state == "running":
                with cut.by(OLGA) as session:
                    steps.run(session, import_id)
            while _cut_off_and_go_on(cut, import_id).working:
                pass
        assert _counts(cut, import_id) == counts
        assert _exported(cut) == expected


def _exported(dealership: Dealership) -> list[list[str]]:
    """All clients and cars as a file has them: a lost transaction may cost numbers, but nothing else."""
    with TemporaryDirectory() as folder, dealership.database.reading(access(OLGA)) as session:
        path = Path(folder) / "clients.csv"
        files.write_clients(session, path, "csv", TRANSLATE)
        with path.open("rb") as file:
            return list(read_table(file, path.name))


def _lose(dealership: Dealership, import_id: int) -> None:
    """A part that is done but never committed, as when the power goes."""
    with dealership.by_system() as session:
        steps.advance(session, import_id)
        raise KeyboardInterrupt


def _cut_off_and_go_on(dealership: Dealership, import_id: int) -> Progress:
    """A part that is lost, and then the same part again, by another process."""
    with pytest.raises(KeyboardInterrupt):
        _lose(dealership, import_id)
    other = open_dealership(dealership.database.engine.url.render_as_string(hide_password=False))
    try:
        with other.by_system() as session:
            return steps.advance(session, import_id)
    finally:
        other.database.dispose()


def _directories(dealership: Dealership) -> dict[str, list[str]]:
    """The clients, cars and directories as they are."""
    return {name: rows for name, rows in dealership.fingerprint().items() if name.startswith("contacts_")}


def test_of_two_who_work_on_one_import_nobody_does_a_part_twice(dealership: Dealership) -> None:
    """SEC-48: a job and an open page."""
    import_id = _start(dealership, _many(3 * steps.PART))
    barrier, failures = threading.Barrier(2), []

    def work() -> None:
        barrier.wait()
        try:
            _go_on(dealership, import_id)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(_counts(dealership, import_id)) == 3 * steps.PART


def test_the_job_goes_on_with_what_waits_and_tells_who_began(dealership: Dealership) -> None:
    import_id = _start(dealership, _many(steps.PART + 1))
    with dealership.by_system() as session:
        steps.sweep(session)
    with dealership.by(OLGA) as session:
        steps.run(session, import_id)
    with dealership.by_system() as session:
        steps.sweep(session)
        record = session.get_one(Import, import_id)
        assert record.state == "finished"
        assert session.scalar(select(func.count()).select_from(ImportPart)) == 0
        told = session.execute(select(Notification.user_id, Notification.kind, Notification.subject_id)).all()
    assert told == [(OLGA, "contacts.import", import_id)]


def test_names_longer_than_their_columns_are_problems_of_their_rows(dealership: Dealership) -> None:
    long = "Ж" * 90
    rows = [["ФИО", "Группа"], [f"Иванов {long}"], ["Ж" * 170, "юрлицо"], ["Иванов Иван"]]
    problems = _check(dealership, rows)
    assert {number: texts[0] for number, texts in problems.items()} == {
        2: "Full name in one column: This is too long.",
        3: "Full name in one column: This is too long.",
    }
    assert _import(dealership, rows) == (1, 0, 0, 2)


def test_an_import_that_cannot_be_done_holds_nobody_up(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, good = (_start(dealership, _many(3)) for _ in range(2))
    work = steps._work

    def fail(session: WorkSession, record: Import, part: ImportPart) -> None:
        if record.id == broken:
            raise ValueError
        work(session, record, part)

    monkeypatch.setattr(steps, "_work", fail)
    with dealership.by_system() as session:
        steps.sweep(session)
    with dealership.by_system() as session:
        assert [session.get_one(Import, each).state for each in (broken, good)] == ["failed", "checked"]
        assert session.scalars(select(ImportPart.import_id).distinct()).all() == [good]
        told = session.execute(select(Notification.user_id, Notification.subject_id)).all()
    assert told == [(OLGA, broken)]


def test_a_part_that_fails_once_is_done_again(dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = _start(dealership, _many(3))
    work, tries = steps._work, iter((1, 2))

    def fail_once(session: WorkSession, record: Import, part: ImportPart) -> None:
        work(session, record, part)
        if next(tries) == 1:
            raise ValueError

    monkeypatch.setattr(steps, "_work", fail_once)
    with dealership.by_system() as session:
        steps.sweep(session)
        assert session.get_one(Import, import_id).state == "checked"
    assert _counts(dealership, import_id) == (3, 0, 0, 0)


# --- decisions ------------------------------------------------------------------------------------


def test_only_somebody_who_may_import_everywhere_can(dealership: Dealership) -> None:
    """SEC-2: a file is compared with all clients."""
    with pytest.raises(Forbidden), dealership.by(PAVEL) as session:
        steps.start(session, _csv(FILE), "a.csv")


@pytest.mark.parametrize("rows", [[["a", "b"], ["1", "2"]], [HEADS], [HEADS, ["", "", ""]]])
def test_a_file_without_headings_or_rows_is_refused_at_once(dealership: Dealership, rows: Rows) -> None:
    with pytest.raises(Invalid), dealership.by(OLGA) as session:
        steps.start(session, _csv(rows), "a.csv")
    with dealership.by_system() as session:
        assert session.scalar(select(func.count(Import.id))) == 0


def test_columns_are_chosen_once_and_must_tell_who(dealership: Dealership) -> None:
    with dealership.by(OLGA) as session:
        import_id = steps.start(session, _csv(FILE), "a.csv").id
        assert steps.sample(session, session.get_one(Import, import_id), 1) == [FILE[1]]
    for columns, place in (({0: "vin", 1: "vin"}, "column.0"), ({3: "note"}, "columns")):
        with pytest.raises(Invalid) as refused, dealership.by(OLGA) as session:
            steps.set_columns(session, import_id, columns, match_known=True, add_models=False)
        assert place in refused.value.errors


def test_vip_is_imported_only_by_those_who_may_set_it(dealership: Dealership) -> None:
    """S4-04."""
    rows = [["Фамилия", "Имя", "VIP", "Причина VIP"], ["Иванов", "Иван", "да", "Друг"]]
    plain = replace(access(OLGA), grants={k: v for k, v in access(OLGA).grants.items() if k != SET_VIP})
    with dealership.database.writing(plain) as session:
        record = steps.start(session, _csv(rows), "клиенты.csv")
        assert record.columns == {"0": "last_name", "1": "first_name"}
        columns = {0: "last_name", 1: "first_name", 2: "vip", 3: "vip_reason"}
        with pytest.raises(Invalid) as refused:
            steps.set_columns(session, record.id, columns, match_known=True, add_models=False)
        assert set(refused.value.errors) == {"column.2", "column.3"}
        import_id = record.id
    with dealership.by(OLGA) as session:
        steps.set_columns(session, import_id, columns, match_known=True, add_models=False)
    assert _go_on(dealership, import_id).state == "checked"


def test_steps_out_of_turn_are_refused(dealership: Dealership) -> None:
    import_id = _start(dealership, FILE)
    with pytest.raises(Conflict), dealership.by(OLGA) as session:
        steps.run(session, import_id)
    _go_on(dealership, import_id)
    with dealership.by(OLGA) as session:
        steps.cancel(session, import_id)
    for step in (steps.run, steps.cancel):
        with pytest.raises(Conflict), dealership.by(OLGA) as session:
            step(session, import_id)
    assert _names(dealership) == []


def test_the_trail_and_the_retention(dealership: Dealership) -> None:
    """SEC-63; the rows of a file are not kept for ever."""
    _import(dealership, FILE)
    with dealership.by_system() as session:
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_type == "contacts_import"))
        assert list(actions) == ["import_started", "import_run", "import_finished"]
        assert steps.purge_imports(session, datetime(2027, 1, 1, tzinfo=UTC), 10) == 1
        assert session.scalars(select(ImportRow)).all() == []


# --- files that are given back -------------------------------------------------------------------


def test_problem_rows_come_back_as_a_workbook(dealership: Dealership, tmp_path: Path) -> None:
    import_id = _checked(dealership, [HEADS, ["=1+1", "Сидоров", "Олег", "12345", "", "", "", ""]])
    path = tmp_path / "problems.xlsx"
    with dealership.database.reading(access(OLGA)) as session:
        assert files.write_problems(session, session.get_one(Import, import_id), path, TRANSLATE) == 1
    head, row = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[:2]
    assert head[:4] == ["Row", "What is wrong", "Код клиента", "Фамилия"]
    assert row[:4] == [2, "Phones: “12345” is no phone number.", "'=1+1", "Сидоров"]  # SEC-35


def test_cars_are_exported_only_by_those_who_may_export_them(dealership: Dealership, tmp_path: Path) -> None:
    """SEC-2."""
    _import(dealership, FILE)
    for missing, words in (("", True), ("contacts.vehicle.export", False)):
        grants = {right: scope for right, scope in access(OLGA).grants.items() if right != missing}
        with dealership.database.reading(replace(access(OLGA), grants=grants)) as session:
            files.write_clients(session, tmp_path / "clients.csv", "csv", TRANSLATE)
        written = (tmp_path / "clients.csv").read_text(encoding="utf-8")
        assert ("Иванов" in written, VINS[0] in written) == (True, words)


def test_clients_are_exported_as_far_as_the_right_to_export_reaches(dealership: Dealership, tmp_path: Path) -> None:
    """SEC-35: also by who sees more of them."""
    _import(dealership, FILE)
    for scope, words in ((Scope.ALL, True), (Scope.NONE, False)):
        grants = {**access(OLGA).grants, "contacts.customer.export": scope}
        with dealership.database.reading(replace(access(OLGA), grants=grants)) as session:
            files.write_clients(session, tmp_path / "clients.csv", "csv", TRANSLATE)
        assert ("Иванов" in (tmp_path / "clients.csv").read_text(encoding="utf-8")) == words


_WORDS = st.text("абвгдеёжзиклмнопрстуфхцчшщэюя", min_size=2, max_size=12).map(str.capitalize)
_PHONES = st.lists(st.integers(9030000000, 9039999999).map(lambda number: f"8{number}"), max_size=2, unique=True)


@st.composite
def _files(draw: st.DrawFn) -> Rows:
    """A file of clients with their own numbers and phones, some with cars."""
    heads = ["Код клиента", "Фамилия", "Имя", "Отчество", "Телефоны", "E-mail", "VIP", "Примечание", "VIN", "Госномер",
             "Марка", "Модель", "Год выпуска", "Пробег, км", "Дата пробега", "Ответственный", "Последнее обращение"]  # fmt: skip
    rows: list[list[str]] = []
    taken: set[str] = set()
    for number in range(draw(st.integers(1, 5))):
        phones = [phone for phone in draw(_PHONES) if phone not in taken]
        taken.update(phones)
        note = draw(st.sampled_from(["", "=SUM(A1)", "+7 текст", "две\nстроки", "'кавычка", "-"]))
        client = [str(number), draw(_WORDS), draw(_WORDS), draw(st.one_of(st.just(""), _WORDS)), ", ".join(phones)]
        client += [draw(st.sampled_from(["", "a@b.ru"])), draw(st.sampled_from(["", "нет"])), note]
        more = [draw(st.sampled_from(["", "Орлова Ольга"])), draw(st.sampled_from(["", "01.02.2024 10:15"]))]
        car = [""] * 7
        if draw(st.booleans()):
            vin = f"WBA5A5C51ED50{number:04}" if draw(st.booleans()) else ""
            mileage = draw(st.sampled_from([["", ""], ["12 000", ""], ["12000", "05.05.2025"]]))
            car = [vin, f"А{number:03}ВС77", "BMW", draw(st.sampled_from(["", "X5"])), "2019", *mileage]
        rows.append([*client, *car, *more])
    return [heads, *rows]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_files(), kind=st.sampled_from(["xlsx", "csv"]))
def test_imported_exported_and_imported_again_nothing_changes(
    databases: Databases, tmp_path: Path, rows: Rows, kind: str
) -> None:
    with opened(databases, "clients", fill) as dealership:
        count = len(rows) - 1
        assert _import(dealership, rows) == (count, 0, 0, 0)
        before = _directories(dealership)
        path = tmp_path / f"clients.{kind}"
        with dealership.database.reading(access(OLGA)) as session:
            assert files.write_clients(session, path, kind, TRANSLATE) == count
        with dealership.by(OLGA) as session, path.open("rb") as file:
            record = steps.start(session, file, path.name)
            columns = {int(place): name for place, name in record.columns.items()}
            steps.set_columns(session, record.id, columns, match_known=True, add_models=False)
        _go_on(dealership, record.id)
        with dealership.by(OLGA) as session:
            steps.run(session, record.id)
        _go_on(dealership, record.id)
        assert _problems(dealership, record.id) == {}
        assert _counts(dealership, record.id) == (0, 0, count, 0)
        assert _directories(dealership) == before


def test_the_template_has_the_columns_that_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    files.write_template(path, TRANSLATE)
    (head,) = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert head == files.HEADINGS
    assert len(recognise([str(cell) for cell in head])) == len(head)
