"""What service holds about people, and what the law makes it keep (SEC-69…71)."""

from __future__ import annotations

from sqlalchemy import SQLColumnExpression, select

from addons.contacts.models import Customer, Document, Vehicle
from addons.service.models import (
    Absence,
    Approval,
    Bay,
    Booking,
    BookingJob,
    CarVisit,
    Concern,
    Employee,
    Hold,
    Job,
    LabourRate,
    MaintenancePlan,
    MaintenanceRule,
    OrderLine,
    Payment,
    Recommendation,
    RepairOrder,
    Shift,
    VatRate,
)
from addons.service.services.states import BOOKING, ORDER, VISIT
from addons.service.services.vocabulary import ABSENCE_REASONS, AGREED_HOW, PAY_TYPES
from core import Base, Declaration, NotPersonal, PersonalData, T, User, personal_data
from core import Hold as KeptByLaw

_ACCOUNTING = T("Papers of a finished repair are kept five years (402-FZ, art. 29; Tax Code, art. 23)")
_REPAIRS = T("Bookings and repairs of his cars")

_KEPT = select(RepairOrder.id).where(RepairOrder.state.in_(("in_work", "done", "closed")) | (RepairOrder.paid != 0))
"""The orders of which there are papers of accounting, or are going to be: the client's car is in work."""
_PAPERS: tuple[tuple[type[Base], SQLColumnExpression[int], tuple[str, ...], str], ...] = (
    (Document, Document.id, ("customer_text",), "at"),
    (RepairOrder, RepairOrder.id, ("payer",), "created_at"),
    (OrderLine, OrderLine.order_id, ("title", "performer"), "created_at"),
    (Approval, Approval.order_id, ("who",), "at"),
)
"""What names the parties and the content of what was done there (402-FZ, art. 9), and since when it is kept."""


def declarations() -> list[Declaration]:
    """Bookings, visits and orders of clients; shifts and absences of staff; the hold on what was closed."""
    return [
        PersonalData(
            model=Booking,
            title=T("Bookings"),
            category=_REPAIRS,
            links=(personal_data.Link("id", Document), personal_data.Link("customer_id", Customer)),
            fields={
                "customer_text": personal_data.blank(T("Name as it was told")),
                "phone": personal_data.blank(T("Phone")),
                "vehicle_text": personal_data.blank(T("Vehicle")),
                "reason": personal_data.blank(T("Reason for the visit")),
                "wishes": personal_data.blank(T("Wishes")),
                "cancel_reason": personal_data.blank(T("Why it was cancelled")),
            },
            export={"state": personal_data.Told(T("State"), BOOKING.titles), "starts_at": T("Date and time")},
        ),
        PersonalData(
            model=CarVisit,
            title=T("Car visits"),
            category=_REPAIRS,
            links=(personal_data.Link("id", Document), personal_data.Link("customer_id", Customer)),
            fields={
                "reason": personal_data.blank(T("Reason for the visit")),
                "condition": personal_data.blank(T("Condition of the car")),
                "belongings": personal_data.blank(T("Belongings left in the car")),
                "papers_taken": personal_data.blank(T("Papers taken")),
            },
            export={
                "state": personal_data.Told(T("State"), VISIT.titles),
                "arrived_at": T("Received"),
                "mileage": T("Mileage, km"),
                "checked": T("Works that were done"),
            },
        ),
        PersonalData(
            model=RepairOrder,
            title=T("Repair orders"),
            category=_REPAIRS,
            links=(personal_data.Link("id", Document), personal_data.Link("customer_id", Customer)),
            fields={
                "payer": personal_data.blank(T("Payer, if it is not the client")),
                "cancel_reason": personal_data.blank(T("Why it was cancelled")),
                "past_works": personal_data.blank(T("Works that were done")),
                "past_adviser": personal_data.blank(T("Adviser in another system")),
            },
            export={
                "state": personal_data.Told(T("State"), ORDER.titles),
                "pay_type": personal_data.Told(T("Who pays"), PAY_TYPES),
                "total": T("Sum, kopecks"),
                "paid": T("Paid, kopecks"),
                "mileage": T("Mileage, km"),
                "external_id": T("Number in another system"),
                "past_total": T("Sum in another system, kopecks"),
            },
        ),
        PersonalData(
            model=Concern,
            title=T("Complaints"),
            category=_REPAIRS,
            links=(personal_data.Link("order_id", RepairOrder),),
            fields={
                "concern": personal_data.blank(T("What the client complains of")),
                "cause": personal_data.blank(T("Cause")),
                "correction": personal_data.blank(T("What was done about it")),
            },
        ),
        PersonalData(
            model=OrderLine,
            title=T("Works and parts"),
            category=_REPAIRS,
            links=(personal_data.Link("order_id", RepairOrder),),
            fields={
                "title": personal_data.blank(T("Title")),
                "performer": personal_data.blank(T("Who does it, if it is done outside")),
            },
            export={"total": T("Sum, kopecks")},
        ),
        PersonalData(
            model=Approval,
            title=T("What the client agreed to"),
            category=_REPAIRS,
            links=(personal_data.Link("order_id", RepairOrder),),
            fields={
                "who": personal_data.blank(T("Who has agreed")),
                "note": personal_data.blank(T("Note")),
            },
            export={
                "at": T("When"),
                "how": personal_data.Told(T("How"), AGREED_HOW),
                "total": T("Sum, kopecks"),
            },
        ),
        PersonalData(
            model=Payment,
            title=T("Payments"),
            category=_REPAIRS,
            links=(personal_data.Link("order_id", RepairOrder),),
            fields={"note": personal_data.blank(T("Note"))},
            export={"at": T("When"), "amount": T("Sum, kopecks")},
        ),
        PersonalData(
            model=Recommendation,
            title=T("Recommendations"),
            category=_REPAIRS,
            links=(personal_data.Link("order_id", RepairOrder), personal_data.Link("vehicle_id", Vehicle)),
            fields={"text": personal_data.blank(T("What should be done"))},
            export={"due_mileage": T("At a mileage of, km")},
        ),
        PersonalData(
            model=MaintenancePlan,
            title=T("Next maintenance"),
            category=_REPAIRS,
            links=(personal_data.Link("id", Vehicle),),
            fields={},
            export={"due_on": T("Next maintenance"), "invite": T("Invite to maintenance")},
        ),
        PersonalData(
            model=Absence,
            title=T("Absences"),
            category=T("Working time of staff"),
            links=(personal_data.Link("user_id", User),),
            fields={"note": personal_data.blank(T("Note"))},
            export={
                "first_day": T("First day"),
                "last_day": T("Last day"),
                "reason": personal_data.Told(T("Why"), ABSENCE_REASONS),
            },
        ),
        PersonalData(
            model=Shift,
            title=T("Shifts"),
            category=T("Working time of staff"),
            links=(personal_data.Link("user_id", User),),
            fields={},
            export={"starts_at": T("From"), "ends_at": T("To")},
        ),
        *(
            KeptByLaw(model=model, where=link.in_(_KEPT), columns=columns, law=_ACCOUNTING, years=5, since=since)
            for model, link, columns, since in _PAPERS
        ),
        NotPersonal(T("a directory: the same for everybody"), (Bay, Job, LabourRate, VatRate, MaintenanceRule)),
        NotPersonal(T("numbers that belong to a booking"), (BookingJob, Hold)),
        NotPersonal(T("which colleague does which work"), (Employee,)),
    ]
