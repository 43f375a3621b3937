"""WhatsApp: notifications of its Cloud API, signed with the app's secret (S1-41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from addons.contacts.services.intake import signing
from addons.contacts.services.intake.adapters import (
    Adapter,
    Hook,
    Letter,
    News,
    Outgoing,
    Received,
    Secrets,
    Unsigned,
    json_object,
    line,
    listed,
    told,
    within,
    words,
)
from addons.contacts.services.intake.telegram import moment
from core import T

HOST, RELEASE = "graph.facebook.com", "v21.0"
STATES = frozenset({"delivered", "read", "failed"})


def verify(hook: Hook, known: Secrets) -> None:
    """The header holds the HMAC of the body with the app's secret."""
    signing.signed_hex(hook, "x-hub-signature-256", known)


def challenge(query: Mapping[str, str], known: Secrets) -> str:
    """What WhatsApp asks when the address is set up: it knows the secret as its «verify token»."""
    if query.get("hub.mode") != "subscribe":
        raise Unsigned(signing.NOT_SIGNED)
    signing.knows_secret(query.get("hub.verify_token", ""), known)
    return line(query.get("hub.challenge"), 100)


def read(hook: Hook) -> Iterable[Received | News]:
    """The messages of people, and what became of ours."""
    for entry in listed(json_object(hook).get("entry")):
        for change in listed(entry.get("changes")):
            value = change.get("value")
            if change.get("field") == "messages" and isinstance(value, Mapping):
                yield from (_message(each, value) for each in listed(value.get("messages")) if line(each.get("id")))
                yield from (_news(each) for each in listed(value.get("statuses")) if each.get("status") in STATES)


def _message(message: Mapping[str, Any], value: Mapping[str, Any]) -> Received:
    sender = line(message.get("from"), 40)
    people = [each for each in listed(value.get("contacts")) if line(each.get("wa_id"), 40) == sender]
    kind = line(message.get("type"), 40)
    text = within(message, "text", "body") or within(message, kind, "caption") or within(message, "button", "text")
    return Received(
        key=line(message.get("id"), 200),
        name=line(within(people[0], "profile", "name"), 200) if people else "",
        phone=f"+{sender}" if sender.isdecimal() else "",
        text=words(text) or f"[{kind}]",
        peer=sender,
        said=told({"messenger": "WhatsApp", "id": sender, "number": within(value, "metadata", "display_phone_number")}),
        at=moment(message.get("timestamp")),
    )


def _news(status: Mapping[str, Any]) -> News:
    error = within(status, "errors", 0)
    problem = line(within(error, "title") or within(error, "message"), 300)
    return News(line(status.get("id"), 200), line(status.get("status"), 12), problem)


def send(letter: Letter) -> Outgoing:
    """A text message of our number."""
    body = {"messaging_product": "whatsapp", "to": letter.peer, "type": "text", "text": {"body": letter.text}}
    url = f"https://{HOST}/{RELEASE}/{quote(letter.account, safe='')}/messages"
    return Outgoing(url, body, {"Authorization": f"Bearer {letter.token}"})


def sent(answer: Any) -> str:
    """The name of the message, by which WhatsApp later tells what became of it."""
    found = line(within(answer, "messages", 0, "id"), 200)
    if not found:
        raise ValueError(line(within(answer, "error", "message")) or "no message")
    return found


ADAPTER = Adapter("contacts.whatsapp", T("WhatsApp"), "chat", verify, read, send, sent, challenge=challenge)
