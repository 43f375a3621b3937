"""What a person does with his own keys: password, second factor, sign-ins, API tokens (SEC-17 to SEC-22).

Everything that would let a stranger at an unlocked screen stay asks for the password again; ``address`` is where
the request came from: it is written down with a wrong one, and slowed down alone (SEC-15, SEC-63).
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from core.access.crypto import new_token, token_hash
from core.access.identity import TOKEN_PREFIX, Identity
from core.access.models import ApiToken, RecoveryCode, SignIn, User
from core.access.people import NAMELESS
from core.access.second_factor import Enrolment, renew_recovery_codes
from core.access.signin import Authenticator
from core.db.audit import Change, note_action, record_changes
from core.db.change import within
from core.db.engine import WorkSession
from core.errors import Forbidden, Invalid, NotFound, NotSignedIn
from core.text.emails import looks_like_email
from core.text.msgids import LANGUAGES, T

END, REVOKE = "core.sign_in.end", "core.api_token.revoke"
THEMES = ("auto", "light", "dark")
_KEEP_ENDED = timedelta(days=90)
_ENDED = T("This sign-in has ended.")


def is_nameless(user: User) -> bool:
    """Whether this is the first account of the instance, before its owner has said his name."""
    return user.full_name == NAMELESS and not user.password_hash


def change_password(
    session: WorkSession,
    keys: Authenticator,
    identity: Identity,
    current: str,
    new: str,
    *,
    address: str,
    name: str = "",
) -> str:
    """A new password. All the person's sign-ins end; this browser gets the id returned.

    Who has just come in with a one-time code is not asked for a current password: he has none.

    :param name: what the owner of a nameless account is called; of any other it is not asked (SEC-10).

    :raises Invalid: when the current one is wrong or the new one is too easy.
    """
    user = own_user(session)
    name = name.strip()[:160] if is_nameless(user) else ""
    keys.passwords.check_new(new, [user.login, name or user.full_name, user.email])
    if user.password_hash or not user.must_change_password:
        keys.check_password(session, user, current, address)
    session.commit()
    user.full_name = name or user.full_name
    user.password_hash = keys.passwords.hash(new)
    user.must_change_password = False
    session.flush()
    note_action(session, "password_changed", user)
    token = keys.replace(session, identity)
    others = (SignIn.user_id == user.id, SignIn.revoked_at.is_(None), SignIn.token_hash != token_hash(token))
    session.connection().execute(update(SignIn).where(*others).values(revoked_at=session.now()))
    return token


def change_email(session: WorkSession, keys: Authenticator, password: str, email: str, *, address: str) -> None:
    """Another e-mail address for oneself, or none, after the password; the trail keeps both (SEC-22, SEC-63).

    :raises Invalid: when the text is no address or the password is wrong.
    """
    session.access.require("core.profile.change")
    email = email.strip()
    if email and not looks_like_email(email):
        raise Invalid({"email": [T("This is no e-mail address.")]})
    user = own_user(session)
    keys.check_password(session, user, password, address)
    user.email = email
    session.flush()


def enrol(session: WorkSession, keys: Authenticator, password: str, *, address: str) -> Enrolment:
    """Begin to set up a code generator, after the password."""
    user = own_user(session)
    keys.check_password(session, user, password, address)
    return keys.second_factors.enrol(session, user)


def confirm_enrolment(
    session: WorkSession, keys: Authenticator, identity: Identity, code: str, *, address: str
) -> tuple[list[str], str]:
    """Turn the generator on: the recovery codes, shown this once, and this browser's new id.

    :raises Invalid: when the code does not fit, TooMany after five of those in a minute.
    """
    user = own_user(session)
    attempt = keys.begin_code(session, user, address)
    recovery_codes = keys.second_factors.confirm(session, user, code)
    attempt.ok = True
    return recovery_codes, keys.replace(session, identity, second_factor_at=session.now())


def remove_second_factor(
    session: WorkSession, keys: Authenticator, identity: Identity, password: str, code: str, *, address: str
) -> str:
    """Turn the generator off, after the password and one last code; this browser's new id."""
    user = own_user(session)
    keys.check_password(session, user, password, address)
    keys.check_code(session, user, code, address)
    keys.second_factors.remove(session, user)
    return keys.replace(session, identity, second_factor_at=None)


def new_recovery_codes(session: WorkSession, keys: Authenticator, password: str, *, address: str) -> list[str]:
    """Ten new recovery codes instead of the old ones, after the password."""
    user = own_user(session)
    keys.check_password(session, user, password, address)
    return renew_recovery_codes(session, user)


def recovery_codes_left(session: WorkSession) -> int:
    """How many of the person's recovery codes have not been used."""
    unused = (RecoveryCode.user_id == session.access.user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count(RecoveryCode.id)).where(*unused)) or 0


def change_own_profile(session: WorkSession, *, language: str, theme: str, letter_keys: bool) -> None:
    """Language, look and keys; nothing here reaches the login, the roles or the rights (SEC-10).

    :raises Invalid: for a language or theme there is none of.
    """
    session.access.require("core.profile.change")
    offered = {"language": (language, LANGUAGES), "theme": (theme, THEMES)}
    errors: dict[str, list[str]] = {
        name: [T("Choose one of the list.")] for name, (value, known) in offered.items() if value not in known
    }
    if errors:
        raise Invalid(errors)
    user = own_user(session)
    user.language, user.theme, user.letter_keys = language, theme, letter_keys
    session.flush()


def own_user(session: WorkSession) -> User:
    """The person of the session, as a record."""
    user = session.scalars(select(User).where(User.id == session.access.user_id)).one_or_none()
    if user is None:
        raise NotSignedIn(T("Sign in to go on."))
    return user


# --- sign-ins ------------------------------------------------------------------------------------


def end_own(session: WorkSession, identity: Identity) -> None:
    """End the sign-in of this browser, also where somebody else signs in instead."""
    mine = (SignIn.id == identity.sign_in_id, SignIn.revoked_at.is_(None))
    session.connection().execute(update(SignIn).where(*mine).values(revoked_at=session.now()))
    note_action(session, "sign_out", session.get(User, identity.access.user_id))


def living_sign_ins(session: WorkSession, user_id: int) -> list[SignIn]:
    """A person's living sign-ins, the latest first; other people's for those with the right on all (SEC-21)."""
    living = (SignIn.user_id == user_id, SignIn.revoked_at.is_(None), SignIn.expires_at > session.now())
    return list(session.scalars(select(SignIn).where(*living).order_by(SignIn.last_seen_at.desc())))


def end_sign_in(session: WorkSession, sign_in_id: int) -> None:
    """End one sign-in: one's own, or anybody's for those with the right on all.

    :raises NotFound: when it is not this person's to end, or has ended.
    """
    if not _end(session, SignIn.id == sign_in_id):
        raise NotFound(_ENDED)


def end_sign_ins(session: WorkSession, user_id: int, keep: Identity | None = None) -> int:
    """End all of a person's sign-ins, but the one kept; how many there were."""
    kept = keep.sign_in_id if keep is not None else None
    return _end(session, SignIn.user_id == user_id, SignIn.id != (kept or 0))


def _end(session: WorkSession, *which: ColumnElement[bool]) -> int:
    """End the living ones among those the person sees and his right to end them reaches (SEC-6)."""
    session.access.require(END)
    living = (*which, SignIn.revoked_at.is_(None), within(session, SignIn, END))
    ended = Counter(
        session.scalars(update(SignIn).where(*living).values(revoked_at=session.now()).returning(SignIn.user_id))
    )
    record_changes(
        session,
        [Change("sign_ins_ended", User.__tablename__, user_id, {"number": n}) for user_id, n in sorted(ended.items())],
    )
    return ended.total()


def forget_sign_ins(session: WorkSession) -> None:
    """Drop sign-ins that ended long ago; called daily."""
    horizon = session.now() - _KEEP_ENDED
    session.execute(delete(SignIn).where(or_(SignIn.expires_at < horizon, SignIn.revoked_at < horizon)))


# --- API tokens ----------------------------------------------------------------------------------


def create_token(session: WorkSession, user: User, name: str, expires_at: datetime | None = None) -> str:
    """A key for a program that works as this person; it is shown this once, the database keeps a hash.

    :raises Forbidden: for somebody else's account; :raises Invalid: without a name.
    """
    session.access.require("core.api_token.create")
    if user.id != session.access.user_id and not session.access.elevated:
        raise Forbidden(T("A token can be made for yourself only."))
    if not name.strip():
        raise Invalid({"name": [T("Give the token a name that tells what it is for.")]})
    token = TOKEN_PREFIX + new_token()
    session.add(
        ApiToken(
            name=name.strip()[:80],
            user_id=user.id,
            token_hash=token_hash(token),
            prefix=token[:12],
            expires_at=expires_at,
        )
    )
    session.flush()
    return token


def living_tokens(session: WorkSession) -> list[ApiToken]:
    """The person's own API tokens that have not been revoked, the newest first; those run out among them."""
    mine = (ApiToken.user_id == session.access.user_id, ApiToken.revoked_at.is_(None))
    return list(session.scalars(select(ApiToken).where(*mine).order_by(ApiToken.id.desc())))


def revoke_token(session: WorkSession, token_id: int) -> None:
    """End an API token: one's own, or anybody's for those with the right on all.

    :raises NotFound: when it is not this person's to revoke, or has ended.
    """
    session.access.require(REVOKE)
    living = (ApiToken.id == token_id, ApiToken.revoked_at.is_(None), within(session, ApiToken, REVOKE))
    token = session.scalars(select(ApiToken).where(*living)).one_or_none()
    if token is None:
        raise NotFound(T("This token has ended."))
    token.revoked_at = session.now()
    session.flush()
