"""What the API tells about itself: an index, and OpenAPI 3.1 for what the caller may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

from core.web.api.answers import answer
from core.web.api.openapi import specification
from core.web.api.operations import Operation
from core.web.api.resources import Resource

if TYPE_CHECKING:
    from core.access.policy import Access
    from core.web.api.catalogue import Catalogue
    from core.web.http import Request

DESCRIPTION = "core.api.read"
"""The right to see the whole description."""


def show_index(catalogue: Catalogue, request: Request) -> Response:
    """Who asks, and which lists he may read."""
    access, say = request.access, request.translate
    return answer(
        {
            "version": "1",
            "openapi": request.url("core.api_openapi"),
            "user": {"id": access.user_id, "login": access.login, "name": access.name, "time_zone": access.time_zone},
            "resources": [
                {
                    "name": each.key,
                    "title": say(each.screen.title),
                    "url": request.url(each.endpoint("list")),
                    "may": list(_may(each, access)),
                }
                for each in served(catalogue, request)
                if access.may(each.screen.right("read"))
            ],
        }
    )


def _may(resource: Resource, access: Access) -> Iterator[str]:
    yield "read"
    for action in ("create", "change", "delete"):
        if action in resource.screen.allow and access.may(resource.screen.right(action)):
            yield action


def served(catalogue: Catalogue, request: Request) -> list[Resource]:
    """The resources whose addresses are in service."""
    routes = request.app.router.routes
    return [each for each in catalogue.resources.values() if each.endpoint("list") in routes]


def served_operations(catalogue: Catalogue, request: Request) -> list[tuple[str, Operation]]:
    """The operations whose addresses are in service, with their addons."""
    routes = request.app.router.routes
    return [(addon, each) for addon, each in catalogue.operations if f"{addon}.api.{each.name}" in routes]


def show_openapi(catalogue: Catalogue, request: Request) -> Response:
    """The specification of what this caller may do; with ``all=1`` and the right to it also of what others may.

    Properties he may not see are in neither (SEC-4).
    """
    everything = request.args.get("all") == "1"
    if everything:
        request.access.require(DESCRIPTION)
    return answer(
        specification(
            served(catalogue, request),
            served_operations(catalogue, request),
            request.access,
            request.translate,
            server=request.app.config.public_url or "/",
            everything=everything,
        )
    )
