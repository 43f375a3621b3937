"""Watching over personal data: who opened how many cards, whom a leak affects, how many are held (SEC-63, 73, 75).

Counting reads costs the reader nothing that he notices: a set in the memory of each process, written every few
seconds in one go that ignores what is known. A crash loses the reads of those seconds, the last ones of a
quiet hour up to a minute.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Insert, delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from core.access.policy import Access, system
from core.db.audit import AuditEntry, AuditValue, Change, record_changes
from core.db.engine import Database, WorkSession
from core.text.msgids import T
from core.work.people import name_of
from core.work.personal_data import READ, declared
from core.work.personal_finding import count, persons_of
from core.work.personal_models import CardRead, Erasure
from core.work.personal_terms import HOLDERS_ROLE
from core.work.subjects import Subject
from core.work.tasks import NewTask, create_task
from core.work.upserts import insert_for

CARDS_AN_HOUR = 500
ROWS_AN_EXPORT = 1000
MANY_PEOPLE = 100_000
KEPT = timedelta(days=366)
"""How long it is known who opened whose card: a leak is often found late."""

WARNING = "core.personal_warning"
CARD, EXPORT = "card", "export"
_EXPORTS_LOOKED_AT = 500
_AT_ONCE = 1000
_EXPORT_AT_ONCE = 10_000

log = structlog.get_logger("forecourt.web")


class Read(NamedTuple):
    """One account and one record within one hour."""

    user_id: int
    hour: datetime
    way: str
    subject_type: str
    subject_id: int


class ReadLog:
    """The reads of one process that are not written yet; one object an application."""

    def __init__(self, database: Database, every: timedelta = timedelta(seconds=5), most: int = 1000) -> None:
        self._database = database
        self._every = every
        self._most = most
        self._lock = Lock()
        self._reads: set[Read] = set()
        self._written_at: datetime | None = None

    def note(self, user_id: int | None, subject: Subject, now: datetime) -> None:
        """Remember that somebody opened a card; writes what has gathered when it is time."""
        if user_id is None:
            return
        with self._lock:
            self._reads.add(Read(user_id, hour_of(now), CARD, subject.type, subject.id))
            self._written_at = self._written_at or now
            # At the very number: those behind it shall not all try while the database is busy.
            due = now - self._written_at >= self._every or len(self._reads) == self._most
        if due:
            self.write(now)

    def write(self, now: datetime) -> None:
        """Write what has gathered; while the database is busy it is kept for the next time, and no reader refused."""
        with self._lock:
            reads, self._reads, self._written_at = self._reads, set(), now
        if not reads:
            return
        try:
            with self._database.writing(system("card reads")) as session:
                keep_reads(session, reads)
        except SQLAlchemyError as error:
            log.warning("who opened which cards could not be written yet", number=len(reads), error=str(error))
            with self._lock:
                self._reads |= reads

    def close(self, now: datetime) -> None:
        """The process ends: write what has gathered, and from now on each at once."""
        self._every = timedelta(0)
        self.write(now)


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour."""
    return moment.replace(minute=0, second=0, microsecond=0)


def keep_reads(session: WorkSession, reads: Iterable[Read]) -> None:
    """Write reads once each, however often and by however many processes they are told."""
    rows = [read._asdict() for read in sorted(set(reads))]
    connection = session.connection()
    for start in range(0, len(rows), _AT_ONCE):
        connection.execute(_keeping(connection.dialect.name), rows[start : start + _AT_ONCE])


@cache
def _keeping(dialect: str) -> Insert:
    """The statement that writes reads; handed its rows one by one, it is made once for a kind of database."""
    return insert_for(dialect, CardRead).on_conflict_do_nothing()


def note_export(session: WorkSession, table: str, ids: Iterable[int]) -> None:
    """Remember whose records an export took out, in its own transaction, so that a leak of the file names them."""
    user_id, hour = session.access.user_id, hour_of(session.now())
    if user_id is not None:
        keep_reads(session, [Read(user_id, hour, EXPORT, table, number) for number in ids])


def note_records(database: Database, access: Access, table: str, ids: Sequence[int]) -> None:
    """Remember the records of a file before it leaves, if they are about people (SEC-73).

    In portions of their own, so that nobody waits for a large one.
    """
    with database.reading(access) as session:
        personal = table in {data.table for data in declared(session.hooks).tables}
    if not personal:
        return
    for start in range(0, len(ids), _EXPORT_AT_ONCE):
        with database.writing(access) as session:
            note_export(session, table, ids[start : start + _EXPORT_AT_ONCE])


# --- warnings ------------------------------------------------------------------------------------


def warn(session: WorkSession, now: datetime) -> int:
    """Tell the owner of accounts that opened or exported too much, and of too many people held; once each.

    For a job every minute. Returns how many warnings there were made of the last two hours.
    """
    readers, exports = _busy_readers(session, now), _large_exports(session, now)
    for row in readers:
        _warn_of_cards(session, row, now)
    for row in exports:
        _warn_of_export(session, row)
    people = count_people(session)
    if people >= MANY_PEOPLE:
        text = T("%(number)s people in the database: protection level 3 applies (Decree 1119)")
        _warn(session, "personal.people", text, {"number": people}, now)
    session.execute(delete(CardRead).where(CardRead.hour < now - KEPT).execution_options(synchronize_session=False))
    return len(readers) + len(exports) + int(people >= MANY_PEOPLE)


def _busy_readers(session: WorkSession, now: datetime) -> list[Any]:
    """Accounts over the limit in this hour or the one before: a read may be written after the hour has passed."""
    number = func.count().label("number")
    statement = (
        select(CardRead.user_id, CardRead.hour, number)
        .where(CardRead.hour >= hour_of(now) - timedelta(hours=1), CardRead.way == CARD)
        .group_by(CardRead.user_id, CardRead.hour)
        .having(number > CARDS_AN_HOUR)
    )
    return list(session.execute(statement).all())


def _warn_of_cards(session: WorkSession, row: Any, now: datetime) -> None:
    values = {"name": name_of(session, row.user_id), "number": row.number}
    key = f"personal.cards:{row.user_id}:{row.hour:%Y%m%d%H}"
    _warn(session, key, T("%(name)s opened %(number)s cards within an hour"), values, now)


def _large_exports(session: WorkSession, now: datetime) -> list[Any]:
    statement = (
        select(AuditEntry.id, AuditEntry.at, AuditEntry.user_id, AuditValue.changes)
        .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
        .where(AuditEntry.subject_type == "", AuditEntry.action == "export", AuditEntry.at >= now - timedelta(hours=2))
        .order_by(AuditEntry.id.desc())
        .limit(_EXPORTS_LOOKED_AT)
    )
    rows = session.connection().execute(statement).all()
    return [row for row in rows if int(row.changes.get("rows") or 0) > ROWS_AN_EXPORT]


def _warn_of_export(session: WorkSession, row: Any) -> None:
    values = {"name": name_of(session, row.user_id), "number": row.changes["rows"]}
    text = T("%(name)s exported %(number)s rows")
    _warn(session, f"personal.export:{row.id}", text, values, row.at)


def _warn(session: WorkSession, key: str, title: str, values: dict[str, Any], now: datetime) -> None:
    """A task of the owner's: the notice cannot be overlooked, and a leak has to be reported within 24 hours."""
    due = now + timedelta(hours=24)
    new = NewTask(
        title=title, title_values=values, due_at=due, kind=WARNING, role=HOLDERS_ROLE, once_key=key, remind_at=due
    )
    create_task(session, new)


# --- whom a leak affects -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Affected:
    """A person whose data an account had in hand, and in which ways."""

    person: Subject
    ways: tuple[str, ...]


def affected(
    session: WorkSession, *, since: datetime, until: datetime, user_id: int | None = None, exports_only: bool = False
) -> list[Affected]:
    """The people whose data was opened, changed or taken out in a period, by one account or by any (SEC-73).

    From the reads that were counted and from the trail; that the list was asked for is written to the trail.

    :raises Forbidden: without the right to look at this.
    """
    session.access.require(READ)
    known = declared(session.hooks)
    tables = [data.table for data in known.tables]
    ways = _ways_read(session, since, until, user_id, exports_only=exports_only)
    if not exports_only:
        ways["change"] = _changed(session, tables, since, until, user_id)
    found: dict[Subject, set[str]] = {}
    for way, subjects in ways.items():
        for person in persons_of(session, known, subjects):
            found.setdefault(person, set()).add(way)
    values = {"since": since, "until": until, "account": user_id, "rows": len(found)}
    record_changes(session, [Change("personal_data.affected", "", None, values)])
    return [Affected(person, tuple(sorted(found[person]))) for person in sorted(found)]


def _ways_read(
    session: WorkSession, since: datetime, until: datetime, user_id: int | None, *, exports_only: bool
) -> dict[str, set[Subject]]:
    statement = select(CardRead.way, CardRead.subject_type, CardRead.subject_id).where(
        CardRead.hour >= hour_of(since), CardRead.hour <= until
    )
    if user_id is not None:
        statement = statement.where(CardRead.user_id == user_id)
    if exports_only:
        statement = statement.where(CardRead.way == EXPORT)
    found: dict[str, set[Subject]] = {}
    for way, type_, id_ in session.execute(statement.distinct()):
        found.setdefault(way, set()).add(Subject(type_, id_))
    return found


def _changed(
    session: WorkSession, tables: list[str], since: datetime, until: datetime, user_id: int | None
) -> set[Subject]:
    statement = select(AuditEntry.subject_type, AuditEntry.subject_id).where(
        AuditEntry.subject_type.in_(tables),
        AuditEntry.subject_id.is_not(None),
        AuditEntry.at >= since,
        AuditEntry.at <= until,
    )
    if user_id is not None:
        statement = statement.where(AuditEntry.user_id == user_id)
    rows = session.connection().execute(statement.distinct()).all()
    return {Subject(type_, id_) for type_, id_ in rows if id_ is not None}


# --- how many -------------------------------------------------------------------------------------


def count_people(session: WorkSession) -> int:
    """How many people are held, those erased on demand left out (SEC-75)."""
    total = 0
    for data in declared(session.hooks).tables:
        if data.person:
            total += count(session, data.model, data.counted) - _erased(session, data.table)
    return total


def _erased(session: WorkSession, table: str) -> int:
    people = select(func.count(Erasure.subject_id.distinct())).where(Erasure.subject_type == table)
    return session.connection().execute(people).scalar_one()
