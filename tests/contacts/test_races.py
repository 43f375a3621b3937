"""Two people act on one contact at the same moment: whoever has it in the end is told, and nobody else (SEC-48, X-02)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import Any, Protocol

import pytest
from sqlalchemy import select

from addons.contacts.models import IgnoreReason
from addons.contacts.services import handling, identifying, releasing, reopening
from addons.contacts.services.registration import Way
from core.db.audit import AuditEntry, AuditValue
from core.db.engine import WorkSession
from core.errors import Conflict, Forbidden
from core.work.notifications import close_for_subject
from core.work.subjects import subject_of
from tests.contacts.test_handling import Firm, come_in, firm, state_of, waiting_notes
from tests.contacts.test_identifying import add_client

__all__ = ["firm"]

Step = Callable[[WorkSession, int], object]


class Race(Protocol):
    """Runs a step with another one between what it reads and what it does then.

    Where only one may write at a time, the other one comes right after the first.

    :param reads: what it reads with.
    """

    def __call__(
        self, slow: tuple[str, Step], quick: tuple[str, Step], contact: int, reads: tuple[Any, str] = ...
    ) -> None: ...


@pytest.fixture
def race(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> Race:
    def run(
        slow: tuple[str, Step],
        quick: tuple[str, Step],
        contact: int,
        reads: tuple[Any, str] = (handling, "get_contact"),
    ) -> None:
        def act(login: str, step: Step) -> None:
            with firm.as_(login) as session:
                step(session, contact)

        module, name = reads
        read, started = getattr(module, name), list[Future[None]]()

        def read_and_wait(session: WorkSession, *asked: object) -> object:
            found = read(session, *asked)
            if not started:
                started.append(pool.submit(act, *quick))
                wait(started, timeout=0.5)
            return found

        with ThreadPoolExecutor(1) as pool:
            monkeypatch.setattr(module, name, read_and_wait)
            try:
                act(*slow)
            finally:
                monkeypatch.setattr(module, name, read)
                started[0].result()

    return run


def passed_on_to(firm: Firm, login: str) -> Step:
    return lambda session, contact: handling.transfer(session, contact, firm.people.get(login))


def test_opening_takes_nothing_from_whom_it_was_passed_on_to(firm: Firm, race: Race) -> None:
    """S0-21: the old owner's page opens while reception gives the contact to somebody else."""
    contact = come_in(firm, responsible_id=firm.people["petukhov"])
    race(("petukhov", handling.open_contact), ("lebedeva", passed_on_to(firm, "sokolova")), contact)
    assert state_of(firm, contact) == ("assigned", firm.people["sokolova"])
    assert waiting_notes(firm, contact) == {"sokolova": False}


def test_opening_does_not_silence_all_the_specialists(firm: Firm, race: Race) -> None:
    """S0-28: the same, and the contact is nobody's now."""
    contact = come_in(firm, responsible_id=firm.people["petukhov"])
    race(("petukhov", handling.open_contact), ("lebedeva", passed_on_to(firm, "nobody")), contact)
    assert state_of(firm, contact) == ("unclaimed", None)
    assert waiting_notes(firm, contact) == {"petukhov": True, "sokolova": True}


def _ignored(session: WorkSession, contact: int) -> None:
    reason = session.scalars(select(IgnoreReason.id).where(~IgnoreReason.comment_required)).first()
    handling.ignore(session, contact, reason)


def _made_a_document(session: WorkSession, contact: int) -> None:
    handling.create_document(session, contact, "sales.worksheet")


STEPS: dict[str, Step] = {
    "finish": lambda session, contact: handling.finish(session, contact, "He was told"),
    "ignore": _ignored,
    "document": _made_a_document,
}


@pytest.mark.addons("contacts", "sales")
@pytest.mark.parametrize(
    ("step", "state"),
    [("finish", "processed"), ("ignore", "ignored"), ("document", "processed")],
)
def test_a_quick_owner_does_not_lose_to_the_opening_of_his_own_page(
    firm: Firm, race: Race, step: str, state: str
) -> None:
    """S0-24: the card tells that it is open while he has pressed a button already."""
    owner = firm.people["petukhov"]
    contact = come_in(firm, responsible_id=owner)
    race(("petukhov", STEPS[step]), ("petukhov", handling.open_contact), contact)
    assert state_of(firm, contact) == (state, owner)


@pytest.mark.addons("contacts", "sales")
def test_a_quick_owner_attaches_and_identifies(firm: Firm, race: Race) -> None:
    owner = firm.people["petukhov"]
    maker, contact, another = (come_in(firm, responsible_id=owner) for _ in range(3))
    client = add_client(firm, "Тарасов")
    with firm.as_("petukhov") as session:
        document = handling.create_document(session, maker, "sales.worksheet").id

    def attach(session: WorkSession, number: int) -> None:
        handling.attach(session, number, document)

    def identify(session: WorkSession, number: int) -> None:
        identifying.identify(session, number, client)

    race(("petukhov", attach), ("petukhov", handling.open_contact), contact)
    assert state_of(firm, contact) == ("processed", owner)
    race(("petukhov", identify), ("petukhov", handling.open_contact), another, (identifying, "expect_record"))
    assert state_of(firm, another)[1] == owner
    with firm.as_("petukhov") as session:
        assert handling.get_contact(session, another).customer_id == client


def test_an_owner_who_is_quick_gets_no_contact_that_was_passed_on(firm: Firm, race: Race) -> None:
    contact = come_in(firm, responsible_id=firm.people["petukhov"])
    with suppress(Conflict, Forbidden):
        race(("petukhov", STEPS["finish"]), ("lebedeva", passed_on_to(firm, "sokolova")), contact)
    state = state_of(firm, contact)
    assert state in (("assigned", firm.people["sokolova"]), ("processed", firm.people["petukhov"]))


def test_of_a_taken_contact_nobody_is_reminded(firm: Firm, race: Race) -> None:
    """S0-28: a specialist takes the visitor while reception presses «Remind»."""
    contact = come_in(firm, way=Way.QUEUE)
    with suppress(Conflict):
        race(("lebedeva", handling.remind), ("petukhov", handling.claim), contact)
    assert state_of(firm, contact) == ("in_progress", firm.people["petukhov"])
    assert waiting_notes(firm, contact) == {}


def test_reminding_goes_to_whoever_has_the_contact_now(firm: Firm, race: Race) -> None:
    contact = come_in(firm, way=Way.QUEUE, responsible_id=firm.people["petukhov"])
    race(("lebedeva", handling.remind), ("petukhov", passed_on_to(firm, "sokolova")), contact)
    assert waiting_notes(firm, contact) == {"sokolova": False}


def test_of_a_contact_that_somebody_takes_the_new_specialists_are_not_told(firm: Firm, race: Race) -> None:
    """X-02: the job that looks after contacts meets a specialist."""
    contact = come_in(firm)
    with firm.as_("lebedeva") as session:
        close_for_subject(session, subject_of(handling.get_contact(session, contact)), reason="test")

    def sweep(session: WorkSession, _: int) -> None:
        with session.unlimited("test"):
            releasing.tell_of_the_orphaned(session)

    race(("admin", sweep), ("petukhov", handling.claim), contact, (releasing, "specialists"))
    assert state_of(firm, contact) == ("in_progress", firm.people["petukhov"])
    assert waiting_notes(firm, contact) == {}


@pytest.mark.addons("contacts", "sales")
def test_no_attachment_is_taken_back_from_a_document_that_somebody_closes(firm: Firm, race: Race) -> None:
    """S0-33: either it was taken back before, or it stays."""
    from addons.sales.services import worksheets

    maker, contact = (come_in(firm, responsible_id=firm.people["petukhov"]) for _ in range(2))
    with firm.as_("petukhov") as session:
        document = handling.create_document(session, maker, "sales.worksheet").id
        handling.attach(session, contact, document)

    def close(session: WorkSession, _: int) -> None:
        worksheets.move(session, document, "delivered")

    with suppress(Conflict):
        race(("petukhov", reopening.detach), ("petukhov", close), contact, (reopening, "get_record"))
    with firm.as_("admin") as session:
        entries = session.execute(
            select(AuditEntry.subject_type, AuditEntry.action, AuditValue.changes)
            .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
            .order_by(AuditEntry.id)
        ).all()
    steps = [
        "closed" if subject == "contacts_document" else "detached"
        for subject, action, changes in entries
        if action == reopening.DETACHED or (subject == "contacts_document" and changes.get("open") == [True, False])
    ]
    assert steps in (["closed"], ["detached", "closed"])
