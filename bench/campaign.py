"""One campaign of auto-dial at its full length: whoever is responsible rings, then the group three times, then the client."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer, CustomerPhone, InboundContact
from addons.contacts.services.intake import sources
from addons.contacts.services.registration import NewContact, Way, register
from addons.telephony.models import Attempt, Call, Campaign, Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.autodial import campaigns
from bench.exchange import Exchange
from bench.instances import Prepared
from bench.linking import links_kept
from core.access.models import User
from core.db.engine import WorkSession
from core.host import instance, registry
from tests.contacts.hooks import open_always
from tests.telephony.manager import SECRET, written

ANSWERS, ANNOUNCEMENT, TALK = 10.0, 5.0, 5.0
"""Seconds until the last ring is answered, of the announcement, and of the talk with the client."""
LONGEST = 260.0
PHONE = "203"
"""Who answers in the end."""


class _Site(Exchange):
    """Rings what it is told to, in vain until the last ring."""

    def __init__(self, rings: int) -> None:
        super().__init__()
        self.asked: list[tuple[float, Message]] = []
        self._rings = rings

    def answers(self, asked: Message) -> list[Mapping[str, Any]]:
        """Orders are carried out."""
        if asked.get("Action") != "Originate":
            return super().answers(asked)
        self.asked.append((time.time(), asked))
        last = len(self.asked) == self._rings
        threading.Thread(target=self._ring, args=(asked, len(self.asked), last), daemon=True).start()
        return [{"Response": "Success", "Message": "Originate successfully queued"}]

    def _ring(self, asked: Message, number: int, last: bool) -> None:
        name, client = asked["ChannelId"], asked["Exten"]
        whole = int(time.time())
        call = {"Linkedid": name}
        local = {"Channel": f"Local/600@callback-group-{number:08x};1", "Uniqueid": name, **call, "CallerIDNum": client}
        phone = {
            "Channel": f"PJSIP/{PHONE}-{number:08x}",
            "Uniqueid": f"{whole}.{number}1",
            **call,
            "CallerIDNum": PHONE,
        }
        trunk = {
            "Channel": f"PJSIP/trunk-{number:08x}",
            "Uniqueid": f"{whole}.{number}2",
            **call,
            "CallerIDNum": client,
        }
        bridge = {"BridgeUniqueid": f"bridge-{number}"}
        self._say("Newchannel", local, ChannelState="0")
        self._say("Newchannel", phone, ChannelState="0")
        self._say("Newstate", phone, ChannelState="5")
        time.sleep(ANSWERS if last else int(asked["Timeout"]) / 1000)
        if last:
            self._say("Newstate", phone, ChannelState="6")
            self._say("OriginateResponse", {"ActionID": name}, Response="Success", Reason="4")
            time.sleep(ANNOUNCEMENT)
            self._say("Newchannel", trunk, ChannelState="0")
            self._say("Newstate", trunk, ChannelState="6")
            self._say("BridgeEnter", trunk, **bridge)
            self._say("BridgeEnter", phone, **bridge)
            time.sleep(TALK)
            self._say("Hangup", trunk, Cause="16")
        self._say("Hangup", phone, Cause="16" if last else "26")
        self._say("Hangup", local, Cause="16")
        if not last:
            self._say("OriginateResponse", {"ActionID": name}, Response="Failure", Reason="3")

    def _say(self, event: str, about: Mapping[str, Any], **more: str) -> None:
        self.tell(written({"Event": event, "Timestamp": f"{time.time():.6f}", **about, **more}))


def measure(prepared: Prepared[Any]) -> dict[str, Any]:
    """How late each ring began, and what came of it."""
    host = registry.start(instance.enabled(prepared.config), registry.discover(), strict=True)
    exchange = _Site(rings=4)
    with instance.open_database(prepared.config, host) as database:
        with instance.working(prepared.config, host, "benchmark") as session:
            _link_to(session, exchange.port)
            open_always(session)
        with links_kept(prepared.config):
            exchange.linked.wait(60)
            with instance.working(prepared.config, host, "benchmark") as session:
                campaign_id = _begin(session)
            until = time.monotonic() + LONGEST
            while time.monotonic() < until:
                time.sleep(1.0)
                with instance.working(prepared.config, host, "benchmark") as session:
                    if session.scalar(
                        select(Call.id).where(Call.disposition == "answered", Call.contact_id.is_not(None))
                    ):
                        return _found(session, campaign_id, exchange)
        del database
    raise TimeoutError("the campaign has not come to its end")


def _link_to(session: WorkSession, port: int) -> None:
    pbx = Pbx(name="site", host="127.0.0.1", port=port, account="forecourt")
    session.add(pbx)
    session.flush()
    exchanges.set_secret(session, pbx, SECRET)


def _begin(session: WorkSession) -> int:
    """A request of a client who has somebody responsible for him."""
    phone = session.scalars(select(CustomerPhone).order_by(CustomerPhone.id).limit(1)).one()
    session.get_one(Customer, phone.customer_id).responsible_id = session.scalar(
        select(User.id).where(User.extension == "201")
    )
    goal = session.scalars(
        select(ContactGoal).where(ContactGoal.channel == "web").order_by(ContactGoal.id).limit(1)
    ).one()
    source = sources.create(
        session, {"title": "Сайт", "adapter": "contacts.form", "goal_id": goal.id, "call_at_once": True}
    )
    told = NewContact(
        channel="web", goal_id=goal.id, way=Way.REGISTER, customer_id=phone.customer_id, phone=phone.e164, recorded=True
    )
    contact = register(session, told)
    contact.responsible_id = None
    session.flush()
    if campaigns.begin(session, contact, source) is None:
        raise RuntimeError(session.scalars(select(Campaign.reason)).one())
    return session.scalars(select(Campaign.id)).one()


def _found(session: WorkSession, campaign_id: int, exchange: _Site) -> dict[str, Any]:
    campaign = session.get_one(Campaign, campaign_id)
    attempts = session.scalars(select(Attempt).order_by(Attempt.id)).all()
    contact = session.get_one(InboundContact, campaign.contact_id)
    calls = session.scalars(select(Call)).all()
    began = campaign.began_at.timestamp()
    starts = [at - began for at, _ in exchange.asked]
    late = [at - attempt.ordered_at.timestamp() for (at, _), attempt in zip(exchange.asked, attempts, strict=True)]
    who = session.scalar(select(User.id).where(User.extension == PHONE))
    return {
        "starts": [round(each, 2) for each in starts],
        "rings": [attempt.ring for attempt in attempts],
        "ordered_to_asked_ms": [round(each * 1000) for each in late],
        "state": campaign.state,
        "took": (datetime.now(UTC) - campaign.began_at).total_seconds(),
        "contact_is_his": contact.responsible_id == who,
        "calls": len(calls),
        "call_is_the_request_s": [call.contact_id == contact.id for call in calls],
    }
