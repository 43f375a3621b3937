"""What a release turns the rows of the one before into."""

from __future__ import annotations

from importlib import import_module

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import select

from addons.delivery.models import DeliveryOrder
from core.host import instance
from tests.delivery.conftest import add
from tests.support.dealership import Dealership

LENGTHS = {"": 0, "10:00–13:00": 180, "09:30–10:15": 45, "18:00–24:00": 360}
ASKED = select(DeliveryOrder.window, DeliveryOrder.window_minutes)
LENGTH = import_module("addons.delivery.migrations.0004_length_of_intervals")


def test_how_long_intervals_are_is_known_of_orders_that_were_there(dealership: Dealership) -> None:
    for window in LENGTHS:
        add(dealership, window=window, window_reason="Уезжает")
    with instance.engine_of(dealership.config) as engine, engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            LENGTH.downgrade()
            LENGTH.upgrade()
        found = {row.window: row.window_minutes for row in connection.execute(ASKED)}
    assert found == LENGTHS
