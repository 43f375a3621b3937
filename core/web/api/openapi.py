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
    screen, name = resource.screen, resource.key
    if not book.may(screen.right("read")):
        return
    path = f"{ROOT}/{screen.owner}/{screen.word}"
    book.schemas[name] = schemas.record(resource, book.access, book.say)
    book.schemas[f"{name}.list"] = schemas.record_list(f"{SCHEMA}{name}", book.say)
    shown = _content(f"{SCHEMA}{name}")
    tagged = _content(f"{SCHEMA}{name}") | {"headers": {"ETag": _header(T("The version of the record."), book)}}
    found = {"200": {"description": book.say(T("One page")), **_content(f"{SCHEMA}{name}.list")}}
    asked = schemas.list_parameters(resource, book.access, book.say)
    book.add(path, "GET", _operation(book, screen.title, name, "list", found, parameters=asked))
    found = {"200": {"description": book.say(screen.one), **tagged}}
    book.add(f"{path}/{{id}}", "GET", _operation(book, screen.one, name, "read", found, of_record=True))
    for action in ("create", "change"):
        if action in screen.allow and book.may(screen.right(action)):
            book.schemas[f"{name}.{action}"] = schemas.body(resource, action, book.access, book.say)
    if "create" in screen.allow and book.may(screen.right("create")):
        made = shown | {"headers": {"Location": _header(T("Where the record is."), book), **tagged["headers"]}}
        operation = _operation(
            book,
            T("Add: %(thing)s"),
            name,
            "create",
            {"201": {"description": book.say(screen.one), **made}},
            takes=f"{SCHEMA}{name}.create",
            example=schemas.example(resource, "create", book.access),
            parameters=[schemas.once_parameter(book.say)],
            thing=T(screen.one),
        )
        book.add(path, "POST", operation)
    if "change" in screen.allow and book.may(screen.right("change")):
        operation = _operation(
            book,
            T("Change: %(thing)s"),
            name,
            "change",
            found,
            takes=f"{SCHEMA}{name}.change",
            example=schemas.example(resource, "change", book.access),
            parameters=[schemas.version_parameter(book.say)],
            of_record=True,
            thing=T(screen.one),
        )
        book.add(f"{path}/{{id}}", "PATCH", operation)
    if "delete" in screen.allow and book.may(screen.right("delete")):
        gone = {"204": {"description": book.say(T("It is deleted."))}}
        versions = [schemas.version_parameter(book.say)]
        operation = _operation(
            book,
            T("Delete: %(thing)s"),
            name,
            "delete",
            gone,
            parameters=versions,
            of_record=True,
            thing=T(screen.one),
        )
        book.add(f"{path}/{{id}}", "DELETE", operation)
