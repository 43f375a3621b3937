"""The part of a booking's form that follows what is filled in; without scripts a page that is read beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from werkzeug.wrappers import Response

from addons.service.models import Booking
from addons.service.services import booked_jobs, booking_help
from addons.service.services.kinds import BOOKINGS
from core import Page, Request, T, local_moment, moment_input, number_of, whole_number


def show(request: Request) -> Response:
    """Works, free windows and the client's cars, for the fields as they are now; of a booking that is changed its works."""
    asked, zone = request.args, request.access.zone
    booking = _changed(request)
    found = booking_help.helping(
        request.session,
        job_ids=_job_ids(request, booking),
        minutes=whole_number(asked.get("minutes", "")),
        around=local_moment(asked.get("starts_at", ""), zone),
        bay_id=number_of(asked.get("bay_id", "")),
        customer_id=number_of(asked.get("customer_id", "")),
        adviser_id=number_of(asked.get("adviser_id", "")) or request.access.user_id,
    )
    context: dict[str, Any] = {
        "found": found,
        "booking": booking,
        "typed_at": [moment_input(window.starts_at, zone) for window in found.windows],
        "car_id": number_of(asked.get("vehicle_id", "")),
    }
    if request.fragment:
        return request.render("service/booking_help.html", **context)
    page = Page(
        request.translate(T("Nearest free times")),
        crumbs=((request.translate(T("Bookings")), request.url("service.bookings")),),
        menu="service",
    )
    return request.render("service/booking_help_page.html", page=page, **context)


def _changed(request: Request) -> Booking | None:
    """The booking whose form it is, if it is not a new one."""
    number = number_of(request.args.get("booking", ""))
    return BOOKINGS.get(request.session, number) if number is not None else None


def _job_ids(request: Request, booking: Booking | None) -> Sequence[int]:
    """What is chosen in the form; before it says so, what is planned."""
    if booking is not None and "job_ids" not in request.args:
        return [job.id for job in booked_jobs.planned(request.session, booking)]
    return [number for number in map(number_of, request.args.getlist("job_ids")) if number is not None]
