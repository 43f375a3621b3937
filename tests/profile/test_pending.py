"""What has to be done before anything else, and the upkeep of a sign-in."""

from __future__ import annotations

import re

import pyotp
import pytest
from sqlalchemy import select

from core.access import people
from core.access.models import SignIn, User
from core.access.policy import system
from core.testing.clock import SetClock
from core.web.app import Application
from tests.support.dealership import PASSWORD
from tests.support.visitors import Visitor

ROOT = "/profile/security"
NEW = "лодка у дальнего причала"
PAGES = ["/", "/profile", "/notifications", "/search", "/keys"]


def newcomer(app: Application, *roles: str) -> Visitor:
    """Somebody who has just come in with a one-time code."""
    with app.database.writing(system("test")) as session:
        _, code = people.create_user(
            session, app.authenticator.passwords, login="newcomer", full_name="Новиков Пётр", roles=roles
        )
    visitor = Visitor(app)
    assert visitor.post("/signin", {"login": "newcomer", "password": code}).status_code == 303
    return visitor


@pytest.mark.parametrize("page", PAGES)
def test_who_came_with_a_code_chooses_a_password_first(app: Application, page: str) -> None:
    """SEC-18: every page leads there, and the code opens nothing else."""
    visitor = newcomer(app)
    answer = visitor.get(page)
    assert (answer.status_code, answer.location) == (303, ROOT)
    assert visitor.post("/presence", {"state": "free"}).location == ROOT


def test_somebody_else_may_sign_in_instead(app: Application) -> None:
    visitor = newcomer(app)
    assert visitor.get("/signin?instead=1").status_code == 200
    assert visitor.post("/signin", {"login": "lebedeva", "password": PASSWORD}).location == "/"
    assert visitor.get("/profile").status_code == 200


def test_a_piece_of_a_page_sends_the_whole_page_there(app: Application) -> None:
    answer = newcomer(app).get("/notifications", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (403, ROOT)


def test_the_password_is_chosen_without_a_former_one_and_opens_the_rest(app: Application) -> None:
    visitor = newcomer(app)
    assert "current_password" not in visitor.get(ROOT).text
    assert visitor.post(f"{ROOT}/password", {"password": NEW, "again": "x"}).status_code == 422
    assert visitor.post(f"{ROOT}/password", {"password": "12345678", "again": "12345678"}).status_code == 422
    answer = visitor.post(f"{ROOT}/password", {"password": NEW, "again": NEW})
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.get("/profile").status_code == 200


def test_the_first_field_has_the_focus(app: Application) -> None:
    assert re.search(r'<input[^>]*id="password"[^>]* autofocus', newcomer(app).get(ROOT).text)


def test_so_has_the_password_before_the_second_factor(strict_app: Application) -> None:
    page = Visitor(strict_app, "admin").get(ROOT).text
    assert re.search(r'<input[^>]*id="current_password"[^>]* autofocus', page)


def test_nobody_else_can_name_himself(app: Application) -> None:
    """SEC-10: only the first account of an instance has no name yet."""
    visitor = newcomer(app)
    assert 'name="full_name"' not in visitor.get(ROOT).text
    visitor.post(f"{ROOT}/password", {"password": NEW, "again": NEW, "full_name": "Царёв Иван"})
    assert "Царёв" not in visitor.get("/profile").text


def test_the_first_administrator_says_his_name(app: Application) -> None:
    with app.database.writing(system("test")) as session:
        _, code = people.create_user(session, app.authenticator.passwords, login="first", full_name=people.NAMELESS)
    visitor = Visitor(app)
    visitor.post("/signin", {"login": "first", "password": code})
    page = visitor.get(ROOT).text
    assert 'name="full_name"' in page
    assert people.NAMELESS not in page
    refused = visitor.post(f"{ROOT}/password", {"password": NEW, "again": "x", "full_name": "Зимин Артём"})
    assert 'value="Зимин Артём"' in refused.text
    assert visitor.post(f"{ROOT}/password", {"password": NEW, "again": NEW, "full_name": "Зимин Артём"}).location == "/"
    assert "Зимин Артём" in visitor.get("/profile").text


def test_one_can_sign_out_instead(app: Application) -> None:
    visitor = newcomer(app)
    assert visitor.post("/signout").location == "/signin"


def test_an_administrator_sets_up_the_second_factor_first(strict_app: Application, clock: SetClock) -> None:
    """SEC-17: password, then generator, then everything."""
    visitor = Visitor(strict_app, "admin")
    assert visitor.get("/").location == ROOT
    assert visitor.post(f"{ROOT}/password", {"password": NEW, "again": NEW}).location == ROOT
    assert "second-factor" in visitor.get(ROOT).text
    assert visitor.post(f"{ROOT}/second-factor", {"current_password": "wrong"}).status_code == 422
    html = visitor.post(f"{ROOT}/second-factor", {"current_password": PASSWORD}).text
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', html)
    assert secret is not None
    code = pyotp.TOTP(secret[1]).at(clock())
    assert visitor.post(f"{ROOT}/second-factor/confirm", {"code": code}).status_code == 200
    assert visitor.get("/profile").status_code == 200


def test_who_needs_none_goes_on(strict_app: Application) -> None:
    assert Visitor(strict_app, "lebedeva").get("/profile").status_code == 200


def test_another_browser_signs_in_again_once_the_generator_is_there(strict_app: Application, clock: SetClock) -> None:
    here, elsewhere = Visitor(strict_app, "admin"), Visitor(strict_app, "admin")
    html = here.post(f"{ROOT}/second-factor", {"current_password": PASSWORD}).text
    secret = re.search(r'name="secret" value="([A-Z2-7]+)"', html)
    assert secret is not None
    here.post(f"{ROOT}/second-factor/confirm", {"code": pyotp.TOTP(secret[1]).at(clock())})
    assert elsewhere.get("/").location == ROOT
    page = elsewhere.get(ROOT).text
    assert "Войдите ещё раз" in page
    assert "current_password" not in page


# --- upkeep ----------------------------------------------------------------------------------------


def living(app: Application) -> SignIn:
    with app.database.reading(system("test")) as session:
        return session.scalars(select(SignIn).where(SignIn.revoked_at.is_(None)).order_by(SignIn.id.desc())).first()  # type: ignore[return-value]


def give_role(app: Application, login: str, *codes: str) -> None:
    with app.database.writing(system("test")) as session:
        user = session.scalars(select(User).where(User.login == login)).one()
        people.set_roles(session, user, codes)


def test_being_there_is_written_down_once_a_minute(app: Application, clock: SetClock) -> None:
    """SEC-19: the shift is counted from what the person did last."""
    visitor = Visitor(app, "lebedeva")
    came = living(app).last_seen_at
    visitor.get("/keys")
    assert living(app).last_seen_at == came
    clock.go(minutes=2)
    visitor.get("/keys")
    assert living(app).last_seen_at == clock()


def test_an_idle_administrator_is_out_after_half_an_hour(app: Application, clock: SetClock) -> None:
    """SEC-19: thirty minutes from the last page, not from the sign-in."""
    visitor = Visitor(app, "admin")
    for _ in range(3):
        clock.go(minutes=20)
        assert visitor.get("/keys").status_code == 200
    clock.go(minutes=31)
    assert visitor.get("/keys").status_code == 303


def test_what_a_page_asks_for_by_itself_keeps_nobody_signed_in(app: Application, clock: SetClock) -> None:
    """SEC-19: a page left open in a busy dealership fetches something every minute."""
    visitor = Visitor(app, "admin")
    for _ in range(2):
        clock.go(minutes=14)
        assert visitor.get("/notifications", headers={"X-Fragment": "1", "X-By-Itself": "1"}).status_code == 200
    clock.go(minutes=3)
    assert visitor.get("/keys").status_code == 303


def test_changed_roles_give_the_browser_a_new_id(app: Application) -> None:
    """SEC-19: with the next page, whose forms belong to the new id; the former one is of no use soon after."""
    visitor = Visitor(app, "lebedeva")
    former = visitor.client.get_cookie("forecourt")
    give_role(app, "lebedeva", "supervisor")
    page = visitor.get("/profile", headers={"Accept": "text/html"})
    present = visitor.client.get_cookie("forecourt")
    assert former is not None
    assert present is not None
    assert present.value != former.value
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token is not None
    fields = {"csrf_token": token[1], "language": "ru", "theme": "dark"}
    assert visitor.client.post("/profile", data=fields).status_code == 303


def test_the_former_id_ends(app: Application, clock: SetClock) -> None:
    visitor = Visitor(app, "lebedeva")
    former = visitor.client.get_cookie("forecourt")
    assert former is not None
    give_role(app, "lebedeva", "supervisor")
    visitor.get("/profile", headers={"Accept": "text/html"})
    late = Visitor(app)
    late.client.set_cookie("forecourt", former.value)
    assert late.get("/keys").status_code == 200
    clock.go(seconds=31)
    assert late.get("/keys").status_code == 303


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"X-Fragment": "1"}, {"Sec-Fetch-Mode": "cors"}])
def test_a_piece_of_a_page_renews_nothing(app: Application, headers: dict[str, str]) -> None:
    """The forms of the page around it carry the former id's token."""
    visitor = Visitor(app, "lebedeva")
    former = visitor.client.get_cookie("forecourt")
    give_role(app, "lebedeva", "supervisor")
    visitor.get("/notifications", headers={**headers, "Accept": "text/html"})
    assert visitor.client.get_cookie("forecourt") == former
