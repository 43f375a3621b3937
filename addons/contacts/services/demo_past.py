"""Two months of inbound traffic of the demonstration: stories that begin on some day and go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from random import Random

from sqlalchemy import select

from addons.contacts.models import ContactReason, IgnoreReason, LeadSource, RequestReason
from addons.contacts.services import demo_names as names
from addons.contacts.services.demo_clients import Client
from addons.contacts.services.demo_contacts import Caller, Event, make_event
from addons.contacts.services.demo_office import ZONE, Office
from addons.contacts.services.demo_stories import (
    NOTES,
    RESULTS,
    STORIES,
    WHY_DROPPED,
    WHY_IGNORED,
    Step,
    Story,
    words,
)
from core import Phone, WorkSession, demo, format_phone, parse_phone, shipped_ids

DAYS = 60
CONTACTS = 1185

BUSY_DAYS = (1.15, 1.0, 1.0, 1.05, 1.15, 0.95, 0.55)
"""How much comes in on each day of the week, from Monday."""

BUSY_HOURS = {8: 2, 9: 7, 10: 10, 11: 11, 12: 9, 13: 7, 14: 8, 15: 8, 16: 8, 17: 10, 18: 8, 19: 5, 20: 2}
QUIET = timedelta(minutes=25)
"""What is younger than this is said in ``demo_present``: it is still open."""

WEEKDAYS = ("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье")
WAITS = {"visit": (1, 12), "phone": (0, 1), "mobile_phone": (0, 1), "chat": (1, 6)}
"""How many minutes pass until somebody takes a contact; three quarters of an hour at most elsewhere."""

REQUESTS = {
    "maintenance": ("maintenance", "oil", "tyres"),
    "repair": ("suspension", "engine", "brakes", "air", "electrics", "steering", "body"),
    "warranty": ("warranty",),
}
"""What is to be done, by purpose (S1-73)."""


def past(session: WorkSession, office: Office, clients: Sequence[Client]) -> list[Event]:
    """The contacts of all days but the last minutes."""
    reasons = shipped_ids(session, IgnoreReason)
    sources = list(session.scalars(select(LeadSource.id).order_by(LeadSource.id)))
    events: list[Event] = []
    while len(events) < CONTACTS:
        story = office.rng.choices(STORIES, [story.weight for story in STORIES])[0]
        events += _tell(office, story, _caller(office, story, clients), reasons)
    for event in events:
        if office.rng.random() < 0.6:
            event.row["lead_source_id"] = office.rng.choice(sources)
    return events


def add_reasons(session: WorkSession, office: Office, events: Sequence[Event]) -> None:
    """Say of repairs what was to be done."""
    numbers = shipped_ids(session, RequestReason)
    purposes = {goal.id: key.split("/")[1] for key, goal in office.goals.items()}
    rows = []
    for event in events:
        wanted = REQUESTS.get(purposes[event.goal.id])
        if wanted and office.rng.random() < 0.7:
            rows.append({"contact_id": event.id, "reason_id": numbers[office.rng.choice(wanted)]})
    demo.add_records(session, ContactReason, rows)


def _tell(office: Office, story: Story, caller: Caller, reasons: dict[str, int]) -> Iterator[Event]:
    """The contacts of one story, as far as it has got."""
    before: Event | None = None
    day = _first_day(office)
    for step in story.steps:
        if office.rng.random() > step.chance:
            continue
        day += timedelta(days=office.rng.randint(*step.after))
        at = _moment(office.rng, day)
        if at > office.now - QUIET or (before is not None and at <= before.row["at"]):
            return
        before = _event(office, step, caller, at, before)
        _end(office, before, step, reasons)
        yield before


def _first_day(office: Office) -> datetime:
    """Local midnight of some day of the two months, busy ones more often."""
    today = datetime.combine(office.now.astimezone(ZONE).date(), time(), ZONE)
    days = [today - timedelta(days=ago) for ago in range(DAYS)]
    return office.rng.choices(days, [BUSY_DAYS[day.weekday()] for day in days])[0]


def _moment(rng: Random, midnight: datetime) -> datetime:
    hour = rng.choices(list(BUSY_HOURS), list(BUSY_HOURS.values()))[0]
    return midnight + timedelta(hours=hour, minutes=rng.randrange(60), seconds=rng.randrange(60))


def _event(office: Office, step: Step, caller: Caller, at: datetime, before: Event | None) -> Event:
    rng = office.rng
    channel = rng.choice(step.channels.split())
    goal = office.goals[f"{caller.branch}/{step.purpose}/{channel}"]
    note = rng.choice(words(NOTES, step.purpose, channel)) if rng.random() < 0.8 else ""
    car = caller.about.title if caller.about else "автомобиль"
    event = make_event(office, caller, goal, at, note.format(car=car, day=rng.choice(WEEKDAYS)))
    if before is not None and goal.route == "follow_up":
        event.before = before
    if caller.car is not None and caller.wanted is None and rng.random() < 0.5:
        event.row["mileage"] = caller.car.mileage + rng.randint(1, 90) * 10
    event.row["responsible_id"] = _handler(office, event, before)
    return event


def _handler(office: Office, event: Event, before: Event | None) -> int:
    """Who has talked to the client before, else somebody of the department, rarely its head."""
    if before is not None and before.goal.department_id == event.goal.department_id and before.row["responsible_id"]:
        known: int = before.row["responsible_id"]
        return known
    staff = office.staff[event.goal.department_id]
    heads = {office.people["orlov"], office.people["gromova"]}
    return office.rng.choices(staff, [1 if person in heads else 8 for person in staff])[0]


def _end(office: Office, event: Event, step: Step, reasons: dict[str, int]) -> None:
    """How a contact ended; a few of the last day have not."""
    rng, row = office.rng, event.row
    if step.purpose == "information":
        row.update(state="informed", responsible_id=None, finished_at=row["at"])
        return
    shortest, longest = WAITS.get(row["channel"], (3, 45))
    row["taken_at"] = row["at"] + timedelta(minutes=rng.randint(shortest, longest), seconds=rng.randrange(60))
    finished = row["taken_at"] + timedelta(minutes=rng.randint(3, 40), seconds=rng.randrange(60))
    recent = row["at"] > office.now - timedelta(hours=26)
    if finished >= office.now or (recent and rng.random() < 0.12):
        row.update(state="in_progress", taken_at=min(row["taken_at"], office.now))
        return
    row["finished_at"] = finished
    nothing_wanted = step.purpose == "other"
    if rng.random() < (0.75 if nothing_wanted else 0.03):
        why = WHY_IGNORED[row["channel"]] if nothing_wanted else WHY_DROPPED
        reason, comment = rng.choice(why)
        row.update(state="ignored", is_request=False, ignore_reason_id=reasons[reason], ignore_comment=comment)
    else:
        row.update(state="processed", result=rng.choice(words(RESULTS, step.purpose, row["channel"])))


# --- who calls ----------------------------------------------------------------------------------


def _caller(office: Office, story: Story, clients: Sequence[Client]) -> Caller:
    rng = office.rng
    if rng.random() < story.known:
        client = rng.choice(clients)
        phone = rng.choice(client.phones) if client.phones else None
        caller = Caller(client.branch, client.name, client, phone)
        caller.car = rng.choice(client.cars) if client.cars and not story.buys else None
    else:
        caller = _stranger(rng, story.steps[0])
        if not story.buys and story.steps[0].purpose in ("maintenance", "repair", "warranty", "parts", "insurance"):
            make, model, _, _ = rng.choices(names.GARAGE, [row[2] for row in names.GARAGE])[0]
            caller.wanted = office.cars[make, model]
    if story.buys:
        make, model, _, _ = rng.choices(names.FOR_SALE, [row[2] for row in names.FOR_SALE])[0]
        caller.wanted = office.cars[make, model]
    return caller


def _stranger(rng: Random, first: Step) -> Caller:
    """Somebody of whom only a name is known, or a number, or how he looks."""
    branch = "north" if rng.random() < 0.65 else "south"
    if first.channels == "visit" and rng.random() < 0.5:
        return Caller(branch, rng.choice(names.DESCRIPTIONS))
    if first.purpose == "other":
        text = rng.choice(("Служба такси", "Рекламное агентство", "Курьер", "Поставщик расходников", "Не представился"))
        return Caller(branch, text, phone=_number(rng) if "phone" in first.channels and rng.random() < 0.7 else None)
    phone = _number(rng)
    woman = rng.random() < 0.36
    text = rng.choice(names.WOMEN if woman else names.MEN)
    if rng.random() < 0.1:
        text = format_phone(phone.e164)
    return Caller(branch, text, phone=phone)


def _number(rng: Random) -> Phone:
    last = f"{rng.randrange(10_000):04d}"
    spelling, code = rng.choice(names.SPELLINGS), rng.choice(names.MOBILE_CODES)
    phone = parse_phone(spelling.format(code=code, a="000", b=last[:2], c=last[2:]))
    assert phone is not None
    return phone
