"""The orders of the demonstration: goods of a dealership, and every status (S4-86)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import func, select

import addons.delivery
from addons.delivery.models import DeliveryOrder, Item, OrderLine
from addons.delivery.services import demo
from addons.delivery.services.statuses import NEW, STATUSES
from addons.delivery.services.windows import length
from tests.contacts.fresh import Instance, fill_demo, lent, rights_with
from tests.support.databases import Databases

fill_all = partial(fill_demo, rights=rights_with(addons.delivery), more=demo.fill)
"""The demonstration of contacts and delivery."""


@pytest.fixture
def shown(databases: Databases) -> Iterator[Instance]:
    """The demonstration on a Friday afternoon."""
    with lent(databases, "delivery-demo", fill_all) as instance:
        yield instance


def test_parts_and_accessories_are_ordered_in_every_status_s4_86(shown: Instance) -> None:
    with shown.writing() as session:
        statuses = Counter(session.scalars(select(DeliveryOrder.status)))
        assert statuses.keys() == {status.code for status in (NEW, *STATUSES)}
        assert min(statuses.values()) >= demo.EACH
        goods = set(session.scalars(select(Item.title)))
        assert goods == {title for title, *_ in demo.GOODS}
        ordered = set(session.scalars(select(OrderLine.title)))
        assert ordered <= goods
        empty = select(func.count(DeliveryOrder.id)).where(DeliveryOrder.id.not_in(select(OrderLine.order_id)))
        assert session.scalar(empty) == 0
        given = session.scalars(select(DeliveryOrder.carrier).where(DeliveryOrder.courier_id.is_not(None)))
        assert set(given) == {"own"}


def test_an_interval_of_it_waits_for_an_approval_s4_66(shown: Instance) -> None:
    with shown.writing() as session:
        orders = session.scalars(select(DeliveryOrder)).all()
        assert all(order.window_minutes == length(order.window) for order in orders)
        assert any(0 < order.window_minutes < 180 and order.window_approved_at is None for order in orders)


def test_a_second_filling_changes_nothing(shown: Instance) -> None:
    with shown.writing() as session:
        before = session.scalar(select(func.count(DeliveryOrder.id)))
        demo.fill(session)
        assert session.scalar(select(func.count(DeliveryOrder.id))) == before
