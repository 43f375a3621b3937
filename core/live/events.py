"""Publishing live events: written with their cause, announced only when it is committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Insert, Text, cast, delete, event, func, insert
from sqlalchemy.orm import SessionTransaction

from core.db.engine import WorkSession
from core.live.models import Event

CHANNEL = "core_event"
"""The PostgreSQL channel that says "there are new rows"; it carries nothing else."""

_OUTBOX = "live_outbox"
_RESERVED = frozenset({"id", "topic"})


@dataclass(slots=True)
class _Outbox:
    """The events of one transaction, until its commit writes them in one statement."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    savepoints: dict[SessionTransaction, int] = field(default_factory=dict)
    written: bool = False


def publish(
    session: WorkSession,
    topic: str,
    /,
    *,
    users: Iterable[int] | None = None,
    **ids: int | str | None,
) -> None:
    """Tell open browsers that something happened, once the session's transaction is committed.

    :param topic: ``<thing>.<what happened>``, such as ``contact.claimed``.
    :param users: the people who are told; ``None`` tells everybody signed in.
    :param ids: numbers of the records concerned, never their contents; a ``None`` is left out.
    :raises ValueError: ``id`` and ``topic`` are the event's own and cannot be given.
    """
    if _RESERVED & ids.keys():
        raise ValueError(f"an event's own names cannot be given: {sorted(_RESERVED & ids.keys())}")
    payload = {name: value for name, value in ids.items() if value is not None}
    recipients: Iterable[int | None] = (None,) if users is None else sorted(set(users))
    at = session.now()
    if not session.in_transaction():
        session.begin()  # a rollback without a transaction would not take the event back
    _outbox(session).rows += [
        {"at": at, "topic": topic, "user_id": user_id, "payload": payload} for user_id in recipients
    ]


def prune(session: WorkSession, before: datetime) -> int:
    """Delete the events older than this moment; returns how many. A daily job keeps 24 hours."""
    result = session.connection().execute(delete(Event).where(Event.at < before))
    return result.rowcount


def _outbox(session: WorkSession) -> _Outbox:
    outbox: _Outbox = session.info.setdefault(_OUTBOX, _Outbox())
    return outbox


@event.listens_for(WorkSession, "after_transaction_create")
def _mark_savepoint(session: WorkSession, transaction: SessionTransaction) -> None:
    if transaction.nested:
        outbox = _outbox(session)
        outbox.savepoints[transaction] = len(outbox.rows)


@event.listens_for(WorkSession, "after_soft_rollback")
def _forget_rolled_back(session: WorkSession, transaction: SessionTransaction) -> None:
    """What was published since the savepoint did not happen. The whole transaction: see :func:`_clear`."""
    outbox = _outbox(session)
    if transaction.nested:
        del outbox.rows[outbox.savepoints.pop(transaction) :]


@event.listens_for(WorkSession, "before_commit")
def _write(session: WorkSession) -> None:
    """One INSERT for all events of the transaction; on PostgreSQL it also sends the NOTIFY."""
    if session.in_nested_transaction():
        return
    session.flush()  # so that listeners of the flush have published too
    outbox = _outbox(session)
    if not outbox.rows:
        return
    connection = session.connection()
    connection.execute(_writing(connection.dialect.name), outbox.rows)
    outbox.rows.clear()
    outbox.written = True


@cache
def _writing(dialect: str) -> Insert:
    """The statement that writes events; made once for a kind of database."""
    statement = insert(Event)
    if dialect != "postgresql":
        return statement
    # Equal notifications of one transaction are sent once, however many rows return one.
    numbered = statement.values(xid=cast(cast(func.pg_current_xact_id(), Text), BigInteger))
    return numbered.returning(func.pg_notify(CHANNEL, ""))


@event.listens_for(WorkSession, "after_commit")
def _announce(session: WorkSession) -> None:
    if session.in_nested_transaction() or not _outbox(session).written:
        return
    wake = session.info.get("after_commit")
    if wake is not None:
        wake()


@event.listens_for(WorkSession, "after_transaction_end")
def _clear(session: WorkSession, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_OUTBOX, None)
