"""Files of records (SEC-33): a row that says what it is, and content under a name of ours.

The two live and die together: content whose transaction fails is removed at once, a removed file
keeps its content until the retention is over, and :func:`remove_strays` finds what a crash left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import event, select
from sqlalchemy.orm import SessionTransaction

from core.access.policy import Scope
from core.db.change import get_record
from core.db.engine import WorkSession
from core.errors import Forbidden, Invalid, NotFound
from core.text.msgids import T
from core.work import timeline
from core.work.filestore import FileStore, TooLarge
from core.work.filetypes import FILE_TYPES, BadFile, FileType, recognise
from core.work.models import StoredFile
from core.work.subjects import Subject

RETENTION = timedelta(days=30)
STRAY_AFTER = timedelta(days=1)
AT_ONCE = 200
LONGEST_NAME = 255
FILED = "core.file"
"""The kind of the timeline's entry about a file; not its name, which outlives no erasure."""

_PENDING = "files_pending"


@dataclass(slots=True)
class _Pending:
    """Content that goes with the end of the transaction: the new one if it fails, the doomed if it succeeds."""

    new: list[Path] = field(default_factory=list)
    doomed: list[Path] = field(default_factory=list)
    committed: bool = False


def store_file(
    session: WorkSession,
    files: FileStore,
    stream: BinaryIO,
    name: str,
    subject: Subject,
    allowed: Mapping[str, FileType] = FILE_TYPES,
) -> StoredFile:
    """Keep a file that was sent for a record; the caller has seen to it that the person may change that.

    :param name: what the sender calls it; kept as text only.
    :param allowed: the types this field takes.
    :raises Forbidden: the person may not add files.
    :raises Invalid: too large, empty, of another type than allowed, or not what its name says.
    """
    session.access.require("core.file.create")
    shown = clean_name(name)
    try:
        with files.receive(stream) as received:
            if not received.size:
                raise BadFile(T("This file is empty."))
            type_ = recognise(received.content, shown, allowed)
            storage_name = files.keep(received)
            _pending(session).new.append(files.path(storage_name))
    except TooLarge as error:
        megabytes = files.limit // 1024 // 1024
        raise Invalid(
            {"file": [T("This file is too large.")]}, "Files may have up to %(n)s MB.", n=megabytes
        ) from error
    except BadFile as error:
        raise Invalid({"file": [str(error)]}) from error
    stored = StoredFile(
        subject_type=subject.type,
        subject_id=subject.id,
        name=shown,
        content_type=type_.content_type,
        size=received.size,
        sha256=received.sha256,
        storage_name=storage_name,
    )
    session.add(stored)
    timeline.add_entry(
        session, [subject], FILED, T("Photo added") if type_.content_type.startswith("image/") else T("File added")
    )
    return stored


def files_of(session: WorkSession, subject: Subject) -> list[StoredFile]:
    """The files of a record, the newest first, without removed ones."""
    statement = (
        select(StoredFile)
        .where(
            StoredFile.subject_type == subject.type,
            StoredFile.subject_id == subject.id,
            StoredFile.removed_at.is_(None),
        )
        .order_by(StoredFile.id.desc())
    )
    return list(session.scalars(statement))


def open_file(session: WorkSession, files: FileStore, subject: Subject, file_id: int) -> tuple[StoredFile, BinaryIO]:
    """A file of this record and its content; the caller closes it and has checked the right on the record.

    :raises NotFound: this record has no such file, or its content is gone.
    """
    stored = _of_subject(session, subject, file_id)
    try:
        return stored, files.path(stored.storage_name).open("rb")
    except FileNotFoundError as error:
        raise NotFound("There is no such file.") from error


def remove_file(session: WorkSession, subject: Subject, file_id: int) -> None:
    """Take a file off its record; it can be put back until the retention is over.

    :raises Forbidden: the person may not remove files, or only his own.
    :raises NotFound: this record has no such file.
    """
    stored = _of_subject(session, subject, file_id)
    _require_delete(session, stored)
    stored.removed_at = session.now()
    session.flush()


def restore_file(session: WorkSession, subject: Subject, file_id: int) -> None:
    """Undo :func:`remove_file`.

    :raises NotFound: this record never had such a file, or its retention is over.
    """
    stored = _of_subject(session, subject, file_id, removed=True)
    _require_delete(session, stored)
    stored.removed_at = None
    session.flush()


def purge_removed(session: WorkSession, now: datetime, files: FileStore, retention: timedelta = RETENTION) -> int:
    """Delete for good what was removed long ago; the content goes once this is committed.

    :returns: how many; call again while it is :data:`AT_ONCE`.
    """
    statement = select(StoredFile).where(StoredFile.removed_at < now - retention).order_by(StoredFile.id).limit(AT_ONCE)
    doomed = list(session.scalars(statement))
    for stored in doomed:
        _pending(session).doomed.append(files.path(stored.storage_name))
        session.delete(stored)
    session.flush()
    return len(doomed)


def remove_strays(session: WorkSession, now: datetime, files: FileStore) -> int:
    """Remove content over a day old that no row knows of; a crash between the two leaves such. Returns how many."""
    moment = (now - STRAY_AFTER).timestamp()
    files.clear_incoming(moment)
    names = list(files.names_older_than(moment))
    strays = [
        name for start in range(0, len(names), AT_ONCE) for name in _unknown(session, names[start : start + AT_ONCE])
    ]
    for name in strays:
        files.path(name).unlink(missing_ok=True)
    return len(strays)


def remove_with_commit(session: WorkSession, files: FileStore, storage_names: Iterable[str]) -> None:
    """Let content go once this is committed; the caller deletes its rows in the same transaction (SEC-70)."""
    _pending(session).doomed += [files.path(name) for name in storage_names]


def clean_name(name: str) -> str:
    """A sender's file name as harmless text: no path, no control or bidi characters, its ending kept."""
    base = name.replace("\\", "/").rpartition("/")[2]
    visible = "".join(character for character in base if unicodedata.category(character)[0] != "C").strip()
    stem, dot, ending = visible.rpartition(".")
    if not dot:
        return visible[:LONGEST_NAME]
    return stem[: LONGEST_NAME - 1 - len(ending)] + dot + ending if len(ending) < 20 else visible[:LONGEST_NAME]


def _of_subject(session: WorkSession, subject: Subject, file_id: int, *, removed: bool = False) -> StoredFile:
    stored = get_record(session, StoredFile, file_id)
    if (
        stored is None
        or subject != (stored.subject_type, stored.subject_id)
        or (stored.removed_at is not None) != removed
    ):
        raise NotFound("There is no such file.")
    return stored


def _require_delete(session: WorkSession, stored: StoredFile) -> None:
    """A file has no department of its own: whoever has more than ``own`` is held by the right on the record."""
    scope = session.access.scope("core.file.delete")
    if scope == Scope.NONE or (scope == Scope.OWN and stored.created_by_id != session.access.user_id):
        raise Forbidden("You have no right to do this.")


def _unknown(session: WorkSession, names: Sequence[str]) -> set[str]:
    known = session.scalars(select(StoredFile.storage_name).where(StoredFile.storage_name.in_(names)))
    return set(names) - set(known)


def _pending(session: WorkSession) -> _Pending:
    pending: _Pending = session.info.setdefault(_PENDING, _Pending())
    return pending


@event.listens_for(WorkSession, "after_commit")
def _succeeded(session: WorkSession) -> None:
    if not session.in_nested_transaction() and _PENDING in session.info:
        _pending(session).committed = True


@event.listens_for(WorkSession, "after_transaction_end")
def _settle(session: WorkSession, transaction: SessionTransaction) -> None:
    """Also a session that is closed without a word has failed; a failed savepoint leaves a stray."""
    if transaction.parent is not None or _PENDING not in session.info:
        return
    pending: _Pending = session.info.pop(_PENDING)
    for path in pending.doomed if pending.committed else pending.new:
        path.unlink(missing_ok=True)
