"""The part of a booking's form that follows what is filled in; without scripts a page that is read beside it."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from addons.service.services import booking_help
from core import Page, Request, T, local_moment, moment_input, number_of, whole_number


def show(request: Request) -> Response:
    """Works, free windows and the client's cars, for the fields as they are now."""
    asked, zone = request.args, request.access.zone
    found = booking_help.helping(
        request.session,
        job_ids=[number for number in map(number_of, asked.getlist("job_ids")) if number is not None],
        minutes=whole_number(asked.get("minutes", "")),
        around=local_moment(asked.get("starts_at", ""), zone),
        bay_id=number_of(asked.get("bay_id", "")),
        customer_id=number_of(asked.get("customer_id", "")),
        adviser_id=number_of(asked.get("adviser_id", "")) or request.access.user_id,
    )
    context: dict[str, Any] = {
        "found": found,
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
