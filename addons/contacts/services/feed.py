"""The event feed of a contact's card: its steps and notes, its client's contacts and documents (S1-62)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, literal_column, or_, select

from addons.contacts.models import Document, InboundContact
from addons.contacts.services.document_kinds import reference
from addons.contacts.services.document_types import document_types
from addons.contacts.services.intake import talks
from addons.contacts.services.reopening import ATTACHED, DETACHED, ENDS, IGNORED, PROCESSED, REOPENED
from addons.contacts.services.states import REAL, STATE
from addons.contacts.services.vocabulary import KnownChannels, channels
from core import AuditEntry, AuditValue, Read, T, Translator, WorkSession, subject_of, subjects, timeline

SHOWN = 30
CLAIMED, OPENED, TRANSFERRED = (f"contact.{step}" for step in ("claimed", "opened", "transferred"))
TOLD = (CLAIMED, OPENED, TRANSFERRED, REOPENED, DETACHED, *ENDS)
"""The steps that are told from the trail; how a contact ended at last stands in the contact itself."""
TAKEN_BACK = {
    IGNORED: T("Ignored"),
    ATTACHED: T("Attached to a document"),
    PROCESSED: T("Processed"),
    REOPENED: T("Taken up again"),
    DETACHED: T("Attachment taken back"),
}
"""The words for ends that did not last, and for what took them back."""

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
        "messages": talks.lines_read(contact.id),
    }
    if contact.customer_id is None:
        return found | {"contacts": Read(_CONTACT_ALONE, {"number": contact.id})}
    return found | {
        "contacts": Read(_CONTACTS, {"number": contact.customer_id, "own": contact.id}),
        "documents": Read(_DOCUMENTS, {"customer": contact.customer_id}),
    }


def people_in(found: Rows) -> list[int | None]:
    """Whose names the feed says, of the rows of :func:`reads_of`, beside those in the contact itself."""
    receivers = [number for step in found["steps"] for number in _responsible(step)]
    return [*receivers, *(row.author_id for row in (*found["steps"], *found["notes"], *found["messages"]))]


def ended_by(found: Rows) -> str:
    """The last step that ended the contact, of the rows of :func:`reads_of`; nothing for one that is new."""
    return next((step.action for step in found["steps"] if step.action in ENDS), "")


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
    steps, known = found["steps"], channels(session.hooks)
    lines = [
        *(_passed_on(step, people, translate) for step in steps if step.action == TRANSFERRED),
        *(_note(row, people, translate) for row in found["notes"]),
        *(_message(row, people, translate) for row in found["messages"]),
        *(_contact(row, contact, known, translate) for row in found["contacts"]),
        # The step that ended the contact tells of its own document.
        *(
            _document(session, row, translate)
            for row in found.get("documents", ())
            if row.id != contact.document_id or not contact.finished_at
        ),
    ]
    takings = [(step.at, step.author_id) for step in steps if _takes(step)]
    if contact.taken_at and contact.responsible_id not in {taker for _, taker in takings}:
        takings.append(
            (contact.taken_at, contact.responsible_id)
        )  # by whoever brought the contact in, in the same step
    lines += [_taken(at, people[taker], translate) for at, taker in takings if taker in people]
    ends = [step for step in steps if step.action in ENDS]
    lasting = ends[0] if ends and contact.finished_at else None
    lines += [
        _taken_back(step, people, translate) for step in steps if step.action in TAKEN_BACK and step is not lasting
    ]
    if contact.finished_at:
        attached = lasting is not None and lasting.action == ATTACHED
        lines.append(_end(session, contact, contact.finished_at, document, translate, attached=attached))
    return sorted(lines, key=lambda line: line.at, reverse=True)[:SHOWN]


def _responsible(step: Any) -> tuple[int | None, int | None]:
    """Who was to take the contact before and after; nobody when that were all specialists, or the values are erased."""
    before, after = (step.changes or {}).get("responsible_id", (None, None))
    return before, after


def _takes(step: Any) -> bool:
    """Whether its author has taken the contact then: who opens what is his takes it only the first time."""
    return step.action == CLAIMED or (step.action == OPENED and "taken_at" in (step.changes or {}))


def _taken(at: datetime, name: str, translate: Translator) -> FeedLine:
    return FeedLine(at, "hand-grab", translate(T("Taken by %(name)s"), name=name))


def _taken_back(step: Any, people: Mapping[int, str], translate: Translator) -> FeedLine:
    """An end that did not last, with what was said of it then, or the step that took it back."""
    icon = "arrow-back-up" if step.action in (REOPENED, DETACHED) else "check"
    words = {IGNORED: "ignore_comment", PROCESSED: "result"}.get(step.action, "")
    text = (step.changes or {}).get(words, ("", ""))[1]
    return FeedLine(step.at, icon, translate(TAKEN_BACK[step.action]), text, who=people.get(step.author_id or 0, ""))


def _passed_on(step: Any, people: Mapping[int, str], translate: Translator) -> FeedLine:
    before, after = (people.get(number or 0, "") for number in _responsible(step))
    title = (
        translate(T("Redirected to %(name)s"), name=after) if after else translate(T("Redirected to all specialists"))
    )
    text = translate(T("Before: %(name)s"), name=before) if before else ""
    return FeedLine(step.at, "arrow-forward-up", title, text, who=people.get(step.author_id or 0, ""))


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
    name, to = _named(session, document)
    return FeedLine(at, "file-text", title, name, "vio", to=to)


def _named(session: WorkSession, document: Any) -> tuple[str, tuple[str, int] | None]:
    """What a document is called and where it is; no address when its addon is switched off (X-12)."""
    known = document_types(session.hooks).get(document.type)
    return reference(session, document), (known[1].endpoint, document.id) if known is not None else None


def _note(row: Any, people: Mapping[int, str], translate: Translator) -> FeedLine:
    title = translate(row.title, **subjects.words(dict(row.title_values), translate.language))
    return FeedLine(row.at, "note", title, row.body, who=people.get(row.author_id or 0, ""))


def _message(row: Any, people: Mapping[int, str], translate: Translator) -> FeedLine:
    if row.state == talks.RECEIVED:
        return FeedLine(row.at, "message-2", translate(T("Message of the client")), row.text, "chat")
    title = translate(T("Message to the client"))
    return FeedLine(row.at, "send", title, row.text, "chat", who=people.get(row.author_id or 0, ""))


def _contact(row: Any, contact: InboundContact, known: KnownChannels, translate: Translator) -> FeedLine:
    channel = known[row.channel]
    return FeedLine(
        row.at,
        channel.icon,
        translate(channel.title),
        row.note or translate(STATE[row.state].title),
        channel.look,
        to=None if row.id == contact.id else ("contacts.contact", row.id),
    )


def _document(session: WorkSession, row: Any, translate: Translator) -> FeedLine:
    name, to = _named(session, row)
    state = row.state_ru if translate.language == "ru" else row.state_en
    return FeedLine(row.at, "file-text", name, " · ".join(part for part in (row.title, state) if part), "vio", to=to)


# The statements of the feed, made once and run with other values.
_STEPS: Select[*tuple[Any, ...]] = (
    select(AuditEntry.at, AuditEntry.action, AuditEntry.user_id.label("author_id"), AuditValue.changes)
    .outerjoin(AuditValue, AuditValue.audit_id == AuditEntry.id)
    .where(
        AuditEntry.subject_type == InboundContact.__tablename__,
        AuditEntry.subject_id == bindparam("contact", type_=BigInteger),
        AuditEntry.action.in_(TOLD),
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
