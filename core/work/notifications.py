"""Telling people of something, once, until they have dealt with it (S0-21…31, C-08).

A personal notification ends when its owner opens it. A group notification is told to several people
and stays with each of them, opened or not, until one of them takes the thing: the owner of the
thing then calls :func:`close_for_subject`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, delete, func, insert, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from core.db.engine import WorkSession
from core.errors import NotFound
from core.live.events import publish
from core.text.msgids import T
from core.work.models import Notification, NotificationPreference
from core.work.subjects import Subject
from core.work.upserts import upsert

SHOWN_AT_ONCE = 100
PAUSED = "core.addon_paused"
"""The kind of notification that tells of an addon which is left alone for a while (:mod:`core.web.pauses`)."""


class Sound(StrEnum):
    """How loud: never, once, or again and again until somebody takes it."""

    SILENT = "silent"
    ONCE = "once"
    UNTIL_TAKEN = "until_taken"


@dataclass(frozen=True, slots=True)
class NotificationKind:
    """A kind of notification that people can set the sound for; ``title`` says what is told.

    ``right`` is what everybody has who gets such notifications; empty when anybody may.
    """

    kind: str
    title: str
    right: str = ""


CORE_KINDS = (
    NotificationKind("core.task", T("A task for you")),
    NotificationKind("core.mention", T("Somebody mentions you")),
    NotificationKind("core.job_parked", T("A background job is stopped"), "core.job.retry"),
    NotificationKind(PAUSED, T("An addon is paused"), "core.addon.enable"),
)
"""Those of core itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a notification says: msgids with the values for their places, and an icon's name."""

    title: str
    title_values: Mapping[str, Any] | None = None
    body: str = ""
    body_values: Mapping[str, Any] | None = None
    icon: str = "bell"
    sound: Sound = Sound.ONCE


@dataclass(frozen=True, slots=True)
class ActiveNotification:
    """A notification as its owner sees it; ``sound`` is his own choice for the kind, if he made one."""

    id: int
    kind: str
    subject: Subject
    is_group: bool
    title: str
    title_values: dict[str, Any]
    body: str
    body_values: dict[str, Any]
    icon: str
    sound: Sound
    from_user_id: int | None
    created_at: datetime
    opened_at: datetime | None


class Notice(NamedTuple):
    """What one person is to be told of one thing."""

    user_id: int
    subject: Subject
    message: Message


class Closed(NamedTuple):
    """A notification that has just ended, and whose it was."""

    id: int
    user_id: int


def notify(
    session: WorkSession,
    users: Iterable[int],
    kind: str,
    subject: Subject,
    message: Message,
    *,
    group: bool = False,
) -> list[int]:
    """Tell each of these people of the subject: two INSERTs for any number of them, one live event each.

    :param kind: a code people can set the sound for, ``<addon>.<what>``.
    :param group: it ends for all of them when one takes the thing, and not by being opened (S0-28).
    :returns: the ids of the new notifications.
    """
    user_ids = sorted(set(users))
    if not user_ids:
        return []
    common = _said(session, kind, subject, message) | {"group_key": uuid.uuid4().hex if group else None}
    # As a record, so that whoever watches what points at his records is asked; the others are told of the same.
    first = Notification(**common, user_id=user_ids[0])
    session.add(first)
    session.flush()
    common["subject_id"] = first.subject_id
    told = [Closed(first.id, first.user_id)]
    if others := [{**common, "user_id": user_id} for user_id in user_ids[1:]]:
        told += [Closed(*row) for row in session.connection().execute(_TOLD, others)]
    _publish(session, "notification.created", told)
    return [each.id for each in told]


_TOLD = insert(Notification).returning(Notification.id, Notification.user_id)


def notify_each(session: WorkSession, kind: str, notices: Sequence[Notice]) -> list[int]:
    """Tell people of different things at once, in one flush; one live event each.

    :param kind: as with :func:`notify`; each is told by himself, so each ends when its owner opens it.
    :returns: the ids of the new notifications, in the order of the notices.
    """
    rows = [Notification(**_said(session, kind, each.subject, each.message), user_id=each.user_id) for each in notices]
    session.add_all(rows)
    session.flush()
    _publish(session, "notification.created", [Closed(row.id, row.user_id) for row in rows])
    return [row.id for row in rows]


def _said(session: WorkSession, kind: str, subject: Subject, message: Message) -> dict[str, Any]:
    """What a notification has whoever is told."""
    return {
        "kind": kind,
        "subject_type": subject.type,
        "subject_id": subject.id,
        "title": str(message.title),
        "title_values": dict(message.title_values or {}),
        "body": str(message.body),
        "body_values": dict(message.body_values or {}),
        "icon": message.icon,
        "sound": message.sound.value,
        "from_user_id": session.access.user_id,
        "created_at": session.now(),
    }


def open_notification(session: WorkSession, notification_id: int) -> Subject:
    """Mark the person's own notification as opened; a personal one ends with it (S0-24, S0-28).

    Opening twice, or after it has ended, changes nothing.

    :returns: the subject whose card is to be shown (S0-30).
    :raises NotFound: no such notification, or not this person's.
    """
    now = session.now()
    personal = Notification.group_key.is_(None)
    statement = (
        update(Notification)
        .where(*_own(session, notification_id), Notification.closed_at.is_(None), Notification.opened_at.is_(None))
        .values(
            opened_at=now,
            snoozed_until=None,
            closed_at=case((personal, now), else_=None),
            closed_reason=case((personal, "opened"), else_=None),
        )
        .returning(Notification.id, Notification.user_id, Notification.closed_at)
        .execution_options(synchronize_session=False)
    )
    ended = [Closed(row.id, row.user_id) for row in session.execute(statement) if row.closed_at]
    _publish(session, "notification.closed", ended)
    return _subject(session, notification_id)


def close_for_subject(
    session: WorkSession,
    subject: Subject,
    *,
    reason: str,
    group_only: bool = False,
    except_user: int | None = None,
) -> list[Closed]:
    """End what people were told of a subject, because it is dealt with; one conditional UPDATE.

    :param reason: a code: ``taken``, ``transferred``, ``done``.
    :param group_only: only what several were told of together, as when one of them takes it.
    :param except_user: leave this person's own.
    """
    conditions = _open_of(subject.type, [subject.id])
    if group_only:
        conditions.append(Notification.group_key.is_not(None))
    if except_user is not None:
        conditions.append(Notification.user_id != except_user)
    return _close(session, conditions, reason)


def close_for_subjects(session: WorkSession, type_: str, ids: Sequence[int], *, reason: str) -> list[Closed]:
    """End what people were told of several subjects of a type, because they are dealt with; one conditional UPDATE.

    :param type_: the subjects' table, as in :class:`Subject`.
    :param reason: as with :func:`close_for_subject`.
    """
    return _close(session, _open_of(type_, ids), reason) if ids else []


def _open_of(type_: str, ids: Sequence[int]) -> list[ColumnElement[bool]]:
    of_these = (Notification.subject_type == type_, Notification.subject_id.in_(ids))
    return [*of_these, Notification.closed_at.is_(None)]


def snooze(session: WorkSession, notification_id: int, until: datetime) -> None:
    """Put the person's own notification away until a moment; :func:`wake_snoozed` shows it again.

    :raises NotFound: it has ended, or is not this person's.
    """
    statement = (
        update(Notification)
        .where(*_own(session, notification_id), Notification.closed_at.is_(None))
        .values(snoozed_until=until)
        .returning(Notification.id, Notification.user_id)
        .execution_options(synchronize_session=False)
    )
    snoozed = [Closed(*row) for row in session.execute(statement)]
    if not snoozed:
        raise NotFound("There is no such notification any more.")
    _publish(session, "notification.snoozed", snoozed)


def wake_snoozed(session: WorkSession, now: datetime) -> int:
    """Show the notifications again whose rest is over; any number of workers may run it (SEC-52)."""
    statement = (
        update(Notification)
        .where(Notification.snoozed_until <= now, Notification.closed_at.is_(None))
        .values(snoozed_until=None)
        .returning(Notification.id, Notification.user_id)
        .execution_options(synchronize_session=False)
    )
    awake = [Closed(*row) for row in session.execute(statement)]
    _publish(session, "notification.created", awake)
    return len(awake)


def active(session: WorkSession, ids: Sequence[int] | None = None) -> list[ActiveNotification]:
    """The person's notifications that wait for him, the newest first.

    :param ids: only these of them, as a live event names them.
    """
    sound = func.coalesce(NotificationPreference.sound, Notification.sound)
    mine = (NotificationPreference.user_id == Notification.user_id) & (NotificationPreference.kind == Notification.kind)
    statement = (
        select(*_SHOWN, sound.label("sound"))
        .outerjoin(NotificationPreference, mine)
        .where(*_waiting(session))
        .order_by(Notification.id.desc())
        .limit(SHOWN_AT_ONCE)
    )
    if ids is not None:
        statement = statement.where(Notification.id.in_(ids))
    return [_shown(row._mapping) for row in session.execute(statement)]


def set_sound(session: WorkSession, kind: str, sound: Sound) -> None:
    """The person's own choice of how loud one kind is."""
    values = {"user_id": session.access.user_id, "kind": kind, "sound": sound.value}
    upsert(session, NotificationPreference, ("user_id", "kind"), values)


def forget_sound(session: WorkSession, kind: str) -> None:
    """Leave it to the sender again how loud one kind is."""
    mine = (NotificationPreference.user_id == session.access.user_id, NotificationPreference.kind == kind)
    session.execute(delete(NotificationPreference).where(*mine))


def chosen_sounds(session: WorkSession) -> dict[str, Sound]:
    """The person's choices by kind; a kind that is not there is as loud as its sender proposes."""
    statement = select(NotificationPreference.kind, NotificationPreference.sound).where(
        NotificationPreference.user_id == session.access.user_id
    )
    return {kind: Sound(sound) for kind, sound in session.execute(statement)}


_SHOWN: tuple[InstrumentedAttribute[Any], ...] = (
    Notification.id,
    Notification.kind,
    Notification.subject_type,
    Notification.subject_id,
    Notification.group_key,
    Notification.title,
    Notification.title_values,
    Notification.body,
    Notification.body_values,
    Notification.icon,
    Notification.from_user_id,
    Notification.created_at,
    Notification.opened_at,
)


def _shown(row: Mapping[Any, Any]) -> ActiveNotification:
    values = dict(row)
    subject = Subject(values.pop("subject_type"), values.pop("subject_id"))
    is_group = values.pop("group_key") is not None
    return ActiveNotification(subject=subject, is_group=is_group, **{**values, "sound": Sound(values["sound"])})


def _own(session: WorkSession, notification_id: int) -> list[ColumnElement[bool]]:
    return [Notification.id == notification_id, Notification.user_id == session.access.user_id]


def _waiting(session: WorkSession) -> list[ColumnElement[bool]]:
    awake = or_(Notification.snoozed_until.is_(None), Notification.snoozed_until <= session.now())
    return [Notification.user_id == session.access.user_id, Notification.closed_at.is_(None), awake]


def _subject(session: WorkSession, notification_id: int) -> Subject:
    statement = select(Notification.subject_type, Notification.subject_id).where(*_own(session, notification_id))
    row = session.execute(statement).one_or_none()
    if row is None:
        raise NotFound("There is no such notification any more.")
    return Subject(*row)


def _close(session: WorkSession, conditions: Sequence[ColumnElement[bool]], reason: str) -> list[Closed]:
    """End notifications, also those of others: on the connection, where the row rules do not reach."""
    statement = (
        update(Notification)
        .where(*conditions)
        .values(closed_at=session.now(), closed_reason=reason, snoozed_until=None)
        .returning(Notification.id, Notification.user_id)
    )
    session.flush()
    ended = sorted(Closed(*row) for row in session.connection().execute(statement))
    _publish(session, "notification.closed", ended)
    return ended


def _publish(session: WorkSession, topic: str, notifications: Iterable[Closed]) -> None:
    for notification in notifications:
        publish(session, topic, users=[notification.user_id], notification=notification.id)
