"""What the operator writes down for a manager who cannot talk just now becomes his worksheet (S3-19…27, X-01)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.models import Document, InboundContact
from addons.sales.models import Worksheet
from addons.sales.services import next_steps
from core.web.app import Application
from core.work.models import Notification
from core.work.task_models import Task
from tests.contacts.test_operator_wizard import left
from tests.contacts.test_reception import Desk
from tests.sales.conftest import stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def desk(dealership: Dealership, app: Application) -> Desk:
    """The operator."""
    return Desk(dealership, Visitor(app, "lebedeva"))


def interest(desk: Desk, **more: Any) -> Worksheet:
    """The worksheet that the operator's wizard has left."""
    assert left(desk, **more).status_code == 303
    return stored(desk.dealership, desk.one(select(Worksheet.id)))


def test_closing_the_wizard_leaves_an_interest_with_its_manager_s3_27(desk: Desk, app: Application) -> None:
    company = {"customer_id": "new", "last_name": "Иванов", "first_name": "Виктор", "company": "ООО «Ромашка»"}
    worksheet, petukhov = interest(desk, **company), desk.dealership.people["petukhov"]
    contact = desk.contact()
    assert (contact.state, contact.document_id, contact.responsible_id) == ("processed", worksheet.id, petukhov)
    assert (worksheet.responsible_id, worksheet.customer_id) == (petukhov, contact.customer_id)
    task = desk.one(select(Task))
    assert (task.kind, task.assignee_id, task.subject_id) == (next_steps.KIND, petukhov, worksheet.id), "one work item"
    assert (worksheet.next_step, worksheet.next_step_at) == ("Прислать предложение", task.due_at)
    assert desk.all(select(Notification.subject_type).where(Notification.user_id == petukhov)) == [Task.__tablename__]
    manager = Visitor(app, "petukhov")
    assert "Три машины для такси" in manager.get("/sales").text
    card = manager.get(f"/sales/{worksheet.id}").text
    for told in ("Три машины для такси", "Прислать предложение", "ivanov@example.com", "+79031234567", "Ромашка"):
        assert told in card
    assert "Покупка нового автомобиля" in card, "the service type"


def test_without_a_topic_it_is_a_call_back_s3_27(desk: Desk) -> None:
    assert left(desk, topic="", wish="", customer_id_text="Виктор").status_code == 303
    assert desk.all(select(Document.id)) == []
    assert desk.one(select(Task.kind)) == "contacts.callback"


def test_an_undone_registration_takes_the_interest_back(desk: Desk) -> None:
    worksheet, contact = interest(desk, customer_id_text="Виктор"), desk.contact()
    assert desk.visitor.post(f"/reception/undo/{contact.id}").status_code == 303
    assert desk.one(select(InboundContact.state)) == "withdrawn"
    assert stored(desk.dealership, worksheet.id).stage == "lost"
    assert desk.one(select(Task.state)) == "done"


def test_nobody_takes_back_what_its_manager_works_on(desk: Desk) -> None:
    worksheet, contact = interest(desk, customer_id_text="Виктор"), desk.contact()
    with desk.dealership.session() as session:
        session.get_one(Worksheet, worksheet.id).stage = "selection"
    assert desk.visitor.post(f"/reception/undo/{contact.id}").status_code == 409
    assert desk.one(select(InboundContact.state)) == "processed"
