"""Rows of a directory that stand there once, also where a column says nothing: «for everybody».

The unique keys of a database let nothing stand any number of times, and which of two prices of an hour held would be chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from sqlalchemy import select

from addons.service.models import LabourRate, MaintenanceRule
from core import Invalid, Record, T, WorkSession

R = TypeVar("R", bound=Record)
OF = {LabourRate: ("department_id", "pay_type"), MaintenanceRule: ("make_id", "model_id")}
"""By which columns a row is the only one of its kind."""


def create_rate(session: WorkSession, values: dict[str, Any]) -> LabourRate:
    """A price of an hour for whom there is none yet."""
    return _create(session, LabourRate(), values)


def create_rule(session: WorkSession, values: dict[str, Any]) -> MaintenanceRule:
    """An interval for cars for which there is none yet."""
    return _create(session, MaintenanceRule(), values)


def change(session: WorkSession, row: LabourRate | MaintenanceRule, values: dict[str, Any]) -> None:
    """The changed fields, unless another row says the same."""
    _expect_single(session, row, {name: getattr(row, name) for name in OF[type(row)]} | values)
    for name, value in values.items():
        setattr(row, name, value)


def _create(session: WorkSession, row: R, values: Mapping[str, Any]) -> R:
    _expect_single(session, row, values)
    for name, value in values.items():
        setattr(row, name, value)
    session.add(row)
    return row


def _expect_single(session: WorkSession, row: Record, values: Mapping[str, Any]) -> None:
    model, names = type(row), OF[type(row)]
    same = [getattr(model, name) == values.get(name) for name in names]
    if session.scalars(select(model.id).where(*same, model.id != (row.id or 0)).limit(1)).first() is not None:
        raise Invalid({names[-1]: [T("There is such a record already.")]})
