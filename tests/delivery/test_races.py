"""Two operators set one order's status at the same moment: one does, the other is told who was faster (SEC-48)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from core.web.app import Application
from tests.delivery.conftest import BASE, add, logged, steps_of, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

pytestmark = pytest.mark.slow
ROUNDS = 3
TARGETS = ("awaiting_prepayment", "price_unsuitable")


def test_of_two_operators_one_sets_the_status(dealership: Dealership, app: Application) -> None:
    people = [Visitor(app, "petukhov"), Visitor(app, "admin")]
    for _ in range(ROUNDS):
        number = add(dealership)
        logged(dealership, number, "invoice")
        logged(dealership, number, "talk")
        together = Barrier(len(people))

        def send(person: Visitor, code: str, number: int = number, together: Barrier = together) -> tuple[int, str]:
            together.wait()
            answer = person.post(f"{BASE}/{number}/status?to={code}", {"seen": "new"})
            return answer.status_code, answer.text

        with ThreadPoolExecutor(len(people)) as pool:
            answers = list(pool.map(send, people, TARGETS))
        assert sorted(code for code, _ in answers) == [303, 409]
        lost = next(text for code, text in answers if code == 409)
        assert "тем временем" in lost
        with dealership.session() as session:
            [step] = steps_of(session, number)
        assert step.after == stored(dealership, number).status
        assert step.after in TARGETS
