"""How the calls for a request go on. All of it is in rows: who comes after a restart goes on where it was.

A campaign goes on when it is due, whoever looks first: the link that dials, or the job. An attempt is *ordered*, *sent* once
a link has taken it, and then has its outcome, of what the exchange answers or of the call itself. One that was sent and of
which nothing is heard is in doubt: then nobody is called again, and people see to it (SEC-53).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from addons.contacts.models import InboundContact, IntakeSource
from addons.contacts.services.intake import requests
from addons.contacts.services.states import OPEN
from addons.telephony.models import Attempt, Call, CallName, Campaign
from addons.telephony.services.asterisk.calls import Call as Told
from addons.telephony.services.autodial import rules
from addons.telephony.services.link import dials
from addons.telephony.services.link.dials import Outcome
from addons.telephony.services.vocabulary import (
    ANSWERED,
    CLOSED,
    DOUBTFUL,
    FAILED,
    GOING_ON,
    ORDERED,
    OVERTAKEN,
    SENT,
    UNANSWERED,
    UNSENT,
)
from core import T, User, WorkSession, publish

SHOWN = T("Site request Name: %(name)s Phone: %(phone)s")
LONGEST_NAME = 60
NEWS = timedelta(seconds=10)
"""How long after its time an attempt may be without an outcome: the exchange tells of its end a little later."""
MARGIN = timedelta(seconds=60)
"""How long after its last ring a campaign has ended for sure."""
LOOK = timedelta(seconds=1)
BATCH = 50


def begin(session: WorkSession, contact: InboundContact, source: IntakeSource) -> datetime | None:
    """Call for a request whose client is to be called at once.

    :returns: until when it has ended for sure; nothing when nobody is called, and why is written down.
    """
    pbx_id = rules.exchange(session)
    refused = rules.refusal(session, contact, source.address, pbx_id)
    campaign = Campaign(
        contact_id=contact.id,
        pbx_id=pbx_id,
        source=source.address,
        phone=contact.phone,
        state=GOING_ON,
        began_at=session.now(),
        steps=[],
        step=0,
    )
    session.add(campaign)
    if refused is not None:
        campaign.state, campaign.reason = refused[0], str(refused[1])
        campaign.ended_at = session.now()
        session.flush()
        return None
    campaign.shown = _shown(session, contact)
    campaign.steps, campaign.due_at = rules.steps(session, contact), session.now()
    session.flush()
    seconds = sum(each["seconds"] + each["pause"] for each in campaign.steps)
    return session.now() + timedelta(seconds=seconds) + MARGIN


def _shown(session: WorkSession, contact: InboundContact) -> str:
    """What the phones show (S1-33)."""
    values = {"name": contact.client_text[:LONGEST_NAME], "phone": contact.phone}
    return dials.caller_name(session.words("ru", str(SHOWN)) % values)


# --- going on ---------------------------------------------------------------------------------------


def advance(session: WorkSession) -> int:
    """Go on with every campaign for which it is time; returns how many those were."""
    due = (Campaign.state == GOING_ON, Campaign.due_at <= session.now())
    statement = select(Campaign).where(*due).order_by(Campaign.due_at, Campaign.id).limit(BATCH)
    campaigns = session.scalars(statement.with_for_update(skip_locked=True)).all()
    for campaign in campaigns:
        _go_on(session, campaign)
    session.flush()
    return len(campaigns)


def _go_on(session: WorkSession, campaign: Campaign) -> None:
    contact = session.get_one(InboundContact, campaign.contact_id)
    last = _last_attempt(session, campaign)
    if last is not None and last.state == ORDERED:
        last.state = UNSENT
    if last is not None and last.state == SENT:
        _await_outcome(session, campaign, last)
    elif contact.state not in OPEN or contact.responsible_id is not None:
        _end(session, campaign, OVERTAKEN)
    elif campaign.step >= len(campaign.steps):
        _end(session, campaign, UNANSWERED)
    elif not rules.is_open(session, contact):
        _end(session, campaign, CLOSED, str(rules.OUT_OF_HOURS))
    else:
        _order(session, campaign)


def _await_outcome(session: WorkSession, campaign: Campaign, attempt: Attempt) -> None:
    """The exchange has not told yet how the attempt went."""
    if session.now() < attempt.until + NEWS:
        campaign.due_at = session.now() + LOOK
    else:
        attempt.state = DOUBTFUL
        _end(session, campaign, DOUBTFUL)


def _order(session: WorkSession, campaign: Campaign) -> None:
    step, number = campaign.steps[campaign.step], campaign.step
    until = session.now() + timedelta(seconds=step["seconds"])
    attempt = Attempt(
        campaign_id=campaign.id,
        pbx_id=step.get("pbx", campaign.pbx_id),
        channel_id=f"{dials.PREFIX}site-{campaign.id}-{number}",
        ring=step["ring"],
        state=ORDERED,
        ordered_at=session.now(),
        until=until,
    )
    session.add(attempt)
    campaign.step, campaign.due_at = number + 1, until + timedelta(seconds=step["pause"])


def _last_attempt(session: WorkSession, campaign: Campaign) -> Attempt | None:
    mine = select(Attempt).where(Attempt.campaign_id == campaign.id).order_by(Attempt.id.desc()).limit(1)
    return session.scalars(mine).first()


def _end(session: WorkSession, campaign: Campaign, state: str, reason: str = "") -> None:
    """Nobody is called any more; unless somebody has the client, the contact is for all who handle its goal (S1-35)."""
    campaign.state, campaign.reason, campaign.ended_at, campaign.due_at = state, reason, session.now(), None
    session.flush()
    if state != ANSWERED:
        requests.release(session, campaign.contact_id)
    publish(session, "contacts.traffic", contact=campaign.contact_id)


# --- what becomes of an attempt ---------------------------------------------------------------------


def note(session: WorkSession, outcome: Outcome) -> None:
    """What the exchange says of an attempt; what it says twice, or late, changes nothing."""
    found = session.scalars(select(Attempt).where(Attempt.channel_id == outcome.channel_id)).one_or_none()
    if found is None:
        return
    campaign = session.scalars(select(Campaign).where(Campaign.id == found.campaign_id).with_for_update()).one()
    session.refresh(found)
    if found.state not in (ORDERED, SENT):
        return
    found.problem = outcome.problem[:300]
    if outcome.result == dials.ANSWERED:
        _note_answer(session, campaign, found, outcome.extension)
    else:
        found.state = FAILED if outcome.result == dials.REFUSED else UNANSWERED
        if not campaign.steps[campaign.step - 1]["pause"] and campaign.state == GOING_ON:
            campaign.due_at = session.now()
    session.flush()


def _note_answer(session: WorkSession, campaign: Campaign, attempt: Attempt, extension: str) -> None:
    """Whoever has answered talks with the client, so the contact and its task are his (S1-34)."""
    whose = select(User.id).where(User.extension == extension, User.active).order_by(User.id).limit(1)
    attempt.state, attempt.answered_by_id = ANSWERED, session.scalar(whose) if extension else None
    _end(session, campaign, ANSWERED)
    if attempt.answered_by_id is None or not requests.give(session, campaign.contact_id, attempt.answered_by_id):
        requests.release(session, campaign.contact_id)


def settle(session: WorkSession, calls: Iterable[Told]) -> None:
    """The same of calls that are over: of an attempt whose answer was said while no link of ours listened."""
    for call in calls:
        for name in filter(dials.is_ours, call.linkedids or (call.linkedid,)):
            who = next((leg.ext for leg in call.legs if leg.answered is not None), "")
            note(session, Outcome(name, dials.ANSWERED if who else dials.UNANSWERED, who))


def contact_of(session: WorkSession, call: Call) -> int | None:
    """The contact of the request that a call was made for."""
    names = select(CallName.name).where(CallName.call_id == call.id)
    mine = select(Campaign.contact_id).join(Attempt, Attempt.campaign_id == Campaign.id)
    return session.scalar(mine.where(Attempt.channel_id.in_(names)).limit(1))
