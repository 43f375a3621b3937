"""JSON Schemas of records, bodies and arguments, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Boolean, Date, Integer, Numeric, String, TypeDecorator
from sqlalchemy.types import TypeEngine

from core.access.policy import Access
from core.db.base import MAX_ID
from core.db.types import Money, UtcDateTime
from core.web.api.inputs import Input
from core.web.api.outputs import Output
from core.web.api.resources import Resource
from core.web.i18n import T, Translator
from core.web.listing.filters import ChoiceFilter, ConditionFilter, Filter
from core.web.listing.language import variants
from core.web.listing.page import MAX_SIZE
from core.web.listing.state import sortable, usable_filters
from core.web.screens import Choice

Json = dict[str, Any]
ID: Json = {
    "name": "id",
    "in": "path",
    "required": True,
    "schema": {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID},
}
_TYPES: tuple[tuple[Any, Json], ...] = (
    (UtcDateTime, {"type": "string", "format": "date-time"}),
    (Date, {"type": "string", "format": "date"}),
    (Boolean, {"type": "boolean"}),
    (Integer, {"type": "integer"}),
    (Numeric, {"type": "number"}),
    (String, {"type": "string"}),
)
_WORDS = {
    "money": T("whole kopecks"),
    "phone": T("E.164, any spelling is read"),
    "lookup": T("the number of a record"),
}


# --- what is shown ----------------------------------------------------------------------------


def record(resource: Resource, access: Access, say: Translator) -> Json:
    """A record; in lists it has the properties that were asked for."""
    properties: Json = {"id": {"type": "integer", "format": "int64"}}
    properties |= {name: _property(each, say) for name, each in resource.usable(access).items()}
    for name, (section, parts) in resource.inputs.usable_sections(access).items():
        inner = {key: {"description": say(each.declared.label)} for key, each in parts.items()}
        properties[name] = {"type": "object", "title": say(section.title), "properties": inner}
    return {"type": "object", "title": say(resource.screen.one), "properties": properties, "required": ["id"]}


def record_list(item: str, say: Translator) -> Json:
    """One page of records."""
    address = {"type": ["string", "null"]}
    return {
        "type": "object",
        "required": ["items", "next", "previous"],
        "properties": {
            "items": {"type": "array", "items": {"$ref": item}},
            "next": address | {"description": say(T("The address of the next page, if there is one."))},
            "previous": address | {"description": say(T("The address of the page before, if there is one."))},
            "count": {"type": "integer", "description": say(T("The number of rows, with “count=1”, up to 1,000."))},
            "count_capped": {"type": "boolean", "description": say(T("Whether there are more than were counted."))},
            "unavailable": {
                "type": "array",
                "items": {"type": "string"},
                "description": say(T("Addons that could not give their values.")),
            },
        },
    }


def _property(output: Output, say: Translator) -> Json:
    column = output.column
    drawn: Json = {"type": "string"}
    found = _shown_type(column.expression, column.kind) if column.told_as_stored else drawn
    return found | _described(say(column.label or column.title), _meaning(column.kind, column.choices, say))


def _shown_type(expression: Any, kind: str) -> Json:
    """The JSON type of what a column holds; an addon's may be anything."""
    for variant in variants(expression):
        kept: TypeEngine[Any] = variant.type  # type: ignore[attr-defined]
        for known, schema in _TYPES:
            if isinstance(_plain(kept), known):
                extra = {"format": "int64"} if kind == "money" or isinstance(kept, Money) else {}
                return {**schema, **extra, "type": [schema["type"], "null"]}
    return {}


def _plain(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type that a decorated one is stored as, except moments, which have a meaning of their own."""
    if isinstance(kind, TypeDecorator) and not isinstance(kind, UtcDateTime):
        return kind.impl_instance
    return kind


def _meaning(kind: str, choices: Iterable[Choice], say: Translator) -> str:
    if kind in _WORDS:
        return say(_WORDS[kind])
    return ", ".join(f"{choice.value} — {say(choice.label)}" for choice in choices)


def _described(title: str, meaning: str) -> Json:
    return {"title": title} | ({"description": meaning} if meaning else {})


# --- what is sent -----------------------------------------------------------------------------


def body(resource: Resource, action: str, access: Access, say: Translator) -> Json:
    """The body of adding or changing; changing needs nothing but what changes."""
    own = resource.inputs.usable(action, access)
    found = _group(own, say, required=action == "create")
    for name, (section, parts) in resource.inputs.usable_sections(access).items():
        found["properties"][name] = _group(parts, say, required=False) | {"title": say(section.title)}
    if action == "change":
        words = say(T("The version the change was made from, unless If-Match says it."))
        found["properties"]["version"] = {"type": "integer", "description": words}
    return found


def _group(inputs: dict[str, Input], say: Translator, *, required: bool) -> Json:
    needed = [name for name, each in inputs.items() if each.required and each.blank in (None, "")]
    found: Json = {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _input(each, say) for name, each in inputs.items()},
    }
    return found | ({"required": needed} if required and needed else {})


def _input(each: Input, say: Translator) -> Json:
    schema = msgspec.json.schema(each.type)
    if each.nullable and not each.required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    meaning = [_meaning(each.kind, each.declared.choices, say), say(each.declared.hint)]
    found = schema | _described(say(each.declared.label), ". ".join(filter(None, meaning)))
    return found | ({"default": each.declared.default} if each.declared.default is not None else {})


def example(resource: Resource, action: str, access: Access) -> Json:
    """A body as it may look."""
    inputs = resource.inputs.usable(action, access)
    wanted = {name: each for name, each in inputs.items() if each.required} or dict(list(inputs.items())[:3])
    found = {name: each.example for name, each in wanted.items()}
    return found | ({"version": 3} if action == "change" else {})


def struct_example(kind: type[msgspec.Struct]) -> Json:
    """A body of an operation as it may look: the examples of its fields."""
    schemas = msgspec.json.schema_components([kind])[1]
    properties = schemas[kind.__name__]["properties"]
    return {name: each["examples"][0] for name, each in properties.items() if each.get("examples")}


def translated(schema: Any, say: Translator) -> Any:
    """A schema with its words in the reader's language."""
    if isinstance(schema, dict):
        return {
            key: say(value) if key in ("title", "description") and isinstance(value, str) else translated(value, say)
            for key, value in schema.items()
        }
    return [translated(each, say) for each in schema] if isinstance(schema, (list, tuple)) else schema


# --- arguments --------------------------------------------------------------------------------


def list_parameters(resource: Resource, access: Access, say: Translator) -> list[Json]:
    """What the address of a list may hold."""
    mounted = resource.mounted
    found = [_filter(each, say) for each in usable_filters(mounted, access)]
    if resource.screen.search is not None:
        found.append(_argument("q", say(T("Search as in the list's own search box"))))
    names = [column.name for column in sortable(mounted, access)]
    orders = [sign + name for name in names for sign in ("", "-")]
    found.append(_argument("sort", say(T("The order of the rows; a minus turns it round")), enum=orders))
    found.append(_argument("fields", say(T("Properties to show, with commas; without it the usual ones"))))
    found.append(_argument("limit", say(T("Rows on a page")), type="integer", minimum=1, maximum=MAX_SIZE))
    found.append(_argument("count", say(T("Count the rows, up to 1,000")), enum=["0", "1"]))
    found.append(_argument("after", say(T("Where the page begins; taken from “next”"))))
    found.append(_argument("before", say(T("Where the page ends; taken from “previous”"))))
    return found


def _filter(each: Filter, say: Translator) -> Json:
    schema: Json = {"type": "string"}
    if isinstance(each, (ChoiceFilter, ConditionFilter)):
        schema = {"type": "string", "enum": [str(choice.value) for choice in each.choices]}
    several = each.control == "choice"
    return {
        "name": each.name,
        "in": "query",
        "description": ". ".join(filter(None, [say(each.label), say(_WAYS.get(each.control, ""))])),
        "schema": {"type": "array", "items": schema} if several else schema,
    }


_WAYS = {
    "choice": T("May be given several times"),
    "period": T("today, yesterday, week, month, or 2026-11-14..2026-11-20 with either end left out"),
    "range": T("10..20 with either end left out"),
    "flag": T("1 or 0"),
}


def _argument(name: str, words: str, **schema: Any) -> Json:
    return {"name": name, "in": "query", "description": words, "schema": {"type": "string", **schema}}


def once_parameter(say: Translator) -> Json:
    """The header that makes a request happen once."""
    words = T("Any text of your own for this request: sent again with it, it gives the first result.")
    schema = {"type": "string", "maxLength": 255}
    return {"name": "Idempotency-Key", "in": "header", "description": say(words), "schema": schema}


def confirming_parameter(say: Translator) -> Json:
    """The header that says which doubts have been looked at."""
    words = T("The keys of the doubts that were looked at, with spaces: a refusal with doubts says them.")
    return {"name": "Confirmed", "in": "header", "description": say(words), "schema": {"type": "string"}}


def version_parameter(say: Translator, *, required: bool = False) -> Json:
    """The header that says which version a change or deletion was made from; a change may say it in its body."""
    words = T("The ETag of the version the change or deletion was made from.")
    schema = {"type": "string", "examples": ['"3"']}
    return {"name": "If-Match", "in": "header", "required": required, "description": say(words), "schema": schema}


def header(words: str) -> Json:
    """A header of an answer."""
    return {"description": words, "schema": {"type": "string"}}


def problem(say: Translator) -> Json:
    """A refusal (RFC 9457)."""
    texts = {"type": "array", "items": {"type": "string"}}
    return {
        "type": "object",
        "title": say(T("A refusal")),
        "required": ["title", "status", "detail"],
        "properties": {
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": say(T("What is wrong, for people."))},
            "errors": {
                "type": "object",
                "additionalProperties": texts,
                "description": say(T("What is wrong, by field.")),
            },
            "doubts": {
                "type": "array",
                "items": {"type": "object", "properties": {"key": {"type": "string"}, "title": {"type": "string"}}},
                "description": say(T("What to look at first; confirmed by the header “Confirmed”.")),
            },
            "incident": {"type": "string", "description": say(T("The number to tell the administrator."))},
            "sent": {"type": "object", "description": say(T("Of two versions, what you sent."))},
            "stored": {"type": "object", "description": say(T("Of two versions, what is stored."))},
        },
    }
