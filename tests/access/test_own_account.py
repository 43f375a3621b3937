"""One's own password, sign-ins and API tokens (SEC-10, SEC-14, SEC-19, SEC-21, SEC-22)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.access import own_account, people
from core.access.identity import Identity, note_seen
from core.access.models import ApiToken, User
from core.access.policy import NOBODY, Access, Scope, system
from core.db.audit import AuditEntry, AuditValue
from core.errors import Forbidden, Invalid, NotFound, NotSignedIn, TooMany
from tests.access.firm import ADDRESS, PASSWORD, Firm

NEW = "корова ест траву"


def change_password(firm: Firm, token: str, current: str, new: str = NEW) -> str:
    identity = firm.known(token)
    with firm.database.writing(identity.access) as session:
        return own_account.change_password(session, firm.door, identity, current, new, address=ADDRESS)


def test_sec_19_a_changed_password_ends_every_sign_in_and_gives_this_browser_a_new_id(firm: Firm) -> None:
    firm.hire()
    here, elsewhere = firm.sign_in().token, firm.sign_in().token
    renewed = change_password(firm, here, PASSWORD)
    assert firm.identify(here) is None
    assert firm.identify(elsewhere) is None
    assert firm.access(renewed).login == "ivanova"
    assert firm.sign_in(password=NEW).token
    with pytest.raises(Invalid):
        firm.sign_in(password=PASSWORD)


def test_sec_22_changing_the_password_asks_for_the_present_one(firm: Firm) -> None:
    firm.hire()
    token = firm.sign_in().token
    with pytest.raises(Invalid) as refused:
        change_password(firm, token, "wrong")
    assert list(refused.value.errors) == ["current_password"]
    assert firm.identify(token)


def test_sec_22_so_does_everything_else_that_lets_a_stranger_stay(firm: Firm) -> None:
    firm.hire()
    identity = firm.known(firm.sign_in().token)
    with pytest.raises(Invalid), firm.database.writing(identity.access) as session:
        own_account.enrol(session, firm.door, "wrong", address=ADDRESS)
    with pytest.raises(Invalid), firm.database.writing(identity.access) as session:
        own_account.remove_second_factor(session, firm.door, identity, "wrong", "000000", address=ADDRESS)
    with pytest.raises(Invalid), firm.database.writing(identity.access) as session:
        own_account.new_recovery_codes(session, firm.door, "wrong", address=ADDRESS)
    with pytest.raises(Invalid), firm.database.writing(identity.access) as session:
        own_account.change_email(session, firm.door, "wrong", "stranger@example.org", address=ADDRESS)
    assert firm.user().email == ""
    with firm.database.writing(identity.access) as session:
        own_account.change_email(session, firm.door, PASSWORD, "me@example.org", address=ADDRESS)
    assert firm.user().email == "me@example.org"


def test_sec_15_guessing_at_an_unlocked_screen_is_slowed_down_too(firm: Firm) -> None:
    firm.hire()
    token = firm.sign_in().token
    for _ in range(10):
        with pytest.raises(Invalid):
            change_password(firm, token, "wrong")
    with pytest.raises(TooMany):
        change_password(firm, token, PASSWORD)


@pytest.mark.parametrize("new", ["short", "password1", "серова и пёс", "ivanova-82619"])
def test_sec_14_an_easy_new_password_is_refused(firm: Firm, new: str) -> None:
    firm.hire()
    with pytest.raises(Invalid) as refused:
        change_password(firm, firm.sign_in().token, PASSWORD, new)
    assert list(refused.value.errors) == ["password"]


def test_sec_18_after_a_one_time_code_a_password_is_chosen_first(firm: Firm) -> None:
    with firm.database.writing(system("test")) as session:
        _, code = people.create_user(session, firm.door.passwords, login="new", full_name="Новый Пётр")
    token = firm.sign_in("new", code).token
    assert firm.known(token).pending == "password"
    assert not firm.access(token).may("core.task.read")
    renewed = change_password(firm, token, "")
    assert firm.known(renewed).pending == ""
    assert firm.access(renewed).may("core.task.read")
    assert firm.sign_in("new", NEW).token


def test_sec_63_no_password_or_hash_is_in_the_audit_trail(firm: Firm) -> None:
    firm.hire()
    change_password(firm, firm.sign_in().token, PASSWORD)
    with firm.database.reading(system("test")) as session:
        trail = str(session.scalars(select(AuditValue.changes)).all())
        actions = session.scalars(select(AuditEntry.action)).all()
    assert "argon2" not in trail
    assert NEW not in trail
    assert {"sign_in", "password_changed", "create"} <= set(actions)


def test_signing_out_ends_this_browser_alone(firm: Firm) -> None:
    firm.hire()
    here, elsewhere = firm.sign_in().token, firm.sign_in().token
    identity = firm.known(here)
    with firm.database.writing(identity.access) as session:
        own_account.end_own(session, identity)
    assert firm.identify(here) is None
    assert firm.identify(elsewhere)


def test_sec_21_people_see_and_end_their_own_sign_ins(firm: Firm) -> None:
    user_id = firm.hire()
    other_id = firm.hire("petrov")
    here, elsewhere, other = firm.sign_in().token, firm.sign_in().token, firm.sign_in("petrov").token
    me, him = firm.known(here), firm.known(other)
    with firm.database.writing(me.access) as session:
        assert len(own_account.living_sign_ins(session, user_id)) == 2
        assert own_account.living_sign_ins(session, other_id) == []
        with pytest.raises(NotFound):
            own_account.end_sign_in(session, him.sign_in_id or 0)
        assert own_account.end_sign_ins(session, other_id) == 0
        assert own_account.end_sign_ins(session, user_id, keep=me) == 1
    assert firm.identify(here)
    assert firm.identify(other)
    assert firm.identify(elsewhere) is None


def test_sec_21_administrators_end_anybodys(firm: Firm) -> None:
    user_id = firm.hire()
    first, second, third = (firm.known(firm.sign_in().token) for _ in range(3))
    boss = Access(99, grants={"core.sign_in.read": Scope.ALL, "core.sign_in.end": Scope.ALL})
    with firm.database.writing(boss) as session:
        own_account.end_sign_in(session, first.sign_in_id or 0)
        with pytest.raises(NotFound):
            own_account.end_sign_in(session, first.sign_in_id or 0)
        living = {each.id for each in own_account.living_sign_ins(session, user_id)}
        assert living == {second.sign_in_id, third.sign_in_id}
        assert own_account.end_sign_ins(session, user_id) == 2


def test_sec_6_who_reads_more_than_he_may_end(firm: Firm) -> None:
    """A supervisor looks at all sign-ins and tokens, and ends his own."""
    user_id = firm.hire()
    token_id = make_token(firm, user_id)
    other = firm.known(firm.sign_in().token)
    rights = {"core.sign_in": "end", "core.api_token": "revoke"}
    grants = {f"{thing}.read": Scope.ALL for thing in rights} | {f"{k}.{v}": Scope.OWN for k, v in rights.items()}
    with firm.database.writing(Access(99, grants=grants)) as session:
        assert len(own_account.living_sign_ins(session, user_id)) == 1
        with pytest.raises(NotFound):
            own_account.end_sign_in(session, other.sign_in_id or 0)
        assert own_account.end_sign_ins(session, user_id) == 0
        with pytest.raises(NotFound):
            own_account.revoke_token(session, session.scalars(select(ApiToken.id)).one())
    assert by_token(firm, token_id)


def test_sec_63_the_trail_tells_whose_sign_ins_were_ended(firm: Firm) -> None:
    user_id = firm.hire()
    me = firm.known(firm.sign_in().token)
    firm.sign_in()
    with firm.database.writing(me.access) as session:
        assert own_account.end_sign_ins(session, user_id, keep=me) == 1
        assert own_account.end_sign_ins(session, user_id, keep=me) == 0
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_ins_ended")).all()
    assert [(each.subject_type, each.subject_id) for each in entries] == [("core_user", user_id)]


def test_sec_6_ending_needs_the_right(firm: Firm) -> None:
    user_id = firm.hire()
    with firm.database.writing(Access(user_id)) as session:
        with pytest.raises(Forbidden):
            own_account.end_sign_ins(session, user_id)
        with pytest.raises(Forbidden):
            own_account.end_sign_in(session, 1)
        with pytest.raises(Forbidden):
            own_account.revoke_token(session, 1)
        with pytest.raises(Forbidden):
            own_account.create_token(session, own_account.own_user(session), "x")


def test_sec_10_the_profile_reaches_language_look_and_keys_alone(firm: Firm) -> None:
    firm.hire()
    token = firm.sign_in().token
    with firm.database.writing(firm.access(token)) as session:
        own_account.change_own_profile(session, language="en", theme="dark", letter_keys=False)
    access = firm.access(token)
    assert (access.language, access.theme, access.letter_keys) == ("en", "dark", False)
    with pytest.raises(Invalid) as refused, firm.database.writing(access) as session:
        own_account.change_own_profile(session, language="xx", theme="pink", letter_keys=True)
    assert set(refused.value.errors) == {"language", "theme"}


def test_nobody_has_no_account(firm: Firm) -> None:
    with firm.database.reading(NOBODY) as session, pytest.raises(NotSignedIn):
        own_account.own_user(session)


# --- API tokens ----------------------------------------------------------------------------------

TOKENS = {f"core.api_token.{action}": Scope.OWN for action in ("read", "create", "revoke")}


def make_token(firm: Firm, user_id: int, days: int | None = None) -> str:
    until = None if days is None else firm.clock() + timedelta(days=days)
    with firm.database.writing(Access(user_id, grants=TOKENS)) as session:
        return own_account.create_token(session, own_account.own_user(session), "Сайт", until)


def by_token(firm: Firm, token: str) -> Identity | None:
    with firm.database.reading(NOBODY) as session:
        return firm.door.identities.identify_token(session, token, "192.0.2.9")


def test_a_token_does_what_its_owner_may(firm: Firm) -> None:
    user_id = firm.hire(roles=("supervisor",))
    token = make_token(firm, user_id)
    identity = by_token(firm, token)
    assert identity is not None
    assert identity.access.user_id == user_id
    assert identity.access.may("core.audit.read")
    assert identity.access.source == "192.0.2.9"
    assert firm.identify(token) is None, "a token is no cookie"


def test_a_token_is_kept_hashed_and_shown_by_its_beginning(firm: Firm) -> None:
    token = make_token(firm, firm.hire())
    with firm.database.reading(system("test")) as session:
        record = session.scalars(select(ApiToken)).one()
        trail = str(session.scalars(select(AuditValue.changes)).all())
    assert token.startswith(record.prefix)
    assert token not in str(vars(record))
    assert record.token_hash not in trail


def test_tokens_end_by_time_by_hand_and_with_the_account(firm: Firm) -> None:
    user_id = firm.hire()
    timed, revoked, kept = make_token(firm, user_id, days=1), make_token(firm, user_id), make_token(firm, user_id)
    with firm.database.writing(Access(user_id, grants=TOKENS)) as session:
        ids = session.scalars(select(ApiToken.id).order_by(ApiToken.id)).all()
        own_account.revoke_token(session, ids[1])
        with pytest.raises(NotFound):
            own_account.revoke_token(session, ids[1])
    firm.clock.go(days=1)
    assert [by_token(firm, token) is not None for token in (timed, revoked, kept)] == [False, False, True]
    with firm.database.writing(system("test")) as session:
        people.disable(session, session.get_one(User, user_id))
    assert by_token(firm, kept) is None


def test_tokens_of_others_are_neither_seen_nor_made(firm: Firm) -> None:
    user_id, other_id = firm.hire(), firm.hire("petrov")
    make_token(firm, other_id)
    with firm.database.writing(Access(user_id, grants=TOKENS)) as session:
        assert session.scalars(select(ApiToken)).all() == []
        with pytest.raises(NotFound):
            own_account.revoke_token(session, 1)
        with pytest.raises(Forbidden):
            own_account.create_token(session, session.get_one(User, other_id), "x")
        with pytest.raises(Invalid):
            own_account.create_token(session, session.get_one(User, user_id), " ")


def test_sec_17_a_token_has_no_guarded_rights_without_a_second_factor(firm: Firm) -> None:
    user_id = firm.hire()
    token = make_token(firm, user_id)
    with firm.database.writing(system("test")) as session:
        people.set_roles(session, session.get_one(User, user_id), ["administrator"])
    identity = by_token(firm, token)
    assert identity is not None
    assert not identity.access.may("core.role.change")


def test_a_tokens_last_use_is_noted(firm: Firm) -> None:
    token = make_token(firm, firm.hire())
    identity = by_token(firm, token)
    assert identity is not None
    assert identity.seen_due
    with firm.database.writing(identity.access) as session:
        note_seen(session, identity)
    again = by_token(firm, token)
    assert again is not None
    assert not again.seen_due
