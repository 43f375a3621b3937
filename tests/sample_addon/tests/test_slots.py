"""What parking adds to the screens of others."""

from __future__ import annotations

import io

import pytest
from parking.models import KeptPlace, Pass, Zone
from parking.services import passes
from parking.services.gate import AT_ONCE, GATE, PASS, PRESENTED, follow_contact, forget_host
from parking.services.past_stays import STAYS
from sqlalchemy import select

from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.handling import create_document
from addons.contacts.services.importing import steps
from addons.contacts.services.registration import NewContact, register
from core import Conflict, presence


@pytest.fixture
def parked(session, viktor, car) -> Pass:
    """His car on the parking."""
    new = passes.NewPass(plate=car.plate, car=car.title, customer_id=viktor.id, vehicle_id=car.id, price=50_000)
    return passes.enter(session, passes.issue(session, new).id)


def test_clients_show_who_is_here(client, parked, viktor):
    assert "A123BC777" in client.get("/clients").text
    assert "Viktor" in client.get("/clients?parked=yes").text
    assert "Viktor" not in client.get("/clients?parked=no").text
    card = client.get(f"/clients/{viktor.id}").text
    assert parked.number in card
    assert "Order a pass" in card


def test_the_list_of_clients_counts_those_who_are_here(client, session, parked):
    create_customer(session, CustomerData(last_name="Petrov", phones=["89031234568"]))
    here = 'On the parking: <b class="num">{}</b>'

    assert here.format(1) in client.get("/clients").text
    assert here.format(0) in client.get("/clients?q=Petrov").text


def test_clients_are_broken_down_by_where_their_car_stands(client, session, parked, viktor):
    parked.zone_id = session.scalars(select(Zone.id).where(Zone.handover)).one()
    create_customer(session, CustomerData(last_name="Petrov", phones=["89031234568"]))

    page = client.get("/clients?group=zone").text

    assert page.index("Handover") < page.index("Viktor") < page.index("without a car here") < page.index("Petrov")


def test_a_place_is_kept_in_the_form_of_the_client(client, session):
    viktor = {"legal_form": "person", "last_name": "Ivanov", "first_name": "Viktor", "numbers-phones": "89031234567"}
    place = {"section.parking": "1", "parking-place": "B-12", "section.numbers": "1"}

    assert client.post("/clients/new", {**viktor, **place}).status_code == 303
    assert session.scalars(select(KeptPlace.place)).all() == ["B-12"]


def test_a_pass_is_ordered_from_the_card_of_the_client(client, session, viktor):
    assert client.post(f"/parking/clients/{viktor.id}/order").status_code == 303
    assert session.scalars(select(Pass.customer_id)).all() == [viktor.id]


def test_cars_show_their_stays(client, parked, car):
    assert parked.number in client.get(f"/vehicles/{car.id}").text
    assert client.get("/vehicles").status_code == 200


def test_the_card_of_a_contact_tells_that_he_is_here_by_car(client, session, goal, parked, viktor):
    contact = register(session, NewContact(channel=GATE.code, goal_id=goal.id, customer_id=viktor.id))

    card = client.get(client.app.url("contacts.contact", record_id=contact.id)).text

    assert "His car is on the parking" in card
    assert parked.number in card
    assert "Gate intercom" in card
    assert "Parking pass" in card


def test_the_card_of_a_contact_shows_the_pass_it_became(client, session, goal):
    contact = register(session, NewContact(channel=GATE.code, goal_id=goal.id, client_text="A guest"))
    made = session.get_one(Pass, create_document(session, contact.id, PASS.code).id)
    made.car = "Lada Vesta, blue"
    session.flush()

    assert made.car in client.get(client.app.url("contacts.contact", record_id=contact.id)).text


def test_whose_guest_is_here_sees_it_over_every_page_and_is_busy(client, session, parked, user):
    parked.host_id = user.id
    session.commit()

    assert "data-live-now" in client.get("/clients").text
    assert parked.number in client.get("/parking/guests", headers={"X-Fragment": "1"}).text
    assert presence.presence_of(session, [user.id])[user.id].line == "call"


def test_a_guest_goes_with_his_contact(session, goal, parked, user):
    contact = register(session, NewContact(channel=GATE.code, goal_id=goal.id, client_text="Viktor"))
    contact.document_id, contact.responsible_id = parked.id, user.id

    follow_contact(session, contact)

    assert parked.host_id == user.id

    forget_host(session, contact)

    assert parked.host_id is None


def test_who_has_paid_for_a_stay_is_no_first_time_client(session, goal, parked, viktor):
    call = NewContact(channel=GATE.code, goal_id=goal.id, customer_id=viktor.id)
    first = register(session, call)
    passes.leave(session, parked.id)

    assert (first.is_primary, register(session, call).is_primary) == (True, False)


def test_reception_and_the_directory_of_goals_offer_channel_and_route(client, goal):
    assert "Gate intercom" in client.get("/reception").text
    form = client.get(f"/goals/{goal.id}/edit").text
    assert f'value="{GATE.code}" selected' in form or f'selected value="{GATE.code}"' in form
    assert AT_ONCE.title in form
    listed = client.get("/goals").text
    assert "Gate intercom" in listed
    assert AT_ONCE.title in listed
    assert client.get(f"/traffic?channel={GATE.code}").status_code == 200


def test_a_car_is_presented_when_it_stands_on_a_handover_place(session, parked, viktor):
    class Worksheet:
        customer_id = viktor.id

    assert isinstance(PRESENTED.guard(session, Worksheet), Conflict)
    parked.zone_id = session.scalars(select(Zone.id).where(Zone.handover)).one()
    session.flush()
    assert PRESENTED.guard(session, Worksheet) is None


def test_stays_before_this_program_are_imported_once(session, viktor, car):
    heads = "Номер пропуска;Выехал;Телефон;Госномер\n"
    rows = "Т-1;01.02.2020;89031234567;А123ВС777\nТ-2;gestern;89031234567;\n"
    for created, unchanged in ((1, 0), (0, 1)):
        record = steps.start(session, io.BytesIO((heads + rows).encode()), "stays.csv", STAYS.code)
        columns = {int(place): name for place, name in record.columns.items()}
        steps.set_columns(session, record.id, columns, match_known=True, add_models=False)
        steps.advance(session, record.id)
        assert (record.created, record.unchanged, record.skipped) == (created, unchanged, 1)
        steps.run(session, record.id)
        steps.advance(session, record.id)
        assert record.state == "finished"
    stay = session.scalars(select(Pass)).one()
    assert (stay.number, stay.customer_id, stay.plate, stay.state) == ("Т-1", viktor.id, car.plate, "left")
