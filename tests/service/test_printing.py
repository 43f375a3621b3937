"""The papers of the workshop: which there are, and what stands on them."""

from __future__ import annotations

from ctypes.util import find_library
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer
from addons.service.models import Approval, CarVisit, OrderLine, RepairOrder, VatRate
from addons.service.services import order_lines, order_money, orders, printing, visits
from addons.service.services.order_lines import NewLine
from core import can_make_pdf, pdf_of
from core.web import pdf
from core.web.app import Application
from core.work import settings
from core.work.personal_erasure import erase
from core.work.subjects import subject_of
from tests.service.conftest import book, receive, tick
from tests.support.dealership import Dealership
from tests.support.system import need
from tests.support.visitors import Visitor


@pytest.fixture
def order(dealership: Dealership) -> int:
    """An agreed order: work at 22 %, a part without VAT, one at 0 %."""
    number = receive(dealership)
    with dealership.session() as session:
        rates = {rate.title_ru: rate.id for rate in session.scalars(select(VatRate))}
        found = visits.orders_of(session, session.get_one(CarVisit, number))[0].id
        order_lines.add_line(session, found, NewLine(title="Колодки, замена", quantity=1_200, price=2_500_00))
        free, zero = rates["Без НДС"], rates["НДС 0 %"]
        order_lines.add_line(
            session, found, NewLine("part", "Комплект", quantity=1_000, price=500_00, vat_rate_id=free)
        )
        order_lines.add_line(session, found, NewLine("part", "Датчик", quantity=2_000, price=100_50, vat_rate_id=zero))
        order_money.approve(session, found, "Иванов", "in_person")
        return found


def test_an_order_has_the_papers_of_its_state(dealership: Dealership, order: int, adviser: Visitor) -> None:
    papers = ("request", "order", "act")

    def there() -> list[str]:
        answers = {paper: adviser.get(f"/service/orders/{order}/print/{paper}").status_code for paper in papers}
        assert set(answers.values()) <= {200, 404}
        return [paper for paper, status in answers.items() if status == 200]

    assert there() == ["request", "order"]
    with dealership.session() as session:
        orders.move(session, order, "in_work")
    assert there() == ["order"]
    with dealership.session() as session:
        for line in session.scalars(select(OrderLine.id).where(OrderLine.order_id == order)).all():
            tick(dealership, session, order, line)
        orders.move(session, order, "done")
    assert there() == ["order", "act"]
    assert adviser.get(f"/service/orders/{order}/print/gift").status_code == 404


def test_no_vat_is_another_thing_than_a_rate_of_nothing(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        lines = order_lines.lines_of(session, session.get_one(RepairOrder, order))
        found = {
            each.title_ru: (each.exempt, each.total, each.amount)
            for each in printing.vat_of(lines, session.scalars(select(VatRate).order_by(VatRate.position)))
        }
    assert found == {
        "НДС 22 %": (False, 3_000_00, 540_98),
        "НДС 0 %": (False, 201_00, 0),
        "Без НДС": (True, 500_00, 0),
    }


def test_the_paper_says_who_what_and_how_much(dealership: Dealership, order: int, adviser: Visitor) -> None:
    with dealership.session() as session:
        settings.write(session, printing.ORGANISATION, "ООО «Север-Авто»")
        branch = session.get_one(RepairOrder, order).branch_id
        settings.write(session, printing.PHONE, "+7 495 000-00-00", branch)
    page = adviser.get(f"/service/orders/{order}/print/order").text.translate({0xA0: " ", 0x202F: " ", 0x2011: "-"})
    for words in (
        "Заказ-наряд № ЗН",
        "ООО «Север-Авто»",
        "+7 495 000-00-00",
        "Иванов Виктор",
        "+7 903 123-45-67",
        "А 123 ВС 77",
        "45 000 км",
        "В том числе НДС 22 % (3 000,00): 540,98",
        "В том числе НДС 0 % (201,00): 0,00",
        "Без НДС 500,00",
        "Итого: 3 701,00 руб.",
        "Три тысячи семьсот один рубль 00 копеек",
    ):
        assert words in page


def test_a_booking_goes_home_on_paper(dealership: Dealership, adviser: Visitor) -> None:
    page = adviser.get(f"/service/bookings/{book(dealership)}/print").text
    assert "Предварительная запись № ПЗ" in page
    assert "время будет согласовано" in page


def test_who_may_not_see_an_order_has_no_paper_of_it(order: int, app: object) -> None:
    stranger = Visitor(app, "petukhov")  # type: ignore[arg-type]
    assert stranger.get(f"/service/orders/{order}/print/order").status_code in (403, 404)


# --- as PDF ---------------------------------------------------------------------------------------


def _pango() -> Path | None:
    found = find_library("pangoft2-1.0")
    return Path(found) if found else None


@pytest.fixture(scope="module")
def _drawing() -> None:
    """What WeasyPrint draws with; the extra [test] brings WeasyPrint itself."""
    need(_pango, "libpangoft2-1.0-0", "papers as PDF")
    assert can_make_pdf()


@pytest.mark.usefixtures("_drawing")
def test_a_paper_is_a_pdf_in_our_own_fonts(order: int, adviser: Visitor) -> None:
    paper = f"/service/orders/{order}/print/order"
    assert f'href="{paper}/pdf">Открыть PDF</a>' in adviser.get(paper).text
    made = adviser.get(f"{paper}/pdf")
    assert (made.status_code, made.content_type) == (200, "application/pdf")
    assert made.data.startswith(b"%PDF-")
    assert made.headers["Content-Disposition"] == f"inline; filename={order}-order.pdf"
    assert adviser.get(f"/service/orders/{order}/print/act/pdf").status_code == 404


@pytest.mark.usefixtures("_drawing")
def test_the_pdf_of_a_booking_is_for_those_who_may_see_it(
    app: Application, dealership: Dealership, adviser: Visitor
) -> None:
    path = f"/service/bookings/{book(dealership)}/print/pdf"
    assert adviser.get(path).data.startswith(b"%PDF-")
    assert Visitor(app, "petukhov").get(path).status_code == 403


@pytest.mark.usefixtures("_drawing")
def test_drawing_a_paper_fetches_only_our_own_files(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """SECURITY: neither another host, nor a file of the server, nor a page of our own."""
    asked: list[str] = []
    find = app.assets.find
    monkeypatch.setattr(app.assets, "find", lambda address: asked.append(address) or find(address))
    opened: list[object] = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *arguments, **_: opened.append(arguments))
    secret = "<img src='file:///etc/passwd'><img src='http://127.0.0.1:1/a.png'><link rel=stylesheet href='//evil.example/a.css'>"
    own = f"<img src='{app.assets.url('logo.svg')}'><img src='/clients'><img src='data:image/png;base64,AAAA'>"
    assert pdf_of(app.assets, f"<style>@import 'ftp://x/y.css'</style>{secret}{own}Заказ").startswith(b"%PDF-")
    assert opened == []
    assert "/clients" in asked
    assert {address.rpartition("/")[2] for address in asked} == {
        *("logo.svg", "clients", "inter-cyrillic.woff2", "inter-latin.woff2")
    }


def test_without_the_extra_there_is_no_pdf(order: int, adviser: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_library", lambda: None)
    paper = f"/service/orders/{order}/print/order"
    assert "PDF" not in adviser.get(paper).text
    assert adviser.get(f"{paper}/pdf").status_code == 404


def _closed(dealership: Dealership, order: int) -> None:
    with dealership.session() as session:
        orders.move(session, order, "in_work")
        for line in session.scalars(select(OrderLine.id).where(OrderLine.order_id == order)).all():
            tick(dealership, session, order, line)
        orders.move(session, order, "done")
        order_money.pay(session, order, session.get_one(RepairOrder, order).total, "card")
        orders.move(session, order, "closed")


def test_the_statement_of_what_is_closed_stays_as_it_was(dealership: Dealership, order: int, adviser: Visitor) -> None:
    """Whoever the client is called now, and on whatever day it was closed."""
    _closed(dealership, order)
    with dealership.session() as session:
        found = session.get_one(RepairOrder, order)
        assert found.done_at is not None
        found.done_at, found.state_since = datetime(2026, 1, 20, 9, tzinfo=UTC), datetime(2026, 1, 22, 9, tzinfo=UTC)
        customer = session.get_one(Customer, found.customer_id)
        customer.last_name, customer.name = "Новикова", "Новикова Виктория"
    page = adviser.get(f"/service/orders/{order}/print/act").text
    assert "Иванов Виктор" in page
    assert "Новикова" not in page
    assert "20 января 2026" in page


def test_the_statement_outlives_the_erasure_of_its_client(dealership: Dealership, order: int, adviser: Visitor) -> None:
    """402-FZ, art. 9 and 29: what was done for whom; what he said of himself goes."""
    _closed(dealership, order)
    with dealership.session() as session:
        customer = session.scalars(select(Customer)).one()
        erase(session, subject_of(customer), "demand", None)
    page = adviser.get(f"/service/orders/{order}/print/act").text
    for words in ("Иванов Виктор", "Колодки, замена", "Комплект"):
        assert words in page
    assert "Стук в подвеске" not in page
    assert "+7 903" not in page
    with dealership.session() as session:
        assert session.scalars(select(Approval.who)).all() == ["Иванов"]
