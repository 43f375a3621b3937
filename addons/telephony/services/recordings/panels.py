"""Recordings where they are listened to: on the card of the call, on that of its contact, and in the list (S0-49, S2-48).

Where there is none, there is no player, and nothing that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from markupsafe import Markup
from sqlalchemy import BigInteger, ColumnClause, Select, bindparam, func, literal_column, select

from addons.contacts.models import InboundContact
from addons.telephony.models import FOUND, LISTEN, THERE, Call, CallCheck, Recording
from addons.telephony.services.recordings import checking, listening
from core import Formats, Panel, Reach, Read, T, User, WorkSession, reach_of, shown_name

SHOWN: ColumnClause[int] = literal_column("30")
"""Recordings of a panel at most."""
_READ = "telephony.call.read"
_RIGHTS = (LISTEN, listening.DOWNLOAD, checking.CHECK)
_TEMPLATE = "telephony/panel_recordings.html"


def of_call(session: WorkSession, call: Call) -> list[Panel]:
    """The recordings of a call, for whoever may listen to them."""
    reach = reach_of(session, call, _RIGHTS)
    reads = {"recordings": Read(_OF_CALL, {"call": call.id}), **reach.reads}
    load = partial(_mine, reach)
    return [Panel("recordings", T("Recording"), _TEMPLATE, load, right=LISTEN, reads=reads, order=5)]


def of_contact(session: WorkSession, contact: InboundContact) -> list[Panel]:
    """The recordings of a contact's calls, of those that he may know of and listen to."""
    if not session.access.may(_READ):
        return []
    reads = {"recordings": Read(_OF_CONTACT, {"contact": contact.id}, right=LISTEN)}
    return [Panel("recordings", T("Recordings"), _TEMPLATE, _theirs, right=LISTEN, reads=reads)]


def _mine(of_call: Reach, recordings: Sequence[Any], reach: Sequence[Any] = ()) -> dict[str, Any] | None:
    rights = of_call.rights(reach)
    if not recordings or LISTEN not in rights:
        return None
    return {
        "calls": _grouped(recordings),
        "titled": False,
        "may_download": listening.DOWNLOAD in rights,
        "may_check": checking.CHECK in rights,
        "words": checking.VERDICTS,
    }


def _theirs(recordings: Sequence[Any]) -> dict[str, Any] | None:
    if not recordings:
        return None
    told = {"titled": True, "may_download": False, "may_check": False, "words": checking.VERDICTS}
    return {"calls": _grouped(recordings), **told}


def _grouped(rows: Sequence[Any]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Each call with its recordings."""
    calls: dict[int, tuple[Any, list[dict[str, Any]]]] = {}
    for row in rows:
        recording = {"id": row.recording_id, "length_ms": row.length_ms, "played": row.state == THERE}
        calls.setdefault(row.id, (row, []))[1].append(recording)
    return list(calls.values())


def _recordings() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Recording.id.label("recording_id"),
            Recording.state,
            Recording.length_ms,
            Call.id,
            Call.started_at,
            CallCheck.verdict,
            CallCheck.remark,
            CallCheck.updated_at.label("checked_at"),
            CallCheck.version.label("check_version"),
            shown_name.label("checked_by"),
        )
        .join(Call, Call.id == Recording.call_id)
        .outerjoin(CallCheck, CallCheck.call_id == Call.id)
        .outerjoin(User, User.id == CallCheck.updated_by_id)
        .where(Recording.state.in_([literal_column(f"'{each}'") for each in FOUND]))
        .order_by(Call.started_at, Recording.id)
        .limit(SHOWN)
    )


_OF_CALL = _recordings().where(Call.id == bindparam("call", type_=BigInteger))
_OF_CONTACT = _recordings().where(Call.contact_id == bindparam("contact", type_=BigInteger))


# --- in the list ----------------------------------------------------------------------------------

FIRST = (
    select(func.min(Recording.id))
    .where(Recording.call_id == Call.id, Recording.state == literal_column(f"'{THERE}'"))
    .correlate(Call)
    .scalar_subquery()
)
"""The first recording of a call that is there, or nothing."""
_PLAYER = Markup('<audio class="player" controls preload="none" src="/calls/recordings/{}" aria-label="{}">{}</audio>')


def players(values: Sequence[Any], formats: Formats) -> Sequence[Any]:
    """A player in each row that has something to be listened to; a file says yes."""
    label, yes = formats.translate(T("Recording of the call")), formats.translate(T("yes"))
    return ["" if value is None else _PLAYER.format(value, label, yes) for value in values]
