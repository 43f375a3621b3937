"""Guessing is slowed down, by evidence in the database, so it counts across processes (SEC-15, SEC-17).

Every try is written down as failed before the password is looked at, and marked good afterwards:
many tries at once cannot slip past the limit together. Nobody is locked out for good.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select

from core.access.models import SignInAttempt
from core.db.engine import WorkSession
from core.errors import TooMany
from core.text.msgids import T

BY_PASSWORD = "password"  # noqa: S105 - a kind of try
BY_CODE = "code"
_KEEP = timedelta(days=90)
_MESSAGE = T("Too many tries. Wait a little and try again.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How many failures are let through in ``window``, and how the delay grows from there.

    The first failure at the limit costs ``first_delay``, each further one twice as much, up to ``longest_delay``.
    """

    window: timedelta = timedelta(minutes=15)
    per_account: int = 10
    per_network: int = 50
    first_delay: timedelta = timedelta(seconds=5)
    longest_delay: timedelta = timedelta(minutes=5)
    codes: int = 5
    code_window: timedelta = timedelta(minutes=1)

    def delay(self, failures: int, limit: int) -> timedelta:
        """How long after the last of so many failures nothing is tried."""
        if failures < limit:
            return timedelta(0)
        return min(self.first_delay * (1 << min(failures - limit, 20)), self.longest_delay)


def network_of(address: str) -> str:
    """What one attacker certainly holds: the address itself, for IPv6 its /64; a text that is none stays."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def unknown_login(key: bytes, login: str) -> str:
    """How a name that nobody has is written down: it may be a password in the wrong field."""
    return "?" + hashlib.blake2b(login.encode("utf-8", "surrogatepass"), key=key, digest_size=12).hexdigest()


def check_password_tries(session: WorkSession, limits: Limits, login: str, address: str) -> None:
    """Raise ``TooMany`` while the account or the address has to wait."""
    since = session.now() - limits.window
    account = _failures_of(session, login, since, limits.per_account + 20)
    network = _failures_from(session, network_of(address), since)
    waits = [
        _wait(session.now(), account, limits, limits.per_account),
        _wait(session.now(), network, limits, limits.per_network),
    ]
    _refuse(max(waits))


def check_code_tries(session: WorkSession, limits: Limits, login: str) -> None:
    """Raise ``TooMany`` after five wrong codes of an account within a minute."""
    since = session.now() - limits.code_window
    tries = session.scalars(
        select(SignInAttempt.at)
        .where(SignInAttempt.login == login, SignInAttempt.kind == BY_CODE, SignInAttempt.at > since, ~SignInAttempt.ok)
        .order_by(SignInAttempt.at)
    ).all()
    if len(tries) >= limits.codes:
        _refuse(tries[-limits.codes] + limits.code_window - session.now())


def begin_try(session: WorkSession, kind: str, login: str, address: str) -> SignInAttempt:
    """Write a try down as failed; the caller marks it ``ok`` when it proves right."""
    attempt = SignInAttempt(at=session.now(), kind=kind, login=login[:64], network=network_of(address), ok=False)
    session.add(attempt)
    session.flush()
    return attempt


def forget_tries(session: WorkSession) -> None:
    """Drop evidence nobody counts any more; called daily."""
    session.execute(delete(SignInAttempt).where(SignInAttempt.at < session.now() - _KEEP))


Failures = tuple[int, datetime | None]


def _failures_of(session: WorkSession, login: str, since: datetime, enough: int) -> Failures:
    """How many of the account's tries failed since the last good one, and when the latest was."""
    tries = session.execute(
        select(SignInAttempt.at, SignInAttempt.ok)
        .where(SignInAttempt.login == login, SignInAttempt.kind == BY_PASSWORD, SignInAttempt.at > since)
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(enough)
    ).all()
    failures = 0
    for _, ok in tries:
        if ok:
            break
        failures += 1
    return failures, tries[0].at if failures else None


def _failures_from(session: WorkSession, network: str, since: datetime) -> Failures:
    """How many tries from the address failed; a good one among them clears nothing."""
    found = session.execute(
        select(func.count(), func.max(SignInAttempt.at)).where(
            SignInAttempt.network == network,
            SignInAttempt.kind == BY_PASSWORD,
            SignInAttempt.at > since,
            ~SignInAttempt.ok,
        )
    ).one()
    return found[0], found[1]


def _wait(now: datetime, failures: Failures, limits: Limits, limit: int) -> timedelta:
    count, latest = failures
    return latest + limits.delay(count, limit) - now if latest else timedelta(0)


def _refuse(wait: timedelta) -> None:
    if wait > timedelta(0):
        raise TooMany(_MESSAGE, retry_after=int(wait.total_seconds()) + 1)
