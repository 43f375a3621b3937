"""Numbers of documents: in order, without gaps, without two of the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.sql.dml import ReturningInsert

from core.access.models import Branch
from core.db.engine import WorkSession
from core.work.office_models import NumberSeries
from core.work.upserts import insert_for

ANY = 0
_WESTMOST, _EASTMOST = timedelta(hours=12), timedelta(hours=14)
"""How far the clocks of the world are from UTC."""


@dataclass(frozen=True, slots=True)
class Series:
    """A series of numbers.

    :param code: ``<addon>.<thing>``.
    :param form: ``РЛ-%(number)06d``; where numbers begin anew each year or in each branch, ``%(year)d``, ``%(short_year)02d``
        and ``%(branch)d`` tell them apart.
    """

    code: str
    form: str
    per_branch: bool = False
    per_year: bool = False


def next_number(session: WorkSession, series: Series, branch_id: int | None = None) -> str:
    """The next number of a series, as it is printed.

    The series stays locked until the transaction ends and a rollback gives the number back, so there
    are no gaps; take it late in the transaction.

    :raises ValueError: the series is per branch and no branch is given.
    """
    if series.per_branch and not branch_id:
        raise ValueError(f"{series.code}: numbers are per branch")
    year = _year(session, branch_id)
    key = {
        "code": series.code,
        "branch_id": branch_id or ANY if series.per_branch else ANY,
        "year": year if series.per_year else ANY,
    }
    connection = session.connection()
    number: int = connection.execute(_counted(connection.dialect.name), {**key, "last": 1}).scalar_one()
    return series.form % {"number": number, "year": year, "short_year": year % 100, "branch": branch_id or ANY}


def _year(session: WorkSession, branch_id: int | None) -> int:
    """The year it is in the branch, or in the first one: the same for everybody, wherever he sits."""
    now = session.now()
    first, last = (now - _WESTMOST).year, (now + _EASTMOST).year
    if first == last:
        return last
    zones = select(Branch.time_zone).order_by(Branch.id).limit(1)
    if branch_id:
        zones = zones.where(Branch.id == branch_id)
    zone = session.connection().scalar(zones)
    return now.astimezone(ZoneInfo(zone) if zone else session.access.zone).year


@cache
def _counted(dialect: str) -> ReturningInsert[int]:
    """The statement that takes a number; made once for a kind of database."""
    statement = insert_for(dialect, NumberSeries)
    counted = statement.on_conflict_do_update(
        index_elements=["code", "branch_id", "year"], set_={"last": NumberSeries.last + 1}
    )
    return counted.returning(NumberSeries.last)
