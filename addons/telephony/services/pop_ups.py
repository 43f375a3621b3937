"""What is told to people whose phone rings: who calls, unless they are told of the call's contact (S2-09, S3-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from sqlalchemy import BigInteger, String, bindparam, select

from addons.contacts.models import InboundContact
from addons.contacts.services.callers import clients_with
from addons.telephony.models import CallContact, LiveCall, LivePhone
from addons.telephony.services.on_line import RINGING
from addons.telephony.services.vocabulary import IN, WITHHELD
from core import (
    Message,
    Notice,
    Notification,
    Read,
    Sound,
    Subject,
    T,
    WorkSession,
    close_for_subjects,
    format_phone,
    kept,
    notify_each,
)

KIND = "telephony.ringing"
"""The kind of what people are told while their phone rings."""
TITLE = T("Incoming call: %(client)s")
NOBODY = T("Nobody in the base has this number")


@dataclass(frozen=True, slots=True)
class Rung:
    """A phone that rings: the number of its row, whose it is, what stands for the call, and the client's number."""

    phone_id: int
    user_id: int
    key: str
    number: str


def show(session: WorkSession, pbx_id: int, rung: Sequence[Rung]) -> None:
    """Tell whoever is rung who calls: his name where the number is one client's.

    Not whoever has a pop-up of the call's contact before him.
    """
    if not rung:
        return
    told = _told_of_contacts(session, pbx_id, {each.key for each in rung})
    said = cache(partial(_message, session))
    notices = [
        Notice(each.user_id, Subject(LivePhone.__tablename__, each.phone_id), said(each.number))
        for each in rung
        if (each.key, each.user_id) not in told
    ]
    notify_each(session, KIND, notices)


def close(session: WorkSession, phone_ids: Sequence[int], reason: str) -> None:
    """These phones ring no longer."""
    close_for_subjects(session, LivePhone.__tablename__, phone_ids, reason=reason)


def give_way(session: WorkSession, contact: InboundContact, pbx_id: int, key: str) -> None:
    """Somebody is told of a call's contact: it takes the place of what he was told when his phone began to ring.

    Who has the contact without being told of it, as with a task for later, keeps that: a phone that rings is shown.
    """
    told = _told_of_contacts(session, pbx_id, {key})
    if contact.responsible_id is None or (key, contact.responsible_id) not in told:
        return
    mine = (LiveCall.pbx_id == pbx_id, LiveCall.key == key, LivePhone.user_id == contact.responsible_id)
    rung = select(LivePhone.id).join(LiveCall, LiveCall.id == LivePhone.call_id)
    close(session, session.scalars(rung.where(*mine, LivePhone.state == RINGING)).all(), "done")


def show_again(session: WorkSession, pbx_id: int, key: str) -> None:
    """Nobody is told of a call's contact any more: whoever it still rings, and is told of nothing, is told who calls."""
    told = select(Notification.id).where(
        Notification.subject_type == LivePhone.__tablename__,
        Notification.subject_id == LivePhone.id,
        Notification.closed_at.is_(None),
    )
    statement = (
        select(LivePhone.id, LivePhone.user_id, LiveCall.phone)
        .join(LiveCall, LiveCall.id == LivePhone.call_id)
        .where(LiveCall.pbx_id == pbx_id, LiveCall.key == key, LiveCall.direction == IN)
        .where(LivePhone.state == RINGING, ~told.exists())
    )
    rung = [Rung(row.id, row.user_id, key, row.phone) for row in session.execute(statement) if row.user_id is not None]
    show(session, pbx_id, rung)


_TOLD = (
    select(CallContact.key, Notification.user_id)
    .join(Notification, Notification.subject_id == CallContact.contact_id)
    .where(
        CallContact.pbx_id == bindparam("pbx_id", type_=BigInteger),
        CallContact.key.in_(bindparam("keys", type_=String, expanding=True)),
        Notification.subject_type == InboundContact.__tablename__,
        Notification.closed_at.is_(None),
        Notification.opened_at.is_(None),
        Notification.snoozed_until.is_(None),
    )
)


def _told_of_contacts(session: WorkSession, pbx_id: int, keys: set[str]) -> set[tuple[str, int]]:
    """Of which of these calls' contacts whom a pop-up tells: none that he has opened, or put away for later."""
    found = kept.read(session, Read(_TOLD, {"pbx_id": pbx_id, "keys": sorted(keys)}))
    return {(row.key, row.user_id) for row in found}


def _message(session: WorkSession, number: str) -> Message:
    clients = clients_with(session, number) if number else []
    shown = format_phone(number) if number else {"msgid": str(WITHHELD)}
    return Message(
        title=TITLE,
        title_values={"client": ", ".join(each.name for each in clients) or shown},
        body="%(what)s" if clients else NOBODY if number else "",
        body_values={"what": shown} if clients else {},
        icon="phone-incoming",
        sound=Sound.ONCE,
    )
