"""Sites and messengers that send to an application, signed as each of them signs."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from addons.contacts.models import ContactGoal, IntakeSource
from addons.contacts.services.intake import signing, sources
from core.access.models import Department
from core.db.engine import WorkSession
from core.web.app import Application
from core.work.office_models import CalendarException, WorkingHours
from tests.support.dealership import Dealership

FRIDAY_NOON = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
"""12:00 in Moscow, a working hour."""
SITE = {"name": "Иван", "phone": "8 916 123-45-67", "comment": "Стучит подвеска", "form": "Запись на диагностику"}


@dataclass(slots=True)
class Clock:
    """A clock that stands until it is moved."""

    now: datetime = FRIDAY_NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        """Later by so much."""
        self.now += timedelta(**by)


def goal_of(session: WorkSession, channel: str, kind: str = "workshop") -> ContactGoal:
    """The first goal of a channel in a kind of department, else any of the channel."""
    mine = select(ContactGoal).join(Department, Department.id == ContactGoal.department_id)
    mine = mine.where(ContactGoal.channel == channel, ContactGoal.active)
    found = session.scalars(mine.where(Department.kind == kind).order_by(ContactGoal.id)).first()
    return found or session.scalars(mine.order_by(ContactGoal.id)).first() or made(session, channel)


def made(session: WorkSession, channel: str) -> ContactGoal:
    """A goal of a channel that has none."""
    like = session.scalars(select(ContactGoal).order_by(ContactGoal.id)).first()
    assert like is not None
    goal = ContactGoal(
        channel=channel, department_id=like.department_id, purpose_ru="Прочее", purpose_en="Other", norm_minutes=5
    )
    session.add(goal)
    session.flush()
    return goal


def open_always(session: WorkSession) -> None:
    """Every department works day and night, whatever its hours were."""
    for model in (WorkingHours, CalendarException):
        for each in session.scalars(select(model)):
            session.delete(each)
    session.add_all(
        WorkingHours(department_id=department, weekday=weekday, opens=0, closes=24 * 60)
        for department in session.scalars(select(Department.id))
        for weekday in range(7)
    )


def source(dealership: Dealership, adapter: str, channel: str, **more: Any) -> tuple[str, str]:
    """A source with a secret: its address and the secret."""
    with dealership.session() as session:
        found = sources.create(
            session,
            {"title": more.pop("title", adapter), "adapter": adapter, "goal_id": goal_of(session, channel).id, **more},
        )
        return found.address, sources.issue_secret(session, found)


def set_secret(dealership: Dealership, address: str, **values: str) -> None:
    """What an administrator types into the form of a source."""
    with dealership.session() as session:
        found = session.scalars(select(IntakeSource).where(IntakeSource.address == address)).one()
        sources.keep(session, found, values)


@dataclass(slots=True)
class Site:
    """A site that signs its requests."""

    app: Application
    clock: Clock
    address: str
    secret: str
    sent: int = field(default=0)

    def send(self, fields: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Send a form; ``id``, ``at``, ``secret``, ``signature`` and ``body`` can be told."""
        self.sent += 1
        body = more.pop("body", None)
        body = json.dumps(SITE if fields is None else fields).encode() if body is None else body
        key, at = more.pop("id", f"form-{self.sent}"), str(int(more.pop("at", self.clock.now).timestamp()))
        secret = more.pop("secret", self.secret)
        headers = {
            "webhook-id": key,
            "webhook-timestamp": at,
            "webhook-signature": more.pop("signature", signing.signature(secret, key, at, body)),
            "Content-Type": more.pop("content_type", "application/json"),
        }
        path = more.pop("path", f"/intake/{self.address}")
        return Client(self.app).post(path, data=body, headers=headers, **more)


def telegram(app: Application, address: str, secret: str, update: dict[str, Any]) -> TestResponse:
    """An update of a bot."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret}
    return Client(app).post(f"/intake/{address}", json=update, headers=headers)


def update(number: int, text: str, at: datetime = FRIDAY_NOON, **more: Any) -> dict[str, Any]:
    """A message to the bot."""
    sender = {"id": 777, "first_name": "Пётр", "last_name": "Ильин", "username": "ilyin"}
    message = {"message_id": number, "from": sender, "chat": {"id": 777, "type": "private"}, "text": text}
    return {"update_id": number, "message": {**message, "date": int(at.timestamp()), **more}}


def whatsapp(app: Application, address: str, secret: str, value: dict[str, Any]) -> TestResponse:
    """A notification of WhatsApp."""
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    mac = hmac.new(signing.key_of(secret), body, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={mac}", "Content-Type": "application/json"}
    return Client(app).post(f"/intake/{address}", data=body, headers=headers)


def said(name: str, text: str, at: datetime = FRIDAY_NOON) -> dict[str, Any]:
    """A message as WhatsApp tells it."""
    message = {"from": "79031112233", "id": name, "timestamp": str(int(at.timestamp())), "type": "text"}
    return {
        "metadata": {"display_phone_number": "74950000000", "phone_number_id": "55"},
        "contacts": [{"wa_id": "79031112233", "profile": {"name": "Ольга"}}],
        "messages": [{**message, "text": {"body": text}}],
    }
