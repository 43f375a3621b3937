"""Who is first is decided in the database, on both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from addons.service.models import Booking, Hold, LabourRate, MaintenanceRule
from core.db.base import Record
from core.web.app import Application
from tests.service.conftest import bays, book, tomorrow
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

pytestmark = pytest.mark.slow
AT_ONCE = 20


def test_of_twenty_bookings_of_one_slot_one_has_it(dealership: Dealership, app: Application) -> None:
    numbers = [book(dealership, adviser_id=None) for _ in range(AT_ONCE)]
    with dealership.session() as session:
        [bay, *_] = bays(session)
    wanted = {"starts_at": tomorrow().strftime("%Y-%m-%dT%H:%M"), "minutes": "60", "bay_id": str(bay)}
    visitor = Visitor(app, "admin")

    def reschedule(number: int) -> int:
        return visitor.post(f"/service/bookings/{number}/time", wanted).status_code

    with ThreadPoolExecutor(AT_ONCE) as pool:
        codes = list(pool.map(reschedule, numbers))
    assert sorted(codes) == [303] + [422] * (AT_ONCE - 1)
    with dealership.session() as session:
        assert session.scalar(select(func.count(Booking.id)).where(Booking.starts_at.is_not(None))) == 1
        assert session.scalar(select(func.count(Hold.id))) == 4


@pytest.mark.parametrize(
    ("model", "path", "sent", "field"),
    [
        (LabourRate, "/service/rates", {"hourly": "3000", "pay_type": ""}, "pay_type"),
        (MaintenanceRule, "/service/maintenance", {"months": "6", "kilometres": "9000", "active": "y"}, "model_id"),
    ],
)
def test_of_twenty_rows_for_everybody_there_is_one(
    dealership: Dealership, app: Application, model: type[Record], path: str, sent: dict[str, str], field: str
) -> None:
    """The others are told so at the field."""
    with dealership.session() as session:
        session.delete(session.scalars(select(model)).one())
    visitor = Visitor(app, "admin")

    def add(_number: int) -> tuple[int, bool]:
        answer = visitor.post(f"{path}/new", sent)
        return answer.status_code, f'id="{field}-error"' in answer.text and "Такая запись уже есть" in answer.text

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(add, range(AT_ONCE)))
    assert sorted(answers) == [(303, False)] + [(422, True)] * (AT_ONCE - 1)
    with dealership.session() as session:
        assert session.scalar(select(func.count(model.id))) == 1
