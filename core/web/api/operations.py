"""What programs may do besides reading and writing records, declared by addons as data."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from core.host.registry import RAISED, Host, named
from core.text.msgids import T

if TYPE_CHECKING:
    from core.db.engine import WorkSession

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PATH = re.compile(r"(/[a-z0-9_-]+|/\{id\})+")
_METHODS = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One step of work that is more than storing a record: taking a contact, moving a deal.

    ``path`` stands below ``/api/v1/<addon>`` and may hold ``{id}`` once. ``run(session, id, body)`` is called without
    what the declaration has not; it is the addon's service, so guards and refusals are the same as on the page.
    ``show(session, result)`` makes the answer out of what ``run`` returned. ``creates`` names the screen of the record
    that is made: the answer is then 201 and says where it is. With ``find(session, id)`` the operation can be sent
    twice under one ``Idempotency-Key``; ``id`` is then the result's. Every way of changing needs a token.
    """

    name: str
    title: str
    path: str
    right: str
    run: Callable[..., Any]
    show: Callable[[WorkSession, Any], msgspec.Struct]
    gives: type[msgspec.Struct]
    takes: type[msgspec.Struct] | None = None
    method: str = "POST"
    find: Callable[[WorkSession, int], Any] | None = None
    creates: str = ""
    description: str = ""

    @property
    def of_record(self) -> bool:
        """Whether it is done to one record, named in the path."""
        return "{id}" in self.path

    def problems(self) -> Iterator[str]:
        """Everything wrong with the declaration."""
        if not _NAME.fullmatch(self.name):
            yield f"the name {self.name!r} is no identifier"
        if not _PATH.fullmatch(self.path) or self.path.count("{id}") > 1:
            yield f"the path {self.path!r} is not like /things/{{id}}/step"
        if self.method not in _METHODS:
            yield f"the method {self.method!r} does not change anything"
        if self.creates and self.find is None:
            yield "what creates something needs find, so that it can be sent twice"
        wanted = 1 + self.of_record + (self.takes is not None)
        if not _callable_with(self.run, wanted):
            yield f"run does not take {wanted} arguments"


def _callable_with(function: Callable[..., Any], number: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * number)
    except (TypeError, ValueError):
        return False
    return True


MISTAKES = T("It declares its API operations wrongly: %(problems)s")


def gather(host: Host) -> list[tuple[str, Operation]]:
    """The operations of the running addons with the addon each belongs to; a wrong one fails its addon."""
    found: list[tuple[str, Operation]] = []
    for addon, _ in list(host.hooks.implementations("api_operations")):
        try:
            operations: list[Any] = host.hooks.ask(addon, "api_operations")
            problems = list(_problems(operations))
        except (Exception, SystemExit) as error:
            host.fail(addon, RAISED, traceback.format_exc(), hook="api_operations", error=named(error))
            continue
        if problems:
            host.fail(addon, MISTAKES, problems="; ".join(problems))
        else:
            found += [(addon, operation) for operation in operations]
    return [(addon, operation) for addon, operation in found if addon in host.running]


def _problems(operations: list[Any]) -> Iterator[str]:
    names: set[str] = set()
    for operation in operations:
        if not isinstance(operation, Operation):
            yield f"api_operations: {operation!r} is no Operation"
            continue
        if operation.name in names:
            yield f"operation {operation.name}: declared twice"
        names.add(operation.name)
        yield from (f"operation {operation.name}: {problem}" for problem in operation.problems())
