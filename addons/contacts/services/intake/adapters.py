"""Kinds of sources: how each proves who it is, what its payload says, and how a message is sent back (S1-41)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

import msgspec
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from core import Forbidden, Hooks, Refusal, T, WorkSession

MOST_VALUES = 100
LONGEST_NAME, LONGEST_VALUE, LONGEST_TEXT = 100, 1_000, 4_000
DEEPEST = 5
"""How deep values within values are told one by one; what lies deeper is told as JSON."""

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

MALFORMED = T("The request is no JSON object or form that can be read.")


@dataclass(frozen=True, slots=True)
class Hook:
    """A request of a source, as it came.

    :param headers: by their names in small letters.
    :param at: when it came, by our clock.
    """

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str]
    address: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a source is known by.

    :param shared: the secrets that are good now, the present one first.
    :param networks: the addresses that it may send from, where it signs nothing.
    """

    shared: Sequence[str] = ()
    networks: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request or message of a client.

    :param key: the name that it has at the source: under it, it is taken once. 200 characters at most.
    :param peer: who writes in a messenger: what we answer goes there.
    :param said: everything that was sent, under its own names (S1-40).
    :param at: when it was written, by the source's clock; nothing where it does not say.
    :param anew_after: after how long the same name is that of another request, where the source gives none by itself.
    """

    key: str
    name: str = ""
    phone: str = ""
    email: str = ""
    text: str = ""
    vehicle: str = ""
    form: str = ""
    utm_source: str = ""
    called_line: str = ""
    peer: str = ""
    said: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    anew_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What became of a message that was sent: ``delivered``, ``read`` or ``failed``, and why."""

    external_id: str
    state: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way out: where to, and what.

    :param account: the number or name that we have in the messenger, where it needs one.
    """

    peer: str
    text: str
    token: str
    account: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A POST to another host; the body is sent as JSON."""

    url: str
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Adapter:
    """A kind of source.

    :param code: with the addon's name in front, ``parking.gate``; 40 characters at most.
    :param channel: the channel of the contacts that it makes.
    :param verify: raises ``Forbidden`` or :class:`Unsigned` unless the hook is of whoever knows the source's secrets.
    :param read: what a verified hook says; raises a ``Refusal`` for what it cannot read.
    :param send: the request that sends a letter; nothing where answers are not written here.
    :param sent: the name that the messenger has given to what was sent, of its answer; raises ``ValueError`` with its words
        where it refuses although it answers 200.
    :param answer: what the source wants to hear, where it wants something of its own.
    :param challenge: the answer to a GET by which a messenger makes sure that the address is ours.
    """

    code: str
    title: str
    channel: str
    verify: Callable[[Hook, Secrets], None]
    read: Callable[[Hook], Iterable[Received | News]]
    send: Callable[[Letter], Outgoing] | None = None
    sent: Callable[[Any], str] | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    challenge: Callable[[Mapping[str, str], Secrets], str] | None = None


class Unsigned(Refusal):
    """A hook that does not prove whose it is: 401."""

    status = 401


def adapters(hooks: Hooks) -> dict[str, Adapter]:
    """Every kind of source there is, by its code: those of contacts first (X-14)."""
    from addons.contacts.services.intake import forms, jivosite, telegram, whatsapp  # each needs this module

    own = [*forms.ADAPTERS, telegram.ADAPTER, whatsapp.ADAPTER, jivosite.ADAPTER]
    given = [adapter for _, adapter in hooks.declared("contacts_intake_adapters")]
    return {adapter.code: adapter for adapter in (*own, *given)}


def adapter_of(session: WorkSession, code: str) -> Adapter:
    """The kind of a source.

    :raises Forbidden: when its addon is off.
    """
    found = adapters(session.hooks).get(code)
    if found is None:
        raise Forbidden(T("The addon that reads this source is switched off."))
    return found


# --- reading what strangers send --------------------------------------------------------------------


def json_object(hook: Hook) -> Mapping[str, Any]:
    """The JSON object that came.

    :raises Refusal: when it is none.
    """
    try:
        found = msgspec.json.decode(hook.body)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise Refusal(MALFORMED) from error
    if not isinstance(found, dict):
        raise Refusal(MALFORMED)
    return found


def fields_of(hook: Hook) -> Mapping[str, Any]:
    """The values that a form or a JSON object holds, by their names.

    :raises Refusal: when it is neither.
    """
    kind, options = parse_options_header(hook.headers.get("content-type", ""))
    if kind not in FORMS:
        return json_object(hook)
    parser = FormDataParser(max_form_memory_size=len(hook.body), max_form_parts=MOST_VALUES, silent=False)
    try:
        _, form, _ = parser.parse(BytesIO(hook.body), kind, len(hook.body), options)
    except (ValueError, HTTPException) as error:
        raise Refusal(MALFORMED) from error
    return form.to_dict()


def within(found: Any, *path: str | int) -> Any:
    """What lies at a path of names and places in something from outside; nothing where there is no such thing."""
    for step in path:
        if isinstance(found, Mapping) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found


def listed(found: Any) -> list[Mapping[str, Any]]:
    """The objects of a list from outside."""
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def line(found: Any, longest: int = LONGEST_VALUE) -> str:
    """A value from outside as one line that can be stored anywhere (SEC-30)."""
    return " ".join(words(found, longest).split())


def words(found: Any, longest: int = LONGEST_TEXT) -> str:
    """A value from outside as a text that can be stored anywhere: line ends and tabs stay."""
    if found is None or isinstance(found, bool):
        return "" if found is None else ("true" if found else "false")
    try:
        text = found if isinstance(found, str) else str(found)
    except ValueError:  # a number of some thousand digits
        return ""
    kept = (each if each.isprintable() or each in "\n\t" else " " for each in text[: longest * 2])
    return "".join(kept).strip()[:longest]


def told(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that was sent, for the card: as many values as one can read, each cut to a readable length (S1-40)."""
    return _told(fields, [MOST_VALUES], DEEPEST)


def _told(fields: Mapping[str, Any], left: list[int], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if left[0] <= 0:
            break
        left[0] -= 1
        key = line(name, LONGEST_NAME) or "?"
        if isinstance(value, Mapping) and depth > 1:
            found[key] = _told(value, left, depth - 1)
        elif isinstance(value, (Mapping, list)):
            found[key] = words(msgspec.json.encode(value).decode(), LONGEST_VALUE)
        else:
            found[key] = words(value, LONGEST_VALUE)
    return found
