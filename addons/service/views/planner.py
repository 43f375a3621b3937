"""The planner of bays: its page, the windows it proposes, and putting a booking into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from werkzeug.wrappers import Response

from addons.service.models import Bay, Booking
from addons.service.services import placing, planner, slots
from addons.service.services.clocks import name_for
from addons.service.services.kinds import BOOKINGS
from addons.service.services.planner import Lane, Plan, Scope, Stay
from addons.service.services.states import BOOKING
from addons.service.services.vocabulary import BAY_KINDS
from core import (
    Calendar,
    Confirmation,
    Conflict,
    Invalid,
    Page,
    Refusal,
    Request,
    T,
    asking,
    calendar_day,
    calendar_of,
    clock_skips,
    local_moment,
    names_of,
    number_of,
    redirect,
    whole_number,
)

VIEWS = {planner.BAYS: T("Bays"), planner.MASTERS: T("Masters"), planner.WEEK: T("Week")}
WEEKDAYS = (T("Monday"), T("Tuesday"), T("Wednesday"), T("Thursday"), T("Friday"), T("Saturday"), T("Sunday"))
HIGH_LOAD = 90
"""From this load on, in percent, a bay is shown as full."""


class Row(NamedTuple):
    """A row of the table: a car with its times by the workshop's clock, the word and colour of its state, its addresses.

    ``day`` is there where the table has several.
    """

    stay: Stay
    starts: str
    ends: str
    day: date | None
    state: str
    look: str
    card: str
    windows: str


def show(request: Request) -> Response:
    """The plan of a day or a week."""
    departments = planner.workshops(request.session)
    page = Page(
        request.translate(T("Planner of bays")), menu="service", main_class="flush", screen_key="service.planner"
    )
    scope = _scope(request, departments)
    if scope is None:
        return request.render("service/planner_empty.html", page=page)
    plan = planner.plan_of(request.session, scope, departments, request.reader.gather)
    return request.render("service/planner.html", page=page, **_context(request, plan))


def _scope(request: Request, departments: Sequence[Any]) -> Scope | None:
    """What the address asks for; else today, in the person's own workshop or the first one."""
    known: list[int] = [each.id for each in departments]
    if not known:
        return None
    mine = [each for each in known if each in request.access.department_ids]
    asked = number_of(request.args.get("department", ""))
    view = request.args.get("view", "")
    return Scope(
        department_id=asked if asked is not None and asked in known else (mine or known)[0],
        day=calendar_day(request.args.get("day", "")) or request.session.now().astimezone(request.access.zone).date(),
        view=view if view in VIEWS else planner.BAYS,
    )


def _context(request: Request, plan: Plan) -> dict[str, Any]:
    scope = plan.scope
    step = timedelta(days=scope.days)
    now = request.session.now().astimezone(plan.calendar.zone)
    return {
        "plan": plan,
        "workshops": _workshops(request, plan),
        "now": now,
        "lanes": _lanes(request, plan),
        "legend": planner.STATES,
        "views": [
            {"text": request.translate(text), "url": _address(request, scope, view=view), "current": view == scope.view}
            for view, text in VIEWS.items()
        ],
        "bay_kinds": BAY_KINDS,
        "high_load": HIGH_LOAD,
        "heading": _heading(request, plan),
        "zone_name": name_for(request.session, plan.calendar.zone),
        "weekday": WEEKDAYS[scope.first.weekday()],
        "today_url": _address(request, scope, day=now.date()),
        "previous_url": _address(request, scope, day=scope.first - step),
        "next_url": _address(request, scope, day=scope.first + step),
        "here": _address(request, scope),
        "offset": now.isoformat()[-6:],
        "as_table": request.args.get("as") == "table",
        "table_url": _address(request, scope, **({} if request.args.get("as") == "table" else {"as": "table"})),
    }


def _workshops(request: Request, plan: Plan) -> list[tuple[int, str]]:
    """What can be looked at, by its branch where workshops are in several."""
    russian = request.translate.language == "ru"
    several = len({each.branch_id for each in plan.departments}) > 1
    titles = [
        (each.id, each.title_ru if russian else each.title_en, each.branch_ru if russian else each.branch_en)
        for each in plan.departments
    ]
    return [(number, f"{title} · {branch}" if several else title) for number, title, branch in titles]


def _heading(request: Request, plan: Plan) -> str:
    """The day, or the first and the last of the week."""
    scope, zone = plan.scope, plan.calendar.zone
    today = request.session.now().astimezone(zone).date()
    days = [scope.first] if scope.days == 1 else [scope.first, scope.first + timedelta(days=scope.days - 1)]
    return " – ".join(request.translate.day(day, zone, today=today) for day in days)


def _address(request: Request, scope: Scope, **changed: Any) -> str:
    values = {"day": scope.day, "view": scope.view, "department": scope.department_id, **changed}
    kept = {name: str(value) for name, value in values.items() if (name, value) != ("view", planner.BAYS)}
    return request.url("service.planner", **kept)


def _lanes(request: Request, plan: Plan) -> list[tuple[Lane, list[Row]]]:
    """The plan as the table says it, in the workshop's own time; the calendar is drawn from it.

    A week has hundreds of rows, so their addresses are made from one, and the words of the states once.
    """
    card = request.url("service.bookings.card", record_id=0).removesuffix("0")
    before, after = request.url("service.planner_windows", record_id=0).split("/0/")
    zone, several = plan.calendar.zone, plan.scope.days > 1
    titles = {code: request.translate(title) for code, title in BOOKING.titles.items()}
    looks = {state.code: state.look or "grey" for state in BOOKING.states}
    rows: dict[int, list[Row]] = {lane.id: [] for lane in plan.lanes}
    for stay in plan.stays:
        starts, ends = stay.starts_at.astimezone(zone), stay.ends_at.astimezone(zone)
        row = Row(
            stay=stay,
            starts=starts.replace(tzinfo=None).isoformat(timespec="seconds"),
            ends=ends.replace(tzinfo=None).isoformat(timespec="seconds"),
            day=starts.date() if several or starts.date() != ends.date() else None,
            state=titles[stay.state],
            look=("bad" if stay.trouble else looks[stay.state]) if stay.readable else "grey",
            card=f"{card}{stay.id}",
            windows=f"{before}/{stay.id}/{after}",
        )
        rows[plan.lane_of(stay)].append(row)
    return [(lane, rows[lane.id]) for lane in plan.lanes]


# --- giving a time ------------------------------------------------------------------------------


def windows(request: Request, record_id: int) -> Response:
    """The three nearest windows for a booking, to choose one from: next to the time it has, else on the day looked at."""
    return _windows(request, BOOKINGS.get(request.session, record_id))


def place(request: Request, record_id: int) -> Response:
    """Give it the window that was chosen, or the place it was dragged to."""
    version, wish = whole_number(request.form.get("version", "")), None
    try:
        if version is None:
            raise Invalid({"version": [T("Fill this in.")]})
        wish = _wish(request, BOOKINGS.get(request.session, record_id))
        booking = placing.place(request.session, record_id, version, wish, asking.confirmed(request))
    except (Invalid, Conflict, Confirmation) as refusal:
        request.session.rollback()
        return _windows(request, BOOKINGS.get(request.session, record_id), refusal, wish)
    return Response(status=204) if request.fragment else redirect(_place_of(request, booking))


def _wish(request: Request, booking: Booking) -> placing.Wish:
    sent, zone = request.form, calendar_of(request.session, booking.department_id).zone
    return placing.Wish(
        starts_at=_moment(sent, "starts_at", zone),
        minutes=whole_number(sent.get("minutes", "")),
        ends_at=_moment(sent, "ends_at", zone),
        bay_id=number_of(sent.get("bay_id", "")),
        mechanic_id=number_of(sent.get("mechanic_id", "")),
    )


def _moment(sent: Mapping[str, str], name: str, zone: ZoneInfo) -> datetime | None:
    """A moment with its zone as programs write it, or what the clock of the workshop shows; of an hour that comes twice
    the first.

    :raises Invalid: for what is neither, and for what the clock skips.
    """
    text = sent.get(name, "")
    if not text:
        return None
    moment = local_moment(text, zone)
    try:
        aware = datetime.fromisoformat(text)
        moment = aware.astimezone(UTC) if aware.tzinfo is not None else moment
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        skipped = clock_skips(text, zone)
        raise Invalid(
            {name: [T("The clock is put forward that night and skips this time.") if skipped else _NO_MOMENT]}
        )
    return moment


_NO_MOMENT = T("This is not a date and time.")


def _place_of(request: Request, booking: Booking) -> str:
    """Where in the planner a booking stands."""
    zone = calendar_of(request.session, booking.department_id).zone
    day = (booking.starts_at or request.session.now()).astimezone(zone).date()
    return request.url("service.planner", day=str(day), department=booking.department_id)


def _windows(
    request: Request, booking: Booking, refusal: Refusal | None = None, wish: placing.Wish | None = None
) -> Response:
    BOOKINGS.expect(request.session, booking, "change")
    session = request.session
    calendar = calendar_of(session, booking.department_id)
    wished = wish.starts_at if wish is not None else None
    around = wished or booking.starts_at or _looked_at(request, calendar)
    free = refusal.windows if isinstance(refusal, slots.Taken) else placing.proposed(session, booking, around)
    titles = {bay.id: bay for bay in (session.get_one(Bay, window.bay_id) for window in free)}
    page = Page(
        request.translate(T("Three nearest windows")),
        crumbs=((request.translate(T("Planner of bays")), _place_of(request, booking)),),
        menu="service",
    )
    return request.render(
        "service/planner_windows.html" if request.fragment else "service/planner_windows_page.html",
        refusal.status if refusal is not None else 200,
        page=page,
        booking=booking,
        windows=free,
        bays=titles,
        people=names_of(session, [bay.mechanic_id for bay in titles.values()]),
        zone=calendar.zone,
        zone_name=name_for(session, calendar.zone),
        message=_words(request, refusal),
        asked=refusal if isinstance(refusal, Confirmation) else None,
        wish=wish,
        back_url=_place_of(request, booking),
    )


def _looked_at(request: Request, calendar: Calendar) -> datetime:
    """When the day of the planner begins that a card was chosen on; else now."""
    day = calendar_day(request.args.get("day", ""))
    return datetime.combine(day, time(), tzinfo=calendar.zone).astimezone(UTC) if day else request.session.now()


def _words(request: Request, refusal: Refusal | None) -> str:
    if refusal is None or isinstance(refusal, Confirmation):
        return ""
    if isinstance(refusal, slots.Taken) and refusal.there:
        return request.translate(T("This time is taken: %(there)s."), there=refusal.there)
    errors: Mapping[str, Sequence[str]] = refusal.errors if isinstance(refusal, Invalid) else {}
    texts = [text for each in errors.values() for text in each]
    return " ".join(map(request.translate, texts)) or request.translate(refusal.message, **refusal.values)
