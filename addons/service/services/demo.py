"""The workshops of the demonstration: two months of bookings, car visits and repair orders, and ten days that are planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy import select

from addons.contacts.models import ContactGoal, Customer, InboundContact, Make, Vehicle
from addons.contacts.services.demo_office import ZONE
from addons.service.models import Absence, Bay, Booking, Employee, Job, LabourRate
from addons.service.services import demo_past, shipped
from addons.service.services.demo_plan import Place, Plan, Post, hours_of, quarter_before
from addons.service.services.demo_rows import store
from addons.service.services.demo_stays import Stay, Workshop, settle
from addons.service.services.demo_words import Work
from addons.service.services.shipped import WORKSHOP
from core import Department, WorkSession, colleagues, demo, give_role, shipped_ids

PAST, AHEAD = 60, 10
"""How many days back the archive goes, and how many ahead are booked."""
LOADS = ((-6, 0.08), (0, 0.45), (AHEAD + 1, 0.72))
"""How full bays are on working days, up to a day counted from today."""
WEEKEND = (0.75, 0.4)
"""How much of that a Saturday and a Sunday have."""
UNASSIGNED = 4
CHAIN = timedelta(days=9)
"""For how long contacts of one client are about one stay."""
REST = CHAIN + timedelta(days=1)
"""How soon a car may come again."""
STRANGERS = 0.5
"""How many of those who have booked besides are no clients yet."""
ABSENT = (2, 4)
"""The days, counted from today, on which one mechanic is ill."""
WAITING = "Иванов Дмитрий"
"""Who stands at the reception now and has a booking."""


def fill(session: WorkSession) -> None:
    """Add the workshops to a filled demonstration; one that has bookings already is left as it is."""
    if session.scalar(select(Booking.id).limit(1)) is not None:
        return
    shipped.bring(session)
    _Filler(session).fill()


class _Filler:
    """Makes the stays, with what it has read once."""

    def __init__(self, session: WorkSession) -> None:
        self.session, self.now = session, session.now()
        self.rng = Random("Service")  # noqa: S311 - the same workshops every time
        jobs = {job.id: job for job in session.scalars(select(Job))}
        hourly = session.scalars(select(LabourRate.hourly).order_by(LabourRate.id)).first() or shipped.HOURLY
        makes = {make.id: make for make in session.scalars(select(Make))}
        by_key = {key: jobs[number] for key, number in shipped_ids(session, Job).items()}
        self.workshop = Workshop(by_key, hourly, makes, self.rng)
        self.today = self.now.astimezone(ZONE).date()
        self.customers = {customer.id: customer for customer in session.scalars(select(Customer))}
        self.vehicles = {vehicle.id: vehicle for vehicle in session.scalars(select(Vehicle).order_by(Vehicle.id))}
        self.plans = {plan.branch_id: plan for plan in self._plans()}
        self.due: dict[int, list[Vehicle]] = {branch: self._garage(branch) for branch in self.plans}
        self.seen: dict[int, list[datetime]] = {}
        """When a car comes."""
        self.purposes = {number: key.split("/")[1] for key, number in shipped_ids(session, ContactGoal).items()}

    def fill(self) -> None:
        """Everything, workshop by workshop."""
        contacts = self._contacts()
        stays: list[Stay] = []
        for plan in self.plans.values():
            mine = [contact for contact in contacts if contact.branch_id == plan.branch_id]
            made = [*self._waiting(plan), *self._of_contacts(plan, mine), *self._of_days(plan)]
            settle(made, self.now, self.rng)
            stays += made
        stays += self._unassigned()
        for stay in stays:
            if stay.here:
                self.workshop.write_lines(stay)
        store(self.session, self.workshop, stays)
        demo_past.bring_over(self.session, self._owned(), self.rng)

    # --- who works where -------------------------------------------------------------------------

    def _plans(self) -> Iterator[Plan]:
        statement = select(Department).where(Department.kind == WORKSHOP, Department.active).order_by(Department.id)
        for department in self.session.scalars(statement).all():
            advisers = colleagues(self.session, role="specialist", department_id=department.id)
            heads = colleagues(self.session, role="traffic_head", department_id=department.id)
            everybody = colleagues(self.session, department_id=department.id)
            mechanics = [each for each in everybody if each not in (*advisers, *heads)]
            for people, role in ((advisers, "service_adviser"), (heads, "service_head"), (mechanics, "mechanic")):
                give_role(self.session, people, role)
            if advisers:
                self._employ(department.id, advisers, mechanics)
                yield self._plan(department, advisers, mechanics)

    def _employ(self, department_id: int, advisers: Sequence[int], mechanics: Sequence[int]) -> None:
        known = set(self.session.scalars(select(Employee.user_id)))
        rows = [
            {"user_id": user_id, "department_id": department_id, "adviser": adviser, "mechanic": not adviser}
            for people, adviser in ((advisers, True), (mechanics, False))
            for user_id in people
            if user_id not in known
        ]
        demo.add_records(self.session, Employee, [{**row, "active": True} for row in rows])

    def _plan(self, department: Department, advisers: Sequence[int], mechanics: Sequence[int]) -> Plan:
        """Each mechanic has his bay; bays that nobody works at are closed."""
        statement = select(Bay).where(Bay.department_id == department.id).order_by(Bay.position, Bay.id)
        bays = list(self.session.scalars(statement))
        for number, bay in enumerate(bays):
            bay.mechanic_id = mechanics[number] if number < len(mechanics) else None
            bay.active = not mechanics or bay.mechanic_id is not None
        self.session.flush()
        posts = [Post(bay.id, bay.kind, bay.mechanic_id) for bay in bays if bay.active]
        plan = Plan(department.id, department.branch_id, posts, advisers)
        if len(posts) > len(advisers) + 1:
            self._absent(plan, posts[1])
        return plan

    def _absent(self, plan: Plan, post: Post) -> None:
        first, last = (self.today + timedelta(days=days) for days in ABSENT)
        row = {"user_id": post.mechanic_id, "first_day": first, "last_day": last, "reason": "illness", "note": ""}
        if post.mechanic_id is not None:
            demo.add_records(self.session, Absence, [row])
            for days in range(*ABSENT):
                plan.close(post, self.today + timedelta(days=days))
            plan.close(post, last)

    def _owned(self) -> list[tuple[Customer, Vehicle]]:
        known = ((self.customers.get(car.customer_id or 0), car) for car in self.vehicles.values())
        return [(customer, car) for customer, car in known if customer is not None]

    def _garage(self, branch_id: int) -> list[Vehicle]:
        """The cars of a branch's clients, in the order in which they come."""
        cars = [car for car in self.vehicles.values() if car.customer_id in self.customers]
        mine = [car for car in cars if self.customers[car.customer_id or 0].branch_id == branch_id]
        self.rng.shuffle(mine)
        return mine

    # --- stays -----------------------------------------------------------------------------------

    def _waiting(self, plan: Plan) -> Iterator[Stay]:
        """The client who has come in just now, and whom his booking expects."""
        named = [each for each in self.customers.values() if each.name.startswith(WAITING)]
        car = next((car for car in self.vehicles.values() for each in named if car.customer_id == each.id), None)
        if car is None or not named or named[0].branch_id != plan.branch_id:
            return
        work = self.workshop.work(["maintenance"], ["lift"])
        start = quarter_before(self.now) + timedelta(minutes=15)
        place = plan.find(start, self.workshop.minutes(work), work.bay_kind)
        if place is not None:
            self._comes(car, place.starts_at)
            stay = self.workshop.stay(plan, work, self.now - timedelta(days=4, hours=2), place)
            yield self.workshop.of_client(stay, named[0], car)

    def _of_contacts(self, plan: Plan, contacts: Sequence[InboundContact]) -> Iterator[Stay]:
        """Contacts about repairs, the stay each chain of them has led to."""
        chains: dict[object, list[InboundContact]] = {}
        for contact in contacts:
            who = contact.customer_id or (contact.client_text, contact.phone)
            chain = chains.setdefault(who, [])
            if chain and contact.at - chain[0].at > CHAIN:
                yield from self._of_chain(plan, chain)
                chain.clear()
            chain.append(contact)
        for chain in chains.values():
            yield from self._of_chain(plan, chain)

    def _of_chain(self, plan: Plan, chain: Sequence[InboundContact]) -> Iterator[Stay]:
        car = self.vehicles.get(next((each.vehicle_id for each in chain if each.vehicle_id), 0) or 0)
        first = chain[0]
        client = self.customers.get(first.customer_id or 0)
        purpose = self.purposes[first.goal_id]
        if purpose not in ("maintenance", "repair", "warranty") or (client is None and self.rng.random() > 0.3):
            return
        comes = next((each for each in chain if each.channel == "visit" and self._asks(each)), None)
        if (client is not None and car is None) or (client is None and comes is not None):
            return
        work = self.workshop.work([purpose], [post.kind for post in plan.posts])
        created = first.finished_at or first.at
        begin = comes.finished_at or comes.at if comes is not None else self._some_day(created)
        minutes = self.workshop.minutes(work)
        place = plan.find(begin, minutes, work.bay_kind, first.responsible_id)
        if place is None or (car is not None and self._too_soon(car, place.starts_at)):
            return
        stay = self.workshop.stay(plan, work, created, place)
        if client is None or car is None:
            self.workshop.of_stranger(stay, first, self.rng.choice(self.due[plan.branch_id]))
        else:
            self.workshop.of_client(stay, client, car)
            self._comes(car, place.starts_at)
        self._link(stay, chain, comes if stay.at <= self.now else None)
        yield stay

    def _link(self, stay: Stay, chain: Sequence[InboundContact], comes: InboundContact | None) -> None:
        """Contacts before the car comes are about the booking, the others about the visit."""
        stay.booked = comes is not chain[0]
        if comes is not None:
            stay.arrived = comes.finished_at or comes.at
        elif stay.at <= self.now:
            stay.arrived = stay.at
        for contact in chain:
            before = stay.arrived is None or (contact.at < stay.arrived and contact is not comes)
            (stay.calls if before and stay.booked else stay.visits).append(contact.id)
            if stay.arrived is not None and self.purposes[contact.goal_id] == "collect" and contact.finished_at:
                stay.gone = contact.finished_at
        if stay.customer is None:
            stay.arrived = None

    def _of_days(self, plan: Plan) -> Iterator[Stay]:
        """What fills the bays besides, day by day."""
        for days in range(-PAST, AHEAD + 1):
            day = self.today + timedelta(days=days)
            load = next(load for until, load in LOADS if days < until) * self._share(day)
            for post in self.rng.sample(list(plan.posts), len(plan.posts)):
                yield from self._of_day(plan, post, day, load)

    def _of_day(self, plan: Plan, post: Post, day: date, load: float) -> Iterator[Stay]:
        at, closes = hours_of(day)
        at += timedelta(minutes=15 * self.rng.randrange(4 if load > 0.4 else 24))
        while at < closes:
            work = self.workshop.work(posts=[post.kind])
            place = plan.take(at, self.workshop.minutes(work), [post])
            if place is None:
                at += timedelta(minutes=15)
                continue
            yield self._any(plan, work, place)
            idle = (place.ends_at - at) * ((1 - load) / load * self.rng.uniform(0.2, 1.3))
            at = place.ends_at + timedelta(minutes=15 * round(idle / timedelta(minutes=15)))

    def _any(self, plan: Plan, work: Work, place: Place) -> Stay:
        """A client whose car has not been here for some time, or somebody new if it is still to come."""
        created = place.starts_at - timedelta(days=self.rng.randint(1, 9), minutes=self.rng.randrange(400))
        stay = self.workshop.stay(plan, work, min(created, self.now - timedelta(minutes=30)), place)
        ahead = place.starts_at > self.now
        known = not ahead or self.rng.random() > STRANGERS
        car = self._next_car(plan.branch_id, place.starts_at) if known else None
        if car is None:
            return self.workshop.of_stranger(stay, None, self.rng.choice(self.due[plan.branch_id]))
        self._comes(car, place.starts_at)
        stay.booked = ahead or self.rng.random() > 0.15
        if not stay.booked:
            stay.created = place.starts_at
        return self.workshop.of_client(stay, self.customers[car.customer_id or 0], car)

    def _unassigned(self) -> Iterator[Stay]:
        """Bookings that wait for their time."""
        plans = list(self.plans.values())
        for number in range(UNASSIGNED if plans else 0):
            plan = plans[number % len(plans)]
            created = self.now - timedelta(minutes=20 + 55 * number)
            stay = self.workshop.stay(plan, self.workshop.work(["repair"]), created, None, plan.advisers[0])
            yield self.workshop.of_stranger(stay, None, self.rng.choice(self.due[plan.branch_id]))

    # --- what and when ---------------------------------------------------------------------------

    def _contacts(self) -> Sequence[InboundContact]:
        """Contacts about repairs that have been talked through and lead nowhere yet."""
        statement = (
            select(InboundContact)
            .join(ContactGoal, ContactGoal.id == InboundContact.goal_id)
            .where(
                ContactGoal.category == "repair",
                InboundContact.state == "processed",
                InboundContact.document_id.is_(None),
                InboundContact.responsible_id.is_not(None),
            )
            .order_by(InboundContact.at, InboundContact.id)
        )
        return self.session.scalars(statement).all()

    def _asks(self, contact: InboundContact) -> bool:
        """Whether a contact is about something to be done, not about what is being done already."""
        return self.purposes[contact.goal_id] in ("maintenance", "repair", "warranty")

    def _some_day(self, after: datetime) -> datetime:
        """A time in the next days."""
        opens, _ = hours_of(after.astimezone(ZONE).date() + timedelta(days=self.rng.randint(1, 4)))
        return opens + timedelta(hours=self.rng.randrange(9))

    def _share(self, day: date) -> float:
        return (1.0, *WEEKEND)[max(0, day.weekday() - 4)]

    def _comes(self, car: Vehicle, at: datetime) -> None:
        self.seen.setdefault(car.id, []).append(at)

    def _too_soon(self, car: Vehicle, at: datetime) -> bool:
        return any(abs(at - other) < REST for other in self.seen.get(car.id, ()))

    def _next_car(self, branch_id: int, at: datetime) -> Vehicle | None:
        """The car of this branch that has not been here for longest; nothing if all of them have been lately."""
        queue = self.due[branch_id]
        place = next((place for place, car in enumerate(queue) if not self._too_soon(car, at)), None)
        if place is None:
            return None
        queue.append(queue.pop(place))
        return queue[-1]
