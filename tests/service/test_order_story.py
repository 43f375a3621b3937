"""What the timelines of an order and a visit tell (S0-42)."""

from __future__ import annotations

from html import unescape
from io import BytesIO

from addons.service.models import CarVisit
from addons.service.services import order_lines, order_money, order_prices, orders, recommendations, visits
from addons.service.services.order_lines import NewLine
from core.web.app import Application
from tests.service.conftest import receive, tick
from tests.service.test_files import JPEG
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def test_the_timeline_tells_of_money_consent_and_work(dealership: Dealership, app: Application) -> None:
    """S0-42: each with what it was before, in the words and figures of its reader; a tick that changes nothing is none."""
    visit = receive(dealership)
    with dealership.session() as session:
        order = visits.orders_of(session, session.get_one(CarVisit, visit))[0].id
        line = order_lines.add_line(session, order, NewLine(title="Диагностика", quantity=1_000, price=10_357_25))
        order_money.approve(session, order, "Иванов", "phone")
        orders.move(session, order, "in_work")
        order_lines.change_line(
            session, order, line.id, NewLine(title="Диагностика", quantity=1_000, price=10_357_25, discount=5_00)
        )
        order_prices.give_discount(session, order, 10_00)
        order_money.approve(session, order, "Иванов", "phone")
        tick(dealership, session, order, line.id)
        tick(dealership, session, order, line.id)
        order_money.pay(session, order, 500_000, "card")
        order_money.pay(session, order, -100_000, "cash")
        advice = recommendations.recommend(session, order, "Заменить ремень")
        recommendations.settle(session, order, advice.id, "declined")
    page = unescape(Visitor(app, "admin").get(f"/timeline/service_order/{order}").text).replace("\xa0", " ")
    for told in (
        "Клиент согласовал, По телефону: 0 ₽ → 10 357,25 ₽",
        "Изменено: Диагностика, 10 357,25 ₽ → 9 839,39 ₽",
        "Скидка 10 %: 9 839,39 ₽ → 9 321,52 ₽",
        "Выполнено: Диагностика",
        "Оплачено: 5 000 ₽, Банковская карта",
        "Возвращено: 1 000 ₽, Наличные",
        "Рекомендация: Отказ",
    ):
        assert told in page, told
    assert page.count("Выполнено: Диагностика") == 1


def test_the_timeline_of_a_visit_tells_of_its_photographs(dealership: Dealership, app: Application) -> None:
    visit = receive(dealership)
    admin = Visitor(app, "admin")
    sent = {"file": (BytesIO(JPEG), "царапина.jpg")}
    answer = admin.post(f"/timeline/service_visit/{visit}/files", sent, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert "Добавлена фотография" in admin.get(f"/timeline/service_visit/{visit}").text
