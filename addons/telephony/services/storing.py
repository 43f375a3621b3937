"""Calls that were reduced become records, each once however often it is told (X-09).

Whoever stores calls of an exchange has its row locked: of two who are told of one call, the second finds it. A call is
found by any of its names, so what a transfer made one call is one record, also when its halves were stored before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import delete, select, update

from addons.contacts.models import InboundContact
from addons.contacts.services import ending
from addons.contacts.services.states import REAL
from addons.telephony.models import DONE, Call, CallCheck, CallContact, CallLeg, CallName, Pbx, Recording
from addons.telephony.services import columns
from addons.telephony.services.asterisk.calls import Call as Told
from addons.telephony.services.asterisk.jobs import Job, job_of
from addons.telephony.services.columns import LONGEST_NAME, text
from addons.telephony.services.house import House, house
from addons.telephony.services.live import key_of
from core import T, WorkSession, database_trouble, worth_repeating

log = structlog.get_logger("forecourt.telephony")

SAME_CALL = T("The same call as %(other)s")


@dataclass(slots=True)
class Stored:
    """What storing has done: the numbers of the calls by what became of them."""

    new: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    refused: int = 0
    """Calls that could not be stored; the log tells why."""


def store(session: WorkSession, pbx_id: int, jobs: Sequence[Job], grace: timedelta) -> Stored:
    """Store calls of an exchange; the caller commits.

    :param grace: how long after an answered call its contact is left to whoever talked.
    """
    session.execute(select(Pbx.id).where(Pbx.id == pbx_id).with_for_update())
    attempts = [each for job in jobs for each in job.attempts]
    known = house(session, (ext for call in attempts for ext in _extensions(call)))
    registered = _registered(session, pbx_id, {name for job in jobs for name in names_of(job)})
    storing = [_Storing(session, pbx_id, known, job, registered, grace) for job in jobs]
    stored = Stored()
    fresh = _fresh(session, pbx_id, storing)
    together = bool(fresh) and _tried(session, partial(_add_together, session, fresh, stored), fresh)
    added = set(fresh) if together else set()
    for each in storing:
        if each not in added and not _tried(session, partial(each.store, stored), [each]):
            stored.refused += 1
    return stored


def _tried(session: WorkSession, write: Callable[[], None], what: Sequence[_Storing]) -> bool:
    """Whether these calls could be stored, all of them or none.

    :raises Exception: when nothing can be stored just now.
    """
    try:
        with session.begin_nested():
            write()
    except Exception as error:
        if database_trouble(error) or worth_repeating(error):
            raise
        log.exception("calls could not be stored", linkedids=[each.names[0] for each in what])
        return False
    return True


def _registered(session: WorkSession, pbx_id: int, names: Iterable[str]) -> frozenset[str]:
    """Those of these names of calls whose contact is there already: it was registered while they went on, and not undone."""
    keys = {key_of(name): name for name in names}
    contact = InboundContact.id == CallContact.contact_id
    mine = select(CallContact.key).join(InboundContact, contact).where(CallContact.pbx_id == pbx_id, REAL)
    return frozenset(keys[key] for key in session.scalars(mine.where(CallContact.key.in_(keys))))


def _fresh(session: WorkSession, pbx_id: int, storing: Sequence[_Storing]) -> list[_Storing]:
    """Those of which nothing is known, neither in the database nor from another one of them: nearly all."""
    told = Counter(name for each in storing for name in each.names)
    mine = select(CallName.name).where(CallName.pbx_id == pbx_id, CallName.name.in_(told))
    known = set(session.scalars(mine))
    return [each for each in storing if all(told[name] == 1 and name not in known for name in each.names)]


def _add_together(session: WorkSession, fresh: Sequence[_Storing], stored: Stored) -> None:
    calls = [each.record() for each in fresh]
    session.add_all(calls)
    session.flush()
    for each, call in zip(fresh, calls, strict=True):
        each.write_parts(call, set())
    session.flush()
    stored.new += [call.id for call in calls]


def _extensions(call: Told) -> Iterable[str]:
    yield from call.answered_by
    yield from (leg.ext for leg in call.legs)
    if call.made is not None and call.made.employee:
        yield call.made.employee


class _Storing:
    """One call on its way into the database."""

    def __init__(
        self, session: WorkSession, pbx_id: int, known: House, job: Job, registered: frozenset[str], grace: timedelta
    ) -> None:
        self._session, self._pbx_id, self._house, self._job = session, pbx_id, known, job
        self.names = names_of(job)
        self._grace = grace if registered.isdisjoint(self.names) else timedelta()

    def store(self, stored: Stored) -> None:
        named = self._named()
        if not named:
            stored.new.append(self._add())
            return
        kept, *others = self._calls(set(named.values()))
        if not others and self._is_known(kept, named):
            stored.unchanged.append(kept.id)
            return
        for other in others:
            self._merge(kept, other)
        self._change(kept, named)
        stored.changed.append(kept.id)

    # --- which it is -----------------------------------------------------------------------------

    def _named(self) -> dict[str, int]:
        """The calls that are known by its names."""
        mine = select(CallName.name, CallName.call_id).where(
            CallName.pbx_id == self._pbx_id, CallName.name.in_(self.names)
        )
        return {row.name: row.call_id for row in self._session.execute(mine)}

    def _calls(self, ids: set[int]) -> list[Call]:
        """The records of it; the one with its own Linkedid, else the oldest, is kept."""
        calls = self._session.scalars(select(Call).where(Call.id.in_(sorted(ids)))).all()
        return sorted(calls, key=lambda call: (call.linkedid != self.names[0], call.started_at, call.id))

    def _is_known(self, call: Call, named: dict[str, int]) -> bool:
        told = self._job.call
        better = (told.ended_known and not call.ended_known) or (told.answered is not None and call.answered_at is None)
        return not better and named.keys() >= set(self.names)

    # --- what it becomes -------------------------------------------------------------------------

    def record(self) -> Call:
        """A call that is not known yet."""
        values = columns.of_call(self._job, self._house)
        contact = columns.of_contact(self._job.call, self._session.now(), self._grace)
        return Call(pbx_id=self._pbx_id, linkedid=self.names[0], **values, **contact)

    def _add(self) -> int:
        call = self.record()
        self._session.add(call)
        self._session.flush()
        self.write_parts(call, set())
        self._session.flush()
        return call.id

    def _change(self, call: Call, named: dict[str, int]) -> None:
        """Tell anew what is told better now; an attempt that reached nobody changes nothing but the legs."""
        if self._job.call.answered is not None or call.answered_at is None:
            values = columns.of_call(self._job, self._house)
            values["started_at"] = min(values["started_at"], call.started_at)
            for name, value in values.items():
                setattr(call, name, value)
            if call.answered_at is not None:
                call.waits_for_call = False
        self.write_parts(call, set(named))
        self._session.flush()

    def write_parts(self, call: Call, known: set[str]) -> None:
        """Its names, legs and recordings; those of its attempts that were stored before are told anew."""
        session, attempts = self._session, self._job.attempts
        new = [name for name in self.names if name not in known]
        session.add_all(CallName(pbx_id=self._pbx_id, name=name, key=key_of(name), call_id=call.id) for name in new)
        if known:
            again = [text(name, LONGEST_NAME) for each in attempts for name in (each.linkedid, *each.linkedids)]
            session.execute(delete(CallLeg).where(CallLeg.call_id == call.id, CallLeg.attempt.in_(again)))
        session.add_all(leg for each in attempts for leg in columns.legs(call.id, each, self._house))
        self._write_recordings(call, fresh=not known)

    def _write_recordings(self, call: Call, *, fresh: bool) -> None:
        found = columns.recordings(call.id, self._job.attempts)
        mine = select(Recording).where(Recording.call_id == call.id)
        there = {} if fresh else {each.path: each for each in self._session.scalars(mine)}
        for path, recording in found.items():
            if path in there:
                there[path].length_ms = max(there[path].length_ms, recording.length_ms)
            else:
                self._session.add(recording)

    def _merge(self, kept: Call, other: Call) -> None:
        """Two records are one call: everything of the other one goes to the one that is kept."""
        session = self._session
        for model in (CallName, CallLeg):
            session.execute(update(model).where(model.call_id == other.id).values(call_id=kept.id))
        session.execute(delete(Recording).where(Recording.call_id == other.id))
        marks = session.scalars(select(CallCheck).where(CallCheck.call_id.in_((kept.id, other.id)))).all()
        for mark in marks if len(marks) == 1 else ():
            mark.call_id = kept.id
        if kept.contact_id is None and other.contact_id is not None:
            kept.contact_id, kept.contact_state, kept.contact_by_hand = other.contact_id, DONE, other.contact_by_hand
        elif other.contact_id is not None and other.contact_id != kept.contact_id:
            words = session.words("ru", SAME_CALL) % {"other": kept.linkedid}
            ending.end(session, other.contact_id, words)
        session.delete(other)
        session.flush()


def names_of(job: Job) -> list[str]:
    """All names of a call, its own first: those of its attempts, and that of the job that made them."""
    found = [name for each in job.attempts for name in (each.linkedid, *each.linkedids)]
    if job.call.direction == "out":
        found.append(job_of(job.attempts[0].linkedid))
    return list(dict.fromkeys(text(name, LONGEST_NAME) for name in found))
