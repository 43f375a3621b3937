"""The tables behind :mod:`core.work`: notifications, presence, drafts,
histories, the timeline, files."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.access.policy import RowRule
from core.db.base import Base, BigId, Record

USER = "core_user.id"


class Notification(Base):
    """One thing one person is told of; ``group_key`` is common to all who were told of it together.

    Title and body are msgids with values, so each reader gets them in his own language.
    """

    __tablename__ = "core_notification"
    __row_rule__: ClassVar[RowRule] = RowRule("core.notification.read", own=("user_id",))
    __table_args__ = (
        Index(
            "ix_core_notification_active",
            "user_id",
            "id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_core_notification_subject",
            "subject_type",
            "subject_id",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(
            "ix_core_notification_snoozed",
            "snoozed_until",
            sqlite_where=text("snoozed_until IS NOT NULL"),
            postgresql_where=text("snoozed_until IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey(USER))
    kind: Mapped[str] = mapped_column(String(60))
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    group_key: Mapped[str | None] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(200))
    title_values: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    body_values: Mapped[dict[str, Any]] = mapped_column(JSON)
    icon: Mapped[str] = mapped_column(String(40))
    sound: Mapped[str] = mapped_column(String(12))
    from_user_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_reason: Mapped[str | None] = mapped_column(String(40))


class NotificationPreference(Base):
    """How loud one kind of notification is for one person, when not as its sender proposes."""

    __tablename__ = "core_notification_preference"
    __row_rule__: ClassVar[RowRule] = RowRule("core.notification.read", own=("user_id",))

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey(USER), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    sound: Mapped[str] = mapped_column(String(12))


class Presence(Base):
    """Where a person is: free, busy, away or off; ``lapsed_from`` is the state to return to when seen again."""

    __tablename__ = "core_presence"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey(USER), primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8))
    lapsed_from: Mapped[str | None] = mapped_column(String(8))
    until: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)


class Draft(Base):
    """What a person has typed into a form and not yet saved; survives sign-out and a crash."""

    __tablename__ = "core_draft"
    __row_rule__: ClassVar[RowRule] = RowRule("core.profile.read", own=("user_id",))

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey(USER), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)
    updated_at: Mapped[datetime] = mapped_column(index=True)


class TimelineEntry(Base):
    """A note, or something that happened, on the timeline of one or several subjects; never changed."""

    __tablename__ = "core_timeline_entry"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(String(200))
    title_values: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    link: Mapped[str] = mapped_column(String(200))


class TimelineSubject(Base):
    """On whose timeline an entry stands; repeats its time and kind so that paging needs no join."""

    __tablename__ = "core_timeline_subject"
    __table_args__ = (
        UniqueConstraint("entry_id", "subject_type", "subject_id"),
        Index("ix_core_timeline_subject_page", "subject_type", "subject_id", "at", "entry_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_timeline_entry.id", ondelete="CASCADE"))
    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))


class StoredFile(Record):
    """A file of a record; its content lies in the files folder under a generated name (SEC-33).

    ``name`` is what the sender called it and only ever shown as text. A removed file keeps its
    content until the retention is over.
    """

    __tablename__ = "core_file"
    __row_rule__: ClassVar[RowRule] = RowRule("core.file.read", own=("created_by_id",))
    __table_args__ = (Index("ix_core_file_subject", "subject_type", "subject_id"),)

    subject_type: Mapped[str] = mapped_column(String(60))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    storage_name: Mapped[str] = mapped_column(String(40), unique=True)
    removed_at: Mapped[datetime | None] = mapped_column(index=True)
