"""The dealership with its orders, asked without a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts.services.customers import CustomerData, create_customer
from addons.delivery.models import DeliveryOrder, StatusChange
from addons.delivery.services import contents, log
from addons.delivery.services.contents import NewLine
from addons.delivery.services.orders import NewOrder, create_order
from core import WorkSession
from core.access.models import Department
from core.web.app import Application
from tests.api.program import Program
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

BASE = "/delivery/orders"
API = "/delivery/orders"


@pytest.fixture
def operator(app: Application) -> Visitor:
    """The specialist whose orders these are."""
    return Visitor(app, "petukhov")


@pytest.fixture
def robot(app: Application, dealership: Dealership) -> Program:
    """A program of his."""
    return Program(app, dealership, "petukhov")


@pytest.fixture
def order(dealership: Dealership) -> int:
    """The number of a fresh order of his."""
    return add(dealership)


def add(dealership: Dealership, **more: Any) -> int:
    """An order of ``petukhov``."""
    with dealership.session() as session:
        showroom = session.scalars(select(Department).where(Department.kind == "showroom")).one()
        values: dict[str, Any] = {
            "customer_text": "Иванов Виктор",
            "phone": "+79031234567",
            "responsible_id": dealership.people["petukhov"],
            "department_id": showroom.id,
        }
        number = create_order(session, NewOrder(**(values | more))).id
        # Of the week before, so that something may have happened since.
        session.get_one(DeliveryOrder, number).at -= timedelta(days=7)
        return number


def fill_in(dealership: Dealership, number: int, **more: Any) -> None:
    """A line that costs 1,999.99 roubles."""
    with dealership.session() as session:
        values: dict[str, Any] = {"title": "Щётки стеклоочистителя", "price": 199_999}
        contents.add_line(session, number, NewLine(**(values | more)))


def logged(dealership: Dealership, number: int, kind: str, *ago: timedelta) -> None:
    """Something that happened so long ago; just now where nothing is said."""
    with dealership.session() as session:
        for each in ago or (timedelta(),):
            log.log(session, number, kind, session.now() - each)


def client(dealership: Dealership, legal_form: str = "person", **more: Any) -> int:
    """A client of the directory."""
    with dealership.session() as session:
        return create_customer(session, CustomerData(last_name="Петров", legal_form=legal_form, **more)).id


def stored(dealership: Dealership, number: int) -> DeliveryOrder:
    """An order as it is stored now."""
    with dealership.session() as session:
        found = session.get_one(DeliveryOrder, number)
        session.expunge(found)
        return found


def steps_of(session: WorkSession, number: int) -> list[StatusChange]:
    """Every status an order has had, the latest first."""
    steps = select(StatusChange).where(StatusChange.order_id == number)
    return list(session.scalars(steps.order_by(StatusChange.id.desc())))
