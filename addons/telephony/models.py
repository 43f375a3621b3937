"""The tables of telephony: exchanges with their links, lines, calls with their legs and recordings, the line now, calls for requests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import SEARCHED, Base, BigId, Record, RowRule

LISTEN = "telephony.recording.listen"
"""The right to listen, which is not that to know of the call (X-08)."""

WAITING, DONE, NOT_ASKED = "waiting", "done", "none"
"""What has become of the contact of a call: it is still to be registered, it is, or a call inside the house needs none."""

EXPECTED, THERE, UNPLAYED, NOWHERE, DOOMED = "expected", "there", "unplayed", "nowhere", "doomed"
"""What has become of a recorded file: it is still looked for; it was found, and browsers play it or do not; it never came;
or it is to be deleted."""
FOUND = (THERE, UNPLAYED)


class Pbx(Record):
    """A telephone exchange. Its secret is sealed with the instance's key (docs/decisions/0004).

    ``trunks`` and ``phones`` name endpoints, one a line, where their names do not say which they are. ``log`` is where its
    own log of calls is, as our machine sees it. ``recordings`` is where its recordings are read: a folder of this
    machine, or an address with an account of its own. ``context`` is where calls of ours are dialled, ``technology``
    what the phones are reached by, ``dialled_as`` how numbers of clients are written. ``extensions`` are those of
    its phones and groups, a line each, ``2XX`` for two hundred and any two digits: with several exchanges it is known by
    them which one rings whose phone.
    """

    __tablename__ = "telephony_pbx"

    name: Mapped[str] = mapped_column(String(60), unique=True)
    adapter: Mapped[str] = mapped_column(String(40), default="telephony.asterisk")
    host: Mapped[str] = mapped_column(String(200), default="")
    port: Mapped[int] = mapped_column(Integer, default=5038)
    account: Mapped[str] = mapped_column(String(60), default="")
    sealed_secret: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    trunks: Mapped[str] = mapped_column(Text, default="")
    phones: Mapped[str] = mapped_column(Text, default="")
    log: Mapped[str] = mapped_column(String(300), default="")
    recordings: Mapped[str] = mapped_column(String(300), default="")
    recordings_account: Mapped[str] = mapped_column(String(60), default="")
    sealed_recordings_secret: Mapped[str] = mapped_column(Text, default="", info={"secret": True})
    context: Mapped[str] = mapped_column(String(80), default="from-internal")
    technology: Mapped[str] = mapped_column(String(10), default="PJSIP")
    dialled_as: Mapped[str] = mapped_column(String(10), default="eight")
    extensions: Mapped[str] = mapped_column(Text, default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Link(Base):
    """How the link to an exchange is. Written by whoever keeps the link, read by the status page.

    ``heard_at`` is until when everything is stored, by the clock of the exchange; when the link comes back after it was away,
    calls may be missing since ``gap_since`` and until about ``gap_until``, and ``gap_problem`` says why they could not be read from
    the exchange's own log (``vocabulary.GAP_PROBLEMS``). ``dropped`` counts messages of this connection that were thrown away.
    """

    __tablename__ = "telephony_link"

    pbx_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("telephony_pbx.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(20))
    since: Mapped[datetime]
    problem: Mapped[str] = mapped_column(String(300), default="")
    release: Mapped[str] = mapped_column(String(80), default="")
    heard_at: Mapped[datetime | None]
    gap_since: Mapped[datetime | None]
    gap_until: Mapped[datetime | None]
    gap_problem: Mapped[str] = mapped_column(String(20), default="")
    connected: Mapped[int] = mapped_column(Integer, default=0)
    dropped: Mapped[int] = mapped_column(Integer, default=0)


class Line(Record):
    """A number of the house that clients call, and what they want who call it."""

    __tablename__ = "telephony_line"

    number: Mapped[str] = mapped_column(String(20), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    goal_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_goal.id"))
    active: Mapped[bool] = mapped_column(Boolean, default=True)


class Call(Record):
    """One call, whatever channels and attempts it took; all moments are by the clock of the exchange (S2-07).

    ``phone`` is the client's number in E.164, or as it came where it is none; empty when it was withheld. ``employee_id`` is
    the colleague who talked first. ``waits_for_call`` marks a missed call whose client nobody has reached since (S2-50).
    Durations are milliseconds; ``reached_ms`` is that from the missed call to the talk at ``reached_at``. The record is what an exchange said: nobody edits it, so the trail does not follow it.
    """

    __tablename__ = "telephony_call"
    __audited__ = False
    __table_args__ = (UniqueConstraint("pbx_id", "linkedid"),)
    __row_rule__ = RowRule("telephony.call.read", own=("employee_id",), branch="branch_id", instead=frozenset({LISTEN}))

    pbx_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_pbx.id"))
    linkedid: Mapped[str] = mapped_column(String(150))
    direction: Mapped[str] = mapped_column(String(10))
    disposition: Mapped[str] = mapped_column(String(20))
    loss_reason: Mapped[str] = mapped_column(String(20), default="")
    out_of_hours: Mapped[bool] = mapped_column(Boolean, default=False)
    phone: Mapped[str] = mapped_column(String(60), default="")
    caller: Mapped[str] = mapped_column(String(100), default="")
    did: Mapped[str] = mapped_column(String(60), default="")
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_known: Mapped[bool] = mapped_column(Boolean, default=True)
    hung_up_by: Mapped[str] = mapped_column(String(20), default="")
    wait_ms: Mapped[int] = mapped_column(Integer, default=0)
    menu_ms: Mapped[int] = mapped_column(Integer, default=0)
    queue_ms: Mapped[int] = mapped_column(Integer, default=0)
    ring_ms: Mapped[int] = mapped_column(Integer, default=0)
    talk_ms: Mapped[int] = mapped_column(Integer, default=0)
    with_employee_ms: Mapped[int] = mapped_column(Integer, default=0)
    answered_by: Mapped[list[str]] = mapped_column(JSON, default=list)
    transfers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    made: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    employee_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    line_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("telephony_line.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"))

    contact_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contacts_inbound_contact.id"), index=True)
    contact_state: Mapped[str] = mapped_column(String(10), default=NOT_ASKED)
    contact_due_at: Mapped[datetime | None]
    contact_by_hand: Mapped[bool] = mapped_column(Boolean, default=False)
    contact_problem: Mapped[str] = mapped_column(String(300), default="")
    waits_for_call: Mapped[bool] = mapped_column(Boolean, default=False)
    reached_at: Mapped[datetime | None]
    reached_ms: Mapped[int | None] = mapped_column(Integer)
    search_key: Mapped[str] = mapped_column(Text, default="", info=SEARCHED)


Index("ix_telephony_call_started_at", Call.started_at, Call.id)
Index("ix_telephony_call_phone", Call.phone, Call.started_at)
Index("ix_telephony_call_employee", Call.employee_id, Call.started_at)
Index("ix_telephony_call_contact_due", Call.contact_state, Call.contact_due_at)
Index("ix_telephony_call_waits", Call.waits_for_call, Call.started_at)


class CallName(Base):
    """A name that the exchange, or a job of ours, has for a call: with it the call is found again (X-09).

    ``key`` stands for it where others say which call they mean (``services.live.key_of``).
    """

    __tablename__ = "telephony_call_name"

    pbx_id: Mapped[int] = mapped_column(BigId, ForeignKey("telephony_pbx.id"), primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(150), primary_key=True)
    key: Mapped[str] = mapped_column(String(40))
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_call.id", ondelete="CASCADE"), index=True)


Index("ix_telephony_call_name_key", CallName.pbx_id, CallName.key)


class CallLeg(Base):
    """One ring of one phone. ``attempt`` is the Linkedid of the attempt that it belongs to, ``place`` its order there."""

    __tablename__ = "telephony_call_leg"
    __table_args__ = (UniqueConstraint("call_id", "attempt", "place"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_call.id", ondelete="CASCADE"))
    attempt: Mapped[str] = mapped_column(String(150))
    place: Mapped[int] = mapped_column(Integer)
    ext: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    rang_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[str] = mapped_column(String(20))
    ended_by: Mapped[str] = mapped_column(String(20))
    shown: Mapped[str] = mapped_column(String(100))


class Recording(Base):
    """Where the exchange has put what was said, and for how long there was somebody to record.

    ``state`` says whether the file was found there, with ``size`` bytes; until then it is looked for at ``look_at``, at once
    where that says nothing. A doomed one is deleted, and then its row (SEC-72).
    """

    __tablename__ = "telephony_recording"
    __table_args__ = (UniqueConstraint("call_id", "path"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_call.id", ondelete="CASCADE"))
    path: Mapped[str] = mapped_column(String(1000))
    length_ms: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10), default=EXPECTED)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    look_at: Mapped[datetime | None]


Index("ix_telephony_recording_look_at", Recording.state, Recording.look_at)


class CallCheck(Record):
    """What a supervisor found when he listened: whether what was registered is what was said (S2-49).

    One for each call, who and when are its stamps; what was found before is in the trail.
    """

    __tablename__ = "telephony_call_check"

    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_call.id", ondelete="CASCADE"), unique=True)
    verdict: Mapped[str] = mapped_column(String(10))
    remark: Mapped[str] = mapped_column(String(500), default="")


class LiveCall(Base):
    """A call that is on the line now; the row goes when the call is over. Written by whoever keeps the link.

    ``key`` stands for the exchange's name of the call: it is what others say who mean this call, also when it is over.
    """

    __tablename__ = "telephony_live_call"
    __table_args__ = (UniqueConstraint("pbx_id", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pbx_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_pbx.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(40))
    direction: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    phone: Mapped[str] = mapped_column(String(60), default="")
    did: Mapped[str] = mapped_column(String(60), default="")
    channel: Mapped[str] = mapped_column(String(150), default="")
    line_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("telephony_line.id", ondelete="SET NULL"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"))
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


class LivePhone(Base):
    """A phone of the house in a call that is on the line. ``opened_at``: a page of its employee has opened the call's form."""

    __tablename__ = "telephony_live_phone"
    __table_args__ = (UniqueConstraint("call_id", "channel"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_live_call.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(150))
    ext: Mapped[str] = mapped_column(String(80))
    user_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime]
    opened_at: Mapped[datetime | None]


class CallContact(Base):
    """The contact that was registered for a call, or that a call of ours is about: known before the call is stored."""

    __tablename__ = "telephony_call_contact"

    pbx_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("telephony_pbx.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_inbound_contact.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime]


class Order(Base):
    """What somebody asks an exchange to do: given once, by whoever keeps the link, and never again after a crash.

    ``number`` is what is dialled; ``channel`` the end of a call that it is about. ``problem`` is a code of
    ``services.orders.PROBLEMS``, ``detail`` what the exchange said itself.
    """

    __tablename__ = "telephony_order"
    __table_args__ = (Index("ix_telephony_order_due", "pbx_id", "state", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    pbx_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_pbx.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    ext: Mapped[str] = mapped_column(String(80), default="")
    channel: Mapped[str] = mapped_column(String(150), default="")
    number: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(60), default="")
    problem: Mapped[str] = mapped_column(String(20), default="")
    detail: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]


Index("ix_telephony_order_user", Order.user_id, Order.created_at)


class Campaign(Base):
    """The calls for one request of a site: to who is responsible, then to the group, and then to its client (S1-25, S1-28…38).

    ``steps`` say whose phone rings for how many seconds, and how long nothing does afterwards, as the settings were when it
    began; ``step`` is how many of them have begun. ``due_at`` is when it goes on, while it does. ``source`` is the site.
    """

    __tablename__ = "telephony_campaign"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("contacts_inbound_contact.id", ondelete="CASCADE"), unique=True
    )
    pbx_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("telephony_pbx.id"))
    source: Mapped[str] = mapped_column(String(40))
    phone: Mapped[str] = mapped_column(String(20))
    shown: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(300), default="")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    step: Mapped[int] = mapped_column(Integer, default=0)
    began_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Attempt(Base):
    """One ring for a request. ``channel_id`` is our name for it, under which the exchange tells of it (X-09)."""

    __tablename__ = "telephony_attempt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("telephony_campaign.id", ondelete="CASCADE"), index=True
    )
    pbx_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_pbx.id"))
    channel_id: Mapped[str] = mapped_column(String(80), unique=True)
    ring: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(12))
    ordered_at: Mapped[datetime]
    until: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    problem: Mapped[str] = mapped_column(String(300), default="")


Index("ix_telephony_campaign_due", Campaign.state, Campaign.due_at)
Index("ix_telephony_campaign_phone", Campaign.phone, Campaign.began_at)
Index("ix_telephony_campaign_source", Campaign.source, Campaign.began_at)
Index("ix_telephony_attempt_state", Attempt.pbx_id, Attempt.state)
