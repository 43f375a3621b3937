"""The commands of the palette: where the person may go and what he may begin, found by name like records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from core.access.policy import Access
from core.text.folding import match_score
from core.web.i18n import T, Translator
from core.web.menu import MenuItem, allowed
from core.web.screens import Screen

_PERSONAL = (
    ("core.notifications", T("Notifications"), "bell", ""),
    ("core.profile", T("My settings"), "user-cog", ""),
    ("core.security", T("Password and sign-in"), "shield-lock", ""),
    ("core.keys", T("Keyboard shortcuts"), "keyboard", "?"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do by name. ``keys`` are what does the same from the keyboard; ``other`` is a second name of it."""

    title: str
    icon: str
    endpoint: str
    keys: tuple[str, ...] = ()
    other: str = ""


def commands(
    menu: Sequence[MenuItem], screens: Iterable[Screen], access: Access, translate: Translator
) -> list[Command]:
    """Everything the person may do from anywhere: the places of the rail, the other lists, new records, his own pages."""
    declared = list(screens)
    places = _places(menu, access, translate)
    lists = _lists(declared, {place.endpoint for place in places}, access, translate)
    return [*places, *lists, *_beginnings(declared, access, translate), *_personal(translate)]


def matching(found: Iterable[Command], query: str) -> list[tuple[Command, int]]:
    """The commands a typed text may mean, the best first, each with its score; all of them for an empty one."""
    if not query:
        return [(command, 0) for command in found]
    scored = [(command, max(match_score(query, command.title), match_score(query, command.other))) for command in found]
    return sorted(((command, score) for command, score in scored if score), key=lambda pair: -pair[1])


def _places(menu: Sequence[MenuItem], access: Access, translate: Translator) -> list[Command]:
    return [
        Command(translate(item.title), item.icon, item.endpoint, _letters(item.letter), str(item.title))
        for item in allowed(list(menu), access)
    ]


def _lists(
    screens: Iterable[Screen], known: Collection[str], access: Access, translate: Translator
) -> Iterator[Command]:
    """The lists that are no place of the rail: directories, vehicles, journals."""
    for screen in screens:
        if screen.endpoint() not in known and access.may(screen.right("read")):
            yield Command(translate(screen.title), screen.icon, screen.endpoint(), other=str(screen.title))


def _letters(code: str) -> tuple[str, ...]:
    return ("G", code.removeprefix("Key")) if code else ()


def _beginnings(screens: Iterable[Screen], access: Access, translate: Translator) -> list[Command]:
    return [
        Command(
            translate(T("New: %(thing)s"), thing=T(screen.one)),
            "plus",
            screen.endpoint("new"),
            other=f"{translate(screen.one)} {screen.one}",
        )
        for screen in screens
        if "create" in screen.allow and access.may(screen.right("create"))
    ]


def _personal(translate: Translator) -> list[Command]:
    return [
        Command(translate(title), icon, endpoint, (key,) if key else (), str(title))
        for endpoint, title, icon, key in _PERSONAL
    ]
