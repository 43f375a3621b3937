"""Telegram: a bot's updates, which carry the secret that the webhook was set with (S1-41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from addons.contacts.services.intake import signing
from addons.contacts.services.intake.adapters import (
    Adapter,
    Hook,
    Letter,
    Outgoing,
    Received,
    Secrets,
    json_object,
    line,
    told,
    within,
    words,
)
from core import T

HOST = "api.telegram.org"


def verify(hook: Hook, known: Secrets) -> None:
    """The header holds the secret itself."""
    signing.knows_secret(hook.headers.get("x-telegram-bot-api-secret-token", ""), known)


def read(hook: Hook) -> Iterable[Received]:
    """A message of a person to the bot; what happens in groups, and what is no message, is none of ours."""
    update = json_object(hook)
    message, number = update.get("message"), update.get("update_id")
    if (
        not isinstance(message, Mapping)
        or not isinstance(number, int)
        or number.bit_length() > 63
        or within(message, "chat", "type") != "private"
    ):
        return
    sender = within(message, "from") or {}
    name = line(" ".join(line(within(sender, part)) for part in ("first_name", "last_name")), 200)
    yield Received(
        key=f"update-{number}",
        name=name or line(within(sender, "username"), 200),
        phone=_own_phone(message),
        text=words(message.get("text") or message.get("caption")) or _kind(message),
        peer=line(within(message, "chat", "id"), 120),
        said=told({"messenger": "Telegram", "id": within(sender, "id"), "username": within(sender, "username")}),
        at=moment(message.get("date")),
    )


def _own_phone(message: Mapping[str, Any]) -> str:
    """The number that the sender has shared of himself, and not that of somebody else."""
    contact = message.get("contact")
    if within(contact, "user_id") != within(message, "from", "id") or contact is None:
        return ""
    number = line(within(contact, "phone_number"), 60)
    return number if number.startswith("+") or not number else f"+{number}"


def _kind(message: Mapping[str, Any]) -> str:
    """What came instead of words: ``[photo]``."""
    kinds = ("photo", "voice", "video", "document", "contact", "location", "sticker")
    return next((f"[{kind}]" for kind in kinds if kind in message), "")


def moment(seconds: Any) -> datetime | None:
    """A moment that a messenger tells in seconds since 1970, also as text."""
    text = line(seconds, 20)
    if not (text.isascii() and text.isdecimal() and len(text) <= 11):
        return None
    return datetime.fromtimestamp(int(text), UTC)


def send(letter: Letter) -> Outgoing:
    """``sendMessage`` of the bot."""
    url = f"https://{HOST}/bot{letter.token}/sendMessage"
    return Outgoing(url, {"chat_id": letter.peer, "text": letter.text})


def sent(answer: Any) -> str:
    """The number of the message."""
    if within(answer, "ok") is not True:
        raise ValueError(line(within(answer, "description")) or "not ok")
    return line(within(answer, "result", "message_id"))


ADAPTER = Adapter("contacts.telegram", T("Telegram"), "chat", verify, read, send, sent)
