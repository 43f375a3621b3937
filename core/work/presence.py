"""Who is at his place and free, as he says himself and as his open browser proves (S0-18)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, null, or_, select, update

from core.access.models import Department, UserDepartment
from core.db.engine import WorkSession
from core.db.kept import Read, gather, read
from core.errors import Forbidden, Invalid
from core.live.events import publish
from core.work.models import Presence
from core.work.upserts import insert_into, upsert

CHANGE = "core.presence.change"

HEARTBEAT = timedelta(seconds=60)
"""How often a process with open live streams calls :func:`seen` for all of their users at once."""

LAPSE = timedelta(seconds=150)
"""Whoever was not seen for so long counts as off: two beats may be lost."""


class PresenceState(StrEnum):
    """Free and busy people are at their place, away ones will come back, off ones have gone home."""

    FREE = "free"
    BUSY = "busy"
    AWAY = "away"
    OFF = "off"


ON_LINE = ("call", "ringing")
"""What a telephone line is that cannot take another call; a line that is not named is free."""


@dataclass(frozen=True, slots=True)
class Present:
    """A person's presence at this moment; ``line`` is what his telephone does, one of :data:`ON_LINE`, or nothing."""

    state: PresenceState
    until: datetime | None = None
    note: str = ""
    since: datetime | None = None
    line: str = ""

    @property
    def shown(self) -> str:
        """What whoever chooses among people is told: who is at his place may have somebody on the line (S3-12, S3-13)."""
        at_his_place = self.state in (PresenceState.FREE, PresenceState.BUSY)
        return self.line if at_his_place and self.line else self.state.value


OFF = Present(PresenceState.OFF)


def set_presence(
    session: WorkSession,
    state: PresenceState,
    *,
    until: datetime | None = None,
    note: str = "",
    user_id: int | None = None,
) -> None:
    """The person says where he is; with ``until`` he is free again at that moment.

    :param user_id: somebody else, of whom he says it.
    :raises Invalid: that moment has passed.
    :raises Forbidden: his right does not reach that person.
    """
    now = session.now()
    if until is not None and until <= now:
        raise Invalid({"until": ["This moment has passed."]})
    whose = session.access.user_id if user_id is None else user_id
    _require_reach(session, whose)
    values = {
        "user_id": whose,
        "state": state.value,
        "lapsed_from": None,
        "until": until,
        "note": note[:200],
        "since": now,
        "last_seen_at": now,
    }
    upsert(session, Presence, ("user_id",), values)
    publish(session, "presence.changed", user=whose)


def _require_reach(session: WorkSession, user_id: int | None) -> None:
    access = session.access
    if user_id == access.user_id:
        access.require(CHANGE)
        return
    places = session.execute(
        select(Department.id, Department.branch_id)
        .join(UserDepartment, UserDepartment.department_id == Department.id)
        .where(UserDepartment.user_id == user_id)
    )
    if not any(access.reaches(CHANGE, *place) for place in (*places, (None, None))):
        raise Forbidden("You have no right to do this.")


def seen(session: WorkSession, user_ids: Collection[int]) -> None:
    """These people have a page open now: new ones become free, lapsed ones what they were before."""
    known = dict(
        session.execute(select(Presence.user_id, Presence.lapsed_from).where(Presence.user_id.in_(user_ids))).all()
    )
    back = [user_id for user_id, lapsed_from in known.items() if lapsed_from]
    new = [user_id for user_id in user_ids if user_id not in known]
    _beat(session, known)
    _return(session, back)
    _appear(session, new)
    for user_id in (*back, *new):
        publish(session, "presence.changed", user=user_id)


def arrive(session: WorkSession, user_id: int) -> None:
    """The person begins to work, as by signing in or taking something: he is back, and who had gone home is free.

    One statement, which writes nothing for who is at his place and was seen within :data:`HEARTBEAT`.
    """
    now, stored = session.now(), Presence.__table__.c
    gone, free = stored.state == PresenceState.OFF.value, PresenceState.FREE.value
    common = {"last_seen_at": now, "lapsed_from": None}
    new = insert_into(session, Presence).values(user_id=user_id, state=free, note="", since=now, **common)
    went_home = and_(gone, stored.lapsed_from.is_(None))
    changed = {
        **common,
        "state": case((gone, func.coalesce(stored.lapsed_from, free)), else_=stored.state),
        "until": case((went_home, null()), else_=stored.until),
        "note": case((went_home, ""), else_=stored.note),
        "since": case((gone, now), else_=stored.since),
    }
    due = or_(gone, stored.last_seen_at < now - HEARTBEAT)
    came = new.on_conflict_do_update(index_elements=["user_id"], set_=changed, where=due).returning(Presence.since)
    if session.execute(came).scalar() == now:
        publish(session, "presence.changed", user=user_id)


def lapse(session: WorkSession, now: datetime) -> list[int]:
    """Whoever is not seen any more is off, whoever's time is up is free; any number of workers may run it.

    :returns: the users whose presence changed.
    """
    gone = (
        update(Presence)
        .where(Presence.last_seen_at < now - LAPSE, Presence.state != PresenceState.OFF.value)
        .values(state=PresenceState.OFF.value, lapsed_from=Presence.state, since=now)
    )
    freed = (
        update(Presence)
        .where(Presence.until <= now, Presence.state != PresenceState.OFF.value)
        .values(state=PresenceState.FREE.value, until=None, note="", since=now)
    )
    changed: list[int] = []
    for statement in (gone, freed):
        done = statement.returning(Presence.user_id).execution_options(synchronize_session=False)
        changed += session.execute(done).scalars()
    for user_id in sorted(set(changed)):
        publish(session, "presence.changed", user=user_id)
    return sorted(set(changed))


def presence_of(session: WorkSession, user_ids: Iterable[int]) -> dict[int, Present]:
    """Where each of these people is, in one query; whoever was never seen is off."""
    return presence_beside(session, user_ids, {})[0]


def presence_beside(
    session: WorkSession, user_ids: Iterable[int], wanted: Mapping[str, Read]
) -> tuple[dict[int, Present], dict[str, Sequence[Any]]]:
    """Where each of these people is now, and the rows of other reads by their names, all in one query.

    An addon that fails to tell whose telephone line is taken is left out, and the failure is its own (SEC-59).
    """
    users = sorted(set(user_ids))
    own = {_WHERE: Read(_PRESENT, {"users": users})} | {(_BESIDE, name): each for name, each in wanted.items()}
    found, lines = _with_lines(session, own, users)
    now = session.now()
    where = {
        row.user_id: present_from(row.state, row.until, row.note, row.since, row.last_seen_at, now)
        for row in found[_WHERE]
    }
    present = {user_id: replace(where.get(user_id, OFF), line=lines.get(user_id, "")) for user_id in users}
    return present, {name: found[_BESIDE, name] for name in wanted}


_PRESENT: Select[*tuple[Any, ...]] = select(
    Presence.user_id, Presence.state, Presence.until, Presence.note, Presence.since, Presence.last_seen_at
).where(Presence.user_id.in_(bindparam("users", expanding=True)))

_HOOK, _BESIDE = "telephone_lines", "beside"
_WHERE = ("core", "presence")


_WithLines = tuple[dict[tuple[str, str], Sequence[Any]], dict[int, str]]


def _with_lines(session: WorkSession, own: Mapping[tuple[str, str], Read], users: list[int]) -> _WithLines:
    """The rows of these reads, and what the lines of these people do, in one query; each by itself when that fails."""
    hooks = session.hooks
    answers = [answer for answer in hooks.each(_HOOK, user_ids=users) if not answer.error]
    if not answers:
        return gather(session, own), {}

    def together() -> _WithLines:
        found = gather(session, {**own, **{(_HOOK, answer.addon): answer.value for answer in answers}})
        return found, _lines_in(row for answer in answers for row in found[_HOOK, answer.addon])

    whole = hooks.run_guarded(session, "core", _HOOK, together)
    if not whole.error:
        found: _WithLines = whole.value
        return found
    each = [
        hooks.run_guarded(session, answer.addon, _HOOK, partial(_lines_of, session, answer.value)) for answer in answers
    ]
    lines = {user_id: line for answer in each for user_id, line in (answer.value or {}).items()}
    return gather(session, own), lines


def _lines_of(session: WorkSession, wanted: Read) -> dict[int, str]:
    return _lines_in(read(session, wanted))


def _lines_in(rows: Iterable[Any]) -> dict[int, str]:
    return {row.user_id: row.line for row in rows}


def present_from(
    state: str, until: datetime | None, note: str, since: datetime, last_seen_at: datetime, now: datetime
) -> Present:
    """The state as it is now, also when the sweep has not come by yet."""
    if state == PresenceState.OFF or last_seen_at < now - LAPSE:
        return Present(PresenceState.OFF, since=since)
    if until is not None and until <= now:
        return Present(PresenceState.FREE, since=until)
    return Present(PresenceState(state), until, note, since)


def _beat(session: WorkSession, user_ids: Collection[int]) -> None:
    if user_ids:
        statement = update(Presence).where(Presence.user_id.in_(user_ids)).values(last_seen_at=session.now())
        session.execute(statement.execution_options(synchronize_session=False))


def _return(session: WorkSession, user_ids: Collection[int]) -> None:
    if user_ids:
        statement = (
            update(Presence)
            .where(Presence.user_id.in_(user_ids), Presence.lapsed_from.is_not(None))
            .values(state=Presence.lapsed_from, lapsed_from=None, since=session.now())
        )
        session.execute(statement.execution_options(synchronize_session=False))


def _appear(session: WorkSession, user_ids: Collection[int]) -> None:
    if user_ids:
        now = session.now()
        common = {"state": PresenceState.FREE.value, "note": "", "since": now, "last_seen_at": now}
        rows = [{**common, "user_id": user_id} for user_id in user_ids]
        session.execute(insert_into(session, Presence).values(rows).on_conflict_do_nothing())
