"""The second factor: codes of a generator on the phone, and recovery codes for when it is lost (SEC-17)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from sqlalchemy import CursorResult, Update, delete, select, update

from core.access.crypto import SecretBox, token_hash
from core.access.models import RecoveryCode, SecondFactor, User, raise_epoch
from core.access.passwords import new_code, read_code
from core.db.audit import note_action
from core.db.engine import WorkSession
from core.errors import Conflict, Invalid
from core.text.msgids import T

RECOVERY_CODES = 10
STEP = 30
_SLACK = (-1, 0, 1)
"""A phone's clock may be one step off."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the person puts into the phone: the secret to type, or the address behind the QR picture."""

    secret: str
    uri: str


def qr_picture(uri: str) -> str:
    """The address as a QR picture, a ``data:`` address; empty for what is no address of a generator.

    Black on white with a margin of its own, so phones can read it on a dark page as well.
    """
    if not uri.startswith("otpauth://"):
        return ""
    import segno  # only enrolling needs it

    return segno.make(uri, error="m", micro=False).svg_data_uri(scale=4, border=4, dark="#000", light="#fff")


class SecondFactors:
    """Enrols and checks generators; their secrets lie sealed in the database."""

    def __init__(self, box: SecretBox, issuer: str) -> None:
        self._box = box
        self._issuer = issuer

    def enrolled(self, session: WorkSession, user_id: int) -> bool:
        """Whether the person has a confirmed generator and so is asked for its code."""
        confirmed = SecondFactor.confirmed_at.is_not(None)
        return (
            session.scalar(select(SecondFactor.user_id).where(SecondFactor.user_id == user_id, confirmed)) is not None
        )

    def enrol(self, session: WorkSession, user: User) -> Enrolment:
        """Give out a new secret. It counts only when :meth:`confirm` has seen a code made with it.

        :raises Conflict: when a confirmed generator is there; it has to be removed first.
        """
        factor = _factor(session, user.id)
        if factor is not None and factor.confirmed_at is not None:
            raise Conflict(T("The second factor is already on."))
        import pyotp

        secret = pyotp.random_base32(32)
        sealed = self._box.seal(secret, _context(user.id))
        if factor is None:
            session.add(SecondFactor(user_id=user.id, secret=sealed, last_step=0))
        else:
            factor.secret, factor.last_step = sealed, 0
        session.flush()
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.login, issuer_name=self._issuer)
        return Enrolment(secret, uri)

    def confirm(self, session: WorkSession, user: User, code: str) -> list[str]:
        """Turn the generator on and give out the recovery codes, which are shown this once.

        :raises Invalid: when the code was not made by the generator just enrolled.
        """
        factor = _factor(session, user.id)
        if factor is None or not self._accept_generated(session, factor, code):
            raise Invalid({"code": [T("The code does not fit. Check the time on the phone.")]})
        factor.confirmed_at = session.now()
        raise_epoch(session.connection())
        note_action(session, "second_factor_on", user)
        return renew_recovery_codes(session, user)

    def remove(self, session: WorkSession, user: User) -> None:
        """Turn the generator off, with its recovery codes."""
        session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
        session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        raise_epoch(session.connection())
        note_action(session, "second_factor_off", user)

    def accept(self, session: WorkSession, user_id: int, code: str) -> bool:
        """Whether the code is good now. It is used up by this: the same code is never good twice."""
        factor = _factor(session, user_id)
        if factor is None or factor.confirmed_at is None:
            return False
        return self._accept_generated(session, factor, code) or _accept_recovery(session, user_id, code)

    def reseal(self, session: WorkSession) -> int:
        """Seal secrets again that were sealed with an earlier key; how many there were (SEC-66)."""
        old = [factor for factor in session.scalars(select(SecondFactor)) if self._box.outdated(factor.secret)]
        for factor in old:
            context = _context(factor.user_id)
            factor.secret = self._box.seal(self._box.open(factor.secret, context), context)
        return len(old)

    def _accept_generated(self, session: WorkSession, factor: SecondFactor, code: str) -> bool:
        import pyotp

        generator = pyotp.TOTP(self._box.open(factor.secret, _context(factor.user_id)), interval=STEP)
        typed = "".join(code.split()).encode("utf-8", "surrogatepass")
        now = int(session.now().timestamp()) // STEP
        for step in (now + slack for slack in _SLACK):
            if hmac.compare_digest(generator.generate_otp(step).encode(), typed):
                return _use_step(session, factor, step)
        return False


def renew_recovery_codes(session: WorkSession, user: User) -> list[str]:
    """Ten new recovery codes instead of the old ones; the database keeps their hashes alone."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=token_hash(code)) for code in codes)
    note_action(session, "recovery_codes", user)
    return codes


def _factor(session: WorkSession, user_id: int) -> SecondFactor | None:
    return session.scalars(select(SecondFactor).where(SecondFactor.user_id == user_id)).one_or_none()


def _use_step(session: WorkSession, factor: SecondFactor, step: int) -> bool:
    """Count the code of this moment as used; of two at once only one gets it."""
    unused = (SecondFactor.user_id == factor.user_id, SecondFactor.last_step < step)
    return _changed_one(session, update(SecondFactor).where(*unused).values(last_step=step))


def _accept_recovery(session: WorkSession, user_id: int, code: str) -> bool:
    unused = (
        RecoveryCode.user_id == user_id,
        RecoveryCode.code_hash == token_hash(read_code(code)),
        RecoveryCode.used_at.is_(None),
    )
    return _changed_one(session, update(RecoveryCode).where(*unused).values(used_at=session.now()))


def _changed_one(session: WorkSession, statement: Update) -> bool:
    result = session.execute(statement)
    assert isinstance(result, CursorResult)
    return result.rowcount == 1


def _context(user_id: int) -> str:
    return f"core.second_factor:{user_id}"
