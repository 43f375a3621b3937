"""Two people move one worksheet at the same moment: one of them does, the other is told who was faster (SEC-48)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from addons.sales.models import LostReason
from core.web.app import Application
from core.work.models import TimelineEntry, TimelineSubject
from tests.sales.conftest import add, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

ROUNDS = 5


def _moves(dealership: Dealership, number: int) -> list[tuple[str, str]]:
    """The steps of the history, as what came before and after each."""
    with dealership.session() as session:
        rows = session.scalars(
            select(TimelineEntry.title_values)
            .join(TimelineSubject, TimelineSubject.entry_id == TimelineEntry.id)
            .where(TimelineEntry.kind == "sales.stage", TimelineSubject.subject_id == number)
            .order_by(TimelineEntry.id)
        )
        return [(row["before"]["msgid"], row["after"]["msgid"]) for row in rows]


def _at_once(
    dealership: Dealership, app: Application, people: list[Visitor], sent: list[tuple[str, dict[str, str]]]
) -> list[int]:
    """The answers to requests that all start at the same moment."""
    together = Barrier(len(sent))

    def send(person: Visitor, path: str, fields: dict[str, str], token: str) -> int:
        together.wait()
        headers = {"Origin": "http://localhost", "X-CSRF-Token": token}
        return person.client.post(path, data=fields, headers=headers).status_code

    tokens = [person.token() for person in people]
    with ThreadPoolExecutor(len(sent)) as pool:
        running = [
            pool.submit(send, person, path, fields, token)
            for person, (path, fields), token in zip(people, sent, tokens, strict=False)
        ]
        return sorted(each.result() for each in running)


@pytest.fixture
def people(app: Application) -> list[Visitor]:
    """The manager at two computers, and the head of sales."""
    return [Visitor(app, "petukhov"), Visitor(app, "petukhov"), Visitor(app, "kravtsov")]


def test_a_deal_is_won_or_lost_and_never_both(dealership: Dealership, app: Application, people: list[Visitor]) -> None:
    with dealership.session() as session:
        reason = str(session.scalars(select(LostReason.id)).first())
    for _ in range(ROUNDS):
        number = add(dealership)
        won, lost = (
            (f"/sales/{number}/move", {"stage": "delivered"}),
            (f"/sales/{number}/lose", {"lost_reason_id": reason}),
        )
        assert _at_once(dealership, app, people, [won, lost]) == [303, 409]
        (step,) = _moves(dealership, number)
        assert step[0] == "Consultation"
        assert {"Delivered": "delivered", "Lost": "lost"}[step[1]] == stored(dealership, number).stage


def test_the_history_of_moves_at_once_has_no_gap(
    dealership: Dealership, app: Application, people: list[Visitor]
) -> None:
    for _ in range(ROUNDS):
        number = add(dealership)
        sent = [(f"/sales/{number}/move", {"stage": stage}) for stage in ("selection", "test_drive", "negotiation")]
        answers = _at_once(dealership, app, people, sent)
        assert set(answers) <= {303, 409}
        assert 303 in answers
        steps = _moves(dealership, number)
        assert len(steps) == answers.count(303)
        assert [before for before, _ in steps] == ["Consultation", *(after for _, after in steps[:-1])]
