"""Bringing an addon's directory rows into an instance: each row once, and never over somebody's edit.

What a later release ships otherwise goes into the columns that are still as they were given; an edited one is kept and
told of. References to other rows are the instance's own: nothing is compared there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import insert, inspect, select, update

from core.db.base import Record
from core.db.engine import WorkSession
from core.host.models import ShippedRow
from core.work.upserts import insert_into

Row = Mapping[str, Any]
_KEPT = "kept rows"


class KeptRow(NamedTuple):
    """A column of a shipped row that this release ships otherwise, while yours, edited here, was kept."""

    kind: str
    key: str
    column: str
    yours: Any
    shipped: Any

    def __str__(self) -> str:
        return f"{self.kind} «{self.key}», {self.column}: yours {self.yours!r}, shipped now {self.shipped!r}"


def kept_rows(session: WorkSession) -> list[KeptRow]:
    """Where this session has kept an edit against what is shipped now; told once."""
    found: list[KeptRow] = session.info.pop(_KEPT, [])
    return found


def ship(session: WorkSession, model: type[Record], rows: Mapping[str, Row], natural: Sequence[str]) -> None:
    """Insert the rows this instance has never been given, and bring the others up to date where nobody has edited them.

    :param rows: by their keys, which must stay the same in every release.
    :param natural: the columns by which a row that somebody has made himself is taken for the same one.
    """
    new = claim_shipped(session, model.__tablename__, rows)
    if new:
        _bring(session, model, {key: rows[key] for key in new}, natural)
    if len(new) < len(rows):
        _renew(session, model, {key: row for key, row in rows.items() if key not in set(new)}, natural)


def _bring(session: WorkSession, model: type[Record], rows: Mapping[str, Row], natural: Sequence[str]) -> None:
    numbers = _adopted(session, model, rows, natural)
    missing = [key for key in rows if key not in numbers]
    if missing:
        statement = insert(model).returning(model.id, sort_by_parameter_order=True)
        ids = session.execute(statement, [{**stamps(session), **rows[key]} for key in missing]).scalars()
        numbers.update(zip(missing, ids, strict=True))
    kind = model.__tablename__
    session.execute(
        update(ShippedRow),
        [{"kind": kind, "key": key, "record_id": numbers[key], "given": _given(model, rows[key])} for key in rows],
    )


def _renew(session: WorkSession, model: type[Record], rows: Mapping[str, Row], natural: Sequence[str]) -> None:
    """Rows that this release ships otherwise than the last."""
    kind = model.__tablename__
    known = select(ShippedRow.key, ShippedRow.record_id, ShippedRow.given).where(ShippedRow.kind == kind)
    shipped = []
    for key, number, before in session.execute(known):
        now = _given(model, rows[key]) if key in rows else before
        if now != before:
            record = session.get(model, number) if number is not None else None
            if record is not None:
                _renew_one(session, record, key, rows[key], before or {}, natural)
            shipped.append({"kind": kind, "key": key, "given": now})
    if shipped:
        session.flush()
        session.execute(update(ShippedRow), shipped)


def _renew_one(
    session: WorkSession, record: Record, key: str, row: Row, before: Mapping[str, Any], natural: Sequence[str]
) -> None:
    """Bring a row's columns up to date, but for those that somebody has edited."""
    taken = _is_taken(session, record, row, natural)
    for column, shipped in _given(type(record), row).items():
        yours, given = _plain(getattr(record, column)), before.get(column)
        if shipped in (given, yours):
            continue
        if yours in (given, None, "") and not (taken and column in natural):
            setattr(record, column, row[column])
        else:
            session.info.setdefault(_KEPT, []).append(KeptRow(record.__tablename__, key, column, yours, shipped))


def _is_taken(session: WorkSession, record: Record, row: Row, natural: Sequence[str]) -> bool:
    """Whether another row has what this one would be called."""
    model = type(record)
    same = [getattr(model, name) == row[name] for name in natural]
    return session.scalar(select(model.id).where(model.id != record.id, *same).limit(1)) is not None


def _given(model: type[Record], row: Row) -> dict[str, Any]:
    """What a row says as JSON keeps it, without its references."""
    columns = inspect(model).columns
    return {name: _plain(value) for name, value in row.items() if not columns[name].foreign_keys}


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value)


def claim_shipped(session: WorkSession, kind: str, keys: Iterable[str]) -> list[str]:
    """Those of the keys nobody has claimed before; of two processes that start at once, one gets each."""
    wanted = list(dict.fromkeys(keys))
    known = set(session.scalars(select(ShippedRow.key).where(ShippedRow.kind == kind)))
    new = [key for key in wanted if key not in known]
    if not new:
        return []
    values = insert_into(session, ShippedRow).values([{"kind": kind, "key": key} for key in new])
    claimed = set(session.scalars(values.on_conflict_do_nothing().returning(ShippedRow.key)))
    return [key for key in new if key in claimed]


def shipped_ids(session: WorkSession, model: type[Record]) -> dict[str, int]:
    """The records that were shipped under these keys and are still there."""
    statement = (
        select(ShippedRow.key, model.id)
        .join(model, model.id == ShippedRow.record_id)
        .where(ShippedRow.kind == model.__tablename__)
    )
    return dict(session.execute(statement).all())


def stamps(session: WorkSession) -> dict[str, Any]:
    """The stamps of rows that are inserted in bulk, which no flush stamps."""
    now, user_id = session.now(), session.access.user_id
    return {"created_at": now, "updated_at": now, "created_by_id": user_id, "updated_by_id": user_id}


def _adopted(
    session: WorkSession, model: type[Record], rows: Mapping[str, Row], natural: Sequence[str]
) -> dict[str, int]:
    """Which of the rows are there already, made by hand."""
    columns = [getattr(model, name) for name in natural]
    present = {tuple(row[1:]): row[0] for row in session.execute(select(model.id, *columns))}
    found = {key: present.get(tuple(row[name] for name in natural)) for key, row in rows.items()}
    return {key: number for key, number in found.items() if number is not None}
