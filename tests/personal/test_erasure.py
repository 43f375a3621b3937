"""Erasing a person: nothing of hers is left anywhere, but what the law keeps and what was done (SEC-70, SEC-71)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm.exc import StaleDataError

from addons.contacts.models import Consent, Customer, CustomerPhone, Document, InboundContact, Vehicle
from addons.sales.models import Worksheet
from core.access.policy import Scope
from core.db import audit_chain
from core.db.audit import AuditEntry, AuditValue
from core.db.change import expect_version
from core.errors import Forbidden, Invalid, NotFound
from core.text.plates import normalise_plate
from core.work.models import Draft, StoredFile
from core.work.personal_erasure import erase, preview
from core.work.personal_models import Erasure, HeldValue
from core.work.personal_retention import clean_up, purge
from core.work.personal_terms import ask_erasure
from core.work.subjects import Subject
from core.work.task_models import Task
from tests.personal.dealership import EMAIL, LAST, NAME, PHONE, RECOGNISED, VIN, Dealership, deliver

pytestmark = pytest.mark.addons("contacts", "sales")

KEY = b"k" * 32


def _erase(dealership: Dealership, person: Subject, reason: str = "withdrawn") -> int:
    with dealership.by() as session:
        return erase(session, person, reason, dealership.files).id


def test_nothing_of_an_erased_person_is_left_anywhere(dealership: Dealership) -> None:
    """SEC-70: every column of every table is read, search indexes and the trail included."""
    person = dealership.client()
    plate = normalise_plate("А123ВС777")
    assert plate is not None
    before = {place for place, _ in dealership.found(*RECOGNISED, plate)}
    expected = {"contacts_customer.name", "contacts_phone.e164", "contacts_vehicle.vin", "core_task.details"}
    assert expected | {"core_audit_value.changes", "core_draft.fields", "contacts_import_row.cells"} <= before
    _erase(dealership, person)
    assert dealership.found(*RECOGNISED, plate, "1C-KOV-777") == []


def test_stored_files_go_from_the_disk_with_the_commit(dealership: Dealership) -> None:
    """SEC-70: content and row, also when the transaction fails then neither."""
    person = dealership.client()
    with dealership.database.session(dealership.access(), write=True) as session:
        erase(session, person, "demand", dealership.files)
        session.rollback()
    assert _contents(dealership.files.folder)
    _erase(dealership, person)
    assert _contents(dealership.files.folder) == []
    with dealership.by_job() as session:
        assert session.scalar(select(func.count()).select_from(StoredFile)) == 0


def _contents(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_the_database_file_itself_forgets(dealership: Dealership) -> None:
    """SEC-70: free pages, the log and the search index hold nothing either, once they were cleaned."""
    person = dealership.client()
    _erase(dealership, person)
    with dealership.by_job() as session:
        assert clean_up(session) == 1
        assert session.scalars(select(Erasure)).one().cleaned_at is not None
        assert clean_up(session) == 0
    if dealership.database.dialect == "sqlite":
        dealership.database.dispose()
        folder = Path(dealership.url.removeprefix("sqlite:///"))
        raw = b"".join(path.read_bytes() for path in folder.parent.glob(folder.name + "*"))
        assert raw
        assert [word for word in (LAST, EMAIL, VIN, "9165550143") if word.encode() in raw] == []


def test_search_finds_her_no_more_and_others_still(dealership: Dealership) -> None:
    """SEC-70: the index follows on both databases."""
    from addons.contacts.services.lookup import find_customers

    person, other = dealership.client(), dealership.neighbour()
    _erase(dealership, person)
    with dealership.by_job() as session:
        clean_up(session)
    with dealership.by() as session:
        for query in (LAST, PHONE, VIN):
            assert find_customers(session, query).customers == []
        assert [found.id for found in find_customers(session, "Сидоров").customers] == [other]
    if dealership.database.dialect == "sqlite":
        assert not _trigrams(dealership) & {"wdd", "690", "ыйк"}


def _trigrams(dealership: Dealership) -> set[str]:
    with dealership.database.engine.begin() as connection:
        connection.execute(text("CREATE VIRTUAL TABLE temp.v USING fts5vocab(main, contacts_vehicle_fts, row)"))
        return set(connection.execute(text("SELECT term FROM temp.v")).scalars())


def test_the_chain_of_the_trail_still_verifies(dealership: Dealership) -> None:
    """SEC-64, SEC-71: rows stay and are sealed, values are gone, nothing counts as changed."""
    person = dealership.client()
    with dealership.by_job() as session:
        audit_chain.seal(session, KEY)
    with dealership.by_job() as session:
        sealed = session.scalar(select(func.count()).select_from(AuditEntry))
    _erase(dealership, person)
    with dealership.by_job() as session:
        audit_chain.seal(session, KEY)
        assert audit_chain.verify(session, KEY) == []
        entries = session.scalar(select(func.count()).select_from(AuditEntry))
        values = select(func.count()).select_from(AuditValue).join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        hers = values.where(AuditEntry.subject_type == person.type, AuditEntry.subject_id == person.id)
        assert (entries or 0) > (sealed or 0) > 0
        assert session.scalar(hers) == 0
        done = select(AuditEntry.action).where(AuditEntry.subject_type == person.type)
        assert {"create", "personal_data.erased"} <= set(session.scalars(done))


def test_the_act_has_the_five_fields_and_no_data(dealership: Dealership) -> None:
    """SEC-71: person, categories, system, reason, date (Order 179), kept three years."""
    person = dealership.client()
    number = _erase(dealership, person, "demand")
    with dealership.by_job() as session:
        act = session.get_one(Erasure, number)
        assert act.person == "Client No. 1"
        assert {"Person’s name", "Phone numbers and e-mail addresses", "Vehicle: VIN, plate, mileage"} <= set(
            act.categories
        )
        assert (act.system, act.reason, act.erased_at) == ("Forecourt", "demand", dealership.clock.moment)
        assert act.executor == "Анна"
        assert act.keep_until >= dealership.clock.moment + timedelta(days=3 * 365)
        assert act.rows["contacts_customer"] == 2
        assert act.files == 1
        told = str({column.key: getattr(act, column.key) for column in Erasure.__mapper__.column_attrs})
        assert not [word for word in RECOGNISED if word in told]


def test_a_second_erasure_changes_nothing(dealership: Dealership) -> None:
    """SEC-70: the same act comes back."""
    person = dealership.client()
    first = _erase(dealership, person)
    before = dealership.texts()
    assert _erase(dealership, person) == first
    assert dealership.texts() == before


def test_new_data_after_an_erasure_gets_an_act_of_its_own(dealership: Dealership) -> None:
    """SEC-71: whatever came later is erased and recorded as well."""
    person = dealership.client()
    first = _erase(dealership, person)
    with dealership.by() as session:
        session.get_one(Customer, person.id).note = "новая тайна"
    assert _erase(dealership, person) != first
    assert dealership.found("новая тайна") == []


def test_what_the_preview_shows_is_what_happens(dealership: Dealership) -> None:
    """SEC-70: the same plan is shown and carried out; looking changes nothing."""
    person = dealership.client()
    before = dealership.texts()
    with dealership.by() as session:
        plan = preview(session, person)
        goes = {table.data.table: table.goes for table in plan.tables if table.goes}
        goes |= {step.name: step.number for step in plan.steps if step.number}
        kept = [(each.column, each.law) for each in plan.kept]
    assert dealership.texts() == before
    number = _erase(dealership, person)
    with dealership.by_job() as session:
        act = session.get_one(Erasure, number)
        assert act.rows == goes
        assert [each["law"] for each in act.kept] == [law for _, law in kept]
        assert kept[0][0] == "evidence"


def test_the_records_still_read_well(dealership: Dealership) -> None:
    """X-12: what others look at has a reference in the place of the name, and its figures."""
    person = dealership.client()
    _erase(dealership, person)
    with dealership.by() as session:
        assert session.get_one(Customer, person.id).name == "Client No. 1"
        document = session.scalars(select(Document)).one()
        assert (document.customer_text, document.amount) == ("Client No. 1", 350_000_000)
        contacts = session.scalars(select(InboundContact).order_by(InboundContact.id)).all()
        assert [contact.client_text for contact in contacts] == ["Client No. 1", "Data erased"]
        assert all(contact.source_data is None and contact.search_key for contact in contacts)
        vehicle = session.scalars(select(Vehicle)).one()
        assert (vehicle.vin, vehicle.plate, vehicle.mileage) == (None, None, 54_321)
        assert session.scalar(select(func.count()).select_from(CustomerPhone)) == 0


def test_the_law_keeps_the_name_on_papers_of_a_sale_until_its_term_is_over(dealership: Dealership) -> None:
    """SEC-70: reduced to what the law demands; the rest of the term, then erased by the purge (SEC-72)."""
    person = dealership.client()
    with dealership.by() as session:
        deliver(session, session.scalars(select(Worksheet.id)).one())
    _erase(dealership, person)
    places = {place for place, _ in dealership.found(*RECOGNISED)}
    assert places == {"contacts_document.customer_text"}
    with dealership.by_job() as session:
        held = session.scalars(select(HeldValue).where(HeldValue.column == "customer_text")).one()
        assert held.until == datetime(2032, 1, 1, tzinfo=UTC)
        assert "402-FZ" in held.law
    dealership.clock.moment = datetime(2031, 12, 31, tzinfo=UTC)
    with dealership.by_job() as session:
        purge(session, session.now(), dealership.files)
    assert dealership.found(LAST)
    dealership.clock.moment = datetime(2032, 1, 2, tzinfo=UTC)
    with dealership.by_job() as session:
        assert purge(session, session.now(), dealership.files) == 1
        assert session.scalar(select(func.count()).select_from(HeldValue)) == 0
    assert dealership.found(*RECOGNISED) == []


def test_the_proof_of_a_consent_stays_three_years(dealership: Dealership) -> None:
    """SEC-68, SEC-70: the dealership has to prove the consent; afterwards the proof goes too."""
    person = dealership.client()
    _erase(dealership, person)
    with dealership.by_job() as session:
        assert session.scalars(select(Consent.evidence)).one() == "бумага № 17 в сейфе"
    dealership.clock.go(days=3 * 365 - 1)
    with dealership.by_job() as session:
        purge(session, session.now(), dealership.files)
        assert session.scalars(select(Consent.evidence)).one()
    dealership.clock.go(days=3)
    with dealership.by_job() as session:
        assert purge(session, session.now(), dealership.files) == 1
        session.expire_all()
        assert session.scalars(select(Consent.evidence)).one() == ""


def test_others_lose_nothing(dealership: Dealership) -> None:
    """SEC-70: another client, another draft and another refused line stay."""
    person, other = dealership.client(), dealership.neighbour()
    _erase(dealership, person)
    with dealership.by() as session:
        assert session.get_one(Customer, other).main_phone == "+79160000001"
        assert session.scalars(select(Draft.key)).all() == ["contacts.inbound/other"]
    assert {place for place, _ in dealership.found("Сидоров")} >= {
        "contacts_customer.name",
        "contacts_import_row.cells",
    }


def test_a_former_owners_document_forgets_the_car(dealership: Dealership) -> None:
    """SEC-70: the VIN goes from the search keys of others too, and from their trail; their names stay."""
    from addons.contacts.services.documents import index_document
    from addons.sales.services.worksheets import NewWorksheet, create_worksheet

    person, other = dealership.client(), dealership.neighbour()
    with dealership.by() as session:
        car = session.scalars(select(Vehicle.id)).one()
        document = create_worksheet(session, NewWorksheet(customer_id=other, vehicle_id=car, interest="седан"))
        index_document(session, document)
        number = document.id
    _erase(dealership, person)
    assert dealership.found(*RECOGNISED) == []
    with dealership.by() as session:
        document = session.get_one(Document, number)
        assert document.customer_text == "Сидоров Пётр"
        assert "sidorov" in document.search_key


def test_an_open_form_cannot_bring_the_data_back(dealership: Dealership) -> None:
    """SEC-49, SEC-70: a card opened before the erasure is stale."""
    person = dealership.client()
    with dealership.by() as session:
        version = session.get_one(Customer, person.id).version
    _erase(dealership, person)
    with dealership.by() as session, pytest.raises(StaleDataError):
        expect_version(session.get_one(Customer, person.id), version)


def test_only_who_has_the_right_may_erase_or_look(dealership: Dealership) -> None:
    """SEC-1, SEC-70."""
    person = dealership.client()
    before = dealership.texts()
    with dealership.by(core__personal_data__erase=Scope.NONE) as session, pytest.raises(Forbidden):
        erase(session, person, "demand", dealership.files)
    with dealership.by(core__personal_data__read=Scope.NONE) as session, pytest.raises(Forbidden):
        preview(session, person)
    with dealership.by() as session, pytest.raises(Invalid):
        erase(session, person, "because", dealership.files)
    with dealership.by() as session, pytest.raises(NotFound):
        erase(session, Subject("contacts_customer", 999), "demand", dealership.files)
    with dealership.by() as session, pytest.raises(NotFound):
        erase(session, Subject("core_user", 1), "demand", dealership.files)
    assert dealership.texts() == before


def test_an_erasure_ends_its_deadline(dealership: Dealership) -> None:
    """SEC-70: the task of the law's deadline is done with the erasure and names nobody."""
    person = dealership.client()
    with dealership.by() as session:
        task = ask_erasure(session, person, "Client No. 1", "withdrawn")
        assert task.due_at == dealership.clock.moment + timedelta(days=30)
        number = task.id
    _erase(dealership, person)
    with dealership.by_job() as session:
        task = session.get_one(Task, number)
        assert (task.state, task.title_values) == ("done", {"person": "Client No. 1"})
        assert NAME not in task.title
