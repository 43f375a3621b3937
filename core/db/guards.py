"""What every session does by itself: stamps, row rules, refusal of unaudited bulk changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Select, event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.cache_key import NO_CACHE
from sqlalchemy.sql.visitors import replacement_traverse

from core.access.policy import Access, RowRule, Scope
from core.db.base import Base, Record
from core.db.engine import WorkSession

MOST_KEPT = 512
"""People, and things made once for each, such as his statements, that a process remembers."""

Made = TypeVar("Made")
_RULED = "ruled_by"
"""Whose rules a statement carries already: a :class:`RowRules`."""


class BulkChange(Exception):
    """A bulk UPDATE or DELETE of audited rows outside ``core.db.change``: it would leave no trace."""


class ReadOnly(Exception):
    """Something was to be written in a session for reading; each statement there would stand at once, for good."""


@event.listens_for(WorkSession, "before_flush")
def refuse_writing(session: WorkSession, _context: UOWTransaction, _instances: object) -> None:
    """Keep sessions for reading to it (SEC-24)."""
    if not session.writable and (session.new or session.deleted or any(map(session.is_modified, session.dirty))):
        raise ReadOnly("a session for reading has something to write")


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
    """Put the person's row rules on every statement; refuse bulk changes without audit, and writing for readers."""
    session = state.session
    assert isinstance(session, WorkSession)
    if not session.writable and (state.is_insert or state.is_update or state.is_delete):
        raise ReadOnly("a session for reading has something to write")
    if (state.is_update or state.is_delete) and not state.execution_options.get("audited"):
        _refuse_bulk(state)
    if state.is_column_load or state.is_relationship_load:
        return
    rules = row_rules(session)
    if state.execution_options.get(_RULED) is rules:
        return
    options = rules.options(state.execution_options.get("right"))
    if options:
        state.statement = state.statement.options(*options)


def _refuse_bulk(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, Record) and mapper.class_.__audited__:
        raise BulkChange(f"{mapper.class_.__name__}: bulk changes go through core.db.change")


class RuleValue(BindParameter[Any]):
    """A value in a row rule.

    A rule stands in each of a statement's places as a copy that hashes like the original, and dictionaries then ask
    for equality: of two parameters that makes a new SQL expression, which is true just when their hashes are equal.
    Asking for the hashes themselves makes a ruled statement run in a third of the time.
    """

    inherit_cache = True

    def __eq__(self, other: object) -> Any:
        return hash(self) == hash(other)

    def __hash__(self) -> int:
        return id(self)


def _with_rule_values(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    def replaced(element: Any, **_: Any) -> Any:
        if isinstance(element, BindParameter) and not isinstance(element, RuleValue):
            value = element.effective_value
            return RuleValue(None, value, type_=element.type, unique=True, expanding=element.expanding)
        return None

    return replacement_traverse(criterion, {}, replaced)


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
    were put on anew; those of :mod:`core.db.kept` live as long as the process and keep theirs.
    """

    def __init__(self, access: Access) -> None:
        self.access = access
        self._options: dict[str | None, list[Any]] = {}
        self._made: dict[Any, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """What is made once for the person, kept by a key that its maker chooses."""
        made: Made | None = self._made.get(key)
        if made is None:
            if len(self._made) >= MOST_KEPT:
                self._made.clear()
            made = self._made[key] = make()
        return made

    def ruled(self, key: Hashable, make: Callable[[], Select[Any]], *, right: str | None = None) -> Select[Any]:
        """A long-lived statement of the ORM that these rules are on already: nobody has to put them there at each run.

        In a session of anybody else it gets his rules, as any statement does.

        :param right: another right that it is run under.
        """

        def put() -> Select[Any]:
            return make().options(*self.options(right)).execution_options(right=right, **{_RULED: self})

        return self.once(key, put)

    def options(self, instead: str | None) -> list[Any]:
        """The criteria of all models of which this person may not see every row.

        A statement may be run under another right than the model's own, for a purpose with wider scope
        that the rule itself allows (``execution_options(right="parking.pass.lookup")``).
        """
        if instead not in self._options:
            self._options[instead] = [
                RowCriterion(
                    model, _with_rule_values(rule.criterion(model, self.access, instead)), include_aliases=True
                )
                for model, rule in ruled_models()
                if self.access.scope(rule.applied(instead)) != Scope.ALL
            ]
        return self._options[instead]


def row_rules(session: WorkSession) -> RowRules:
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


def ruled_models() -> tuple[tuple[type, RowRule], ...]:
    """All mapped models with a row rule.

    Looked up anew each time: a list kept from before an addon was imported would leave its rows open to everybody.
    """
    rules = ((mapper.class_, getattr(mapper.class_, "__row_rule__", None)) for mapper in Base.registry.mappers)
    return tuple((model, rule) for model, rule in rules if rule is not None)
