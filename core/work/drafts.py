"""Keeping what a person has typed, so that nothing is lost when a page or a session ends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Insert, Select, bindparam, delete, select, union_all

from core.access.policy import Access
from core.db.engine import WorkSession
from core.db.kept import Read
from core.errors import Invalid
from core.work.models import Draft
from core.work.upserts import insert_for

LARGEST = 64 * 1024
"""Bytes of one draft, as JSON."""

LONGEST_KEY = 120
KEPT = timedelta(days=30)


def save_draft(session: WorkSession, key: str, fields: Mapping[str, Any]) -> None:
    """Keep the fields of one form of the person, over what was kept for it before.

    :param key: which form of what, like ``parking.pass/new``.
    :raises Invalid: over 64 kB, or text that no database can keep.
    """
    save_drafts(session, {key: fields})


def save_drafts(session: WorkSession, drafts: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep several forms of the person by their keys, as :func:`save_draft`, in one statement."""
    values: dict[str, Any] = {"user": session.access.user_id, "at": session.now()}
    for number, (key, fields) in enumerate(drafts.items()):
        if not 0 < len(key) <= LONGEST_KEY:
            raise Invalid({"key": ["This draft has no usable name."]})
        _check(fields)
        values |= {f"key_{number}": key, f"fields_{number}": dict(fields)}
    connection = session.connection()
    connection.execute(_saving(connection.dialect.name, len(drafts)), values)


@cache
def _saving(dialect: str, number: int) -> Insert:
    """The statement that keeps so many drafts; made once for a kind of database."""
    columns = Draft.__table__.c
    rows = [
        select(
            bindparam("user", type_=columns.user_id.type),
            bindparam(f"key_{each}", type_=columns.key.type),
            bindparam(f"fields_{each}", type_=columns.fields.type),
            bindparam("at", type_=columns.updated_at.type),
        )
        for each in range(number)
    ]
    # Of several VALUES SQLAlchemy makes the text anew at each run.
    source = union_all(*rows) if number > 1 else rows[0]
    statement = insert_for(dialect, Draft).from_select(["user_id", "key", "fields", "updated_at"], source)
    new = statement.excluded
    changed = {"fields": new.fields, "updated_at": new.updated_at}
    return statement.on_conflict_do_update(index_elements=["user_id", "key"], set_=changed)


def load_draft(session: WorkSession, key: str) -> dict[str, Any] | None:
    """The fields the person typed before, or nothing."""
    return session.execute(select(Draft.fields).where(*_own(session, key))).scalar_one_or_none()


_DRAFTS: Select[*tuple[Any, ...]] = select(Draft.key, Draft.fields).where(
    Draft.user_id == bindparam("user", type_=BigInteger), Draft.key.in_(bindparam("keys", expanding=True))
)


def drafts_read(access: Access, keys: Collection[str]) -> Read:
    """Reads what the person typed before into the forms of one page: key and fields."""
    return Read(_DRAFTS, {"user": access.user_id, "keys": list(keys)})


def drop_draft(session: WorkSession, key: str) -> None:
    """Forget the draft: the form was saved or given up."""
    session.connection().execute(_DROPPING, {"user": session.access.user_id, "key": key})


_DROPPING = delete(Draft).where(Draft.user_id == bindparam("user"), Draft.key == bindparam("key"))


def prune_drafts(session: WorkSession, now: datetime) -> int:
    """Forget the drafts nobody has touched for 30 days; returns how many."""
    statement = delete(Draft).where(Draft.updated_at < now - KEPT).returning(Draft.key)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())


def _own(session: WorkSession, key: str) -> tuple[Any, ...]:
    return Draft.user_id == session.access.user_id, Draft.key == key


def _check(fields: Mapping[str, Any]) -> None:
    try:
        size = len(msgspec.json.encode(dict(fields)))
    except (UnicodeEncodeError, TypeError) as error:
        raise Invalid({"fields": ["This draft holds something that cannot be kept."]}) from error
    if size > LARGEST:
        raise Invalid({"fields": ["This draft is too long to be kept."]})
