"""Bringing an addon's directory rows into an instance: each row once, and never over somebody's edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update

from core.db.base import Record
from core.db.engine import WorkSession
from core.host.models import ShippedRow
from core.work.upserts import insert_into

Row = Mapping[str, Any]


def ship(session: WorkSession, model: type[Record], rows: Mapping[str, Row], natural: Sequence[str]) -> None:
    """Insert the rows this instance has never been given; whatever became of the others is left as it is.

    :param rows: by their keys, which must stay the same in every release.
    :param natural: the columns by which a row that somebody has made himself is taken for the same one.
    """
    kind = model.__tablename__
    new = claim(session, kind, rows)
    if not new:
        return
    numbers = _adopted(session, model, {key: rows[key] for key in new}, natural)
    missing = [key for key in new if key not in numbers]
    if missing:
        statement = insert(model).returning(model.id, sort_by_parameter_order=True)
        ids = session.execute(statement, [{**stamps(session), **rows[key]} for key in missing]).scalars()
        numbers.update(zip(missing, ids, strict=True))
    session.execute(update(ShippedRow), [{"kind": kind, "key": key, "record_id": numbers[key]} for key in new])


def claim(session: WorkSession, kind: str, keys: Iterable[str]) -> list[str]:
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
