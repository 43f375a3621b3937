"""A worksheet's way: created, changed, moved, lost; its row in the journal and its history follow."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from sqlalchemy import select

from addons.contacts.models import Customer, Document, Make
from addons.contacts.services import handling
from addons.contacts.services.customers import CustomerData, create_customer
from addons.contacts.services.lookup import LOOKUP
from addons.sales.models import LostReason, Worksheet
from addons.sales.services import records
from addons.sales.services.worksheets import get_worksheet
from core.access.models import Role, UserRole
from core.clock import utcnow
from core.web.app import Application
from tests.contacts.test_handling import Firm, firm
from tests.contacts.test_identifying import mine
from tests.sales.conftest import add, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

__all__ = ["firm"]

COMMENT = "Сделали скидку больше нашей"


def _head(dealership: Dealership, number: int) -> Document:
    with dealership.session() as session:
        found = session.get_one(Document, number)
        session.expunge(found)
        return found


def _reason(dealership: Dealership) -> LostReason:
    with dealership.session() as session:
        found = session.scalars(select(LostReason).order_by(LostReason.position)).first()
        assert found is not None
        session.expunge(found)
        return found


def _only(dealership: Dealership) -> Worksheet:
    with dealership.session() as session:
        found = session.scalars(select(Worksheet)).one()
        session.expunge(found)
        return found


# --- the form -------------------------------------------------------------------------------------


def test_a_client_of_no_directory_is_written_in_words(dealership: Dealership, manager: Visitor) -> None:
    form = manager.get("/sales/new").text
    assert 'name="customer_text"' in form
    refused = manager.post("/sales/new", {"interest": "Kia Rio"})
    assert refused.status_code == 422
    assert refused.text.count("Выберите клиента или напишите, кто это.") >= 2
    assert 'value="Kia Rio"' in refused.text
    assert manager.post("/sales/new", {"customer_text": "Сергей с рынка", "interest": "Kia Rio"}).status_code == 303
    made = _only(dealership)
    assert (made.customer_text, _head(dealership, made.id).customer_text) == ("Сергей с рынка", "Сергей с рынка")
    assert made.responsible_id == dealership.people["petukhov"]


def test_the_journal_follows_a_change(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    fields = {
        "customer_text": "Сидоров",
        "interest": "Lada Vesta",
        "budget": "1 500 000",
        "responsible_id": str(dealership.people["petukhov"]),
        "version": str(stored(dealership, worksheet).version),
    }
    assert manager.post(f"/sales/{worksheet}/edit", fields).status_code == 303
    head = _head(dealership, worksheet)
    assert (head.customer_text, head.title, head.amount) == ("Сидоров", "Lada Vesta", 150_000_000)
    assert f"/documents/{worksheet}?" in manager.get("/documents?q=сидоров").text
    assert f"/documents/{worksheet}?" not in manager.get("/documents?q=иванов").text


def test_a_chosen_client_takes_the_place_of_the_words(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    with dealership.session() as session:
        branch_id = session.get_one(Worksheet, worksheet).branch_id
        from addons.contacts.services.customers import CustomerData, create_customer

        customer = create_customer(session, CustomerData(last_name="Орлова", first_name="Ольга", branch_id=branch_id))
        number = customer.id
    fields = {
        "customer_id": str(number),
        "customer_text": "Иванов Виктор",
        "responsible_id": str(dealership.people["petukhov"]),
        "version": str(stored(dealership, worksheet).version),
    }
    assert manager.post(f"/sales/{worksheet}/edit", fields).status_code == 303
    assert stored(dealership, worksheet).customer_text == ""
    assert _head(dealership, worksheet).customer_text == "Орлова Ольга"
    with dealership.session() as session:
        assert session.get_one(Customer, number).name == "Орлова Ольга"


def test_made_from_a_description_it_says_who_came_and_for_what(firm: Firm, app: Application) -> None:
    """S0-32: also of somebody whom no directory knows; what is not planned yet is asked for."""
    contact = mine(firm, client_text="мужчина в красной куртке", topic="Смотрел с женой")
    with firm.as_("petukhov") as session:
        number = handling.create_document(session, contact, "sales.worksheet").id
    visitor = Visitor(app, "petukhov")
    card = visitor.get(f"/sales/{number}").text
    head = card[card.index("cc-head") : card.index("data-panel")]
    for words in (
        "мужчина в красной куртке",
        "Автосалон. Покупка нового автомобиля",
        "Смотрел с женой",
        "Консультация",
    ):
        assert words in head
    assert "Или кто это, словами" not in card
    assert "Следующий шаг не назначен." in card
    assert f'href="/sales/{number}/edit#next_step"' in card
    with firm.as_("petukhov") as session:
        records.change(session, get_worksheet(session, number), {"next_step": "Позвонить"})
    assert "Следующий шаг не назначен." not in visitor.get(f"/sales/{number}").text


def test_of_a_deal_that_is_over_no_step_is_asked(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    assert "Следующий шаг не назначен." in manager.get(f"/sales/{worksheet}").text
    manager.post(f"/sales/{worksheet}/move", {"stage": "delivered"})
    assert "Следующий шаг не назначен." not in manager.get(f"/sales/{worksheet}").text


def test_a_card_names_its_client_only_to_who_may_know_him(
    dealership: Dealership, app: Application, manager: Visitor
) -> None:
    """SEC-4: a right to all worksheets is none to the clients and to the journal."""
    with dealership.session() as session:
        client = create_customer(
            session, CustomerData(last_name="Дальний", first_name="Пётр", phones=("+79031234567",))
        )
        client_id = client.id
    number = add(dealership, customer_id=client_id, customer_text="")
    told = add(dealership, customer_text="Сергей с рынка")
    reader = Visitor(app, "sokolova")
    for grants, named in (({}, False), ({LOOKUP: "all"}, True), ({"contacts.document.read": "all"}, True)):
        _let_read_worksheets(dealership, "sokolova", grants)
        page = unescape(reader.get(f"/sales/{number}").text)
        assert stored(dealership, number).number in page
        assert ("Дальний Пётр" in page) == named, grants
        assert 'href="tel:' not in page
        assert f"/clients/{client_id}" not in page
        assert "Сергей с рынка" in reader.get(f"/sales/{told}").text
    with dealership.session() as session:
        session.get_one(Customer, client_id).branch_id = stored(dealership, number).branch_id
    card = manager.get(f"/sales/{number}").text
    assert re.search(rf'<a href="[^"]*/clients/{client_id}">Дальний Пётр</a>', card)
    assert 'href="tel:+79031234567"' in card


def test_whoever_is_in_no_directory_is_called_back_at_the_number_he_used(firm: Firm, app: Application) -> None:
    contact = mine(firm, client_text="мужчина в красной куртке", phone="8 903 555-01-01")
    with firm.as_("petukhov") as session:
        number = handling.create_document(session, contact, "sales.worksheet").id
    assert 'href="tel:+79035550101"' in Visitor(app, "petukhov").get(f"/sales/{number}").text


def _let_read_worksheets(dealership: Dealership, login: str, more: dict[str, str]) -> None:
    """Leave somebody the right to read all worksheets, and those that are said, for his only ones."""
    with dealership.session() as session:
        for link in session.scalars(select(UserRole).where(UserRole.user_id == dealership.people[login])):
            session.delete(link)
        session.flush()
        grants = {"sales.worksheet.read": "all", **more}
        role = Role(code=f"test{len(more)}{min(more, default='')}", title_ru="Роль", title_en="Role", grants=grants)
        session.add(role)
        session.flush()
        session.add(UserRole(user_id=dealership.people[login], role_id=role.id))


def test_a_card_does_not_say_the_make_twice(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    assert "Словами" in manager.get(f"/sales/{worksheet}").text
    with dealership.session() as session:
        make = session.scalars(select(Make).where(Make.name == "BMW")).one()
    known = add(dealership, make_id=make.id, interest="BMW")
    card = manager.get(f"/sales/{known}").text
    assert ">BMW</dd>" in card
    assert "Словами" not in card


# --- the stages -----------------------------------------------------------------------------------


def test_the_card_tells_how_the_stages_went(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    for stage in ("selection", "test_drive"):
        assert manager.post(f"/sales/{worksheet}/move", {"stage": stage}).status_code == 303
    card = unescape(manager.get(f"/sales/{worksheet}").text)
    history = card[card.index("История этапов") :]
    assert re.search(r"Подбор\s*→\s*Тест-драйв", history)
    assert re.search(r"Консультация\s*→\s*Подбор", history)
    assert "Петухов" in history
    head = _head(dealership, worksheet)
    assert (head.state, head.state_ru, head.open) == ("test_drive", "Тест-драйв", True)


def test_the_journal_follows_whoever_changes_the_worksheet(
    dealership: Dealership, app: Application, worksheet: int
) -> None:
    """S0-52: the head of sales moves the worksheets of the branch, and reads nothing in the journal."""
    with dealership.session() as session:
        user_id = dealership.people["sokolova"]
        for link in session.scalars(select(UserRole).where(UserRole.user_id == user_id)):
            session.delete(link)
        session.flush()
        head_of_sales = session.scalars(select(Role.id).where(Role.code == "sales_head")).one()
        session.add(UserRole(user_id=user_id, role_id=head_of_sales))
    head = Visitor(app, "sokolova")
    planned = add(dealership, next_step="Позвонить", next_step_at=utcnow() + timedelta(days=1))
    for number in (worksheet, planned):
        assert head.post(f"/sales/{number}/move", {"stage": "selection"}).status_code == 303
        assert _head(dealership, number).state == "selection"
    fields = {"customer_text": "Сидоров", "version": str(stored(dealership, worksheet).version)}
    assert head.post(f"/sales/{worksheet}/edit", fields).status_code == 303
    assert _head(dealership, worksheet).customer_text == "Сидоров"


def test_a_deal_that_is_over_moves_no_more(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    assert manager.post(f"/sales/{worksheet}/move", {"stage": "delivered"}).status_code == 303
    assert _head(dealership, worksheet).open is False
    refused = manager.post(f"/sales/{worksheet}/move", {"stage": "selection"})
    assert refused.status_code == 409
    assert "Выдан" in refused.text
    assert stored(dealership, worksheet).stage == "delivered"


def test_an_unknown_stage_is_refused_in_words(manager: Visitor, worksheet: int) -> None:
    refused = manager.post(f"/sales/{worksheet}/move", {"stage": "moon"})
    assert refused.status_code == 422
    assert "Такого этапа нет." in refused.text


# --- losing ---------------------------------------------------------------------------------------


def test_a_loss_without_a_reason_comes_back_with_what_was_typed(
    dealership: Dealership, manager: Visitor, worksheet: int
) -> None:
    refused = manager.post(f"/sales/{worksheet}/lose", {"comment": COMMENT})
    assert refused.status_code == 422
    assert f">{COMMENT}</textarea>" in refused.text
    assert 'aria-invalid="true"' in refused.text
    assert "Выберите причину" in refused.text or "Почему сделка" in refused.text
    assert stored(dealership, worksheet).stage == "consultation"
    for wrong in ("0", "999999", "x", "9" * 30):
        answer = manager.post(f"/sales/{worksheet}/lose", {"lost_reason_id": wrong, "comment": COMMENT})
        assert answer.status_code == 422, wrong


def test_the_comment_on_a_loss_is_never_cut(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    sent = {"lost_reason_id": str(_reason(dealership).id)}
    refused = manager.post(f"/sales/{worksheet}/lose", {**sent, "comment": "я" * 301})
    assert (refused.status_code, "Слишком длинно." in refused.text) == (422, True)
    assert stored(dealership, worksheet).stage == "consultation"
    # A line's end is one character in the field and two on the way.
    lines = "я" * 149 + "\r\n" + "я" * 150
    assert manager.post(f"/sales/{worksheet}/lose", {**sent, "comment": lines}).status_code == 303


def test_a_deal_is_lost_for_a_reason(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    reason = _reason(dealership)
    sent = {"lost_reason_id": str(reason.id), "comment": COMMENT, "next": "/sales?view=board"}
    done = manager.post(f"/sales/{worksheet}/lose", sent)
    assert (done.status_code, done.location) == (303, "/sales?view=board")
    lost = stored(dealership, worksheet)
    assert (lost.stage, lost.lost_reason_id, lost.lost_comment) == ("lost", reason.id, COMMENT)
    card = manager.get(f"/sales/{worksheet}").text
    assert reason.title_ru in card
    assert COMMENT in card
    assert (
        manager.post(f"/sales/{worksheet}/lose", {**sent, "next": "//evil.example"}).location == f"/sales/{worksheet}"
    )


def test_what_was_typed_about_a_loss_is_kept_until_it_is_saved(
    dealership: Dealership, manager: Visitor, worksheet: int
) -> None:
    page = manager.get(f"/sales/{worksheet}/lose").text
    key = re.search(r'data-draft="([^"]+)"', page)
    assert key is not None
    assert manager.post(f"/drafts/{key[1]}", {"comment": COMMENT}).status_code == 200
    assert COMMENT in manager.get(f"/sales/{worksheet}/lose").text
    reason = {"lost_reason_id": str(_reason(dealership).id), "comment": COMMENT}
    assert manager.post(f"/sales/{worksheet}/lose", reason).status_code == 303
    assert COMMENT not in manager.get(f"/sales/{add(dealership)}/lose").text
    assert COMMENT not in re.sub(r"(?s)<main.*?</main>", "", manager.get(f"/sales/{worksheet}").text)


def test_the_form_of_a_loss_is_a_dialog_over_a_page(manager: Visitor, worksheet: int) -> None:
    piece = manager.get(f"/sales/{worksheet}/lose", headers={"X-Fragment": "1"})
    assert piece.text.lstrip().startswith("<dialog")
    assert "<html" in manager.get(f"/sales/{worksheet}/lose").text


def test_dragging_to_lost_asks_for_the_reason(dealership: Dealership, manager: Visitor, worksheet: int) -> None:
    answer = manager.post("/sales/board/move", {"id": str(worksheet), "state": "lost"})
    assert (answer.status_code, answer.headers["X-Ask"]) == (422, f"/sales/{worksheet}/lose")
    assert stored(dealership, worksheet).stage == "consultation"
    assert manager.post("/sales/board/move", {"id": str(worksheet), "state": "selection"}).status_code == 204
    assert stored(dealership, worksheet).stage == "selection"
    for wrong in ("", "x", "0", "9" * 30):
        assert manager.post("/sales/board/move", {"id": wrong, "state": "lost"}).status_code == 404


def test_only_who_may_move_it_is_offered_the_stages(app: Application, dealership: Dealership, worksheet: int) -> None:
    """SEC-6: a colleague sees the worksheet, on its card and on the board, without buttons that would be refused."""
    for login, offered in (("petukhov", True), ("kravtsov", True), ("sokolova", False)):
        visitor = Visitor(app, login)
        for page in (f"/sales/{worksheet}", "/sales?view=board"):
            text = visitor.get(page).text
            assert f'href="/sales/{worksheet}' in text or page == f"/sales/{worksheet}"
            assert (f"/sales/{worksheet}/move" in text) == offered, (login, page)
            assert (f"/sales/{worksheet}/lose" in text) == offered, (login, page)
    assert 'class="board-card still"' in Visitor(app, "sokolova").get("/sales?view=board").text


def test_who_may_not_move_it_is_not_asked_for_a_reason(
    app: Application, dealership: Dealership, worksheet: int
) -> None:
    assert Visitor(app, "lebedeva").get(f"/sales/{worksheet}/lose").status_code == 403
    colleague = Visitor(app, "sokolova")
    assert colleague.get(f"/sales/{worksheet}/lose").status_code == 403
    assert colleague.post("/sales/board/move", {"id": str(worksheet), "state": "lost"}).status_code == 403


def test_the_board_shows_every_stage_with_its_worksheets(manager: Visitor, worksheet: int) -> None:
    answer = manager.get("/sales?view=board")
    assert answer.status_code == 200
    assert f'data-id="{worksheet}"' in answer.text
