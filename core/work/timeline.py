"""What happened with a record, from all addons in one order, a page at a time.

Entries of this module are notes and events of addons. Other histories (field changes, calls, tasks)
come as lists of :class:`Line` from whoever keeps them, and are merged by time.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
)

from core.access.models import User, fold_login
from core.access.policy import Access
from core.db.base import MAX_ID
from core.db.engine import WorkSession
from core.db.kept import Read
from core.errors import Invalid
from core.live.events import publish
from core.text.msgids import T
from core.work.models import TimelineEntry, TimelineSubject
from core.work.notifications import Message, notify
from core.work.subjects import Subject

NOTE = "core.note"
_READ_NOTES = "core.comment.read"
LONGEST_NOTE = 4000
"""Characters of a note."""

MENTIONS = 20
EXCERPT = 200
NEWEST = 30
"""How many lines a card shows beside others."""
Columns = TypeVarTuple("Columns")
_MENTION = re.compile(r"(?<![\w@])@([\w.\-]{1,64})")


class Position(NamedTuple):
    """A place on a timeline: time, number and source, as text in the address of the next page."""

    at: datetime
    id: int
    source: str

    @property
    def text(self) -> str:
        """The position as one word; :meth:`parse` reads it."""
        return f"{self.at.astimezone(UTC).replace(tzinfo=None).isoformat()}~{self.id}~{self.source}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read :attr:`text` back.

        :raises Invalid: it is no position.
        """
        at, _, rest = text.partition("~")
        number, _, source = rest.partition("~")
        try:
            place = cls(datetime.fromisoformat(at).replace(tzinfo=UTC), int(number), source)
            if not 0 <= place.id <= MAX_ID:
                raise ValueError(number)
            return place
        except ValueError as error:
            raise Invalid({"before": [T("This is no place on the timeline.")]}) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that happened; ``source`` names the list it comes from, in which ``id`` is unique."""

    at: datetime
    id: int
    source: str
    kind: str
    title: str
    title_values: Mapping[str, Any] = field(default_factory=dict)
    body: str = ""
    author_id: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    link: str = ""

    @property
    def position(self) -> Position:
        """Where it stands; newer lines are greater."""
        return Position(self.at, self.id, self.source)


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some lines, the newest first, and from where to go on when there are older ones."""

    lines: list[Line]
    older: Position | None


def add_entry(
    session: WorkSession,
    subjects: Sequence[Subject],
    kind: str,
    title: str,
    title_values: Mapping[str, Any] | None = None,
    *,
    body: str = "",
    data: Mapping[str, Any] | None = None,
    link: str = "",
    at: datetime | None = None,
) -> int:
    """Put something that happened on the timeline of one or several subjects; returns its number.

    :param kind: ``<addon>.<what>``, by which the timeline is filtered.
    :param link: an own path, or nothing.
    """
    if not subjects:
        raise ValueError("a timeline entry needs a subject")
    moment = at or session.now()
    values = {
        "kind": kind,
        "at": moment,
        "author_id": session.access.user_id,
        "title": str(title),
        "title_values": dict(title_values or {}),
        "body": body,
        "data": dict(data or {}),
        "link": link,
    }
    session.flush()
    entry_id: int = session.execute(_NEW, values).scalar_one()
    unique = dict.fromkeys(subjects)
    # As records, so that whoever watches what points at his records is asked.
    session.add_all(
        TimelineSubject(entry_id=entry_id, subject_type=type_, subject_id=id_, at=moment, kind=kind)
        for type_, id_ in unique
    )
    session.flush()
    for subject in unique:
        publish(session, "timeline.added", subject_type=subject.type, subject=subject.id, entry=entry_id)
    return entry_id


_NEW = insert(TimelineEntry).returning(TimelineEntry.id)


def note(session: WorkSession, subject: Subject, text: str, *, also: Sequence[Subject] = ()) -> int:
    """Write a note on a subject; colleagues who are named in it as ``@login`` are notified.

    :raises Forbidden: the person may not write notes.
    :raises Invalid: empty or over 4,000 characters.
    """
    session.access.require("core.comment.create")
    text = text.strip()
    if not text:
        raise Invalid({"text": [T("Write something.")]})
    if len(text) > LONGEST_NOTE:
        raise Invalid({"text": [T("At most 4,000 characters.")]})
    entry_id = add_entry(session, [subject, *also], NOTE, T("Note"), body=text)
    mentioned = [user_id for user_id in _mentioned(session, text) if user_id != session.access.user_id]
    message = Message(T("You are mentioned in a note"), body=text[:EXCERPT], icon="at")
    notify(session, mentioned, "core.mention", subject, message)
    return entry_id


def timeline(
    session: WorkSession,
    subjects: Sequence[Subject],
    *,
    before: Position | None = None,
    limit: int = 50,
    kinds: Sequence[str] | None = None,
    more: Iterable[Iterable[Line]] = (),
) -> TimelinePage:
    """A page of what happened with these subjects; the caller has seen to it that the person may see them.

    :param kinds: only entries of these kinds (``more`` is filtered by who gives it).
    :param more: lines of other histories, each list the newest first, at or before ``before`` and at
        least ``limit`` + 2 of them when there are so many.
    """
    return merge_lines([entry_lines(session, subjects, before, limit, kinds), *more], before, limit)


def merge_lines(lists: Iterable[Iterable[Line]], before: Position | None, limit: int) -> TimelinePage:
    """One page of several histories, each the newest first."""
    merged = heapq.merge(*lists, key=lambda line: line.position, reverse=True)
    wanted = (line for line in merged if before is None or line.position < before)
    found = list(islice(wanted, limit + 1))
    lines = found[:limit]
    return TimelinePage(lines, lines[-1].position if len(found) > limit else None)


def entry_lines(
    session: WorkSession,
    subjects: Sequence[Subject],
    before: Position | None,
    limit: int,
    kinds: Sequence[str] | None = None,
) -> list[Line]:
    """The notes and events of these subjects as lines; an entry of two of them comes once."""
    place = _places(_of(subjects), notes_too=session.access.may(_READ_NOTES))
    if before is not None:
        place = place.where(tuple_(TimelineSubject.at, TimelineSubject.entry_id) <= (before.at, before.id))
    if kinds is not None:
        place = place.where(TimelineSubject.kind.in_(kinds))
    if len(subjects) > 1:
        place = place.distinct()
    statement = _newest(select(TimelineEntry), place.limit(limit + 2))
    return [_line(entry) for entry in session.scalars(statement)]


def entries_read(access: Access, subject: Subject) -> Read:
    """Reads the newest notes and events of one subject: at, title, title_values, body, author_id.

    The caller has seen to it that the person may see the subject.
    """
    return Read(_OF_ONE[access.may(_READ_NOTES)], {"type": subject.type, "id": subject.id})


def _places(condition: ColumnElement[bool], *, notes_too: bool) -> Select[int, datetime]:
    """Where the entries of some subjects stand on their timelines; notes are for those who may read them."""
    place = select(TimelineSubject.entry_id, TimelineSubject.at).where(condition)
    return place if notes_too else place.where(TimelineSubject.kind != NOTE)


def _newest(entries: Select[*Columns], places: Select[int, datetime]) -> Select[*Columns]:
    """The entries that stand at the newest of these places."""
    page = places.order_by(TimelineSubject.at.desc(), TimelineSubject.entry_id.desc()).subquery()
    found = entries.join(page, page.c.entry_id == TimelineEntry.id)
    return found.order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc())


_SHOWN = select(
    TimelineEntry.at, TimelineEntry.title, TimelineEntry.title_values, TimelineEntry.body, TimelineEntry.author_id
)
_ONE = and_(
    TimelineSubject.subject_type == bindparam("type", type_=String),
    TimelineSubject.subject_id == bindparam("id", type_=BigInteger),
)
# A literal LIMIT: with a parameter PostgreSQL plans anew each time.
_OF_ONE = {
    notes_too: _newest(_SHOWN, _places(_ONE, notes_too=notes_too).limit(literal_column(str(NEWEST))))
    for notes_too in (True, False)
}


def _of(subjects: Sequence[Subject]) -> ColumnElement[bool]:
    ids: dict[str, list[int]] = {}
    for subject in subjects:
        ids.setdefault(subject.type, []).append(subject.id)
    return or_(
        False,
        *(
            and_(TimelineSubject.subject_type == type_, TimelineSubject.subject_id.in_(numbers))
            for type_, numbers in ids.items()
        ),
    )


def _line(entry: TimelineEntry) -> Line:
    return Line(
        at=entry.at,
        id=entry.id,
        source="entry",
        kind=entry.kind,
        title=entry.title,
        title_values=entry.title_values,
        body=entry.body,
        author_id=entry.author_id,
        data=entry.data,
        link=entry.link,
    )


def mentioned_logins(text: str) -> Iterator[str]:
    """The logins a text names with ``@``, folded, each once, twenty at most."""
    found = (fold_login(match.group(1).rstrip(".-")) for match in _MENTION.finditer(text))
    return islice((login for login in dict.fromkeys(found) if login), MENTIONS)


def _mentioned(session: WorkSession, text: str) -> list[int]:
    logins = list(mentioned_logins(text))
    if not logins:
        return []
    return list(session.scalars(select(User.id).where(User.login.in_(logins), User.active)))
