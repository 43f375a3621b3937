"""Messages go out: each is marked before it is sent, so that none is lost and none is sent twice (S1-78, SEC-52, SEC-53)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import select, update

from addons.contacts.models import ClientMessage, IntakeSource
from addons.contacts.services.intake import sources
from addons.contacts.services.intake.adapters import Adapter, Letter, adapters, line, within
from addons.contacts.services.intake.outside import Answer, Doubtful, NotSent, Outside
from addons.contacts.services.intake.talks import DOUBTFUL, FAILED, SENDING, SENT, WAITING
from core import Setting, T, UnreadableSecret, WorkSession, publish, settings

log = structlog.get_logger("forecourt.contacts")

BATCH = 20
PAUSES = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1_800))
"""After each try that surely did not arrive; after the last one nothing is tried any more."""
LEASE = timedelta(minutes=2)
"""How long a message may be on its way before nobody knows what became of it."""

HOSTS: Setting[list[str]] = Setting(
    "contacts.outgoing_hosts",
    list[str],
    [],
    title=T("Hosts that messages may be sent to"),
    group=T("Sites and messengers"),
    help=T("Telegram: api.telegram.org. WhatsApp: graph.facebook.com. Nothing goes to any other host."),
    maximum=50,
)

SOURCE_OFF = T("The source is out of use, or cannot be written to.")
TOKEN_LOST = T("The token of the source cannot be read any more: type it anew.")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """``problem`` is a msgid of ours, or what the other side said."""

    state: str
    problem: str = ""
    external_id: str = ""
    again_in: timedelta | None = None


def send_due(session: WorkSession, outside: Callable[[list[str]], Outside] = Outside) -> int:
    """Send what waits; commits before and after each. Returns how many went out.

    :param outside: makes what sends, of the hosts that may be written to.
    """
    doubt_the_lost(session)
    reach = outside(settings.read(session, HOSTS))
    due = (ClientMessage.state == WAITING, ClientMessage.due_at <= session.now())
    numbers = session.scalars(select(ClientMessage.id).where(*due).order_by(ClientMessage.id).limit(BATCH)).all()
    went = 0
    for number in numbers:
        if _mark(session, number):
            outcome = _send(session, session.get_one(ClientMessage, number), reach)
            _note(session, number, outcome)
            went += outcome.state == SENT
    return went


def doubt_the_lost(session: WorkSession) -> None:
    """What was being sent when a process ended may have gone out: a person decides."""
    lost = (ClientMessage.state == SENDING, ClientMessage.due_at < session.now())
    session.execute(update(ClientMessage).where(*lost).values(state=DOUBTFUL, due_at=None))
    session.commit()


def _mark(session: WorkSession, number: int) -> bool:
    """Note that it is being sent, for good, before it is; of two at once one may."""
    waits = (ClientMessage.id == number, ClientMessage.state == WAITING)
    values = {"state": SENDING, "attempts": ClientMessage.attempts + 1, "due_at": session.now() + LEASE}
    marked = session.execute(update(ClientMessage).where(*waits).values(**values).returning(ClientMessage.id)).all()
    session.commit()
    return bool(marked)


def _send(session: WorkSession, message: ClientMessage, outside: Outside) -> _Outcome:
    session.refresh(message)
    source = session.get(IntakeSource, message.source_id)
    adapter = adapters(session.hooks).get(source.adapter) if source is not None else None
    if source is None or adapter is None or adapter.send is None or not source.active:
        return _Outcome(FAILED, SOURCE_OFF)
    try:
        token = sources.token_of(session, source)
        outgoing = adapter.send(Letter(message.peer, message.text, token, source.account))
        attempts = message.attempts
        session.commit()  # nobody waits for us while we wait for another host
        return _outcome(adapter, outside.post(outgoing), attempts)
    except NotSent as error:
        return _Outcome(FAILED, str(error)) if error.for_good else _again(str(error), message.attempts)
    except Doubtful as error:
        return _Outcome(DOUBTFUL, str(error))
    except UnreadableSecret:
        return _Outcome(FAILED, TOKEN_LOST)


def _outcome(adapter: Adapter, answer: Answer, attempts: int) -> _Outcome:
    said = line(within(answer.body, "description") or within(answer.body, "error", "message"), 200)
    if answer.status == 429 or answer.status >= 500:
        return _again(f"{answer.status} {said}".strip(), attempts)
    if not 200 <= answer.status < 300:
        return _Outcome(FAILED, f"{answer.status} {said}".strip())
    try:
        return _Outcome(SENT, external_id=adapter.sent(answer.body)[:200] if adapter.sent is not None else "")
    except ValueError as error:
        return _Outcome(FAILED, str(error))


def _again(problem: str, attempts: int) -> _Outcome:
    """Another try later, while there are any left."""
    if attempts > len(PAUSES):
        return _Outcome(FAILED, problem)
    return _Outcome(WAITING, problem, again_in=PAUSES[attempts - 1])


def _note(session: WorkSession, number: int, outcome: _Outcome) -> None:
    message = session.get_one(ClientMessage, number)
    message.state, message.problem = outcome.state, outcome.problem[:300]
    message.external_id = outcome.external_id or message.external_id
    message.due_at = session.now() + outcome.again_in if outcome.again_in is not None else None
    publish(session, "contacts.traffic", contact=message.contact_id)
    session.commit()
    if outcome.state == FAILED:
        log.warning("a message to a client could not be sent", message=number)
