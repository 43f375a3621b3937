"""The subject file: everything held about one person, over all addons, to be handed to him (SEC-69)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import select

from core.db.audit import AuditEntry, AuditValue, Change, record_changes
from core.db.engine import WorkSession
from core.text.msgids import T
from core.work.filestore import FileStore
from core.work.models import Notification, StoredFile, TimelineEntry, TimelineSubject
from core.work.personal_data import EXPORT, Declared, PersonalData, Rows, Told, declared
from core.work.personal_erasure import reference_of
from core.work.personal_finding import of_subjects, read_rows, rows_of, subjects_of
from core.work.personal_traces import identifiers_of, swept_rows, with_tasks
from core.work.subjects import Subject
from core.work.task_models import Task


class Column(NamedTuple):
    """A column of a section: its key in JSON, its name in words, words for its codes."""

    key: str
    title: str
    words: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class FileSection:
    """The rows of one table; values are as JSON keeps them, titles and words are msgids."""

    name: str
    title: str
    category: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class SubjectFile:
    """Everything about one person at one moment."""

    person: Subject
    reference: str
    made_at: datetime
    sections: tuple[FileSection, ...]
    files: tuple[StoredFile, ...] = field(default=())

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(len(section.rows) for section in self.sections)


def subject_file(session: WorkSession, person: Subject) -> SubjectFile:
    """Everything held about a person; that it was taken out is written to the trail with the number of rows.

    :raises Forbidden: without the right to export personal data.
    :raises NotFound: there is no such person.
    """
    session.access.require(EXPORT)
    known = declared(session.hooks)
    rows = rows_of(session, known, person)
    subjects = with_tasks(session, subjects_of(rows))
    own = [_section(session, data, rows[data.model]) for data in known.tables if rows.get(data.model)]
    own += _swept_sections(session, known, rows)
    files = _files(session, subjects)
    shared = [*_core_sections(session, subjects), _files_section(files)]
    sections = tuple(section for section in [*own, *shared] if section.rows)
    made = SubjectFile(person, reference_of(session, known, person), session.now(), sections, tuple(files))
    record_changes(session, [Change("personal_data.export", person.type, person.id, {"rows": made.rows})])
    return made


def _section(session: WorkSession, data: PersonalData, ids: frozenset[int]) -> FileSection:
    told: list[Column] = []
    for name, title in data.export.items():
        words = title.words_in(session.hooks) if isinstance(title, Told) else {}
        told.append(Column(name, title.title if isinstance(title, Told) else title, words))
    personal = [Column(name, fate.title) for name, fate in data.fields.items() if fate.title]
    columns = (Column("id", T("Number")), *personal, *told)
    rows = tuple(tuple(_plain(row[column.key]) for column in columns) for row in read_rows(session, data.model, ids))
    return FileSection(data.table, data.title, data.category, columns, rows)


def _swept_sections(session: WorkSession, known: Declared, rows: Rows) -> list[FileSection]:
    """Rows of tables without people, such as refused lines of an import, that name this one."""
    if not known.sweeps:
        return []
    identifiers = identifiers_of(session, known, rows)
    sections = []
    for sweep in known.sweeps:
        columns = (Column("id", T("Number")), *(Column(name, name) for name in sweep.columns))
        found = swept_rows(session, sweep, identifiers)
        told = tuple(tuple(row.values()) for row in found)
        sections.append(FileSection(sweep.model.__tablename__, sweep.title, sweep.category, columns, told))
    return sections


def _core_sections(session: WorkSession, subjects: Sequence[Subject]) -> Iterator[FileSection]:
    category = T("Records of work with the person")
    yield _selected(
        session,
        FileSection("tasks", T("Tasks"), category, _TASK, ()),
        select(Task.id, Task.created_at, Task.title, Task.details, Task.due_at, Task.state, Task.result)
        .where(Task.id.in_([subject.id for subject in subjects if subject.type == "core_task"]))
        .order_by(Task.id),
    )
    places = of_subjects(TimelineSubject.subject_type, TimelineSubject.subject_id, subjects)
    yield _selected(
        session,
        FileSection("timeline", T("Notes and events"), category, _ENTRY, ()),
        select(TimelineEntry.id, TimelineEntry.at, TimelineEntry.title, TimelineEntry.title_values, TimelineEntry.body)
        .where(TimelineEntry.id.in_(select(TimelineSubject.entry_id).where(places)))
        .order_by(TimelineEntry.id),
    )
    told = of_subjects(Notification.subject_type, Notification.subject_id, subjects)
    yield _selected(
        session,
        FileSection("notifications", T("Notifications"), category, _NOTICE, ()),
        select(Notification.id, Notification.created_at, Notification.title, Notification.title_values)
        .where(told)
        .order_by(Notification.id),
    )
    yield _selected(
        session,
        FileSection("trail", T("Changes of the data"), T("Record of actions with the data"), _CHANGE, ()),
        select(AuditEntry.id, AuditEntry.at, AuditEntry.action, AuditEntry.subject_type, AuditValue.changes)
        .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
        .where(of_subjects(AuditEntry.subject_type, AuditEntry.subject_id, subjects))
        .order_by(AuditEntry.id),
    )


_NUMBER, _AT, _TITLE = Column("id", T("Number")), Column("at", T("Time")), Column("title", T("Title"))
_TASK = (
    _NUMBER,
    _AT,
    _TITLE,
    Column("details", T("Details")),
    Column("due_at", T("Due")),
    Column("state", T("State")),
    Column("result", T("Result")),
)
_ENTRY = (_NUMBER, _AT, _TITLE, Column("values", T("Values")), Column("text", T("Text")))
_NOTICE = (_NUMBER, _AT, _TITLE, Column("values", T("Values")))
_CHANGE = (
    _NUMBER,
    _AT,
    Column("action", T("Action")),
    Column("table", T("Table")),
    Column("changes", T("From what to what")),
)


def _selected(session: WorkSession, section: FileSection, statement: Any) -> FileSection:
    found = session.connection().execute(statement)
    rows = tuple(tuple(_plain(value) for value in row) for row in found)
    return FileSection(section.name, section.title, section.category, section.columns, rows)


def _files(session: WorkSession, subjects: Iterable[Subject]) -> list[StoredFile]:
    """All files of these records; whoever may export a person's data gets them without regard to row rules."""
    ids = select(StoredFile.id).where(of_subjects(StoredFile.subject_type, StoredFile.subject_id, subjects))
    known = session.connection().execute(ids).scalars().all()
    columns = read_rows(session, StoredFile, known)
    return [StoredFile(**row) for row in columns]


def _files_section(files: Iterable[StoredFile]) -> FileSection:
    columns = (_NUMBER, _AT, Column("name", T("File name")), Column("size", T("Size, bytes")))
    rows = tuple((stored.id, _plain(stored.created_at), stored.name, stored.size) for stored in files)
    return FileSection("files", T("Files"), T("Files of the person"), columns, rows)


def _plain(value: Any) -> Any:
    """A value as JSON keeps it and a person can read it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, (date, Decimal)):
        return str(value)
    return value


def as_json(made: SubjectFile) -> bytes:
    """The file as JSON: sections with rows by column name."""
    told = {
        "person": made.reference,
        "made_at": _plain(made.made_at),
        "rows": made.rows,
        "sections": {
            section.name: [
                {column.key: value for column, value in zip(section.columns, row, strict=True)} for row in section.rows
            ]
            for section in made.sections
        },
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def as_archive(made: SubjectFile, page: str, files: FileStore) -> bytes:
    """The file as a ZIP: ``subject.json``, ``subject.html`` (the page that was drawn of it) and the stored files."""
    import zipfile  # only for this

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("subject.json", as_json(made))
        archive.writestr("subject.html", page.encode())
        for stored in made.files:
            path = files.path(stored.storage_name)
            if path.exists():
                archive.write(path, f"files/{stored.id}-{stored.name.replace('/', '_')}")
    return buffer.getvalue()
