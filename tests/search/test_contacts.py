"""What the global search finds of clients, cars, contacts and documents, however it is typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from addons.contacts.models import InboundContact
from core.access.policy import Access, Scope, system
from core.db.engine import WorkSession
from core.testing.statements import Statements
from core.web.app import Application
from core.web.search import Gathered, gather

pytestmark = pytest.mark.addons("contacts")

RIGHTS = ("customer", "vehicle", "contact", "document")
Search = Callable[[str], Gathered]


def access(scope: Scope, *things: str) -> Access:
    return Access(
        user_id=1, grants={f"contacts.{thing}.read": scope for thing in things or RIGHTS}, branch_ids=frozenset({1})
    )


@pytest.fixture
def session(app: Application) -> Iterator[WorkSession]:
    with app.database.reading(access(Scope.ALL)) as session:
        yield session


@pytest.fixture
def search(app: Application, session: WorkSession) -> Search:
    return lambda query: gather(session, app.search_sources, query, 6)


def titles(found: Gathered, source: str) -> list[str]:
    return [each.hit.title for group in found.groups if group.source.name == source for each in group.hits]


@pytest.mark.parametrize(
    "query",
    [
        "иванов",
        "Иванов",
        "ИВАНОВ ВИКТОР",
        "виктор иванов",
        "ivanov",
        "bdfyjd",
        "Bdfyjd dbrnjh",
        "шмфтщм",
        "ивано",
        "ив",
    ],
)
def test_a_client_by_name_in_any_layout_and_script(search: Search, query: str) -> None:
    """S2-27, S2-32, C-19."""
    assert titles(search(query), "clients")[0] == "Иванов Виктор"


@pytest.mark.parametrize(
    "query",
    [
        "8 903 123-45-67",
        "89031234567",
        "+7(903)123-45-67",
        "9031234567",
        "8 (903) 123 45 67 доб. 12",
        "тел. 8-903-123-45-67",
        "123-45-67",
        "4567",
        "903123",
        "8903",
    ],
)
def test_a_client_by_phone_in_any_spelling_and_by_its_part(search: Search, query: str) -> None:
    """S2-26, X-04, S1-51."""
    assert "Иванов Виктор" in titles(search(query), "clients")


def test_a_client_by_the_second_phone_which_is_then_shown(search: Search) -> None:
    """X-04: both numbers find him, and the line says why he was found."""
    (group,) = (group for group in search("8 495 123-45-67").groups if group.source.name == "clients")
    (hit,) = group.hits
    assert hit.hit.title == "Петров Павел"
    assert "+7 495 123-45-67" in "".join(text for text, _ in hit.text)


@pytest.mark.parametrize("query", ["viktor@example.ru", "viktor@example"])
def test_a_client_by_e_mail(search: Search, query: str) -> None:
    assert titles(search(query), "clients") == ["Иванов Виктор"]


@pytest.mark.parametrize("query", ["мерс", "mers", "vthc", "ьукы", "mercedes", "мерседес", "Мерседес-Бенц"])
def test_a_make_in_either_script_and_layout(search: Search, query: str) -> None:
    """S2-32: all of them find Mercedes-Benz."""
    assert titles(search(query), "vehicles")[0].startswith("Mercedes-Benz")


@pytest.mark.parametrize("query", ["а123вс77", "A123BC 77", "а 123 вс 777", "a123bc777", "ф123ис"])
def test_a_car_by_plate_in_either_alphabet(search: Search, query: str) -> None:
    """S2-28, S1-51: its owner is found by it as well."""
    found = search(query)
    assert titles(found, "vehicles") == ["Mercedes-Benz"]
    assert titles(found, "clients") == ["Иванов Виктор"]


@pytest.mark.parametrize("query", ["WDD1690071J123456", "1690071", "j123456", "црц"])
def test_a_car_by_vin_and_its_part(search: Search, query: str) -> None:
    """S1-51; «црц» finds nothing and breaks nothing."""
    assert titles(search(query), "vehicles") == ([] if query == "црц" else ["Mercedes-Benz"])


@pytest.mark.parametrize("query", ["ВТ-004218", "вт004218", "004218", "4218", "dn-004218"])
def test_a_contact_by_number(search: Search, query: str) -> None:
    assert "ВТ-004218" in titles(search(query), "traffic")


def test_a_contact_by_the_words_that_describe_the_visitor(search: Search) -> None:
    """S0-12."""
    assert titles(search("синей куртке"), "traffic") == ["ВТ-004219"]


def test_a_contact_that_was_undone_is_not_found(app: Application, search: Search) -> None:
    """What was registered by mistake and undone at once has never come in."""
    with app.database.writing(system("tests")) as session:
        contact = session.scalars(select(InboundContact).where(InboundContact.number == "ВТ-004218")).one()
        contact.state = "withdrawn"
    assert titles(search("ВТ-004218"), "traffic") == []
    assert titles(search("8 903 123-45-67"), "traffic") == []


def test_documents_by_number_title_and_client_once_each(search: Search) -> None:
    assert titles(search("РЛ-000482"), "documents") == ["РЛ-000482"]
    assert titles(search("hk-000482"), "documents") == ["РЛ-000482"]
    assert titles(search("замена масла"), "documents") == ["ЗН-011382"]
    assert titles(search("петров"), "documents") == ["ЗН-011382"]
    assert titles(search("8 495 123-45-67"), "documents") == ["ЗН-011382"]


def test_the_surname_before_the_patronymic(search: Search) -> None:
    assert titles(search("иванов"), "clients") == ["Иванов Виктор", "Сидоров Пётр Иванович"]


@pytest.mark.parametrize(
    "query", ["щщщщщщ", '"', "%%", "__", "*", "AND OR", "' OR 1=1 --", "\\", "иванов OR", "()", "^ив"]
)
def test_signs_mean_nothing_special(search: Search, query: str) -> None:
    """SEC-29: whatever is typed is a text to look for."""
    found = search(query)
    assert found.failed == []
    assert FAR_ONLY not in titles(found, "clients") or query == "^ив"


FAR_ONLY = "Дальнев Иван"


def test_only_rows_of_ones_own_reach(app: Application) -> None:
    """SEC-2, SEC-3: a client of another branch is not found, not counted and not named."""
    with app.database.reading(access(Scope.BRANCH)) as session:
        assert gather(session, app.search_sources, "дальнев", 6).groups == []
        assert gather(session, app.search_sources, "9165556677", 6).groups == []
    with app.database.reading(access(Scope.ALL)) as session:
        assert titles(gather(session, app.search_sources, "дальнев", 6), "clients") == [FAR_ONLY]


def test_only_things_of_ones_own_rights(app: Application) -> None:
    with app.database.reading(access(Scope.ALL, "vehicle")) as session:
        found = gather(session, app.search_sources, "мерс", 6)
    assert [group.source.name for group in found.groups] == ["vehicles"]
    assert "Иванов" not in "".join(text for text, _ in found.groups[0].hits[0].text)


@pytest.mark.parametrize("query", ["иванов", "8 903 123-45-67", "4567", "мерс"])
def test_a_source_asks_the_database_twice_at_most(app: Application, session: WorkSession, query: str) -> None:
    for _, source in app.search_sources:
        with Statements(app.database) as statements:
            source.find(session, query, 6)
        assert len(statements.texts) <= 2, source.name
