"""The card of a repair order: what two people write at once, complaints, recommendations, its cost."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Document
from addons.service.models import (
    Booking,
    CarVisit,
    Concern,
    Employee,
    Job,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
)
from addons.service.services import bookings, order_lines, order_money, orders, recommendations, visits
from addons.service.services.order_lines import NewLine
from addons.service.services.visits import NewVisit
from addons.service.services.vocabulary import HAND_OVER
from core.access.models import User
from core.errors import Conflict
from core.testing.statements import Statements
from core.web.app import Application
from tests.api.program import Program
from tests.service.conftest import bays, book, receive, tick, tomorrow, workshop
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

BRAKES = NewLine(title="Колодки", quantity=1_200, price=2_500_00)


@pytest.fixture
def order(dealership: Dealership) -> int:
    """The number of a fresh order."""
    number = receive(dealership)
    with dealership.session() as session:
        return visits.orders_of(session, session.get_one(CarVisit, number))[0].id


def _sent(page: str) -> dict[str, str]:
    """What a form of a step would send as it stands."""
    form = page[page.index('id="ask-form"') :]
    inputs = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', form))
    areas = dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)</textarea>', form))
    selects = {
        name: next(iter(re.findall(r'<option value="([^"]*)" selected', body)), "")
        for name, body in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL)
    }
    return {name: value for name, value in {**inputs, **areas, **selects}.items() if name != "csrf_token"}


def test_of_two_people_at_one_line_the_second_sees_what_the_first_has_written(
    dealership: Dealership, order: int, adviser: Visitor, app: Application
) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
    address, colleague = f"/service/orders/{order}/line?part={line}", Visitor(app, "admin")
    mine, theirs = _sent(adviser.get(address).text), _sent(colleague.get(address).text)
    assert colleague.post(address, theirs | {"quantity": "1,5"}).status_code == 303
    refused = adviser.post(address, mine | {"title": "Колодки передние"})
    assert refused.status_code == 422
    assert 'value="Колодки передние"' in refused.text
    assert "Сейчас: 1,5" in refused.text
    again = _sent(refused.text) | {"quantity": "1,5"}
    assert adviser.post(address, again).status_code == 303
    with dealership.session() as session:
        found = session.get_one(OrderLine, line)
        assert (found.title, found.quantity) == ("Колодки передние", 1_500)


def test_what_a_colleague_has_removed_is_not_lost_to_who_changes_it(
    dealership: Dealership, order: int, adviser: Visitor
) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
    address = f"/service/orders/{order}/line?part={line}"
    mine = _sent(adviser.get(address).text) | {"title": "Колодки задние"}
    with dealership.session() as session:
        order_lines.remove_line(session, order, line)
    refused = adviser.post(address, mine)
    assert refused.status_code == 422
    assert adviser.post(f"/service/orders/{order}/line", _sent(refused.text)).status_code == 303
    with dealership.session() as session:
        assert session.scalars(select(OrderLine.title)).all() == ["Колодки задние"]


def test_lines_of_two_people_are_both_there(
    order: int, dealership: Dealership, adviser: Visitor, app: Application
) -> None:
    address, colleague = f"/service/orders/{order}/line", Visitor(app, "admin")
    mine, theirs = _sent(adviser.get(address).text), _sent(colleague.get(address).text)
    assert colleague.post(address, theirs | {"title": "Осмотр", "quantity": "1"}).status_code == 303
    assert adviser.post(address, mine | {"title": "Мойка", "quantity": "1"}).status_code == 303
    with dealership.session() as session:
        assert set(session.scalars(select(OrderLine.title))) == {"Осмотр", "Мойка"}
        assert session.get_one(RepairOrder, order).total == 5_000_00


def test_cause_and_correction_are_written_when_they_are_found(
    dealership: Dealership, order: int, adviser: Visitor
) -> None:
    with dealership.session() as session:
        concern = session.scalars(select(Concern.id)).one()
    address = f"/service/orders/{order}/concern?part={concern}"
    sent = _sent(adviser.get(address).text)
    assert sent["concern"] == "Стук в подвеске"
    assert adviser.post(address, sent | {"cause": "Стойка", "correction": "Заменена"}).status_code == 303
    with dealership.session() as session:
        found = session.scalars(select(Concern)).one()
        assert (found.concern, found.cause, found.correction) == ("Стук в подвеске", "Стойка", "Заменена")


def test_closing_twice_closes_once(dealership: Dealership, order: int, adviser: Visitor) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
        tick(dealership, session, order, line)
        orders.move(session, order, "done")
        order_money.pay(session, order, 3_000_00, "card")
    for _ in range(2):
        assert adviser.post(f"/service/orders/{order}/move", {"target": "closed"}).status_code == 303
    page = adviser.get(f"/service/orders/{order}")
    assert page.status_code == 200
    with dealership.session() as session:
        from core.db.audit import AuditEntry

        moved = select(func.count(AuditEntry.id)).where(AuditEntry.action == "order.moved")
        assert session.get_one(RepairOrder, order).state == "closed"
        assert session.scalar(moved) == 4


def test_a_recommendation_waits_for_the_cars_next_visit(dealership: Dealership, order: int, adviser: Visitor) -> None:
    with dealership.session() as session:
        advised = recommendations.recommend(session, order, "Заменить диски", "soon", due_mileage=60_000).id
        order_lines.add_line(session, order, BRAKES)
        found = session.get_one(RepairOrder, order)
        visit = session.get_one(CarVisit, found.visit_id)
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
        for line in order_lines.lines_of(session, found):
            tick(dealership, session, order, line.id)
        orders.move(session, order, "done")
        order_money.pay(session, order, 3_000_00, "card")
        orders.move(session, order, "closed")
        visits.move(session, visit.id, "ready")
        visits.hand_over(session, visit.id, HAND_OVER)
        new = NewVisit(visit.customer_id, visit.vehicle_id, 55_000, department_id=visit.department_id)
        later = visits.orders_of(session, session.get_one(CarVisit, visits.open_visit(session, new).id))[0].id
    assert "Заменить диски" in adviser.get(f"/service/orders/{later}").text
    settle = f"/service/orders/{later}/recommendations/{advised}"
    assert adviser.post(settle, {"state": "declined"}).status_code == 303
    with dealership.session() as session:
        settled = session.get_one(Recommendation, advised)
        assert (settled.state, settled.done_order_id) == ("declined", later)
    with dealership.session() as session, pytest.raises(Conflict):
        recommendations.settle(session, order, advised, "done")


@pytest.mark.parametrize("login", ["volkov", "admin"])
def test_the_card_costs_as_many_statements_however_long_the_order_is(
    dealership: Dealership, order: int, app: Application, login: str
) -> None:
    visitor = Visitor(app, login)

    def asked() -> int:
        with Statements(app.database) as statements:
            assert visitor.get(f"/service/orders/{order}").status_code == 200
        # Who has opened which card is written down for several at once.
        return len(statements.sent) - len(statements.about("INSERT INTO core_card_read"))

    with dealership.session() as session:
        recommendations.recommend(session, order, "Заменить диски")
        order_lines.add_line(session, order, NewLine("part", "Деталь", quantity=1_000, price=100_00))
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
        order_money.pay(session, order, 100_00, "card")
    asked()
    few = asked()
    with dealership.session() as session:
        mechanics = [dealership.people[each] for each in ("petukhov", "kravtsov")]
        for number in range(200):
            mechanic = mechanics[number % 2]
            order_lines.add_line(
                session, order, NewLine(title=f"Работа {number}", quantity=1_000, price=1_00, mechanic_id=mechanic)
            )
        order_money.approve(session, order, "Иванова", "phone")
        order_money.pay(session, order, 50_00, "cash")
    assert asked() == few <= 8
    page = visitor.get(f"/service/orders/{order}").text
    assert "Работа 199" in page
    assert "Кравцов А." in page


def _done_and_unpaid(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
        tick(dealership, session, order, line)
        orders.move(session, order, "done")


def _edited(visitor: Visitor, address: str, **values: str) -> int:
    """What saving the generated form with these values answers."""
    fields = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', visitor.get(address).text))
    return visitor.post(address, {"version": fields["version"], **values}).status_code


def test_a_debt_is_no_warranty_for_as_long_as_it_takes_to_close(
    dealership: Dealership, order: int, adviser: Visitor, app: Application
) -> None:
    """S0-42: who pays is settled before the work is done, and before the first money has come."""
    _done_and_unpaid(dealership, order)
    assert _edited(adviser, f"/service/orders/{order}/edit", pay_type="warranty", payer="") == 422
    assert _edited(adviser, f"/service/orders/{order}/edit", pay_type="customer", payer="ООО «Парк»") == 303
    with dealership.session() as session:
        version = session.get_one(RepairOrder, order).version
    sent = {"pay_type": "warranty", "version": version}
    assert Program(app, dealership, "volkov").patch(f"/service/orders/{order}", sent).status_code == 422
    with dealership.session() as session:
        orders.move(session, order, "in_work")
        order_money.pay(session, order, 1_000_00, "card")
    assert _edited(adviser, f"/service/orders/{order}/edit", pay_type="warranty", payer="") == 422
    with dealership.session() as session:
        found = session.get_one(RepairOrder, order)
        assert (found.pay_type, found.payer) == ("customer", "ООО «Парк»")


def test_what_is_over_stays_as_it_was_written(
    dealership: Dealership, order: int, adviser: Visitor, app: Application
) -> None:
    _done_and_unpaid(dealership, order)
    with dealership.session() as session:
        order_money.pay(session, order, 3_000_00, "card")
        orders.move(session, order, "closed")
        visit = session.get_one(RepairOrder, order).visit_id or 0
        visits.move(session, visit, "ready")
        visits.hand_over(session, visit, HAND_OVER)
    booked = book(dealership)
    with dealership.session() as session:
        bookings.move(session, booked, "cancelled", "Передумал")
    program = Program(app, dealership, "volkov")
    for path, sent in (
        (f"/service/orders/{order}", {"payer": "x", "pay_type": "warranty"}),
        (f"/service/visits/{visit}", {"condition": "Царапина", "keys_taken": "0", "mileage": "45000"}),
        (f"/service/bookings/{booked}", {"customer_text": "Петров"}),
    ):
        assert f'{path}/edit"' not in adviser.get(path).text
        assert _edited(adviser, f"{path}/edit", **sent) == 409, path
        assert program.patch(path, {"version": program.get(path).json["version"]} | sent).status_code in (409, 422)
    with dealership.session() as session:
        assert session.get_one(RepairOrder, order).payer == ""
        assert session.get_one(CarVisit, visit).condition == ""
        assert session.get_one(Booking, booked).customer_text == "Иванов Виктор"


def test_the_client_agrees_to_the_sum_that_he_was_told(
    dealership: Dealership, order: int, adviser: Visitor, app: Application
) -> None:
    """S0-42, SEC-49: what a colleague adds during the call was not told."""
    with dealership.session() as session:
        order_lines.add_line(session, order, BRAKES)
    address = f"/service/orders/{order}/approve"
    mine = _sent(adviser.get(address).text)
    with dealership.session() as session:
        order_lines.add_line(session, order, NewLine("part", "Турбина", quantity=1_000, price=50_000_00))
    refused = adviser.post(address, mine | {"note": "перезвонила"})
    assert refused.status_code == 409
    assert "было 3\xa0000 ₽, стало 53\xa0000 ₽" in refused.text
    agreed = {"who": "Иванов", "how": "phone", "told": 3_000_00}
    robot = Program(app, dealership, "volkov")
    assert robot.post(f"/service/orders/{order}/approve", agreed).status_code == 409
    with dealership.session() as session:
        assert session.get_one(RepairOrder, order).agreed_total == 0
    assert adviser.post(address, _sent(refused.text)).status_code == 303
    with dealership.session() as session:
        [approval] = order_money.approvals_of(session, session.get_one(RepairOrder, order))
        assert (approval.total, approval.note) == (53_000_00, "перезвонила")


def test_of_two_who_move_a_booking_the_second_sees_where_the_first_has_put_it(
    dealership: Dealership, adviser: Visitor, app: Application
) -> None:
    with dealership.session() as session:
        [bay, other, *_] = bays(session)
    booked = book(dealership, starts_at=tomorrow(9), bay_id=bay)
    address = f"/service/bookings/{booked}/time"
    mine = _sent(adviser.get(address).text)
    with dealership.session() as session:
        found = session.get_one(Booking, booked)
        seen, found.bay_id = found.version, other
    refused = adviser.post(address, mine | {"minutes": "90"})
    assert refused.status_code == 422
    assert "Сейчас: " in refused.text
    sent = {"starts_at": tomorrow(9).isoformat(), "bay_id": bay, "version": seen}
    assert Program(app, dealership, "volkov").post(f"/service/bookings/{booked}/time", sent).status_code == 409
    with dealership.session() as session:
        assert session.get_one(Booking, booked).bay_id == other


def test_what_is_sent_twice_is_entered_once(dealership: Dealership, order: int, adviser: Visitor) -> None:
    """SEC-48: on a slow line a form is sent again; money that comes twice is two forms."""
    with dealership.session() as session:
        order_lines.add_line(session, order, BRAKES)
        visit = session.get_one(RepairOrder, order).visit_id
    part = {"title": "Комплект", "quantity": "1", "price": "10", "kind": "part"}
    for address, more in (
        (f"/service/orders/{order}/pay", {"amount": "500"}),
        (f"/service/orders/{order}/line", part),
        (f"/service/orders/{order}/concern", {"concern": "Скрип"}),
        (f"/service/orders/{order}/recommend", {"text": "Заменить диски"}),
        (f"/service/visits/{visit}/add-order", {}),
    ):
        sent = _sent(adviser.get(address).text) | more
        assert [adviser.post(address, sent).status_code for _ in range(2)] == [303, 303], address
    pay = f"/service/orders/{order}/pay"
    assert adviser.post(pay, _sent(adviser.get(pay).text) | {"amount": "500"}).status_code == 303
    with dealership.session() as session:
        assert session.get_one(RepairOrder, order).paid == 1_000_00
        counted = {model: session.scalar(select(func.count(model.id))) for model in (Payment, OrderLine, Concern)}
        assert counted == {Payment: 2, OrderLine: 2, Concern: 3}, "each order begins with the reason of the visit"
        assert session.scalar(select(func.count(Recommendation.id))) == 1
        assert session.scalar(select(func.count(RepairOrder.id))) == 2


def test_money_leaves_no_archive(dealership: Dealership, order: int, adviser: Visitor, app: Application) -> None:
    """What is closed is paid: to give money back the order is taken out again, with a reason, and the car stays."""
    _done_and_unpaid(dealership, order)
    with dealership.session() as session:
        order_money.pay(session, order, 3_000_00, "card")
        orders.move(session, order, "closed")
    card, back = f"/service/orders/{order}", {"amount": "-500", "method": "card"}
    assert f"{card}/pay" not in adviser.get(card).text
    assert adviser.post(f"{card}/pay", back).status_code == 409
    assert Program(app, dealership, "volkov").post(f"{card}/pay", back | {"amount": -500_00}).status_code == 409
    assert f'{card}/done"' in adviser.get(card).text
    assert adviser.post(f"{card}/done", {"words": ""}).status_code == 422
    assert adviser.post(f"{card}/done", {"words": "Клиент недоволен"}).status_code == 303
    assert adviser.post(f"{card}/pay", back).status_code == 303
    assert adviser.post(f"{card}/move", {"target": "closed"}).status_code == 409
    with dealership.session() as session:
        assert session.get_one(Document, order).open is True
        visit = session.get_one(RepairOrder, order).visit_id or 0
        visits.move(session, visit, "ready")
    with dealership.session() as session, pytest.raises(Conflict):
        visits.hand_over(session, visit, HAND_OVER)


def test_a_discount_is_one_also_by_the_name_of_a_price(
    dealership: Dealership, order: int, adviser: Visitor, app: Application
) -> None:
    with dealership.session() as session:
        job = session.scalars(select(Job.id).order_by(Job.id).limit(1)).one()
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
    address = f"/service/orders/{order}/line"
    cheap = {"kind": "labour", "job_id": str(job), "price": "1"}
    assert adviser.post(address, cheap).status_code == 422
    assert Program(app, dealership, "volkov").post(f"{address}s", {"job_id": job, "price": 100}).status_code == 422
    one = f"{address}?part={line}"
    sent = _sent(adviser.get(one).text)
    assert adviser.post(one, sent | {"price": "1"}).status_code == 422
    assert adviser.post(address, cheap | {"price": ""}).status_code == 303
    assert adviser.post(one, sent | {"quantity": "1"}).status_code == 303
    head = Visitor(app, "admin")
    sent = _sent(head.get(one).text)
    assert head.post(one, sent | {"price": "2000"}).status_code == 303
    assert head.post(f"/service/orders/{order}/discount", {"discount": "12,5"}).status_code == 303
    feed = head.get(f"/timeline/service_order/{order}").text
    assert feed.count("Изменено: Колодки") == 2
    assert "Скидка 12.5 %" in feed


def test_a_mechanic_and_a_job_of_a_line_stay_chosen_when_they_are_switched_off(
    dealership: Dealership, order: int, adviser: Visitor
) -> None:
    mechanic = dealership.people["kravtsov"]
    with dealership.session() as session:
        job = session.scalars(select(Job).where(Job.active).order_by(Job.id).limit(1)).one()
        chosen, title = job.id, job.title_ru
        new = NewLine(title="Замена масла", quantity=1_000, price=9_000_00, job_id=chosen, mechanic_id=mechanic)
        line = order_lines.add_line(session, order, new).id
        job.active = False
        session.scalars(select(Employee).where(Employee.user_id == mechanic)).one().active = False
        name = session.get_one(User, mechanic).full_name
    page = adviser.get(f"/service/orders/{order}/line?part={line}").text
    assert f'<option value="{mechanic}" selected>{name} (не работает)</option>' in page
    assert f'<option value="{chosen}" selected>{title} (не используется)</option>' in page
    empty = adviser.get(f"/service/orders/{order}/line").text
    assert "(не работает)" not in empty
    assert "(не используется)" not in empty
    address = f"/service/orders/{order}/line?part={line}"
    assert adviser.post(address, _sent(page) | {"article": "М-1"}).status_code == 303
    with dealership.session() as session:
        found = session.get_one(OrderLine, line)
        assert (found.article, found.job_id, found.mechanic_id) == ("М-1", chosen, mechanic)


def test_a_discount_without_the_right_is_refused_at_its_field_and_nothing_typed_is_lost(
    order: int, adviser: Visitor, app: Application
) -> None:
    address = f"/service/orders/{order}/line"
    assert 'name="discount"' not in adviser.get(address).text
    assert 'name="discount"' in Visitor(app, "admin").get(address).text
    typed = {"kind": "part", "title": "Фильтр", "quantity": "2", "price": "700", "discount": "150"}
    refused = adviser.post(address, typed)
    assert refused.status_code == 422
    assert "Скидку может поставить сотрудник с правом «Давать скидку»." in refused.text
    assert _sent(refused.text).items() >= typed.items()
    assert adviser.post(address, typed | {"discount": ""}).status_code == 303


def test_who_may_give_no_discount_leaves_the_one_that_is_given(
    dealership: Dealership, order: int, adviser: Visitor
) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, replace(BRAKES, discount=1_000)).id
    one = f"/service/orders/{order}/line?part={line}"
    assert adviser.post(one, _sent(adviser.get(one).text) | {"quantity": "3"}).status_code == 303
    with dealership.session() as session:
        found = session.get_one(OrderLine, line)
        assert (found.quantity, found.discount) == (3_000, 1_000)


def test_a_part_never_has_the_price_of_an_hour_unless_somebody_says_so(
    dealership: Dealership, order: int, adviser: Visitor
) -> None:
    address = f"/service/orders/{order}/line"
    form = adviser.get(address).text
    assert _sent(form)["price"] == ""
    assert "Пусто: 2\xa0500 ₽ за нормо-час работы." in form
    part = {"kind": "part", "title": "Фильтр", "quantity": "1", "price": ""}
    refused = adviser.post(address, _sent(form) | part)
    assert refused.status_code == 422
    assert 'id="box-price-error"' in refused.text
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
    one = f"{address}?part={line}"
    sent = _sent(adviser.get(one).text) | {"kind": "part"}
    assert "Это была цена другого." in adviser.post(one, sent).text
    assert adviser.post(one, sent | {"price": "700"}).status_code == 303


def test_work_is_done_by_somebody(dealership: Dealership, order: int, adviser: Visitor, app: Application) -> None:
    with dealership.session() as session:
        line = order_lines.add_line(session, order, BRAKES).id
        order_money.approve(session, order, "Иванов", "in_person")
        orders.move(session, order, "in_work")
    card, done = f"/service/orders/{order}", f"/service/orders/{order}/lines/{line}/done"
    assert "Указать исполнителя: Колодки" in adviser.get(card).text
    refused = adviser.post(done, {"done": "1"})
    assert refused.status_code == 422
    assert "Укажите исполнителя: выберите механика." in refused.text
    with dealership.session() as session:
        mechanics = {"user_id": dealership.people["admin"], "department_id": workshop(session).id, "mechanic": True}
        session.add(Employee(**mechanics))
    mechanic = Visitor(app, "admin")
    assert "Выполнено: Колодки" in mechanic.get(card).text
    assert mechanic.post(done, {"done": "1"}).status_code == 303
    one = f"{card}/line?part={line}"
    nobody = _sent(adviser.get(one).text) | {"mechanic_id": ""}
    assert adviser.post(one, nobody).status_code == 422
    with dealership.session() as session:
        found = session.get_one(OrderLine, line)
        assert (found.done, found.mechanic_id) == (True, dealership.people["admin"])


def test_who_does_a_work_outside_is_on_the_card_and_on_paper(
    dealership: Dealership, order: int, adviser: Visitor
) -> None:
    outside = {"kind": "outside", "title": "Покраска", "quantity": "1", "price": "9000", "performer": "ООО «Цвет»"}
    assert adviser.post(f"/service/orders/{order}/line", outside).status_code == 303
    assert "ООО «Цвет»" in adviser.get(f"/service/orders/{order}").text
    with dealership.session() as session:
        order_money.approve(session, order, "Иванов", "in_person")
    assert "ООО «Цвет»" in adviser.get(f"/service/orders/{order}/print/order").text
