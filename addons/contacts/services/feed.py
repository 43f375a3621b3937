"""The event feed of a contact's card: its steps and notes, its client's contacts and documents (S1-62)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, literal_column, or_, select

from addons.contacts.models import Document, InboundContact
from addons.contacts.services.document_types import document_types
from addons.contacts.services.states import REAL, STATE
from addons.contacts.services.vocabulary import CHANNEL
from core.db.audit import AuditEntry, AuditValue
from core.db.engine import WorkSession
from core.db.kept import Read
from core.web.i18n import T, Translator
from core.web.subjects import words
from core.work import timeline
from core.work.subjects import subject_of

SHOWN = 30
TRANSFERRED, ATTACHED = "contact.transferred", "contact.attached"
"""The steps that are told from the trail; who took a contact and how it ended stand in the contact itself."""

Rows = Mapping[str, Sequence[Any]]


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One thing that happened; ``to`` is where it leads: an endpoint and the number of a record, or nothing."""

    at: datetime
    icon: str
    title: str
    text: str = ""
    look: str = "grey"
    who: str = ""
    to: tuple[str, int] | None = None


def reads_of(session: WorkSession, contact: InboundContact) -> dict[str, Read]:
    """What the feed reads, for :func:`feed_of`."""
    found = {
        "steps": Read(_STEPS, {"contact": contact.id}),
        "notes": timeline.entries_read(session.access, subject_of(contact)),
    }
    if contact.customer_id is None:
        return found | {"contacts": Read(_CONTACT_ALONE, {"number": contact.id})}
    return found | {
        "contacts": Read(_CONTACTS, {"number": contact.customer_id, "own": contact.id}),
        "documents": Read(_DOCUMENTS, {"customer": contact.customer_id}),
    }


def people_in(found: Rows) -> list[int | None]:
    """Whose names the feed says, of the rows of :func:`reads_of`, beside those in the contact itself."""
    receivers = [_receiver(step) for step in found["steps"]]
    return [*receivers, *(row.author_id for row in (*found["steps"], *found["notes"]))]


def feed_of(
    session: WorkSession,
    contact: InboundContact,
    document: Document | None,
    translate: Translator,
    found: Rows,
    people: Mapping[int, str],
) -> list[FeedLine]:
    """What happened with this contact and its client, the newest first.

    :param document: that of the contact, if the person may know of it.
    :param found: the rows of :func:`reads_of`.
    :param people: the names of those in the contact and of :func:`people_in`.
    """
    steps = found["steps"]
    lines = [
        *(_passed_on(step, people, translate) for step in steps if step.action == TRANSFERRED),
        *(_note(row, people, translate) for row in found["notes"]),
        *(_contact(row, contact, translate) for row in found["contacts"]),
        # The step that ended the contact tells of its own document.
        *(
            _document(session, row, translate)
            for row in found.get("documents", ())
            if row.id != contact.document_id or not contact.finished_at
        ),
    ]
    taker = people.get(contact.responsible_id or 0)
    if contact.taken_at and taker:
        title = translate(T("Taken by %(name)s"), name=taker)
        lines.append(FeedLine(contact.taken_at, "hand-grab", title))
    if contact.finished_at:
        attached = any(step.action == ATTACHED for step in steps)
        lines.append(_end(session, contact, contact.finished_at, document, translate, attached=attached))
    return sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN]


def _receiver(step: Any) -> int | None:
    """Who was to take the contact from then on; nobody when it went to all specialists, or the values are erased."""
    number: int | None = (step.changes or {}).get("responsible_id", (None, None))[1]
    return number


def _passed_on(step: Any, people: Mapping[int, str], translate: Translator) -> FeedLine:
    name = people.get(_receiver(step) or 0)
    title = translate(T("Passed on to %(name)s"), name=name) if name else translate(T("Passed on to all specialists"))
    return FeedLine(step.at, "arrow-forward-up", title, who=people.get(step.author_id or 0, ""))


def _end(
    session: WorkSession,
    contact: InboundContact,
    at: datetime,
    document: Document | None,
    translate: Translator,
    *,
    attached: bool,
) -> FeedLine:
    state = translate(STATE[contact.state].title)
    if contact.document_id is None:
        return FeedLine(at, "check", state, contact.result or contact.ignore_comment)
    if document is None:
        return FeedLine(at, "check", state, translate(T("A document of another department.")))
    title = translate(T("Attached to a document") if attached else T("Document made"))
    name, to = _named(session, document, translate)
    return FeedLine(at, "file-text", title, name, "vio", to=to)


def _named(session: WorkSession, document: Any, translate: Translator) -> tuple[str, tuple[str, int] | None]:
    """What a document is called and where it is; no address when its addon is switched off (X-12)."""
    known = document_types(session.hooks).get(document.type)
    if known is None:
        return document.number, None
    return f"{translate(known[1].title)} {document.number}", (known[1].endpoint, document.id)


def _note(row: Any, people: Mapping[int, str], translate: Translator) -> FeedLine:
    title = translate(row.title, **words(dict(row.title_values), translate.language))
    return FeedLine(row.at, "note", title, row.body, who=people.get(row.author_id or 0, ""))


def _contact(row: Any, contact: InboundContact, translate: Translator) -> FeedLine:
    channel = CHANNEL[row.channel]
    return FeedLine(
        row.at,
        channel.icon,
        translate(channel.title),
        row.note or translate(STATE[row.state].title),
        channel.look,
        to=None if row.id == contact.id else ("contacts.contact", row.id),
    )


def _document(session: WorkSession, row: Any, translate: Translator) -> FeedLine:
    name, to = _named(session, row, translate)
    state = row.state_ru if translate.language == "ru" else row.state_en
    return FeedLine(row.at, "file-text", name, " · ".join(part for part in (row.title, state) if part), "vio", to=to)


# The statements of the feed, made once and run with other values.
_STEPS: Select[*tuple[Any, ...]] = (
    select(AuditEntry.at, AuditEntry.action, AuditEntry.user_id.label("author_id"), AuditValue.changes)
    .outerjoin(AuditValue, AuditValue.audit_id == AuditEntry.id)
    .where(
        AuditEntry.subject_type == InboundContact.__tablename__,
        AuditEntry.subject_id == bindparam("contact", type_=BigInteger),
        AuditEntry.action.in_((TRANSFERRED, ATTACHED)),
    )
    .order_by(AuditEntry.id.desc())
    .limit(literal_column(str(SHOWN)))
)


def _contact_lines(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(InboundContact.id, InboundContact.at, InboundContact.channel, InboundContact.state, InboundContact.note)
        .where(condition)
        .order_by(InboundContact.at.desc())
        .limit(literal_column(str(SHOWN)))
    )


_CONTACTS = _contact_lines(
    and_(
        InboundContact.customer_id == bindparam("number", type_=BigInteger),
        or_(REAL, InboundContact.id == bindparam("own", type_=BigInteger)),
    )
)
_CONTACT_ALONE = _contact_lines(InboundContact.id == bindparam("number", type_=BigInteger))
_DOCUMENTS: Select[*tuple[Any, ...]] = (
    select(
        Document.id,
        Document.at,
        Document.type,
        Document.number,
        Document.title,
        Document.state_ru,
        Document.state_en,
    )
    .where(Document.customer_id == bindparam("customer", type_=BigInteger))
    .order_by(Document.at.desc())
    .limit(literal_column(str(SHOWN)))
)
