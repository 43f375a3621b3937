"""What the link to an exchange is given to dial."""

from __future__ import annotations

from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, or_, select

from addons.telephony.models import Attempt, Campaign
from addons.telephony.services.autodial import campaigns, rules
from addons.telephony.services.link.dials import REFUSED, Dial, Outcome
from addons.telephony.services.vocabulary import GOING_ON, ORDERED, SENT
from core import WorkSession, settings

log = structlog.get_logger("forecourt.telephony")


def waiting(now: datetime, pbx_id: int) -> ColumnElement[bool]:
    """Whether there may be something to dial, or a campaign to go on with."""
    due = select(Campaign.id).where(Campaign.state == GOING_ON, Campaign.due_at <= now)
    ordered = select(Attempt.id).where(Attempt.pbx_id == pbx_id, Attempt.state == ORDERED)
    return or_(due.exists(), ordered.exists())


def take(session: WorkSession, pbx_id: int) -> list[Dial]:
    """What is to be dialled now by this exchange; from the commit on it counts as sent, so that nobody dials it twice."""
    campaigns.advance(session)
    ordered = (Attempt.pbx_id == pbx_id, Attempt.state == ORDERED, Attempt.until > session.now())
    attempts = session.scalars(
        select(Attempt).where(*ordered).order_by(Attempt.id).with_for_update(skip_locked=True)
    ).all()
    found = [_taken(session, attempt) for attempt in attempts]
    session.flush()
    return [dial for dial in found if dial is not None]


def _taken(session: WorkSession, attempt: Attempt) -> Dial | None:
    campaign = session.get_one(Campaign, attempt.campaign_id)
    chosen = settings.read_all(session, [rules.RING_CONTEXT, rules.CLIENT_CONTEXT])
    try:
        dial = Dial(
            attempt.channel_id,
            attempt.ring,
            chosen[rules.RING_CONTEXT.name],
            campaign.phone,
            chosen[rules.CLIENT_CONTEXT.name],
            campaign.shown,
            max(1, round((attempt.until - session.now()).total_seconds())),
        )
    except ValueError as error:
        log.warning("a request cannot be called for as the settings are", attempt=attempt.channel_id)
        campaigns.note(session, Outcome(attempt.channel_id, REFUSED, problem=str(error)))
        return None
    attempt.state, attempt.sent_at = SENT, session.now()
    return dial
