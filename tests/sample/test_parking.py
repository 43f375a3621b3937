"""The sample addon in the dealership, beside sales: used by people with their own roles, switched off, removed, restored."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core.config import Config
from core.host import instance
from core.host.restoring import restore
from core.host.uninstalling import uninstall
from tests.sample.conftest import Sample, Stay
from tests.support.sample import PACKAGE
from tests.support.visitors import Visitor
from tests.uninstall import fingerprints

pytestmark = pytest.mark.addons("contacts", "sales")

STAGE = "parking.presented"


def test_somebody_at_the_gate_has_his_pass_before_anybody_has_taken_him(sample: Sample) -> None:
    from addons.contacts.models import ContactGoal, InboundContact

    with sample.session() as session:
        goal = session.scalars(select(ContactGoal).where(ContactGoal.channel == "visit")).first()
        assert goal is not None
        goal.channel, goal.route = "parking.gate", "parking.pass"
        number = str(goal.id)
    with sample.running() as app:
        reception = Visitor(app, "lebedeva")
        assert "Домофон на въезде" in reception.get("/reception").text
        known = {"channel": "parking.gate", "goal_id": number, "customer_id_text": "Виктор", "way": "queue"}
        assert reception.post("/reception", known).status_code == 303
        with sample.session() as session:
            contact = session.scalars(select(InboundContact.id)).one()
        card = reception.get(app.url("contacts.contact", record_id=contact)).text
        assert "Выписан пропуск ПП-00001" in card


def test_its_slots_are_drawn_on_the_pages_of_others(sample: Sample, stay: Stay) -> None:
    with sample.running() as app:
        admin, seller = Visitor(app, "admin"), Visitor(app, "petukhov")
        clients = admin.get("/clients?parked=yes").text
        assert "Иванов" in clients
        assert "A123BC777" in clients
        card = admin.get(f"/clients/{stay.customer}").text
        assert "ПП-00001" in card
        assert "Заказать пропуск" in card
        assert "ПП-00001" in seller.get(f"/sales/{stay.worksheet}").text
        assert "На месте выдачи" in seller.get("/sales?view=board").text
        assert "Негде поставить машину" in seller.get(f"/sales/{stay.worksheet}/lose").text


def test_a_car_is_presented_where_cars_are_handed_over_and_nowhere_else(sample: Sample, stay: Stay) -> None:
    with sample.running() as app:
        seller = Visitor(app, "petukhov")
        refused = seller.post(f"/sales/{stay.worksheet}/move", {"stage": STAGE})
        assert (refused.status_code, "Автомобиль ещё не стоит на месте выдачи." in refused.text) == (409, True)
        with sample.session() as session:
            from parking.models import Pass, Zone

            parked = session.get_one(Pass, stay.parked)
            parked.zone_id = session.scalars(select(Zone.id).where(Zone.handover)).one()
        assert seller.post(f"/sales/{stay.worksheet}/move", {"stage": STAGE}).status_code == 303
        assert "На месте выдачи" in seller.get(f"/sales/{stay.worksheet}").text


def test_switched_off_it_leaves_the_pages_of_others_whole(sample: Sample, stay: Stay) -> None:
    instance.disable(sample.config, PACKAGE)
    with sample.running() as app:
        admin = Visitor(app, "admin")
        for path in ("/clients", f"/clients/{stay.customer}", "/documents", "/sales", "/goals", "/reception"):
            assert admin.get(path).status_code == 200, path
        assert "ПП-00001" in admin.get("/documents").text
        assert admin.get("/parking").status_code == 404


def test_removed_it_is_still_named_in_history(sample: Sample, stay: Stay) -> None:
    instance.disable(sample.config, PACKAGE)
    uninstall(sample.config, PACKAGE)
    with sample.running(sample.dealership.config) as app:
        admin = Visitor(app, "admin")
        assert "ПП-00001" in admin.get("/documents").text
        assert "ПП-00001" in admin.get(f"/clients/{stay.customer}").text


@pytest.mark.usefixtures("stay")
def test_removed_it_leaves_its_references_alone_and_comes_back_whole(sample: Sample) -> None:
    before = rows(sample.config)
    schema = fingerprints.schema(sample.config)
    instance.disable(sample.config, PACKAGE)
    archive = uninstall(sample.config, PACKAGE).archive
    removed = fingerprints.schema(sample.config)
    assert [name for name in removed if name.startswith("parking_")] == []
    assert [row["number"] for row in rows(sample.config)["contacts_document"] if row["type"] == "parking.pass"]
    assert restore(sample.config, archive).left_out == {}
    assert fingerprints.schema(sample.config) == schema
    assert rows(sample.config) == before


def rows(config: Config) -> dict[str, list[dict[str, Any]]]:
    """All that is stored but the moment at which the addon was enabled."""
    found = fingerprints.data(config)
    for row in found["core_addon"]:
        row.pop("enabled_at")
    return found
