"""What a fresh instance contains, and that nothing of it comes back against somebody's will (S0-05, S0-06, S2-20)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, func, select

from addons.contacts.models import ContactGoal, IgnoreReason, LeadSource, Make, RequestReason, VehicleModel
from addons.contacts.services import catalogue, goals, shipped
from addons.contacts.services.shipped_cars import car_makes
from addons.contacts.services.shipped_goals import PURPOSES, SCRIPTS
from addons.contacts.services.vocabulary import CATEGORIES, CHANNELS, ROUTES
from core.access.models import Branch, Department
from core.host.models import ShippedRow
from core.host.shipped import ship
from core.testing.databases import Databases
from tests.contacts.fresh import Instance, fill, lent

DIRECTORIES = (ContactGoal, IgnoreReason, RequestReason, LeadSource, Make, VehicleModel, Department, Branch)


@pytest.fixture
def empty(databases: Databases) -> Iterator[Instance]:
    """Tables and roles."""
    with lent(databases, "contacts-empty", fill) as instance:
        yield instance


@pytest.fixture
def fresh(empty: Instance) -> Instance:
    """An instance after its first start."""
    empty.ship()
    return empty


def counts(instance: Instance) -> dict[str, int]:
    with instance.reading() as session:
        return {model.__tablename__: session.scalar(select(func.count(model.id))) or 0 for model in DIRECTORIES}


def test_a_fresh_instance_has_a_branch_with_its_departments(fresh: Instance) -> None:
    with fresh.reading() as session:
        kinds = list(session.scalars(select(Department.kind).order_by(Department.id)))
        assert kinds == ["showroom", "workshop", "parts", "finance", "other"]
        assert session.scalars(select(Branch.time_zone)).all() == ["Europe/Moscow"]


def test_calls_and_visits_can_be_registered_for_a_new_car_and_for_a_repair_s0_05(fresh: Instance) -> None:
    with fresh.reading() as session:
        titles = {(goal.channel, goal.short("ru")) for goal in goals.active_goals(session)}
    for channel in ("phone", "visit"):
        assert (channel, "Автосалон. Покупка нового автомобиля") in titles
        assert (channel, "Сервис. Ремонт автомобиля") in titles


def test_there_is_a_goal_for_each_route_and_category_and_channel_s2_20_c_23_c_24(fresh: Instance) -> None:
    with fresh.reading() as session:
        shown = session.execute(select(ContactGoal.route, ContactGoal.category, ContactGoal.channel)).all()
    assert {row.route for row in shown} == {route.code for route in ROUTES}
    assert {row.category for row in shown} == set(CATEGORIES)
    assert {row.channel for row in shown} == {channel.code for channel in CHANNELS}


def test_information_wants_no_document_and_no_result_s2_21(fresh: Instance) -> None:
    with fresh.reading() as session:
        rows = session.scalars(select(ContactGoal).where(ContactGoal.route == "information")).all()
        assert rows
        assert not any(goal.is_request or goal.result_required for goal in rows)


def test_each_goal_says_what_to_ask_in_both_languages_s0_16(fresh: Instance) -> None:
    with fresh.reading() as session:
        for goal in goals.active_goals(session):
            assert len(goal.script("ru")) == len(goal.script("en")) >= 3, goal.short("ru")
    assert {purpose.script for purpose in PURPOSES} == set(SCRIPTS)


def test_the_first_call_asks_what_the_examples_ask_s0_16(fresh: Instance) -> None:
    with fresh.reading() as session:
        new_car = next(goal for goal in goals.active_goals(session) if goal.purpose_en == "Buying a new car")
    script = new_car.script("ru")
    assert script[0] == "Добрый день, чем я могу помочь?"
    assert "Вы ранее у нас обслуживались?" in script


@pytest.mark.parametrize("model", [ContactGoal, IgnoreReason, RequestReason, LeadSource, Department, Branch])
def test_every_label_is_there_in_both_languages_x_03(fresh: Instance, model: type) -> None:
    name = "purpose" if model is ContactGoal else "title"
    with fresh.reading() as session:
        rows = session.execute(select(getattr(model, f"{name}_ru"), getattr(model, f"{name}_en"))).all()
    assert rows
    assert all(ru.strip() and en.strip() for ru, en in rows)
    assert not any(letter in "абвгдеёжзийклмнопрстуфхцчшщъыьэюя" for _, en in rows for letter in en.lower())


def test_only_other_needs_a_comment_and_stands_last_s0_45(fresh: Instance) -> None:
    with fresh.reading() as session:
        reasons = session.scalars(select(IgnoreReason).order_by(IgnoreReason.position)).all()
        assert [reason.title_ru for reason in reasons if reason.comment_required] == ["Прочее"]
        assert reasons[-1].comment_required


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("мерседес", "Mercedes-Benz"),
        ("vthctltc", "Mercedes-Benz"),
        ("шкода", "Škoda"),
        ("skoda", "Škoda"),
        ("lada", "Lada"),
        ("хавейл", "Haval"),
        ("чери", "Chery"),
        ("москвич", "Москвич"),
    ],
)
def test_makes_are_found_in_either_script_s2_31(fresh: Instance, typed: str, found: str) -> None:
    with fresh.reading() as session:
        assert found in [make.name for make in catalogue.find_makes(session, typed)]


@pytest.mark.parametrize(("typed", "found"), [("октавия", "Octavia"), ("солярис", "Solaris"), ("а класс", "A-класс")])
def test_models_are_found_by_the_names_people_use(fresh: Instance, typed: str, found: str) -> None:
    with fresh.reading() as session:
        assert found in [model.name for model in catalogue.find_models(session, typed, None)]


def test_makes_and_models_are_many_and_each_is_there_once() -> None:
    makes = list(car_makes())
    assert len({make.name for make in makes}) == len(makes) >= 45
    for make in makes:
        names = [name for name, _ in make.models]
        assert len(set(names)) == len(names) >= 2, make.name
        assert all(name.strip() == name and name for name in names)
    assert sum(len(make.models) for make in makes) >= 350


def test_every_start_brings_the_same_once(fresh: Instance) -> None:
    before = counts(fresh)
    fresh.ship()
    fresh.ship()
    assert counts(fresh) == before


def test_what_was_edited_stays_as_it_is(fresh: Instance) -> None:
    with fresh.writing() as session:
        goal = session.scalars(select(ContactGoal).where(ContactGoal.route == "information").limit(1)).one()
        goal.purpose_ru, goal.script_ru, goal.active = "Адрес", "Здравствуйте!", False
        goal_id = goal.id
        reason = session.scalars(select(IgnoreReason).where(IgnoreReason.title_ru == "Прочее")).one()
        reason.title_ru, reason.title_en = "Иное", "Something else"
    before = counts(fresh)
    fresh.ship()
    assert counts(fresh) == before
    with fresh.reading() as session:
        goal = session.get_one(ContactGoal, goal_id)
        assert (goal.purpose_ru, goal.script_ru, goal.active) == ("Адрес", "Здравствуйте!", False)


def test_what_was_deleted_does_not_come_back(fresh: Instance) -> None:
    with fresh.writing() as session:
        make = session.scalars(select(Make).where(Make.name == "Tesla")).one()
        for model in session.scalars(select(VehicleModel).where(VehicleModel.make_id == make.id)):
            session.delete(model)
        session.flush()
        session.delete(make)
        session.delete(session.scalars(select(LeadSource).where(LeadSource.title_ru == "Радио")).one())
    before = counts(fresh)
    fresh.ship()
    assert counts(fresh) == before


def test_a_row_somebody_made_before_is_taken_for_the_shipped_one(empty: Instance) -> None:
    with empty.writing() as session:
        session.add(Make(name="Kia", name_ru="КИА Моторс"))
    empty.ship()
    with empty.reading() as session:
        kia = session.scalars(select(Make).where(Make.name == "Kia")).one()
        assert kia.name_ru == "КИА Моторс"
        assert session.scalar(select(func.count()).where(VehicleModel.make_id == kia.id)) == 13


def test_what_a_later_release_adds_is_brought(fresh: Instance) -> None:
    with fresh.writing() as session:
        session.execute(delete(ShippedRow).where(ShippedRow.kind == "contacts_make", ShippedRow.key == "Tesla"))
        ship(session, Make, {"Atom": {"name": "Atom", "name_ru": "Атом", "search_key": "atom"}}, ["name"])
    with fresh.reading() as session:
        assert session.scalar(select(func.count()).where(Make.name == "Atom")) == 1
    fresh.ship()
    with fresh.reading() as session:
        assert session.scalar(select(func.count()).where(Make.name == "Tesla")) == 1


def test_departments_that_are_there_already_get_the_goals(empty: Instance) -> None:
    with empty.writing() as session:
        branch = Branch(title_ru="Салон", title_en="Salon")
        session.add(branch)
        session.flush()
        session.add(Department(branch_id=branch.id, title_ru="Продажи", title_en="Sales", kind="showroom"))
    empty.ship()
    with empty.reading() as session:
        titles = {goal.short("ru") for goal in goals.active_goals(session)}
        assert session.scalar(select(func.count(Department.id))) == 1
    assert "Продажи. Покупка нового автомобиля" in titles


def test_a_department_added_later_gets_its_goals_at_the_next_start_s0_06(fresh: Instance) -> None:
    with fresh.writing() as session:
        branch = Branch(title_ru="Второй", title_en="Second")
        session.add(branch)
        session.flush()
        workshop = shipped.add_departments(session, branch)["workshop"].id
    fresh.ship()
    with fresh.reading() as session:
        channels = select(ContactGoal.channel).where(ContactGoal.department_id == workshop)
        assert {"phone", "visit"} <= set(session.scalars(channels))
