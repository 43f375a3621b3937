"""What every whole page shows around its content: the rail, the counters, the person's state.

Everything here is worked out only when a template asks for it, so a fragment costs no query.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.db.kept import Read, gather
from core.web.i18n import T
from core.web.menu import FrameStrip, MenuItem, allowed
from core.work.standing import Counter, Standing, standing_in, standing_of, standing_read

if TYPE_CHECKING:
    from core.web.http import Request
    from core.web.routing import Route

_STANDING = object()
"""The name of the frame's own read among those of a page."""
PRESENCE_TITLES = {
    "free": T("Free"),
    "call": T("On a call"),
    "ringing": T("The phone rings"),
    "busy": T("Busy"),
    "away": T("Away"),
    "off": T("Off shift"),
}
"""What the states of presence are called."""


@dataclass(slots=True)
class Page:
    """What the shell needs to know of the page inside it. ``menu`` is the rail item that is lit."""

    title: str = ""
    crumbs: tuple[tuple[str, str], ...] = ()
    main_class: str = ""
    screen_key: str = ""
    menu: str = ""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One item of the rail as it is drawn for one person."""

    key: str
    title: str
    icon: str
    url: str
    count: int
    current: bool
    group: str
    letter: str


class Nav:
    """The rail of one person; its counters are asked for only when it is drawn."""

    def __init__(self, request: Request, page: Page, reader: Reader) -> None:
        self._request = request
        self._page = page
        self._reader = reader

    def __iter__(self) -> Iterator[NavItem]:
        return iter(self.items)

    @cached_property
    def items(self) -> tuple[NavItem, ...]:
        """What is in it, in order."""
        request = self._request
        route: Route | None = getattr(request, "route", None)  # none where nothing is at the address
        menu = self._page.menu or (route.menu if route is not None else "")
        return tuple(
            NavItem(
                key=item.key,
                title=request.translate(item.title),
                icon=item.icon,
                url=request.url(item.endpoint),
                count=self._reader.counts.get(item.key, 0),
                current=item.key == menu,
                group=item.group,
                letter=item.letter,
            )
            for item in self._reader.menu
        )


class Reader:
    """What the frame says of the person; asked for once, with what the page reads or when it is drawn."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._standing: Standing | None = None

    @cached_property
    def menu(self) -> list[MenuItem]:
        """What he may open."""
        return allowed(self._request.app.menu, self._request.access)

    @cached_property
    def strips(self) -> list[FrameStrip]:
        """What may stand over his pages."""
        return [strip for strip in self._request.app.strips if self._request.access.may(strip.right)]

    @property
    def standing(self) -> Standing:
        """His counters and his presence."""
        if self._standing is None:
            self._standing = standing_of(self._request.session, self._counters)
        return self._standing

    @cached_property
    def counts(self) -> dict[str, int]:
        """How much waits for him, by the key of the item."""
        counted = [item.key for item in self.menu if item.count]
        return dict(zip(counted, self.standing.counts, strict=False))

    @cached_property
    def said(self) -> dict[str, int]:
        """How much each strip has to say, by its name."""
        names = [strip.name for strip in self.strips]
        return dict(zip(names, self.standing.counts[len(self._counters) - len(names) :], strict=True))

    def gather(self, wanted: Mapping[Any, Read]) -> dict[Any, Sequence[Any]]:
        """The rows of what a page reads, by name; the frame's own are read with them, in one statement."""
        session = self._request.session
        if self._standing is not None or self._request.fragment:
            return gather(session, wanted)
        found = gather(session, {**wanted, _STANDING: standing_read(session, self._counters)})
        self._standing = standing_in(found.pop(_STANDING), session.now(), len(self._counters))
        return found

    @cached_property
    def _counters(self) -> list[Counter]:
        return [item.count for item in self.menu if item.count] + [strip.count for strip in self.strips]


class Badges:
    """The counters of the top bar."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    @property
    def unread(self) -> int:
        """How many notifications wait for the person."""
        return self._reader.standing.unread


@dataclass(frozen=True, slots=True)
class ShownStrip:
    """A strip as the frame holds a place for it; a page that is the strip's own needs none: it says the same."""

    url: str
    topics: str
    script: str
    speaks: bool
    own_page: bool


class Strips:
    """The strips of one person; what they have to say is counted only when the frame is drawn."""

    def __init__(self, request: Request, reader: Reader) -> None:
        self._request = request
        self._reader = reader

    def __iter__(self) -> Iterator[ShownStrip]:
        return iter(self._shown)

    @cached_property
    def _shown(self) -> list[ShownStrip]:
        request, reader = self._request, self._reader
        shown = []
        for strip in reader.strips:
            speaks = bool(reader.said[strip.name])
            address, topics = request.url(strip.endpoint), strip.topics(request.access)
            shown.append(ShownStrip(address, topics, strip.script, speaks, own_page=address == request.path))
        return shown


class MyPresence:
    """The person's own state."""

    def __init__(self, request: Request, reader: Reader) -> None:
        self._request = request
        self._reader = reader

    @property
    def state(self) -> str:
        """The code of the state."""
        return self._reader.standing.presence.state.value

    @property
    def label(self) -> str:
        """The state in words."""
        return self._request.translate(PRESENCE_TITLES[self.state])


def shell_context(request: Request, page: Page) -> dict[str, Any]:
    """The names ``base.html`` draws itself from."""
    reader = request.reader
    return {
        "page": page,
        "nav": Nav(request, page, reader),
        "badges": Badges(reader),
        "presence": MyPresence(request, reader),
        "frame_strips": Strips(request, reader),
        "letter_keys": request.access.letter_keys,
    }
