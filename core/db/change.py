"""Conditional and bulk updates: the database decides the race, the audit trail knows of it (SEC-48)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, inspect, select, true, update
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm.exc import StaleDataError

from core.access.policy import RowRule, Scope
from core.db.audit import Change, record_changes
from core.db.base import Base, Record
from core.db.engine import WorkSession
from core.db.guards import row_rules
from core.db.kept import KeptSelect, Read, read
from core.errors import NO_RECORD, Forbidden, NotFound

R = TypeVar("R", bound=Record)
_RECORD = bindparam("record", type_=BigInteger)


def change_where(
    session: WorkSession,
    model: type[Record],
    conditions: Iterable[ColumnElement[bool]],
    values: Mapping[str, Any],
    *,
    action: str,
) -> list[int]:
    """Update the rows that still meet the conditions, and write one trail entry for each (SEC-63).

    The person's row rules apply. Loaded objects of the model are refreshed.

    :returns: the ids that were changed; empty when somebody was faster.
    """
    session.flush()
    before = _locked(session, model, conditions, list(values))
    if not before:
        return []
    ids = sorted(before)
    stamped = {**values, "updated_at": session.now(), "updated_by_id": session.access.user_id}
    statement = update(model).where(model.id.in_(ids)).values(**stamped, version=model.version + 1)
    session.execute(statement.execution_options(audited=True, synchronize_session=False))
    _refresh(session, model, ids)
    record_changes(
        session, [Change(action, model.__tablename__, id_, _told(model, before[id_], values)) for id_ in ids]
    )
    return ids


def _told(model: type[Record], before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, list[Any]]:
    """What the trail says of one row: from what to what."""
    columns = inspect(model).columns
    return {
        key: [before[key], value]
        for key, value in values.items()
        if before[key] != value and not columns[key].info.get("secret")
    }


def _locked(
    session: WorkSession, model: type[Record], conditions: Iterable[ColumnElement[bool]], names: Sequence[str]
) -> dict[int, dict[str, Any]]:
    """The rows that meet the conditions, as they are now; nobody else changes them until this transaction ends.

    On PostgreSQL the lock decides who was first, and the conditions are asked again of a row that was waited for;
    SQLite has one writer.
    """
    columns = [getattr(model, name) for name in names]
    statement = select(model.id, *columns).where(*conditions).with_for_update(of=model)
    return {row["id"]: {**row} for row in session.execute(statement).mappings()}


def _refresh(session: WorkSession, model: type[Record], ids: list[int]) -> None:
    for record in list(session.identity_map.values()):
        if isinstance(record, model) and record.id in ids:
            session.expire(record)


def get_record(session: WorkSession, model: type[R], record_id: int) -> R | None:
    """The record, or nothing when it is missing or not this person's to know of (SEC-3).

    ``Session.get`` would answer from the identity map without asking the row rules.
    """
    statement = row_rules(session).ruled(("record", model), lambda: select(model).where(model.id == _RECORD))
    found: R | None = session.scalars(statement, {"record": record_id}).one_or_none()
    return found


def expect_record(session: WorkSession, model: type[R], record_id: int, missing: str = NO_RECORD) -> R:
    """The record, for whoever cannot go on without it.

    :param missing: what is said when there is none.
    :raises NotFound: when it is missing or not this person's to know of (SEC-3).
    """
    record = get_record(session, model, record_id)
    if record is None:
        raise NotFound(missing)
    return record


def locked_record(session: WorkSession, model: type[R], record_id: int, missing: str = NO_RECORD) -> R:
    """The record as it is now, for changing: nobody else changes it until this transaction ends.

    Where it was read before, it is read anew; what was changed in it since is stored first. Whoever had to wait for a
    colleague is asked the row rules of what that colleague has left.

    :param missing: what is said when there is none.
    :raises NotFound: when it is missing or not this person's to know of (SEC-3).
    """
    statement = row_rules(session).ruled(("locked", model), lambda: _locking(model))
    record: R | None = session.scalars(statement, {"record": record_id}).one_or_none()
    if record is None:
        raise NotFound(missing)
    return record


def _locking(model: type[R]) -> Select[R]:
    statement = select(model).where(model.id == _RECORD).with_for_update(of=model)
    return statement.execution_options(populate_existing=True)


def lock_record(session: WorkSession, record: Record) -> None:
    """Read a record anew; nobody else changes it until this transaction ends.

    :raises NotFound: when it has gone meanwhile.
    """
    try:
        session.refresh(record, with_for_update=True)
    except InvalidRequestError as gone:
        raise NotFound(NO_RECORD) from gone


@dataclass(frozen=True, slots=True)
class Reach:
    """Which rights reach a record: ``held`` ones every record, ``limited`` ones perhaps this one; ``reads`` tells."""

    held: frozenset[str]
    limited: tuple[str, ...] = ()
    reads: Mapping[str, Read] = field(default_factory=dict)
    """The read called ``reach``, or nothing when there is nothing to ask."""

    def rights(self, rows: Sequence[Any] = ()) -> frozenset[str]:
        """Those that reach the record, by the rows of the read."""
        row = next(iter(rows), [False] * len(self.limited))
        return self.held | {right for right, reaches in zip(self.limited, row, strict=True) if reaches}


def reach_of(session: WorkSession, record: Record, rights: Sequence[str]) -> Reach:
    """Which of the rights reach this record, for whoever reads it with other things; else see :func:`reached`."""
    access = session.access
    rule: RowRule | None = getattr(type(record), "__row_rule__", None)
    held = [right for right in rights if access.may(right)]
    limited = tuple(right for right in held if rule is not None and access.scope(right) != Scope.ALL)
    if not limited:
        return Reach(frozenset(held))
    asked = Read(_reaching(session, type(record), limited), {"record": record.id})
    return Reach(frozenset(held) - set(limited), limited, {"reach": asked})


def reached(session: WorkSession, record: Record, rights: Sequence[str]) -> frozenset[str]:
    """Those of the rights that reach this record; a person may read more than he may change (SEC-6)."""
    reach = reach_of(session, record, rights)
    return reach.rights(*(read(session, each) for each in reach.reads.values()))


def _reaching(session: WorkSession, model: Any, rights: tuple[str, ...]) -> KeptSelect:
    def make() -> KeptSelect:
        rule: RowRule = model.__row_rule__
        criteria = [replace(rule, right=right).criterion(model, session.access) for right in rights]
        return select(*criteria).where(model.id == _RECORD)

    return row_rules(session).once((model, rights), make)


def within(session: WorkSession, model: type[Base], right: str) -> ColumnElement[bool]:
    """The condition for the rows of a model that a right of the person reaches, beside those he may read (SEC-6)."""
    rule: RowRule | None = getattr(model, "__row_rule__", None)
    return true() if rule is None else replace(rule, right=right).criterion(model, session.access)


def expect_reach(session: WorkSession, record: Record, right: str) -> None:
    """Refuse what the person's right does not reach.

    :raises Forbidden: when he may know of the record and not do this to it (SEC-6).
    """
    if not reached(session, record, [right]):
        raise Forbidden("You may read this record, and not do this to it.")


def expect_version(record: Record, version: int) -> None:
    """Raise ``StaleDataError`` when the form was made from an older state of the record (SEC-49)."""
    if record.version != version:
        raise StaleDataError(f"{record.__tablename__} {record.id}: version {version}, now {record.version}")
