"""Addresses as data: which rule leads to which view, and which right it needs (SEC-1)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, MutableMapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from werkzeug.routing import IntegerConverter, Map, Rule, ValidationError
from werkzeug.wrappers import Response

from core.db.base import MAX_ID
from core.text.msgids import T

if TYPE_CHECKING:
    from core.access.policy import Access

View = Callable[..., "Response"]

PUBLIC = "public"
"""Anybody may ask, signed in or not."""

SIGNED_IN = "signed-in"
"""Anybody who is signed in; the view shows him only what is his own."""

FORM_LIMIT = 1024 * 1024
UPLOAD_LIMIT = 20 * 1024 * 1024
"""Bytes that a form with files may have."""


class RouteError(Exception):
    """Routes that must not be served: without a right, or with a taken name or address.

    ``problems`` names every one of them, as msgids with what fills their ``%(name)s`` places.
    """

    def __init__(self, problems: Sequence[tuple[str, dict[str, str]]]) -> None:
        super().__init__("; ".join(message % values for message, values in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Route:
    """One address. ``endpoint`` gets the addon's name as prefix when the addon is registered.

    ``right`` is a right of the catalogue, :data:`PUBLIC` or :data:`SIGNED_IN`; a route without one
    fails its addon. ``body_limit`` is in bytes (SEC-31). ``signed`` marks a webhook that checks its
    own signature and therefore needs no form token (SEC-23); it is refused in JSON, as programs are. ``aside``: a form sent here is only put aside, so its
    one-time key stays good for when it is saved (SEC-48).
    """

    rule: str
    endpoint: str
    view: View
    methods: tuple[str, ...] = ("GET",)
    right: str = ""
    body_limit: int = FORM_LIMIT
    signed: bool = False
    api: bool = False
    aside: bool = False
    menu: str = ""
    """The menu item that is lit while this page is open."""


class RecordNumber(IntegerConverter):
    """A record's number in an address; what no database can hold is no record's (SEC-30)."""

    def to_python(self, value: str) -> int:
        number: int = super().to_python(value)
        if number > MAX_ID:
            raise ValidationError
        return number


class _Rule(Rule):
    """A rule whose address is compiled when it is first asked for.

    werkzeug compiles two functions for each of several hundred rules at the start, a tenth of it; few are ever built.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        return _Rule._first_with_rest if append_unknown else _Rule._first

    def _first(self, **values: Any) -> tuple[str, str]:
        self._build = super()._compile_builder(False).__get__(self, None)
        return self._build(**values)

    def _first_with_rest(self, **values: Any) -> tuple[str, str]:
        self._build_unknown = super()._compile_builder(True).__get__(self, None)
        return self._build_unknown(**values)


class Router:
    """All routes of one application object.

    ``kept`` is for a process that makes many applications of the same addons, as tests do: what was compiled for one is
    used by the next with the same rules.
    """

    kept: ClassVar[MutableMapping[Hashable, Map] | None] = None

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self._taken: dict[tuple[str, str], str] = {}
        """Whose an address is, with each of its methods: of two rules alike, werkzeug asks the first only."""
        self.map = _map(())

    def add(self, owner: str, routes: Iterable[Route], known_rights: Iterable[str]) -> None:
        """Add an owner's routes; raises ``RouteError`` naming those that are not declared properly."""
        rights = set(known_rights) | {PUBLIC, SIGNED_IN}
        prepared = [replace(route, endpoint=f"{owner}.{route.endpoint}") for route in routes]
        problems = [problem for route in prepared if (problem := self._problem(route, rights))]
        if problems:
            raise RouteError(problems)
        for route in prepared:
            self._taken |= {(route.rule, method): route.endpoint for method in route.methods}
            self.routes[route.endpoint] = route
        self._lead_to(prepared)

    def _lead_to(self, added: Sequence[Route]) -> None:
        if self.kept is None:
            for route in added:
                self.map.add(_rule(route))
            return
        rules = tuple((route.rule, route.endpoint, route.methods) for route in self.routes.values())
        if rules not in self.kept:
            self.kept[rules] = _map(self.routes.values())
        self.map = self.kept[rules]

    def _problem(self, route: Route, rights: Collection[str]) -> tuple[str, dict[str, str]] | None:
        about = {"endpoint": route.endpoint, "rule": route.rule, "right": route.right}
        if not route.right:
            return T("Its address «%(rule)s» (%(endpoint)s) asks for no right."), about
        if route.right not in rights:
            return T(
                "Its address «%(rule)s» (%(endpoint)s) asks for the right «%(right)s», which nobody declares."
            ), about
        if route.endpoint in self.routes:
            return T("It declares the address %(endpoint)s twice."), about
        taken = [self._taken[route.rule, method] for method in route.methods if (route.rule, method) in self._taken]
        if taken:
            about["other"] = taken[0]
            return T("Its address «%(rule)s» (%(endpoint)s) is taken by %(other)s."), about
        return None

    def open_to(self, access: Access, endpoint: str) -> bool:
        """Whether there is such an endpoint, and this person has the right that its route asks for."""
        route = self.routes.get(endpoint)
        return route is not None and (route.right in (PUBLIC, SIGNED_IN) or access.may(route.right))

    def is_page(self, path: str) -> bool:
        """Whether a browser can go to this path, as it cannot to one that only takes forms."""
        return self.map.bind("").test(path, "GET")


def _map(routes: Iterable[Route]) -> Map:
    return Map([_rule(route) for route in routes], strict_slashes=False, converters={"int": RecordNumber})


def _rule(route: Route) -> Rule:
    return _Rule(route.rule, endpoint=route.endpoint, methods=route.methods)


def endpoint_owner(endpoint: str) -> str:
    """The addon (or ``core``) that an endpoint belongs to."""
    return endpoint.partition(".")[0]
