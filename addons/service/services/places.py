"""Where a document of service belongs: its department and branch; and what a bay is called, wherever it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, case, false, func, select, true
from sqlalchemy.orm import aliased

from addons.service.models import Bay
from core import Access, Branch, Department, InLanguage, Invalid, Scope, T, WorkSession

_Department, _Branch, _AnyBay = aliased(Department), aliased(Branch), aliased(Bay)
_BRANCHES = (
    select(func.count(_Department.branch_id.distinct()))
    .where(_Department.id.in_(select(_AnyBay.department_id).where(_AnyBay.active)))
    .scalar_subquery()
)


def _with_branch(branch: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    its_branch = (
        select(branch)
        .join(_Department, _Department.branch_id == _Branch.id)
        .where(_Department.id == Bay.department_id)
        .correlate(Bay)
        .scalar_subquery()
    )
    return case((_BRANCHES > 1, Bay.title + " · " + its_branch), else_=Bay.title)


bay_title = InLanguage(_with_branch(_Branch.title_ru), _with_branch(_Branch.title_en))
"""A bay by its title, with its branch where several have a workshop: each calls its bays «Пост 1», «Пост 2»."""


def _of_branch(branch: SQLColumnExpression[Any], department: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    its_branch = select(branch).where(_Branch.id == Department.branch_id).correlate(Department).scalar_subquery()
    return department + " · " + its_branch


workshop_title = InLanguage(
    _of_branch(_Branch.title_ru, Department.title_ru), _of_branch(_Branch.title_en, Department.title_en)
)
"""A workshop by its department and branch."""
has_bays = Department.id.in_(select(_AnyBay.department_id).where(_AnyBay.active))
"""That a department has bays in use, closed or not: what was booked there stays there."""
is_workshop = Department.active & has_bays
"""That cars can be received in a department."""


def within_reach(access: Access) -> ColumnElement[bool]:
    """Where a person may receive cars: whose car visits he may go on with."""
    scope = access.scope("service.visit.change")
    if scope == Scope.ALL:
        return true()
    mine = Department.id.in_(sorted(access.department_ids)) if scope >= Scope.DEPARTMENT else false()
    return mine | Department.branch_id.in_(sorted(access.branch_ids)) if scope >= Scope.BRANCH else mine


def own_workshop(session: WorkSession, department_id: int | None = None) -> int | None:
    """The department a car is received in where nobody says another: the one named, the person's own, or the first."""
    statement = _nearest(session, department_id).where(is_workshop, within_reach(session.access))
    found = session.execute(statement).first()
    return found.id if found is not None else None


def bay_titles(session: WorkSession, bay_ids: Collection[int]) -> dict[int, str]:
    """What bays are called, in the person's language."""
    title = bay_title.ru if session.access.language == "ru" else bay_title.en
    rows = session.execute(select(Bay.id, title).where(Bay.id.in_(bay_ids))).all()
    return {number: str(text) for number, text in rows}


def place_of(session: WorkSession, department_id: int | None) -> tuple[int, int]:
    """A department with a workshop, and its branch: the one named if it has bays, else the person's own, else the first.

    A contact may have come in for another department than the one that will do the work.

    :raises Invalid: where nobody has set up a workshop yet.
    """
    found = session.execute(_nearest(session, department_id).where(has_bays)).first()
    if found is None:
        raise Invalid({"department_id": [T("No department has bays yet. Add them in the directory of bays.")]})
    return found.id, found.branch_id


def _nearest(session: WorkSession, department_id: int | None) -> Select[int, int]:
    mine = sorted(session.access.department_ids)
    wanted = case((Department.id == (department_id or 0), 0), (Department.id.in_(mine), 1), else_=2)
    return select(Department.id, Department.branch_id).order_by(wanted, Department.id).limit(1)
