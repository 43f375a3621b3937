"""The subject file: everything, for those with the right, and written down (SEC-69)."""

from __future__ import annotations

import io
import json
import zipfile
from time import perf_counter

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, InboundContact
from core.access.policy import Scope
from core.db.audit import AuditEntry, AuditValue
from core.errors import Forbidden, NotFound
from core.work.personal_erasure import erase
from core.work.personal_file import as_archive, as_json, subject_file
from core.work.subjects import Subject
from tests.personal.dealership import EMAIL, FIRST, LAST, NAME, PHONE, SECOND, SECRET_WORDS, VIN, Dealership

pytestmark = pytest.mark.addons("contacts", "sales")

SECTIONS = {
    "contacts_customer",
    "contacts_phone",
    "contacts_consent",
    "contacts_vehicle",
    "contacts_odometer_reading",
    "contacts_inbound_contact",
    "contacts_document",
    "contacts_merge",
    "contacts_import_row",
    "sales_worksheet",
    "tasks",
    "timeline",
    "notifications",
    "trail",
    "files",
}


def test_everything_is_in_one_file(dealership: Dealership) -> None:
    """SEC-69: all addons, tasks, notes, files, imports and the trail; as JSON and as an archive with the files."""
    person = dealership.client()
    dealership.neighbour()
    with dealership.by() as session:
        made = subject_file(session, person)
        archive = zipfile.ZipFile(io.BytesIO(as_archive(made, "<p>page</p>", dealership.files)))
    assert {section.name for section in made.sections} == SECTIONS
    told = archive.read("subject.json").decode()
    for word in (NAME, PHONE, SECOND, EMAIL, VIN, *SECRET_WORDS, "54321", "бумага № 17", f"Скидка для {LAST}"):
        assert word in told
    assert "Сидоров" not in told
    names = archive.namelist()
    assert names[:2] == ["subject.json", "subject.html"]
    assert archive.read(names[2]).decode() == f"{NAME};{VIN}"
    assert names[2].endswith(f"{LAST}.csv")


def test_taking_it_out_is_written_down_with_the_number_of_rows(dealership: Dealership) -> None:
    """SEC-63, SEC-69."""
    person = dealership.client()
    with dealership.by() as session:
        made = subject_file(session, person)
    with dealership.by_job() as session:
        statement = (
            select(AuditEntry.subject_type, AuditEntry.subject_id, AuditEntry.user_id, AuditValue.changes)
            .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
            .where(AuditEntry.action == "personal_data.export")
        )
        assert session.execute(statement).one() == (person.type, person.id, 1, {"rows": made.rows})
    assert made.rows == sum(len(section.rows) for section in made.sections) > 30


def test_it_needs_the_right_and_a_person(dealership: Dealership) -> None:
    """SEC-1, SEC-69."""
    person = dealership.client()
    with dealership.by(core__personal_data__export=Scope.NONE) as session, pytest.raises(Forbidden):
        subject_file(session, person)
    with dealership.by() as session, pytest.raises(NotFound):
        subject_file(session, Subject("contacts_customer", 404))


def test_after_an_erasure_it_tells_of_nobody(dealership: Dealership) -> None:
    """SEC-69, SEC-70."""
    person = dealership.client()
    with dealership.by() as session:
        erase(session, person, "demand", dealership.files)
    with dealership.by() as session:
        told = as_json(subject_file(session, person)).decode()
    assert not [word for word in (LAST, FIRST, "9165550143", EMAIL, VIN, *SECRET_WORDS) if word in told]
    assert json.loads(told)["person"] == "Client No. 1"


def test_it_takes_seconds_with_many_contacts(dealership: Dealership) -> None:
    """SEC-69: within seconds; three hundred contacts of one client are more than anybody has."""
    person = dealership.client()
    with dealership.by_job() as session:
        goal = session.scalars(select(ContactGoal.id)).one()
        session.add_all(
            InboundContact(
                number=f"X{number}",
                at=session.now(),
                channel="phone",
                state="informed",
                goal_id=goal,
                department_id=1,
                branch_id=1,
                customer_id=person.id,
            )
            for number in range(300)
        )
    started = perf_counter()
    with dealership.by() as session:
        made = subject_file(session, person)
    assert made.rows > 600
    assert perf_counter() - started < 5
