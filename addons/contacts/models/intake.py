"""What comes in by itself: sources with their secrets, deliveries that were taken once, and talks with clients in messengers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, BigId, Record


class IntakeSource(Record):
    """A site, an app or a messenger that sends us what its clients write. Its secrets are sealed (docs/decisions/0004).

    ``address`` is its part of the address that it sends to. Until ``previous_until`` the secret before is good as well.
    ``networks`` are the addresses that an unsigned source may send from, one a line. ``token`` and ``account`` are for what we
    send there. ``call_at_once`` asks whoever can for a call with the client right away (S1-25).
    """

    __tablename__ = "contacts_intake_source"

    title: Mapped[str] = mapped_column(String(120), unique=True)
    address: Mapped[str] = mapped_column(String(40), unique=True)
    adapter: Mapped[str] = mapped_column(String(40))
    goal_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_goal.id"))
    lead_source_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_lead_source.id"))
    call_at_once: Mapped[bool] = mapped_column(Boolean, default=False)
    networks: Mapped[str] = mapped_column(Text, default="")
    account: Mapped[str] = mapped_column(String(60), default="")
    sealed_secret: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    sealed_previous: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    previous_until: Mapped[datetime | None]
    sealed_token: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Delivery(Base):
    """One thing that a source has sent, by the name it has there: sent again, it changes nothing (SEC-40, X-09).

    ``body_hash`` tells whether the same name came with something else. ``body`` is what came, as it came.
    """

    __tablename__ = "contacts_delivery"
    __table_args__ = (UniqueConstraint("source_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_intake_source.id"))
    key: Mapped[str] = mapped_column(String(200))
    body_hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)
    contact_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("contacts_inbound_contact.id", ondelete="CASCADE"), index=True
    )


class ClientMessage(Base):
    """What a client wrote in a messenger, or what we wrote to him there (S1-41, S1-78).

    ``peer`` is who he is there. What we write is ``waiting`` until a job sends it: ``due_at`` is when it is tried next,
    and while it is ``sending`` until when its end should be known.
    """

    __tablename__ = "contacts_client_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_inbound_contact.id", ondelete="CASCADE"))
    source_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_intake_source.id"))
    peer: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime | None]
    external_id: Mapped[str] = mapped_column(String(200), default="")
    problem: Mapped[str] = mapped_column(String(300), default="")


Index("ix_contacts_client_message_contact", ClientMessage.contact_id, ClientMessage.at)
Index("ix_contacts_client_message_peer", ClientMessage.source_id, ClientMessage.peer, ClientMessage.at)
Index("ix_contacts_client_message_due", ClientMessage.state, ClientMessage.due_at)
