"""Signing in: throttling, one answer for every failure, one-time codes, ids (SEC-13, SEC-15 to SEC-19)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core.access.crypto import token_hash
from core.access.identity import SignInRules
from core.access.models import SignIn, SignInAttempt, User
from core.access.passwords import Passwords
from core.access.people import create_first_administrator, create_user, disable
from core.access.policy import NOBODY, system
from core.access.signin import make_authenticator
from core.access.throttle import Limits, forget_tries, network_of
from core.db.audit import AuditEntry, AuditValue
from core.errors import Conflict, Invalid, TooMany
from tests.access.firm import ADDRESS, PASSWORD, Firm

WRONG = "корова ест траву"


def fail(firm: Firm, times: int, login: str = "ivanova", address: str = ADDRESS) -> None:
    """So many wrong passwords, one after the other, waiting as long as asked."""
    for _ in range(times):
        with pytest.raises(Invalid):
            firm.sign_in(login, WRONG, address=address)


def actions(firm: Firm) -> list[str]:
    with firm.database.reading(system("test")) as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_login_is_found_in_any_case(firm: Firm) -> None:
    user_id = firm.hire("Ivanova")
    result = firm.sign_in(" IVANOVA ")
    assert result.user.id == user_id
    assert not result.second_factor_needed
    assert firm.access(result.token).user_id == user_id


def test_sec_16_every_failure_has_the_same_words_and_work(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.hire("known")
    disabled = firm.hire("disabled")
    with firm.database.writing(system("test")) as session:
        disable(session, session.get_one(User, disabled))
    hashed = 0
    verify = Passwords.verify

    def counted(self: Passwords, stored: str, password: str) -> bool:
        nonlocal hashed
        hashed += 1
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "verify", counted)
    refusals = []
    for login, password in [("known", WRONG), ("nobody", WRONG), ("disabled", PASSWORD), ("a\x01\ud800", WRONG)]:
        with pytest.raises(Invalid) as refused:
            firm.sign_in(login, password)
        refusals.append((refused.value.message, refused.value.errors, refused.value.status))
    assert len(set(map(str, refusals))) == 1
    assert hashed == 4


def test_sec_15_ten_failures_of_an_account_make_it_wait_longer_and_longer(firm: Firm) -> None:
    firm.hire()
    fail(firm, 10)
    waits = []
    for _ in range(3):
        with pytest.raises(TooMany) as refused:
            firm.sign_in(password=PASSWORD)
        waits.append(refused.value.retry_after)
        firm.clock.go(seconds=refused.value.retry_after)
        fail(firm, 1)
    assert waits == [6, 11, 21]


def test_sec_15_a_waiting_account_is_refused_before_hashing(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    firm.hire()
    fail(firm, 10)

    def never(*_: object) -> bool:
        raise AssertionError("hashed")

    monkeypatch.setattr(Passwords, "verify", never)
    with pytest.raises(TooMany):
        firm.sign_in()


def test_sec_15_nobody_is_locked_out_for_good(firm: Firm) -> None:
    firm.hire()
    fail(firm, 10)
    firm.clock.go(seconds=6)
    assert firm.sign_in().token
    fail(firm, 9)
    assert firm.sign_in().token


def test_sec_15_fifty_failures_of_an_address_make_it_wait_whoever_is_tried(firm: Firm) -> None:
    firm.hire()
    for number in range(5):
        fail(firm, 9, f"nobody{number}")
    fail(firm, 5, "nobody5")
    with pytest.raises(TooMany):
        firm.sign_in()
    assert firm.sign_in(address="192.0.2.8").token
    firm.clock.go(minutes=16)
    assert firm.sign_in().token


def test_sec_15_one_ipv6_network_is_one_attacker() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.7") == network_of("192.0.2.7") == "192.0.2.7"
    assert network_of("unix socket") == "unix socket"


def test_sec_15_every_refusal_is_in_the_audit_trail(firm: Firm) -> None:
    firm.hire()
    fail(firm, 10)
    with pytest.raises(TooMany):
        firm.sign_in()
    assert actions(firm).count("sign_in_refused") == 11


def test_sec_15_evidence_of_a_refused_try_survives_and_is_forgotten_in_time(firm: Firm) -> None:
    firm.hire()
    fail(firm, 2)
    with firm.database.reading(system("test")) as session:
        assert session.scalars(select(SignInAttempt.ok)).all() == [False, False]
    firm.clock.go(days=91)
    with firm.database.writing(system("test")) as session:
        forget_tries(session)
        assert session.scalars(select(SignInAttempt)).all() == []


def test_a_name_nobody_has_is_not_written_down(firm: Firm) -> None:
    fail(firm, 1, "МойПароль-в-поле-логина")
    with firm.database.reading(system("test")) as session:
        (attempt,) = session.scalars(select(SignInAttempt))
        told = session.scalars(select(AuditValue.changes).order_by(AuditValue.audit_id.desc())).first()
    assert "пароль" not in attempt.login
    assert told == {"login": attempt.login, "address": ADDRESS, "why": "Invalid"}


def test_delays_grow_to_a_ceiling() -> None:
    limits = Limits()
    delays = [limits.delay(failures, 10).total_seconds() for failures in (9, 10, 11, 12, 20, 10_000)]
    assert delays == [0, 5, 10, 20, 300, 300]


def test_sec_13_a_hash_of_weaker_parameters_is_made_again_at_sign_in(firm: Firm) -> None:
    firm.hire()
    before = firm.user().password_hash
    stronger = make_authenticator("a secret", "x", passwords=Passwords(memory=24 * 1024))
    with firm.database.writing(NOBODY) as session:
        stronger.sign_in(session, "ivanova", PASSWORD, address=ADDRESS, user_agent="")
    after = firm.user().password_hash
    assert after != before
    assert not stronger.passwords.outdated(after)
    assert firm.sign_in().token


def test_sec_18_a_new_instance_has_no_account_until_one_is_made(firm: Firm) -> None:
    fail(firm, 1, "admin")
    with firm.database.writing(system("test")) as session:
        code = create_first_administrator(session, firm.door.passwords)
    with pytest.raises(Conflict), firm.database.writing(system("test")) as session:
        create_first_administrator(session, firm.door.passwords)
    identity = firm.known(firm.sign_in("admin", code.upper()).token)
    assert identity.pending == "password"
    assert "administrator" in identity.access.roles
    assert {right.rpartition(".")[0] for right in identity.access.grants} == {"core.profile"}


def test_sec_18_a_one_time_code_is_good_once_and_for_three_days(firm: Firm) -> None:
    with firm.database.writing(system("test")) as session:
        code = create_user(session, firm.door.passwords, login="first", full_name="Первый")[1]
        late = create_user(session, firm.door.passwords, login="second", full_name="Второй")[1]
    assert firm.sign_in("first", code).token
    with pytest.raises(Invalid):
        firm.sign_in("first", code)
    firm.clock.go(days=3)
    with pytest.raises(Invalid):
        firm.sign_in("second", late)


def test_sec_19_every_sign_in_has_a_new_id_and_the_database_only_its_hash(firm: Firm) -> None:
    firm.hire()
    first, second = firm.sign_in().token, firm.sign_in().token
    assert first != second
    with firm.database.reading(system("test")) as session:
        rows = session.scalars(select(SignIn)).all()
    assert {row.token_hash for row in rows} == {token_hash(first), token_hash(second)}
    assert {row.user_agent for row in rows} == {"Firefox"}
    assert firm.identify("an id the client made up") is None


def test_signing_in_holds_no_write_lock_while_hashing(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite a writer that hashes would keep everybody else waiting."""
    firm.hire()
    verify = Passwords.verify

    def write_meanwhile(self: Passwords, stored: str, password: str) -> bool:
        with firm.database.writing(system("another request")) as session:
            session.add(SignInAttempt(at=session.now(), kind="code", login="x", network="x", ok=True))
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "verify", write_meanwhile)
    assert firm.sign_in().token


def test_a_person_disabled_while_his_password_is_hashed_stays_out(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    user_id = firm.hire()
    verify = Passwords.verify

    def disable_meanwhile(self: Passwords, stored: str, password: str) -> bool:
        with firm.database.writing(system("another request")) as session:
            disable(session, session.get_one(User, user_id))
        return verify(self, stored, password)

    monkeypatch.setattr(Passwords, "verify", disable_meanwhile)
    with pytest.raises(Invalid):
        firm.sign_in()


def test_guarded_rights_may_be_nobodys(firm: Firm) -> None:
    """SEC-18: a demonstration asks for no second factor."""
    assert SignInRules().guarded_rights == frozenset()
