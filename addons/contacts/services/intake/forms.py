"""Forms of sites, signed or by an address list, and requests of the mobile app (S1-23…25, S1-40, S1-42, S1-43)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from addons.contacts.services.intake import signing
from addons.contacts.services.intake.adapters import Adapter, Hook, Received, fields_of, line, told, words
from core import T, looks_like_email

NAMES: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "client", "client_name", "fio", "fullname", "full_name", "имя", "фио"),
    "phone": ("phone", "tel", "telephone", "mobile", "client_phone", "phone_number", "телефон"),
    "email": ("email", "e-mail", "mail", "почта"),
    "text": ("comment", "message", "text", "question", "description", "комментарий", "сообщение"),
    "vehicle": ("vehicle", "car", "auto", "автомобиль"),
    "form": ("form", "form_name", "formname", "форма"),
    "utm_source": ("utm_source",),
    "called_line": ("called_line", "line"),
}
"""What forms of sites usually call the values that we understand; everything is told on the card under its own name."""


def read(hook: Hook) -> Iterable[Received]:
    """The one request that a form sends; its name is that of the signature."""
    yield received(hook.headers["webhook-id"], hook)


def read_unsigned(hook: Hook) -> Iterable[Received]:
    """The one request that an old form sends: it has no name of its own, so that is what it says."""
    said = json.dumps(sorted(_flat(fields_of(hook)).items()), default=str)
    yield replace(received(f"plain-{hashlib.sha256(said.encode()).hexdigest()}", hook), anew_after=SAME_FOR)


def received(key: str, hook: Hook) -> Received:
    """What a form says."""
    fields = fields_of(hook)
    found = _flat(fields)
    values = {name: next((found[each] for each in names if found.get(each)), "") for name, names in NAMES.items()}
    email = line(values["email"], 200)
    return Received(
        key=key,
        name=line(values["name"], 200),
        phone=line(values["phone"], 60),
        email=email if looks_like_email(email, longest=200) else "",
        text=words(values["text"]),
        vehicle=line(values["vehicle"], 160),
        form=line(values["form"], 120),
        utm_source=line(values["utm_source"], 60),
        called_line=line(values["called_line"], 20),
        said=told(fields),
    )


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The values by their names in small letters; sites often wrap them once."""
    inner = {name: value for each in fields.values() if isinstance(each, Mapping) for name, value in each.items()}
    both = {**inner, **{name: value for name, value in fields.items() if not isinstance(value, Mapping)}}
    return {str(name).strip().lower(): value for name, value in both.items() if not isinstance(value, (Mapping, list))}


SAME_FOR = timedelta(minutes=10)
"""For how long an old form that says the same is the same request (C-16)."""
SIGNED = "contacts.form"
UNSIGNED = "contacts.plain_form"
APP = "contacts.app"
ADAPTERS = (
    Adapter(SIGNED, T("Site form, signed"), "web", signing.verify, read),
    Adapter(UNSIGNED, T("Site form of the old kind, by address list"), "web", signing.comes_from, read_unsigned),
    Adapter(APP, T("Mobile app"), "mobile_app", signing.verify, read),
)
