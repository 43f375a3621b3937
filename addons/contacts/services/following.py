"""What is made for a client while he is merged goes to the client who stays (SEC-48).

A foreign key alone does not help: the merged record is still there, so a row that waited for the merge would be
stored with the old number after everything else has moved. So whoever stores a row that points at a client locks
him as the key does (``FOR KEY SHARE``), which waits for the merge and sees what has become of him. In the other
order the merge waits for the row and moves it. SQLite has one writer at a time; there it is the check alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Column, UniqueConstraint, bindparam, case, event, inspect, select, update
from sqlalchemy.orm import Mapper, SessionTransaction, UOWTransaction

from addons.contacts.models import Customer
from addons.contacts.services.lookup import LOOKUP
from core import Conflict, NotFound, T, WorkSession

TABLE = Customer.__tablename__
_HELD = "contacts.held"
"""Under which name a session keeps the clients that its transaction has locked, none of them merged."""
_SUBJECT_TYPE, _SUBJECT_ID = "subject_type", "subject_id"


class _Pointer(NamedTuple):
    """An attribute that can hold a client's number. ``alone``: a client has one such row, so it cannot just move."""

    name: str
    by_subject: bool
    alone: bool


def in_touch(session: WorkSession, customer_id: int, at: datetime) -> Customer:
    """A client for a contact that is registered now: noted as in touch, and locked, so that no merge comes between.

    The look-up right is enough. That somebody was in touch is a fact about traffic, not a change of his record.

    :param at: now, in UTC.
    :raises NotFound: when there is no such client.
    """
    customer = session.scalars(_TOUCHED, {"client": customer_id, "moment": at}).one_or_none()
    if customer is None:
        raise NotFound("There is no such client.")
    session.info.setdefault(_HELD, set()).add(customer_id)
    return customer


def note_last_contact(session: WorkSession, customer_id: int, at: datetime) -> None:
    """A client was in touch then, whoever may see him."""
    session.execute(_NOTED, {"client": customer_id, "moment": at})


_MOMENT = bindparam("moment", type_=Customer.last_contact_at.type)
_NOTED = (
    update(Customer)
    .where(Customer.id == bindparam("client", type_=BigInteger))
    .values(last_contact_at=case((Customer.last_contact_at > _MOMENT, Customer.last_contact_at), else_=_MOMENT))
    .execution_options(audited=True, synchronize_session=False, right=LOOKUP)
)
"""What notes when a client was last in touch: the latest contact counts."""
_TOUCHED = _NOTED.where(Customer.merged_into_id.is_(None)).returning(Customer).execution_options(populate_existing=True)


@event.listens_for(WorkSession, "after_transaction_end")
def _let_go(session: WorkSession, transaction: SessionTransaction) -> None:
    if transaction.nested or transaction.parent is None:
        session.info.pop(_HELD, None)


@event.listens_for(WorkSession, "before_flush")
def follow(session: WorkSession, _context: UOWTransaction, _instances: object) -> None:
    """Let new and changed rows point at the client who stays.

    :raises Conflict: for rows of which a client has one: whoever sends them must look at the other client first.
    """
    pointing = [(record, pointer, id_) for record in (*session.new, *session.dirty) for pointer, id_ in _set(record)]
    if not pointing:
        return
    unsure = {id_ for _, _, id_ in pointing} - session.info.get(_HELD, set())
    merged = _merged(session, unsure)
    for record, pointer, id_ in pointing:
        if id_ not in merged:
            continue
        kept_id, name = merged[id_]
        if pointer.alone:
            raise Conflict(T("“%(name)s” has been merged with another client already."), name=name)
        setattr(record, pointer.name, kept_id)


def _set(record: object) -> Iterator[tuple[_Pointer, int]]:
    """The clients a row is about to point at, where it did not before."""
    state = inspect(record)
    for pointer in _pointers(state.mapper):
        if pointer.by_subject and getattr(record, _SUBJECT_TYPE) != TABLE:
            continue
        added = state.attrs[pointer.name].history.added
        if added and added[0] is not None:
            yield pointer, added[0]


@cache
def _pointers(mapper: Mapper[Any]) -> tuple[_Pointer, ...]:
    """A merged client's own pointer at the one who stays is no row of his."""
    if mapper.class_ is Customer:
        return ()
    found = []
    for attribute in mapper.column_attrs:
        column = attribute.columns[0]
        if not isinstance(column, Column):
            continue
        by_subject = attribute.key == _SUBJECT_ID and _SUBJECT_TYPE in mapper.columns
        if by_subject or any(key.target_fullname == f"{TABLE}.id" for key in column.foreign_keys):
            found.append(_Pointer(attribute.key, by_subject, _alone(column)))
    return tuple(found)


def _alone(column: Column[Any]) -> bool:
    constraints = [each.columns for each in column.table.constraints if isinstance(each, UniqueConstraint)]
    indexes = [each.columns for each in column.table.indexes if each.unique]
    return column.primary_key or any(column.name in columns for columns in (*constraints, *indexes))


def _merged(session: WorkSession, ids: Iterable[int]) -> dict[int, tuple[int, str]]:
    """The merged ones among these clients, with the number of who stays and their own names; all locked."""
    found: dict[int, tuple[int, str]] = {}
    leads: dict[int, int] = {}
    names: dict[int, str] = {}
    wanted = set(ids)
    while wanted:
        statement = select(Customer.id, Customer.name, Customer.merged_into_id).where(Customer.id.in_(sorted(wanted)))
        locked = statement.order_by(Customer.id).with_for_update(read=True, key_share=True)
        # On the connection: who is locked does not depend on whom the person may see.
        for row in session.connection().execute(locked):
            names[row.id] = row.name
            if row.merged_into_id is not None:
                leads[row.id] = row.merged_into_id
        wanted = set(leads.values()) - names.keys()
    for id_ in leads:
        kept_id = id_
        while kept_id in leads:
            kept_id = leads[kept_id]
        found[id_] = (kept_id, names[id_])
    return found
