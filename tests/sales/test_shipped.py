"""The reasons of loss that are shipped, and the deals of the demonstration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import func, select

import addons.sales
from addons.contacts.models import Customer, Document, InboundContact
from addons.sales import hookspecs
from addons.sales.models import LostReason, Worksheet
from addons.sales.services import demo, shipped
from addons.sales.services.stages import CLOSED_STAGES, STAGE
from addons.sales.services.worksheets import SERIES, TYPE, finished_business
from core.access.demo import logins
from core.access.models import User
from core.access.policy import NOBODY
from core.db.kept import read
from core.testing.databases import Databases
from core.work.models import TimelineEntry, TimelineSubject
from core.work.numbers import next_number
from tests.contacts.fresh import NOW, Instance, fill, fill_demo, lent, open_instance, rights_with

RIGHTS = rights_with(addons.sales)
fill_all = partial(fill_demo, rights=RIGHTS, specs=[hookspecs], more=demo.fill)
"""The demonstration of contacts and sales."""


@pytest.fixture
def shown(databases: Databases) -> Iterator[Instance]:
    """The demonstration on a Friday afternoon."""
    with lent(databases, "sales-demo", fill_all, hookspecs) as instance:
        yield instance


@pytest.fixture
def fresh(databases: Databases) -> Iterator[Instance]:
    """An instance after its first start."""
    url = databases.prepared("sales-empty", lambda url: fill(url, RIGHTS))
    instance = open_instance(url, NOW, hookspecs)
    with instance.writing() as session:
        shipped.bring(session)
    yield instance
    instance.database.dispose()
    databases.drop(url)


def worksheets(instance: Instance) -> list[Worksheet]:
    with instance.reading() as session:
        return list(session.scalars(select(Worksheet).order_by(Worksheet.id)))


# --- shipped ----------------------------------------------------------------------------------------


def test_reasons_of_loss_are_there_once_and_in_both_languages(fresh: Instance) -> None:
    with fresh.writing() as session:
        shipped.bring(session)
    with fresh.reading() as session:
        rows = session.scalars(select(LostReason).order_by(LostReason.position)).all()
    assert len(rows) == len(shipped.LOST_REASONS) >= 8
    assert all(row.title_ru and row.title_en for row in rows)
    assert rows[-1].title_ru == "Прочее"


def test_an_edited_or_deleted_reason_stays_as_it_is(fresh: Instance) -> None:
    with fresh.writing() as session:
        rows = session.scalars(select(LostReason).order_by(LostReason.position)).all()
        rows[0].title_ru, rows[0].title_en = "Дорого", "Too expensive"
        session.delete(rows[1])
    with fresh.writing() as session:
        shipped.bring(session)
    with fresh.reading() as session:
        titles = list(session.scalars(select(LostReason.title_ru)))
    assert len(titles) == len(shipped.LOST_REASONS) - 1
    assert "Дорого" in titles


# --- demonstration ----------------------------------------------------------------------------------


def test_deals_are_at_every_stage(shown: Instance) -> None:
    stages = Counter(row.stage for row in worksheets(shown))
    assert set(stages) == set(STAGE)
    assert 140 <= sum(stages.values()) <= 160
    assert sum(number for stage, number in stages.items() if stage not in CLOSED_STAGES) >= 40


def test_the_journal_says_the_same_as_the_worksheet(shown: Instance) -> None:
    with shown.reading() as session:
        documents = {row.id: row for row in session.scalars(select(Document).where(Document.type == TYPE))}
    rows = worksheets(shown)
    assert set(documents) == {row.id for row in rows}
    for row in rows:
        document = documents[row.id]
        assert document.number == row.number
        assert (document.state, document.open) == (row.stage, row.stage not in CLOSED_STAGES)
        assert (document.customer_id, document.responsible_id) == (row.customer_id, row.responsible_id)
        assert (document.department_id, document.branch_id) == (row.department_id, row.branch_id)
        assert document.amount == row.budget > 0
        assert document.state_ru
        assert document.state_en
        assert document.search_key
        assert document.at <= row.stage_since <= NOW


def test_lost_deals_have_a_reason_and_open_ones_a_next_step(shown: Instance) -> None:
    rows = worksheets(shown)
    assert all((row.stage == "lost") == (row.lost_reason_id is not None) for row in rows)
    due = [row.next_step_at for row in rows if row.next_step_at is not None]
    assert all(row.stage not in CLOSED_STAGES for row in rows if row.next_step_at is not None)
    assert any(moment < NOW for moment in due)
    assert any(moment.date() == NOW.date() for moment in due)
    assert all(row.next_step for row in rows if row.next_step_at is not None)


def test_each_has_a_history_from_the_first_stage_to_its_own(shown: Instance) -> None:
    statement = (
        select(TimelineSubject.subject_id, TimelineEntry.at, TimelineEntry.title_values)
        .join(TimelineEntry, TimelineEntry.id == TimelineSubject.entry_id)
        .where(TimelineSubject.subject_type == "sales_worksheet")
        .order_by(TimelineEntry.at)
    )
    histories: dict[int, list[tuple[str, str]]] = {}
    with shown.reading() as session:
        for subject, _, values in session.execute(statement):
            histories.setdefault(subject, []).append((values["before"]["msgid"], values["after"]["msgid"]))
    for row in worksheets(shown):
        history = histories.get(row.id, [])
        assert [after for _, after in history][:-1] == [before for before, _ in history][1:]
        assert (history[-1][1] if history else STAGE["consultation"].title) == STAGE[row.stage].title


def test_contacts_lead_to_the_documents_they_became(shown: Instance) -> None:
    with shown.reading() as session:
        statement = select(InboundContact, Worksheet).join(Worksheet, Worksheet.id == InboundContact.document_id)
        pairs = session.execute(statement).all()
    assert len(pairs) >= 105
    for contact, worksheet in pairs:
        assert contact.state == "processed"
        assert contact.customer_id == worksheet.customer_id
        assert contact.branch_id == worksheet.branch_id


def test_buyers_are_repeat_clients_from_the_handover_on_t_1(shown: Instance) -> None:
    with shown.reading() as session:
        repeat = session.scalars(select(InboundContact).where(InboundContact.is_primary.is_(False))).all()
        assert len(repeat) >= 60
        assert all(read(session, finished_business(contact.customer_id or 0)) for contact in repeat)


def test_viktor_chooses_his_next_car_with_petukhov(shown: Instance) -> None:
    statement = (
        select(Document.number, Document.open, User.login, Worksheet.stage)
        .join(Worksheet, Worksheet.id == Document.id)
        .join(Customer, Customer.id == Document.customer_id)
        .join(User, User.id == Document.responsible_id)
        .where(Customer.name == "Иванов Виктор Сергеевич", Document.open)
    )
    with shown.reading() as session:
        assert ("РЛ-000482", True, "petukhov", "selection") in session.execute(statement).all()


def test_the_series_goes_on(shown: Instance) -> None:
    last = worksheets(shown)[-1].number
    with shown.writing() as session:
        assert int(next_number(session, SERIES).removeprefix("РЛ-")) == int(last.removeprefix("РЛ-")) + 1


def test_managers_and_heads_of_the_showroom_get_the_roles_of_sales(shown: Instance) -> None:
    with shown.database.reading(NOBODY) as session:
        roles = {each.login: each.role for each in logins(session, "ru")}
    assert roles["petukhov"] == "Менеджер по продажам, Специалист"
    assert roles["orlov"] == "Руководитель отдела продаж, Руководитель отдела"
    assert roles["volkov"] == "Специалист"


def test_a_second_time_changes_nothing(shown: Instance) -> None:
    before = len(worksheets(shown))
    with shown.writing() as session:
        demo.fill(session)
        assert session.scalar(select(func.count(Worksheet.id))) == before


def test_without_contacts_there_is_nothing_to_sell(fresh: Instance) -> None:
    with fresh.writing() as session:
        demo.fill(session)
    assert worksheets(fresh) == []
