"""Requests through proxies: only the listed ones may say who asks and by which address (SEC-15, SEC-28)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from itsdangerous import Signer
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from core.access.crypto import csrf_token
from core.access.models import SignIn, SignInAttempt
from core.config import ConfigError, load_config
from core.db.audit import AuditEntry, AuditValue
from core.web.app import Application
from core.web.proxies import TrustedProxies
from tests.support.dealership import PASSWORD, Dealership

PROXY = "10.0.8.2"
CLIENT = "203.0.113.7"
FORGED = "198.51.100.66"


@pytest.fixture
def proxied(dealership: Dealership) -> Iterator[Application]:
    """The application behind a proxy."""
    app = Application(msgspec.structs.replace(dealership.config, trusted_proxies=("127.0.0.1", "10.0.8.0/24")))
    yield app
    app.close()


def seen(peer: str, trusted: tuple[str, ...] = ("10.0.8.0/24", "2001:db8::/64"), **headers: str) -> dict[str, Any]:
    """What views see of a request with these forwarding headers."""
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", "HTTP_HOST": "inner:8000"}
    environ |= {f"HTTP_X_FORWARDED_{name.upper()}": value for name, value in headers.items()}
    TrustedProxies(trusted).apply(environ)
    return environ


def sign_in(app: Application, peer: str, password: str = PASSWORD, **headers: str) -> TestResponse:
    """Send the sign-in form from an address."""
    client = Client(app)
    arguments: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": peer}, "headers": headers}
    client.get("/signin", **arguments)
    visitor = client.get_cookie("visitor") or client.get_cookie("__Host-visitor")
    assert visitor is not None
    fields = {
        "login": "petukhov",
        "password": password,
        "csrf_token": csrf_token(app.secret, visitor_mark(app, visitor.value)),
    }
    return client.post("/signin", data=fields, **arguments)


def visitor_mark(app: Application, value: str) -> str:
    """The mark in the browser's cookie, which the sign-in form is bound to."""
    return Signer(app.secret, salt="forecourt.visitor").unsign(value).decode()


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (CLIENT, CLIENT),
        (f"{FORGED}, {CLIENT}", CLIENT),
        (f"{FORGED}, {CLIENT}, 10.0.8.9", CLIENT),
        (f"{CLIENT}:51234", CLIENT),
        ("[2001:db8:1::5]:443", "2001:db8:1::5"),
        (f"::ffff:{CLIENT}", CLIENT),
        ("10.0.8.5, 10.0.8.9", "10.0.8.5"),
        (f"{FORGED}, unknown, 10.0.8.9", "10.0.8.9"),
        ("unknown", PROXY),
        ("", PROXY),
        ("'; DROP TABLE core_user", PROXY),
    ],
)
def test_the_client_is_the_rightmost_address_that_is_no_proxy(chain: str, client: str) -> None:
    assert seen(PROXY, **{"for": chain})["REMOTE_ADDR"] == client


@pytest.mark.parametrize("peer", [FORGED, "", "::1", "10.0.9.2"])
def test_headers_of_an_untrusted_peer_count_for_nothing(peer: str) -> None:
    environ = seen(peer, **{"for": CLIENT, "proto": "https", "host": "evil.example"})
    assert (environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == (peer, "http", "inner:8000")


def test_nobody_is_trusted_unless_told() -> None:
    assert seen("127.0.0.1", (), **{"for": CLIENT})["REMOTE_ADDR"] == "127.0.0.1"


@pytest.mark.parametrize("peer", [PROXY, f"::ffff:{PROXY}", "2001:db8::1"])
def test_a_trusted_proxy_says_scheme_and_host(peer: str) -> None:
    environ = seen(peer, proto="http, https", host="evil.example, forecourt.example:8443")
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("https", "forecourt.example:8443")


@pytest.mark.parametrize("host", ["a b", "x/y", "user@host", "[::1", "хост"])
def test_a_scheme_or_host_that_is_none_is_left_out(host: str) -> None:
    environ = seen(PROXY, proto="javascript", host=host)
    assert (environ["wsgi.url_scheme"], environ["HTTP_HOST"]) == ("http", "inner:8000")


def test_audit_and_sign_ins_show_the_client_behind_the_proxy(proxied: Application, dealership: Dealership) -> None:
    answer = sign_in(proxied, PROXY, **{"X-Forwarded-For": f"{FORGED}, {CLIENT}"})
    assert answer.status_code == 303
    with dealership.session() as session:
        assert session.scalars(select(SignIn.address)).all() == [CLIENT]
        assert session.scalars(select(SignInAttempt.network)).all() == [CLIENT]
        noted = select(AuditValue.changes).join(AuditEntry).where(AuditEntry.action == "sign_in")
        assert CLIENT in str(session.scalars(noted).one())


def test_guessing_through_forged_headers_counts_for_the_peer(proxied: Application, dealership: Dealership) -> None:
    for number in range(3):
        sign_in(proxied, CLIENT, "wrong password", **{"X-Forwarded-For": f"198.51.100.{number}"})
    with dealership.session() as session:
        assert set(session.scalars(select(SignInAttempt.network))) == {CLIENT}


def test_cookies_are_secure_when_the_proxy_was_asked_by_https(proxied: Application) -> None:
    secure = sign_in(proxied, PROXY, **{"X-Forwarded-Proto": "https"})
    assert "__Host-forecourt=" in secure.headers["Set-Cookie"]
    assert "Secure" in secure.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in secure.headers
    forged = sign_in(proxied, CLIENT, **{"X-Forwarded-Proto": "https"})
    assert "Secure" not in forged.headers["Set-Cookie"]


def test_a_form_from_the_address_the_proxy_names_is_an_own_one(proxied: Application) -> None:
    own = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "forecourt.example", "Origin": "https://forecourt.example"}
    assert sign_in(proxied, PROXY, **own).status_code == 303
    assert sign_in(proxied, CLIENT, **own).status_code != 303


def test_wrong_entries_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, {"FORECOURT_TRUSTED_PROXIES": "proxy.example, 10.0.0.1/8, 0.0.0.0/0, ::1"})
    assert len(caught.value.problems) == 3
    config = load_config(tmp_path, {"FORECOURT_TRUSTED_PROXIES": "::1, 10.0.8.0/24"})
    assert config.trusted_proxies == ("::1", "10.0.8.0/24")
