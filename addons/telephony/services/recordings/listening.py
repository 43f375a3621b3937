"""Listening to a recording: who may, and that it is written down (X-08, SEC-5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from addons.telephony.models import EXPECTED, FOUND, LISTEN, Call, Pbx, Recording
from addons.telephony.services.recordings.paths import content_type, is_played
from addons.telephony.services.recordings.places import Place, place_of
from core import AuditEntry, Change, NotFound, T, WorkSession, expect_reach, expect_record, record_changes

DOWNLOAD = "telephony.recording.download"
LISTENED, DOWNLOADED = "recording_listen", "recording_download"
ONE_PLAY = timedelta(hours=4)
"""How long pieces from the middle belong to the play that began before: no call is longer."""

GONE = T("There is no recording of this call any more.")


@dataclass(frozen=True, slots=True)
class Heard:
    """A recording that somebody may hear, and where it lies."""

    recording_id: int
    call_id: int
    path: str
    place: Place

    @property
    def content_type(self) -> str:
        """As what it is sent."""
        return content_type(self.path)

    @property
    def played(self) -> bool:
        """Whether browsers play it."""
        return is_played(self.path)

    @property
    def name(self) -> str:
        """What it is called by whoever keeps it."""
        return self.path.rpartition("/")[2]


def find(session: WorkSession, recording_id: int, right: str) -> Heard:
    """The recording, for whom the right reaches its call.

    :raises NotFound: there is none, it did not come, or the person must not know of its call.
    :raises Forbidden: he may know of the call and not do this.
    """
    session.access.require(right)
    recording = session.get(Recording, recording_id)
    if recording is None:
        raise NotFound
    call = expect_record(session, Call, recording.call_id)
    expect_reach(session, call, right)
    place = place_of(session, session.get_one(Pbx, call.pbx_id)) if recording.state in FOUND else None
    if place is None:
        raise NotFound(GONE)
    return Heard(recording.id, call.id, recording.path, place)


def note_play(session: WorkSession, heard: Heard, *, begins: bool) -> None:
    """Write down that somebody listens; pieces from the middle belong to the play that began before.

    :param begins: whether it is heard from the beginning.
    """
    if begins or not _has_begun(session, heard):
        _note(session, LISTENED, heard)


def note_download(session: WorkSession, heard: Heard) -> None:
    """Write down that a recording leaves the house."""
    _note(session, DOWNLOADED, heard)


def note_gone(session: WorkSession, recording_id: int) -> None:
    """What was found before is there no more: it is looked for again, and shown no longer."""
    gone = (Recording.id == recording_id, Recording.state.in_(FOUND))
    session.execute(update(Recording).where(*gone).values(state=EXPECTED, look_at=None))


def _note(session: WorkSession, action: str, heard: Heard) -> None:
    told = {"recording": heard.recording_id}
    record_changes(session, [Change(action, Call.__tablename__, heard.call_id, told)])


def _has_begun(session: WorkSession, heard: Heard) -> bool:
    statement = select(AuditEntry.id).where(
        AuditEntry.subject_type == Call.__tablename__,
        AuditEntry.subject_id == heard.call_id,
        AuditEntry.action == LISTENED,
        AuditEntry.user_id == session.access.user_id,
        AuditEntry.at > session.now() - ONE_PLAY,
    )
    return session.scalar(statement.limit(1)) is not None


__all__ = ["DOWNLOAD", "LISTEN", "Heard", "find", "note_download", "note_gone", "note_play"]
