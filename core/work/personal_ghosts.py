"""Rows of a person that were deleted long ago and live on in the values of the trail (SEC-70).

A number may have been used twice (SQLite gives the numbers of deleted rows out again), so the trail of a number
is cut into lives, each from a creation to the next; a life is hers if it refers to one of her rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from core.db.audit import AuditEntry, AuditValue
from core.db.base import Base
from core.db.engine import WorkSession
from core.work.models import StoredFile
from core.work.personal_data import Declared, Rows
from core.work.personal_finding import column_of
from core.work.subjects import Subject

Hers = Callable[[Mapping[str, Any]], bool]
"""Whether the changes of an entry refer to the person."""


def ghost_values(session: WorkSession, known: Declared, rows: Rows, subjects: Iterable[Subject]) -> list[int]:
    """The entries of the trail whose values tell of deleted rows of this person."""
    found: list[int] = []
    for data in known.tables:
        links = {
            link.column: rows[link.parent] for link in data.links if link.parent in rows and link.parent_column == "id"
        }
        if links:
            found += _hers(session, data.model, _referring(links))
    return [*found, *_hers(session, StoredFile, _attached(frozenset(subjects)))]


def _referring(links: Mapping[str, frozenset[int]]) -> Hers:
    return lambda changes: any(parents.intersection(_said(changes, name)) for name, parents in links.items())


def _attached(subjects: frozenset[Subject]) -> Hers:
    def hers(changes: Mapping[str, Any]) -> bool:
        types, ids = _said(changes, "subject_type"), _said(changes, "subject_id")
        return any(Subject(type_, id_) in subjects for type_ in types for id_ in ids if isinstance(id_, int))

    return hers


def _said(changes: Mapping[str, Any], name: str) -> list[Any]:
    """The old and the new value of a field."""
    said = changes.get(name)
    return [value for value in said if isinstance(value, (int, str))] if isinstance(said, list) else []


def _hers(session: WorkSession, model: type[Base], hers: Hers) -> Iterator[int]:
    for _, entries in groupby(_deleted_rows(session, model), key=lambda row: row.subject_id):
        *lives, last = _lives(list(entries))
        if not last[0].present:
            lives.append(last)
        for life in lives:
            if any(hers(row.changes) for row in life if row.changes):
                yield from (row.id for row in life if row.changes is not None)


def _deleted_rows(session: WorkSession, model: type[Base]) -> Iterable[Any]:
    """The trail of all numbers of a table whose row is missing or was deleted once."""
    number = column_of(model, "id")
    present = select(number).where(number == AuditEntry.subject_id).exists()
    deletion = aliased(AuditEntry)
    deleted = select(deletion.subject_id).where(
        deletion.subject_type == model.__tablename__, deletion.action == "delete", deletion.subject_id.is_not(None)
    )
    statement = (
        select(AuditEntry.id, AuditEntry.subject_id, AuditEntry.action, AuditValue.changes, present.label("present"))
        .outerjoin(AuditValue, AuditValue.audit_id == AuditEntry.id)
        .where(
            AuditEntry.subject_type == model.__tablename__,
            AuditEntry.subject_id.is_not(None),
            or_(~present, AuditEntry.subject_id.in_(deleted)),
        )
        .order_by(AuditEntry.subject_id, AuditEntry.id)
    )
    return session.connection().execute(statement)


def _lives(entries: list[Any]) -> list[list[Any]]:
    lives: list[list[Any]] = []
    for row in entries:
        if row.action == "create" or not lives:
            lives.append([])
        lives[-1].append(row)
    return lives
