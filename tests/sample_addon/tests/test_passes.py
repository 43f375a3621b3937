"""A pass from the call at the gate to the way out."""

from __future__ import annotations

import pytest
from parking.models import Pass, Zone
from parking.services import demo, passes
from parking.services.gate import AT_ONCE, GATE
from sqlalchemy import select

from addons.contacts.models import ContactGoal, Document
from addons.contacts.services.registration import NewContact, register
from core import Branch, Conflict, Department, Invalid, Notification, settings


def issue(session, **more) -> Pass:
    return passes.issue(session, passes.NewPass(**{"plate": "А123ВС777", "customer_text": "Viktor", **more}))


def test_a_pass_is_written_by_hand_and_found(client, session):
    answer = client.post("/parking/new", {"plate": "а 123 вс 777", "car": "Kia Rio", "customer_text": "Viktor"})

    assert answer.status_code == 303
    stored = session.scalars(select(Pass)).one()
    assert (stored.number, stored.plate, stored.state) == ("ПП-00001", "A123BC777", "expected")
    assert "ПП-00001" in client.get("/parking?q=rio").text
    assert "ПП-00001" in client.get("/search?q=viktor").text
    assert "ПП-00001" in client.get("/documents").text


def test_nothing_at_all_is_no_pass(session):
    with pytest.raises(Invalid):
        issue(session, plate="", customer_text="")


def test_whoever_calls_at_the_gate_has_his_pass_at_once(session, goal, client):
    call = NewContact(channel=GATE.code, goal_id=goal.id, client_text="Viktor", vehicle_text="Kia Rio")

    contact = register(session, call)

    assert session.scalars(select(Pass.car)).all() == ["Kia Rio"]
    assert (
        "Parking pass ПП-00001 was issued" in client.get(client.app.url("contacts.contact", record_id=contact.id)).text
    )


def test_the_gate_reports_and_the_host_is_told(session, client, user):
    issued = issue(session, host_id=user.id)

    entered = client.api("POST", f"/parking/passes/{issued.id}/enter")

    assert (entered.status_code, entered.json["state"]) == (200, "inside")
    assert session.scalars(select(Notification.kind)).all() == ["parking.arrived"]
    assert session.get(Document, issued.id).state == "inside"
    assert client.api("POST", f"/parking/passes/{issued.id}/enter").status_code == 409
    assert client.post(f"/parking/{issued.id}/leave").status_code == 303
    assert session.get(Document, issued.id).open is False


def test_who_may_only_read_lets_nobody_in(session, sign_in):
    issued = issue(session)
    reader, guard = sign_in("parking.pass.read"), sign_in("parking.pass.read", "parking.pass.move")

    assert "Let in" not in reader.get(f"/parking/{issued.id}").text
    assert reader.post(f"/parking/{issued.id}/enter").status_code == 403
    assert "Let in" in guard.get(f"/parking/{issued.id}").text
    assert guard.post(f"/parking/{issued.id}/enter").status_code == 303


def test_who_does_not_come_in_time_is_not_let_in(session, clock):
    settings.write(session, passes.VALID_HOURS, 2)
    issued = issue(session)
    clock.go(hours=3)

    passes.expire(session)

    assert (issued.state, session.get(Document, issued.id).open) == ("expired", False)
    with pytest.raises(Conflict):
        passes.enter(session, issued.id)


def test_a_zone_with_a_car_in_it_stays(session, client):
    zone = session.scalars(select(Zone).where(Zone.handover)).one()
    passes.enter(session, issue(session, zone_id=zone.id).id)
    path, version = f"/parking/zones/{zone.id}/delete", {"version": str(zone.version)}

    assert client.post(path, version).status_code == 409
    assert session.get(Zone, zone.id) is not None


def test_a_longer_list_asks_the_database_no_more(session, client, statements):
    asked = []
    for number in (1, 20):
        for each in range(number):
            issue(session, car=f"Car {number}-{each}")
        client.get("/parking")
        with statements() as counted:
            client.get("/parking")
        asked.append(len(counted.sent))

    assert asked[0] == asked[1]


def test_a_demonstration_shows_guests_and_gives_the_gate_its_goals(session, viktor, car):
    session.add(
        Department(branch_id=session.scalars(select(Branch.id)).first(), kind="showroom", title_ru="А", title_en="A")
    )
    session.flush()

    demo.fill(session)
    demo.fill(session)

    assert session.scalars(select(Pass.plate)).all() == [car.plate]
    assert session.scalars(select(ContactGoal.channel).where(ContactGoal.route == AT_ONCE.code)).first() == GATE.code
