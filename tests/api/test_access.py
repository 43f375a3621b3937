"""Who may ask the API, how much, and in which words."""

from __future__ import annotations

import pytest

from core.access.models import ApiToken, User
from core.access.own_account import revoke_token
from core.access.people import disable
from core.web.api.limiting import RateLimit
from core.web.app import Application
from tests.api.conftest import Programs
from tests.api.program import V1
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor


def test_a_stranger_is_told_to_bring_a_token(app: Application) -> None:
    answer = Visitor(app).get(f"{V1}/")
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("sent", ["Bearer fct_wrong", "Bearer", "Basic YWRtaW46YWRtaW4=", "Bearer ф", "fct_x", ""])
def test_a_wrong_token_is_refused(app: Application, sent: str) -> None:
    answer = Visitor(app).get(f"{V1}/", headers={"Authorization": sent.encode().decode("latin-1")})
    assert answer.status_code == 401


def test_a_wrong_token_is_refused_even_with_a_cookie(app: Application) -> None:
    visitor = Visitor(app, "lebedeva")
    assert visitor.get(f"{V1}/").status_code == 200
    assert visitor.get(f"{V1}/", headers={"Authorization": "Bearer fct_wrong"}).status_code == 401


def test_a_cookie_reads_and_never_writes(app: Application) -> None:
    """SEC-23, SEC-24: with the page's own form token neither."""
    visitor = Visitor(app, "admin")
    wrong = []
    for route in app.router.routes.values():
        if route.api and route.methods != ("GET",):
            rule = route.rule.replace("<int(max=9223372036854775807):record_id>", "1")
            headers = {"X-CSRF-Token": visitor.token(), "Origin": "http://localhost"}
            status = visitor.client.open(rule, method=route.methods[0], json={}, headers=headers).status_code
            if status != 403:
                wrong.append(f"{route.methods} {rule}: {status}")
    assert wrong == []


def test_a_revoked_token_and_a_closed_account_end_at_once(program: Programs, dealership: Dealership) -> None:
    """SEC-11."""
    reception, manager = program("lebedeva"), program("petukhov")
    assert reception.get("/").status_code == manager.get("/").status_code == 200
    with dealership.session() as session:
        token = session.query(ApiToken).filter_by(user_id=reception.user_id).one()
        revoke_token(session, token.id)
        disable(session, session.get_one(User, manager.user_id))
    assert reception.get("/").status_code == 401
    assert manager.get("/").status_code == 401


def test_using_a_token_is_remembered(program: Programs, dealership: Dealership) -> None:
    reception = program("lebedeva")
    reception.get("/")
    with dealership.session() as session:
        assert session.query(ApiToken).filter_by(user_id=reception.user_id).one().last_used_at is not None


def test_the_language_is_asked_for_or_the_persons_own(program: Programs) -> None:
    reception = program("lebedeva")

    def words(language: str) -> str:
        found: str = reception.get("/openapi.json", Accept_Language=language).json["info"]["description"]
        return found

    assert words("en").startswith("Money is in whole kopecks")
    assert words("ru").startswith("Деньги — в целых копейках")
    assert words("de") == words("*") == words("en;q=0.5, ru") == words("ru")


def test_a_program_may_ask_so_often(program: Programs) -> None:
    """SEC-15: 429 with the seconds to wait; each token has its own count."""
    reception, other = program("lebedeva"), program("lebedeva")
    reception.app.api_limit = RateLimit(3)
    statuses = [reception.get("/").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = reception.get("/")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.content_type == "application/problem+json"
    assert other.get("/").status_code == 200


def test_guesses_of_tokens_are_counted(app: Application) -> None:
    """SEC-15."""
    app.api_limit = RateLimit(3)
    stranger = Visitor(app)
    headers = [{"Authorization": f"Bearer fct_{number}"} for number in range(4)]
    assert [stranger.get(f"{V1}/", headers=each).status_code for each in headers] == [401, 401, 401, 429]


@pytest.mark.addons("contacts")
def test_bodies_are_limited(program: Programs) -> None:
    """SEC-31: 1 MiB, and a length that is said."""
    reception = program("lebedeva")
    large = b'{"last_name": "' + b"x" * (1024 * 1024) + b'"}'
    assert reception.raw("POST", "/contacts/clients", large).status_code == 413
    assert reception.raw("POST", "/contacts/clients", b"last_name=x", "text/plain").status_code == 415


@pytest.mark.addons("contacts")
def test_a_page_does_not_take_a_token(program: Programs) -> None:
    """A token opens the API alone."""
    reception = program("lebedeva")
    assert reception.client.get("/clients", headers={"Authorization": f"Bearer {reception.token}"}).status_code == 303
