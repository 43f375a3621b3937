"""Finding every row that tells of one person, and the person a row tells of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from core.db.base import Base
from core.db.engine import WorkSession
from core.errors import NotFound
from core.text.msgids import T
from core.work.personal_data import Declared, Link, PersonalData, Rows
from core.work.subjects import Subject

_AT_ONCE = 500
"""Values in one ``IN``: a person has some dozen rows, a leak may have many thousands."""


def rows_of(session: WorkSession, declared: Declared, root: Subject) -> Rows:
    """Every declared row that tells of this person, over all addons; without regard to row rules.

    :raises NotFound: no declaration knows such a record.
    """
    start = declared.of(root.type)
    if start is None or not _ids(session, start.model, [column_of(start.model, "id") == root.id]):
        raise NotFound(T("There is no such person."))
    found: dict[type[Base], set[int]] = {start.model: {root.id}}
    while _grow(session, declared, found):
        pass
    return {model: frozenset(numbers) for model, numbers in found.items() if numbers}


def _grow(session: WorkSession, declared: Declared, found: dict[type[Base], set[int]]) -> bool:
    """One step along every link; whether anything new was found."""
    grown = False
    for each in declared.tables:
        for link in each.links:
            known = found.setdefault(each.model, set())
            new = _linked(session, each, link, found.get(link.parent, set())) - known
            known |= new
            grown = grown or bool(new)
    return grown


def _linked(session: WorkSession, each: PersonalData, link: Link, parents: set[int]) -> set[int]:
    values: Iterable[Any] = sorted(parents)
    if link.parent_column != "id":
        values = _values(session, link.parent, link.parent_column, parents)
    column = column_of(each.model, link.column)
    return {number for part in _parts(values) for number in _ids(session, each.model, [column.in_(part), *link.only])}


def _values(session: WorkSession, model: type[Base], name: str, ids: Iterable[int]) -> list[Any]:
    column = column_of(model, name)
    found: set[Any] = set()
    for part in _parts(sorted(ids)):
        statement = select(column).where(column_of(model, "id").in_(part))
        found.update(value for value in session.connection().execute(statement).scalars() if value not in (None, ""))
    return sorted(found)


def _ids(session: WorkSession, model: type[Base], conditions: Iterable[ColumnElement[bool]]) -> list[int]:
    statement = select(column_of(model, "id")).where(*conditions)
    return list(session.connection().execute(statement).scalars())


def subjects_of(rows: Rows) -> list[Subject]:
    """The rows as subjects, by which tasks, notes, files and the trail refer to them."""
    return [Subject(model.__tablename__, number) for model, numbers in rows.items() for number in sorted(numbers)]


def read_rows(session: WorkSession, model: type[Base], ids: Iterable[int]) -> list[dict[str, Any]]:
    """The rows with all their columns, by attribute name, in their order."""
    found: list[dict[str, Any]] = []
    names = [attribute.key for attribute in model.__mapper__.column_attrs]
    columns = [column_of(model, name) for name in names]
    for part in _parts(sorted(ids)):
        statement = select(*columns).where(column_of(model, "id").in_(part)).order_by(column_of(model, "id"))
        found += [dict(zip(names, row, strict=True)) for row in session.connection().execute(statement)]
    return found


def persons_of(session: WorkSession, declared: Declared, subjects: Iterable[Subject]) -> set[Subject]:
    """The people these records tell of; a record that names nobody stands for itself (SEC-73)."""
    people: set[Subject] = set()
    waiting = {subject for subject in subjects if declared.of(subject.type) is not None}
    seen: set[Subject] = set()
    while waiting:
        seen |= waiting
        upwards: set[Subject] = set()
        for table in {subject.type for subject in waiting}:
            each = declared.of(table)
            assert each is not None
            ids = {subject.id for subject in waiting if subject.type == table}
            above = _parents(session, each, ids)
            upwards |= {parent for parents in above.values() for parent in parents}
            people |= {Subject(table, number) for number in ids if not above.get(number)}
        waiting = upwards - seen
    return people


def _parents(session: WorkSession, each: PersonalData, ids: set[int]) -> Mapping[int, set[Subject]]:
    above: dict[int, set[Subject]] = {}
    for link in each.links:
        if link.parent_column != "id":
            continue
        column, number = column_of(each.model, link.column), column_of(each.model, "id")
        for part in _parts(sorted(ids)):
            statement = select(number, column).where(number.in_(part), column.is_not(None))
            for child, parent in session.connection().execute(statement):
                above.setdefault(child, set()).add(Subject(link.parent.__tablename__, parent))
    return above


def of_subjects(type_: Any, id_: Any, subjects: Iterable[Subject]) -> ColumnElement[bool]:
    """The condition that a row's subject is one of these; ``type_`` and ``id_`` are its columns."""
    ids: dict[str, list[int]] = {}
    for subject in subjects:
        ids.setdefault(subject.type, []).append(subject.id)
    return or_(false(), *((type_ == name) & id_.in_(numbers) for name, numbers in ids.items()))


def count(session: WorkSession, model: type[Base], conditions: Iterable[ColumnElement[bool]]) -> int:
    """How many rows meet the conditions, whoever asks."""
    statement = select(func.count()).select_from(model).where(*conditions)
    return session.connection().execute(statement).scalar_one()


def column_of(model: type[Base], name: str) -> InstrumentedAttribute[Any]:
    """A model's column by its attribute name."""
    column: InstrumentedAttribute[Any] = getattr(model, name)
    return column


def _parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    listed = list(values)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
