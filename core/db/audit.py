"""Who changed what from what to what, in the same transaction (SEC-63, SEC-64).

The row that is chained holds no personal data: the values lie in a side table that can be erased,
and the row keeps only their salted hash, so erasing a person breaks no chain.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, event, insert, inspect, select
from sqlalchemy.orm import Mapped, UOWTransaction, mapped_column
from sqlalchemy.orm.attributes import set_committed_value

from core.db.base import Base, BigId, Record
from core.db.engine import WorkSession

_STAMPS = {"id", "created_at", "created_by_id", "updated_at", "updated_by_id", "version"}


class AuditEntry(Base):
    """One action on one record: the part that is chained and never changed."""

    __tablename__ = "core_audit"
    __table_args__ = (
        Index("ix_core_audit_subject", "subject_id", "subject_type", "at"),
        Index("ix_core_audit_thing", "subject_type", "at"),
        Index("ix_core_audit_action", "action", "at"),
        Index("ix_core_audit_at", "at"),
        Index("ix_core_audit_user", "user_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(80))
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    values_hash: Mapped[str] = mapped_column(String(64))


class AuditValue(Base):
    """The values of an entry, ``{field: [old, new]}``; erased together with the person they tell of."""

    __tablename__ = "core_audit_value"

    audit_id: Mapped[int] = mapped_column(BigId, ForeignKey("core_audit.id"), primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class Change(NamedTuple):
    """One thing to be written to the trail."""

    action: str
    subject_type: str
    subject_id: int | None
    values: Mapping[str, Any]


def record_changes(session: WorkSession, changes: Iterable[Change]) -> None:
    """Write entries now, in the session's transaction: one INSERT for them and one for their values."""
    changes = list(changes)
    if not changes:
        return
    salted = [
        (secrets.token_bytes(16), {key: _plain(value) for key, value in change.values.items()}) for change in changes
    ]
    rows = [
        {
            "at": session.now(),
            "user_id": session.access.user_id,
            "source": _source(session),
            "action": change.action,
            "subject_type": change.subject_type,
            "subject_id": change.subject_id,
            "values_hash": values_hash(salt, values),
        }
        for change, (salt, values) in zip(changes, salted, strict=True)
    ]
    connection = session.connection()
    ids = connection.execute(_ENTRIES, rows).scalars().all()
    connection.execute(
        _VALUES,
        [{"audit_id": id_, "salt": salt, "changes": values} for id_, (salt, values) in zip(ids, salted, strict=True)],
    )


_ENTRIES = insert(AuditEntry).returning(AuditEntry.id, sort_by_parameter_order=True)
_VALUES = insert(AuditValue)


def note_action(session: WorkSession, action: str, subject: Record | None = None, **values: Any) -> None:
    """Write an action that is no change of a field: an export, a refusal, a listen, a sign-in."""
    subject_type = subject.__tablename__ if subject is not None else ""
    record_changes(session, [Change(action, subject_type, subject.id if subject is not None else None, values)])


def values_hash(salt: bytes, values: Mapping[str, Any]) -> str:
    """The salted hash that stands in the chain for the values themselves."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(salt + text.encode()).hexdigest()


@event.listens_for(WorkSession, "before_flush")
def learn(session: WorkSession, _context: UOWTransaction, _instances: object) -> None:
    """Read what stood in columns that were set without having been read, as after an expiry: the trail tells it."""
    for record in session.dirty:
        unread = _unread(record) if _audited(record) else []
        if not unread:
            continue
        columns = inspect(type(record)).columns
        statement = select(*(columns[name].label(name) for name in unread)).where(columns["id"] == _number_of(record))
        before = session.connection().execute(statement).mappings().one_or_none()
        for name, value in (before or {}).items():
            wanted = getattr(record, name)
            set_committed_value(record, name, value)
            setattr(record, name, wanted)


def _unread(record: Record) -> list[str]:
    attributes = inspect(record).attrs
    histories = {name: attributes[name].history for name in audited_fields(type(record))}
    return [name for name, history in histories.items() if history.added and not history.deleted]


def _number_of(record: Record) -> Any:
    """The number of a stored record; asking an expired one for it would read the record."""
    return (inspect(record).identity or (record.id,))[0]


@event.listens_for(WorkSession, "after_flush")
def collect(session: WorkSession, context: UOWTransaction) -> None:
    """Write the trail of everything this flush has inserted, changed and deleted."""
    changes = [
        *(_change("create", record, _created(record)) for record in session.new if _audited(record)),
        *(
            _change("change", record, values)
            for record in session.dirty
            if _audited(record) and (values := _changed(record))
        ),
        *(_change("delete", record, _deleted(record)) for record in _gone(context) if _audited(record)),
    ]
    record_changes(session, changes)


def _gone(context: UOWTransaction) -> list[Any]:
    """What this flush deletes, with the orphans that ``session.deleted`` does not name."""
    return [state.obj() for state, (is_delete, listonly) in context.states.items() if is_delete and not listonly]


def _change(action: str, record: Record, values: Mapping[str, Any]) -> Change:
    return Change(action, record.__tablename__, record.id, values)


def _audited(record: object) -> bool:
    return isinstance(record, Record) and record.__audited__


def _created(record: Record) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in audited_fields(type(record))}
    return {name: [None, value] for name, value in values.items() if value not in (None, "")}


def _changed(record: Record) -> dict[str, Any]:
    state = inspect(record)
    histories = {name: state.attrs[name].history for name in audited_fields(type(record))}
    return {
        name: [history.deleted[0] if history.deleted else None, history.added[0] if history.added else None]
        for name, history in histories.items()
        if history.has_changes()
    }


def _deleted(record: Record) -> dict[str, Any]:
    return {name: [getattr(record, name), None] for name in audited_fields(type(record))}


@cache
def audited_fields(model: type[Record]) -> tuple[str, ...]:
    """The columns whose values go into the trail: all but stamps and secrets."""
    mapper = inspect(model)
    return tuple(
        attribute.key
        for attribute in mapper.column_attrs
        if attribute.key not in _STAMPS and not attribute.columns[0].info.get("secret")
    )


def _source(session: WorkSession) -> str:
    access = session.access
    return f"{access.source} · {access.elevated}"[:80] if access.elevated else access.source


def _plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)
