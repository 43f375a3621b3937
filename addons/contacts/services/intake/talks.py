"""What clients write in messengers, and what they are written: lines of a contact (S1-41, S1-78)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, literal_column, select, update

from addons.contacts.models import ClientMessage, Customer, InboundContact, IntakeSource
from addons.contacts.services import callbacks
from addons.contacts.services.callers import clients_with
from addons.contacts.services.identifying import meet
from addons.contacts.services.intake.adapters import News, Received, adapters
from addons.contacts.services.powers import CHANGE, expect_power, has_power
from addons.contacts.services.registration import index_contact
from addons.contacts.services.states import OPEN
from core import (
    Conflict,
    Invalid,
    Message,
    NotFound,
    Read,
    Sound,
    T,
    WorkSession,
    notify,
    parse_phone,
    publish,
    subject_of,
)

RECEIVED, WAITING, SENDING, SENT = "received", "waiting", "sending", "sent"
DELIVERED, READ_BY_CLIENT, FAILED, DOUBTFUL = "delivered", "read", "failed", "doubtful"
STATES = {
    RECEIVED: T("From the client"),
    WAITING: T("Waits to be sent"),
    SENDING: T("Is being sent"),
    SENT: T("Sent"),
    DELIVERED: T("Reached the client"),
    READ_BY_CLIENT: T("Read by the client"),
    FAILED: T("Not sent"),
    DOUBTFUL: T("Perhaps not sent"),
}
LOOKS = {SENT: "ok", DELIVERED: "ok", READ_BY_CLIENT: "ok", FAILED: "bad", DOUBTFUL: "warn"}
_LATER = {DELIVERED: (SENT,), READ_BY_CLIENT: (SENT, DELIVERED), FAILED: (SENT,)}
"""What a messenger may tell of a message that is in one of these states: news come in any order."""

NOTICE = "contacts.message"
LONGEST = 4_000
SHOWN = 30


# --- what comes -------------------------------------------------------------------------------------


def open_talk(session: WorkSession, source: IntakeSource, peer: str) -> InboundContact | None:
    """The contact that this client's next line belongs to: the last one of his that is still open; locked."""
    mine = (ClientMessage.source_id == source.id, ClientMessage.peer == peer, InboundContact.state.in_(OPEN))
    statement = (
        select(InboundContact)
        .join(ClientMessage, ClientMessage.contact_id == InboundContact.id)
        .where(*mine)
        .order_by(ClientMessage.at.desc(), ClientMessage.id.desc())
        .limit(1)
        .with_for_update(of=InboundContact)
    )
    return session.scalars(statement).first()


def begin(session: WorkSession, source: IntakeSource, contact: InboundContact, item: Received) -> None:
    """The first line of a talk."""
    _add_received(session, source, contact, item, item.text)


def hear(session: WorkSession, source: IntakeSource, contact: InboundContact, item: Received) -> None:
    """Another line; whoever has the contact is told. What the client says of himself there the contact learns."""
    text = _with_news(contact, item)
    _add_received(session, source, contact, item, text)
    _learn(session, contact, item)
    if contact.responsible_id is not None:
        message = Message(
            T("%(client)s writes"),
            {"client": contact.client_text},
            body="%(text)s",
            body_values={"text": text[:200]},
            icon="message-2",
            sound=Sound.ONCE,
        )
        notify(session, [contact.responsible_id], NOTICE, subject_of(contact), message)
    publish(session, "contacts.traffic", contact=contact.id)


def _with_news(contact: InboundContact, item: Received) -> str:
    """The words with the number and the address that came beside them, unless the contact or the words have these."""
    phone = parse_phone(item.phone)
    known = (contact.phone, contact.email, f"+{item.peer}", "")
    new = [
        value
        for value, name in ((item.phone, phone.e164 if phone else item.phone), (item.email, item.email))
        if name not in known and value not in item.text
    ]
    return "\n".join(filter(None, (item.text, *new)))


def _learn(session: WorkSession, contact: InboundContact, item: Received) -> None:
    """The first number and the first e-mail that the client names are the contact's; who has that number is its client."""
    phone = parse_phone(item.phone) if not contact.phone else None
    contact.email = contact.email or item.email
    if phone is not None:
        contact.phone, contact.phone_raw = phone.e164, item.phone
        index_contact(contact)
        callbacks.name_anew(session, contact)
        clients = clients_with(session, item.phone) if contact.customer_id is None else []
        if len(clients) == 1:
            meet(session, contact, session.get_one(Customer, clients[0].id))
    session.flush()


def _add_received(
    session: WorkSession, source: IntakeSource, contact: InboundContact, item: Received, text: str
) -> None:
    line = ClientMessage(
        contact_id=contact.id,
        source_id=source.id,
        peer=item.peer,
        state=RECEIVED,
        text=text,
        at=session.now(),
        external_id=item.key[:200],
    )
    session.add(line)
    session.flush()


def note_news(session: WorkSession, source: IntakeSource, news: News) -> None:
    """What a messenger tells of a message of ours; it may be told twice, and late."""
    mine = (ClientMessage.source_id == source.id, ClientMessage.external_id == news.external_id)
    before = ClientMessage.state.in_(_LATER.get(news.state, ()))
    values = {"state": news.state, "problem": news.problem[:300]}
    session.execute(update(ClientMessage).where(*mine, before).values(**values))


# --- what is written --------------------------------------------------------------------------------


def write(session: WorkSession, contact: InboundContact, text: str) -> ClientMessage:
    """A message to the client, where he wrote last; a job sends it (S1-78).

    :raises Forbidden: for whoever may not work on the contact.
    :raises Invalid: for no text, too long a text, or a client who cannot be written to.
    """
    expect_power(session, contact, CHANGE)
    text = text.strip()
    if not text:
        raise Invalid({"message": [T("Write something.")]})
    if len(text) > LONGEST:
        raise Invalid({"message": [T("At most 4,000 characters.")]})
    last = _last_line(session, contact.id)
    if last is None or not _can_answer(session, last):
        raise Invalid({"message": [T("This client cannot be written to from here.")]})
    line = ClientMessage(
        contact_id=contact.id,
        source_id=last.source_id,
        peer=last.peer,
        state=WAITING,
        text=text,
        at=session.now(),
        author_id=session.access.user_id,
        due_at=session.now(),
    )
    session.add(line)
    session.flush()
    publish(session, "contacts.traffic", contact=contact.id)
    return line


def send_again(session: WorkSession, contact: InboundContact, message_id: int) -> None:
    """Try a message anew that did not go out, or perhaps did not.

    :raises NotFound: when the contact has no such message; :raises Conflict: when it has gone out, or is on its way.
    """
    expect_power(session, contact, CHANGE)
    line = session.scalars(select(ClientMessage).where(ClientMessage.id == message_id).with_for_update()).one_or_none()
    if line is None or line.contact_id != contact.id:
        raise NotFound
    if line.state not in (FAILED, DOUBTFUL):
        raise Conflict("This message was sent, or is on its way.")
    line.state, line.attempts, line.due_at, line.problem = WAITING, 0, session.now(), ""
    session.flush()


def can_write(session: WorkSession, contact: InboundContact) -> bool:
    """Whether the person may write to the client of this contact, and there is a way."""
    last = _last_line(session, contact.id)
    return last is not None and has_power(session, contact, CHANGE) and _can_answer(session, last)


def _last_line(session: WorkSession, contact_id: int) -> ClientMessage | None:
    mine = select(ClientMessage).where(ClientMessage.contact_id == contact_id)
    return session.scalars(mine.order_by(ClientMessage.at.desc(), ClientMessage.id.desc()).limit(1)).first()


def _can_answer(session: WorkSession, line: ClientMessage) -> bool:
    source = session.get(IntakeSource, line.source_id)
    adapter = adapters(session.hooks).get(source.adapter) if source is not None else None
    return bool(source and source.active and source.sealed_token and adapter and adapter.send)


# --- what is shown ----------------------------------------------------------------------------------


def lines_read(contact_id: int) -> Read:
    """Reads the talk of a contact, the latest line first."""
    return Read(_LINES, {"contact": contact_id})


def line_rows(rows: Sequence[Any]) -> list[Any]:
    """The lines in the order in which they were written."""
    return list(reversed(rows))


_LINES: Select[*tuple[Any, ...]] = (
    select(
        ClientMessage.id,
        ClientMessage.state,
        ClientMessage.text,
        ClientMessage.at,
        ClientMessage.author_id,
        ClientMessage.problem,
    )
    .where(ClientMessage.contact_id == bindparam("contact", type_=BigInteger))
    .order_by(ClientMessage.at.desc(), ClientMessage.id.desc())
    .limit(literal_column(str(SHOWN)))
)
