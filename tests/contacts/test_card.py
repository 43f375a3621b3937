"""The card of a contact as a page: its steps, its words that are kept, its tasks, what can be found of it later."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from addons.contacts.models import Customer, Document, IgnoreReason
from addons.contacts.services import callbacks, checking, consents, handling, portrait, reopening
from addons.contacts.services.goals import goals_for
from addons.contacts.services.identifying import OF_CLIENT
from addons.contacts.services.powers import powers_of
from addons.contacts.services.registration import Way
from core.access.models import Role, User
from core.db.kept import gather
from core.errors import Conflict, Invalid
from core.testing.statements import Statements
from core.web.app import Application
from core.work import tasks
from core.work.subjects import Subject
from tests.contacts.test_handling import Firm, come_in, firm, new_car_goal, state_of, waiting_notes
from tests.contacts.test_identifying import add_client, contact_of, mine
from tests.support.visitors import Visitor

__all__ = ["firm"]


class TestTheQueue:
    """S0-23: from the card, by who has the contact and by reception."""

    @pytest.mark.parametrize("login", ["petukhov", "lebedeva"])
    def test_put_there_by_a_button(self, app: Application, firm: Firm, login: str) -> None:
        contact, visitor = mine(firm), Visitor(app, login)
        assert f"/contact/{contact}/queue" in visitor.get(f"/contact/{contact}").text
        answer = visitor.post(f"/contact/{contact}/queue")
        assert answer.status_code == 303
        assert state_of(firm, contact)[0] == "waiting"
        page = visitor.get(answer.headers["Location"]).text
        assert "/opened" not in page, "seeing the card again must not take the visitor out of the queue"
        assert f"/contact/{contact}/queue" not in page

    def test_who_calls_does_not_stand_in_the_hall(self, app: Application, firm: Firm) -> None:
        """C-07: neither the card nor the step behind it."""
        contact, visitor = mine(firm, channel="phone"), Visitor(app, "petukhov")
        assert f"/contact/{contact}/queue" not in visitor.get(f"/contact/{contact}").text
        refused = visitor.post(f"/contact/{contact}/queue")
        assert refused.status_code == 403
        assert "В очереди может ждать только тот, кто пришёл." in refused.text

    def test_passed_on_he_goes_on_waiting(self, firm: Firm) -> None:
        contact = come_in(firm, responsible_id=firm.people["petukhov"], way=Way.QUEUE)
        since = contact_of(firm, contact).waits_since
        for login in ("sokolova", None):
            with firm.as_("lebedeva") as session:
                handling.transfer(session, contact, firm.people[login] if login else None)
            found = contact_of(firm, contact)
            assert (found.state, found.waits_since) == ("waiting", since)
        with firm.as_("sokolova") as session:
            assert handling.claim(session, contact).waits_since is None

    def test_put_there_again_he_has_waited_all_the_time(self, firm: Firm) -> None:
        contact = come_in(firm, responsible_id=firm.people["petukhov"], way=Way.QUEUE)
        since = contact_of(firm, contact).waits_since
        with firm.as_("lebedeva") as session:
            assert handling.queue(session, contact).waits_since == since


def test_what_a_form_has_sent_is_on_the_card(app: Application, firm: Firm) -> None:
    """S1-40: every parameter as it came, under the word people have for it; also one that nobody knows."""
    sent = {"form": "Тест-драйв", "name": "Виктор", "utm": {"campaign": "зима <2026>"}, "score": 7}
    page = Visitor(app, "petukhov").get(f"/contact/{mine(firm, source_data=sent)}").text
    assert "Данные формы или звонка" in page
    known, unknown = (
        {"Форма": "Тест-драйв", "Имя клиента": "Виктор"},
        {"utm.campaign": "зима &lt;2026&gt;", "score": "7"},
    )
    for name, value in (known | unknown).items():
        assert re.search(rf"<dt[^>]*>{name}</dt>\s*<dd[^>]*>{value}</dd>", page), name
    assert "Данные формы или звонка" not in Visitor(app, "petukhov").get(f"/contact/{mine(firm)}").text


class TestTheFeed:
    """Who has taken the contact, to whom it went, and what was made of it."""

    @pytest.mark.addons("contacts", "sales")
    def test_it_says_who_took_the_contact_and_links_the_document(self, app: Application, firm: Firm) -> None:
        contact = mine(firm)
        visitor = Visitor(app, "petukhov")
        made = visitor.post(f"/contact/{contact}/document", {"type": "sales.worksheet"})
        feed = _feed(visitor, contact)
        assert "Взял(а) Петухов В." in feed
        assert "Создан документ" in feed
        assert re.search(rf'<a href="{made.headers["Location"]}">Рабочий лист [^<]+</a>', feed)

    def test_it_says_so_in_english(self, app: Application, firm: Firm) -> None:
        with firm.as_("admin") as session:
            session.get_one(User, firm.people["petukhov"]).language = "en"
        assert "Taken by Петухов В." in _feed(Visitor(app, "petukhov"), mine(firm))

    @pytest.mark.addons("contacts", "sales")
    def test_a_document_that_was_there_is_attached(self, app: Application, firm: Firm) -> None:
        visitor = Visitor(app, "petukhov")
        made = visitor.post(f"/contact/{mine(firm)}/document", {"type": "sales.worksheet"}).headers["Location"]
        number = int(made.rsplit("/", 1)[1])
        later = mine(firm)
        visitor.post(f"/contact/{later}/attach", {"document_id": number})
        feed = _feed(visitor, later)
        assert "Прикреплено к документу" in feed
        assert f'<a href="{made}">' in feed

    @pytest.mark.addons("contacts", "sales")
    def test_no_link_leads_to_a_refusal(self, app: Application, firm: Firm) -> None:
        """SEC-6: who may not open worksheets reads their numbers, on the contact's card and on the client's."""
        client = add_client(firm, "Иванов")
        contact, manager, reception = mine(firm, customer_id=client), Visitor(app, "petukhov"), Visitor(app, "lebedeva")
        made = manager.post(f"/contact/{contact}/document", {"type": "sales.worksheet"}).headers["Location"]
        assert reception.get(made).status_code == 403
        for page in (f"/contact/{contact}", f"/clients/{client}"):
            assert f'href="{made}"' in manager.get(page).text, page
            text = reception.get(page).text
            assert "РЛ-" in text, page
            assert f'href="{made}' not in text, page
            assert "модуль отключён" not in text, page

    def test_who_had_it_before_stays_in_it(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        visitor.post(f"/contact/{contact}/transfer", {"responsible_id": firm.people["sokolova"]})
        feed = _feed(Visitor(app, "sokolova"), contact)
        assert re.search(r"Перенаправлено: Соколова А\.</b> <span[^>]*>[^<]* · Петухов В\.", feed)
        assert "До этого: Петухов В." in feed
        assert re.findall(r"Взял\(а\) [^<]*", feed) == ["Взял(а) Петухов В."], "who had it before stays"
        Visitor(app, "sokolova").post(f"/contact/{contact}/opened")
        taken = re.findall(r"Взял\(а\) [^<]*", _feed(Visitor(app, "sokolova"), contact))
        assert taken == ["Взял(а) Соколова А.", "Взял(а) Петухов В."]


class TestRedirecting:
    """S1-54, S2-24: to a colleague of the goal, or to another department with what its people should know."""

    def test_to_another_department(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        with firm.as_("admin") as session:
            found = handling.get_contact(session, contact)
            repair = next(goal for goal in goals_for(session, found) if goal.department_ru == "Сервис")
        asked = visitor.get(f"/contact/{contact}/transfer?goal_id={repair.id}").text
        assert "Волков Сергей" in asked
        assert "Соколова" not in asked
        sent = {"goal_id": repair.id, "responsible_id": firm.people["sokolova"], "remark": "Приедет к шести"}
        refused = visitor.post(f"/contact/{contact}/transfer", sent)
        assert refused.status_code == 422, "she sells cars"
        assert "Приедет к шести" in refused.text
        assert "Волков Сергей" in refused.text
        done = visitor.post(f"/contact/{contact}/transfer", {**sent, "responsible_id": firm.people["volkov"]})
        assert (done.status_code, done.location) == (303, "/"), "it is out of his sight from now on"
        card = Visitor(app, "volkov").get(f"/contact/{contact}").text
        assert "Приедет к шести" in card
        assert "До этого: Петухов В." in card
        moved = contact_of(firm, contact)
        assert (moved.goal_id, moved.department_id) == (repair.id, repair.department_id)
        assert waiting_notes(firm, contact) == {"volkov": False}

    def test_what_was_chosen_and_written_is_there_again(self, app: Application, firm: Firm) -> None:
        """Goal, receiver and remark, of a dialog that was left and of one that was refused; the goal can be another then."""
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        own = contact_of(firm, contact).goal_id
        with firm.as_("admin") as session:
            found = handling.get_contact(session, contact)
            repair = next(goal for goal in goals_for(session, found) if goal.department_ru == "Сервис").id
        for goal, receiver in ((repair, "volkov"), (own, "sokolova"), (own, "")):
            number = firm.people.get(receiver, "")
            fields = {"goal_was": own, "goal_id": goal, "responsible_id": number, "remark": "Приедет к шести"}
            visitor.post(f"/drafts/contacts.contact%2F{contact}%2Ftransfer", fields)
            again = visitor.get(f"/contact/{contact}/transfer").text
            refused = visitor.post(f"/contact/{contact}/transfer", {**fields, "remark": "я" * 301}).text
            for page in (again, refused):
                assert f'<option value="{goal}" selected>' in page
                assert re.findall(r'name="responsible_id" value="(\d*)" checked', page) == [str(number)]
            assert "Приедет к шести" in again
        assert "Волков" in visitor.get(f"/contact/{contact}/transfer?goal_id={repair}").text

    def test_a_goal_corrected_meanwhile_stays(self, app: Application, firm: Firm) -> None:
        """SEC-49: the form says nothing of the goal unless another one is chosen in it."""
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        page = visitor.get(f"/contact/{contact}/transfer").text
        [was] = re.findall(r'name="goal_was" value="(\d+)"', page)
        [shown] = re.findall(r'<option value="(\d+)" selected>', page)
        with firm.as_("lebedeva") as session:
            found = handling.get_contact(session, contact)
            data = checking.data_of(session, found)
            repair = next(goal for goal in goals_for(session, found) if goal.department_ru == "Сервис").id
            checking.correct(session, contact, found.version, replace(data, goal_id=repair))
        sent = {"goal_was": was, "goal_id": shown, "responsible_id": firm.people["sokolova"], "remark": "К шести"}
        refused = visitor.post(f"/contact/{contact}/transfer", sent)
        assert refused.status_code == 422, "she sells cars, and the client came for a repair"
        assert "К шести" in refused.text
        assert f'<option value="{repair}" selected>' in refused.text
        assert visitor.post(f"/contact/{contact}/transfer", {**sent, "responsible_id": ""}).status_code == 303
        assert contact_of(firm, contact).goal_id == repair

    def test_without_the_right_to_write_notes_none_is_asked_for(self, app: Application, firm: Firm) -> None:
        """SEC-6: words of a form that was open before are not lost, and the contact goes without them."""
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        assert 'name="remark"' in visitor.get(f"/contact/{contact}/transfer").text
        with firm.as_("admin") as session:
            for role in session.scalars(select(Role)):
                role.grants = {right: scope for right, scope in role.grants.items() if right != "core.comment.create"}
        assert 'name="remark"' not in visitor.get(f"/contact/{contact}/transfer").text
        assert f"/contact/{contact}/note" not in visitor.get(f"/contact/{contact}").text
        sent = {"responsible_id": firm.people["sokolova"], "remark": "Приедет к шести"}
        refused = visitor.post(f"/contact/{contact}/transfer", sent)
        assert refused.status_code == 422
        assert "У вас нет права писать заметки." in refused.text
        assert "Приедет к шести" in refused.text
        assert visitor.post(f"/contact/{contact}/transfer", {**sent, "remark": ""}).status_code == 303
        assert contact_of(firm, contact).responsible_id == firm.people["sokolova"]

    @pytest.mark.parametrize("place", ["/reception", "/reception?registered=1"])
    def test_whoever_passes_on_at_reception_goes_back_there(self, app: Application, firm: Firm, place: str) -> None:
        contact = mine(firm)
        answer = Visitor(app, "lebedeva").post(
            f"/contact/{contact}/transfer",
            {"responsible_id": firm.people["sokolova"]},
            headers={"Referer": f"http://localhost{place}"},
        )
        assert (answer.status_code, answer.location) == (303, "/reception")

    def test_a_goal_of_another_channel_is_none(self, app: Application, firm: Firm) -> None:
        contact = mine(firm, channel="phone")
        with firm.as_("petukhov") as session, pytest.raises(Invalid) as refusal:
            handling.transfer(session, contact, None, new_car_goal(session, "visit"))
        assert "goal_id" in refusal.value.errors


class TestTakenBack:
    """What was ended by mistake is open again; both stand in the feed."""

    def test_an_ignored_contact_is_taken_up_again(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        with firm.as_("petukhov") as session:
            reason = session.scalars(select(IgnoreReason.id).where(IgnoreReason.comment_required)).first()
            handling.ignore(session, contact, reason, "Не туда нажал")
        assert "Вернуть в работу" in visitor.get(f"/contact/{contact}").text
        stranger = Visitor(app, "lebedeva")
        assert "Вернуть в работу" not in stranger.get(f"/contact/{contact}").text
        assert stranger.post(f"/contact/{contact}/reopen").status_code == 403
        assert visitor.post(f"/contact/{contact}/reopen").status_code == 303
        found = contact_of(firm, contact)
        assert (found.state, found.is_request, found.ignore_comment) == ("in_progress", True, "")
        assert found.finished_at is None
        feed = _feed(visitor, contact)
        assert "Снова взято в работу" in feed
        assert "Не туда нажал" in feed
        assert visitor.post(f"/contact/{contact}/reopen").status_code == 409

    def test_what_was_closed_with_a_result_is_taken_up_again(self, app: Application, firm: Firm) -> None:
        """S1-49: as what was ignored, by whoever may close it; the result stays in the feed."""
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        with firm.as_("petukhov") as session:
            handling.finish(session, contact, "Узнал, до скольки открыто")
        assert "Вернуть в работу" in visitor.get(f"/contact/{contact}").text
        stranger = Visitor(app, "lebedeva")
        assert "Вернуть в работу" not in stranger.get(f"/contact/{contact}").text
        assert stranger.post(f"/contact/{contact}/reopen").status_code == 403
        assert visitor.post(f"/contact/{contact}/reopen").status_code == 303
        found = contact_of(firm, contact)
        assert (found.state, found.result, found.finished_at) == ("in_progress", "", None)
        assert "Узнал, до скольки открыто" in _feed(visitor, contact)
        assert visitor.post(f"/contact/{contact}/reopen").status_code == 409

    def test_the_head_gives_it_back_to_who_had_it(self, app: Application, firm: Firm) -> None:
        contact = mine(firm)
        with firm.as_("petukhov") as session:
            reason = session.scalars(select(IgnoreReason.id).where(~IgnoreReason.comment_required)).first()
            handling.ignore(session, contact, reason)
        with firm.as_("admin") as session:
            reopening.reopen(session, contact)
        assert state_of(firm, contact) == ("assigned", firm.people["petukhov"])
        assert waiting_notes(firm, contact) == {"petukhov": False}

    def test_the_promised_call_is_due_again(self, firm: Firm) -> None:
        contact = mine(firm)
        with firm.as_("petukhov") as session:
            found = handling.get_contact(session, contact)
            task = callbacks.plan(session, found, session.now() + timedelta(hours=1)).id
            reason = session.scalars(select(IgnoreReason.id).where(~IgnoreReason.comment_required)).first()
            handling.ignore(session, contact, reason)
            assert tasks.get_task(session, task).state == "done"
            reopening.reopen(session, contact)
            assert tasks.get_task(session, task).state == "open"

    @pytest.mark.addons("contacts", "sales")
    def test_an_attachment_is_taken_back_while_the_document_is_open(self, app: Application, firm: Firm) -> None:
        visitor, maker = Visitor(app, "petukhov"), mine(firm)
        made = visitor.post(f"/contact/{maker}/document", {"type": "sales.worksheet"}).headers["Location"]
        number = int(made.rsplit("/", 1)[1])
        assert "Открепить" not in visitor.get(f"/contact/{maker}").text
        assert visitor.post(f"/contact/{maker}/detach").status_code == 409, "the document was made out of it"
        assert visitor.post(f"/contact/{maker}/reopen").status_code == 409
        first, second = mine(firm), mine(firm)
        for contact in (first, second):
            visitor.post(f"/contact/{contact}/attach", {"document_id": number})
        assert "Открепить" in visitor.get(f"/contact/{first}").text
        assert visitor.post(f"/contact/{first}/detach").status_code == 303
        found = contact_of(firm, first)
        assert (found.state, found.document_id) == ("in_progress", None)
        feed = _feed(visitor, first)
        assert "Прикрепление отменено" in feed
        assert "Прикреплено к документу" in feed
        visitor.post(f"/sales/{number}/move", {"stage": "delivered"})
        assert visitor.post(f"/contact/{second}/detach").status_code == 409

    @pytest.mark.addons("contacts", "sales")
    def test_with_a_wrong_attachment_goes_the_client_it_brought(self, app: Application, firm: Firm) -> None:
        visitor, client, number = Visitor(app, "petukhov"), *_client_with_worksheet(app, firm)
        contact = mine(firm, client_text="мужчина в красной куртке")
        before, last = contact_of(firm, contact), _last_contact(firm, client)
        visitor.post(f"/contact/{contact}/attach", {"document_id": number})
        learned = contact_of(firm, contact)
        assert (learned.customer_id, learned.client_text) == (client, "Тарасов Пётр")
        visitor.post(f"/contact/{contact}/detach")
        found = contact_of(firm, contact)
        for name in (*OF_CLIENT, "search_key"):
            assert getattr(found, name) == getattr(before, name), name
        assert _last_contact(firm, client) == last
        assert "Клиент снова неизвестен" in _feed(visitor, contact)

    @pytest.mark.addons("contacts", "sales")
    def test_a_client_who_was_known_otherwise_stays(self, app: Application, firm: Firm) -> None:
        visitor, client, number = Visitor(app, "petukhov"), *_client_with_worksheet(app, firm)
        before, since, later = (mine(firm, client_text="мужчина в красной куртке") for _ in range(3))
        other = add_client(firm, "Соловьёв")
        visitor.post(f"/contact/{before}/identify", {"customer_id": client})
        for contact in (before, since, later):
            visitor.post(f"/contact/{contact}/attach", {"document_id": number})
        visitor.post(f"/contact/{since}/identify", {"customer_id": other})
        for contact in (before, since, later):
            assert visitor.post(f"/contact/{contact}/detach").status_code == 303
        visitor.post(f"/contact/{later}/identify", {"customer_id": client})
        visitor.post(f"/contact/{later}/attach", {"document_id": number})
        visitor.post(f"/contact/{later}/detach")
        found = [contact_of(firm, contact).customer_id for contact in (before, since, later)]
        assert found == [client, other, client]

    @pytest.mark.addons("contacts", "sales")
    def test_what_a_document_was_made_out_of_stays_with_it(
        self, app: Application, firm: Firm, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also one that has its client from the document itself."""
        client, number = _client_with_worksheet(app, firm)
        code = "sales.worksheet"
        addon, kind = handling.document_types(app.host.hooks)[code]
        known = replace(kind, create=lambda session, _: session.get_one(Document, number))
        monkeypatch.setattr(handling, "document_types", lambda _: {code: (addon, known)})
        contact = mine(firm)
        with firm.as_("petukhov") as session:
            handling.create_document(session, contact, code)
        assert contact_of(firm, contact).customer_id == client
        with firm.as_("petukhov") as session, pytest.raises(Conflict, match="attached"):
            reopening.detach(session, contact)

    @pytest.mark.addons("contacts", "sales")
    def test_whether_it_can_be_taken_back_costs_the_card_nothing(self, app: Application, firm: Firm) -> None:
        visitor, (_, number) = Visitor(app, "petukhov"), _client_with_worksheet(app, firm)
        contact = mine(firm)
        visitor.post(f"/contact/{contact}/attach", {"document_id": number})
        visitor.get(f"/contact/{contact}")
        with Statements(app.database) as statements:
            assert "Открепить" in visitor.get(f"/contact/{contact}").text
        assert len([text for text in statements.texts if "FROM core_audit" in text]) == 1


def _client_with_worksheet(app: Application, firm: Firm) -> tuple[int, int]:
    client = add_client(firm, "Тарасов", "8 903 555-01-01")
    made = Visitor(app, "petukhov").post("/sales/new", {"customer_id": client, "interest": "Chery"})
    return client, int(made.headers["Location"].rsplit("/", 1)[1])


def _last_contact(firm: Firm, client: int) -> datetime | None:
    with firm.as_("admin") as session:
        return session.get_one(Customer, client).last_contact_at


def _feed(visitor: Visitor, contact: int) -> str:
    page = visitor.get(f"/contact/{contact}").text
    return page[page.index('id="events"') :]


STEPS = {"claim": "claim", "pass_on": "transfer", "ignore": "ignore", "finish": "finish", "change": "identify"}


class TestTheButtons:
    """One function decides for the button and for the step."""

    @pytest.mark.parametrize("login", ["petukhov", "sokolova", "kravtsov", "lebedeva", "admin"])
    @pytest.mark.parametrize("taken", [True, False])
    def test_they_are_the_powers_of_the_person(self, app: Application, firm: Firm, login: str, taken: bool) -> None:
        contact = mine(firm) if taken else come_in(firm)
        with firm.as_(login) as session:
            powers = powers_of(session, handling.get_contact(session, contact))
        page = Visitor(app, login).get(f"/contact/{contact}").text
        shown = {
            action for action, step in STEPS.items() if re.search(rf'(action|href)="/contact/{contact}/{step}"', page)
        }
        assert shown == powers & set(STEPS)

    @pytest.mark.parametrize("step", ["transfer", "ignore"])
    def test_what_they_ask_is_fetched_when_it_is_asked(self, app: Application, firm: Firm, step: str) -> None:
        """The head of an open card moves by itself: a button may come that was not there when the page was loaded."""
        contact, visitor = come_in(firm), Visitor(app, "petukhov")
        assert f"/contact/{contact}/transfer" not in visitor.get(f"/contact/{contact}").text
        with firm.as_("lebedeva") as session:
            handling.transfer(session, contact, firm.people["petukhov"])
        assert (
            f'href="/contact/{contact}/{step}" data-open="{step}" data-ask'
            in visitor.get(f"/contact/{contact}/head").text
        )
        dialog = visitor.get(f"/contact/{contact}/{step}", headers={"X-Fragment": "1"}).text
        assert f'<dialog class="dialog" id="{step}"' in dialog
        assert f'action="/contact/{contact}/{step}"' in dialog
        page = visitor.get(f"/contact/{contact}/{step}").text
        assert ("<dialog" in page.split("<main")[1].split("</main")[0], "page-narrow" in page) == (False, True)
        assert Visitor(app, "sokolova").get(f"/contact/{contact}/{step}").status_code == 403

    def test_the_head_and_the_administrator_may_end_it(self, firm: Firm) -> None:
        contact = mine(firm)
        for login in ("kravtsov", "admin"):
            with firm.as_(login) as session:
                assert {"ignore", "finish"} <= powers_of(session, handling.get_contact(session, contact))

    def test_a_colleague_may_not_pass_it_on(self, firm: Firm) -> None:
        contact = mine(firm)
        with firm.as_("sokolova") as session:
            assert powers_of(session, handling.get_contact(session, contact)) == set()


class TestTypedWords:
    """Result, note and comment come back after a lost session; what was saved leaves no draft."""

    @pytest.mark.parametrize(
        ("form", "step", "fields"),
        [
            ("result", "finish", {"result": "Приедет в субботу"}),
            ("note", "note", {"text": "Просил не звонить"}),
        ],
    )
    def test_come_back_and_go(self, app: Application, firm: Firm, form: str, step: str, fields: dict[str, str]) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        (words,) = fields.values()
        assert f'data-draft="contacts.contact/{contact}/{form}"' in visitor.get(f"/contact/{contact}").text
        visitor.post(f"/drafts/contacts.contact/{contact}/{form}", fields)
        again = Visitor(app, "petukhov")
        assert f'value="{words}"' in again.get(f"/contact/{contact}").text
        assert visitor.post(f"/contact/{contact}/{step}", fields).status_code == 303
        assert f'value="{words}"' not in visitor.get(f"/contact/{contact}").text

    def test_a_refused_step_leaves_the_other_words_alone(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        visitor.post(f"/drafts/contacts.contact/{contact}/result", {"result": "Почти договорились"})
        refused = visitor.post(f"/contact/{contact}/ignore", {"comment": "Передумал"})
        assert refused.status_code == 422
        assert 'value="Почти договорились"' in refused.text
        assert ">Передумал</textarea>" in refused.text

    def test_the_comment_of_an_ignored_one(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        visitor.post(f"/drafts/contacts.contact/{contact}/ignore", {"comment": "Зашёл погреться"})
        assert ">Зашёл погреться</textarea>" in visitor.get(f"/contact/{contact}/ignore").text


class TestTasks:
    """S1-60: what is to be done about the contact and its client, as trees."""

    def give(self, firm: Firm, subject: Subject, title: str, parent: int | None = None) -> int:
        with firm.as_("petukhov") as session:
            due = session.now() + timedelta(hours=1)
            new = tasks.NewTask(
                title=title, due_at=due, subject=subject, assignee_id=firm.people["petukhov"], parent_id=parent
            )
            return tasks.create_task(session, new).id

    def test_stand_on_the_card_with_a_way_to_new_ones(self, app: Application, firm: Firm) -> None:
        client = add_client(firm, "Иванов")
        contact = mine(firm, customer_id=client)
        about = Subject("contacts_inbound_contact", contact)
        first = self.give(firm, about, "Прислать расчёт")
        part = self.give(firm, about, "Спросить банк", first)
        other = self.give(firm, Subject("contacts_customer", client), "Поздравить")
        page = Visitor(app, "petukhov").get(f"/contact/{contact}").text
        for task in (first, part, other):
            assert f'href="/tasks/{task}"' in page
        assert f"about=contacts_inbound_contact:{contact}" in page.replace("%3A", ":")
        tree = page[page.index("Прислать расчёт") :]
        assert tree.index('<ul class="task-tree">') < tree.index("Спросить банк")

    def test_of_a_client_without_any_there_is_no_second_empty_box(self, app: Application, firm: Firm) -> None:
        client = add_client(firm, "Иванов")
        contact, visitor = mine(firm, customer_id=client), Visitor(app, "petukhov")
        assert "Задачи по клиенту" not in visitor.get(f"/contact/{contact}").text
        self.give(firm, Subject("contacts_customer", client), "Поздравить")
        assert "Задачи по клиенту" in visitor.get(f"/contact/{contact}").text

    def test_lead_to_their_cards_from_the_desk(self, app: Application, firm: Firm) -> None:
        contact = mine(firm)
        task = self.give(firm, Subject("contacts_inbound_contact", contact), "Прислать расчёт")
        page = Visitor(app, "petukhov").get("/desk").text
        assert re.search(rf'<a[^>]* href="/tasks/{task}">Прислать расчёт</a>', page)


class TestFoundLater:
    def test_ignored_and_processed_are_two_things(self, app: Application, firm: Firm) -> None:
        """S0-47: both are finished, and the journal tells them apart."""
        processed, ignored, open_one = mine(firm), mine(firm), mine(firm)
        with firm.as_("petukhov") as session:
            handling.finish(session, processed, "Приедет")
        with firm.as_("petukhov") as session:
            reason = session.scalars(select(IgnoreReason.id).where(~IgnoreReason.comment_required)).first()
            handling.ignore(session, ignored, reason)
        visitor = Visitor(app, "petukhov")

        def listed(query: str) -> set[int]:
            return {
                int(number) for number in re.findall(r'href="/contact/(\d+)', visitor.get(f"/traffic?{query}").text)
            }

        assert listed("state=processed") == {processed}
        assert listed("state=ignored") == {ignored}
        assert listed("open=1") == {open_one}

    def test_all_contacts_of_a_client_stand_on_his_card(self, app: Application, firm: Firm) -> None:
        """S0-48: in the order of time, the last one first."""
        client = add_client(firm, "Иванов")
        contacts = [mine(firm, customer_id=client, channel=channel) for channel in ("phone", "visit", "phone")]
        page = Visitor(app, "lebedeva").get(f"/clients/{client}").text
        places = [page.index(f'href="/contact/{contact}"') for contact in contacts]
        assert places == sorted(places, reverse=True)


def test_the_consent_on_the_card_is_the_one_to_processing(firm: Firm, app: Application) -> None:
    """SEC-68: a consent to advertising is none to this, nor is one that is over."""
    client = add_client(firm, "Иванов", "+79031234567")
    contact, visitor = mine(firm, customer_id=client, client_text=""), Visitor(app, "petukhov")

    def shown() -> tuple[bool, bool]:
        with firm.as_("petukhov") as session:
            found = handling.get_contact(session, contact)
            known = portrait.portrait_of(session, found, gather(session, portrait.reads_of(session, found)))
            return known.has_consent, consents.agrees(session, client, "processing")

    given = consents.NewConsent(client, "marketing", "2026-1", "paper", "№ 5")
    with firm.as_("admin") as session:
        consents.give(session, given)
    assert shown() == (False, False)
    assert visitor.get(f"/contact/{contact}").status_code == 200
    with firm.as_("admin") as session:
        number = consents.give(session, replace(given, purpose="processing")).id
    assert shown() == (True, True)
    with firm.as_("admin") as session:
        consents.withdraw(session, number)
    assert shown() == (False, False)


def test_a_long_description_leaves_room_in_the_head(app: Application, firm: Firm) -> None:
    """Two lines of it and the rest at a pointer; the portrait has it whole."""
    words = "Высокий мужчина с бородой, синяя куртка, с ребёнком, говорит, что звонил на прошлой неделе"
    page = Visitor(app, "petukhov").get(f"/contact/{mine(firm, client_text=words)}").text
    assert f'<span class="cc-name clamp long" title="{words}">' in page
    assert page.count(words) > 2
