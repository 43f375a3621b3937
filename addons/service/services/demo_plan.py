"""Where and when the cars of the demonstration stand: bays, mechanics and advisers, each with one car at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from addons.contacts.services.demo_office import ZONE
from addons.contacts.services.demo_people import HOURS
from addons.service.services.slots import QUARTER, slot_of, slots_between

OPENS, CLOSES = HOURS["workshop"]


class Place(NamedTuple):
    """A stretch of a bay with those who are busy with the car."""

    bay_id: int
    mechanic_id: int | None
    adviser_id: int
    starts_at: datetime
    ends_at: datetime


class Post(NamedTuple):
    """A bay and who works there."""

    id: int
    kind: str
    mechanic_id: int | None


@dataclass(slots=True)
class Plan:
    """The plan of one workshop while it is being filled."""

    department_id: int
    branch_id: int
    posts: Sequence[Post]
    advisers: Sequence[int]
    taken: set[tuple[int, int]] = field(default_factory=set)
    """Quarters of bays."""
    received: set[tuple[int, int]] = field(default_factory=set)
    """Quarters in which an adviser receives a car."""

    def close(self, post: Post, day: date) -> None:
        """Nobody works there on a day."""
        self.taken |= {(post.id, slot) for slot in slots_between(*hours_of(day))}

    def take(
        self,
        starts_at: datetime,
        minutes: int,
        posts: Collection[Post],
        adviser_id: int | None = None,
    ) -> Place | None:
        """A place that begins exactly then, if there is one."""
        ends_at = starts_at + timedelta(minutes=minutes)
        if ends_at > hours_of(starts_at.astimezone(ZONE).date())[1]:
            return None
        advisers = [adviser_id] if adviser_id in self.advisers else self.advisers
        slot, length = slot_of(starts_at), slots_between(starts_at, ends_at)
        adviser = next((each for each in advisers if each is not None and (each, slot) not in self.received), None)
        post = next((each for each in posts if not any((each.id, quarter) in self.taken for quarter in length)), None)
        if adviser is None or post is None:
            return None
        self.received.add((adviser, slot))
        self.taken |= {(post.id, quarter) for quarter in length}
        return Place(post.id, post.mechanic_id, adviser, starts_at, ends_at)

    def find(self, around: datetime, minutes: int, bay_kind: str, adviser_id: int | None = None) -> Place | None:
        """The first place from a moment on, within two days."""
        posts = self.fit(bay_kind)
        places = (self.take(starts_at, minutes, posts, adviser_id) for starts_at in _quarters(around))
        return next((place for place in places if place is not None), None)

    def fit(self, bay_kind: str) -> list[Post]:
        """The bays that are fit for this."""
        return [post for post in self.posts if bay_kind in ("", post.kind)]


def hours_of(day: date) -> tuple[datetime, datetime]:
    """When the workshops open and close on a day, in UTC."""
    opens, closes = (datetime.combine(day, time(hour), ZONE).astimezone(UTC) for hour in (OPENS, CLOSES))
    return opens, closes


def quarter_before(moment: datetime) -> datetime:
    """The beginning of the quarter of an hour it lies in."""
    return moment - (moment - datetime.min.replace(tzinfo=UTC)) % QUARTER


def _quarters(around: datetime) -> Iterator[datetime]:
    first = quarter_before(around)
    for ahead in range(3):
        opens, closes = hours_of((first.astimezone(ZONE) + timedelta(days=ahead)).date())
        at = max(first, opens)
        while at < closes:
            yield at
            at += QUARTER
