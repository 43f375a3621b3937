"""Departments as an administrator makes and moves them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.access.models import Department
from core.db.engine import WorkSession
from core.errors import Invalid
from core.text.msgids import T

DEEPEST = 20


def create_department(session: WorkSession, values: Mapping[str, Any]) -> Department:
    """A new department.

    :raises Invalid: when the department it is to be a part of belongs to another branch.
    """
    session.access.require("core.department.create")
    department = Department(**values)
    _check_parent(session, department)
    session.add(department)
    session.flush()
    return department


def change_department(session: WorkSession, department: Department, values: Mapping[str, Any]) -> None:
    """Another title, kind or place for a department.

    :raises Invalid: when it would become a part of itself, or of a department of another branch.
    """
    session.access.require("core.department.change")
    for name, value in values.items():
        setattr(department, name, value)
    with session.no_autoflush:
        _check_parent(session, department)
    session.flush()


def _check_parent(session: WorkSession, department: Department) -> None:
    parent_id, steps = department.parent_id, 0
    while parent_id is not None:
        parent = session.scalars(select(Department).where(Department.id == parent_id)).one_or_none()
        if parent is None or parent.branch_id != department.branch_id:
            raise Invalid({"parent_id": [T("This department belongs to another branch.")]})
        steps += 1
        if parent.id == department.id or steps > DEEPEST:
            raise Invalid({"parent_id": [T("A department cannot be a part of itself.")]})
        parent_id = parent.parent_id
