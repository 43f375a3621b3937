"""A delivery becomes a contact, or a line of one, once however often it comes (SEC-40, SEC-41, X-09).

All of it is one transaction: what was taken is kept before anybody is answered, and what is refused leaves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from addons.contacts.models import Delivery, InboundContact, IntakeSource
from addons.contacts.services.intake import requests, talks
from addons.contacts.services.intake.adapters import Adapter, Hook, News, Received
from core import Conflict, Invalid, Setting, T, WorkSession, insert_into, settings

KEEP_DAYS = Setting(
    "contacts.keep_deliveries_days",
    int,
    30,
    title=T("What sites and messengers have sent, as it came: days until it is deleted"),
    group=T("Retention"),
    minimum=30,
    maximum=3_650,
)

OTHER_BODY = T("This webhook-id was used for another request.")
SAYS_NOTHING = T("The request names no client: send a name, a phone or an e-mail.")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one request or message."""

    contact_id: int
    number: str
    repeated: bool


def receive(
    session: WorkSession, source: IntakeSource, adapter: Adapter, hook: Hook, *, call: bool | None = None
) -> list[Receipt]:
    """Take in what a verified hook says; the caller commits.

    :param call: whether the client is to be called at once, where the address that was called says so (S1-25, S1-26).
    :raises Conflict: for a known name with another body.
    :raises Invalid: for a request without anything about its client.
    """
    receipts = []
    oldest = session.now() - timedelta(days=settings.read(session, KEEP_DAYS))
    call_at_once = source.call_at_once if call is None else call
    for item in adapter.read(hook):
        if isinstance(item, News):
            talks.note_news(session, source, item)
        elif not _is_old(item, oldest):
            receipts.append(_take(session, source, adapter, item, hook, call_at_once=call_at_once))
    return receipts


def _is_old(item: Received, oldest: datetime) -> bool:
    """Whether it was written before the names that we still know: it may have been taken already."""
    return item.at is not None and item.at < oldest


def _take(
    session: WorkSession, source: IntakeSource, adapter: Adapter, item: Received, hook: Hook, *, call_at_once: bool
) -> Receipt:
    item, fingerprint = replace(item, key=_name(session, source, item)), _fingerprint(item, hook)
    delivery = _new_delivery(session, source, item, hook, fingerprint)
    if delivery is None:
        return _known(session, source, item, fingerprint)
    _expect_client(item)
    contact = _contact(session, source, adapter, item, call_at_once=call_at_once)
    delivery.contact_id = contact.id
    session.flush()
    return Receipt(contact.id, contact.number, repeated=False)


def _contact(
    session: WorkSession, source: IntakeSource, adapter: Adapter, item: Received, *, call_at_once: bool
) -> InboundContact:
    if item.peer:
        talk = talks.open_talk(session, source, item.peer)
        if talk is not None:
            talks.hear(session, source, talk, item)
            return talk
    contact = requests.register_request(session, source, adapter.channel, item, call_at_once=call_at_once)
    if item.peer:
        talks.begin(session, source, contact, item)
    return contact


def _expect_client(item: Received) -> None:
    if not (item.name or item.phone or item.email or item.peer):
        raise Invalid({"phone": [SAYS_NOTHING]}, SAYS_NOTHING)


def _name(session: WorkSession, source: IntakeSource, item: Received) -> str:
    """The name it is taken under; one that is good for a while alone goes on with the moment from which it is.

    The source is locked, so nobody takes the same one meanwhile.
    """
    if item.anew_after is None:
        return item.key[:200]
    fresh = (Delivery.source_id == source.id, Delivery.at > session.now() - item.anew_after)
    same = select(Delivery.key).where(*fresh, Delivery.key.startswith(f"{item.key}-", autoescape=True))
    return session.scalars(same.limit(1)).first() or f"{item.key}-{int(session.now().timestamp())}"


def _fingerprint(item: Received, hook: Hook) -> str:
    """What tells one body from another; a messenger puts several messages into one body, otherwise the next time."""
    if item.anew_after is not None:
        return hashlib.sha256(item.key.encode()).hexdigest()  # made of what it says; a form is written anew each time
    told = hook.body if not item.peer else repr((item.peer, item.text)).encode()
    return hashlib.sha256(told).hexdigest()


def _new_delivery(
    session: WorkSession, source: IntakeSource, item: Received, hook: Hook, fingerprint: str
) -> Delivery | None:
    """The row of it; nothing when it was taken before. Of two at once the database lets one in."""
    values = {
        "source_id": source.id,
        "key": item.key,
        "body_hash": fingerprint,
        "body": hook.body.decode("utf-8", "replace").replace("\x00", ""),
        "at": session.now(),
    }
    statement = insert_into(session, Delivery).values(**values).on_conflict_do_nothing().returning(Delivery.id)
    number = session.scalar(statement)
    return session.get_one(Delivery, number) if number is not None else None


def _known(session: WorkSession, source: IntakeSource, item: Received, fingerprint: str) -> Receipt:
    mine = (Delivery.source_id == source.id, Delivery.key == item.key)
    delivery = session.scalars(select(Delivery).where(*mine)).one()
    if delivery.body_hash != fingerprint:
        raise Conflict(OTHER_BODY)
    contact = session.get(InboundContact, delivery.contact_id) if delivery.contact_id is not None else None
    return Receipt(contact.id if contact else 0, contact.number if contact else "", repeated=True)


def purge(session: WorkSession, before: datetime, limit: int) -> int:
    """Delete deliveries from before a moment; returns how many.

    :param limit: how many at most.
    """
    old = select(Delivery.id).where(Delivery.at < before).order_by(Delivery.at).limit(limit)
    numbers: Iterable[int] = session.scalars(old).all()
    session.execute(delete(Delivery).where(Delivery.id.in_(numbers)))
    return len(list(numbers))
