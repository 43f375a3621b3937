"""Merging two records of one client: everything moves, whoever owns it, and all of it can be taken back.

PEERS.md §2 row 6; «every foreign key to a client survives a merge» (LAYOUT.md §12); SEC-2, SEC-48, SEC-63.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from addons.contacts import hooks, models
from addons.contacts.services import merging, upkeep
from addons.contacts.services.customers import get_customer, phones_of
from addons.contacts.services.documents import index_document
from addons.contacts.services.lookup import find_customers
from addons.contacts.services.merging import BOTH, GONE, KEPT
from core.db.audit import AuditEntry
from core.db.kept import read
from core.db.moving import Pointer, Pointers
from core.errors import Conflict, Forbidden, Invalid, NotFound
from core.testing.databases import Databases
from core.work import timeline
from core.work.models import Notification, TimelineSubject
from core.work.notifications import Message, notify
from core.work.subjects import Subject
from core.work.task_models import Task
from tests.contacts.clients import (
    CARD_KEY,
    CLUB,
    NOW,
    OLGA,
    PAVEL,
    SAMARA,
    Dealership,
    access,
    add_car,
    add_client,
    fill,
    open_dealership,
    opened,
)

KEPT_ID, GONE_ID, THIRD_ID = 1, 2, 3
assert hooks  # with the addon come the listeners of its sessions


@pytest.fixture
def dealership(databases: Databases) -> Iterator[Dealership]:
    """The dealership with a client who is there twice, in every table that can point at a client."""
    with opened(databases, "merging", _fill) as there:
        yield there


def _fill(url: str) -> None:
    fill(url)
    dealership = open_dealership(url)
    with dealership.by_system() as session:
        kept = add_client(session, "Иванов", "Иван", phones=["89031234567"], note="Любит синий")
        gone = add_client(
            session,
            "Иванов",
            "И.",
            "Петрович",
            phones=["84951112233", "89031234567"],
            email="ivan@example.org",
            vip=True,
            vip_reason="Друг",
            note="Звонить утром",
            external_id="A-17",
        )
        third = add_client(session, "Петров", "Пётр", phones=["89990001122"])
        assert (kept.id, gone.id, third.id) == (KEPT_ID, GONE_ID, THIRD_ID)
        add_car(session, kept, plate="A001AA77", make_id=1)
        car = add_car(session, gone, vin="WBA5A5C51ED501234", plate="B002BB77", make_id=1, model_id=1)
        _add_traffic(session, gone.id, car.id)
        _add_subjects(session)
        _add_foreign_rows(session)
    dealership.database.dispose()


def _add_traffic(session: Any, customer_id: int, vehicle_id: int) -> None:
    goal = models.ContactGoal(channel="phone", department_id=1, purpose_ru="Ремонт", purpose_en="Repair")
    session.add(goal)
    session.flush()
    document = models.Document(
        type="test",
        number="Д-1",
        at=NOW,
        customer_id=customer_id,
        vehicle_id=vehicle_id,
        state="new",
        state_ru="Новый",
        state_en="New",
        branch_id=1,
    )
    contact = models.InboundContact(
        number="ВТ-1",
        at=NOW,
        channel="phone",
        state="done",
        goal_id=goal.id,
        department_id=1,
        branch_id=1,
        customer_id=customer_id,
        client_text="Иванов",
    )
    index_document(session, document)
    session.add_all([document, contact])
    session.add(models.Consent(customer_id=customer_id, purpose="calls", given_at=NOW, channel="phone"))
    session.flush()


def _add_subjects(session: Any) -> None:
    kept, gone = Subject("contacts_customer", KEPT_ID), Subject("contacts_customer", GONE_ID)
    timeline.add_entry(session, [gone], "test.one", "Приехал")
    timeline.add_entry(session, [kept, gone], "test.both", "Познакомились")
    timeline.add_entry(session, [Subject("contacts_vehicle", GONE_ID)], "test.other", "Чужое")
    notify(session, [OLGA], "test.told", gone, Message("Перезвоните"))


def _add_foreign_rows(session: Any) -> None:
    connection = session.connection()
    rows = [(GONE_ID, None, "gold"), (GONE_ID, None, "silver"), (KEPT_ID, GONE_ID, "gold")]
    values = [{"customer_id": who, "invited_by": whom, "level": level} for who, whom, level in rows]
    connection.execute(insert(CLUB), values)
    connection.execute(
        insert(CARD_KEY), [{"series": "A", "customer_id": GONE_ID}, {"series": "B", "customer_id": KEPT_ID}]
    )


def _merge(dealership: Dealership, choices: dict[str, str] | None = None, user_id: int = OLGA) -> int:
    with dealership.by(user_id) as session:
        return merging.merge(session, KEPT_ID, GONE_ID, choices or {}).id


def _undo(dealership: Dealership, merge_id: int) -> None:
    with dealership.by(OLGA) as session:
        merging.undo(session, merge_id)


def recent_merges(session: Any) -> list[Any]:
    return merging.recent(session, read(session, merging.merges_read(KEPT_ID)))


def _pointing(dealership: Dealership, record_id: int) -> dict[tuple[str, str], int]:
    """How many rows point at a client, by table and column."""
    with dealership.by_system() as session:
        pointers = Pointers(session.connection(), "contacts_customer")
        counts = {(each.table, each.column): pointers.count(each, record_id) for each in pointers.all}
    return {place: rows for place, rows in counts.items() if rows}


def test_every_pointer_to_a_client_is_known(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        found = set(Pointers(session.connection(), "contacts_customer").all)
    foreign = {(each.table, each.column) for each in found if not each.by_subject}
    declared = {
        (table.name, column.name)
        for table in models.Customer.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "contacts_customer.id" for key in column.foreign_keys)
    }
    unknown_to_mappers = {
        (CLUB.name, "customer_id"),
        (CLUB.name, "invited_by"),
        (CARD_KEY.name, "customer_id"),
    }
    assert declared <= foreign
    assert unknown_to_mappers <= foreign
    subjects = {"core_task", "core_notification", "core_file", "core_timeline_subject"}
    assert subjects <= {each.table for each in found if each.by_subject}
    assert Pointer("core_audit", "subject_id", by_subject=True) not in found


def test_everything_moves_but_what_is_there_already(dealership: Dealership) -> None:
    before = _pointing(dealership, GONE_ID)
    merge_id = _merge(dealership)
    left = _pointing(dealership, GONE_ID)
    assert left == {
        ("contacts_phone", "customer_id"): 1,  # the number both had
        ("core_timeline_subject", "subject_id"): 1,  # the entry that stands on both
        ("clubaddon_membership", "customer_id"): 1,  # both are gold
    }
    after = _pointing(dealership, KEPT_ID)
    assert set(before) <= set(after)
    assert after["clubaddon_membership", "invited_by"] == 1
    assert after["clubaddon_card", "customer_id"] == 2
    with dealership.by(OLGA) as session:
        done = merging.get_merge(session, merge_id)
        stayed = {(each.table, each.rows) for each in merging.stayed_rows(session, done)}
        assert stayed == {("contacts_phone", 1), ("core_timeline_subject", 1), ("clubaddon_membership", 1)}
        others = session.scalars(select(TimelineSubject).where(TimelineSubject.subject_type == "contacts_vehicle"))
        assert [each.subject_id for each in others] == [GONE_ID]


def test_the_merged_record_leads_to_the_one_that_stayed_and_he_is_found_by_everything(dealership: Dealership) -> None:
    _merge(dealership)
    with dealership.by(OLGA) as session:
        assert get_customer(session, GONE_ID).id == KEPT_ID
        for query in ("84951112233", "B002BB77", "ivan@example.org", "Иванов Петрович"):
            assert [each.id for each in find_customers(session, query).customers] == [KEPT_ID], query


def test_what_is_known_of_either_is_known_of_both(dealership: Dealership) -> None:
    with dealership.by(OLGA) as session:
        compared = merging.compare(session, KEPT_ID, GONE_ID)
        proposals = {each.name: each.proposed for each in compared.differences}
    assert proposals == {
        "first_name": KEPT, "middle_name": GONE, "main_phone": KEPT, "email": GONE, "vip": GONE, "note": BOTH,
    }  # fmt: skip
    _merge(dealership)
    with dealership.by(OLGA) as session:
        client = get_customer(session, KEPT_ID)
        assert client.name == "Иванов Иван Петрович"
        assert (client.email, client.vip, client.vip_reason) == ("ivan@example.org", True, "Друг")
        assert client.note == "Любит синий\n\nЗвонить утром"
        assert client.external_id == "A-17"
        assert [phone.e164 for phone in phones_of(session, KEPT_ID)] == ["+79031234567", "+74951112233"]


def test_without_the_right_to_set_vip_a_merge_does_not_decide_it(dealership: Dealership) -> None:
    """S4-04."""
    for choice in ({"vip": KEPT}, {"vip": GONE}, {}):
        refused = choice == {"vip": KEPT}
        with dealership.by(PAVEL) as session:
            if refused:
                with pytest.raises(Forbidden):
                    merging.merge(session, KEPT_ID, GONE_ID, choice)
            else:
                merging.merge(session, KEPT_ID, GONE_ID, choice)
                assert get_customer(session, KEPT_ID).vip
            session.rollback()


def test_the_person_chooses(dealership: Dealership) -> None:
    _merge(dealership, {"first_name": GONE, "main_phone": GONE, "note": KEPT, "vip": KEPT})
    with dealership.by(OLGA) as session:
        client = get_customer(session, KEPT_ID)
        assert (client.name, client.note, client.vip) == ("Иванов И. Петрович", "Любит синий", False)
        assert client.main_phone == "+74951112233"
        assert [phone.e164 for phone in phones_of(session, KEPT_ID)] == ["+74951112233", "+79031234567"]


def test_a_choice_that_breaks_a_rule_of_the_form_is_refused_and_nothing_has_moved(dealership: Dealership) -> None:
    """S4-06: a company needs somebody to talk to."""
    with dealership.by_system() as session:
        gone = session.get_one(models.Customer, GONE_ID)
        gone.legal_form, gone.first_name = "company", ""
    before = dealership.fingerprint()
    with pytest.raises(Invalid) as refused:
        _merge(dealership, {"legal_form": GONE, "first_name": GONE})
    assert list(refused.value.errors) == ["first_name"]
    assert dealership.fingerprint() == before


def test_undo_restores_the_data_exactly(dealership: Dealership) -> None:
    before = dealership.fingerprint()
    merge_id = _merge(dealership)
    assert dealership.fingerprint() != before
    _undo(dealership, merge_id)
    assert dealership.fingerprint() == before


_SIDES = st.sampled_from([KEPT, GONE])


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    choices=st.dictionaries(st.sampled_from(sorted(merging.CHOICES)), _SIDES),
    levels=st.lists(
        st.tuples(st.sampled_from([KEPT_ID, GONE_ID, THIRD_ID]), st.text("xyz", min_size=1, max_size=8)), unique=True
    ),
)
def test_undo_restores_whatever_was_there_and_was_chosen(
    databases: Databases, choices: dict[str, str], levels: list[tuple[int, str]]
) -> None:
    with opened(databases, "merging", _fill) as dealership:
        with dealership.by_system() as session:
            rows = [{"customer_id": who, "level": level} for who, level in levels]
            if rows:
                session.connection().execute(insert(CLUB), rows)
        before = dealership.fingerprint()
        _undo(dealership, _merge(dealership, choices))
        assert dealership.fingerprint() == before


def test_what_came_later_stays_and_what_was_changed_later_is_kept(dealership: Dealership) -> None:
    merge_id = _merge(dealership)
    with dealership.by(OLGA) as session:
        client = get_customer(session, KEPT_ID)
        client.email = "new@example.org"
        add_car(session, client, plate="C003CC77", make_id=1)
    _undo(dealership, merge_id)
    with dealership.by(OLGA) as session:
        client = get_customer(session, KEPT_ID)
        assert (client.email, client.note, client.external_id) == ("new@example.org", "Любит синий", None)
        plates = session.scalars(select(models.Vehicle.plate).where(models.Vehicle.customer_id == KEPT_ID))
        assert sorted(filter(None, plates)) == ["A001AA77", "C003CC77"]
        assert get_customer(session, GONE_ID).external_id == "A-17"


def test_a_document_closed_meanwhile_gets_its_own_clients_name_back(dealership: Dealership) -> None:
    with dealership.by_system() as session:
        closing = session.scalars(select(models.Document)).one()
        old = models.Document(**_OLD, customer_id=GONE_ID)
        alike = models.Document(**_OLD | {"number": "Д-9", "customer_text": MERGED}, customer_id=GONE_ID)
        session.add_all([old, alike])
        session.flush()
        numbers = (closing.id, old.id, alike.id)
        before = [(each.customer_text, each.search_key) for each in (closing, old, alike)]
    merge_id = _merge(dealership)
    with dealership.by_system() as session:
        document = session.get_one(models.Document, numbers[0])
        assert document.customer_text == MERGED
        document.open, document.state = False, "done"
    _undo(dealership, merge_id)
    with dealership.by_system() as session:
        documents = [session.get_one(models.Document, number) for number in numbers]
        assert [(each.customer_text, each.search_key) for each in documents] == before
        assert [each.customer_id for each in documents] == [GONE_ID] * 3


MERGED = "Иванов Иван Петрович"
_OLD = {
    "type": "test",
    "number": "Д-0",
    "at": NOW,
    "customer_text": "Иванов Игорь",
    "state": "done",
    "state_ru": "Закрыт",
    "state_en": "Closed",
    "open": False,
    "branch_id": 1,
}
"""A document that was closed before, when the client was called otherwise, or by chance as he is after the merge."""


def test_undo_is_refused_when_a_moved_row_belongs_to_a_third_client(dealership: Dealership) -> None:
    merge_id = _merge(dealership)
    with dealership.by(OLGA) as session:
        moved = session.scalars(select(models.Vehicle).where(models.Vehicle.plate == "B002BB77")).one()
        moved.customer_id = THIRD_ID
    before = dealership.fingerprint()
    with pytest.raises(Conflict) as refused:
        _undo(dealership, merge_id)
    assert refused.value.values == {"rows": 1, "table": "contacts_vehicle"}
    assert dealership.fingerprint() == before


def test_a_moved_row_that_was_deleted_stands_in_nobodys_way(dealership: Dealership) -> None:
    merge_id = _merge(dealership)
    with dealership.by(OLGA) as session:
        session.delete(session.scalars(select(models.Consent)).one())
    _undo(dealership, merge_id)
    assert ("contacts_consent", "customer_id") not in _pointing(dealership, GONE_ID)


def test_later_merges_are_undone_first(dealership: Dealership) -> None:
    before = dealership.fingerprint()
    first = _merge(dealership)
    with dealership.by(OLGA) as session:
        second = merging.merge(session, THIRD_ID, KEPT_ID, {}).id
        assert get_customer(session, GONE_ID).id == THIRD_ID
    with pytest.raises(Conflict):
        _undo(dealership, first)
    _undo(dealership, second)
    _undo(dealership, first)
    assert dealership.fingerprint() == before


def test_a_merge_is_undone_once_and_in_time(dealership: Dealership) -> None:
    merge_id = _merge(dealership)
    with dealership.by(OLGA) as session:
        assert [each.id for each in recent_merges(session)] == [merge_id]
    dealership.moment[0] = NOW + timedelta(days=31)
    with pytest.raises(Conflict):
        _undo(dealership, merge_id)
    with dealership.by(OLGA) as session:
        assert recent_merges(session) == []
    dealership.moment[0] = NOW
    _undo(dealership, merge_id)
    with pytest.raises(Conflict):
        _undo(dealership, merge_id)


def test_old_merges_are_forgotten_with_what_they_kept(dealership: Dealership) -> None:
    merge_id = _merge(dealership)
    with dealership.by_system() as session:
        assert merging.purge_merges(session, NOW, 10) == 0
        assert merging.purge_merges(session, NOW + timedelta(seconds=1), 10) == 1
        assert session.scalars(select(models.MergeMove)).all() == []
    with pytest.raises(NotFound):
        _undo(dealership, merge_id)


def test_the_nightly_job_forgets_what_can_no_longer_be_undone(dealership: Dealership) -> None:
    _merge(dealership)
    for days, left in ((30, 1), (31, 0)):
        dealership.moment[0] = NOW + timedelta(days=days)
        with dealership.by_system() as session:
            upkeep.tidy(session)
            assert len(session.scalars(select(models.Merge)).all()) == left


def test_a_form_opened_before_the_merge_is_stale_after_it(dealership: Dealership) -> None:
    """SEC-49: it must not write the old client back."""
    with dealership.by(OLGA) as session:
        version = session.scalars(select(models.Vehicle.version).where(models.Vehicle.plate == "B002BB77")).one()
    _merge(dealership)
    with dealership.by(OLGA) as session:
        after = session.scalars(select(models.Vehicle.version).where(models.Vehicle.plate == "B002BB77")).one()
    assert after == version + 1


def test_the_trail_tells_what_was_moved_by_whom(dealership: Dealership) -> None:
    """SEC-63."""
    merge_id = _merge(dealership)
    _undo(dealership, merge_id)
    with dealership.by_system() as session:
        statement = select(AuditEntry.action, AuditEntry.subject_type, AuditEntry.user_id).order_by(AuditEntry.id)
        rows = [tuple(row) for row in session.execute(statement)]
    for action in ("merge", "merge_undone"):
        assert (action, "contacts_customer", OLGA) in rows
        assert (action, "contacts_vehicle", OLGA) in rows
        assert (action, "clubaddon_membership", OLGA) in rows


def test_who_may_merge(dealership: Dealership) -> None:
    """SEC-2: both records must be within reach, and a foreign one is answered like a missing one."""
    with dealership.by_system() as session:
        session.execute(
            update(models.Customer)
            .where(models.Customer.id == GONE_ID)
            .values(branch_id=SAMARA)
            .execution_options(audited=True)
        )
    with pytest.raises(NotFound):
        _merge(dealership, user_id=PAVEL)
    with dealership.database.writing(access(PAVEL)) as session:
        merging.merge(session, KEPT_ID, THIRD_ID, {})
    nobody = access(PAVEL)
    nobody.grants.pop("contacts.customer.merge")  # type: ignore[attr-defined]
    with pytest.raises(Forbidden), dealership.database.writing(nobody) as session:
        merging.merge(session, KEPT_ID, GONE_ID, {})


def test_a_client_is_not_merged_with_himself(dealership: Dealership) -> None:
    with pytest.raises(Invalid), dealership.by(OLGA) as session:
        merging.merge(session, KEPT_ID, KEPT_ID, {})


@pytest.mark.parametrize("pairs", [((KEPT_ID, GONE_ID), (KEPT_ID, GONE_ID)), ((KEPT_ID, GONE_ID), (GONE_ID, KEPT_ID))])
def test_of_two_merges_at_once_one_wins(dealership: Dealership, pairs: tuple[tuple[int, int], ...]) -> None:
    """SEC-48."""
    barrier, outcomes = threading.Barrier(len(pairs)), []

    def work(kept_id: int, gone_id: int) -> None:
        barrier.wait()
        try:
            with dealership.by(OLGA) as session:
                merging.merge(session, kept_id, gone_id, {})
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=work, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost", "won"]
    with dealership.by_system() as session:
        leading = session.scalars(select(models.Customer.id).where(models.Customer.merged_into_id.is_not(None))).all()
    assert len(leading) == 1


# --- rows made in the very moment of a merge -------------------------------------------------------


def _document(customer_id: int) -> models.Document:
    return models.Document(
        type="test",
        number="Д-77",
        at=NOW,
        customer_id=customer_id,
        state="new",
        state_ru="Новый",
        state_en="New",
        branch_id=1,
    )


def _phone(customer_id: int) -> models.CustomerPhone:
    return models.CustomerPhone(
        customer_id=customer_id, e164="+79161112233", last7="1112233", extension="", raw="9161112233", position=9
    )


class _Storing(threading.Thread):
    """Stores a row in a transaction of its own; ``error`` is what came of it."""

    def __init__(self, dealership: Dealership, row: Any, hold: threading.Event | None = None) -> None:
        super().__init__()
        self.error: Exception | None = None
        self.stored = threading.Event()
        self._dealership, self._row, self._hold = dealership, row, hold

    def run(self) -> None:
        try:
            with self._dealership.database.writing(access(PAVEL)) as session:
                session.add(self._row)
                session.flush()
                self.stored.set()
                if self._hold is not None:
                    self._hold.wait(10)
        except Exception as error:
            self.error = error


def test_sec_48_a_row_that_waits_for_a_merge_goes_to_the_client_who_stays(dealership: Dealership) -> None:
    """The merge has moved everything and is not committed: what is stored now may not keep the old number."""
    storing = _Storing(dealership, _document(GONE_ID))
    with dealership.by(OLGA) as session:
        merging.merge(session, KEPT_ID, GONE_ID, {})
        storing.start()
        storing.join(0.7)
        assert storing.is_alive(), "nothing made it wait for the merge"
    storing.join(20)
    assert storing.error is None
    with dealership.by_system() as session:
        owner = session.scalars(select(models.Document.customer_id).where(models.Document.number == "Д-77")).one()
        assert owner == KEPT_ID


def test_sec_48_a_merge_waits_for_a_row_and_moves_it(dealership: Dealership) -> None:
    hold = threading.Event()
    storing = _Storing(dealership, _document(GONE_ID), hold)
    storing.start()
    assert storing.stored.wait(10)
    threading.Timer(0.5, hold.set).start()
    with dealership.by(OLGA) as session:
        merging.merge(session, KEPT_ID, GONE_ID, {})
    storing.join(20)
    assert storing.error is None
    with dealership.by_system() as session:
        owner = session.scalars(select(models.Document.customer_id).where(models.Document.number == "Д-77")).one()
        assert owner == KEPT_ID


def test_sec_48_a_row_a_client_has_once_is_refused(dealership: Dealership) -> None:
    """The client who stays may have the same number already: the person looks at him first."""
    storing = _Storing(dealership, _phone(GONE_ID))
    with dealership.by(OLGA) as session:
        merging.merge(session, KEPT_ID, GONE_ID, {})
        storing.start()
        storing.join(0.3)
    storing.join(20)
    assert isinstance(storing.error, Conflict)
    with dealership.by_system() as session:
        owners = select(models.CustomerPhone.id).where(models.CustomerPhone.e164 == "+79161112233")
        assert session.scalars(owners).all() == []


def test_rows_follow_a_chain_of_merges_and_subjects_too(dealership: Dealership) -> None:
    with dealership.by(OLGA) as session:
        merging.merge(session, KEPT_ID, GONE_ID, {})
        merging.merge(session, THIRD_ID, KEPT_ID, {})
    with dealership.by_system() as session:
        document = _document(GONE_ID)
        task = Task(title="x", subject_type="contacts_customer", subject_id=GONE_ID, due_at=NOW, kind="core.task")
        other = Task(title="x", subject_type="contacts_vehicle", subject_id=GONE_ID, due_at=NOW, kind="core.task")
        session.add_all([document, task, other])
        session.flush()
        assert (document.customer_id, task.subject_id, other.subject_id) == (THIRD_ID, THIRD_ID, GONE_ID)


def test_what_people_are_told_of_a_merged_record_leads_to_the_client_who_stays(dealership: Dealership) -> None:
    _merge(dealership)
    with dealership.by_system() as session:
        subject = Subject("contacts_customer", GONE_ID)
        told = notify(session, [PAVEL, OLGA], "core.mention", subject, Message("Late"))
        about = select(Notification.subject_id).where(Notification.id.in_(told))
        assert session.scalars(about).all() == [KEPT_ID, KEPT_ID]


def test_nothing_is_written_on_the_timeline_of_a_merged_record(dealership: Dealership) -> None:
    """Nobody sees it any more."""
    _merge(dealership)
    with pytest.raises(Conflict), dealership.by_system() as session:
        timeline.add_entry(session, [Subject("contacts_customer", GONE_ID)], "test.late", "Приехал")
