"""The filters that are on, in words: the tags above a list, the head of its export."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.db.kept import Read
from core.web.listing.filters import Filter
from core.web.listing.state import ListState
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen

Titles = Mapping[str, Sequence[Any]]
"""The rows of :func:`titles_reads`, by the names of the filters."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A filter that is on, in words, and the address without it."""

    text: str
    without: str


def titles_reads(mounted: MountedScreen, state: ListState, viewer: Viewer) -> dict[str, Read]:
    """What has to be read for the words of the filters that are on, by their names."""
    reads = {each.name: each.titles(viewer, state.filters[each.name]) for each in _filters_on(mounted, state)}
    return {name: read for name, read in reads.items() if read is not None}


def tags_of(mounted: MountedScreen, state: ListState, viewer: Viewer, titles: Titles) -> list[Tag]:
    """The filters that are on, each with the address of the list without it."""
    words = filter_words(mounted, state, viewer, titles)
    return [Tag(text, state.without(name).query()) for name, text in words]


def filter_words(mounted: MountedScreen, state: ListState, viewer: Viewer, titles: Titles) -> Iterator[tuple[str, str]]:
    """The name of each filter that is on, and what it says in words."""
    for each in _filters_on(mounted, state):
        values = each.tag(viewer, state.filters[each.name], titles.get(each.name, ()))
        yield each.name, f"{viewer.translate(each.label)}: {values}"


def _filters_on(mounted: MountedScreen, state: ListState) -> list[Filter]:
    return [each for each in mounted.filters if each.name in state.filters]
