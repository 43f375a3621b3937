"""Jivosite: events of its chats. It signs nothing, so the address it is given holds the secret (S1-41).

Operators answer in Jivosite itself: a chat that was answered there is told when it is over, one that nobody took at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from addons.contacts.services.intake import signing
from addons.contacts.services.intake.adapters import (
    Adapter,
    Hook,
    Received,
    Secrets,
    json_object,
    line,
    listed,
    told,
    within,
    words,
)
from addons.contacts.services.intake.telegram import moment
from core import T, looks_like_email

EVENTS = {"offline_message": "offline_message_id", "chat_finished": "chat_id"}
"""The events that tell of a client's words, and what names each of them."""


def verify(hook: Hook, known: Secrets) -> None:
    """The address that the event came to holds the secret."""
    signing.knows_secret(hook.query.get("secret", ""), known)


def read(hook: Hook) -> Iterable[Received]:
    """A message that was left, or a chat that is over; other events tell nothing new."""
    event = json_object(hook)
    kind = line(event.get("event_name"), 40)
    number = line(event.get(EVENTS.get(kind, "")), 100)
    if kind not in EVENTS or not number:
        return
    visitor = event.get("visitor") if isinstance(event.get("visitor"), Mapping) else {}
    email = line(within(visitor, "email"), 200)
    yield Received(
        key=f"{kind}-{number}",
        name=line(within(visitor, "name"), 200),
        phone=line(within(visitor, "phone"), 60),
        email=email if looks_like_email(email, longest=200) else "",
        text=words(event.get("message")) or _talk(event),
        utm_source=line(within(event, "session", "utm_json", "source"), 60),
        peer=line(within(visitor, "number") or number, 120),
        said=told(_said(event)),
        at=_began(event),
    )


def _messages(event: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return listed(within(event, "chat", "messages"))


def _talk(event: Mapping[str, Any]) -> str:
    """What the client wrote in the chat, a line a message."""
    said = (line(each.get("message")) for each in _messages(event) if each.get("type") != "agent")
    return words("\n".join(filter(None, said)))


def _began(event: Mapping[str, Any]) -> Any:
    return moment(within(_messages(event), 0, "timestamp"))


def _said(event: Mapping[str, Any]) -> dict[str, Any]:
    known = {
        "event": event.get("event_name"),
        "id": within(event, "visitor", "number"),
        "page": within(event, "page", "url"),
        "city": within(event, "session", "geoip", "city"),
        "operator": within(event, "agent", "name") or within(event, "agents", 0, "name"),
    }
    return {"messenger": "Jivosite", **{name: value for name, value in known.items() if value}}


ADAPTER = Adapter("contacts.jivosite", T("Jivosite"), "chat", verify, read, answer={"result": "ok"})
