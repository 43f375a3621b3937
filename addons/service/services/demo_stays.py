"""The stays of the demonstration: a car that is expected, here, or gone, with everything that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from addons.contacts.models import Customer, InboundContact, Make, Vehicle
from addons.service.models import Job
from addons.service.services import demo_words as words
from addons.service.services.demo_plan import Place, Plan
from addons.service.services.demo_words import Part, Work

Steps = list[tuple[str, datetime]]
"""States with the moments they began, the first one first."""

SHORTEST = 30
FRESH = timedelta(minutes=35)


@dataclass(slots=True)
class Line:
    """A line of a repair order: ``quantity`` in thousandths, ``price`` in kopecks, ``discount`` in hundredths of a percent."""

    kind: str
    title: str
    quantity: int
    price: int
    unit: str
    article: str = ""
    job_id: int | None = None
    discount: int = 0
    extra: bool = False
    done: bool = True


@dataclass(slots=True)
class Stay:
    """A booking and the visit that answers it; a car without a booking has ``booked`` false.

    ``state`` is how far it has got: ``scheduled``, ``no_show``, ``cancelled``, ``received``, ``in_work``, ``ready``, ``gone``.
    """

    plan: Plan
    created: datetime
    work: Work
    minutes: int
    adviser_id: int
    place: Place | None = None
    customer: Customer | None = None
    vehicle: Vehicle | None = None
    client_text: str = ""
    phone: str = ""
    make_id: int | None = None
    model_id: int | None = None
    vehicle_text: str = ""
    wishes: str = ""
    booked: bool = True
    state: str = "scheduled"
    arrived: datetime | None = None
    gone: datetime | None = None
    mileage: int = 0
    lines: list[Line] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    """Contacts that led to the booking."""
    visits: list[int] = field(default_factory=list)
    """Contacts about the car while it was here."""
    ids: dict[str, int] = field(default_factory=dict)
    """The numbers of its records, by the type of document."""

    @property
    def here(self) -> bool:
        """Whether the car has come."""
        return self.arrived is not None

    @property
    def at(self) -> datetime:
        """When it is in the plan, or else when it came or was written down."""
        return self.place.starts_at if self.place is not None else self.arrived or self.created

    @property
    def warranty(self) -> bool:
        return self.work.purpose == "warranty"

    @property
    def client(self) -> str:
        """What the journal calls the client."""
        return self.customer.name if self.customer is not None else self.client_text

    def order_steps(self) -> Steps:
        """The way of the repair order."""
        begin, end = self._span()
        way = {"received": 0, "agreed": 1, "in_work": 2, "ready": 3, "gone": 4}[self.state]
        states = ("draft", "agreed", "in_work", "done", "closed")[: way + 1]
        moments = (begin, *(begin + (end - begin) * part for part in (0.06, 0.12, 0.85, 0.97)))
        return list(zip(states, moments, strict=False))

    def visit_steps(self) -> Steps:
        """The way of the car visit."""
        begin, end = self._span()
        steps = [("open", begin)]
        if self.state in ("ready", "gone"):
            steps.append(("ready", begin + (end - begin) * 0.9))
        if self.state == "gone":
            steps.append(("handed_over", end))
        return steps

    def booking_steps(self) -> Steps:
        """The way of the booking."""
        steps = [("scheduled", self.created)]
        if self.here:
            steps.append(("checked_in", self._span()[0]))
            moments = dict(self.order_steps())
            if "in_work" in moments:
                steps.append(("in_progress", moments["in_work"]))
            if self.state == "gone":
                steps.append(("completed", self._span()[1]))
        elif self.state == "no_show":
            steps.append(("no_show", self.at + timedelta(hours=1)))
        elif self.state == "cancelled":
            steps.append(("cancelled", self.created + (self.at - self.created) / 2))
        return steps

    def _span(self) -> tuple[datetime, datetime]:
        begin = self.arrived or self.created
        return begin, self.gone or begin + timedelta(minutes=self.minutes)


class Workshop:
    """Makes stays: which work, whose car, how long, and which lines its order has."""

    def __init__(self, jobs: Mapping[str, Job], hourly: int, makes: Mapping[int, Make], rng: Random) -> None:
        self.jobs, self.hourly, self.makes, self.rng = jobs, hourly, makes, rng

    def work(self, purposes: Iterable[str] = (), posts: Sequence[str] = ()) -> Work:
        """Any work that is asked for under these purposes and that these kinds of bays are fit for."""
        wanted = set(purposes)
        fit = [
            work
            for work in words.WORKS
            if (not wanted or work.purpose in wanted) and (work.bay_kind in posts or not work.bay_kind or not posts)
        ]
        return self.rng.choices(fit, [work.weight for work in fit])[0]

    def minutes(self, work: Work) -> int:
        """How long a work takes by its norms, in whole quarters of an hour."""
        norm = sum(self.jobs[key].norm for key in work.jobs) * 60 // 100
        return max(SHORTEST, -(-norm // 15) * 15)

    def stay(self, plan: Plan, work: Work, created: datetime, place: Place | None, adviser_id: int = 0) -> Stay:
        """A stay of nobody yet."""
        adviser = place.adviser_id if place is not None else adviser_id
        wishes = self.rng.choice(words.WISHES)
        return Stay(plan, created, work, self.minutes(work), adviser, place, wishes=wishes)

    def of_client(self, stay: Stay, customer: Customer, vehicle: Vehicle) -> Stay:
        """It is this client with this car."""
        stay.customer, stay.vehicle, stay.phone = customer, vehicle, customer.main_phone
        stay.make_id, stay.model_id, stay.vehicle_text = vehicle.make_id, vehicle.model_id, vehicle.title
        return stay

    def of_stranger(self, stay: Stay, contact: InboundContact | None, car: Vehicle) -> Stay:
        """It is somebody of whom only name and number are known."""
        stay.client_text, stay.phone = self.rng.choice(words.STRANGERS), f"+7926000{self.rng.randrange(10_000):04d}"
        stay.make_id, stay.model_id, stay.vehicle_text = car.make_id, car.model_id, car.title
        if contact is not None:
            stay.client_text, stay.phone = contact.client_text, contact.phone or stay.phone
            stay.make_id, stay.model_id = contact.make_id, contact.model_id
            stay.vehicle_text = contact.vehicle_text or stay.vehicle_text
        return stay

    def write_lines(self, stay: Stay) -> None:
        """What is done to the car, with an extra work here and there and a discount now and then."""
        stay.lines = self._lines(stay.work)
        if stay.state not in ("received", "agreed") and not stay.warranty and self.rng.random() < 0.18:
            extra = self.rng.choices(words.EXTRAS, [each.weight for each in words.EXTRAS])[0]
            stay.lines += [line for line in self._lines(extra) if self._new(stay, line)]
            for line in stay.lines[-1:]:
                line.extra = True
        if not stay.warranty and self.rng.random() < 0.06:
            title, price = self.rng.choice(words.OUTSIDE)
            stay.lines.append(Line("outside", title, 1000, price * 100, "шт"))
        if not stay.warranty and self.rng.random() < 0.12:
            discount = self.rng.choice((300, 500, 700, 1000))
            for line in stay.lines:
                line.discount = discount if line.kind == "labour" else 0
        for number, line in enumerate(stay.lines):
            line.done = (
                line.kind == "part" or stay.state in ("ready", "gone") or (stay.state == "in_work" and not number)
            )

    def _new(self, stay: Stay, line: Line) -> bool:
        return line.title not in {each.title for each in stay.lines}

    def _lines(self, work: Work) -> list[Line]:
        return [*map(self._labour, work.jobs), *map(_part, work.parts)]

    def _labour(self, key: str) -> Line:
        job = self.jobs[key]
        return Line("labour", job.title_ru, job.norm * 10, self.hourly, "н/ч", job_id=job.id)

    def payer(self, stay: Stay) -> str:
        """Who pays for a warranty."""
        make = self.makes.get(stay.make_id or 0)
        return make.name if stay.warranty and make is not None else ""


def _part(part: Part) -> Line:
    return Line("part", part.title, part.quantity, part.price * 100, part.unit, part.article)


def settle(stays: Sequence[Stay], now: datetime, rng: Random) -> None:
    """What has become of the cars of one workshop that should have come by now.

    The latest ones are still here, in every state there is, whatever the hour; of the others most have been handed over.
    """
    here = sorted((stay for stay in stays if stay.at <= now and stay.state == "scheduled"), key=lambda each: each.at)
    for rank, stay in enumerate(reversed(here)):
        missed = stay.booked and not stay.visits and rank > len(LATEST) and rng.random() < 0.07
        if stay.customer is None or stay.vehicle is None or missed:
            stay.state, stay.arrived = rng.choice(("no_show", "no_show", "cancelled")), None
            continue
        stay.arrived = stay.arrived or min(now, stay.at + timedelta(minutes=rng.randint(-5, 9)))
        ends = max(
            stay.arrived + timedelta(minutes=stay.minutes * rng.uniform(1.0, 1.5) + 25), stay.gone or stay.arrived
        )
        stay.state = LATEST[rank] if rank < len(LATEST) else "gone" if ends <= now else "in_work"
        stay.gone = ends if stay.state == "gone" else None


LATEST = ("received", "agreed", "in_work", "in_work", "in_work", "ready", "in_work", "ready")
"""How far the cars are that came last."""
