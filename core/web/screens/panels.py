"""What a list and a card show besides rows and fields: templates, and what they are drawn of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.db.kept import Read

if TYPE_CHECKING:
    from core.web.listing.export import Table


@dataclass(frozen=True, slots=True)
class View:
    """Another way to look at the filtered rows.

    ``load(viewer, conditions)`` gives the template its context; the conditions are those of the filter, on the
    screen's model. The template extends ``screens/list.html`` and replaces its block ``table``. ``table(viewer,
    conditions)`` gives the ``Table`` that is exported while the view is shown, instead of the rows.
    """

    name: str
    label: str
    icon: str
    template: str
    load: Callable[..., Mapping[str, Any]]
    right: str = ""
    table: Callable[..., Table] | None = None


@dataclass(frozen=True, slots=True)
class Strip:
    """A panel between filters and table; it follows the filters. An addon's failure shows as a box.

    ``load(viewer, conditions)`` gives what the template needs for the rows that meet the conditions.
    """

    template: str
    load: Callable[..., Mapping[str, Any]]
    right: str = ""
    addon: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on a card: a template and its context. ``place`` is ``main``, ``side`` or ``before``.

    ``early`` brings it right under the head of the card on a phone, as what one is called for.

    ``reads`` are the statements it needs; those of all boxes of a card run as one. ``load`` is given their rows by
    name and returns what the template needs, or ``None`` when there is nothing to show: then there is no box.
    """

    name: str
    title: str
    template: str
    load: Callable[..., Mapping[str, Any] | None]
    order: int = 100
    place: str = "main"
    right: str = ""
    reads: Mapping[str, Read] = field(default_factory=dict)
    early: bool = False
