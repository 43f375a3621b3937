"""At once: no code is taken twice, no guess slips past the limit (SEC-15, SEC-17)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyotp
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from core.access import own_account
from core.access.passwords import Passwords
from core.errors import Refusal, TooMany
from tests.access.firm import ADDRESS, PASSWORD, Firm


def at_once(number: int, what: Callable[[], object]) -> Counter[str]:
    """How so many threads that start together fared: ``ok`` or the name of what was raised."""
    start = Barrier(number)

    def run(_: int) -> str:
        start.wait()
        try:
            what()
        except (Refusal, DBAPIError, StaleDataError) as error:
            return type(error).__name__
        return "ok"

    with ThreadPoolExecutor(number) as threads:
        return Counter(threads.map(run, range(number)))


def test_sec_17_of_many_who_use_a_code_at_once_one_gets_in(firm: Firm) -> None:
    firm.hire()
    identity = firm.known(firm.sign_in().token)
    with firm.database.writing(identity.access) as session:
        enrolment = own_account.enrol(session, firm.door, PASSWORD, address=ADDRESS)
    with firm.database.writing(identity.access) as session:
        code = pyotp.TOTP(enrolment.secret).at(firm.clock())
        own_account.confirm_enrolment(session, firm.door, identity, code, address=ADDRESS)
    firm.clock.go(seconds=30)
    code = pyotp.TOTP(enrolment.secret).at(firm.clock())
    outcome = at_once(4, lambda: firm.sign_in(code=code))
    assert outcome["ok"] == 1
    assert outcome["Invalid"] == 3


def test_sec_15_twenty_guesses_at_once_are_ten_guesses(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.hire()
    hashed = 0
    verify = Passwords.verify

    def counted(self: Passwords, stored: str, password: str) -> bool:
        nonlocal hashed
        hashed += 1
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "verify", counted)
    outcome = at_once(20, lambda: firm.sign_in(password="корова ест траву"))
    assert outcome == {"Invalid": 10, TooMany.__name__: 10}
    assert hashed == 10
