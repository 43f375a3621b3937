"""Consents of clients: given in so many words, provable, and withdrawn as easily (SEC-68)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, String, bindparam, literal_column, or_, select

from addons.contacts.models import Consent, Customer
from addons.contacts.services.lookup import visible_customer
from addons.contacts.services.vocabulary import CHANNELS as WAYS_IN
from core import (
    Conflict,
    Invalid,
    Read,
    T,
    UtcDateTime,
    WorkSession,
    ask_erasure,
    expect_record,
    kept,
    personal_data,
    reference_of,
    subject_of,
    timeline,
)

GIVE, WITHDRAW = "contacts.consent.create", "contacts.consent.withdraw"
PROCESSING, MARKETING = "processing", "marketing"

PURPOSES: Mapping[str, str] = {
    PROCESSING: T("Processing of personal data"),
    MARKETING: T("Advertising and news"),
    "recording": T("Recording of calls"),
    "transfer": T("Transfer to partners"),
}
"""What a consent may be for; each needs one of its own (152-FZ, art. 9 as of 01.09.2025)."""

CHANNELS: Mapping[str, str] = {
    "paper": T("On paper"),
    "site": T("On the website"),
    "phone": T("By phone"),
    "message": T("In a message"),
    "app": T("In the mobile app"),
}
"""How a consent may be given."""

CHANNEL_TITLES: Mapping[str, str] = {channel.code: channel.title for channel in WAYS_IN} | dict(CHANNELS)
"""Every way in words (X-03): a consent that came from elsewhere may name a channel of traffic."""


@dataclass(frozen=True, slots=True)
class NewConsent:
    """A consent as it was given. ``evidence`` says where the proof is: a paper's number, a recording, a form's log."""

    customer_id: int
    purpose: str
    text_version: str
    channel: str
    evidence: str
    given_at: datetime | None = None
    until: datetime | None = None


def give(session: WorkSession, new: NewConsent) -> Consent:
    """Record a consent; it is never the by-product of another form.

    :raises Forbidden: without the right to record consents.
    :raises Invalid: for an unknown purpose or channel, a missing text version or proof, a term that is over.
    :raises NotFound: there is no such client.
    """
    session.access.require(GIVE)
    _check(session, new)
    customer = visible_customer(session, new.customer_id)
    consent = Consent(
        customer_id=customer.id,
        purpose=new.purpose,
        text_version=new.text_version.strip(),
        channel=new.channel,
        evidence=new.evidence.strip(),
        given_at=new.given_at or session.now(),
        until=new.until,
    )
    session.add(consent)
    session.flush()
    _tell(session, customer, "contacts.consent_given", T("Consent given: %(purpose)s"), consent)
    return consent


def _check(session: WorkSession, new: NewConsent) -> None:
    errors: dict[str, list[str]] = {}
    if new.purpose not in PURPOSES:
        errors["purpose"] = [T("Choose what the consent is for.")]
    if new.channel not in CHANNELS:
        errors["channel"] = [T("Choose how the consent was given.")]
    if not new.text_version.strip():
        errors["text_version"] = [T("Say which version of the text was agreed to.")]
    if not new.evidence.strip():
        errors["evidence"] = [T("Say where the proof is.")]
    if len(new.text_version.strip()) > 40:
        errors["text_version"] = [T("This is too long.")]
    if len(new.evidence.strip()) > 300:
        errors["evidence"] = [T("This is too long.")]
    given_at = new.given_at or session.now()
    if given_at > session.now():
        errors["given_at"] = [T("This moment is still to come.")]
    if new.until is not None and new.until <= given_at:
        errors["until"] = [T("This term is over before it begins.")]
    if errors:
        raise Invalid(errors)


def withdraw(session: WorkSession, consent_id: int, received_at: datetime | None = None) -> Consent:
    """Withdraw a consent: whatever needed it stops at once, as :func:`agrees` answers no.

    One to processing itself makes the task of erasing in time (152-FZ, art. 21 part 5); whoever wants no more
    advertising stays a client (SEC-68, SEC-70).

    :param received_at: when the withdrawal arrived; the law's thirty days run from then.
    :raises Forbidden: without the right to withdraw consents.
    :raises Conflict: it is withdrawn already.
    """
    session.access.require(WITHDRAW)
    consent = expect_record(session, Consent, consent_id, T("There is no such consent."))
    customer = visible_customer(session, consent.customer_id)
    if consent.withdrawn_at is not None:
        raise Conflict(T("This consent is withdrawn already."))
    moment = received_at or session.now()
    if moment > session.now():
        raise Invalid({"received_at": [T("This moment is still to come.")]})
    consent.withdrawn_at = moment
    session.flush()
    _tell(session, customer, "contacts.consent_withdrawn", T("Consent withdrawn: %(purpose)s"), consent)
    if consent.purpose == PROCESSING:
        person = subject_of(customer)
        reference = reference_of(session, personal_data.declared(session.hooks), person)
        ask_erasure(session, person, reference, "withdrawn", moment, cause=f"consent.{consent.id}")
    return consent


def _tell(session: WorkSession, customer: Customer, kind: str, title: str, consent: Consent) -> None:
    values = {"purpose": {"msgid": PURPOSES.get(consent.purpose, consent.purpose)}}
    timeline.add_entry(session, [subject_of(customer)], kind, title, values, data={"consent": consent.id})


_OF_CLIENT: Select[*tuple[Any, ...]] = (
    select(
        Consent.id,
        Consent.purpose,
        Consent.text_version,
        Consent.given_at,
        Consent.until,
        Consent.channel,
        Consent.evidence,
        Consent.withdrawn_at,
    )
    .where(Consent.customer_id == bindparam("customer", type_=BigInteger))
    .order_by(Consent.given_at.desc(), Consent.id.desc())
)


def consents_read(customer_id: int) -> Read:
    """Reads a client's consents, the newest first."""
    return Read(_OF_CLIENT, {"customer": customer_id})


def consents_of(session: WorkSession, customer_id: int) -> Sequence[Any]:
    """What :func:`consents_read` reads."""
    return kept.read(session, consents_read(customer_id))


_PRESENT = bindparam("present", type_=UtcDateTime)
_HOLDING = (
    select(Consent.until)
    .where(
        Consent.customer_id == bindparam("customer", type_=BigInteger),
        Consent.purpose == bindparam("purpose", type_=String),
        Consent.given_at <= _PRESENT,
        or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at > _PRESENT),
        or_(Consent.until.is_(None), Consent.until > _PRESENT),
    )
    .order_by(Consent.given_at.desc())
    .limit(literal_column("1"))
)


def holding_read(session: WorkSession, customer_id: int, purpose: str) -> Read:
    """Reads until when the client's consent to this holds: one given, not over, not withdrawn; no row without one."""
    return Read(_HOLDING, {"customer": customer_id, "purpose": purpose, "present": session.now()})


def agrees(session: WorkSession, customer_id: int, purpose: str) -> bool:
    """Whether the client's consent to this holds now."""
    return bool(kept.read(session, holding_read(session, customer_id, purpose)))
