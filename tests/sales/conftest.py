"""The dealership with its sales, asked without a browser."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from addons.sales.models import Worksheet
from addons.sales.services.worksheets import NewWorksheet, create_worksheet
from core.access.models import Department
from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


@pytest.fixture
def manager(app: Application) -> Visitor:
    """The manager whose worksheets these are."""
    return Visitor(app, "petukhov")


@pytest.fixture
def worksheet(dealership: Dealership) -> int:
    """The number of a fresh worksheet of his."""
    return add(dealership)


def add(dealership: Dealership, **more: Any) -> int:
    """A worksheet of ``petukhov``."""
    with dealership.session() as session:
        showroom = session.scalars(select(Department).where(Department.kind == "showroom")).one()
        values: dict[str, Any] = {
            "customer_text": "Иванов Виктор",
            "interest": "Kia Rio",
            "responsible_id": dealership.people["petukhov"],
            "department_id": showroom.id,
            "branch_id": showroom.branch_id,
        }
        return create_worksheet(session, NewWorksheet(**(values | more))).id


def stored(dealership: Dealership, number: int) -> Worksheet:
    """A worksheet as it is stored now."""
    with dealership.session() as session:
        found = session.get_one(Worksheet, number)
        session.expunge(found)
        return found
