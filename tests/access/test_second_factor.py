"""The second factor: who needs it, that each code works once, and recovery (SEC-17)."""

from __future__ import annotations

import pyotp
import pytest
from sqlalchemy import select

from core.access import own_account, people
from core.access.crypto import SecretBox
from core.access.models import RecoveryCode, SecondFactor, User
from core.access.policy import NOBODY, Access, Scope, system
from core.access.second_factor import SecondFactors
from core.access.signin import SignInResult
from core.errors import Conflict, Invalid, NotSignedIn, TooMany
from tests.access.firm import ADDRESS, BROWSER, PASSWORD, Firm


class Phone:
    """The person's generator."""

    def __init__(self, firm: Firm, secret: str) -> None:
        self._firm, self._totp = firm, pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        return self._totp.at(self._firm.clock(), counter_offset=steps)


def enrol(firm: Firm, token: str) -> tuple[Phone, list[str], str]:
    """Set a generator up: the phone, the recovery codes, and the browser's new id."""
    identity = firm.known(token)
    with firm.database.writing(identity.access) as session:
        enrolment = own_account.enrol(session, firm.door, PASSWORD, address=ADDRESS)
    phone = Phone(firm, enrolment.secret)
    with firm.database.writing(identity.access) as session:
        codes, renewed = own_account.confirm_enrolment(session, firm.door, identity, phone.code(), address=ADDRESS)
    firm.clock.go(seconds=30)
    return phone, codes, renewed


def finish(firm: Firm, ticket: str, code: str) -> SignInResult:
    with firm.database.writing(NOBODY) as session:
        return firm.door.finish(session, ticket, code, address=ADDRESS, user_agent=BROWSER)


def test_sec_17_an_administrator_can_do_nothing_until_he_has_a_generator(firm: Firm) -> None:
    firm.hire("boss", roles=("administrator",))
    token = firm.sign_in("boss").token
    identity = firm.known(token)
    assert identity.pending == "second_factor"
    assert not identity.access.may("core.user.read")
    _, _, renewed = enrol(firm, token)
    assert firm.identify(token) is None
    assert firm.known(renewed).pending == ""
    assert firm.access(renewed).may("core.role.change")


def test_sec_17_others_may_have_one_but_need_not(firm: Firm) -> None:
    firm.hire()
    assert firm.known(firm.sign_in().token).pending == ""


def test_sec_17_with_a_generator_the_password_alone_opens_nothing(firm: Firm) -> None:
    firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    result = firm.sign_in()
    assert result.second_factor_needed
    assert result.token == ""
    assert firm.identify(result.ticket) is None
    assert firm.access(finish(firm, result.ticket, phone.code()).token).login == "ivanova"


def test_sec_17_password_and_code_may_come_together(firm: Firm) -> None:
    firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    assert firm.sign_in(code=phone.code()).token


def test_sec_17_each_code_works_once(firm: Firm) -> None:
    firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    ticket, code = firm.sign_in().ticket, phone.code()
    assert finish(firm, ticket, code).token
    with pytest.raises(Invalid):
        finish(firm, ticket, code)
    with pytest.raises(Invalid):
        finish(firm, ticket, phone.code(-1))


@pytest.mark.parametrize(("steps", "good"), [(-2, False), (0, True), (1, True), (2, False)])
def test_sec_17_a_phone_may_be_one_step_off(firm: Firm, steps: int, good: bool) -> None:
    firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    firm.clock.go(minutes=5)
    ticket = firm.sign_in().ticket
    if good:
        assert finish(firm, ticket, phone.code(steps)).token
    else:
        with pytest.raises(Invalid):
            finish(firm, ticket, phone.code(steps))


def test_sec_17_five_wrong_codes_a_minute(firm: Firm) -> None:
    firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    ticket = firm.sign_in().ticket
    for wrong in ("000000", "", "абвгде", "\ud800", "1" * 500):
        with pytest.raises(Invalid):
            finish(firm, ticket, wrong)
    with pytest.raises(TooMany) as refused:
        finish(firm, ticket, phone.code())
    assert 0 < refused.value.retry_after <= 61
    firm.clock.go(seconds=61)
    assert finish(firm, ticket, phone.code()).token


def test_sec_17_recovery_codes_work_once_and_are_kept_hashed(firm: Firm) -> None:
    firm.hire()
    _, codes, _ = enrol(firm, firm.sign_in().token)
    assert len(set(codes)) == 10
    with firm.database.reading(system("test")) as session:
        stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not set(stored) & set(codes)
    assert firm.sign_in(code=codes[3].upper().replace("-", " ")).token
    with pytest.raises(Invalid):
        firm.sign_in(code=codes[3])


def test_sec_17_new_recovery_codes_replace_the_old(firm: Firm) -> None:
    firm.hire()
    _, codes, token = enrol(firm, firm.sign_in().token)
    with firm.database.writing(firm.access(token)) as session:
        fresh = own_account.new_recovery_codes(session, firm.door, PASSWORD, address=ADDRESS)
    with pytest.raises(Invalid):
        firm.sign_in(code=codes[0])
    assert firm.sign_in(code=fresh[0]).token


def test_sec_66_the_secret_lies_sealed_and_is_bound_to_its_owner(firm: Firm) -> None:
    firm.hire()
    other = firm.hire("petrov")
    phone, _, _ = enrol(firm, firm.sign_in().token)
    enrol(firm, firm.sign_in("petrov").token)
    with firm.database.writing(system("test")) as session:
        mine, his = session.scalars(select(SecondFactor).order_by(SecondFactor.user_id == other)).all()
        assert phone._totp.secret not in mine.secret
        his.secret = mine.secret
    with pytest.raises(Exception, match=r"core\.second_factor"):
        firm.sign_in("petrov", code=phone.code())


def test_sec_66_secrets_are_sealed_again_under_a_new_key(firm: Firm) -> None:
    user_id = firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    both = SecondFactors(SecretBox("a new secret", "a secret"), "x")
    with firm.database.writing(system("test")) as session:
        assert both.reseal(session) == 1
        assert both.reseal(session) == 0
    with firm.database.writing(system("test")) as session:
        assert SecondFactors(SecretBox("a new secret"), "x").accept(session, user_id, phone.code())


def test_a_second_generator_needs_the_first_removed(firm: Firm) -> None:
    firm.hire()
    phone, _, token = enrol(firm, firm.sign_in().token)
    identity = firm.known(token)
    with pytest.raises(Conflict), firm.database.writing(identity.access) as session:
        own_account.enrol(session, firm.door, PASSWORD, address=ADDRESS)
    with firm.database.writing(identity.access) as session:
        renewed = own_account.remove_second_factor(
            session, firm.door, identity, PASSWORD, phone.code(), address=ADDRESS
        )
    assert firm.identify(token) is None
    assert firm.known(renewed).pending == ""
    assert firm.sign_in().token


def test_sec_17_who_lost_phone_and_codes_is_helped_by_an_administrator(firm: Firm) -> None:
    user_id = firm.hire()
    enrol(firm, firm.sign_in().token)
    assert firm.sign_in().second_factor_needed
    helper = Access(99, grants={"core.user.give_code": Scope.ALL})
    with firm.database.writing(helper) as session:
        people.remove_second_factor(session, firm.door.second_factors, session.get_one(User, user_id))
    assert firm.sign_in().token


def test_an_unconfirmed_generator_is_not_asked_for(firm: Firm) -> None:
    firm.hire()
    identity = firm.known(firm.sign_in().token)
    with firm.database.writing(identity.access) as session:
        own_account.enrol(session, firm.door, PASSWORD, address=ADDRESS)
    with pytest.raises(Invalid), firm.database.writing(identity.access) as session:
        own_account.confirm_enrolment(session, firm.door, identity, "000000", address=ADDRESS)
    assert firm.sign_in().token


def test_a_ticket_lasts_five_minutes_and_ends_with_the_password(firm: Firm) -> None:
    user_id = firm.hire()
    phone, _, _ = enrol(firm, firm.sign_in().token)
    late, stale = firm.sign_in().ticket, firm.sign_in().ticket
    with firm.database.writing(system("test")) as session:
        session.get_one(User, user_id).password_hash = firm.door.passwords.hash("корова ест траву")
    with pytest.raises(NotSignedIn):
        finish(firm, stale, phone.code())
    firm.clock.go(minutes=5)
    for ticket in (late, "", "rubbish", late + "x"):
        with pytest.raises(NotSignedIn):
            finish(firm, ticket, phone.code())
