"""What the pages of the workshop call things: plates, papers, how soon something is due."""

from __future__ import annotations

from html import unescape

from addons.service.models import CarVisit
from addons.service.services import order_lines, order_money, recommendations, visits
from addons.service.services.order_lines import NewLine
from core.web.app import Application
from tests.service.conftest import book, receive
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def test_a_plate_is_written_in_one_way(dealership: Dealership, app: Application) -> None:
    """In Cyrillic with spaces on cards and in the form, which takes it back as it is kept."""
    number = receive(dealership)
    with dealership.session() as session:
        visit = session.get_one(CarVisit, number)
        vehicle, order = visit.vehicle_id, visits.orders_of(session, visit)[0].id
    admin = Visitor(app, "admin")
    for page in (
        f"/vehicles/{vehicle}",
        f"/vehicles/{vehicle}/edit",
        f"/service/visits/{number}",
        f"/service/orders/{order}",
    ):
        text = unescape(admin.get(page).text)
        assert "А 123 ВС" in text, page  # the region may stand apart, as on the plate itself
        assert "A123BC77" not in text, page


def test_a_printed_recommendation_says_how_soon(dealership: Dealership, app: Application) -> None:
    number = receive(dealership)
    with dealership.session() as session:
        order = visits.orders_of(session, session.get_one(CarVisit, number))[0].id
        order_lines.add_line(session, order, NewLine(title="Осмотр", quantity=1_000, price=1_000_00))
        order_money.approve(session, order, "Иванов", "phone")
        recommendations.recommend(session, order, "Заменить ремень", "soon")
    admin = Visitor(app, "admin")
    assert "Заменить ремень · скоро" in admin.get(f"/service/orders/{order}/print/order").text


def test_the_two_prints_of_a_booking_are_told_apart(dealership: Dealership, app: Application) -> None:
    page = Visitor(app, "admin").get(f"/service/bookings/{book(dealership)}").text
    assert "Печать талона записи" in page


def test_a_notification_that_is_gone_is_no_mistake(app: Application) -> None:
    gone = Visitor(app, "admin").get("/notifications/987654/popup")
    assert (gone.status_code, gone.data) == (204, b"")
