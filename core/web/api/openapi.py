"""The specification in OpenAPI 3.1, made from the same declarations as the addresses themselves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from core import __version__
from core.access.policy import Access
from core.web.api import schemas
from core.web.api.operations import Operation
from core.web.api.resources import Resource
from core.web.i18n import T, Translator

Json = dict[str, Any]
ROOT = "/api/v1"
SCHEMA = "#/components/schemas/"


@dataclass
class Book:
    """A specification being written for one reader."""

    access: Access
    say: Translator
    everything: bool
    paths: dict[str, Json] = field(default_factory=dict)
    schemas: Json = field(default_factory=dict)

    def may(self, right: str) -> bool:
        """Whether an operation is in it."""
        return self.everything or self.access.may(right)

    def add(self, path: str, method: str, operation: Json) -> None:
        """Write one operation down."""
        self.paths.setdefault(path, {})[method.lower()] = operation


def specification(
    resources: Iterable[Resource],
    operations: Iterable[tuple[str, Operation]],
    access: Access,
    say: Translator,
    *,
    server: str,
    everything: bool = False,
) -> Json:
    """The whole specification in the reader's language.

    :param everything: also what the reader has no right to do; what he may not see stays out all the same.
    """
    book = Book(access, say, everything)
    book.schemas["Problem"] = schemas.problem(say)
    for resource in resources:
        _write_resource(book, resource)
    for addon, operation in operations:
        _write_operation(book, addon, operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Forecourt", "version": __version__, "description": say(_ABOUT)},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": dict(sorted(book.paths.items())),
        "components": {
            "schemas": dict(sorted(book.schemas.items())),
            "responses": _responses(say),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": say(_TOKEN)}},
        },
    }


_ABOUT = T(
    "Money is in whole kopecks, moments are in UTC, phones are E.164. Lists are read page by page by the addresses "
    "“next” and “previous”. A change says which version it was made from. Refusals are RFC 9457 problems."
)
_TOKEN = T("A token of a person (fct_…): the program may do what that person may.")


# --- records ----------------------------------------------------------------------------------


def _write_resource(book: Book, resource: Resource) -> None:
    """The addresses of one screen's records."""
    screen = resource.screen
    if not book.may(screen.right("read")):
        return
    book.schemas[resource.key] = schemas.record(resource, book.access, book.say)
    book.schemas[f"{resource.key}.list"] = schemas.record_list(f"{SCHEMA}{resource.key}", book.say)
    _write_reading(book, resource)
    for action, write in (("create", _write_create), ("change", _write_change), ("delete", _write_delete)):
        if action in screen.allow and book.may(screen.right(action)):
            write(book, resource)


def _write_reading(book: Book, resource: Resource) -> None:
    screen, path = resource.screen, _path(resource)
    page = {"200": {"description": book.say(T("One page")), "content": _content(f"{SCHEMA}{resource.key}.list")}}
    parameters = schemas.list_parameters(resource, book.access, book.say)
    book.add(path, "GET", _record_step(resource, "list", book.say(screen.title), page, parameters))
    step = _record_step(resource, "read", book.say(screen.one), _shown(book, resource), [schemas.ID])
    book.add(f"{path}/{{id}}", "GET", step)


def _write_create(book: Book, resource: Resource) -> None:
    title = book.say(T("Add: %(thing)s"), thing=T(resource.screen.one))
    shown = _shown(book, resource, "201")
    shown["201"]["headers"]["Location"] = schemas.header(book.say(T("Where the record is.")))
    step = _record_step(
        resource, "create", title, shown, [schemas.once_parameter(book.say), schemas.confirming_parameter(book.say)]
    )
    book.add(_path(resource), "POST", step | _record_body(book, resource, "create"))


def _write_change(book: Book, resource: Resource) -> None:
    title = book.say(T("Change: %(thing)s"), thing=T(resource.screen.one))
    parameters = [schemas.ID, schemas.version_parameter(book.say), schemas.confirming_parameter(book.say)]
    found = _shown(book, resource) | {"428": {"$ref": "#/components/responses/428"}}
    step = _record_step(resource, "change", title, found, parameters)
    book.add(f"{_path(resource)}/{{id}}", "PATCH", step | _record_body(book, resource, "change"))


def _write_delete(book: Book, resource: Resource) -> None:
    title = book.say(T("Delete: %(thing)s"), thing=T(resource.screen.one))
    gone = {"204": {"description": book.say(T("It is deleted."))}, "428": {"$ref": "#/components/responses/428"}}
    parameters = [schemas.ID, schemas.version_parameter(book.say, required=True)]
    book.add(f"{_path(resource)}/{{id}}", "DELETE", _record_step(resource, "delete", title, gone, parameters))


def _path(resource: Resource) -> str:
    return f"{ROOT}/{resource.screen.owner}/{resource.screen.word}"


def _record_step(resource: Resource, part: str, title: str, found: Json, parameters: list[Json]) -> Json:
    right = resource.screen.right("read" if part == "list" else part)
    return _step(f"{resource.key}.{part}", resource.screen.owner, title, right, found, parameters)


def _record_body(book: Book, resource: Resource, action: str) -> Json:
    name = f"{resource.key}.{action}"
    book.schemas[name] = schemas.body(resource, action, book.access, book.say)
    return _request(f"{SCHEMA}{name}", schemas.example(resource, action, book.access))


def _shown(book: Book, resource: Resource, status: str = "200") -> Json:
    return {
        status: {
            "description": book.say(resource.screen.one),
            "headers": {"ETag": schemas.header(book.say(T("The version of the record.")))},
            "content": _content(f"{SCHEMA}{resource.key}"),
        }
    }


# --- operations -------------------------------------------------------------------------------


def _write_operation(book: Book, addon: str, operation: Operation) -> None:
    """The address of one declared operation."""
    if not book.may(operation.right):
        return
    answer = _struct(book, addon, operation.gives)
    status = "201" if operation.creates else "200"
    found = {status: {"description": book.say(operation.title), "content": _content(answer)}}
    parameters = [schemas.ID] if operation.of_record else []
    if operation.find is not None:
        parameters.append(schemas.once_parameter(book.say))
    name = f"{addon}.{operation.name}"
    step = _step(name, addon, book.say(operation.title), operation.right, found, parameters)
    if operation.description:
        step["description"] = book.say(operation.description)
    if operation.takes is not None:
        step |= _request(_struct(book, addon, operation.takes), schemas.struct_example(operation.takes))
    book.add(f"{ROOT}/{addon}{operation.path}", operation.method, step)


def _struct(book: Book, addon: str, kind: type[msgspec.Struct]) -> str:
    """Write a struct's schema down under its addon's name, and say where it is."""
    prefix = f"{SCHEMA}{addon}."
    _, found = msgspec.json.schema_components([kind], ref_template=prefix + "{name}")
    for name, schema in found.items():
        # What stands over the class is for its readers, not for the callers.
        shown = {key: value for key, value in schema.items() if key != "description"}
        book.schemas[f"{addon}.{name}"] = schemas.translated(shown, book.say)
    return f"{prefix}{kind.__name__}"


# --- shared -----------------------------------------------------------------------------------


def _step(name: str, tag: str, title: str, right: str, found: Json, parameters: list[Json]) -> Json:
    """One operation with the refusals that all of them share."""
    refusals = {code: {"$ref": f"#/components/responses/{code}"} for code in _REFUSALS if code != "428"}
    return {
        "operationId": name,
        "tags": [tag],
        "summary": title,
        "x-right": right,
        "parameters": parameters,
        "responses": found | refusals,
    }


def _request(schema: str, example: Json) -> Json:
    content = {"application/json": {"schema": {"$ref": schema}, "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def _content(schema: str) -> Json:
    return {"application/json": {"schema": {"$ref": schema}}}


_REFUSALS = {
    "400": T("The request is not understood"),
    "401": T("Sign in"),
    "403": T("You have no right to do this"),
    "404": T("Nothing is here"),
    "409": T("Somebody was faster"),
    "422": T("Check what you entered"),
    "428": T("Say which version you mean: If-Match or version."),
    "429": T("Too many tries"),
}


def _responses(say: Translator) -> Json:
    content = {"application/problem+json": {"schema": {"$ref": f"{SCHEMA}Problem"}}}
    found: Json = {code: {"description": say(text), "content": content} for code, text in _REFUSALS.items()}
    found["429"]["headers"] = {"Retry-After": {"schema": {"type": "integer"}}}
    return found
