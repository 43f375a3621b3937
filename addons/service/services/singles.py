"""Rows of a directory that stand there once, also those «for everybody»: which of two prices of an hour held would be chance.

The database decides it, by the key that each row has of whom it holds for; here its refusal is put into words.
"""

from __future__ import annotations

from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from addons.service.models import LabourRate, MaintenanceRule
from core import Invalid, T, WorkSession

R = TypeVar("R", bound=LabourRate | MaintenanceRule)
FIELD = {LabourRate: "pay_type", MaintenanceRule: "model_id"}
"""Where a person is told that there is such a row."""


def create_rate(session: WorkSession, values: dict[str, Any]) -> LabourRate:
    """A price of an hour.

    :raises Invalid: where there is one for the same department and payer.
    """
    return _save(session, LabourRate(), values)


def create_rule(session: WorkSession, values: dict[str, Any]) -> MaintenanceRule:
    """An interval.

    :raises Invalid: where there is one for the same cars.
    """
    return _save(session, MaintenanceRule(), values)


def change(session: WorkSession, row: LabourRate | MaintenanceRule, values: dict[str, Any]) -> None:
    """The changed fields.

    :raises Invalid: where another row holds for the same ones.
    """
    _save(session, row, values)


def _save(session: WorkSession, row: R, values: dict[str, Any]) -> R:
    model, number, whose = type(row), row.id or 0, row.whose
    try:
        with session.begin_nested():
            for name, value in values.items():
                setattr(row, name, value)
            whose = row.whose
            session.add(row)
    except IntegrityError as error:
        another = select(model.id).where(model.whose == whose, model.id != number)
        if session.scalars(another).first() is None:
            raise
        raise Invalid({FIELD[model]: [T("There is such a record already.")]}) from error
    return row
