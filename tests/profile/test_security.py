"""One's own keys: password, second factor, recovery codes, sign-ins, API tokens."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from urllib.parse import unquote

import pyotp
import pytest
import segno
from sqlalchemy import select

from core.access import own_account
from core.access.models import ApiToken, SignIn, SignInAttempt, User
from core.access.policy import NOBODY, Access, system
from core.access.second_factor import qr_picture
from core.access.user_agents import browser_name
from core.db.audit import AuditEntry, AuditValue
from core.testing.clock import SetClock
from core.web.app import Application
from core.web.views import account
from tests.support.dealership import PASSWORD
from tests.support.visitors import Visitor

NEW = "лодка у дальнего причала"
ROOT = "/profile/security"


def sign_ins(app: Application) -> list[SignIn]:
    with app.database.reading(system("test")) as session:
        return list(session.scalars(select(SignIn).where(SignIn.revoked_at.is_(None)).order_by(SignIn.id)))


def works(visitor: Visitor) -> bool:
    return visitor.get("/profile").status_code == 200


def change(visitor: Visitor, current: str = PASSWORD, new: str = NEW, again: str = NEW) -> int:
    fields = {"current_password": current, "password": new, "again": again}
    return visitor.post(f"{ROOT}/password", fields).status_code


# --- password --------------------------------------------------------------------------------------


def test_a_new_password_ends_the_other_sign_ins_and_renews_this_one(app: Application) -> None:
    """SEC-19, SEC-22."""
    here, elsewhere = Visitor(app, "lebedeva"), Visitor(app, "lebedeva")
    former = here.client.get_cookie("forecourt")
    assert change(here) == 303
    present = here.client.get_cookie("forecourt")
    assert former is not None
    assert present is not None
    assert present.value != former.value
    assert present.http_only
    assert works(here)
    assert not works(elsewhere)
    stranger = Visitor(app)
    assert stranger.post("/signin", {"login": "lebedeva", "password": PASSWORD}).status_code != 303
    assert stranger.post("/signin", {"login": "lebedeva", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "again"),
    [
        ("wrong", NEW, NEW),
        (PASSWORD, NEW, "другое"),
        (PASSWORD, "short", "short"),
        (PASSWORD, "lebedeva1", "lebedeva1"),
        ("", "", ""),
    ],
)
def test_a_wrong_or_easy_password_changes_nothing_and_is_not_shown(
    app: Application, current: str, new: str, again: str
) -> None:
    """SEC-14, SEC-22: the form comes back with the mistake named, the passwords do not."""
    visitor = Visitor(app, "lebedeva")
    answer = visitor.post(f"{ROOT}/password", {"current_password": current, "password": new, "again": again})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert not any(f'value="{typed}"' in answer.text for typed in (current, new, again) if typed)
    assert Visitor(app).post("/signin", {"login": "lebedeva", "password": PASSWORD}).status_code == 303


def test_guessing_the_present_password_is_slowed_down(app: Application) -> None:
    """SEC-15: here as on the sign-in page, with the time to wait."""
    visitor = Visitor(app, "lebedeva")
    answers = [visitor.post(f"{ROOT}/second-factor", {"current_password": "guess"}) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_wrong_answers_are_counted_for_the_address_they_came_from(app: Application) -> None:
    """SEC-15, SEC-63: not for the whole dealership together, and the evidence says where from."""
    visitor, here = Visitor(app, "admin"), {"environ_base": {"REMOTE_ADDR": "192.0.2.9"}}
    tried = select(SignInAttempt.network).order_by(SignInAttempt.id)
    with app.database.reading(system("test")) as session:
        before = len(session.scalars(tried).all())
    fields = {"current_password": "guess", "code": "000000", "name": "x", "password": NEW, "again": NEW}
    factor = [f"second-factor{step}" for step in ("", "/confirm", "/remove")]
    steps = ["password", "email", *factor, "recovery-codes", "tokens"]
    assert {visitor.post(f"{ROOT}/{step}", fields, **here).status_code for step in steps} == {422}
    with app.database.reading(system("test")) as session:
        assert session.scalars(tried).all()[before:] == ["192.0.2.9"] * len(steps)
        refused = select(AuditValue.changes).join(AuditEntry).where(AuditEntry.action == "sign_in_refused")
        assert {values["address"] for values in session.scalars(refused)} == {"192.0.2.9"}


# --- e-mail address --------------------------------------------------------------------------------


def test_ones_own_address_is_changed_after_the_password(app: Application) -> None:
    """SEC-22, SEC-63: the trail has the old and the new one."""
    visitor = Visitor(app, "lebedeva")
    answer = visitor.post(f"{ROOT}/email", {"current_password": PASSWORD, "email": " lebedeva@дилер.рф "})
    assert answer.status_code == 303
    page = visitor.get(answer.location).text
    assert "Адрес электронной почты изменён." in page
    assert 'value="lebedeva@дилер.рф"' in page
    with app.database.reading(system("test")) as session:
        entries = select(AuditValue.changes).join(AuditEntry).where(AuditEntry.subject_type == "core_user")
        assert {"email": ["", "lebedeva@дилер.рф"]} in session.scalars(
            entries.where(AuditEntry.action == "change")
        ).all()
    removed = visitor.post(f"{ROOT}/email", {"current_password": PASSWORD, "email": ""})
    assert "Адрес электронной почты удалён." in visitor.get(removed.location).text


@pytest.mark.parametrize(
    ("password", "email"),
    [
        ("guess", "lebedeva@example.org"),
        (PASSWORD, "lebedeva"),
        (PASSWORD, "a@b@example.org"),
        (PASSWORD, "a@example"),
        (PASSWORD, "a b@example.org"),
        (PASSWORD, "a@example..org"),
        (PASSWORD, '"><script>@example.org'),
        (PASSWORD, "a" * 250 + "@example.org"),
    ],
)
def test_a_wrong_address_or_password_changes_nothing(app: Application, password: str, email: str) -> None:
    answer = Visitor(app, "lebedeva").post(f"{ROOT}/email", {"current_password": password, "email": email})
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert "<script>@" not in answer.text
    with app.database.reading(system("test")) as session:
        assert session.scalars(select(User.email).where(User.login == "lebedeva")).one() == ""


# --- second factor ---------------------------------------------------------------------------------


def test_the_key_is_a_picture_as_well(app: Application) -> None:
    """A data: address, as the content security policy allows it; dark on light whatever the theme."""
    page = Visitor(app, "lebedeva").post(f"{ROOT}/second-factor", {"current_password": PASSWORD}).text
    found = re.search(r'<img class="own-qr" src="data:image/svg\+xml;charset=utf-8,([^"]+)" alt="[^"]+"', page)
    assert found is not None
    picture = unquote(html.unescape(found[1]))
    address = re.search(r"otpauth://[^<]+", page)
    assert address is not None
    expected = segno.make(html.unescape(address[0]), error="m", micro=False)
    assert f"M0 0h{expected.symbol_size()[0]}" in picture
    assert 'fill="#fff"' in picture.replace("'", '"')
    assert re.findall(r"\bd=.(M4[^'\"]+)", picture)[0] in expected.svg_inline(border=4)


def test_only_the_address_of_a_generator_becomes_a_picture() -> None:
    assert qr_picture("") == ""
    assert qr_picture("https://evil.example") == ""


def enrol(visitor: Visitor) -> pyotp.TOTP:
    answer = visitor.post(f"{ROOT}/second-factor", {"current_password": PASSWORD})
    assert answer.status_code == 200
    found = re.search(r'name="secret" value="([A-Z2-7]+)"', answer.text)
    assert found is not None
    return pyotp.TOTP(found[1])


def confirm(visitor: Visitor, generator: pyotp.TOTP, clock: SetClock) -> list[str]:
    answer = visitor.post(f"{ROOT}/second-factor/confirm", {"code": generator.at(clock())})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return re.findall(r"<code class=\"incident\">([a-z0-9-]+)</code>", answer.text)


def test_the_second_factor_from_setting_up_to_turning_off(app: Application, clock: SetClock) -> None:
    """SEC-17: shown once, asked for at the next sign-in, gone after password and code."""
    visitor = Visitor(app, "lebedeva")
    generator = enrol(visitor)
    former = visitor.client.get_cookie("forecourt")
    codes = confirm(visitor, generator, clock)
    assert len(set(codes)) == 10
    assert visitor.client.get_cookie("forecourt") != former
    page = visitor.get(ROOT).text
    assert "Осталось 10 кодов" in page
    assert generator.secret not in page
    assert not any(code in page for code in codes)
    assert Visitor(app).post("/signin", {"login": "lebedeva", "password": PASSWORD}).status_code == 200
    clock.go(seconds=60)
    fields = {"current_password": PASSWORD, "code": generator.at(clock())}
    assert visitor.post(f"{ROOT}/second-factor/remove", fields).status_code == 303
    assert works(visitor)
    assert Visitor(app).post("/signin", {"login": "lebedeva", "password": PASSWORD}).status_code == 303


def test_setting_up_needs_the_password(app: Application) -> None:
    """SEC-22."""
    answer = Visitor(app, "lebedeva").post(f"{ROOT}/second-factor", {"current_password": "wrong"})
    assert answer.status_code == 422
    assert "otpauth" not in answer.text


def test_a_wrong_first_code_keeps_the_secret_on_the_page(app: Application, clock: SetClock) -> None:
    visitor = Visitor(app, "lebedeva")
    generator = enrol(visitor)
    fields = {"code": "000000", "secret": generator.secret, "uri": "otpauth://totp/x"}
    answer = visitor.post(f"{ROOT}/second-factor/confirm", fields)
    assert answer.status_code == 422
    assert generator.secret[:4] in answer.text
    assert len(confirm(visitor, generator, clock)) == 10


def test_what_comes_back_with_the_code_is_only_text(app: Application) -> None:
    """SEC-25: the page shows what the form sent; it is no markup."""
    visitor = Visitor(app, "lebedeva")
    fields = {"code": "1", "secret": "<script>alert(1)</script>", "uri": '"><img src=x>'}
    html = visitor.post(f"{ROOT}/second-factor/confirm", fields).text
    assert "<script>alert" not in html
    assert "<img" not in html.replace('<img src="/static', "")


def test_new_recovery_codes_replace_the_old(app: Application, clock: SetClock) -> None:
    visitor = Visitor(app, "lebedeva")
    old = confirm(visitor, enrol(visitor), clock)
    assert visitor.post(f"{ROOT}/recovery-codes", {"current_password": "wrong"}).status_code == 422
    answer = visitor.post(f"{ROOT}/recovery-codes", {"current_password": PASSWORD})
    new = re.findall(r"<code class=\"incident\">([a-z0-9-]+)</code>", answer.text)
    assert len(new) == 10
    assert not set(new) & set(old)


# --- sign-ins --------------------------------------------------------------------------------------


def test_ones_own_sign_ins_are_seen_and_ended(app: Application) -> None:
    """SEC-21."""
    here, elsewhere = Visitor(app, "lebedeva"), Visitor(app, "lebedeva")
    other = sign_ins(app)[-1]
    page = here.get(ROOT).text
    assert "этот браузер" in page
    assert page.count(f"{ROOT}/sign-ins/") == 2  # the other one, and all others
    assert here.post(f"{ROOT}/sign-ins/{other.id}/end").status_code == 303
    assert not works(elsewhere)
    assert works(here)


def test_all_others_are_ended_at_once(app: Application) -> None:
    here, others = Visitor(app, "lebedeva"), [Visitor(app, "lebedeva") for _ in range(2)]
    assert here.post(f"{ROOT}/sign-ins/end-others").status_code == 303
    assert works(here)
    assert not any(map(works, others))


def sign_in(visitor: Visitor, login: str) -> None:
    assert visitor.post("/signin", {"login": login, "password": PASSWORD}).status_code == 303


def test_somebody_else_signs_in_instead(app: Application) -> None:
    """SEC-19: one browser has one sign-in; what it replaces has ended."""
    visitor = Visitor(app, "petukhov")
    former = [each.id for each in sign_ins(app)]
    assert visitor.get("/signin").location == "/"
    assert 'name="login"' in visitor.get("/signin?instead=1").text
    sign_in(visitor, "lebedeva")
    assert not {each.id for each in sign_ins(app)} & set(former)
    assert "Лебедева" in visitor.get("/profile").text


def test_the_former_sign_in_ends_with_the_new_one_or_neither_is(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-19: a server that stops between the two leaves no browser with two sign-ins."""

    def broken(*_: object) -> None:
        raise RuntimeError("the server stops here")

    visitor = Visitor(app, "petukhov")
    former = [each.id for each in sign_ins(app)]
    monkeypatch.setattr(account, "end_own", broken)
    assert visitor.post("/signin", {"login": "lebedeva", "password": PASSWORD}).status_code == 500
    assert [each.id for each in sign_ins(app)] == former
    assert "Петухов" in visitor.get("/profile").text


def test_a_wrong_password_ends_nobodys_sign_in(app: Application) -> None:
    visitor = Visitor(app, "petukhov")
    assert visitor.post("/signin", {"login": "lebedeva", "password": "wrong"}).status_code != 303
    assert "Петухов" in visitor.get("/profile").text


def test_a_page_gets_no_piece_for_somebody_else(app: Application) -> None:
    """What a page asks for names its reader; once somebody else is signed in in its browser, it is refused."""
    visitor = Visitor(app, "lebedeva")
    found = re.search(r'data-user="(\d+)"', visitor.get("/profile").text)
    assert found is not None
    page = {"X-Reader": found[1], "X-Fragment": "1"}
    assert visitor.get("/notifications", headers=page).status_code == 200
    sign_in(visitor, "petukhov")
    assert visitor.get("/notifications", headers=page).status_code == 401
    assert visitor.post("/drafts/reception", {"note": "слово"}, headers=page).status_code == 401


@pytest.mark.parametrize("number", ["999999", str(2**63), "0"])
def test_somebody_elses_sign_in_is_unknown(app: Application, number: str) -> None:
    """SEC-3: a foreign one answers like a missing one."""
    admin = Visitor(app, "admin")
    foreign = sign_ins(app)[-1]
    visitor = Visitor(app, "lebedeva")
    assert visitor.post(f"{ROOT}/sign-ins/{foreign.id}/end").status_code == 404
    assert visitor.post(f"{ROOT}/sign-ins/{number}/end").status_code == 404
    assert works(admin)


def test_browsers_by_their_names() -> None:
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    yandex = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 YaBrowser/25.0 Safari/537.36"
    iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Safari/604.1"
    assert browser_name(firefox) == "Firefox, Windows"
    assert browser_name(yandex) == "Yandex Browser, Windows"
    assert browser_name(iphone) == "Safari, iPhone"
    assert browser_name("curl/8.0 " + "x" * 300) == ("curl/8.0 " + "x" * 300)[:60]
    assert browser_name("") == ""


# --- API tokens ------------------------------------------------------------------------------------


def make(visitor: Visitor, **fields: str) -> str:
    answer = visitor.post(f"{ROOT}/tokens", {"name": "сайт", "lasts": "30", "current_password": PASSWORD, **fields})
    found = re.search(r"(fct_[\w-]+)", answer.text) if answer.status_code == 200 else None
    return found[1] if found else str(answer.status_code)


def test_a_token_is_shown_once_works_and_is_revoked(app: Application, clock: SetClock) -> None:
    visitor = Visitor(app, "admin")
    token = make(visitor)
    assert token.startswith("fct_")
    page = visitor.get(ROOT).text
    assert token not in page
    assert token[:12] in page
    with app.database.reading(NOBODY) as session:
        identity = app.authenticator.identities.identify_token(session, token)
        assert identity is not None
        assert identity.access.login == "admin"
    with app.database.reading(system("test")) as session:
        row = session.scalars(select(ApiToken)).one()
    assert row.expires_at == clock() + timedelta(days=30)
    assert visitor.post(f"{ROOT}/tokens/{row.id}/revoke").status_code == 303
    with app.database.reading(NOBODY) as session:
        assert app.authenticator.identities.identify_token(session, token) is None


def test_a_token_needs_the_password_and_a_name(app: Application) -> None:
    """SEC-22: nobody leaves himself a key at an unlocked screen."""
    visitor = Visitor(app, "admin")
    assert make(visitor, current_password="wrong") == "422"
    assert make(visitor, name="  ") == "422"
    with app.database.reading(system("test")) as session:
        assert own_account.living_tokens(session) == []


def test_tokens_are_for_those_with_the_right(app: Application) -> None:
    visitor = Visitor(app, "lebedeva")
    assert make(visitor) == "403"
    assert "Ключи API" not in visitor.get(ROOT).text


def test_an_unknown_token_is_not_there(app: Application) -> None:
    assert Visitor(app, "admin").post(f"{ROOT}/tokens/999999/revoke").status_code == 404


def test_nobody_sees_the_keys_of_others(app: Application) -> None:
    """SEC-2: tokens and sign-ins are found under the row rules."""
    admin = Visitor(app, "admin")
    make(admin)
    with app.database.reading(Access(user_id=99)) as session:
        assert own_account.living_tokens(session) == []
        assert own_account.living_sign_ins(session, sign_ins(app)[0].user_id) == []
