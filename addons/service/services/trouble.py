"""What is wrong with the place of a booking: its bay is out of use, or its mechanic has left, is away or has no shift then.

Bays are switched off, absences written down and shifts deleted under bookings that were made before; none of them is
moved by that. Its card says so, and it stands in the queue of the planner until somebody gives it another place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import BigInteger, Date, Select, and_, bindparam, exists, func, or_, select

from addons.contacts.models import Document
from addons.service.models import Absence, Bay, Booking, Employee, Shift
from addons.service.services import roster
from addons.service.services.roster import Roster, Stretch
from addons.service.services.states import BOOKING
from core import Calendar, Read, T, User, UtcDateTime, WorkSession, calendar_of

_LEFT = func.coalesce(or_(User.active.is_(False), Employee.active.is_(False)), False)
_HIS_SHIFT = Shift.user_id == Booking.mechanic_id
_PERHAPS_AWAY = or_(
    exists().where(Absence.user_id == Booking.mechanic_id, Absence.last_day >= bindparam("today", type_=Date)),
    and_(
        exists().where(_HIS_SHIFT, Shift.ends_at > bindparam("near", type_=UtcDateTime)),
        ~exists().where(_HIS_SHIFT, Shift.starts_at <= Booking.starts_at, Shift.ends_at >= Booking.ends_at),
    ),
)
"""Of whom nothing of this holds, is there: so only few are looked at more closely."""
WAITING = (
    Booking.id,
    Booking.number,
    Document.customer_text.label("client"),
    Booking.vehicle_text.label("vehicle"),
    Booking.reason,
    Booking.minutes,
    Booking.version,
    Booking.created_at,
)
"""What the queue of the planner shows of a booking."""
_PLACE = (
    Booking.starts_at,
    Booking.ends_at,
    Booking.mechanic_id,
    Bay.active.label("bay_used"),
    _LEFT.label("mechanic_left"),
)
"""What is judged of its place."""


def _placed(*columns: Any) -> Select[*tuple[Any, ...]]:
    """These columns of bookings that have a place, and what is judged of it."""
    return (
        select(*columns, *_PLACE)
        .select_from(Booking)
        .join(Bay, Bay.id == Booking.bay_id)
        .outerjoin(User, User.id == Booking.mechanic_id)
        .outerjoin(Employee, Employee.user_id == Booking.mechanic_id)
    )


_SUSPECTS = (
    _placed(*WAITING)
    .join(Document, Document.id == Booking.id)
    .where(
        Booking.department_id == bindparam("department", type_=BigInteger),
        Booking.state == "scheduled",
        Booking.ends_at > bindparam("now", type_=UtcDateTime),
        or_(Bay.active.is_(False), _LEFT, _PERHAPS_AWAY),
    )
    .order_by(Booking.starts_at, Booking.id)
)


def suspects(session: WorkSession, calendar: Calendar, department_id: int) -> Read:
    """The bookings to come whose place may be gone; :func:`judged` says of which it is."""
    now = session.now()
    values = {
        "department": department_id,
        "now": now,
        "near": now - roster.NEAR,
        "today": now.astimezone(calendar.zone).date(),
    }
    return Read(_SUSPECTS, values)


def judged(session: WorkSession, calendar: Calendar, rows: Sequence[Any]) -> Iterator[tuple[Any, str]]:
    """Those of the suspects whose place is gone, each with why."""
    if not rows:
        return
    there = roster.roster_of(
        session, calendar.zone, min(row.starts_at for row in rows), max(row.ends_at for row in rows)
    )
    for row in rows:
        stretches = roster.worked_of(calendar, row.starts_at, row.ends_at)
        if trouble := why(row.bay_used, row.mechanic_left, row.mechanic_id, stretches, there):
            yield row, trouble


def trouble_of(session: WorkSession, booking: Booking) -> str:
    """The msgid of what is wrong with the place of one booking; empty where nothing is."""
    starts_at, ends_at = booking.starts_at, booking.ends_at
    if booking.state not in BOOKING.open or starts_at is None or ends_at is None or ends_at <= session.now():
        return ""
    place = session.execute(_placed().where(Booking.id == booking.id)).all()
    found = judged(session, calendar_of(session, booking.department_id), place)
    return next((trouble for _, trouble in found), "")


def why(
    bay_used: bool, mechanic_left: bool, mechanic_id: int | None, stretches: Sequence[Stretch], there: Roster
) -> str:
    """The msgid of what is wrong, empty where nothing is; ``stretches`` are the working hours of the stay."""
    if not bay_used:
        return T("The bay is out of use")
    if mechanic_id is None:
        return ""
    if mechanic_left:
        return T("The mechanic does not work here any more")
    return there.why_not_all(mechanic_id, stretches)
