"""What several generated pages share."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from sqlalchemy import select

from core.db.base import Record, addon_of_table
from core.db.change import expect_record
from core.host.models import AddonState
from core.web.http import Request
from core.web.listing.query import CAP
from core.web.mounted import MountedScreen
from core.web.shell import Page

if TYPE_CHECKING:
    from core.host.uninstalling import Preview


def addon_title(request: Request, addon: str) -> str:
    """An addon's title in the person's language, also when its code is gone; its name when nothing is known of it."""
    if addon == "core":
        return "Forecourt"
    found = request.app.host.discovery.found.get(addon)
    if found is not None:
        return found.manifest.title_in(request.translate.language)
    kept = request.session.scalar(select(AddonState.manifest).where(AddonState.name == addon)) or {}
    titles: dict[str, str] = kept.get("title", {})
    return titles.get(request.translate.language) or titles.get("en") or addon


def cascading_words(request: Request, found: Preview) -> list[tuple[str, str]]:
    """What of it goes with the rows of others, also while it is off: ``(what goes, with what)``."""
    words = {(table_words(request, each.table), table_words(request, each.referred)) for each in found.cascading}
    return sorted(words)


def table_words(request: Request, table: str) -> str:
    """What people call the records of a table: the title of their list, else of the addon that keeps them."""
    screens = request.app.screens.of_table(table)
    return request.translate(screens[0].screen.title) if screens else addon_title(request, addon_of_table(table))


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
