"""Storing the stays of the demonstration: their documents, lines, money, histories and places in the plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from addons.contacts.models import CustomerPhone, Document, InboundContact, OdometerReading, Vehicle
from addons.contacts.services.demo_office import ZONE
from addons.contacts.services.demo_work import task_created
from addons.service.models import (
    Approval,
    Booking,
    BookingJob,
    CarVisit,
    Concern,
    Hold,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
    VatRate,
)
from addons.service.services import demo_words as words
from addons.service.services import reminders
from addons.service.services.amounts import Amounts, line_amounts
from addons.service.services.demo_stays import Line, Stay, Steps, Workshop
from addons.service.services.kinds import BOOKING_SERIES, BOOKINGS, ORDER_SERIES, ORDERS, VISIT_SERIES, VISITS
from addons.service.services.moves import MOVED, Kind
from addons.service.services.slots import slot_of, slots_between
from addons.service.services.vocabulary import HAND_OVER
from core import Subject, Task, TaskEvent, TaskReminder, WorkSession, demo, search_key

SERIES = {BOOKINGS.thing: BOOKING_SERIES, VISITS.thing: VISIT_SERIES, ORDERS.thing: ORDER_SERIES}
KINDS: Mapping[str, Kind[Any]] = {kind.thing: kind for kind in (BOOKINGS, VISITS, ORDERS)}
KILOMETRES_A_DAY = 38
STILL_OPEN = 5
"""So many clients have still to be reminded today."""
REMEMBERED = timedelta(days=14)
"""How far back the reminders go that were done."""


def store(session: WorkSession, workshop: Workshop, stays: Sequence[Stay]) -> None:
    """Store everything, the oldest first; contacts lead to what they have become."""
    store_ = _Store(session, workshop, sorted(stays, key=lambda stay: stay.created))
    store_.mileages()
    store_.documents()
    store_.bookings()
    store_.reminders()
    store_.visits()
    store_.orders()
    store_.histories()
    store_.links()


class _Store:
    def __init__(self, session: WorkSession, workshop: Workshop, stays: Sequence[Stay]) -> None:
        self.session, self.workshop, self.stays = session, workshop, stays
        self.rng = workshop.rng
        self.vat = session.scalars(select(VatRate).where(VatRate.usual)).one()
        self.numbers: dict[int, str] = {}
        self.phones: dict[int, list[str]] = {}
        phones = select(CustomerPhone.customer_id, CustomerPhone.e164)
        for customer_id, number in session.execute(phones.order_by(CustomerPhone.position, CustomerPhone.id)):
            self.phones.setdefault(customer_id, []).append(number)
        self.here = [stay for stay in stays if stay.here]

    # --- documents -------------------------------------------------------------------------------

    def documents(self) -> None:
        """The head rows of all documents in the order of their time, numbered without gaps."""
        heads = sorted(self._heads(), key=lambda head: head[2])
        counted: Counter[tuple[str, int, int]] = Counter()
        rows = []
        for stay, type_, at in heads:
            place = (SERIES[type_].code, stay.plan.branch_id, at.astimezone(ZONE).year)
            counted[place] += 1
            values = {"number": counted[place], "branch": place[1], "year": place[2], "short_year": place[2] % 100}
            rows.append(self._head(stay, type_, at, SERIES[type_].form % values))
        for (stay, type_, _), row, id_ in zip(heads, rows, demo.add_records(self.session, Document, rows), strict=True):
            stay.ids[type_] = id_
            self.numbers[id_] = row["number"]
        series = {each.code: each for each in SERIES.values()}
        for (code, branch_id, year), last in counted.items():
            demo.continue_from(self.session, series[code], last, branch_id=branch_id, year=year)

    def _heads(self) -> Iterator[tuple[Stay, str, datetime]]:
        for stay in self.stays:
            if stay.booked:
                yield stay, BOOKINGS.thing, stay.created
            if stay.arrived is not None:
                yield stay, VISITS.thing, stay.arrived
                yield stay, ORDERS.thing, stay.arrived

    def _head(self, stay: Stay, type_: str, at: datetime, number: str) -> dict[str, Any]:
        state = KINDS[type_].machine[_steps(stay, type_)[-1][0]]
        phones = self.phones.get(stay.customer.id, []) if stay.customer is not None else []
        car = stay.vehicle
        about = (car.plate or "", car.vin or "") if car is not None else ()
        return {
            "type": type_,
            "number": number,
            "at": at,
            "customer_id": stay.customer.id if stay.customer is not None else None,
            "customer_text": stay.client,
            "vehicle_id": car.id if car is not None else None,
            "vehicle_text": stay.vehicle_text,
            "responsible_id": stay.adviser_id,
            "state": state.code,
            "state_ru": self.session.words("ru", state.title),
            "state_en": self.session.words("en", state.title),
            "open": not state.terminal,
            "title": stay.work.reason,
            "amount": self._total(stay) if type_ == ORDERS.thing else None,
            "search_key": search_key(number, stay.client, *phones, stay.vehicle_text, *about, stay.work.reason),
            **_place(stay),
            **_made(stay, at),
        }

    def _total(self, stay: Stay) -> int:
        return sum(self._amounts(line).total for line in stay.lines)

    def _amounts(self, line: Line) -> Amounts:
        return line_amounts(line.quantity, line.price, line.discount, self.vat.rate)

    # --- bookings --------------------------------------------------------------------------------

    def bookings(self) -> None:
        """The bookings with their jobs, and the quarters that are taken from now on."""
        booked = [stay for stay in self.stays if stay.booked]
        demo.add_rows(self.session, Booking, [self._booking(stay) for stay in booked])
        jobs = [
            {"booking_id": stay.ids[BOOKINGS.thing], "job_id": self.workshop.jobs[key].id}
            for stay in booked
            for key in stay.work.jobs
        ]
        demo.add_rows(self.session, BookingJob, jobs)
        now = self.session.now()
        demo.add_rows(self.session, Hold, [row for stay in booked if _holds(stay, now) for row in _quarters(stay)])

    def reminders(self) -> None:
        """Whoever receives a car reminds its client the day before, as :mod:`..services.reminders` asks him to.

        Of those for today and before only a few are still to be done: nobody lets them pile up.
        """
        now = self.session.now()
        tasks = [
            _reminder(stay, self.numbers[stay.ids[BOOKINGS.thing]])
            for stay in self.stays
            if stay.booked and stay.place is not None and stay.state != "cancelled"
        ]
        told = [task for task in tasks if max(task["created_at"], now - REMEMBERED) < task["due_at"]]
        by_tonight = [task for task in told if task["due_at"] < _tomorrow(now)]
        left = _left_open([task for task in by_tonight if task["due_at"] > now - reminders.BEFORE])
        for task in by_tonight:
            if task not in left:
                called = task["due_at"] - timedelta(minutes=self.rng.randrange(-30, 90))
                finished = max(task["created_at"], min(called, now - timedelta(minutes=self.rng.randrange(2, 90))))
                task.update(state="done", result=words.REMINDED, finished_at=finished)
        ids = demo.add_records(self.session, Task, told)
        pairs = list(zip(ids, told, strict=True))
        demo.add_rows(self.session, TaskEvent, [task_created(number, task) for number, task in pairs])
        rings = [
            {"task_id": number, "remind_at": due, "sent_at": due if due <= now else None}
            for number, due in ((number, task["due_at"]) for number, task in pairs if task["state"] == "open")
        ]
        demo.add_rows(self.session, TaskReminder, rings)

    def _booking(self, stay: Stay) -> dict[str, Any]:
        place = stay.place
        state, since = stay.booking_steps()[-1]
        id_ = stay.ids[BOOKINGS.thing]
        return {
            "id": id_,
            "number": self.numbers[id_],
            "state": state,
            "state_since": since,
            "customer_id": stay.customer.id if stay.customer is not None else None,
            "customer_text": stay.client_text,
            "phone": stay.phone,
            "vehicle_id": stay.vehicle.id if stay.vehicle is not None else None,
            "make_id": stay.make_id,
            "model_id": stay.model_id,
            "vehicle_text": stay.vehicle_text,
            "reason": stay.work.reason,
            "wishes": stay.wishes,
            "bay_id": place.bay_id if place is not None else None,
            "mechanic_id": place.mechanic_id if place is not None else None,
            "adviser_id": stay.adviser_id,
            "starts_at": place.starts_at if place is not None else None,
            "ends_at": place.ends_at if place is not None else None,
            "minutes": stay.minutes,
            "rescheduled": 0,
            "cancel_reason": self.rng.choice(words.CANCEL_REASONS) if state == "cancelled" else "",
            **_place(stay),
            **_made(stay, stay.created),
        }

    # --- visits ----------------------------------------------------------------------------------

    def mileages(self) -> None:
        """What the odometers showed at each reception; the latest is the car's own (S1-71)."""
        readings: list[dict[str, Any]] = []
        latest: dict[int, tuple[int, datetime]] = {}
        for stay in sorted(self.here, key=lambda stay: stay.arrived or stay.created):
            car, at = stay.vehicle, stay.arrived
            if car is None or at is None:
                continue
            known, since = latest.get(car.id, (car.mileage or 0, car.mileage_at or at))
            stay.mileage = known + max(1, (at - since).days) * self.rng.randint(KILOMETRES_A_DAY // 2, KILOMETRES_A_DAY)
            latest[car.id] = (stay.mileage, at)
            readings.append({"vehicle_id": car.id, "at": at, "kilometres": stay.mileage, "contact_id": None})
        demo.add_records(self.session, OdometerReading, readings)
        demo.set_column(self.session, Vehicle, "mileage", {id_: read for id_, (read, _) in latest.items()})
        demo.set_column(self.session, Vehicle, "mileage_at", {id_: at for id_, (_, at) in latest.items()})

    def visits(self) -> None:
        """The car visits."""
        demo.add_rows(self.session, CarVisit, [self._visit(stay, stay.arrived) for stay in self.here if stay.arrived])

    def _visit(self, stay: Stay, arrived: datetime) -> dict[str, Any]:
        state, since = stay.visit_steps()[-1]
        id_ = stay.ids[VISITS.thing]
        promised = arrived + timedelta(minutes=stay.minutes + 45)
        if not stay.gone:
            promised = max(promised, self.session.now() + timedelta(minutes=15 * self.rng.randint(-3, 20)))
        return {
            "id": id_,
            "number": self.numbers[id_],
            "state": state,
            "state_since": since,
            "booking_id": stay.ids.get(BOOKINGS.thing),
            "customer_id": stay.customer.id if stay.customer is not None else None,
            "vehicle_id": stay.vehicle.id if stay.vehicle is not None else None,
            "mileage": stay.mileage,
            "arrived_at": arrived,
            "promised_at": promised.replace(minute=promised.minute // 15 * 15, second=0, microsecond=0),
            "handed_over_at": stay.gone,
            "adviser_id": stay.adviser_id,
            "reason": stay.work.reason,
            "condition": self.rng.choice(words.CONDITIONS),
            "belongings": self.rng.choice(words.BELONGINGS),
            "keys_taken": 1,
            "papers_taken": "СТС" if self.rng.random() < 0.4 else "",
            "fuel": self.rng.choice(("1/4", "1/2", "1/2", "3/4", "1")),
            "checked": list(HAND_OVER) if stay.gone else [],
            **_place(stay),
            **_made(stay, arrived),
        }

    # --- repair orders ---------------------------------------------------------------------------

    def orders(self) -> None:
        """The repair orders with all that is in them."""
        demo.add_rows(self.session, RepairOrder, [self._order(stay) for stay in self.here])
        concerns = demo.add_records(self.session, Concern, [_concern(stay) for stay in self.here])
        agreed = [
            (stay, approval)
            for stay in self.here
            for approval in (False, True)
            if stay.state != "received" and (not approval or any(line.extra for line in stay.lines))
        ]
        ids = demo.add_records(self.session, Approval, [self._approval(stay, extra=extra) for stay, extra in agreed])
        approvals = {(stay.ids[ORDERS.thing], extra): id_ for (stay, extra), id_ in zip(agreed, ids, strict=True)}
        lines = [
            self._line(stay, line, position, concern, approvals)
            for stay, concern in zip(self.here, concerns, strict=True)
            for position, line in enumerate(stay.lines, start=1)
        ]
        demo.add_records(self.session, OrderLine, lines)
        demo.add_records(self.session, Payment, [self._payment(stay) for stay in self.here if _is_paid(stay)])
        self._recommend()

    def _order(self, stay: Stay) -> dict[str, Any]:
        state, since = stay.order_steps()[-1]
        id_ = stay.ids[ORDERS.thing]
        total = self._total(stay)
        return {
            "id": id_,
            "number": self.numbers[id_],
            "state": state,
            "state_since": since,
            "at": stay.arrived or stay.created,
            "visit_id": stay.ids[VISITS.thing],
            "customer_id": stay.customer.id if stay.customer is not None else None,
            "vehicle_id": stay.vehicle.id if stay.vehicle is not None else None,
            "pay_type": "warranty" if stay.warranty else "customer",
            "payer": self.workshop.payer(stay),
            "adviser_id": stay.adviser_id,
            "mileage": stay.mileage,
            "total": total,
            "paid": total if _is_paid(stay) else 0,
            "agreed_total": 0 if stay.state == "received" else total,
            "done_at": dict(stay.order_steps()).get("done"),
            "cancel_reason": "",
            "external_id": None,
            **_place(stay),
            **_made(stay, stay.arrived or stay.created),
        }

    def _approval(self, stay: Stay, *, extra: bool) -> dict[str, Any]:
        moments = dict(stay.order_steps())
        at = moments["agreed"] + (timedelta(minutes=20) if extra else timedelta())
        counted = [line for line in stay.lines if extra or not line.extra]
        return {
            "order_id": stay.ids[ORDERS.thing],
            "at": at,
            "who": stay.client,
            "how": "phone" if extra else self.rng.choice(("signature", "signature", "in_person")),
            "total": sum(self._amounts(line).total for line in counted),
            "note": "",
            **_made(stay, at),
        }

    def _line(
        self, stay: Stay, line: Line, position: int, concern_id: int, approvals: Mapping[tuple[int, bool], int]
    ) -> dict[str, Any]:
        id_ = stay.ids[ORDERS.thing]
        labour = line.kind == "labour"
        return {
            "order_id": id_,
            "concern_id": None if line.extra else concern_id,
            "kind": line.kind,
            "position": position,
            "title": line.title,
            "article": line.article,
            "job_id": line.job_id,
            "mechanic_id": stay.place.mechanic_id if labour and stay.place is not None else None,
            "unit": line.unit,
            "quantity": line.quantity,
            "price": line.price,
            "discount": line.discount,
            "vat_rate_id": self.vat.id,
            "vat": self.vat.rate,
            **self._amounts(line)._asdict(),
            "done": line.done,
            "approval_id": approvals.get((id_, line.extra)),
            **_made(stay, stay.arrived or stay.created),
        }

    def _payment(self, stay: Stay) -> dict[str, Any]:
        at = stay.order_steps()[-1][1]
        return {
            "order_id": stay.ids[ORDERS.thing],
            "at": at,
            "amount": self._total(stay),
            "method": self.rng.choices(("card", "cash", "transfer"), (70, 20, 10))[0],
            "note": "",
            **_made(stay, at),
        }

    def _recommend(self) -> None:
        """A third of the cars leave with something to be done next time."""
        rows = []
        for stay in self.here:
            if stay.state not in ("gone", "ready") or stay.vehicle is None or self.rng.random() > 0.35:
                continue
            text, urgency, days, kilometres = self.rng.choice(words.RECOMMENDATIONS)
            at = stay.order_steps()[-1][1]
            rows.append(
                {
                    "vehicle_id": stay.vehicle.id,
                    "order_id": stay.ids[ORDERS.thing],
                    "text": text,
                    "urgency": urgency,
                    "due_on": (at + timedelta(days=days)).date(),
                    "due_mileage": round(stay.mileage + kilometres, -3),
                    "state": "open",
                    "done_order_id": None,
                    **_made(stay, at),
                }
            )
        demo.add_records(self.session, Recommendation, rows)

    # --- what else knows of them -----------------------------------------------------------------

    def histories(self) -> None:
        """The states each document went through, as its card shows them."""
        entries = [
            (Subject(KINDS[type_].model.__tablename__, id_), _moved(stay, type_, before, after, at))
            for stay in self.stays
            for type_, id_ in stay.ids.items()
            for (before, _), (after, at) in pairwise(_steps(stay, type_))
        ]
        demo.add_entries(self.session, entries)

    def links(self) -> None:
        """Contacts lead to what they have become; whoever has had a repair is a repeat client from then on (T-1)."""
        links = {
            contact: stay.ids[type_]
            for stay in self.stays
            for type_, contacts in ((BOOKINGS.thing, stay.calls), (VISITS.thing, stay.visits))
            for contact in contacts
            if type_ in stay.ids
        }
        demo.set_column(self.session, InboundContact, "document_id", links)
        archived: dict[int, datetime] = {}
        for stay in self.here:
            if stay.gone is not None and stay.customer is not None:
                archived[stay.customer.id] = min(stay.gone, archived.get(stay.customer.id, stay.gone))
        statement = select(InboundContact.id, InboundContact.customer_id, InboundContact.at)
        rows = self.session.execute(statement.where(InboundContact.customer_id.in_(sorted(archived))))
        repeat = {id_: False for id_, customer_id, at in rows if customer_id is not None and at > archived[customer_id]}
        demo.set_column(self.session, InboundContact, "is_primary", repeat)


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(ZONE).date() + timedelta(days=1), time(), ZONE)


def _left_open(tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those due last, of every adviser as many, until there are enough."""
    left: list[dict[str, Any]] = []
    waiting = sorted(tasks, key=lambda task: task["due_at"])
    while waiting and len(left) < STILL_OPEN:
        having = Counter(task["assignee_id"] for task in left)
        left.append(max(waiting, key=lambda task: (-having[task["assignee_id"]], task["due_at"])))
        waiting.remove(left[-1])
    return left


def _place(stay: Stay) -> dict[str, Any]:
    return {"department_id": stay.plan.department_id, "branch_id": stay.plan.branch_id}


def _made(stay: Stay, at: datetime) -> dict[str, Any]:
    return {"created_at": at, "created_by_id": stay.adviser_id}


def _reminder(stay: Stay, number: str) -> dict[str, Any]:
    assert stay.place is not None
    return {
        "title": reminders.REMIND_TITLE,
        "title_values": {"client": stay.client},
        "kind": reminders.REMIND,
        "subject_type": Booking.__tablename__,
        "subject_id": stay.ids[BOOKINGS.thing],
        "assignee_id": stay.adviser_id,
        "due_at": stay.place.starts_at - reminders.BEFORE,
        "state": "open",
        "result": "",
        "finished_at": None,
        "origin": number,
        **_place(stay),
        **_made(stay, stay.created),
    }


def _steps(stay: Stay, type_: str) -> Steps:
    if type_ == BOOKINGS.thing:
        return stay.booking_steps()
    return stay.visit_steps() if type_ == VISITS.thing else stay.order_steps()


def _moved(stay: Stay, type_: str, before: str, after: str, at: datetime) -> dict[str, Any]:
    titles = KINDS[type_].machine.titles
    values = {"before": {"msgid": titles[before]}, "after": {"msgid": titles[after]}}
    return demo.entry(MOVED, at, stay.adviser_id, "%(before)s → %(after)s", title_values=values)


def _concern(stay: Stay) -> dict[str, Any]:
    found = stay.state in ("ready", "gone")
    return {
        "order_id": stay.ids[ORDERS.thing],
        "position": 1,
        "concern": stay.work.reason,
        "cause": stay.work.cause if found else "",
        "correction": stay.work.correction if found else "",
        **_made(stay, stay.arrived or stay.created),
    }


def _is_paid(stay: Stay) -> bool:
    return stay.state == "gone" and not stay.warranty


def _holds(stay: Stay, now: datetime) -> bool:
    waits = stay.state in ("scheduled", "received", "agreed", "in_work", "ready")
    return waits and stay.place is not None and stay.place.ends_at > now


def _quarters(stay: Stay) -> Iterator[dict[str, Any]]:
    """What a booking takes, as ``slots.take`` writes it."""
    if stay.place is None:
        return
    bay_id, mechanic_id, adviser_id, starts_at, ends_at = stay.place
    row = {"booking_id": stay.ids[BOOKINGS.thing], "bay_id": None, "user_id": None}
    for slot in slots_between(starts_at, ends_at):
        yield {**row, "bay_id": bay_id, "slot": slot}
        if mechanic_id is not None:
            yield {**row, "user_id": mechanic_id, "slot": slot}
    yield {**row, "user_id": adviser_id, "slot": slot_of(starts_at)}
