"""What every session does by itself: stamps, row rules, refusal of unaudited bulk changes."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction, with_loader_criteria

from core.access.policy import Access, RowRule, Scope
from core.db.base import Base, Record
from core.db.engine import WorkSession


class BulkChange(Exception):
    """A bulk UPDATE or DELETE of audited rows outside ``core.db.change``: it would leave no trace."""


@event.listens_for(WorkSession, "before_flush")
def stamp(session: WorkSession, _context: UOWTransaction, _instances: object) -> None:
    """Write who and when on every new and changed record."""
    now = session.now()
    for record in session.new:
        if isinstance(record, Record):
            record.created_at = record.created_at or now
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
    options = _row_options(session, state.execution_options.get("right"))
    if options:
        state.statement = state.statement.options(*options)


def _refuse_bulk(state: ORMExecuteState) -> None:
    mapper = state.bind_mapper
    if mapper is not None and issubclass(mapper.class_, Record) and mapper.class_.__audited__:
        raise BulkChange(f"{mapper.class_.__name__}: bulk changes go through core.db.change")


def _row_options(session: WorkSession, instead: str | None) -> list[Any]:
    """The row rules of the session's person, built once per session.

    A statement may be run under another right than the model's own, for a purpose with wider scope
    that the rule itself allows (``execution_options(right="contacts.customer.lookup")``).
    """
    built: dict[str | None, list[Any]] = session.info.setdefault("row_options", {})
    if instead not in built:
        built[instead] = [
            with_loader_criteria(model, rule.criterion(model, session.access, instead), include_aliases=True)
            for model, rule in ruled_models()
            if session.access.scope(rule.applied(instead)) != Scope.ALL
        ]
    return built[instead]


def limited_models(access: Access) -> list[tuple[type, RowRule]]:
    """The models of which this person may not see every row."""
    return [(model, rule) for model, rule in ruled_models() if access.scope(rule.right) != Scope.ALL]


@cache
def ruled_models() -> tuple[tuple[type, RowRule], ...]:
    """All mapped models with a row rule; mappers are process-wide and fixed once addons are loaded."""
    rules = ((mapper.class_, getattr(mapper.class_, "__row_rule__", None)) for mapper in Base.registry.mappers)
    return tuple((model, rule) for model, rule in rules if rule is not None)
