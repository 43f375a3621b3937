"""T-1: who has bought a car here is a repeat client, however his contact learns who he is (S1-63, S2-10)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer, Document, InboundContact
from addons.contacts.services import handling, identifying
from addons.contacts.services.callers import clients_with
from addons.contacts.services.registration import NewContact, register
from addons.sales.models import Worksheet
from addons.sales.services.worksheets import NewWorksheet, create_worksheet, move
from core.web.app import Application
from tests.contacts.test_handling import Firm, come_in, firm, new_car_goal
from tests.contacts.test_identifying import add_client, contact_of, mine
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

__all__ = ["firm"]


@pytest.fixture
def visitor(app: Application) -> Visitor:
    return Visitor(app, "petukhov")


def worksheet(firm: Firm, client: int, *, delivered: bool = False) -> int:
    """A worksheet of petukhov for a client."""
    with firm.as_("petukhov") as session:
        goal = handling.get_contact(session, come_in(firm, responsible_id=firm.people["petukhov"]))
        new = NewWorksheet(
            customer_id=client,
            interest="Kia Rio",
            responsible_id=firm.people["petukhov"],
            department_id=goal.department_id,
            branch_id=goal.branch_id,
        )
        number = create_worksheet(session, new).id
    if delivered:
        with firm.as_("petukhov") as session:
            move(session, number, "delivered")
    return number


def test_attaching_to_a_buyers_worksheet_makes_him_repeat(firm: Firm, visitor: Visitor) -> None:
    buyer = add_client(firm, "Иванов", "+79031234567")
    document, contact = worksheet(firm, buyer, delivered=True), mine(firm)
    with firm.as_("petukhov") as session:
        handling.attach(session, contact, document)
    found = contact_of(firm, contact)
    assert (found.state, found.customer_id, found.client_text) == ("processed", buyer, "Иванов Пётр")
    assert not found.is_primary
    assert found.phone == "+79031234567"
    with firm.as_("admin") as session:
        assert session.get_one(Customer, buyer).last_contact_at == found.at
    assert f"/contact/{contact}" in visitor.get("/traffic?q=иванов").text


def test_an_open_worksheet_leaves_him_first_time(firm: Firm) -> None:
    document, contact = worksheet(firm, add_client(firm, "Иванов")), mine(firm)
    with firm.as_("petukhov") as session:
        handling.attach(session, contact, document)
    assert contact_of(firm, contact).is_primary


def test_choosing_the_client_works_it_out_too(firm: Firm) -> None:
    buyer, contact = add_client(firm, "Иванов"), mine(firm)
    worksheet(firm, buyer, delivered=True)
    with firm.as_("petukhov") as session:
        assert not identifying.identify(session, contact, buyer).is_primary


def test_who_calls_from_another_number_is_a_known_client_again_s1_11(firm: Firm) -> None:
    """Identified and his number added, he is a repeat client, and known by that number the next time."""
    buyer, contact = add_client(firm, "Иванов", "+79031234567"), mine(firm, phone="8 903 555-01-01")
    worksheet(firm, buyer, delivered=True)
    assert contact_of(firm, contact).is_primary
    with firm.as_("petukhov") as session:
        identifying.identify(session, contact, buyer)
        assert identifying.save_phone(session, contact)
    assert not contact_of(firm, contact).is_primary
    with firm.as_("lebedeva") as session:
        assert [each.id for each in clients_with(session, "+79035550101")] == [buyer]


def test_a_worksheet_made_for_somebody_unknown_gets_the_client_with_the_contact(firm: Firm, visitor: Visitor) -> None:
    """The client is identified after the document was made: both, and the client's card, know him."""
    client, contact = add_client(firm, "Иванов", "+79031234567"), mine(firm, client_text="Виктор с трейд-ином")
    with firm.as_("petukhov") as session:
        number = handling.create_document(session, contact, "sales.worksheet").id
    with firm.as_("petukhov") as session:
        identifying.identify(session, contact, client)
    with firm.as_("petukhov") as session:
        made, head = session.get_one(Worksheet, number), session.get_one(Document, number)
        assert (made.customer_id, made.customer_text) == (client, "")
        assert (head.customer_id, head.customer_text) == (client, "Иванов Пётр")
    assert head.number in visitor.get(f"/clients/{client}").text


def test_three_contacts_of_one_worksheet(firm: Firm, visitor: Visitor) -> None:
    """S0-54, S0-48: the call, the visit and the handover are on the worksheet's and the client's card, in order."""
    client = add_client(firm, "Иванов", "+79031234567")
    document = worksheet(firm, client)
    contacts = [
        mine(firm, channel=channel, note=note) for channel, note in (("phone", "A"), ("visit", "B"), ("visit", "C"))
    ]
    for contact in contacts:
        with firm.as_("petukhov") as session:
            handling.attach(session, contact, document)
    with firm.as_("admin") as session:
        linked = session.scalars(select(InboundContact.id).where(InboundContact.document_id == document))
        assert sorted(linked) == contacts
        numbers = [session.get_one(InboundContact, contact).number for contact in contacts]
        assert session.get_one(Document, document).open
    for page in (visitor.get(f"/sales/{document}").text, Visitor(visitor.app, "admin").get(f"/clients/{client}").text):
        places = [page.index(number) for number in numbers]
        assert places == sorted(places, reverse=True)


def test_the_portrait_shows_his_worksheets_and_what_he_bought(firm: Firm, visitor: Visitor) -> None:
    """S1-57: the addon adds its block and its badge to the card of the contact."""
    client = add_client(firm, "Иванов", "+79031234567")
    worksheet(firm, client, delivered=True)
    running = worksheet(firm, client)
    with firm.as_("lebedeva") as session:
        new = NewContact(
            channel="visit",
            goal_id=new_car_goal(session),
            customer_id=client,
            responsible_id=firm.people["petukhov"],
        )
        contact = register(session, new).id
    page = visitor.get(f"/contact/{contact}").text
    assert f"/sales/{running}" in page
    assert "Куплено автомобилей: 1" in page


def test_the_head_makes_the_document_for_who_has_the_contact(firm: Firm) -> None:
    contact = mine(firm)
    with firm.as_("kravtsov") as session:
        document = handling.create_document(session, contact, "sales.worksheet")
        assert document.responsible_id == firm.people["petukhov"]


def test_a_document_out_of_reach_does_not_hide_the_contact(
    firm: Firm, dealership: Dealership, visitor: Visitor
) -> None:
    document, contact = worksheet(firm, add_client(firm, "Иванов")), mine(firm)
    with firm.as_("petukhov") as session:
        handling.attach(session, contact, document)
    with dealership.session() as session:
        head = session.get_one(Document, document)
        head.department_id, head.number = None, "РЛ-тайный"
    page = Visitor(visitor.app, "sokolova").get(f"/contact/{contact}")
    assert page.status_code == 200
    assert "РЛ-тайный" not in page.text
