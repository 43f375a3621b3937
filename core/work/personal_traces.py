"""What core itself keeps of a person: tasks, notes, notices, files, drafts, filters and the values of the trail.

Each step finds its rows first, so that a preview and the erasure count the same ones, and applies the change only
when told to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from sqlalchemy import and_, bindparam, delete, func, select, update

from core.db.audit import AuditEntry, AuditValue, Change, record_changes
from core.db.base import Base
from core.db.engine import WorkSession
from core.live.events import publish
from core.text.msgids import T
from core.web.listing.saved import SavedFilter
from core.work.files import remove_with_commit
from core.work.filestore import FileStore
from core.work.models import Draft, Notification, StoredFile, TimelineEntry, TimelineSubject
from core.work.personal_data import Declared, Rows, Sweep
from core.work.personal_finding import column_of, of_subjects, read_rows
from core.work.subjects import Subject
from core.work.task_models import Task, TaskEvent

DEADLINE = "core.personal"
"""The kind of the tasks that watch over the law's deadlines; they hold a reference only, and stay."""

GONE = "…"
"""What stands for an erased word inside a sentence."""

ERASED_TASK = T("Task (its text was erased)")
_SEPARATORS = re.compile(r"[\s()+.\-]")
_PHONE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of traces: how many rows there are, and the change."""

    name: str
    title: str
    number: int
    apply: Callable[[], object]


class Identifiers:
    """What points at one person: numbers, VINs, e-mail addresses, and full names as sets of words."""

    def __init__(self, values: Iterable[str]) -> None:
        self._names: list[frozenset[str]] = []
        self._codes: set[str] = set()
        for value in values:
            self._add(value.strip().casefold())

    def _add(self, value: str) -> None:
        words = value.split()
        code = _squeezed(value)
        if code.isdigit() and len(code) > _PHONE_DIGITS:
            code = code[-_PHONE_DIGITS:]
        if any(letter.isdigit() for letter in code) or "@" in code:
            if len(code) >= 5:
                self._codes.add(code)
        elif len(words) >= 2:
            self._names.append(frozenset(words))

    def __bool__(self) -> bool:
        return bool(self._names or self._codes)

    def within(self, text: str) -> bool:
        """Whether a text, also one in an address, names the person."""
        plain = unquote_plus(text).casefold()
        squeezed = _squeezed(plain)
        return any(code in squeezed for code in self._codes) or any(
            all(word in plain for word in words) for words in self._names
        )


def _squeezed(text: str) -> str:
    return _SEPARATORS.sub("", text)


def with_tasks(session: WorkSession, subjects: Iterable[Subject]) -> list[Subject]:
    """The subjects and all their tasks, with the tasks below those."""
    known = list(dict.fromkeys(subjects))
    tasks: set[int] = set()
    new = _task_ids(session, of_subjects(Task.subject_type, Task.subject_id, known))
    while new:
        tasks |= new
        new = _task_ids(session, Task.parent_id.in_(sorted(new))) - tasks
    return [*known, *(Subject("core_task", number) for number in sorted(tasks))]


def _task_ids(session: WorkSession, condition: Any) -> set[int]:
    statement = select(Task.id).where(condition, Task.kind != DEADLINE)
    return set(session.connection().execute(statement).scalars())


def identifiers_of(session: WorkSession, known: Declared, rows: Rows) -> Identifiers:
    """What points at the person in the declared columns of his rows."""
    values: list[str] = []
    for data in known.tables:
        names = [name for name, fate in data.fields.items() if fate.identifies]
        if names and rows.get(data.model):
            found = read_rows(session, data.model, rows[data.model])
            values += [str(row[name]) for row in found for name in names if row[name]]
    return Identifiers(values)


def steps(
    session: WorkSession,
    subjects: Sequence[Subject],
    identifiers: Identifiers,
    sweeps: Sequence[Sweep],
    ghosts: Sequence[int],
    files: FileStore | None,
) -> list[Step]:
    """Everything core keeps about these subjects; the values of the trail come last, for the others write to it."""
    return [
        _tasks(session, subjects),
        _task_events(session, subjects),
        _timeline(session, subjects),
        _notifications(session, subjects),
        _files(session, subjects, files),
        _drafts(session, identifiers),
        _filters(session, identifiers),
        *(_sweep(session, sweep, identifiers) for sweep in sweeps),
        _trail(session, subjects, identifiers, ghosts),
    ]


def _tasks(session: WorkSession, subjects: Sequence[Subject]) -> Step:
    columns = (Task.id, Task.title, Task.title_values, Task.details, Task.result)
    rows = session.connection().execute(select(*columns).where(Task.id.in_(_tasks_among(subjects)))).mappings()
    return _rewriting(session, "tasks", T("Tasks"), Task, rows, lambda row: _erased_task(session, row))


def _erased_task(session: WorkSession, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": row["title"] if _is_ours(session, row) else str(ERASED_TASK),
        "title_values": _scrubbed(row["title_values"]),
        "details": "",
        "result": "",
    }


def _is_ours(session: WorkSession, row: Mapping[str, Any]) -> bool:
    """Whether a task's title is a text of the program; one that somebody typed has neither values nor translation."""
    return bool(row["title_values"]) or session.words("ru", row["title"]) != row["title"]


def _tasks_among(subjects: Iterable[Subject]) -> list[int]:
    return sorted({subject.id for subject in subjects if subject.type == "core_task"})


def _task_events(session: WorkSession, subjects: Sequence[Subject]) -> Step:
    condition = and_(TaskEvent.task_id.in_(_tasks_among(subjects)), TaskEvent.comment != "")
    return _emptying(session, "task_events", T("Remarks on tasks"), TaskEvent, TaskEvent.comment, condition)


def _timeline(session: WorkSession, subjects: Sequence[Subject]) -> Step:
    entries = select(TimelineSubject.entry_id).where(
        of_subjects(TimelineSubject.subject_type, TimelineSubject.subject_id, subjects)
    )
    columns = (
        TimelineEntry.id,
        TimelineEntry.title_values,
        TimelineEntry.body,
        TimelineEntry.data,
        TimelineEntry.link,
    )
    rows = session.connection().execute(select(*columns).where(TimelineEntry.id.in_(entries))).mappings()
    return _rewriting(session, "timeline", T("Notes and events"), TimelineEntry, rows, _erased_entry)


def _erased_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title_values": _scrubbed(row["title_values"]),
        "body": "",
        "data": _scrubbed(row["data"]),
        "link": row["link"].partition("?")[0],
    }


def _scrubbed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a stored text without what was typed; words of directories and of the program stay."""
    return {name: GONE if isinstance(value, (str, list)) else value for name, value in values.items()}


def _notifications(session: WorkSession, subjects: Sequence[Subject]) -> Step:
    condition = of_subjects(Notification.subject_type, Notification.subject_id, subjects)
    columns = (Notification.id, Notification.user_id)
    told = session.connection().execute(select(*columns).where(condition)).all()

    def erase() -> None:
        _delete(session, Notification, [row.id for row in told])
        for row in told:
            publish(session, "notification.closed", users=[row.user_id], notification=row.id)

    return Step("notifications", T("Notifications"), len(told), erase)


def _files(session: WorkSession, subjects: Sequence[Subject], files: FileStore | None) -> Step:
    """Files of these records, also removed ones; without ``files`` their content is left to the daily sweep."""
    condition = of_subjects(StoredFile.subject_type, StoredFile.subject_id, subjects)
    statement = select(StoredFile.id, StoredFile.storage_name).where(condition)
    found = session.connection().execute(statement).all()

    def erase() -> None:
        erased = [Subject(StoredFile.__tablename__, row.id) for row in found]
        if files is not None:
            remove_with_commit(session, files, [row.storage_name for row in found])
        _delete_values(session, _entries_of(session, erased))
        _delete(session, StoredFile, [row.id for row in found])
        note_erased(session, erased)

    return Step("files", T("Files"), len(found), erase)


def note_erased(session: WorkSession, subjects: Iterable[Subject]) -> None:
    """Say in the trail that these rows were erased, without a word of what they held."""
    record_changes(session, [Change("personal_data.erased", type_, id_, {}) for type_, id_ in subjects])
    session.flush()


def _drafts(session: WorkSession, identifiers: Identifiers) -> Step:
    statement = select(Draft.user_id, Draft.key, Draft.fields)
    keys = [
        (row.user_id, row.key) for row in _mentioning(session, statement, identifiers, lambda row: _text(row.fields))
    ]

    def erase() -> None:
        for user_id, key in keys:
            statement = delete(Draft).where(Draft.user_id == user_id, Draft.key == key)
            session.connection().execute(statement)

    return Step("drafts", T("Drafts"), len(keys), erase)


def _filters(session: WorkSession, identifiers: Identifiers) -> Step:
    statement = select(SavedFilter.id, SavedFilter.name, SavedFilter.query)
    found = _mentioning(session, statement, identifiers, lambda row: f"{row.name} {row.query}")
    ids = [row.id for row in found]

    def erase() -> None:
        _delete_values(session, _entries_of(session, [Subject(SavedFilter.__tablename__, number) for number in ids]))
        _delete(session, SavedFilter, ids)

    return Step("saved_filters", T("Saved filters"), len(ids), erase)


def _sweep(session: WorkSession, sweep: Sweep, identifiers: Identifiers) -> Step:
    ids = [row["id"] for row in swept_rows(session, sweep, identifiers)]
    return Step(sweep.model.__tablename__, sweep.title, len(ids), lambda: _delete(session, sweep.model, ids))


def swept_rows(session: WorkSession, sweep: Sweep, identifiers: Identifiers) -> list[dict[str, Any]]:
    """The rows of a table without people that name this one."""
    names = ("id", *sweep.columns)
    statement = select(*(column_of(sweep.model, name).label(f"v_{name}") for name in names))
    found = _mentioning(session, statement, identifiers, lambda row: _text(list(row)[1:]))
    return [dict(zip(names, row, strict=True)) for row in found]


def _trail(session: WorkSession, subjects: Sequence[Subject], identifiers: Identifiers, ghosts: Sequence[int]) -> Step:
    """The values of the trail; the rows of the chain stay and prove that something was done (SEC-64).

    ``ghosts`` are entries of rows that were deleted before.
    """

    def found() -> list[int]:
        return sorted({*_entries_of(session, subjects), *_mentioned_in_trail(session, identifiers), *ghosts})

    return Step("trail", T("Values in the audit trail"), len(found()), lambda: _delete_values(session, found()))


def _entries_of(session: WorkSession, subjects: Iterable[Subject]) -> list[int]:
    statement = (
        select(AuditValue.audit_id)
        .join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        .where(of_subjects(AuditEntry.subject_type, AuditEntry.subject_id, subjects))
    )
    return list(session.connection().execute(statement).scalars())


def _mentioned_in_trail(session: WorkSession, identifiers: Identifiers) -> list[int]:
    """Entries of no record, such as exports, whose filter names the person."""
    statement = (
        select(AuditValue.audit_id, AuditValue.changes)
        .join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        .where(AuditEntry.subject_type == "")
    )
    return [row.audit_id for row in _mentioning(session, statement, identifiers, _changes_text)]


def erase_mentions(session: WorkSession, subjects: Iterable[Subject], identifiers: Identifiers) -> int:
    """Erase those values in the trail of other people's records that name the person; returns how many."""
    statement = (
        select(AuditValue.audit_id, AuditValue.changes)
        .join(AuditEntry, AuditEntry.id == AuditValue.audit_id)
        .where(of_subjects(AuditEntry.subject_type, AuditEntry.subject_id, subjects))
    )
    ids = [row.audit_id for row in _mentioning(session, statement, identifiers, _changes_text)]
    _delete_values(session, ids)
    return len(ids)


def _changes_text(row: Any) -> str:
    return _text(row.changes)


def _text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _mentioning(
    session: WorkSession, statement: Any, identifiers: Identifiers, text: Callable[[Any], str]
) -> Iterator[Any]:
    if identifiers:
        yield from (row for row in session.connection().execute(statement) if identifiers.within(text(row)))


def _rewriting(
    session: WorkSession,
    name: str,
    title: str,
    model: type[Base],
    rows: Iterable[Mapping[Any, Any]],
    erased: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> Step:
    """Rows whose columns get new values; those that are as they should be are not counted."""
    changed = []
    for row in rows:
        values = erased(row)
        if any(row[key] != value for key, value in values.items()):
            changed.append({"b_id": row["id"], **values})

    def apply() -> None:
        if changed:
            table = update(model).where(column_of(model, "id") == bindparam("b_id"))
            names = [key for key in changed[0] if key != "b_id"]
            session.connection().execute(table.values({key: bindparam(key) for key in names}), changed)

    return Step(name, title, len(changed), apply)


def _emptying(session: WorkSession, name: str, title: str, model: type[Base], column: Any, condition: Any) -> Step:
    number = session.connection().execute(select(func.count()).select_from(model).where(condition)).scalar_one()

    def apply() -> None:
        session.connection().execute(update(model).where(condition).values({column: ""}))

    return Step(name, title, number, apply)


def _delete(session: WorkSession, model: type[Base], ids: Sequence[int]) -> None:
    number = column_of(model, "id")
    for start in range(0, len(ids), 500):
        session.connection().execute(delete(model).where(number.in_(ids[start : start + 500])))


def _delete_values(session: WorkSession, audit_ids: Sequence[int]) -> None:
    for start in range(0, len(audit_ids), 500):
        part = audit_ids[start : start + 500]
        session.connection().execute(delete(AuditValue).where(AuditValue.audit_id.in_(part)))
