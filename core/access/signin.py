"""Signing in: the login and the password, the second factor, the id a browser gets (SEC-13 to SEC-19).

Hashing a password takes 30 ms on purpose. Checking one therefore ends the transaction before it
hashes (on SQLite it would keep every other writer waiting), and commits the evidence of a failed
try before it refuses. So it comes first in a request, never in the midst of other changes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import insert, select, update

from core.access import throttle
from core.access.crypto import SecretBox, derive_key, new_token, token_hash
from core.access.identity import Identities, Identity, SignInRules, access_of
from core.access.models import SignIn, SignInAttempt, User, fold_login
from core.access.passwords import Passwords, read_code
from core.access.second_factor import SecondFactors
from core.access.throttle import Limits
from core.db.audit import note_action
from core.db.engine import WorkSession
from core.errors import Invalid, NotSignedIn, Refusal, TooMany
from core.text.msgids import T

__all__ = ["Authenticator", "Identity", "SignInResult", "make_authenticator"]

_WRONG = T("The login or the password is wrong.")
_WRONG_PASSWORD = T("The password is wrong.")
_WRONG_CODE = T("The code is wrong or was used already.")
_BEGIN_AGAIN = T("That took too long. Sign in again.")
_TICKET_LASTS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class SignInResult:
    """How signing in went: a ``token`` for the cookie, or a ``ticket`` with which the code is asked for."""

    user: User
    token: str = ""
    ticket: str = ""

    @property
    def second_factor_needed(self) -> bool:
        """Whether the password was right and the code is still missing."""
        return not self.token


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Lets people in. One object per process, made with the application by :func:`make_authenticator`."""

    passwords: Passwords
    second_factors: SecondFactors
    identities: Identities
    limits: Limits
    tickets: URLSafeSerializer
    attempts_key: bytes = field(repr=False)

    def sign_in(
        self, session: WorkSession, login: str, password: str, code: str | None = None, *, address: str, user_agent: str
    ) -> SignInResult:
        """Check a login and a password, and the code when the person has a generator.

        Without the code the result holds a ticket for :meth:`finish`.

        :raises TooMany: before anything is hashed, while the account or the address has to wait.
        :raises Invalid: with one text for an unknown name, a wrong password and a disabled person.
        """
        folded = fold_login(login)[:64]
        user = session.scalars(select(User).where(User.login == folded).with_for_update()).one_or_none()
        name = folded if user is not None else throttle.unknown_login(self.attempts_key, folded)
        attempt = self._begin(session, name, address)
        hashed = _usable_hash(session, user)
        if (
            not self._verify(user, hashed, password)
            or user is None
            or not self._take_up(session, user, hashed, password)
        ):
            _refuse(session, Invalid({"password": [_WRONG]}, _WRONG), user, name, address)
        attempt.ok = True
        if not self.second_factors.enrolled(session, user.id):
            return SignInResult(user, token=self.open(session, user, address=address, user_agent=user_agent))
        ticket = self._ticket(session, user)
        if code is None:
            return SignInResult(user, ticket=ticket)
        return self.finish(session, ticket, code, address=address, user_agent=user_agent)

    def finish(self, session: WorkSession, ticket: str, code: str, *, address: str, user_agent: str) -> SignInResult:
        """The second step: the code of the generator, or a recovery code.

        :raises NotSignedIn: when the ticket is too old or not ours; the person begins again.
        :raises Invalid: when the code is wrong or was used already.
        :raises TooMany: after five wrong codes in a minute.
        """
        user = self._holder(session, ticket)
        self.check_code(session, user, code, address)
        token = self.open(session, user, address=address, user_agent=user_agent, second_factor=True)
        return SignInResult(user, token=token)

    def open(
        self, session: WorkSession, user: User, *, address: str, user_agent: str, second_factor: bool = False
    ) -> str:
        """Give the person's browser an id. Whoever calls this has made sure who he is (SEC-19)."""
        token, now = new_token(), session.now()
        session.add(
            SignIn(
                token_hash=token_hash(token),
                user_id=user.id,
                created_at=now,
                last_seen_at=now,
                expires_at=now + self.identities.rules.lasts,
                second_factor_at=now if second_factor else None,
                roles=_roles_of(session, user.id),
                address=address[:45],
                user_agent=user_agent[:255],
            )
        )
        session.flush()
        note_action(session, "sign_in", user, address=address)
        return token

    def renew(self, session: WorkSession, identity: Identity) -> str:
        """A new id for a browser whose person's roles have changed (SEC-19).

        The former one works a little longer, for the requests that are on their way.
        """
        return self.replace(session, identity, former_until=session.now() + self.identities.rules.handover)

    def replace(self, session: WorkSession, identity: Identity, **changed: datetime | None) -> str:
        """A new id for this browser, ending when the former one would have.

        :param changed: ``former_until``, if the former id shall not end at once; ``second_factor_at``.
        :raises NotSignedIn: when the former id has ended or has a follower.
        """
        connection, now = session.connection(), session.now()
        until = changed.pop("former_until", now)
        # One that another request of the same browser has replaced already ends soon: the follower must not inherit it.
        lasting = SignIn.expires_at > now + self.identities.rules.handover
        mine = (SignIn.id == identity.sign_in_id, SignIn.revoked_at.is_(None), lasting)
        columns = [column for column in SignIn.__mapper__.columns if column.name not in ("id", "token_hash")]
        former = connection.execute(select(*columns).where(*mine).with_for_update()).mappings().one_or_none()
        if former is None:
            raise NotSignedIn(_BEGIN_AGAIN)
        connection.execute(
            update(SignIn).where(*mine).values(revoked_at=now if until == now else None, expires_at=until)
        )
        token = new_token()
        roles = _roles_of(session, former["user_id"])
        values = {**former, "created_at": now, "last_seen_at": now, "roles": roles, **changed}
        connection.execute(insert(SignIn).values(token_hash=token_hash(token), **values))
        return token

    # --- parts that a person's own keys need as well ---------------------------------------------

    def check_password(self, session: WorkSession, user: User, password: str, address: str) -> None:
        """Ask for the password again, before anything that would let a stranger stay (SEC-22).

        :raises Invalid: when it is wrong, and TooMany as signing in does.
        """
        attempt = self._begin(session, user.login, address)
        if not self.passwords.verify(user.password_hash, password):
            _refuse(session, Invalid({"current_password": [_WRONG_PASSWORD]}), user, user.login, address)
        attempt.ok = True

    def check_code(self, session: WorkSession, user: User, code: str, address: str) -> None:
        """Use up a code of the person's generator, or a recovery code.

        :raises Invalid: when it is wrong or was used already.
        :raises TooMany: after five wrong codes in a minute.
        """
        attempt = self.begin_code(session, user, address)
        if not self.second_factors.accept(session, user.id, code):
            _refuse(session, Invalid({"code": [_WRONG_CODE]}, _WRONG_CODE), user, user.login, address)
        attempt.ok = True

    def begin_code(self, session: WorkSession, user: User, address: str) -> SignInAttempt:
        """Refuse or write down a try with a code."""
        # The person's row serves as the lock: of many codes at once each is counted before it is tried.
        session.scalars(select(User.id).where(User.id == user.id).with_for_update()).one()
        try:
            throttle.check_code_tries(session, self.limits, user.login)
        except TooMany as too_many:
            _refuse(session, too_many, user, user.login, address)
        attempt = throttle.begin_try(session, throttle.BY_CODE, user.login, address)
        session.commit()
        return attempt

    # --- parts ---------------------------------------------------------------------------------

    def _begin(self, session: WorkSession, name: str, address: str) -> SignInAttempt:
        """Refuse or write down a try, and let go of the database before the hashing."""
        try:
            throttle.check_password_tries(session, self.limits, name, address)
        except TooMany as too_many:
            _refuse(session, too_many, None, name, address)
        attempt = throttle.begin_try(session, throttle.BY_PASSWORD, name, address)
        session.commit()
        return attempt

    def _verify(self, user: User | None, hashed: str, password: str) -> bool:
        one_time = user is not None and user.code_expires_at is not None
        return self.passwords.verify(hashed, read_code(password) if one_time else password)

    def _take_up(self, session: WorkSession, user: User, hashed: str, password: str) -> bool:
        """Use up a one-time code, or strengthen the hash; false when the account changed meanwhile."""
        stronger = hashed
        if user.code_expires_at is None and self.passwords.outdated(hashed):
            stronger = self.passwords.hash(password)
        session.refresh(user, with_for_update=True)
        if not user.active or user.password_hash != hashed:
            return False
        if user.code_expires_at is not None:
            user.password_hash, user.code_expires_at, user.must_change_password = "", None, True
        elif stronger != hashed:
            user.password_hash = stronger
        return True

    def _ticket(self, session: WorkSession, user: User) -> str:
        expires = int((session.now() + _TICKET_LASTS).timestamp())
        return str(self.tickets.dumps([user.id, expires, _fingerprint(user)]))

    def _holder(self, session: WorkSession, ticket: str) -> User:
        """Whose ticket this is; a changed password or a disabled account makes it worthless."""
        try:
            user_id, expires, fingerprint = self.tickets.loads(ticket)
        except (BadSignature, ValueError) as error:
            raise NotSignedIn(_BEGIN_AGAIN) from error
        user = session.scalars(select(User).where(User.id == user_id, User.active)).one_or_none()
        late = expires <= session.now().timestamp()
        if user is None or late or not hmac.compare_digest(fingerprint, _fingerprint(user)):
            raise NotSignedIn(_BEGIN_AGAIN)
        return user


def make_authenticator(
    secret: str,
    issuer: str,
    *,
    rules: SignInRules | None = None,
    limits: Limits | None = None,
    passwords: Passwords | None = None,
    previous_secrets: Iterable[str] = (),
) -> Authenticator:
    """The authenticator of one instance.

    :param secret: the instance's secret; ``previous_secrets`` still open what was sealed with them.
    :param issuer: the dealership's name: it stands in the phone beside the codes, and in no password.
    """
    return Authenticator(
        passwords=passwords or Passwords([issuer]),
        second_factors=SecondFactors(SecretBox(secret, *previous_secrets), issuer),
        identities=Identities(rules or SignInRules()),
        limits=limits or Limits(),
        tickets=URLSafeSerializer(
            derive_key(secret, "sign-in ticket"),
            signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
        ),
        attempts_key=derive_key(secret, "sign-in attempts"),
    )


def _usable_hash(session: WorkSession, user: User | None) -> str:
    """The hash to compare with; none for strangers, disabled people and codes that have run out."""
    if user is None or not user.active:
        return ""
    out = user.code_expires_at is not None and user.code_expires_at <= session.now()
    return "" if out else user.password_hash


def _refuse(session: WorkSession, refusal: Refusal, user: User | None, name: str, address: str) -> NoReturn:
    """Refuse a try and keep the evidence, which the refusal would otherwise roll back (SEC-15, SEC-63)."""
    note_action(session, "sign_in_refused", user, login=name, address=address, why=type(refusal).__name__)
    session.commit()
    raise refusal


def _roles_of(session: WorkSession, user_id: int) -> str:
    access = access_of(session, user_id)
    return " ".join(sorted(access.roles)) if access else ""


def _fingerprint(user: User) -> str:
    return hashlib.sha256(f"{user.id}:{user.password_hash}".encode()).hexdigest()[:32]
