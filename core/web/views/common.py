"""What several generated pages share."""

from __future__ import annotations

from urllib.parse import urlencode

from core.db.base import Record
from core.db.change import expect_record
from core.web.http import Request
from core.web.listing.query import CAP
from core.web.mounted import MountedScreen
from core.web.shell import Page


def addon_title(request: Request, addon: str) -> str:
    """An addon's title in the person's language; its name when its code is gone."""
    found = request.app.host.discovery.found.get(addon)
    return found.manifest.title_in(request.translate.language) if found is not None else addon


def capped(request: Request, number: int) -> str:
    """A number, or «1000+» when counting stopped there."""
    if number > CAP:
        return f"{request.translate.number(CAP)}+"
    return request.translate.number(number)


def record_of(mounted: MountedScreen, request: Request, record_id: int) -> Record:
    """The record, if this person may know of it; a foreign one is answered like a missing one (SEC-3)."""
    return expect_record(request.session, mounted.screen.model, record_id)


def record_page(mounted: MountedScreen, request: Request, title: str) -> Page:
    """The frame of a page below a list."""
    screen = mounted.screen
    came_from = request.args.get("list", "")
    list_url = f"{request.url(screen.endpoint())}?{came_from or 'q='}"
    return Page(
        title=title,
        crumbs=((request.translate(screen.title), list_url),),
        screen_key=f"{screen.key}.card",
        menu=screen.menu,
    )


def card_url(mounted: MountedScreen, request: Request, record_id: int | None, came_from: str) -> str:
    """The address of a card that knows its list; empty without a record."""
    if record_id is None:
        return ""
    return f"{request.url(mounted.screen.endpoint('card'), record_id=record_id)}?{urlencode({'list': came_from})}"


def plain_card_url(mounted: MountedScreen, request: Request, record_id: int) -> str:
    """The address of a card that was not opened from a list."""
    return request.url(mounted.screen.endpoint("card"), record_id=record_id)
