"""Looking for recorded files that calls have told of, and deleting those whose time is over (SEC-72).

A page never waits for a disk or a network: what it shows was found here. Nothing here holds a transaction open while it waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import delete, or_, select, update

from addons.telephony.models import DOOMED, EXPECTED, NOWHERE, THERE, UNPLAYED, Call, Pbx, Recording
from addons.telephony.services.recordings.paths import Missing, OutOfReach, is_played
from addons.telephony.services.recordings.places import Place, Source, place_of
from core import Setting, T, WorkSession, note_action, settings

log = structlog.get_logger("forecourt.telephony")

BATCH = 200
AGAIN_AFTER = timedelta(minutes=5)
"""After which a place that is away is asked again."""
GIVEN_UP = timedelta(days=1)
"""How long after a call its recording may still come: some exchanges bring them to a server at night."""
SOONEST = timedelta(seconds=20)
"""Between two looks at least; each time as long is waited as the call is over."""

DAYS = Setting(
    "telephony.recordings_days",
    int,
    3 * 365,
    title=T("Days after which recordings of calls are deleted, their files too, 0 for never"),
    group=T("Telephony"),
    minimum=0,
    maximum=100 * 365,
)


def look(session: WorkSession) -> int:
    """Look for what is expected, and delete what is doomed.

    :returns: how many files were looked for.
    """
    rows = _due(session)
    places = {pbx.id: _place(session, pbx) for pbx in _exchanges(session, rows)}
    now = session.now()
    session.commit()  # what lies outside is waited for without holding anybody up
    outcomes = list(_outcomes(rows, places, now))
    for row, values in outcomes:
        same = (Recording.id == row.id, Recording.state == row.state)
        session.execute(update(Recording).where(*same).values(values) if values else delete(Recording).where(*same))
    return len(rows)


def _outcomes(
    rows: Sequence[Any], places: Mapping[int, Place | None], now: datetime
) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """What is to be written of each file, nothing at all of one that is deleted; a place that is away is asked once."""
    away: set[int] = set()
    for row in rows:
        if row.pbx_id not in away:
            try:
                yield row, _found(row, places[row.pbx_id], now)
                continue
            except OutOfReach as error:
                log.warning("recordings are out of reach", pbx=row.pbx_id, error=str(error))
                away.add(row.pbx_id)
        yield row, {"look_at": now + AGAIN_AFTER}


def _due(session: WorkSession) -> Sequence[Any]:
    statement = (
        select(Recording.id, Recording.path, Recording.state, Call.pbx_id, Call.started_at, Call.ended_at)
        .join(Call, Call.id == Recording.call_id)
        .where(
            Recording.state.in_((DOOMED, EXPECTED)),
            or_(Recording.look_at.is_(None), Recording.look_at <= session.now()),
        )
        .order_by(Recording.id)
        .limit(BATCH)
    )
    return session.execute(statement).all()


def _exchanges(session: WorkSession, rows: Sequence[Any]) -> Sequence[Pbx]:
    return session.scalars(select(Pbx).where(Pbx.id.in_(sorted({row.pbx_id for row in rows})))).all()


class _NoPlace:
    """Recordings of this exchange are read nowhere."""

    def open(self, path: str) -> Source:
        raise Missing(path)

    def remove(self, path: str) -> None:
        """There is nothing to delete."""


_NOWHERE = _NoPlace()


def _place(session: WorkSession, pbx: Pbx) -> Place | None:
    return place_of(session, pbx) if pbx.recordings else _NOWHERE


def _found(row: Any, place: Place | None, now: datetime) -> Mapping[str, Any]:
    """
    :raises OutOfReach: its place is away.
    """
    if place is None:
        raise OutOfReach("nothing can be read where its recordings are said to be")
    if row.state == DOOMED:
        place.remove(row.path)
        return {}
    ended = row.ended_at or row.started_at
    try:
        source = place.open(row.path)
    except Missing:
        return _not_there(now, ended, may_come=place is not _NOWHERE)
    source.close()
    return {"state": THERE if is_played(row.path) else UNPLAYED, "size": source.size, "look_at": None}


def _not_there(now: datetime, ended: datetime, *, may_come: bool) -> Mapping[str, Any]:
    """It may still come where anything can; else it is given up in time, unless somebody says where they are."""
    if now - ended > GIVEN_UP:
        return {"state": NOWHERE, "look_at": None}
    return {"look_at": now + max(SOONEST, now - ended) if may_come else ended + GIVEN_UP + SOONEST}


def look_again(session: WorkSession, pbx_id: int) -> None:
    """The recordings of an exchange are read elsewhere now: what was found, and what was not, is looked for anew."""
    calls = select(Call.id).where(Call.pbx_id == pbx_id)
    again = (Recording.call_id.in_(calls), Recording.state != DOOMED)
    session.execute(update(Recording).where(*again).values(state=EXPECTED, look_at=None))


def doom_old(session: WorkSession) -> None:
    """Let go of recordings whose term is over, with a line in the trail for each batch."""
    days = settings.read(session, DAYS)
    if not days:
        return
    before, last = session.now() - timedelta(days=days), BATCH
    old = (
        select(Recording.id)
        .join(Call, Call.id == Recording.call_id)
        .where(Call.started_at < before, Recording.state != DOOMED)
        .order_by(Recording.id)
        .limit(BATCH)
    )
    while last == BATCH:
        ids = session.scalars(old).all()
        last = len(ids)
        if ids:
            session.execute(update(Recording).where(Recording.id.in_(ids)).values(state=DOOMED, look_at=None))
            note_action(session, "retention_purge", None, category="telephony.recordings", rows=last, days=days)
        session.commit()
