"""Everything the API of one application object offers, and its addresses."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial

from werkzeug.wrappers import Response

from core.db.base import MAX_ID
from core.host.registry import Host
from core.web.api import document, records
from core.web.api.operations import MISTAKES, Operation
from core.web.api.resources import Resource, make_resource
from core.web.api.running import answered, perform
from core.web.mounted import MountedScreen
from core.web.routing import SIGNED_IN, Route

ROOT = "/api/v1"
_ID = f"<int(max={MAX_ID}):record_id>"


Address = tuple[str, tuple[str, ...]]
"""A rule, and the methods it answers."""


class Catalogue:
    """The resources made from the screens, and the operations of the addons."""

    def __init__(
        self, host: Host, screens: Iterable[MountedScreen], operations: Iterable[tuple[str, Operation]]
    ) -> None:
        self.resources: dict[str, Resource] = {mounted.key: make_resource(mounted) for mounted in screens}
        taken = {(route.rule, route.methods) for each in self.resources.values() for route in _routes(each)}
        self.operations = [each for each in operations if not self._failed(host, taken, *each)]

    def _failed(self, host: Host, taken: Collection[Address], addon: str, operation: Operation) -> bool:
        """Take an addon out of service whose operation cannot be served; ``taken`` are the screens' own addresses."""
        problem = ""
        if operation.creates and operation.creates not in self.resources:
            problem = f"operation {operation.name}: there is no screen {operation.creates!r}"
        if (_rule(addon, operation), (operation.method,)) in taken:
            problem = f"operation {operation.name}: {operation.method} {operation.path} is the screen's own"
        if problem:
            host.fail(addon, MISTAKES, problems=problem)
        return bool(problem)

    def routes(self) -> Iterator[tuple[str, Route]]:
        """All addresses with the addon each belongs to."""
        for path, name, view in (
            ("/", "index", document.show_index),
            ("/openapi.json", "openapi", document.show_openapi),
        ):
            yield "core", Route(f"{ROOT}{path}", f"api_{name}", partial(view, self), right=SIGNED_IN, api=True)
        for resource in self.resources.values():
            for route in _routes(resource):
                yield resource.screen.owner, route
        for addon, operation in self.operations:
            yield addon, self._operation_route(addon, operation)

    def _operation_route(self, addon: str, operation: Operation) -> Route:
        made = self.resources.get(operation.creates)
        view = partial(perform, operation, made.endpoint("read") if made is not None else "")
        return Route(
            _rule(addon, operation),
            f"api.{operation.name}",
            answered(view),
            (operation.method,),
            right=operation.right,
            api=True,
        )


def _rule(addon: str, operation: Operation) -> str:
    return f"{ROOT}/{addon}{operation.path.replace('{id}', _ID)}"


def _routes(resource: Resource) -> Iterator[Route]:
    allow = resource.screen.allow
    yield _route(resource, "", "list", "GET", records.show_list, "read")
    yield _route(resource, f"/{_ID}", "read", "GET", records.show, "read")
    if "create" in allow:
        yield _route(resource, "", "create", "POST", records.create, "create")
    if "change" in allow:
        yield _route(resource, f"/{_ID}", "change", "PATCH", records.change, "change")
    if "delete" in allow:
        yield _route(resource, f"/{_ID}", "delete", "DELETE", records.delete, "delete")


def _route(resource: Resource, rule: str, part: str, method: str, view: Callable[..., Response], action: str) -> Route:
    screen = resource.screen
    bound: Callable[..., Response] = partial(view, resource)
    return Route(
        f"{ROOT}/{screen.owner}/{screen.word}{rule}",
        f"{screen.word}.api_{part}",
        answered(bound),
        (method,),
        right=screen.right(action),
        api=True,
    )
