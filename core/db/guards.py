"""What every session does by itself: stamps, row rules, refusal of unaudited bulk changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Select, event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.cache_key import NO_CACHE

from core.access.policy import Access, RowRule, Scope
from core.db.base import Base, Record
from core.db.engine import WorkSession

MOST_KEPT = 512
"""People, and statements of each, whose worked-out rules a process remembers."""


class BulkChange(Exception):
    """A bulk UPDATE or DELETE of audited rows outside ``core.db.change``: it would leave no trace."""


@event.listens_for(WorkSession, "before_flush")
def stamp(session: WorkSession, _context: UOWTransaction, _instances: object) -> None:
    """Write who and when on every new and changed record."""
    now = session.now()
    for record in session.new:
        if isinstance(record, Record):
            record.created_at = record.__dict__.get("created_at") or now
            record.created_by_id = record.created_by_id or session.access.user_id
            record.updated_at, record.updated_by_id = now, session.access.user_id
    for record in session.dirty:
        if isinstance(record, Record) and session.is_modified(record):
            record.updated_at, record.updated_by_id = now, session.access.user_id


@event.listens_for(WorkSession, "do_orm_execute")
def guard(state: ORMExecuteState) -> None:
    """Put the person's row rules on every statement, and refuse bulk changes without audit."""
    session = state.session
    assert isinstance(session, WorkSession)
    if (state.is_update or state.is_delete) and not state.execution_options.get("audited"):
        _refuse_bulk(state)
    if state.is_column_load or state.is_relationship_load:
        return
    options = _rules_of(session).options(state.execution_options.get("right"))
    if options:
        state.statement = state.statement.options(*options)


def select_kept(
    session: WorkSession,
    statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]],
    values: Any,
    *,
    right: str | None = None,
) -> Sequence[Any]:
    """Run a long-lived SELECT of columns under the session's row rules: a page of a list, and the like.

    What :func:`guard` does for any statement is done here once for each person and statement, and the rows come as
    the driver gives them, without the handling of entities: half the time of a list query (decision 0006).
    The statement selects mapped columns only; it is made once and run again with other values.

    :param right: another right the statement is run under, as with ``execution_options(right=…)``.
    """
    if session.writable:
        session.flush()
    rules = _rules_of(session)
    options = rules.options(right)
    ruled = rules.ruled(statement, options) if options else statement
    return session.connection().execute(ruled, values).all()


def _refuse_bulk(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, Record) and mapper.class_.__audited__:
        raise BulkChange(f"{mapper.class_.__name__}: bulk changes go through core.db.change")


class RowCriterion(LoaderCriteriaOption):
    """A row rule as SQLAlchemy puts it on statements, with its part of every statement's cache key worked out once.

    A limited person has a criterion for each ruled model, and each goes into the key of each of his statements:
    walking through all of them anew took longer than the statement. The key stays structural; the values of the
    criterion are handed over separately, as always.
    """

    __slots__ = ("_part",)
    _cache_key_traversal = LoaderCriteriaOption._traverse_internals

    def _gen_cache_key(self, anon_map: Any, bindparams: list[Any]) -> Any:
        part = getattr(self, "_part", None)
        if part is None:
            own_names, values = type(anon_map)(), list[Any]()
            key = super()._gen_cache_key(own_names, values)
            if NO_CACHE in own_names:
                return super()._gen_cache_key(anon_map, bindparams)
            part = self._part = (key, values)
        bindparams.extend(part[1])
        return part[0]


class RowRules:
    """What one person's rights make of the row rules, kept for as long as his rights stay the same object.

    Building the criteria costs more than most statements, and so does working out the cache key of a statement they
    were put on anew; statements run with the execution option ``kept`` live as long as the process and keep theirs.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self._options: dict[str | None, list[Any]] = {}
        self._statements: dict[tuple[int, int], tuple[Any, Any]] = {}

    def options(self, instead: str | None) -> list[Any]:
        """The criteria of all models of which this person may not see every row.

        A statement may be run under another right than the model's own, for a purpose with wider scope
        that the rule itself allows (``execution_options(right="contacts.customer.lookup")``).
        """
        if instead not in self._options:
            self._options[instead] = [
                RowCriterion(model, rule.criterion(model, self.access, instead), include_aliases=True)
                for model, rule in ruled_models()
                if self.access.scope(rule.applied(instead)) != Scope.ALL
            ]
        return self._options[instead]

    def ruled(self, statement: Any, options: list[Any]) -> Any:
        """A long-lived statement with the criteria on it."""
        key = (id(statement), id(options))
        known = self._statements.get(key)
        if known is None or known[0] is not statement:
            if len(self._statements) >= MOST_KEPT:
                self._statements.clear()
            known = self._statements[key] = (statement, statement.options(*options))
        return known[1]


def _rules_of(session: WorkSession) -> RowRules:
    """The session's person's rules; one object for all his sessions while nobody changes his rights."""
    known: dict[Any, RowRules] = session.info.setdefault("row_rules", {})
    access = session.access
    key = (
        access.user_id,
        id(access.grants),
        access.roles,
        access.department_ids,
        access.branch_ids,
        bool(access.elevated),
    )
    rules = known.get(key)
    # The grants are part of the key by their identity: as long as the rules hold them, no others can take their place.
    if rules is None or rules.access.grants is not access.grants:
        if len(known) >= MOST_KEPT:
            known.clear()
        rules = known[key] = RowRules(access)
    return rules


def limited_models(access: Access) -> list[tuple[type, RowRule]]:
    """The models of which this person may not see every row."""
    return [(model, rule) for model, rule in ruled_models() if access.scope(rule.right) != Scope.ALL]


def ruled_models() -> tuple[tuple[type, RowRule], ...]:
    """All mapped models with a row rule.

    Looked up anew each time: a list kept from before an addon was imported would leave its rows open to everybody.
    """
    rules = ((mapper.class_, getattr(mapper.class_, "__row_rule__", None)) for mapper in Base.registry.mappers)
    return tuple((model, rule) for model, rule in rules if rule is not None)
