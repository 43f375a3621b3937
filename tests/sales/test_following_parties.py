"""A document in progress calls its client, and finds his car, as they are now (S0-34)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer, Document, Vehicle
from addons.contacts.services import handling, merging
from addons.contacts.services.customers import add_phone
from addons.contacts.services.documents import customer_documents, find_documents, suggestions
from addons.contacts.services.records import change_client, change_vehicle, create_vehicle
from addons.sales.models import Worksheet
from addons.sales.services import records, worksheets
from core.access.models import User
from core.work.task_models import Task
from tests.contacts.test_handling import Firm, firm
from tests.contacts.test_identifying import add_client, mine

__all__ = ["firm"]


@pytest.fixture
def client(firm: Firm) -> int:
    return add_client(firm, "Иваноф", "+79031234567")


@pytest.fixture
def worksheet(firm: Firm, client: int) -> int:
    with firm.as_("admin") as session:
        car = create_vehicle(session, {"title": "BMW", "plate": "А123ВС77", "customer_id": client}).id
    contact = mine(firm, customer_id=client, client_text="", vehicle_id=car)
    with firm.as_("petukhov") as session:
        return handling.create_document(session, contact, "sales.worksheet").id


def found(firm: Firm, typed: str) -> list[int]:
    with firm.as_("petukhov") as session:
        return [each.id for each in find_documents(session, typed)]


def test_a_client_is_renamed(firm: Firm, client: int, worksheet: int) -> None:
    """By somebody who does not see the worksheet."""
    with firm.as_("volkov") as session:
        assert session.scalars(select(Document)).all() == []
        with session.unlimited("tests"):
            customer = session.get_one(Customer, client)
        change_client(session, customer, {"last_name": "Кузнецов"})
    assert found(firm, "Кузнецов") == [worksheet]
    assert found(firm, "Иваноф") == []
    with firm.as_("admin") as session:
        assert session.get_one(Document, worksheet).customer_text == "Кузнецов Пётр"


def test_the_task_of_its_next_step_says_his_new_name(firm: Firm, client: int, worksheet: int) -> None:
    with firm.as_("petukhov") as session:
        sheet = worksheets.get_worksheet(session, worksheet)
        records.change(session, sheet, {"next_step": "звонок", "next_step_at": session.now() + timedelta(days=1)})
    with firm.as_("admin") as session:
        change_client(session, session.get_one(Customer, client), {"last_name": "Кузнецов"})
        assert session.scalars(select(Task)).one().title_values["client"] == "Кузнецов Пётр"


def test_he_gets_another_number(firm: Firm, client: int, worksheet: int) -> None:
    with firm.as_("admin") as session:
        add_phone(session, session.get_one(Customer, client), "8 495 123-45-67")
    assert found(firm, "8 (495) 123-45-67") == [worksheet]


def test_his_car_gets_another_plate(firm: Firm, worksheet: int) -> None:
    with firm.as_("admin") as session:
        change_vehicle(session, session.scalars(select(Vehicle)).one(), {"plate": "В777ВВ99"})
    assert found(firm, "В777ВВ99") == [worksheet]
    assert found(firm, "А123ВС77") == []


def test_he_is_merged_with_another_record_and_taken_apart_again(firm: Firm, client: int, worksheet: int) -> None:
    other = add_client(firm, "Иванов", "+79165556677")
    with firm.as_("petukhov") as session:
        sheet = worksheets.get_worksheet(session, worksheet)
        records.change(session, sheet, {"next_step": "звонок", "next_step_at": session.now() + timedelta(days=1)})
    with firm.as_("admin") as session:
        done = merging.merge(session, other, client, {}).id
    assert called(firm, worksheet) == (other, "Иванов Пётр", "Иванов Пётр")
    assert found(firm, "8 916 555-66-77") == [worksheet]
    with firm.as_("admin") as session:
        merging.undo(session, done)
    assert called(firm, worksheet) == (client, "Иваноф Пётр", "Иваноф Пётр")
    assert found(firm, "8 916 555-66-77") == []


def called(firm: Firm, worksheet: int) -> tuple[int | None, str, str]:
    """The client of a worksheet, what the journal calls him, and what the task of its next step does."""
    with firm.as_("admin") as session:
        task = session.scalars(select(Task)).one()
        sheet = session.get_one(Worksheet, worksheet)
        return sheet.customer_id, session.get_one(Document, worksheet).customer_text, task.title_values["client"]


def test_a_finished_one_stays_as_it_was(firm: Firm, client: int, worksheet: int) -> None:
    with firm.as_("admin") as session:
        session.get_one(Document, worksheet).open = False
        session.flush()
        change_client(session, session.get_one(Customer, client), {"last_name": "Кузнецов"})
        assert session.get_one(Document, worksheet).customer_text == "Иваноф Пётр"


def test_a_colleague_without_a_short_name_is_somebody(firm: Firm, client: int, worksheet: int) -> None:
    with firm.as_("admin") as session:
        colleague = session.get_one(User, firm.people["petukhov"])
        colleague.short_name = ""
        name = colleague.full_name
    contact = mine(firm, customer_id=client, client_text="")
    with firm.as_("petukhov") as session:
        known = [*suggestions(session, handling.get_contact(session, contact)), *customer_documents(session, client)]
    assert [(each.id, each.responsible) for each in known] == [(worksheet, name)] * 2
