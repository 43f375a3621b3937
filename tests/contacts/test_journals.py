"""The journals of traffic and of documents: their columns, filters and groups (S0-41, S0-50, S0-52, S2-12, S2-38…40)."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
import python_calamine as calamine
from sqlalchemy import func, select

from addons.contacts.models import Consent, ContactGoal, Document, InboundContact, Make
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.documents import NewDocument as NewHead
from addons.contacts.services.documents import add_document
from core.access.models import Branch, Department
from core.web.app import Application
from core.work.numbers import Series
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def dealership(dealership: Dealership) -> Dealership:
    """The dealership after a few days of traffic."""
    with dealership.session() as session:
        _fill(session)
    return dealership


def _fill(session) -> None:  # type: ignore[no-untyped-def]
    """Contacts of several goals and makes, in two branches."""
    north = session.scalars(select(Branch).order_by(Branch.id)).first()
    south = Branch(title_ru="Юг", title_en="South", time_zone=north.time_zone)
    session.add(south)
    session.flush()
    twin = session.scalars(select(Department).where(Department.kind == "showroom")).first()
    session.add(Department(branch_id=south.id, kind="showroom", title_ru=twin.title_ru, title_en=twin.title_en))
    makes = list(session.scalars(select(Make).order_by(Make.id).limit(2)))
    goals = list(session.scalars(select(ContactGoal).order_by(ContactGoal.id).limit(4)))
    for number in range(8):
        goal = goals[number % len(goals)]
        session.add(
            InboundContact(
                number=f"Т-{number:04d}",
                at=session.now(),
                channel=goal.channel,
                state="registered" if number % 2 else "processed",
                goal_id=goal.id,
                department_id=goal.department_id,
                branch_id=north.id,
                make_id=makes[number % 2].id if number < 6 else None,
                is_primary=number % 2 == 0,
                is_request=number % 3 == 0,
                client_text=f"Клиент {number}",
            )
        )


class Off:
    """The state of a document whose addon is not there."""

    code, title, terminal = "new", "New", False


def _foreign_document(dealership: Dealership) -> int:
    with dealership.session() as session:
        new = NewHead(type="gone.paper", series=Series("gone.paper", "БУ-%(number)04d"), state=Off(), title="Бумага")
        return add_document(session, new).id


def test_the_registry_has_the_columns_of_the_paper(app: Application) -> None:
    """S2-38…40: chosen by the address, and in the file."""
    admin = Visitor(app, "admin")
    page = admin.get("/traffic?cols=client,primary,request,department,make").text
    heads = [
        unescape(re.sub(r"<[^>]+>", "", head)).strip() for head in re.findall(r"<th[^>]*>(.*?)</th>", page, re.DOTALL)
    ]
    for title in ("Первичный клиент", "Обращение", "Подразделение", "Марка"):
        assert title in heads
    sent = admin.post("/traffic/export", {"query": "cols=client,primary,request,department,make", "kind": "xlsx"})
    assert sent.status_code == 200
    rows = calamine.CalamineWorkbook.from_filelike(io.BytesIO(sent.data)).get_sheet_by_index(0).to_python()
    words = {str(cell) for row in rows for cell in row}
    assert {"Первичный клиент", "Обращение", "Подразделение"} <= words


@pytest.mark.parametrize("column", ["goal", "channel", "document", "department", "make", "primary", "request"])
def test_the_registry_is_sorted_by_any_of_them(app: Application, column: str) -> None:
    admin = Visitor(app, "admin")
    for sort in (column, f"-{column}"):
        assert admin.get(f"/traffic?sort={sort}").status_code == 200


def test_contacts_are_grouped_by_goal_and_by_make(app: Application, dealership: Dealership) -> None:
    """S2-12: the figures of each goal and of each make."""
    admin = Visitor(app, "admin")
    by_goal, by_make = admin.get("/traffic?group=goal"), admin.get("/traffic?group=make")
    assert (by_goal.status_code, by_make.status_code) == (200, 200)
    with dealership.session() as session:
        names = list(session.scalars(select(Make.name).order_by(Make.id).limit(2)))
        goal = session.scalars(select(ContactGoal).order_by(ContactGoal.id)).first()
        assert goal is not None
        assert goal.purpose_ru in by_goal.text
    for name in (*names, "без марки"):
        assert name in by_make.text


def test_departments_and_goals_of_the_filter_can_be_told_apart(app: Application) -> None:
    """S0-50."""
    panel = unescape(Visitor(app, "admin").get("/traffic/filters").text)
    options = re.findall(r"<(?:option|label)[^>]*>(.*?)</(?:option|label)>", panel, re.DOTALL)
    words = [re.sub(r"<[^>]+>", "", option).strip() for option in options]
    departments = [word for word in words if " · Юг" in word]
    assert departments
    goals = [word for word in words if word.count(" · ") >= 2]
    assert goals
    assert len(goals) == len(set(goals))


def test_documents_lead_to_themselves(app: Application, dealership: Dealership) -> None:
    """S0-43, X-12: to the page of their addon; of an addon that is off to what the journal knows."""
    number = _foreign_document(dealership)
    admin = Visitor(app, "admin")
    page = admin.get("/documents?q=").text
    assert f'href="/documents/{number}?' in page
    card = admin.get(f"/documents/{number}")
    assert card.status_code == 200
    assert "Бумага" in card.text
    assert "отключён" in card.text


@pytest.mark.addons("contacts", "sales")
def test_a_worksheet_opens_from_the_journal_and_is_filtered_by_its_kind(
    app: Application, dealership: Dealership
) -> None:
    """S0-41, S0-52."""
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    other = _foreign_document(dealership)
    with dealership.session() as session:
        worksheet = create_worksheet(session, NewWorksheet(customer_text="Иванов")).id
    admin = Visitor(app, "admin")
    assert admin.get(f"/documents/{worksheet}").location == f"/sales/{worksheet}"
    reader = Visitor(app, "lebedeva")
    assert reader.get(f"/documents/{worksheet}").status_code in (200, 404)
    only = admin.get("/documents?type=sales.worksheet").text
    assert f"/documents/{worksheet}?" in only
    assert f"/documents/{other}?" not in only
    assert "Рабочий лист" in only
    assert admin.get("/documents?type=nobody").status_code == 400
    grouped = admin.get("/documents?group=type")
    assert grouped.status_code == 200
    assert "Рабочий лист" in grouped.text
    with dealership.session() as session:
        assert session.scalar(select(func.count(Document.id))) == 2


def test_a_consent_by_a_channel_of_traffic_is_told_in_words(app: Application, dealership: Dealership) -> None:
    """X-03: no code stands on the card."""
    with dealership.session() as session:
        data = CustomerData(last_name="Орлова", first_name="Ольга")
        customer_id = create_customer(session, data).id
        given = session.now()
        for channel in ("visit", "mobile_app", "paper"):
            session.add(Consent(customer_id=customer_id, purpose="processing", channel=channel, given_at=given))
    card = Visitor(app, "admin").get(f"/clients/{customer_id}").text
    for words in ("Визит", "На бумаге"):
        assert words in card
    assert "· visit ·" not in card
    assert "mobile_app" not in card
