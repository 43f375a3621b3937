"""Two records of one client made into one, and taken apart again.

What points at the merged record is found in the database itself, whichever addon it belongs to, also a disabled
one (:mod:`core.db.moving`). A row that would be there twice stays with the merged record: nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, insert, select

from addons.contacts.models import Customer, Merge, MergeMove
from addons.contacts.services.customers import (
    SET_VIP,
    CustomerData,
    check_customer,
    display_name,
    index_customer,
    phones_of,
    vip_by_hand,
)
from addons.contacts.services.documents import closed_under, follow_parties, take_back_name
from core import (
    Change,
    Conflict,
    Elsewhere,
    Forbidden,
    Invalid,
    Moved,
    NotFound,
    Pointer,
    Pointers,
    Read,
    Scope,
    Setting,
    Stamp,
    T,
    WorkSession,
    get_record,
    note_action,
    record_changes,
    settings,
)

RIGHT = "contacts.customer.merge"
TABLE = Customer.__tablename__
KEPT, GONE, BOTH = "kept", "gone", "both"

UNDO_DAYS = Setting(
    "contacts.merge_undo_days",
    int,
    30,
    title=T("Merged clients can be separated again, days"),
    group=T("Retention"),
    help=T("0 keeps them for ever."),
    minimum=0,
    maximum=3650,
)

CHOICES: dict[str, tuple[str, ...]] = {
    "legal_form": ("legal_form",),
    "last_name": ("last_name",),
    "first_name": ("first_name",),
    "middle_name": ("middle_name",),
    "relation": ("relation",),
    "main_phone": ("main_phone",),
    "email": ("email",),
    "vip": ("vip", "vip_reason"),
    "responsible_id": ("responsible_id",),
    "branch_id": ("branch_id",),
    "lead_source_id": ("lead_source_id",),
    "note": ("note",),
}
"""What is chosen together, under the name of its first column."""

_KEPT_FIELDS = (
    *(name for names in CHOICES.values() for name in names),
    "name",
    "last_contact_at",
    "external_id",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A choice between two values; ``proposed`` is the side that knows more."""

    name: str
    kept: Any
    gone: Any
    proposed: str
    may_be_both: bool = False


@dataclass(frozen=True, slots=True)
class Moving:
    """How many rows of a table belong to the record that goes."""

    table: str
    rows: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records side by side: where they differ, and what moves."""

    kept: Customer
    gone: Customer
    differences: list[Difference]
    moving: list[Moving]


def compare(session: WorkSession, kept_id: int, gone_id: int) -> Comparison:
    """Look at two records before they are merged; changes nothing.

    :raises NotFound: one of them is missing or not this person's to see.
    :raises Forbidden: he may not merge them.
    :raises Conflict: one is merged already.
    """
    kept, gone = _pair(session, kept_id, gone_id)
    pointers = Pointers(session.connection(), TABLE)
    counts: dict[str, int] = {}
    for pointer in pointers.all:
        counts[pointer.table] = counts.get(pointer.table, 0) + pointers.count(pointer, gone.id)
    moving = [Moving(table, rows) for table, rows in counts.items() if rows]
    return Comparison(kept, gone, list(_differences(kept, gone)), moving)


def _differences(kept: Customer, gone: Customer) -> Iterator[Difference]:
    for name in CHOICES:
        mine, other = getattr(kept, name), getattr(gone, name)
        if mine == other:
            continue
        both = name == "note" and bool(mine and other)
        # Whoever is VIP on one record is VIP: a status is not lost by tidying up.
        proposed = BOTH if both else GONE if mine in (None, "", False) else KEPT
        yield Difference(name, mine, other, proposed, may_be_both=both)


def merge(session: WorkSession, kept_id: int, gone_id: int, choices: Mapping[str, str]) -> Merge:
    """Make one client of two: everything of the second moves to the first.

    :param choices: ``kept``, ``gone`` or (for the note) ``both`` by the names of :data:`CHOICES`; where nothing is
        said, the proposal of :func:`compare` counts.
    :raises NotFound: one of them is missing or not this person's to see.
    :raises Forbidden: he may not merge them, or not decide who is VIP (S4-04).
    :raises Invalid: the chosen values do not go together.
    :raises Conflict: somebody has merged one of them meanwhile.
    """
    kept, gone = _pair(session, kept_id, gone_id, lock=True)
    chosen = {each.name: choices.get(each.name, each.proposed) for each in _differences(kept, gone)}
    before: dict[str, Any] = {
        KEPT: _snapshot(kept),
        GONE: _snapshot(gone),
        "positions": _positions(session, kept, gone),
    }
    was_vip = vip_by_hand(kept)[0] or vip_by_hand(gone)[0]
    moves = _move_all(session, kept.id, gone.id)
    session.expire_all()
    _apply(session, kept, gone, before[GONE], chosen)
    before["closed"] = closed_under(session, kept.name, [kept.id])
    follow_parties(session, customers=[kept.id])
    if vip_by_hand(kept)[0] != was_vip and not session.access.may(SET_VIP):
        raise Forbidden(T("Only those with the right to set VIP may change it."))
    after = {KEPT: _snapshot(kept), GONE: _snapshot(gone)}
    done = Merge(kept_id=kept.id, gone_id=gone.id, gone_name=gone.name, before=before, after=after)
    session.add(done)
    session.flush()
    _keep_moves(session, done, moves)
    note_action(session, "merge", kept, gone=gone.id, merge=done.id, moved=_told(moves))
    return done


def _pair(session: WorkSession, kept_id: int, gone_id: int, *, lock: bool = False) -> tuple[Customer, Customer]:
    """Both records, the person's to merge and unmerged; locked in the order of their numbers."""
    session.access.require(RIGHT)
    if kept_id == gone_id:
        raise Invalid({"id": [T("Choose two different clients.")]}, T("Choose two different clients."))
    statement = select(Customer).where(Customer.id.in_((kept_id, gone_id))).order_by(Customer.id)
    if lock:
        session.flush()
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = {customer.id: customer for customer in session.scalars(statement)}
    if len(found) < 2:
        raise NotFound("There is no such client.")
    for customer in found.values():
        _require_right(session, customer)
        if customer.merged_into_id is not None:
            raise Conflict(T("“%(name)s” has been merged with another client already."), name=customer.name)
    return found[kept_id], found[gone_id]


def _require_right(session: WorkSession, customer: Customer) -> None:
    access = session.access
    own = access.scope(RIGHT) >= Scope.OWN and access.user_id in (customer.responsible_id, customer.created_by_id)
    if not own and not access.reaches(RIGHT, branch_id=customer.branch_id):
        raise Forbidden("You have no right to do this.")


# --- what moves -----------------------------------------------------------------------------------


def _stamp(session: WorkSession) -> Stamp:
    return Stamp(session.now(), session.access.user_id)


def _move_all(session: WorkSession, kept_id: int, gone_id: int) -> list[Moved]:
    session.flush()
    pointers, stamp = Pointers(session.connection(), TABLE), _stamp(session)
    moves = [pointers.move(each, gone_id, kept_id, stamp) for each in pointers.all]
    record_changes(session, _changes("merge", moves, gone_id, kept_id))
    return [each for each in moves if each.keys or each.stayed]


def _changes(action: str, moves: Sequence[Moved], old: int, new: int) -> Iterator[Change]:
    """A line of the trail for each row that belongs to somebody else now."""
    for moved in moves:
        pointer = moved.pointer
        for key in moved.keys:
            if not pointer.by_subject and len(key) == 1 and isinstance(key[0], int):
                yield Change(action, pointer.table, key[0], {pointer.column: [old, new]})


def _keep_moves(session: WorkSession, done: Merge, moves: Sequence[Moved]) -> None:
    rows = [
        {
            "merge_id": done.id,
            "table": each.pointer.table,
            "column": each.pointer.column,
            "by_subject": each.pointer.by_subject,
            "keys": each.keys,
            "stayed": each.stayed,
        }
        for each in moves
    ]
    if rows:
        session.execute(insert(MergeMove), rows)


def _told(moves: Sequence[Moved]) -> dict[str, int]:
    return {f"{each.pointer.table}.{each.pointer.column}": len(each.keys) for each in moves}


# --- the client's own fields ----------------------------------------------------------------------


def _snapshot(customer: Customer) -> dict[str, Any]:
    values = {name: getattr(customer, name) for name in _KEPT_FIELDS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _value(name: str, stored: Any) -> Any:
    return datetime.fromisoformat(stored) if name == "last_contact_at" and stored else stored


def _positions(session: WorkSession, kept: Customer, gone: Customer) -> dict[str, int]:
    return {str(phone.id): phone.position for each in (kept, gone) for phone in phones_of(session, each.id)}


def _apply(
    session: WorkSession, kept: Customer, gone: Customer, other: Mapping[str, Any], chosen: Mapping[str, str]
) -> None:
    """Write the chosen values on the client who stays, and make the other one lead to him."""
    for name, side in chosen.items():
        if side == GONE:
            for column in CHOICES[name]:
                setattr(kept, column, other[column])
    if chosen.get("note") == BOTH:
        kept.note = f"{kept.note}\n\n{other['note']}"
    last = [moment for moment in (kept.last_contact_at, gone.last_contact_at) if moment is not None]
    kept.last_contact_at = max(last) if last else None
    _settle(kept)
    gone.merged_into_id, gone.search_key = kept.id, ""
    external, gone.external_id = gone.external_id, gone.external_id if kept.external_id else None
    session.flush()
    kept.external_id = kept.external_id or external
    _order_phones(session, kept)
    session.flush()
    index_customer(session, kept)
    session.flush()


def _settle(kept: Customer) -> None:
    """Check that what was chosen from two records makes one good one.

    :raises Invalid: naming the fields.
    """
    names = (kept.last_name, kept.first_name, kept.middle_name)
    check_customer(
        CustomerData(kept.legal_form, kept.relation, *names, vip=kept.vip, vip_reason=kept.vip_reason, email=kept.email)
    )
    kept.vip = kept.vip or kept.legal_form == "government"
    kept.name = display_name(kept.legal_form, *names)


def _order_phones(session: WorkSession, kept: Customer) -> None:
    """The chosen number first, then the client's own, then those that came."""
    phones = phones_of(session, kept.id)
    if not any(phone.e164 == kept.main_phone for phone in phones):
        kept.main_phone = phones[0].e164 if phones else ""
    phones.sort(key=lambda phone: phone.e164 != kept.main_phone)
    for position, phone in enumerate(phones, start=1):
        phone.position = position


# --- undoing --------------------------------------------------------------------------------------


def undo(session: WorkSession, merge_id: int) -> Merge:
    """Take two merged records apart again: every row goes back, every field that nobody has changed since.

    What came to the client after the merge stays with him.

    :raises NotFound: no such merge, or it is too old and forgotten.
    :raises Forbidden: the person may not merge these clients.
    :raises Conflict: it is undone already, too old, or rows that were moved belong to somebody else by now.
    """
    done = get_merge(session, merge_id, lock=True)
    kept, gone = _merged_pair(session, done)
    moves = list(_kept_moves(session, done))
    _move_all_back(session, done, moves)
    session.expire_all()
    _restore(session, done, kept, gone)
    follow_parties(session, customers=[kept.id, gone.id])
    closed = done.before.get("closed", [])  # a merge of an earlier version knows none
    take_back_name(session, done.after[KEPT]["name"], [kept.id, gone.id], keep=closed)
    done.undone_at, done.undone_by_id = session.now(), session.access.user_id
    note_action(session, "merge_undone", kept, gone=gone.id, merge=done.id, moved=_told(moves))
    session.flush()
    return done


def get_merge(session: WorkSession, merge_id: int, *, lock: bool = False) -> Merge:
    """A merge that has happened.

    :raises NotFound: there is none, or its client is not this person's to see.
    """
    session.access.require(RIGHT)
    statement = select(Merge).where(Merge.id == merge_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    done = session.scalars(statement).one_or_none()
    if done is None or get_record(session, Customer, done.kept_id) is None:
        raise NotFound(T("There is no such merge, or it is too old to be undone."))
    return done


_OF_CLIENT: Select[*tuple[Any, ...]] = (
    select(Merge.id, Merge.gone_name, Merge.created_at)
    .where(Merge.kept_id == bindparam("customer", type_=BigInteger), Merge.undone_at.is_(None))
    .order_by(Merge.id.desc())
)


def merges_read(customer_id: int) -> Read:
    """Reads the merges of a client that have not been undone, the newest first."""
    return Read(_OF_CLIENT, {"customer": customer_id})


def recent(session: WorkSession, merges: Sequence[Any]) -> list[Any]:
    """Those of the merges that are not too old to be undone."""
    return [each for each in merges if not _too_old(session, each.created_at)]


def stayed_rows(session: WorkSession, done: Merge) -> list[Moving]:
    """The rows that stayed with the merged record, because the client has the same already."""
    statement = select(MergeMove).where(MergeMove.merge_id == done.id, MergeMove.stayed > 0).order_by(MergeMove.id)
    return [Moving(each.table, each.stayed) for each in session.scalars(statement)]


def moved_rows(session: WorkSession, done: Merge) -> list[Moving]:
    """How many rows of each table a merge has moved."""
    counts: dict[str, int] = {}
    for move in _kept_moves(session, done):
        counts[move.pointer.table] = counts.get(move.pointer.table, 0) + len(move.keys)
    return [Moving(table, rows) for table, rows in counts.items() if rows]


def undo_days(session: WorkSession) -> int:
    """How many days a merge can be undone; 0 is for ever."""
    return settings.read(session, UNDO_DAYS)


def can_undo(session: WorkSession, done: Merge) -> bool:
    """Whether a merge is neither undone nor too old."""
    return done.undone_at is None and not _too_old(session, done.created_at)


def _too_old(session: WorkSession, merged_at: datetime) -> bool:
    days = undo_days(session)
    return days != 0 and merged_at < session.now() - timedelta(days=days)


def _merged_pair(session: WorkSession, done: Merge) -> tuple[Customer, Customer]:
    """Both records, locked, if they are still as the merge left them."""
    if done.undone_at is not None:
        raise Conflict(T("This merge has been undone already."))
    if _too_old(session, done.created_at):
        raise Conflict(T("This merge is too old to be undone."))
    statement = select(Customer).where(Customer.id.in_((done.kept_id, done.gone_id))).order_by(Customer.id)
    locked = statement.with_for_update().execution_options(populate_existing=True)
    found = {customer.id: customer for customer in session.scalars(locked)}
    if len(found) < 2:
        raise NotFound("There is no such client.")
    kept, gone = found[done.kept_id], found[done.gone_id]
    _require_right(session, kept)
    if kept.merged_into_id is not None or gone.merged_into_id != kept.id:
        raise Conflict(T("“%(name)s” has been merged again since. Undo the later merge first."), name=kept.name)
    return kept, gone


def _kept_moves(session: WorkSession, done: Merge) -> Iterator[Moved]:
    statement = select(MergeMove).where(MergeMove.merge_id == done.id).order_by(MergeMove.id.desc())
    for each in session.scalars(statement):
        yield Moved(Pointer(each.table, each.column, each.by_subject), each.keys, each.stayed)


def _move_all_back(session: WorkSession, done: Merge, moves: Sequence[Moved]) -> None:
    """Every row back to the record it came from; tables of addons that were removed since are left out."""
    session.flush()
    pointers, stamp = Pointers(session.connection(), TABLE), _stamp(session)
    back = [each for each in moves if each.pointer in pointers.all]
    try:
        for each in back:
            pointers.move_back(each, done.gone_id, done.kept_id, stamp)
    except Elsewhere as strayed:
        message = T("%(rows)s of the records that were moved belong to another client by now, so the merge stays.")
        raise Conflict(message, rows=strayed.rows, table=strayed.table) from strayed
    record_changes(session, _changes("merge_undone", back, done.kept_id, done.gone_id))


def _restore(session: WorkSession, done: Merge, kept: Customer, gone: Customer) -> None:
    """Put the fields back that nobody has changed since; the two steps keep the outside number unique."""
    _put_back(kept, done.before[KEPT], done.after[KEPT])
    gone.merged_into_id = None
    session.flush()
    _put_back(gone, done.before[GONE], done.after[GONE])
    for phone in (*phones_of(session, kept.id), *phones_of(session, gone.id)):
        phone.position = done.before["positions"].get(str(phone.id), phone.position)
    session.flush()
    for each in (kept, gone):
        index_customer(session, each)
    session.flush()


def _put_back(customer: Customer, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    now = _snapshot(customer)
    for name in _KEPT_FIELDS:
        if now[name] == after[name] and before[name] != after[name]:
            setattr(customer, name, _value(name, before[name]))


def purge_merges(session: WorkSession, before: datetime, limit: int) -> int:
    """Forget merges older than the moment: they can no longer be undone. Returns how many."""
    oldest = select(Merge.id).where(Merge.created_at < before).order_by(Merge.id).limit(limit)
    statement = delete(Merge).where(Merge.id.in_(oldest)).returning(Merge.id)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())
