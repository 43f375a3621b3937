"""Global search: what each addon finds for a typed text, ranked, marked and cut to what a person can look at.

An addon gives :class:`SearchSource` objects through its hook ``search_sources``; the view asks those whose right the
person has. A source that fails leaves a line in its place and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.errors import Refusal
from core.host.plugins import Answer
from core.text.folding import MAX_QUERY, corrected_layout, highlight, match_score

if TYPE_CHECKING:
    from core.db.engine import WorkSession

SHORTEST = 2
"""Characters from which records are looked for; one letter finds commands only."""

_ONLY_BESIDE = 15
"""What a hit loses that is found by its second line and not by its title."""

_UNEXPLAINED = 1

Pieces = list[tuple[str, bool]]
"""A text cut up, each piece with whether the query matched it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page a hit may lead to."""

    endpoint: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found.

    ``places`` are its pages, of which the first the person may open counts; a hit without one is not shown.
    ``also`` are further texts it may have been found by (an e-mail address, a VIN): shown only when the query is in
    them. ``kind`` colours the icon as ``ui.channel`` does; ``mark`` is a word for a pill.
    """

    title: str
    places: tuple[Place, ...]
    text: str = ""
    also: tuple[str, ...] = ()
    icon: str = ""
    kind: str = "grey"
    mark: str = ""


Find = Callable[["WorkSession", str, int], Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class SearchSource:
    """A kind of records that can be searched for.

    ``find(session, query, limit)`` returns at most ``limit`` hits, its likeliest first, among the rows the person may
    see; it asks the database once or twice. ``order`` decides between sources whose best hits are equally good.
    """

    name: str
    title: str
    icon: str
    right: str
    find: Find
    order: int = 100


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit with how well it answers the query, 1 to 100, and its texts ready for marking."""

    hit: Hit
    score: int
    title: Pieces
    text: Pieces


@dataclass(frozen=True, slots=True)
class Group:
    """What one source found, the best first."""

    source: SearchSource
    hits: list[Ranked]

    @property
    def best(self) -> int:
        """The score of its first hit."""
        return self.hits[0].score


@dataclass(slots=True)
class Gathered:
    """What all sources found together: groups with the best first, and the addons whose source failed.

    ``read_as`` is what was meant if everything was found through the other keyboard layout only (S2-32).
    """

    groups: list[Group] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    read_as: str = ""


def clean_query(text: str) -> str:
    """A typed text as it is searched for: without spaces around it, not longer than what is read (SEC-36)."""
    return " ".join(text.split())[:MAX_QUERY]


def gather(session: WorkSession, sources: Iterable[tuple[str, SearchSource]], query: str, limit: int) -> Gathered:
    """Ask every source the person has the right to, each guarded, for ``limit`` hits."""
    gathered = Gathered()
    if len(query) < SHORTEST:
        return gathered
    for addon, source in sources:
        if not session.access.may(source.right):
            continue
        answer = _asked(session, addon, source, query, limit)
        if answer.error:
            gathered.failed.append(addon)
        elif answer.value:
            gathered.groups.append(Group(source, ranked(query, answer.value)[:limit]))
    gathered.groups.sort(key=lambda group: (-group.best, group.source.order, group.source.name))
    gathered.read_as = corrected_layout(query, [_whole(group.hits[0].hit) for group in gathered.groups]) or ""
    return gathered


def _asked(session: WorkSession, addon: str, source: SearchSource, query: str, limit: int) -> Answer:
    """One source's hits, guarded; a source that refuses has nothing for this person."""

    def ask() -> Sequence[Hit]:
        try:
            return source.find(session, query, limit)
        except Refusal:
            return ()

    return session.hooks.run_guarded(session, addon, f"search_sources:{source.name}", ask)


def ranked(query: str, hits: Iterable[Hit]) -> list[Ranked]:
    """Hits in the order of how well they answer; equally good ones stay as the source gave them."""
    return sorted((_rank(query, hit) for hit in hits), key=lambda each: -each.score)


def _rank(query: str, hit: Hit) -> Ranked:
    score = match_score(query, hit.title)
    if score:
        return Ranked(hit, score, highlight(hit.title, query), [(hit.text, False)])
    text, score = _explained(query, hit)
    return Ranked(hit, max(score - _ONLY_BESIDE, _UNEXPLAINED), highlight(hit.title, query), highlight(text, query))


def _explained(query: str, hit: Hit) -> tuple[str, int]:
    """The second line with its score; if the query is not in it, with the one of the other texts that it is in."""
    score = match_score(query, f"{hit.title} {hit.text}")
    if score:
        return hit.text, score
    for also in filter(None, hit.also):
        if score := match_score(query, also):
            return f"{hit.text} · {also}" if hit.text else also, score
    return hit.text, 0


def _whole(hit: Hit) -> str:
    return " ".join((hit.title, hit.text, *hit.also))
