"""«Check the data»: what a contact says of its client and car is corrected where it belongs (S1-46, S1-47, S1-68…71)."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.orm.exc import StaleDataError

from addons.contacts.models import ContactGoal, Customer, LeadSource, OdometerReading, RequestReason, Vehicle
from addons.contacts.services import checking, handling
from addons.contacts.services.checking import ContactData
from addons.contacts.services.records import change_vehicle
from addons.contacts.views import checking as checking_view
from core.errors import Forbidden, Invalid
from core.web.app import Application
from core.work.drafts import load_draft
from core.work.models import TimelineEntry
from tests.contacts.test_handling import Firm, come_in, firm, waiting_notes
from tests.contacts.test_identifying import add_client, contact_of, mine
from tests.support.visitors import Visitor

__all__ = ["firm"]


def correct(firm: Firm, contact: int, login: str = "petukhov", **changes: object) -> None:
    """Somebody opens the form, changes these fields and saves it."""
    with firm.as_(login) as session:
        found = handling.get_contact(session, contact)
        data = replace(checking.data_of(session, found), **changes)  # type: ignore[arg-type]
        checking.correct(session, contact, found.version, data)


def add_car(firm: Firm, client: int, kilometres: int | None = None) -> int:
    with firm.as_("admin") as session:
        car = Vehicle(customer_id=client, title="Kia Rio", model_year=2019, mileage=kilometres)
        session.add(car)
        session.flush()
        return car.id


class TestSaving:
    def test_words_are_kept_without_directory_links(self, firm: Firm) -> None:
        """S1-50: name, model and year as they were said."""
        contact = mine(firm)
        correct(firm, contact, client_text="Виктор Ильич", vehicle_text="Москвич 412", model_year=1975, note="")
        found = contact_of(firm, contact)
        assert (found.client_text, found.vehicle_text, found.model_year) == ("Виктор Ильич", "Москвич 412", 1975)
        assert (found.customer_id, found.vehicle_id, found.make_id) == (None, None, None)
        assert "москвич" in found.search_key

    def test_a_number_in_any_spelling(self, firm: Firm) -> None:
        contact = mine(firm)
        correct(firm, contact, phone="8 (903) 555-01-01")
        assert contact_of(firm, contact).phone == "+79035550101"
        with pytest.raises(Invalid) as refusal:
            correct(firm, contact, phone="перезвоню сам")
        assert "phone" in refusal.value.errors

    def test_the_mail_goes_into_the_clients_card(self, firm: Firm) -> None:
        client = add_client(firm, "Иванов")
        correct(firm, mine(firm, customer_id=client), email="ivanov@example.org")
        with firm.as_("admin") as session:
            assert session.get_one(Customer, client).email == "ivanov@example.org"

    def test_over_another_address_only_for_who_may_change_the_client(self, firm: Firm) -> None:
        client = add_client(firm, "Иванов")
        with firm.as_("lebedeva") as session:
            session.get_one(Customer, client).email = "old@example.org"
        contact = mine(firm, customer_id=client)
        correct(firm, contact, email="new@example.org")
        assert self.mail(firm, client) == "old@example.org"
        correct(firm, contact, "lebedeva", email="newer@example.org")
        assert self.mail(firm, client) == "newer@example.org"

    @staticmethod
    def mail(firm: Firm, client: int) -> str:
        with firm.as_("admin") as session:
            return session.get_one(Customer, client).email

    def test_wishes_and_source(self, firm: Firm) -> None:
        contact = mine(firm)
        with firm.as_("admin") as session:
            reasons = list(session.scalars(select(RequestReason.id).order_by(RequestReason.id).limit(3)))
            source = session.scalars(select(LeadSource.id)).first()
        correct(firm, contact, reason_ids=reasons[:2], lead_source_id=source)
        correct(firm, contact, reason_ids=reasons[1:])
        with firm.as_("admin") as session:
            data = checking.data_of(session, handling.get_contact(session, contact))
        assert (data.reason_ids, data.lead_source_id) == (reasons[1:], source)

    def test_what_was_corrected_is_on_the_timeline(self, firm: Firm) -> None:
        contact = mine(firm)
        correct(firm, contact, note="Красный", model_year=2020)
        correct(firm, contact)
        with firm.as_("admin") as session:
            kinds = TimelineEntry.kind == checking.CHECKED
            (told,) = session.scalars(select(TimelineEntry.title_values).where(kinds))
        assert set(told["fields"]) == {"ru", "en"}

    def test_only_by_who_handles_it(self, firm: Firm) -> None:
        contact = mine(firm)
        with pytest.raises(Forbidden):
            correct(firm, contact, "sokolova", note="чужое")
        correct(firm, contact, "kravtsov", note="руководитель")

    def test_two_people_at_once(self, firm: Firm) -> None:
        """SEC-49."""
        contact = mine(firm)
        with firm.as_("petukhov") as session:
            found = handling.get_contact(session, contact)
            version, data = found.version, checking.data_of(session, found)
        correct(firm, contact, "lebedeva", note="от ресепшн")
        with firm.as_("petukhov") as session, pytest.raises(StaleDataError):
            checking.correct(session, contact, version, replace(data, note="от менеджера"))


class TestTheCar:
    def test_a_dated_reading_and_a_lower_one_warns(self, firm: Firm) -> None:
        """S1-71."""
        client = add_client(firm, "Иванов")
        car = add_car(firm, client, 58_000)
        contact = mine(firm, customer_id=client)
        correct(firm, contact, vehicle_id=car, mileage=58_400)
        with pytest.raises(Invalid) as refusal:
            correct(firm, contact, mileage=5_840)
        assert "mileage" in refusal.value.errors
        correct(firm, contact, mileage=5_840, mileage_sure=True)
        with firm.as_("admin") as session:
            readings = session.scalars(
                select(OdometerReading.kilometres)
                .where(OdometerReading.contact_id == contact)
                .order_by(OdometerReading.id)
            )
            assert list(readings) == [5_840]
            assert session.get_one(Vehicle, car).mileage == 5_840

    def test_what_was_read_on_another_car_is_not_kept_there(self, firm: Firm) -> None:
        """S1-71."""
        client = add_client(firm, "Иванов")
        wrong, right = add_car(firm, client, 58_000), add_car(firm, client)
        contact = mine(firm, customer_id=client)
        correct(firm, contact, vehicle_id=wrong, mileage=120_000)
        correct(firm, contact, vehicle_id=right)
        with firm.as_("admin") as session:
            assert session.get_one(Vehicle, wrong).mileage == 58_000
            assert session.get_one(Vehicle, right).mileage == 120_000
        correct(firm, contact, mileage=None)
        with firm.as_("admin") as session:
            assert session.get_one(Vehicle, right).mileage is None

    def test_an_old_reading_that_is_taken_back_leaves_a_later_mileage_alone(self, firm: Firm) -> None:
        """S1-71: also a mileage that somebody has emptied since."""
        client = add_client(firm, "Иванов")
        car = add_car(firm, client, 58_000)
        for mileage in (90_000, None):
            contact = mine(firm, customer_id=client)
            correct(firm, contact, vehicle_id=car, mileage=120_000, mileage_sure=True)
            with firm.as_("admin") as session:
                change_vehicle(session, session.get_one(Vehicle, car), {"mileage": mileage})
            correct(firm, contact, mileage=None)
            with firm.as_("admin") as session:
                assert session.get_one(Vehicle, car).mileage == mileage
                assert 120_000 not in session.scalars(select(OdometerReading.kilometres)).all()

    def test_saving_again_reads_nothing_twice(self, firm: Firm) -> None:
        client = add_client(firm, "Иванов")
        car = add_car(firm, client)
        contact = mine(firm, customer_id=client)
        for note in ("раз", "два"):
            correct(firm, contact, vehicle_id=car, mileage=1_000, note=note)
        with firm.as_("admin") as session:
            assert len(list(session.scalars(select(OdometerReading.id)))) == 1

    def test_the_year_is_the_cars_and_can_be_put_right(self, firm: Firm) -> None:
        """S1-70."""
        client = add_client(firm, "Иванов")
        car = add_car(firm, client)
        contact = mine(firm, customer_id=client)
        correct(firm, contact, vehicle_id=car)
        assert contact_of(firm, contact).model_year == 2019
        correct(firm, contact, model_year=2020)
        with firm.as_("admin") as session:
            assert session.get_one(Vehicle, car).model_year == 2020

    def test_not_a_car_of_somebody_else(self, firm: Firm) -> None:
        """S1-69."""
        contact = mine(firm, customer_id=add_client(firm, "Иванов"))
        car = add_car(firm, add_client(firm, "Петров"))
        with pytest.raises(Invalid) as refusal:
            correct(firm, contact, vehicle_id=car)
        assert "vehicle_id" in refusal.value.errors


class TestTheGoal:
    def goal(self, firm: Firm, channel: str, *, workshop: bool) -> int:
        with firm.as_("admin") as session:
            wanted = ContactGoal.category == "repair" if workshop else ContactGoal.category == "sale"
            return session.scalars(select(ContactGoal.id).where(ContactGoal.channel == channel, wanted)).first() or 0

    def test_a_contact_nobody_took_is_told_to_the_others(self, firm: Firm) -> None:
        """X-02: it had the wrong goal, so the workshop hears of it and the showroom no more."""
        contact = come_in(firm)
        correct(firm, contact, "lebedeva", goal_id=self.goal(firm, "visit", workshop=True))
        assert set(waiting_notes(firm, contact)) == {"volkov"}

    def test_a_taken_one_stays_with_who_took_it(self, firm: Firm) -> None:
        contact = mine(firm)
        correct(firm, contact, goal_id=self.goal(firm, "visit", workshop=True))
        assert contact_of(firm, contact).responsible_id == firm.people["petukhov"]

    def test_not_a_goal_of_another_channel(self, firm: Firm) -> None:
        with pytest.raises(Invalid) as refusal:
            correct(firm, mine(firm), goal_id=self.goal(firm, "phone", workshop=False))
        assert "goal_id" in refusal.value.errors


class TestThePage:
    def fields(self, page: str) -> dict[str, str]:
        """The single-valued fields of the form as the page holds them."""
        found = dict(re.findall(r'<input[^>]* name="([a-z_]+)" value="([^"]*)"', page))
        goal = re.search(r'name="goal_id" value="(\d+)" checked', page)
        found = {name: unescape(value) for name, value in found.items()}
        return {**found, "goal_id": goal[1] if goal else ""}

    def test_opened_and_saved(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm, phone="8 903 555-01-01"), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "note": "Хочет белую", "email": ""}
        assert visitor.post(f"/contact/{contact}/data", sent).status_code == 303
        card = visitor.get(f"/contact/{contact}").text
        assert "Хочет белую" in card
        assert "Данные уточнены" in card

    def test_everything_entered_is_on_the_card(self, app: Application, firm: Firm) -> None:
        """S2-37."""
        with firm.as_("admin") as session:
            reason = session.scalars(select(RequestReason).limit(1)).one()
            source = session.scalars(select(LeadSource).limit(1)).one()
            wanted, told, from_where = reason.id, reason.title_ru, source.title_ru
            source_id = source.id
        first = come_in(firm)
        contact = mine(
            firm,
            client_text="Виктор",
            phone="8 903 555-01-01",
            email="v@example.org",
            model_year=2015,
            mileage=123_456,
            note="Стучит",
            topic="Подвеска",
            wish="Записать",
            caused_by_id=first,
            lead_source_id=source_id,
            reason_ids=[wanted],
        )
        card = Visitor(app, "petukhov").get(f"/contact/{contact}").text.replace("\u00a0", " ")
        shown = ("Виктор", "+7 903 555-01-01", "v@example.org", "2015", "123 456", "Стучит", "Подвеска", "Записать")
        for text in (*shown, told, from_where, f"/contact/{first}"):
            assert text in card, text

    def test_a_mistake_loses_no_word(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "note": "Хочет белую", "mileage": "много"}
        answer = visitor.post(f"/contact/{contact}/data", sent)
        assert answer.status_code == 422
        assert "Хочет белую" in answer.text
        assert 'value="много"' in answer.text

    def test_a_make_is_one_of_the_directory(self, app: Application, firm: Firm) -> None:
        """S2-31: as at reception; words that the contact came with stay (S1-50)."""
        contact, visitor = mine(firm, vehicle_text="Москвич 412"), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "make_id_text": "Москвич 412"}
        assert visitor.post(f"/contact/{contact}/data", {**sent, "email": "a@example.org"}).status_code == 303
        assert contact_of(firm, contact).vehicle_text == "Москвич 412"
        sent["version"] = str(contact_of(firm, contact).version)
        refused = visitor.post(f"/contact/{contact}/data", {**sent, "make_id_text": "Мерседэс Бенс"})
        assert refused.status_code == 422
        assert "Мерседэс Бенс" in refused.text
        assert "Выберите марку из списка" in refused.text
        assert visitor.post(f"/contact/{contact}/data", {**sent, "make_id_text": "киа"}).status_code == 303
        assert contact_of(firm, contact).make_id is not None

    def test_both_versions_side_by_side(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "note": "моё"}
        correct(firm, contact, "lebedeva", note="её")
        answer = visitor.post(f"/contact/{contact}/data", sent)
        assert answer.status_code == 409
        assert "моё" in answer.text
        assert "её" in answer.text
        chosen = visitor.post(f"/contact/{contact}/data", {**sent, **self.carried(answer.text)})
        assert chosen.status_code == 409, "both wrote a note, and nobody has chosen"
        mine_kept = {**sent, **self.carried(chosen.text), "take.note": "mine"}
        assert visitor.post(f"/contact/{contact}/data", mine_kept).status_code == 303
        assert contact_of(firm, contact).note == "моё"

    def test_what_is_stored_is_read_once_for_it(
        self, app: Application, firm: Firm, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "note": "моё"}
        correct(firm, contact, "lebedeva", note="её")
        sent |= self.carried(visitor.post(f"/contact/{contact}/data", sent).text)
        held, asked = checking_view._held, list[object]()
        monkeypatch.setattr(checking_view, "_held", lambda *given: asked.append(given) or held(*given))
        assert visitor.post(f"/contact/{contact}/data", sent).status_code == 409
        assert len(asked) == 1

    def test_what_only_a_colleague_changed_stays(self, app: Application, firm: Firm) -> None:
        """SEC-49: also the car, which is one thing although the form has several fields for it."""
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "note": "моё"}
        correct(firm, contact, "lebedeva", email="new@example.org", vehicle_text="Москвич 412")
        answer = visitor.post(f"/contact/{contact}/data", sent)
        assert answer.status_code == 409
        assert visitor.post(f"/contact/{contact}/data", {**sent, **self.carried(answer.text)}).status_code == 303
        saved = contact_of(firm, contact)
        assert (saved.note, saved.email, saved.vehicle_text) == ("моё", "new@example.org", "Москвич 412")

    @pytest.mark.parametrize("side", ["mine", "theirs"])
    def test_words_for_a_car_that_a_colleague_has_chosen_are_a_version(
        self, app: Application, firm: Firm, side: str
    ) -> None:
        """SEC-49, S1-50: the words the form came with stay right in it."""
        client = add_client(firm, "Иванов")
        contact, car = mine(firm, customer_id=client, vehicle_text="Москвич 412"), add_car(firm, client)
        visitor = Visitor(app, "petukhov")
        page = visitor.get(f"/contact/{contact}/data").text
        sent = {**self.fields(page), "make_id_text": "Москвич 412", "note": "моё"}
        correct(firm, contact, "lebedeva", vehicle_id=car, vehicle_text="")
        answer = visitor.post(f"/contact/{contact}/data", sent)
        assert answer.status_code == 409
        assert "Kia Rio" in answer.text
        chosen = {**sent, **self.carried(answer.text), "take.vehicle_id": side}
        assert visitor.post(f"/contact/{contact}/data", chosen).status_code == 303
        saved = contact_of(firm, contact)
        assert (saved.note, saved.vehicle_id) == ("моё", car if side == "theirs" else None)
        assert saved.vehicle_text == ("Kia Rio" if side == "theirs" else "Москвич 412")

    def test_a_mistake_found_after_choosing_gives_nothing_back(self, app: Application, firm: Firm) -> None:
        """SEC-49: the form comes again over the version that was chosen, with what a colleague changed."""
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        sent = {**self.fields(visitor.get(f"/contact/{contact}/data").text), "note": "моё", "email": "a@b"}
        correct(firm, contact, "lebedeva", vehicle_text="Москвич 412", model_year=1975)
        answer = visitor.post(f"/contact/{contact}/data", sent)
        refused = visitor.post(f"/contact/{contact}/data", {**sent, **self.carried(answer.text)})
        assert refused.status_code == 422
        mended = {**self.fields(refused.text), "note": "моё", "email": "a@example.org"}
        assert visitor.post(f"/contact/{contact}/data", mended).status_code == 303
        saved = contact_of(firm, contact)
        assert (saved.note, saved.email) == ("моё", "a@example.org")
        assert (saved.vehicle_text, saved.model_year) == ("Москвич 412", 1975)

    @staticmethod
    def carried(page: str) -> dict[str, str]:
        """What the page with both versions sends by itself."""
        hidden = re.findall(r'<input type="hidden" name="(was|version|choosing)" value="([^"]*)"', page)
        return {name: unescape(value) for name, value in hidden}

    def test_what_was_typed_comes_back(self, app: Application, firm: Firm) -> None:
        contact, visitor = mine(firm), Visitor(app, "petukhov")
        key = f"contacts.contact/{contact}/data"
        page = self.fields(visitor.get(f"/contact/{contact}/data").text)
        assert visitor.post(f"/drafts/{key}", {**page, "note": "недописан"}).status_code == 200
        assert "недописан" in visitor.get(f"/contact/{contact}/data").text
        visitor.post(f"/contact/{contact}/data", {**page, "note": "дописан"})
        with firm.as_("petukhov") as session:
            assert load_draft(session, key) is None

    def test_a_colleague_gets_no_form(self, app: Application, firm: Firm) -> None:
        assert Visitor(app, "sokolova").get(f"/contact/{mine(firm)}/data").status_code == 403


def test_the_data_know_what_differs() -> None:
    one = ContactData(goal_id=1, note="a", reason_ids=[2, 1])
    assert checking.changed_fields(one, replace(one, reason_ids=[1, 2])) == []
    assert checking.changed_fields(one, replace(one, note="b", goal_id=2)) == ["goal_id", "note"]
