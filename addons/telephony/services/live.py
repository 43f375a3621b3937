"""What is on the line now, kept in the database for every process that shows it, and announced as it changes.

Rows are short and go with their call. The link tells all of an exchange at once; what differs from the rows is written,
so whatever a process that is no more has left is put right by the first telling (S2-09, S3-01, S3-13).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select

from addons.contacts.models import InboundContact
from addons.contacts.services.callers import clients_with
from addons.telephony.models import CallContact, LiveCall, LivePhone, Pbx
from addons.telephony.services.columns import (
    LONGEST_EXTENSION,
    LONGEST_NAME,
    LONGEST_NUMBER,
    moment,
    text,
)
from addons.telephony.services.house import House, house
from addons.telephony.services.on_line import RINGING, TALKING, OnLine, Phone
from addons.telephony.services.vocabulary import IN, INTERNAL, WITHHELD
from core import Message, Notification, Sound, Subject, T, WorkSession, close_for_subject, format_phone, notify, publish

KIND = "telephony.ringing"
"""The kind of what people are told while their phone rings."""
MINE, UNANSWERED, ANSWERED, OVER = "telephony.line", "telephony.unanswered", "telephony.answered", "telephony.over"
"""Live events: something of a person's own calls has changed; of calls that nobody has answered; he has answered; he has
not got the client on the line any more."""

TITLE = T("Incoming call: %(client)s")
NOBODY = T("Nobody in the base has this number")


def key_of(name: str) -> str:
    """What stands for an exchange's name of a call, or for that of a job of ours."""
    return hashlib.blake2b(name.encode(), digest_size=12).hexdigest()


def write(session: WorkSession, pbx_id: int, calls: Sequence[OnLine]) -> None:
    """Make the rows of an exchange what is on its line now, and announce what has changed; the caller commits."""
    session.execute(select(Pbx.id).where(Pbx.id == pbx_id).with_for_update())
    _Writing(session, pbx_id, calls).write()


@dataclass(slots=True)
class _Told:
    """Whom to tell of what has changed."""

    mine: set[int] = field(default_factory=set)
    unanswered: bool = False
    answered: list[LivePhone] = field(default_factory=list)
    over: list[tuple[int, LiveCall]] = field(default_factory=list)


class _Writing:
    """One telling of an exchange."""

    def __init__(self, session: WorkSession, pbx_id: int, calls: Sequence[OnLine]) -> None:
        self._session, self._pbx_id = session, pbx_id
        self._now = {key_of(call.name): call for call in calls}
        self._rows = {row.key: row for row in session.scalars(select(LiveCall).where(LiveCall.pbx_id == pbx_id))}
        of_rows = select(LivePhone).join(LiveCall, LiveCall.id == LivePhone.call_id).where(LiveCall.pbx_id == pbx_id)
        self._phones: dict[str, dict[str, LivePhone]] = {key: {} for key in self._rows}
        """The phones of each call by their channels."""
        keys = {row.id: row.key for row in self._rows.values()}
        for phone in session.scalars(of_rows):
            self._phones[keys[phone.call_id]][phone.channel] = phone
        self._told = _Told()

    def write(self) -> None:
        before = self._lines()
        known = self._house()
        for key in self._rows.keys() - self._now.keys():
            self._end(self._rows.pop(key))
        for key, call in self._now.items():
            if key in self._rows:
                self._change(self._rows[key], call)
            else:
                self._rows[key] = self._begin(key, call, known)
        self._session.flush()  # once for all calls, and once for all phones: then they have their numbers
        changed = [each for key, call in self._now.items() for each in self._write_phones(self._rows[key], call, known)]
        self._session.flush()
        for row, phone, was in changed:
            self._tell(row, phone, was)
        self._session.flush()
        self._announce(before, self._lines())

    def _house(self) -> House:
        """Whose the phones are, and what the lines are for; asked only when something is new."""
        rung = {phone.channel for phones in self._phones.values() for phone in phones.values()}
        fresh = {each.ext for call in self._now.values() for each in call.phones if each.channel not in rung}
        return house(self._session, fresh) if fresh or self._now.keys() - self._rows.keys() else House()

    # --- calls -----------------------------------------------------------------------------------

    def _begin(self, key: str, call: OnLine, known: House) -> LiveCall:
        line = known.line(call.did)
        row = LiveCall(
            pbx_id=self._pbx_id,
            key=key,
            direction=call.direction,
            state=call.state,
            phone=text(call.client, LONGEST_NUMBER),
            did=text(call.did, LONGEST_NUMBER),
            channel=text(call.channel, LONGEST_NAME),
            line_id=line.id if line is not None else None,
            branch_id=(line.branch_id if line is not None else None) or known.branch_id,
            started_at=moment(call.started),
            answered_at=moment(call.answered) if call.answered is not None else None,
        )
        self._session.add(row)
        self._phones[key] = {}
        self._told.unanswered = self._told.unanswered or call.answered is None
        return row

    def _change(self, row: LiveCall, call: OnLine) -> None:
        answered = moment(call.answered) if call.answered is not None else None
        new = (
            call.direction,
            call.state,
            answered,
            text(call.client, LONGEST_NUMBER),
            text(call.channel, LONGEST_NAME),
        )
        if new == (row.direction, row.state, row.answered_at, row.phone, row.channel):
            return
        self._told.unanswered = self._told.unanswered or row.answered_at is None
        row.direction, row.state, row.answered_at, row.phone, row.channel = new
        self._told.mine |= _users(self._phones[row.key].values())

    def _end(self, row: LiveCall) -> None:
        phones = self._phones.pop(row.key)
        for phone in phones.values():
            self._leave(row, phone)
        self._told.unanswered = self._told.unanswered or row.answered_at is None
        self._session.execute(delete(LivePhone).where(LivePhone.call_id == row.id))
        self._session.delete(row)

    # --- phones ----------------------------------------------------------------------------------

    def _write_phones(self, row: LiveCall, call: OnLine, known: House) -> Iterator[tuple[LiveCall, LivePhone, str]]:
        """The phones that have another state than before, with what it was."""
        rows, now = self._phones[row.key], {text(each.channel, LONGEST_NAME): each for each in call.phones}
        for channel in rows.keys() - now.keys():
            gone = rows.pop(channel)
            self._leave(row, gone)
            self._session.delete(gone)
        for channel, told in now.items():
            phone = rows.get(channel)
            was = phone.state if phone is not None else ""
            if phone is None:
                phone = rows[channel] = self._add_phone(row, channel, told, known)
            if was != told.state:
                phone.state, phone.since = told.state, moment(told.since)
                yield row, phone, was

    def _add_phone(self, row: LiveCall, channel: str, told: Phone, known: House) -> LivePhone:
        phone = LivePhone(
            call_id=row.id,
            channel=channel,
            ext=text(told.ext, LONGEST_EXTENSION),
            user_id=known.people.get(told.ext),
            state=told.state,
            since=moment(told.since),
        )
        self._session.add(phone)
        return phone

    def _tell(self, row: LiveCall, phone: LivePhone, was: str) -> None:
        """A phone has another state than before."""
        if phone.user_id is None or row.direction == INTERNAL:
            return
        self._told.mine.add(phone.user_id)
        if phone.state == RINGING and row.direction == IN:
            _pop_up(self._session, row, phone)
        elif was == RINGING:
            self._close(phone, "taken")
        if phone.state == TALKING and row.direction == IN:
            self._told.answered.append(phone)

    def _leave(self, row: LiveCall, phone: LivePhone) -> None:
        """A phone is not in the call any more."""
        if phone.user_id is None or row.direction == INTERNAL:
            return
        self._told.mine.add(phone.user_id)
        if phone.state == RINGING:
            self._close(phone, "done")
        else:
            self._told.over.append((phone.user_id, row))

    def _close(self, phone: LivePhone, reason: str) -> None:
        close_for_subject(self._session, Subject(LivePhone.__tablename__, phone.id), reason=reason)

    # --- announcing ------------------------------------------------------------------------------

    def _lines(self) -> dict[int, str]:
        """What the telephone of each person does: who has one in his hand talks, whatever else rings."""
        states = [(each.user_id, each.state) for phones in self._phones.values() for each in phones.values()]
        ring = {user_id: RINGING for user_id, state in states if user_id is not None and state == RINGING}
        return ring | {user_id: "call" for user_id, state in states if user_id is not None and state != RINGING}

    def _announce(self, before: dict[int, str], after: dict[int, str]) -> None:
        session, told = self._session, self._told
        for user_id in sorted(before.keys() | after.keys()):
            if before.get(user_id) != after.get(user_id):
                publish(session, "presence.changed", user=user_id)
        if told.mine:
            publish(session, MINE, users=told.mine)
        if told.unanswered:
            publish(session, UNANSWERED)
        for phone in told.answered:
            publish(session, ANSWERED, users=filter(None, [phone.user_id]), phone=phone.id)
        for user_id, row in told.over:
            publish(session, OVER, users=[user_id], call=row.id, origin=origin_of(row))


def origin_of(row: LiveCall) -> str:
    """What a reception form says that this call has opened."""
    return f"telephony.{row.pbx_id}.{row.key}"


def _users(phones: Iterable[LivePhone]) -> set[int]:
    return {phone.user_id for phone in phones if phone.user_id is not None}


def _pop_up(session: WorkSession, row: LiveCall, phone: LivePhone) -> None:
    """Tell whoever is rung who calls: his name where the number is one client's (S2-09, S3-01).

    Not whoever has a pop-up of the call's contact before him.
    """
    assert phone.user_id is not None
    of_call = (CallContact.pbx_id == row.pbx_id, CallContact.key == row.key)
    if any(
        _sees(session, phone.user_id, contact)
        for contact in session.scalars(select(CallContact.contact_id).where(*of_call))
    ):
        return
    clients = clients_with(session, row.phone) if row.phone else []
    number = format_phone(row.phone) if row.phone else {"msgid": str(WITHHELD)}
    names = ", ".join(each.name for each in clients)
    message = Message(
        title=TITLE,
        title_values={"client": names or number},
        body="%(what)s" if clients else NOBODY if row.phone else "",
        body_values={"what": number} if clients else {},
        icon="phone-incoming",
        sound=Sound.ONCE,
    )
    notify(session, [phone.user_id], KIND, Subject(LivePhone.__tablename__, phone.id), message)


def told_of_contact(session: WorkSession, contact: InboundContact, pbx_id: int, key: str) -> None:
    """Somebody is told of a call's contact: it takes the place of what he was told when his phone began to ring.

    Who has the contact without being told of it, as with a task for later, keeps that: a phone that rings is shown.
    """
    if contact.responsible_id is None or not _sees(session, contact.responsible_id, contact.id):
        return
    mine = (LiveCall.pbx_id == pbx_id, LiveCall.key == key, LivePhone.user_id == contact.responsible_id)
    rung = (
        select(LivePhone.id).join(LiveCall, LiveCall.id == LivePhone.call_id).where(*mine, LivePhone.state == RINGING)
    )
    for number in session.scalars(rung).all():
        close_for_subject(session, Subject(LivePhone.__tablename__, number), reason="done")


def tell_again(session: WorkSession, pbx_id: int, key: str) -> None:
    """Nobody is told of a call's contact any more: whoever it still rings, and is told of nothing, is told who calls."""
    told = select(Notification.id).where(
        Notification.subject_type == LivePhone.__tablename__,
        Notification.subject_id == LivePhone.id,
        Notification.closed_at.is_(None),
    )
    rung = (LivePhone.user_id.is_not(None), LivePhone.state == RINGING, ~told.exists())
    statement = select(LiveCall, LivePhone).join(LivePhone, LivePhone.call_id == LiveCall.id)
    mine = (LiveCall.pbx_id == pbx_id, LiveCall.key == key, LiveCall.direction == IN)
    for row, phone in session.execute(statement.where(*mine, *rung)).all():
        _pop_up(session, row, phone)


def _sees(session: WorkSession, user_id: int, contact_id: int) -> bool:
    """Whether a pop-up of a contact is before this person: not one that he has opened, or put away for later."""
    statement = select(Notification.id).where(
        Notification.user_id == user_id,
        Notification.subject_type == InboundContact.__tablename__,
        Notification.subject_id == contact_id,
        Notification.closed_at.is_(None),
        Notification.opened_at.is_(None),
        Notification.snoozed_until.is_(None),
    )
    return session.scalar(statement.limit(1)) is not None


def clear(session: WorkSession, pbx_id: int) -> None:
    """Nothing is known of the line of an exchange any more: its link is gone."""
    write(session, pbx_id, ())
