"""What is on the line now, kept in the database for every process that shows it, and announced as it changes.

Rows are short and go with their call. The link tells all of an exchange at once; what differs from the rows is written,
so whatever a process that is no more has left is put right by the first telling (S2-09, S3-01, S3-13).

A busy exchange is written many times a second, while phones ring: so rows are read and written as plain values, a
statement for all calls and one for all phones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam, delete, insert, select, update

from addons.telephony.models import LiveCall, LivePhone, Pbx
from addons.telephony.services import pop_ups
from addons.telephony.services.columns import LONGEST_EXTENSION, LONGEST_NAME, LONGEST_NUMBER, moment, text
from addons.telephony.services.house import House, house, people_with
from addons.telephony.services.on_line import RINGING, TALKING, OnLine, Phone
from addons.telephony.services.pop_ups import Rung
from addons.telephony.services.vocabulary import IN, INTERNAL
from core import Read, WorkSession, kept, publish

MINE, UNANSWERED, ANSWERED, OVER = "telephony.line", "telephony.unanswered", "telephony.answered", "telephony.over"
"""Live events: something of a person's own calls has changed; of calls that nobody has answered; he has answered; he has
not got the client on the line any more."""


def key_of(name: str) -> str:
    """What stands for an exchange's name of a call, or for that of a job of ours."""
    return hashlib.blake2b(name.encode(), digest_size=12).hexdigest()


def origin_of(pbx_id: int, key: str) -> str:
    """What a reception form says that this call has opened."""
    return f"telephony.{pbx_id}.{key}"


def write(session: WorkSession, pbx_id: int, calls: Sequence[OnLine]) -> None:
    """Make the rows of an exchange what is on its line now, and announce what has changed; the caller commits.

    Rows that the session has loaded are not refreshed.
    """
    session.execute(_EXCHANGE, {"pbx_id": pbx_id})
    told = {key_of(call.name): call for call in calls}
    writing = _Writing(session, pbx_id, told)
    writing.write_calls()
    writing.write_phones()
    writing.announce()


def clear(session: WorkSession, pbx_id: int) -> None:
    """Nothing is known of the line of an exchange any more: its link is gone."""
    write(session, pbx_id, ())


# --- the rows -------------------------------------------------------------------------------------

_PBX = bindparam("pbx_id", type_=BigInteger)
_ROW = bindparam("row", type_=BigInteger)
_ROWS = bindparam("rows", type_=BigInteger, expanding=True)
_CHANGING = ("direction", "state", "phone", "channel", "answered_at")
"""What of a call may become another while it goes on."""

_EXCHANGE = select(Pbx.id).where(Pbx.id == _PBX).with_for_update()
_CALLS = select(LiveCall.id, LiveCall.key, *(getattr(LiveCall, name) for name in _CHANGING)).where(
    LiveCall.pbx_id == _PBX
)
_PHONES = (
    select(LivePhone.id, LiveCall.key, LivePhone.channel, LivePhone.user_id, LivePhone.state)
    .join(LiveCall, LiveCall.id == LivePhone.call_id)
    .where(LiveCall.pbx_id == _PBX)
)
_ADD_CALLS = insert(LiveCall).returning(LiveCall.key, LiveCall.id)
_CHANGE_CALLS = (
    update(LiveCall).where(LiveCall.id == _ROW).values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
_END_CALLS = delete(LiveCall).where(LiveCall.id.in_(_ROWS))
_ADD_PHONES = insert(LivePhone).returning(LivePhone.call_id, LivePhone.channel, LivePhone.id)
_CHANGE_PHONES = (
    update(LivePhone).where(LivePhone.id == _ROW).values(state=bindparam("new_state"), since=bindparam("new_since"))
)
_END_PHONES = delete(LivePhone).where(LivePhone.id.in_(_ROWS))


class _Place(NamedTuple):
    """Where a phone is: in which call, by its key, at which of the exchange's channels."""

    key: str
    channel: str


@dataclass(frozen=True, slots=True)
class _Before:
    """A phone as it was: the number of its row, whose it is, what it did."""

    id: int
    user_id: int | None
    state: str


@dataclass(slots=True)
class _Told:
    """Whom to tell of what has changed."""

    mine: set[int] = field(default_factory=set)
    unanswered: bool = False
    rung: list[Rung] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    """Phones that rang, and were picked up or turned to something else."""
    silent: list[int] = field(default_factory=list)
    """Phones that rang, and do so no longer."""
    answered: list[tuple[int, int]] = field(default_factory=list)
    """The numbers of people, and of their phones."""
    over: list[tuple[int, str]] = field(default_factory=list)
    """The numbers of people, and the keys of their calls."""


class _Writing:
    """One telling of an exchange; ``told`` has its calls by their keys."""

    def __init__(self, session: WorkSession, pbx_id: int, told: Mapping[str, OnLine]) -> None:
        self._session, self._pbx_id, self._calls = session, pbx_id, told
        of_exchange = {"pbx_id": pbx_id}
        found = kept.gather(session, {"calls": Read(_CALLS, of_exchange), "phones": Read(_PHONES, of_exchange)})
        self._rows = {row.key: row for row in found["calls"]}
        self._before = {
            _Place(row.key, row.channel): _Before(row.id, row.user_id, row.state) for row in found["phones"]
        }
        self._phones = {
            _Place(key, text(phone.channel, LONGEST_NAME)): phone for key, call in told.items() for phone in call.phones
        }
        self._ids = {row.key: row.id for row in found["calls"]}
        self._people: dict[_Place, int | None] = {place: was.user_id for place, was in self._before.items()}
        self._told = _Told()

    # --- calls -----------------------------------------------------------------------------------

    def write_calls(self) -> None:
        """Begin, change and end calls; the phones of those that end go with them."""
        fresh = {key: call for key, call in self._calls.items() if key not in self._rows}
        changed = [values for key, row in self._rows.items() if key in self._calls and (values := self._change(row))]
        gone = self._rows.keys() - self._calls.keys()
        self._told.unanswered |= any(call.answered is None for call in fresh.values())
        self._told.unanswered |= any(self._rows[key].answered_at is None for key in gone)
        if gone:
            self._end([(place, was) for place, was in self._before.items() if place.key in gone])
            self._run(_END_CALLS, {"rows": [self._ids[key] for key in gone]})
        if changed:
            self._run(_CHANGE_CALLS, changed)
        if fresh:
            known = house(self._session, ())
            added = self._run(_ADD_CALLS, [self._begin(key, call, known) for key, call in fresh.items()])
            self._ids |= {row.key: row.id for row in added}

    def _begin(self, key: str, call: OnLine, known: House) -> dict[str, Any]:
        line = known.line(call.did)
        return {
            "pbx_id": self._pbx_id,
            "key": key,
            **_state_of(call),
            "did": text(call.did, LONGEST_NUMBER),
            "line_id": line.id if line is not None else None,
            "branch_id": (line.branch_id if line is not None else None) or known.branch_id,
            "started_at": moment(call.started),
        }

    def _change(self, row: Any) -> dict[str, Any]:
        """What is to be written of a call that goes on; nothing where it is as it was."""
        new = _state_of(self._calls[row.key])
        if all(getattr(row, name) == value for name, value in new.items()):
            return {}
        self._told.unanswered |= row.answered_at is None
        self._told.mine |= {
            was.user_id for place, was in self._before.items() if place.key == row.key and was.user_id is not None
        }
        return {"row": row.id, **{f"new_{name}": value for name, value in new.items()}}

    # --- phones ----------------------------------------------------------------------------------

    def write_phones(self) -> None:
        """Begin, change and end phones in calls that go on, and note whom to tell of it."""
        there = [place for place in self._phones if place in self._before]
        changed = [place for place in there if self._phones[place].state != self._before[place].state]
        fresh = [place for place in self._phones if place not in self._before]
        goes_on = [(place, was) for place, was in self._before.items() if place.key in self._calls]
        self._end([(place, was) for place, was in goes_on if place not in self._phones])
        if changed:
            self._run(_CHANGE_PHONES, [self._new_state(place) for place in changed])
        ids = {place: self._before[place].id for place in changed} | (self._add(fresh) if fresh else {})
        for place, number in ids.items():
            self._note(place, number)

    def _new_state(self, place: _Place) -> dict[str, Any]:
        phone = self._phones[place]
        return {"row": self._before[place].id, "new_state": phone.state, "new_since": moment(phone.since)}

    def _add(self, places: Sequence[_Place]) -> dict[_Place, int]:
        """Add the phones at these places; the numbers of their rows."""
        people = people_with(self._session, [self._phones[place].ext for place in places])
        keys = {self._ids[place.key]: place.key for place in places}
        self._people |= {place: people.get(self._phones[place].ext) for place in places}
        added = self._run(_ADD_PHONES, [self._as_row(place, self._phones[place]) for place in places])
        return {_Place(keys[row.call_id], row.channel): row.id for row in added}

    def _as_row(self, place: _Place, phone: Phone) -> dict[str, Any]:
        return {
            "call_id": self._ids[place.key],
            "channel": place.channel,
            "ext": text(phone.ext, LONGEST_EXTENSION),
            "user_id": self._people[place],
            "state": phone.state,
            "since": moment(phone.since),
        }

    def _end(self, gone: Sequence[tuple[_Place, _Before]]) -> None:
        """Phones are not in their calls any more."""
        if not gone:
            return
        self._run(_END_PHONES, {"rows": [was.id for _, was in gone]})
        for place, was in gone:
            if was.user_id is None or self._is_internal(place):
                continue
            self._told.mine.add(was.user_id)
            if was.state == RINGING:
                self._told.silent.append(was.id)
            else:
                self._told.over.append((was.user_id, place.key))

    def _note(self, place: _Place, number: int) -> None:
        """A phone has another state than before."""
        user_id, call, state = self._people[place], self._calls[place.key], self._phones[place].state
        if user_id is None or call.direction == INTERNAL:
            return
        self._told.mine.add(user_id)
        if state == RINGING and call.direction == IN:
            self._told.rung.append(Rung(number, user_id, place.key, text(call.client, LONGEST_NUMBER)))
        elif place in self._before and self._before[place].state == RINGING:
            self._told.taken.append(number)
        if state == TALKING and call.direction == IN:
            self._told.answered.append((user_id, number))

    def _is_internal(self, place: _Place) -> bool:
        call = self._calls.get(place.key)
        return (call.direction if call is not None else self._rows[place.key].direction) == INTERNAL

    # --- announcing ------------------------------------------------------------------------------

    def announce(self) -> None:
        """Tell people, and their pages, of what has changed."""
        session, told = self._session, self._told
        # Those that are over first: a new row may have the number of one that has gone.
        pop_ups.close(session, told.taken, "taken")
        pop_ups.close(session, told.silent, "done")
        pop_ups.show(session, self._pbx_id, told.rung)
        before = _lines((was.user_id, was.state) for was in self._before.values())
        after = _lines((self._people[place], phone.state) for place, phone in self._phones.items())
        for user_id in sorted(before.keys() | after.keys()):
            if before.get(user_id) != after.get(user_id):
                publish(session, "presence.changed", user=user_id)
        if told.mine:
            publish(session, MINE, users=told.mine)
        if told.unanswered:
            publish(session, UNANSWERED)
        for user_id, number in told.answered:
            publish(session, ANSWERED, users=[user_id], phone=number)
        for user_id, key in told.over:
            publish(session, OVER, users=[user_id], call=self._ids[key], origin=origin_of(self._pbx_id, key))

    def _run(self, statement: Any, values: Any) -> Any:
        """What a statement answers; on the connection, as these rows are nobody's own and have no trail."""
        return self._session.connection().execute(statement, values)


def _state_of(call: OnLine) -> dict[str, Any]:
    """What of a call may become another while it goes on, as its row has it."""
    answered: datetime | None = moment(call.answered) if call.answered is not None else None
    return {
        "direction": call.direction,
        "state": call.state,
        "phone": text(call.client, LONGEST_NUMBER),
        "channel": text(call.channel, LONGEST_NAME),
        "answered_at": answered,
    }


def _lines(phones: Iterable[tuple[int | None, str]]) -> dict[int, str]:
    """What the telephone of each person does: who has one in his hand talks, whatever else rings."""
    states = [(user_id, state) for user_id, state in phones if user_id is not None]
    ring = {user_id: RINGING for user_id, state in states if state == RINGING}
    return ring | {user_id: "call" for user_id, state in states if state != RINGING}
