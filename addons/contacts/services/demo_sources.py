"""Sites and messengers of the demonstration, to which nobody can send: they have no secrets yet."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from addons.contacts.models import ClientMessage, ContactGoal, InboundContact, IntakeSource
from addons.contacts.services.intake import forms, talks, telegram
from addons.contacts.services.states import OPEN
from core import WorkSession

SOURCES = (("Сайт дилерского центра", forms.SIGNED, "web"), ("Telegram", telegram.ADAPTER.code, "chat"))
ANSWER = "Здравствуйте! Посмотрю и сразу напишу."


def add_sources(session: WorkSession) -> None:
    """A site and a messenger, and a talk in it."""
    for number, (title, adapter, channel) in enumerate(SOURCES, 1):
        goals = select(ContactGoal.id).where(ContactGoal.channel == channel, ContactGoal.active)
        goal = session.scalars(goals.order_by(ContactGoal.id).limit(1)).first()
        if goal is None:
            continue
        source = IntakeSource(title=title, address=f"demo{number:012}", adapter=adapter, goal_id=goal)
        session.add(source)
        session.flush()
        if channel == "chat":
            _add_talk(session, source)
    session.flush()


def _add_talk(session: WorkSession, source: IntakeSource) -> None:
    """What a client of the last days has written, and what he was answered."""
    chats = select(InboundContact).where(InboundContact.channel == "chat", InboundContact.note != "")
    mine = chats.where(InboundContact.state.in_(OPEN)).order_by(InboundContact.at.desc(), InboundContact.id)
    contact = session.scalars(mine.limit(1)).first()
    if contact is None:
        return
    both = {"contact_id": contact.id, "source_id": source.id, "peer": "5550001"}
    heard = ClientMessage(**both, state=talks.RECEIVED, text=contact.note, at=contact.at)
    session.add(heard)
    if contact.responsible_id is not None:
        at = contact.at + timedelta(minutes=1)
        session.add(
            ClientMessage(**both, state=talks.READ_BY_CLIENT, text=ANSWER, at=at, author_id=contact.responsible_id)
        )
