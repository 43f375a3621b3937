"""What telephony shows on cards: the calls of a contact, what was on the line during a call, the link to an exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, ColumnClause, bindparam, literal_column, select

from addons.contacts.models import InboundContact
from addons.telephony.models import Call, CallLeg, Link, Pbx
from addons.telephony.services.recordings import panels as recordings
from addons.telephony.services.vocabulary import (
    DIRECTIONS,
    DISPOSITIONS,
    GAP_PROBLEMS,
    LEG_RESULTS,
    LINK_STATES,
    LOSS_REASONS,
    TRANSFER_RESULTS,
    TRANSFERS,
)
from core import Panel, Read, Record, T, User, WorkSession, shown_name

SHOWN: ColumnClause[int] = literal_column("30")
"""Rows of a panel at most: a queue may ring a hundred phones."""
_READ = "telephony.call.read"
_WORDS: Mapping[str, Mapping[str, str]] = {
    "directions": DIRECTIONS,
    "results": DISPOSITIONS,
    "reasons": LOSS_REASONS,
    "leg_results": LEG_RESULTS,
    "transfers": TRANSFERS,
    "transfer_results": TRANSFER_RESULTS,
}


def of_contact(session: WorkSession, contact: InboundContact) -> list[Panel]:
    """The calls of a contact: the one that it was made of, and those that answered it, with what was said (S1-16, S1-17, S2-48)."""
    reads = {"calls": Read(_CALLS, {"contact": contact.id})}
    calls = Panel("calls", T("Phone calls"), "telephony/panel_calls.html", _calls, right=_READ, reads=reads)
    return [calls, *recordings.of_contact(session, contact)]


def of_card(session: WorkSession, subject: Record) -> list[Panel] | None:
    """What was on the line during a call, and what was said; how the link to an exchange is."""
    if isinstance(subject, Pbx):
        reads = {"links": Read(_LINK, {"pbx": subject.id})}
        return [Panel("link", T("Link"), "telephony/panel_link.html", _link, right="telephony.pbx.read", reads=reads)]
    if not isinstance(subject, Call):
        return None
    reads = {"legs": Read(_LEGS, {"call": subject.id})}
    load = partial(_line, subject)
    line = Panel("line", T("On the line"), "telephony/panel_line.html", load, right=_READ, reads=reads, order=10)
    return [*recordings.of_call(session, subject), line]


def _calls(calls: Sequence[Any]) -> dict[str, Any] | None:
    return {"calls": calls, "words": _WORDS} if calls else None


def _line(call: Call, legs: Sequence[Any]) -> dict[str, Any]:
    return {"call": call, "legs": legs, "words": _WORDS}


def _link(links: Sequence[Any]) -> dict[str, Any] | None:
    return {"link": links[0], "states": LINK_STATES, "gaps": GAP_PROBLEMS} if links else None


_LINK = select(
    Link.state, Link.since, Link.problem, Link.release, Link.heard_at, Link.gap_since, Link.gap_until, Link.gap_problem
).where(Link.pbx_id == bindparam("pbx", type_=BigInteger))
_CALLS = (
    select(
        Call.id,
        Call.direction,
        Call.disposition,
        Call.loss_reason,
        Call.started_at,
        Call.wait_ms,
        Call.talk_ms,
        Call.reached_at,
        shown_name.label("employee"),
    )
    .outerjoin(User, User.id == Call.employee_id)
    .where(Call.contact_id == bindparam("contact", type_=BigInteger))
    .order_by(Call.started_at, Call.id)
    .limit(SHOWN)
)
_LEGS = (
    select(
        CallLeg.ext,
        CallLeg.rang_at,
        CallLeg.answered_at,
        CallLeg.ended_at,
        CallLeg.result,
        shown_name.label("employee"),
    )
    .outerjoin(User, User.id == CallLeg.user_id)
    .where(CallLeg.call_id == bindparam("call", type_=BigInteger))
    .order_by(CallLeg.rang_at, CallLeg.id)
    .limit(SHOWN)
)
