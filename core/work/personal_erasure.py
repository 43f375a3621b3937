"""Erasing a person over all addons in one transaction, with the act and the line of the journal (SEC-70, SEC-71).

A plan says of each row which values go, which stay and by what law; :func:`preview` shows it and :func:`erase`
carries it out, so nobody is shown anything else than what happens. What stays is noted and erased once its term
is over. Backups are out of reach; the act says so, and a restored one is followed by :func:`erase_again`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, delete, inspect, null, select, update

from core.db.audit import Change, record_changes
from core.db.base import Base, Record
from core.db.engine import WorkSession
from core.errors import Conflict, Invalid
from core.text.folding import search_key
from core.text.msgids import T
from core.work import personal_traces as traces
from core.work import settings
from core.work.filestore import FileStore
from core.work.people import name_of
from core.work.personal_data import ERASE, READ, Declared, Erased, Fate, Hold, PersonalData, Rows, declared
from core.work.personal_finding import column_of, read_rows, rows_of, subjects_of
from core.work.personal_ghosts import ghost_values
from core.work.personal_models import Erasure, HeldValue
from core.work.personal_terms import ACT_KEPT, OPERATOR, REASONS, SYSTEM, end_deadlines, years_after
from core.work.subjects import Subject


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that stays: of which column, by what law, until when."""

    subject: Subject
    column: str
    title: str
    law: str
    until: datetime


@dataclass(slots=True)
class TablePlan:
    """What happens to a person's rows of one table; ``changes`` are new values by row number."""

    data: PersonalData
    ids: frozenset[int]
    changes: dict[int, dict[str, Any]] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)

    @property
    def goes(self) -> int:
        """How many rows lose something."""
        return len(self.ids) if self.data.delete else len(self.changes)


@dataclass(slots=True)
class Plan:
    """Everything an erasure would do; ``reference`` is what the person is called afterwards."""

    root: Subject
    reference: str
    rows: Rows
    tables: list[TablePlan]
    steps: list[traces.Step]
    identifiers: traces.Identifiers

    @property
    def empty(self) -> bool:
        """Whether nothing is left to erase."""
        return not any(table.goes for table in self.tables) and not any(step.number for step in self.steps)

    @property
    def categories(self) -> list[str]:
        """The kinds of data that go, as msgids."""
        told = [table.data.category for table in self.tables if table.goes]
        return list(dict.fromkeys([*map(str, told), *(str(step.title) for step in self.steps if step.number)]))

    @property
    def kept(self) -> list[Kept]:
        """What stays."""
        return [each for table in self.tables for each in table.kept]


def preview(session: WorkSession, root: Subject) -> Plan:
    """What would go and what must stay, without changing anything.

    :raises Forbidden: the person may not look at this.
    :raises NotFound: there is no such person.
    """
    session.access.require(READ)
    return _plan(session, root, None)


def erase(
    session: WorkSession, root: Subject, reason: str, files: FileStore | None, *, source: str = "demand"
) -> Erasure:
    """Erase a person and give back the act; a second time it gives back the first act and changes nothing.

    :param reason: a code of :data:`core.work.personal_terms.REASONS`.
    :param files: the store; without it the content of files is left to the daily sweep.
    :raises Forbidden: without the right to erase.
    :raises NotFound: there is no such person.
    :raises Invalid: for an unknown reason.
    """
    session.access.require(ERASE)
    if reason not in REASONS:
        raise Invalid({"reason": [T("Choose why the data is erased.")]})
    session.flush()
    plan = _plan(session, root, files)
    if plan.empty:
        return last_act(session, root)
    act = _act(session, plan, reason, source)
    _carry_out(session, plan)
    _hold(session, act, plan.kept)
    end_deadlines(session, root)
    session.flush()
    session.expire_all()
    return act


def last_act(session: WorkSession, root: Subject) -> Erasure:
    """The latest act of this person.

    :raises Conflict: there is none, for nothing was ever held.
    """
    conditions = (Erasure.subject_type == root.type, Erasure.subject_id == root.id)
    act = session.scalars(select(Erasure).where(*conditions).order_by(Erasure.id.desc()).limit(1)).one_or_none()
    if act is None:
        raise Conflict(T("Nothing is held about this person."))
    return act


def reference_of(session: WorkSession, known: Declared, root: Subject, language: str = "ru") -> str:
    """What a person is called where he must not be named: «Клиент № 123»."""
    data = known.of(root.type)
    template = session.words(language, data.reference) if data is not None and data.reference else "№ %(n)s"
    return template % {"n": root.id}


# --- the plan -----------------------------------------------------------------------------------


def _plan(session: WorkSession, root: Subject, files: FileStore | None) -> Plan:
    known = declared(session.hooks)
    rows = rows_of(session, known, root)
    reference = reference_of(session, known, root)
    tables = [
        _table_plan(session, known, data, rows[data.model], reference) for data in known.tables if data.model in rows
    ]
    identifiers = traces.identifiers_of(session, known, rows)
    subjects = traces.with_tasks(session, subjects_of(rows))
    ghosts = ghost_values(session, known, rows, subjects)
    steps = traces.steps(session, subjects, identifiers, known.sweeps, ghosts, files)
    return Plan(root, reference, rows, tables, steps, identifiers)


def _table_plan(
    session: WorkSession, known: Declared, data: PersonalData, ids: frozenset[int], reference: str
) -> TablePlan:
    plan = TablePlan(data, ids)
    held = {hold: _held_ids(session, hold, ids) for hold in known.holds if hold.model is data.model}
    for row in read_rows(session, data.model, ids):
        kept = _kept_values(session, data, row, [hold for hold, numbers in held.items() if row["id"] in numbers])
        plan.kept += kept
        if not data.delete:
            values = _erased_values(session, data, row, {each.column for each in kept}, reference)
            changed = {name: value for name, value in values.items() if row[name] != value}
            if changed:
                plan.changes[row["id"]] = changed
    return plan


def _held_ids(session: WorkSession, hold: Hold, ids: frozenset[int]) -> set[int]:
    number = column_of(hold.model, "id")
    statement = select(number).where(number.in_(sorted(ids)), hold.where)
    return set(session.connection().execute(statement).scalars())


def _kept_values(session: WorkSession, data: PersonalData, row: Mapping[str, Any], holds: Sequence[Hold]) -> list[Kept]:
    """The values of a row that a law still keeps; those whose term is over are not among them."""
    now, subject = session.now(), Subject(data.table, row["id"])
    kept: dict[str, Kept] = {}
    for name, fate in data.fields.items():
        if fate.fate is Fate.KEEP and row[name]:
            since = row[fate.since] if fate.since else _held_since(session, subject, name)
            kept[name] = Kept(subject, name, fate.title, fate.law, years_after(since or now, fate.years))
    for hold in holds:
        until = _end_of_year(row[hold.since] if hold.since else now, hold.years)
        for name in hold.columns:
            if row[name]:
                kept[name] = Kept(subject, name, data.fields[name].title, hold.law, until)
    return [each for each in kept.values() if each.until > now]


def _held_since(session: WorkSession, subject: Subject, column: str) -> datetime | None:
    """When a value without a moment of its own was first kept: at an earlier erasure."""
    statement = (
        select(Erasure.erased_at)
        .join(HeldValue, HeldValue.erasure_id == Erasure.id)
        .where(HeldValue.subject_type == subject.type, HeldValue.subject_id == subject.id, HeldValue.column == column)
        .order_by(Erasure.id)
        .limit(1)
    )
    return session.connection().execute(statement).scalar_one_or_none()


def _end_of_year(since: datetime, years: int) -> datetime:
    """Terms of accounting run from the end of the year (402-FZ art. 29)."""
    return datetime(since.year + years + 1, 1, 1, tzinfo=UTC)


def _erased_values(
    session: WorkSession, data: PersonalData, row: Mapping[str, Any], kept: set[str], reference: str
) -> dict[str, Any]:
    columns = inspect(data.model).columns
    going = {name: fate for name, fate in data.fields.items() if name not in kept}
    values = {
        name: reference if fate.fate is Fate.PLACEHOLDER else _blank(columns[name])
        for name, fate in going.items()
        if fate.fate in (Fate.BLANK, Fate.PLACEHOLDER, Fate.KEEP)
    }
    values |= {name: fate.make(session, {**row, **values}) for name, fate in going.items() if fate.make is not None}
    left = {**row, **values}
    values |= {name: _new_key(fate, left) for name, fate in going.items() if fate.fate is Fate.SEARCH}
    return values


def _new_key(fate: Erased, row: Mapping[str, Any]) -> str:
    return search_key(*(str(row[name] or "") for name in fate.columns))


def _blank(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    empty: Mapping[type, Any] = {str: "", dict: {}, list: [], int: 0, bool: False}
    return empty.get(column.type.python_type, "")


# --- carrying it out ----------------------------------------------------------------------------


def _carry_out(session: WorkSession, plan: Plan) -> None:
    """Rows first, those that refer to others before them; then core's own traces; the trail's values at the end."""
    touched: list[Subject] = []
    for table in plan.tables:
        if table.changes:
            _rewrite(session, table)
    for table in reversed(plan.tables):
        if table.data.delete:
            _delete_rows(session, table)
    session.expire_all()
    for table in plan.tables:
        if table.data.after is not None:
            touched += table.data.after(session, plan.rows)
    session.flush()
    for step in plan.steps:
        step.apply()
    traces.erase_mentions(session, touched, plan.identifiers)


def _rewrite(session: WorkSession, table: TablePlan) -> None:
    """New values row by row, on the connection: the old ones must not go into the trail now."""
    model = table.data.model
    for number, values in table.changes.items():
        # A None would be JSON's null in a JSON column, not the database's.
        told = {column_of(model, name): null() if value is None else value for name, value in values.items()}
        session.connection().execute(update(model).where(column_of(model, "id") == number).values(told))
    _stamp(session, model, list(table.changes))
    traces.note_erased(session, [Subject(table.data.table, number) for number in table.changes])


def _stamp(session: WorkSession, model: type[Base], ids: Sequence[int]) -> None:
    """An open form of an erased record must not save the old values back: it is stale now (SEC-49)."""
    if issubclass(model, Record):
        stamps = {"version": model.version + 1, "updated_at": session.now(), "updated_by_id": session.access.user_id}
        session.connection().execute(update(model).where(model.id.in_(ids)).values(stamps))


def _delete_rows(session: WorkSession, table: TablePlan) -> None:
    number = column_of(table.data.model, "id")
    session.connection().execute(delete(table.data.model).where(number.in_(sorted(table.ids))))
    traces.note_erased(session, [Subject(table.data.table, id_) for id_ in sorted(table.ids)])


def _act(session: WorkSession, plan: Plan, reason: str, source: str) -> Erasure:
    now = session.now()
    numbers = {step.name: step.number for step in plan.steps if step.number}
    act = Erasure(
        subject_type=plan.root.type,
        subject_id=plan.root.id,
        person=plan.reference,
        source=source,
        reason=reason,
        operator=settings.read(session, OPERATOR),
        system=settings.read(session, SYSTEM),
        executor=name_of(session, session.access.user_id) or session.access.name,
        categories=plan.categories,
        rows={**{table.data.table: table.goes for table in plan.tables if table.goes}, **numbers},
        kept=[
            {
                "table": each.subject.type,
                "title": str(each.title),
                "law": str(each.law),
                "until": each.until.isoformat(),
            }
            for each in plan.kept
        ],
        files=numbers.get("files", 0),
        trail_values=numbers.get("trail", 0),
        erased_at=now,
        keep_until=now + ACT_KEPT,
    )
    session.add(act)
    session.flush()
    change = Change("personal_data.erase", Erasure.__tablename__, act.id, {"person": plan.reference, "reason": reason})
    record_changes(session, [change])
    return act


def _hold(session: WorkSession, act: Erasure, kept: Sequence[Kept]) -> None:
    """Note what stays, instead of what an earlier act has noted of the same values."""
    for each in kept:
        same = (
            HeldValue.subject_type == each.subject.type,
            HeldValue.subject_id == each.subject.id,
            HeldValue.column == each.column,
        )
        known = session.connection().execute(select(HeldValue.id).where(*same)).first()
        if known is None:
            session.add(
                HeldValue(
                    erasure_id=act.id,
                    subject_type=each.subject.type,
                    subject_id=each.subject.id,
                    column=each.column,
                    law=str(each.law),
                    until=each.until,
                )
            )
