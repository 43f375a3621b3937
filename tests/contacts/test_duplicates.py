"""The warning before a client is saved twice: by phone, VIN, plate and name, confirmed by looking (SEC-2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from addons.contacts.services import records
from addons.contacts.services.duplicates import (
    Duplicate,
    Likeness,
    client_doubts,
    find_duplicates,
    likeness_of,
    vehicle_doubts,
)
from addons.contacts.services.names import Name
from core.errors import Confirmation, Doubt, Invalid, confirm
from core.testing.databases import Databases
from tests.contacts.clients import (
    MOSCOW,
    OLGA,
    PAVEL,
    SAMARA,
    Dealership,
    access,
    add_car,
    add_client,
    fill,
    opened,
)

VIN = "WBA5A5C51ED501234"


@pytest.fixture
def dealership(databases: Databases) -> Iterator[Dealership]:
    """The dealership with one client, her number and her car."""
    with opened(databases, "clients", fill) as dealership:
        with dealership.by_system() as session:
            client = add_client(session, "Щербакова", "Наталья", "Ивановна", phones=["8 903 123-45-67"])
            add_car(session, client, vin=VIN, plate="A123BC77", title="BMW X5")
        yield dealership


def _found(dealership: Dealership, user_id: int = OLGA, **values: object) -> list[Duplicate]:
    with dealership.database.reading(access(user_id)) as session:
        return find_duplicates(session, likeness_of(values))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"phones": "+7 (903) 123 45 67"}, "Same phone"),
        ({"phones": ["8 495 111-22-33; 89031234567"]}, "Same phone"),
        ({"vin": "wba5a5c51ed501234"}, "Same VIN"),
        ({"plate": "а123вс 77"}, "Same plate"),
        ({"last_name": "Щербакова", "first_name": "Наталья", "middle_name": "Ивановна"}, "Same name"),
        ({"last_name": "Щербакова", "first_name": "Наталья"}, "Similar name"),
        ({"last_name": "Щербокова", "first_name": "Наталья"}, "Similar name"),
        ({"last_name": "Shcherbakova", "first_name": "Natalya"}, "Similar name"),
        ({"last_name": "Щербакова", "first_name": "Н."}, "Similar name"),
    ],
)
def test_each_likeness_is_found(dealership: Dealership, values: dict[str, object], reason: str) -> None:
    (found,) = _found(dealership, **values)
    assert (found.name, found.reasons) == ("Щербакова Наталья Ивановна", [reason])
    assert found.vehicles == ["BMW X5 А 123 ВС 77"]


@pytest.mark.parametrize(
    "values",
    [
        {"last_name": "Щербакова"},
        {"last_name": "Щербакова", "first_name": "Ольга"},
        {"last_name": "Щербакова", "first_name": "Наталья", "middle_name": "Петровна"},
        {"last_name": "Иванова", "first_name": "Наталья"},
        {"phones": "+7 903 123-45-68"},
        {"phones": "не скажу"},
        {},
    ],
)
def test_others_are_not(dealership: Dealership, values: dict[str, object]) -> None:
    assert _found(dealership, **values) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (("Иванов", "Александр", ""), ("Иванова", "Александра", ""), False),
        (("Иванов", "Александр", ""), ("Ивонов", "Александр", ""), True),
        (("Ли", "Ан", ""), ("Лю", "Ан", ""), False),
        (("Кузнецов", "Пётр", "Петрович"), ("Kuznetsov", "Petr", ""), True),
    ],
)
def test_couples_and_short_names_are_different_people(
    one: tuple[str, str, str], other: tuple[str, str, str], alike: bool
) -> None:
    assert Name.of("person", *one).like(Name.of("person", *other)) is alike


def test_a_company_is_known_whatever_form_it_has() -> None:
    assert Name.of("company", "ООО «Ромашка»", "", "").like(Name.of("company", "Ромашка, ООО", "", ""))
    assert not Name.of("company", "ООО «Ромашка»", "", "").like(Name.of("person", "Ромашка", "", ""))


def test_the_surest_comes_first_with_all_its_reasons(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        add_client(session, "Щербакова", "Наталья")
        add_client(session, "Белов", "Олег", phones=["89031234567"])
    values = {"last_name": "Щербакова", "first_name": "Наталья", "phones": "89031234567", "vin": VIN}
    found = _found(dealership, **values)
    assert [(each.name, each.reasons) for each in found] == [
        ("Щербакова Наталья Ивановна", ["Same phone", "Same VIN", "Similar name"]),
        ("Белов Олег", ["Same phone"]),
        ("Щербакова Наталья", ["Same name"]),
    ]


def test_clients_of_another_branch_are_told_but_not_opened(dealership: Dealership) -> None:
    """SEC-2: the look-up right shows a name and a number, the card stays closed."""
    with dealership.by_system() as session:
        add_client(session, "Дальний", "Клиент", phones=["89261112233"], branch_id=SAMARA)
    (found,) = _found(dealership, PAVEL, phones="89261112233")
    assert not found.readable
    with dealership.database.reading(access(PAVEL)) as session:
        (doubt,) = client_doubts(session, None, {"phones": "89261112233"})
        assert doubt.remedies == ()
        (near,) = client_doubts(session, None, {"phones": "89031234567"})
        assert [remedy.label for remedy in near.remedies] == ["Open", "This is the client"]


def test_a_doubt_has_to_be_confirmed_and_a_new_one_is_asked_again(dealership: Dealership) -> None:
    values = {"last_name": "Новая", "first_name": "Клиентка", "phones": "89031234567"}
    with dealership.database.reading(access(OLGA)) as session:
        doubts = client_doubts(session, None, values)
        with pytest.raises(Confirmation) as asked:
            confirm(doubts, ())
        assert asked.value.status == 409
        confirm(doubts, asked.value.keys.split())
    with dealership.by_system() as session:
        add_client(session, "Третья", "Клиентка", phones=["89031234567"])
    with dealership.database.reading(access(OLGA)) as session:
        more = client_doubts(session, None, values)
        with pytest.raises(Confirmation) as again:
            confirm(more, asked.value.keys.split())
    assert len(again.value.doubts) == 2


def test_nothing_in_doubt_needs_no_answer() -> None:
    confirm([], ())
    confirm([Doubt("a.1", "one")], {"a.1", "b.2"})


def test_changing_a_client_asks_only_about_what_has_changed(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        twin = add_client(session, "Щербакова", "Наталья", "Ивановна")
        assert (
            client_doubts(session, twin, {"last_name": "Щербакова", "first_name": "Наталья", "middle_name": "Ивановна"})
            == []
        )
        other = add_client(session, "Белова", "Наталья")
        doubts = client_doubts(session, other, {"last_name": "Щербакова", "first_name": "Наталья"})
    assert len(doubts) == 2
    assert all(doubt.remedies[-1].endpoint == "contacts.merge" for doubt in doubts)
    assert doubts[0].remedies[-1].arguments["id"][1] == other.id


def test_a_merged_client_is_no_duplicate(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        kept = add_client(session, "Белова", "Наталья")
        gone = add_client(session, "Зимина", "Вера", phones=["89265554433"])
        gone.merged_into_id = kept.id
    assert _found(dealership, phones="89265554433") == []


def test_a_plate_is_asked_about_and_a_vin_is_refused(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        (doubt,) = vehicle_doubts(session, None, {"plate": "А 123 ВС 77"})
        assert doubt.title == "BMW X5"
        assert vehicle_doubts(session, None, {"plate": "В 001 ВВ 77"}) == []
        with pytest.raises(Invalid) as refused:
            records.create_vehicle(session, {"vin": VIN, "make_id": 1})
    assert list(refused.value.errors) == ["vin"]


def test_everybody_is_compared_within_one_branch_too(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        client = add_client(session, "Щукина", "Мария", branch_id=MOSCOW)
        found = find_duplicates(session, Likeness(Name.of("person", "Щукина", "Мария", "")), except_id=client.id)
    assert found == []
