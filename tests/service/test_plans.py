"""By which indexes the lists of the workshop are read: hundreds of thousands of documents are not walked through."""

from __future__ import annotations

import re

import pytest

from core.testing.statements import Statements
from core.web.app import Application
from tests.service.conftest import receive
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

pytestmark = pytest.mark.only_on("sqlite")
"""Of a few rows PostgreSQL always reads the whole table."""


@pytest.mark.parametrize(
    ("address", "table", "index"),
    [
        ("/service/orders", "service_order", "ix_service_order_at"),
        ("/service/orders?open=1", "service_order", "ix_service_order_(open|state)"),
        ("/service/visits", "service_visit", "ix_service_visit_arrived"),
        ("/service/visits?open=1", "filter", "ix_service_visit_open"),
        ("/service/bookings", "service_booking", "ix_service_booking_time"),
    ],
)
def test_a_list_is_read_in_the_order_of_its_index(
    app: Application, dealership: Dealership, adviser: Visitor, address: str, table: str, index: str
) -> None:
    receive(dealership)
    with Statements(app.database) as statements:
        assert adviser.get(address).status_code == 200
    plans = _plans(app, statements, table)
    assert any(re.search(f"USING INDEX {index}", step) for step in plans), plans


@pytest.mark.parametrize("address", ["/service/orders", "/service/visits", "/service/bookings"])
def test_a_search_asks_the_journal_first(
    app: Application, dealership: Dealership, adviser: Visitor, address: str
) -> None:
    receive(dealership)
    with Statements(app.database) as statements:
        page = adviser.get(f"{address}?q=иванов").text
    assert ("Иванов Виктор" in page) == ("bookings" not in address)
    plans = _plans(app, statements, "_fts")
    assert plans
    assert not [step for step in plans if re.match("SCAN service_(booking|visit|order)", step)], plans


def _plans(app: Application, statements: Statements, word: str) -> list[str]:
    """The steps SQLite takes for the statements in which a word stands."""
    with app.database.engine.connect() as connection:
        return [
            str(step[3])
            for text, parameters in statements.sent
            if word in text.lower()
            for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)
        ]
