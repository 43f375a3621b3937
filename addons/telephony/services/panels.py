"""What telephony shows on cards: the calls of a contact, what was on the line during a call, the link to an exchange."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, ColumnClause, bindparam, literal_column, select

from addons.contacts.models import Customer, InboundContact
from addons.contacts.services.customers import phones_read
from addons.telephony.models import Attempt, Call, CallLeg, Campaign, Link, Pbx
from addons.telephony.services import exchanges, missed
from addons.telephony.services.line import USE
from addons.telephony.services.link.adapters import ORIGINATE, adapters
from addons.telephony.services.recordings import panels as recordings
from addons.telephony.services.vocabulary import (
    ATTEMPTS,
    CAMPAIGNS,
    DIRECTIONS,
    DISPOSITIONS,
    GAP_PROBLEMS,
    LEG_RESULTS,
    LINK_STATES,
    LOSS_REASONS,
    TRANSFER_RESULTS,
    TRANSFERS,
)
from core import Panel, Read, Record, T, Task, User, WorkSession, shown_name

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
    """The calls of a contact: those for its request, the one that it was made of, the button that calls, and what was said (S1-16, S1-17, S1-22, S2-48)."""
    return [
        _of_request(contact.id),
        _of_contact(session, contact.id, contact.phone),
        *recordings.of_contact(session, contact),
    ]


def _of_request(contact_id: int) -> Panel:
    mine = {"contact": contact_id}
    tries = {"campaigns": Read(_CAMPAIGNS, mine), "attempts": Read(_ATTEMPTS, mine)}
    title, template = T("Calls for the request"), "telephony/panel_campaign.html"
    return Panel("campaign", title, template, _campaign, right=_READ, reads=tries, order=10)


def _of_contact(session: WorkSession, contact_id: int, number: str = "", order: int = 100) -> Panel:
    reads = {"calls": Read(_CALLS, {"contact": contact_id}), **_dial_reads(session)}
    load = partial(_calls, session, contact_id, number)
    title = T("Phone calls")
    return Panel("calls", title, "telephony/panel_calls.html", load, order, right=_READ, reads=reads)


def of_card(session: WorkSession, subject: Record) -> list[Panel] | None:
    """On a call what was on the line and what was said; the call of a task; a client's numbers; the link to an exchange."""
    if isinstance(subject, Pbx):
        reads = {"links": Read(_LINK, {"pbx": subject.id})}
        return [Panel("link", T("Link"), "telephony/panel_link.html", _link, right="telephony.pbx.read", reads=reads)]
    if isinstance(subject, Task):
        about = subject.kind == missed.KIND and subject.subject_type == InboundContact.__tablename__
        return [_of_contact(session, subject.subject_id, order=10)] if about and subject.subject_id else None
    if isinstance(subject, Customer) and session.access.may(USE):
        reads = {"phones": phones_read(subject.id), **_dial_reads(session)}
        numbers = partial(_dial, session)
        return [
            Panel(
                "dial", T("Call the client"), "telephony/panel_dial.html", numbers, 11, "side", right=USE, reads=reads
            )
        ]
    if not isinstance(subject, Call):
        return None
    reads = {"legs": Read(_LEGS, {"call": subject.id}), **_dial_reads(session)}
    load = partial(_line, session, subject)
    line = Panel("line", T("On the line"), "telephony/panel_line.html", load, right=_READ, reads=reads, order=10)
    return [*recordings.of_call(session, subject), line]


def _dial_reads(session: WorkSession) -> dict[str, Read]:
    """What says whether the person can call from here."""
    return {"exchanges": Read(_EXCHANGES)} if session.access.may(USE) else {}


def _can_call(session: WorkSession, exchanges: Sequence[Any]) -> bool:
    known = adapters(session.hooks)
    return any(each.adapter in known and ORIGINATE in known[each.adapter].abilities for each in exchanges)


def _campaign(campaigns: Sequence[Any], attempts: Sequence[Any]) -> dict[str, Any] | None:
    if not campaigns:
        return None
    return {"campaign": campaigns[0], "attempts": attempts, "states": CAMPAIGNS, "attempt_states": ATTEMPTS}


def _calls(
    session: WorkSession, contact_id: int, number: str, calls: Sequence[Any], exchanges: Sequence[Any] = ()
) -> dict[str, Any] | None:
    number = number or next((each.phone for each in calls if each.phone), "")
    may_call = bool(number) and _can_call(session, exchanges)
    if not calls and not may_call:
        return None
    return {"calls": calls, "words": _WORDS, "number": number if may_call else "", "contact_id": contact_id}


def _dial(session: WorkSession, phones: Sequence[Any], exchanges: Sequence[Any]) -> dict[str, Any] | None:
    return {"phones": phones} if phones and _can_call(session, exchanges) else None


def _line(session: WorkSession, call: Call, legs: Sequence[Any], exchanges: Sequence[Any] = ()) -> dict[str, Any]:
    number = call.phone if _can_call(session, exchanges) else ""
    return {"call": call, "legs": legs, "words": _WORDS, "number": number, "contact_id": call.contact_id or ""}


def _link(links: Sequence[Any]) -> dict[str, Any] | None:
    if not links:
        return None
    is_asterisk = links[0].adapter == exchanges.ASTERISK
    return {"link": links[0], "states": LINK_STATES, "gaps": GAP_PROBLEMS, "is_asterisk": is_asterisk}


_LINK = (
    select(
        Pbx.adapter,
        (Pbx.sealed_secret != "").label("has_secret"),
        Link.state,
        Link.since,
        Link.problem,
        Link.release,
        Link.heard_at,
        Link.gap_since,
        Link.gap_until,
        Link.gap_problem,
        select(Call.id).where(Call.pbx_id == Pbx.id).exists().label("has_calls"),
    )
    .select_from(Pbx)
    .outerjoin(Link, Link.pbx_id == Pbx.id)
    .where(Pbx.id == bindparam("pbx", type_=BigInteger))
)
_CALLS = (
    select(
        Call.id,
        Call.direction,
        Call.disposition,
        Call.loss_reason,
        Call.phone,
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
_EXCHANGES = select(Pbx.adapter).where(Pbx.active, Pbx.host != "").order_by(Pbx.id)
_CAMPAIGNS = select(Campaign.id, Campaign.state, Campaign.reason, Campaign.began_at, Campaign.ended_at).where(
    Campaign.contact_id == bindparam("contact", type_=BigInteger)
)
_ATTEMPTS = (
    select(Attempt.ring, Attempt.state, Attempt.ordered_at, Attempt.problem, shown_name.label("employee"))
    .join(Campaign, Campaign.id == Attempt.campaign_id)
    .outerjoin(User, User.id == Attempt.answered_by_id)
    .where(Campaign.contact_id == bindparam("contact", type_=BigInteger))
    .order_by(Attempt.id)
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
