"""A screen in use: the declaration with what the enabled addons add, and everything made from it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from core.access.policy import Access
from core.web.listing.filters import Filter
from core.web.screens import Column, Field, FormSection, Grouping, Screen, Strip

if TYPE_CHECKING:
    from core.web.listing.compiled import RowPattern
    from core.web.listing.plan import Plan

_OWN_STEP = 10
MOST_KEPT = 256
"""Lists, by their columns and order, for which a screen keeps what was worked out; an address can ask for any."""

Made = TypeVar("Made")


def once(kept: dict[tuple[Any, ...], Made], key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
    """What is kept under a key, made at its first use; all is made anew when there is too much of it."""
    made = kept.get(key)
    if made is None:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        made = kept[key] = make()
    return made


@dataclass(eq=False)
class MountedScreen:
    """One screen of one application object.

    The addon set of an application object never changes, so what is built here stays right for its life.
    """

    screen: Screen
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    form_sections: tuple[FormSection, ...] = ()
    groupings: tuple[Grouping, ...] = ()
    strips: tuple[Strip, ...] = ()
    plans: dict[tuple[Any, ...], Plan] = field(default_factory=dict)
    row_patterns: dict[tuple[Any, ...], RowPattern] = field(default_factory=dict)
    drawn: dict[Any, Any] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    forms: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The screen's key."""
        return self.screen.key

    def column(self, name: str) -> Column:
        """The column of that name; the name has been checked before."""
        return next(column for column in self.columns if column.name == name)

    def lookup_field(self, name: str, access: Access) -> Field | None:
        """The look-up of that name on this person's form: an own one, or an addon's as ``section-field`` (SEC-4)."""
        own = [(each.name, each) for each in self.screen.fields()]
        sections = [part for part in self.form_sections if not part.right or access.may(part.right)]
        added = [(f"{part.name}-{each.name}", each) for part in sections for each in part.fields]
        found = next((each for known, each in own + added if known == name and each.lookup is not None), None)
        return found if found is not None and (not found.right or access.may(found.right)) else None


def mount(
    screen: Screen,
    columns: Iterable[Column] = (),
    filters: Iterable[Filter] = (),
    form_sections: Iterable[FormSection] = (),
    groupings: Iterable[Grouping] = (),
    strips: Iterable[Strip] = (),
) -> MountedScreen:
    """Put a screen and the additions of addons together, each in its order."""
    own = [replace(column, order=(number + 1) * _OWN_STEP) for number, column in enumerate(screen.columns)]
    return MountedScreen(
        screen,
        columns=tuple(sorted([*own, *columns], key=lambda column: (column.order, column.addon))),
        filters=tuple(sorted([*screen.filters, *filters], key=lambda each: (each.order, each.addon))),
        form_sections=tuple(sorted(form_sections, key=lambda each: (each.order, each.addon))),
        groupings=(*screen.groupings, *sorted(groupings, key=lambda each: each.addon)),
        strips=(*([screen.strip] if screen.strip is not None else []), *strips),
    )
