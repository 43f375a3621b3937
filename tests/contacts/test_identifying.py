"""Who the client of a contact is, and everything that follows from knowing it (S1-44, S1-53, S1-63, S1-76, T-1)."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from addons.contacts.models import Customer, CustomerPhone, Document, InboundContact, Vehicle
from addons.contacts.services import handling, identifying
from addons.contacts.services.customers import CustomerData, create_customer, phones_of
from addons.contacts.services.records import create_vehicle
from addons.contacts.services.vehicles import note_mileage
from core.db.audit import AuditEntry
from core.db.engine import WorkSession
from core.errors import Confirmation, Forbidden
from core.web.app import Application
from core.work.models import TimelineEntry
from tests.contacts.test_handling import Firm, come_in, firm
from tests.support.visitors import Visitor

__all__ = ["firm"]


def add_client(firm: Firm, last_name: str, phone: str = "") -> int:
    """A client of the directory."""
    with firm.as_("lebedeva") as session:
        data = CustomerData(last_name=last_name, first_name="Пётр", phones=[phone] if phone else (), branch_id=1)
        return create_customer(session, data).id


def mine(firm: Firm, **given: object) -> int:
    """A contact that petukhov has taken."""
    contact = come_in(firm, **given)
    with firm.as_("petukhov") as session:
        handling.claim(session, contact)
    return contact


def contact_of(firm: Firm, contact_id: int) -> InboundContact:
    with firm.as_("admin") as session:
        contact = session.get_one(InboundContact, contact_id)
        session.refresh(contact)
        session.expunge(contact)
        return contact


def doubts_of(session: WorkSession, contact: int) -> list[str]:
    """What is asked before the contact's number goes into the client's card."""
    with pytest.raises(Confirmation) as asked:
        identifying.save_phone(session, contact)
    return [doubt.key for doubt in asked.value.doubts]


class TestChoosing:
    def test_his_name_and_number_stand_on_the_contact(self, firm: Firm) -> None:
        contact, client = mine(firm), add_client(firm, "Иванов", "+79031234567")
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, client)
        found = contact_of(firm, contact)
        assert (found.customer_id, found.client_text, found.phone) == (client, "Иванов Пётр", "+79031234567")
        assert "иванов" in found.search_key
        with firm.as_("admin") as session:
            assert session.get_one(Customer, client).last_contact_at == found.at

    def test_the_number_he_used_stays(self, firm: Firm) -> None:
        """S1-66."""
        contact, client = mine(firm, phone="8 903 555-01-01"), add_client(firm, "Иванов", "+79031234567")
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, client)
        assert contact_of(firm, contact).phone == "+79035550101"

    def test_the_number_of_a_wrong_client_goes_with_him(self, firm: Firm, app: Application) -> None:
        """S1-66: a number of the directory is nobody else's, and not one that was used."""
        wrong, right = add_client(firm, "Иванов", "+79031234567"), add_client(firm, "Петров")
        contact, visitor = mine(firm, customer_id=wrong, client_text=""), Visitor(app, "petukhov")
        assert contact_of(firm, contact).phone == "+79031234567"
        assert "Контактный телефон" not in visitor.get(f"/contact/{contact}").text
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, right)
        assert contact_of(firm, contact).phone == ""
        assert "1234567" not in visitor.get(f"/contact/{contact}").text.replace("-", "")

    def test_its_extension_goes_into_the_card_too(self, firm: Firm) -> None:
        """X-04: with a new client, and with one who is known."""
        written = {"phone": "8 495 123-45-67 доб. 12", "channel": "phone"}
        fresh, known, client = mine(firm, **written), mine(firm, **written), add_client(firm, "Иванов")
        with firm.as_("petukhov") as session:
            data = CustomerData(last_name="Сидоров", first_name="Иван")
            new = identifying.create_client(session, fresh, data).customer_id
            session.flush()
            identifying.identify(session, known, client)
            assert identifying.save_phone(session, known, doubts_of(session, known))
            for number in (new or 0, client):
                assert [(each.e164, each.extension) for each in phones_of(session, number)] == [("+74951234567", "12")]

    def test_the_car_of_a_wrong_client_has_not_gone_so_far(self, firm: Firm) -> None:
        """S1-71: a reading that was another car's."""
        wrong, right = add_client(firm, "Иванов"), add_client(firm, "Петров")
        with firm.as_("admin") as session:
            car = create_vehicle(session, {"title": "BMW", "customer_id": wrong})
            note_mileage(session, car, 50_000)
            number = car.id
        contact = mine(firm, customer_id=wrong, client_text="", vehicle_id=number, mileage=120_000)
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, right)
        with firm.as_("admin") as session:
            assert session.get_one(Vehicle, number).mileage == 50_000

    def test_a_wrong_client_is_corrected_and_that_is_told(self, firm: Firm) -> None:
        contact, wrong, right = mine(firm), add_client(firm, "Иванов", "+79031234567"), add_client(firm, "Петров")
        for client in (wrong, right):
            with firm.as_("petukhov") as session:
                identifying.identify(session, contact, client)
        assert contact_of(firm, contact).client_text == "Петров Пётр"
        with firm.as_("admin") as session:
            assert session.get_one(Customer, wrong).last_contact_at is None
            told = session.scalars(select(TimelineEntry.data).where(TimelineEntry.kind == identifying.IDENTIFIED)).all()
            trail = session.connection().execute(
                select(func.count(AuditEntry.id)).where(
                    AuditEntry.subject_type == "contacts_inbound_contact",
                    AuditEntry.subject_id == contact,
                    AuditEntry.user_id == firm.people["petukhov"],
                )
            )
            assert told == [{"before": None, "after": wrong}, {"before": wrong, "after": right}]
            assert trail.scalar_one() == 3

    def test_choosing_the_same_one_again_changes_nothing(self, firm: Firm) -> None:
        contact, client = mine(firm), add_client(firm, "Иванов")
        with firm.as_("petukhov") as session:
            version = identifying.identify(session, contact, client).version
        with firm.as_("petukhov") as session:
            assert identifying.identify(session, contact, client).version == version

    def test_a_finished_contact_can_be_corrected_as_well(self, firm: Firm) -> None:
        contact, client = mine(firm), add_client(firm, "Иванов")
        with firm.as_("petukhov") as session:
            handling.finish(session, contact, "Приедет")
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, client)
        assert contact_of(firm, contact).state == "processed"


class TestCreating:
    """S1-76."""

    def test_number_and_mail_go_into_his_card(self, firm: Firm) -> None:
        contact = mine(firm, client_text="Виктор", phone="8 (903) 555-01-01", email="v@example.org")
        with firm.as_("petukhov") as session:
            identifying.create_client(session, contact, CustomerData(last_name="Смирнов", first_name="Виктор"))
        found = contact_of(firm, contact)
        with firm.as_("admin") as session:
            client = session.get_one(Customer, found.customer_id)
            assert (client.name, client.main_phone, client.email) == ("Смирнов Виктор", "+79035550101", "v@example.org")
            assert client.branch_id == found.branch_id
            assert client.created_by_id == firm.people["petukhov"]

    def test_somebody_with_the_same_number_is_shown_first(self, firm: Firm) -> None:
        add_client(firm, "Иванов", "+79035550101")
        contact, data = mine(firm, phone="8 903 555 01 01"), CustomerData(last_name="Смирнов", first_name="Виктор")
        with firm.as_("petukhov") as session, pytest.raises(Confirmation) as asked:
            identifying.create_client(session, contact, data)
        with firm.as_("petukhov") as session:
            identifying.create_client(session, contact, data, asked.value.keys.split())
        assert contact_of(firm, contact).client_text == "Смирнов Виктор"

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("Виктор", ("", "Виктор", "")),
            ("Иванов Пётр", ("Иванов", "Пётр", "")),
            ("Иванов Пётр Ильич", ("Иванов", "Пётр", "Ильич")),
            ("Виктор с трейд-ином", ("", "Виктор", "")),
            ("Виктор Сергеевич", ("", "Виктор", "Сергеевич")),
            ("Петров-Водкин Кузьма, синяя Octavia", ("Петров-Водкин", "Кузьма", "")),
            ("Семёнов А. Б. перезвонит", ("Семёнов", "А", "Б")),
            ("мужчина в красной куртке", ("", "", "")),
            ("Мужчина в красной куртке", ("", "", "")),
            ("Хочет BMW", ("", "", "")),
            ("+7 903 555-01-01", ("", "", "")),
        ],
    )
    def test_what_he_called_himself_begins_his_name(self, text: str, names: tuple[str, str, str]) -> None:
        assert tuple(identifying.names_in(text).values()) == names


@pytest.mark.addons("contacts", "sales")
class TestTheDocument:
    """S1-63: a contact and its document are of one client, whatever was known first."""

    @pytest.fixture
    def document(self, firm: Firm) -> int:
        """Made for somebody unknown."""
        contact = mine(firm)
        with firm.as_("petukhov") as session:
            return handling.create_document(session, contact, "sales.worksheet").id

    def client_of(self, firm: Firm, document: int) -> tuple[int | None, int | None]:
        from addons.sales.models import Worksheet

        with firm.as_("admin") as session:
            head, own = session.get_one(Document, document), session.get_one(Worksheet, document)
            return head.customer_id, own.customer_id

    def test_of_somebody_unknown_gets_the_client_of_an_attached_contact(self, firm: Firm, document: int) -> None:
        contact, client = mine(firm), add_client(firm, "Иванов", "+79031234567")
        with firm.as_("petukhov") as session:
            identifying.identify(session, contact, client)
            handling.attach(session, contact, document)
        assert self.client_of(firm, document) == (client, client)

    def test_of_another_client_is_asked_about(self, app: Application, firm: Firm, document: int) -> None:
        one, other = add_client(firm, "Иванов"), add_client(firm, "Петров")
        first, contact = mine(firm, customer_id=one), mine(firm, customer_id=other)
        visitor = Visitor(app, "petukhov")
        assert visitor.post(f"/contact/{first}/attach", {"document_id": document}).status_code == 303
        asked = visitor.post(f"/contact/{contact}/attach", {"document_id": document})
        assert asked.status_code == 409
        assert "Иванов Пётр" in asked.text
        assert "Петров Пётр" in asked.text
        assert contact_of(firm, contact).state == "in_progress"
        sent = {"document_id": document, "confirmed": f"client.{one}"}
        assert visitor.post(f"/contact/{contact}/attach", sent).status_code == 303
        assert contact_of(firm, contact).document_id == document
        assert self.client_of(firm, document) == (one, one)


class TestTheNumber:
    """S1-53, S1-67: the plus button, any spelling, once."""

    @pytest.mark.parametrize("spelling", ["8 903 555-01-01", "+7(903)5550101", "903 555 01 01", "89035550101"])
    def test_saved_once_in_any_spelling(self, firm: Firm, spelling: str) -> None:
        client = add_client(firm, "Иванов", "+79031234567")
        contact = mine(firm, customer_id=client, phone=spelling)
        for new in (True, False):
            with firm.as_("petukhov") as session:
                assert identifying.save_phone(session, contact) is new
        assert self.numbers(firm, client) == ["+79031234567", "+79035550101"]

    def test_not_while_nobody_knows_who_he_is(self, firm: Firm) -> None:
        contact = mine(firm, phone="8 903 555-01-01")
        with firm.as_("petukhov") as session, pytest.raises(Forbidden):
            identifying.save_phone(session, contact)

    def test_a_number_of_somebody_else_is_asked_about(self, firm: Firm) -> None:
        add_client(firm, "Петров", "+79035550101")
        contact = mine(firm, customer_id=add_client(firm, "Иванов"), phone="89035550101")
        with firm.as_("petukhov") as session, pytest.raises(Confirmation):
            identifying.save_phone(session, contact)

    @staticmethod
    def numbers(firm: Firm, client: int) -> list[str]:
        with firm.as_("admin") as session:
            statement = select(CustomerPhone.e164).where(CustomerPhone.customer_id == client)
            return list(session.scalars(statement.order_by(CustomerPhone.id)))


class TestTheButtons:
    """What stands on the card is what can be done."""

    @pytest.fixture
    def visitor(self, app: Application) -> Visitor:
        return Visitor(app, "petukhov")

    def card(self, visitor: Visitor, contact: int) -> str:
        return visitor.get(f"/contact/{contact}").text

    def test_the_plus_is_there_only_for_a_new_number(self, firm: Firm, visitor: Visitor) -> None:
        """S1-67: absent for a stored one, whatever its spelling."""
        client = add_client(firm, "Иванов", "+79031234567")
        known = mine(firm, customer_id=client, phone="8 (903) 123-45-67")
        new = mine(firm, customer_id=client, phone="8 (903) 555-01-01")
        assert f"/contact/{known}/phone" not in self.card(visitor, known)
        assert f"/contact/{new}/phone" in self.card(visitor, new)
        assert visitor.post(f"/contact/{new}/phone").status_code == 303
        assert f"/contact/{new}/phone" not in self.card(visitor, new)

    def test_a_client_is_created_on_the_card(self, firm: Firm, visitor: Visitor) -> None:
        contact = mine(firm, client_text="Виктор", phone="8 903 555-01-01")
        page = self.card(visitor, contact)
        assert f"/contact/{contact}/client" in page
        assert 'value="Виктор"' in page
        names = {"legal_form": "person", "last_name": "Смирнов", "first_name": "Виктор"}
        assert visitor.post(f"/contact/{contact}/client", {"legal_form": "person"}).status_code == 422
        assert visitor.post(f"/contact/{contact}/client", names).status_code == 303
        assert "Смирнов Виктор" in self.card(visitor, contact)

    def test_a_likely_double_is_shown_on_the_card(self, firm: Firm, visitor: Visitor) -> None:
        add_client(firm, "Иванов", "+79035550101")
        contact = mine(firm, phone="8 903 555-01-01")
        names = {"legal_form": "person", "last_name": "Смирнов", "first_name": "Виктор"}
        asked = visitor.post(f"/contact/{contact}/client", names)
        assert asked.status_code == 409
        assert "Иванов Пётр" in asked.text
        assert 'value="Смирнов"' in asked.text

    def test_nobody_is_shown_what_he_cannot_do(self, app: Application, firm: Firm) -> None:
        contact = mine(firm)
        page = Visitor(app, "sokolova").get(f"/contact/{contact}").text
        for step in ("claim", "transfer", "queue", "ignore", "finish", "identify", "data", "client", "document"):
            assert f"/contact/{contact}/{step}" not in page
