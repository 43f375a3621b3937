"""Every screen a person can reach, taken from the application's own addresses, so that a new one is covered by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import func, select

from core.access.policy import system
from core.db.base import Base
from core.db.engine import WorkSession
from core.web.app import Application

LEFT_OUT = {
    "*.counts": "a piece of a list",
    "*.filters": "a piece of a list; opened with it",
    "*.lookup": "options of a field",
    "core.health": "for programs",
    "core.live": "a stream",
    "core.people": "options of a field",
    "core.my_state*": "a piece of the shell",
    "core.notification_popup": "a piece of the shell",
    "core.tasks_of": "a piece of a card",
    "core.timeline_file": "a file",
    "core.job": "leads to a place of another page",
    "contacts.reception_*": "a piece of the workplace",
    "contacts.lookup": "options of a field",
    "contacts.makes": "options of a field",
    "contacts.models": "options of a field",
    "contacts.desk_list": "a piece of the workplace",
    "contacts.contact_head": "a piece of the workplace",
    "contacts.contact_outcome": "a piece of the workplace",
    "contacts.import_template": "a file",
    "contacts.intake_check": "for programs",
    "contacts.import_problems": "a file",
    "delivery.today": "leads to the desk or the own sheet",
    "telephony.recording*": "a sound file",
    "telephony.line_open": "leads to another page",
    "telephony.line_over": "asked over another page",
    "telephony.missed_file": "a file",
    "service.planner_windows": "a piece of the planner",
    "service.*_pdf": "a file",
    "service.*_print": "a paper in Russian with tools in the reader's language",
}
"""Addresses that are no screens, and why."""

PEOPLE = {
    "contacts.reception": "lebedeva",
    "contacts.desk": "petukhov",
    "core.tasks": "petukhov",
    "core.signin": "",
    "telephony.line": "lebedeva",
    "telephony.line_transfer": "lebedeva",
}
"""Whose screen it is, where the administrator's would be empty; nobody signs in to be asked who he is."""

PAPERS = {"core.personal_act": "ru"}
"""Papers for an authority, in its language."""

WORKPLACES = (
    "core.home",
    "core.tasks",
    "contacts.reception",
    "contacts.desk",
    "contacts.contact",
    "contacts.traffic",
    "sales.worksheets board",
    "contacts.clients",
    "contacts.clients.edit",
    "sales.worksheets.card",
    "telephony.calls",
    "telephony.calls statistics",
    "telephony.calls check",
    "telephony.calls.card",
    "telephony.line",
    "telephony.missed",
    "service.planner",
    "service.bookings",
    "service.bookings.new",
    "service.bookings.card",
    "service.visits.card",
    "service.orders.card",
    "delivery.orders",
    "delivery.orders.edit",
    "delivery.orders.card",
    "delivery.desk",
    "delivery.desk board",
    "delivery.route stops",
)
"""The screens people look at all day, with a list, a form and a card: looked at in every language, theme and size."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One screen: its endpoint with what tells it from others of the same, its address, who opens it.

    ``language`` is that of a paper which is always written in one.
    """

    name: str
    path: str
    login: str
    status: int = 200
    language: str = ""


def screens(app: Application) -> list[Shown]:
    """All screens of an application, in the order of its addresses."""
    with app.database.reading(system("test")) as session:
        found = [
            Shown(" ".join([endpoint, *word]), path, PEOPLE.get(endpoint, "admin"), language=PAPERS.get(endpoint, ""))
            for endpoint in _endpoints(app)
            for word, path in _addresses(app, session, endpoint)
        ]
    return [*found, Shown("an error", "/no/such/page", "admin", 404)]


def _endpoints(app: Application) -> Iterator[str]:
    for endpoint, route in app.router.routes.items():
        if "GET" in route.methods and not route.api and not any(fnmatchcase(endpoint, each) for each in LEFT_OUT):
            yield endpoint


def _addresses(app: Application, session: WorkSession, endpoint: str) -> Iterator[tuple[tuple[str, ...], str]]:
    address = app.url(endpoint, **_arguments(app, session, endpoint))
    yield (), address
    for word, query in _variants(app, session, endpoint):
        yield (word,), f"{address}?{query}"


def _arguments(app: Application, session: WorkSession, endpoint: str) -> Mapping[str, Any]:
    """The parts of an address: of rows named here, or the last row of a generated screen."""
    if endpoint in ROWS:
        return ROWS[endpoint](session)
    names = {name for rule in app.router.map.iter_rules(endpoint) for name in rule.arguments}
    key = endpoint.rpartition(".")[0]
    if names == {"record_id"} and key in app.screens:
        table = app.screens[key].screen.model.__tablename__
        return {"record_id": PICKED.get(table, Row(table)).number(session)}
    assert not names, f"{endpoint}: say in ROWS which {', '.join(sorted(names))} it is to be shown with"
    return {}


def _variants(app: Application, session: WorkSession, endpoint: str) -> Iterator[tuple[str, str]]:
    """Other looks of one address: a list with its filters open, grouped, as a board; an import at its second step."""
    if endpoint in app.screens:
        screen = app.screens[endpoint].screen
        if app.screens[endpoint].filters:
            yield "filters", "panel=1"
        yield from (("grouped", f"group={each.name}") for each in screen.groupings[:1])
        yield from ((view.name, f"view={view.name}") for view in screen.views)
    if endpoint == "delivery.route":
        yield "stops", _a_courier_s_day(session)
    if endpoint == "contacts.import":
        yield "columns", "columns=1"
    if endpoint == "core.search":
        yield "found", "q=ivanov"


@dataclass(frozen=True, slots=True)
class Row:
    """The last row of a table, of those that meet some conditions; or the first."""

    table: str
    where: Mapping[str, Any] = field(default_factory=dict)
    first: bool = False

    def number(self, session: WorkSession) -> int:
        """Its number. Asked of the table: models of addons are not imported where their addons are not tested."""
        columns = Base.metadata.tables[self.table].c
        wanted = func.min(columns.id) if self.first else func.max(columns.id)
        found: int | None = session.scalar(
            select(wanted).where(*(columns[name] == self.where[name] for name in self.where))
        )
        assert found is not None, f"there is no row in {self.table}"
        return found


CUSTOMER = Row("contacts_customer", first=True)
CONTACT = Row("contacts_inbound_contact", {"state": "in_progress"})
DELIVERED = Row("delivery_order", {"status": "handed_to_delivery"})
PICKED = {
    "contacts_customer": CUSTOMER,
    "core_task": Row("core_task", first=True),
    "sales_worksheet": Row("sales_worksheet", {"stage": "selection"}),
    "service_booking": Row("service_booking", {"state": "scheduled"}),
    "service_visit": Row("service_visit", {"state": "open"}),
    "service_order": Row("service_order", {"state": "in_work"}),
    "delivery_order": DELIVERED,
}
"""Rows that show more than the last one of their table."""


def _one(row: Row, name: str = "record_id") -> Callable[[WorkSession], Mapping[str, Any]]:
    return lambda session: {name: row.number(session)}


def _of_customer(name: str) -> Callable[[WorkSession], Mapping[str, Any]]:
    return lambda session: {"subject_type": CUSTOMER.table, name: CUSTOMER.number(session)}


def _part_of_order(session: WorkSession) -> Mapping[str, Any]:
    """A line with the order it stands in."""
    lines = Base.metadata.tables["delivery_order_line"].c
    row = session.execute(select(lines.id, lines.order_id).order_by(lines.id).limit(1)).one()
    return {"record_id": row.order_id, "part": row.id}


def _a_courier_s_day(session: WorkSession) -> str:
    """A day on which a courier has something to bring."""
    orders = Base.metadata.tables["delivery_order"].c
    given = select(orders.courier_id, orders.delivery_on).where(orders.courier_id.is_not(None))
    row = session.execute(given.where(orders.status == "handed_to_delivery").order_by(orders.id).limit(1)).one()
    return f"courier={row.courier_id}&day={row.delivery_on}"


_ADDONS = Base.metadata.tables["core_addon"]

ROWS: dict[str, Callable[[WorkSession], Mapping[str, Any]]] = {
    "core.personal_act": _one(Row("core_erasure")),
    "core.personal_person": _of_customer("record_id"),
    **{
        f"core.addon_{step}": lambda session: {"name": session.scalar(select(func.max(_ADDONS.c.name)))}
        for step in ("uninstall", "disable_ask")
    },
    "core.task": _one(PICKED["core_task"]),
    "core.timeline": _of_customer("subject_id"),
    "core.hours": _one(Row("core_department", first=True)),
    "contacts.specialists": _one(Row("contacts_goal", first=True)),
    "contacts.contact": _one(CONTACT),
    "contacts.ask_transfer": _one(CONTACT),
    "contacts.ask_ignore": _one(CONTACT),
    "contacts.pick": _one(CONTACT),
    "contacts.data": _one(CONTACT),
    "contacts.consent_new": _one(CUSTOMER),
    "contacts.merge": lambda session: {"id": [1, 2]},
    "contacts.merge_done": _one(Row("contacts_merge"), "merge_id"),
    "contacts.import": _one(Row("contacts_import")),
    "sales.lose_form": _one(PICKED["sales_worksheet"]),
    **{f"service.booking_{step}": _one(PICKED["service_booking"]) for step in ("time", "cancelled")},
    **{f"service.visit_{step}": _one(PICKED["service_visit"]) for step in ("cancelled", "handed_over", "add_order")},
    **{
        f"service.order_{step}": _one(PICKED["service_order"])
        for step in ("line", "approve", "pay", "discount", "concern", "recommend", "cancelled", "done")
    },
    **{f"delivery.order_{step}": _one(DELIVERED) for step in ("line", "log", "pay")},
    "telephony.line_transfer": _one(Row("telephony_live_phone")),
    "delivery.order_analogue": _part_of_order,
    "delivery.order_status": lambda session: {**_one(DELIVERED)(session), "to": "no_answer"},
}
"""What stands in the addresses that are not generated."""


__all__ = ["LEFT_OUT", "WORKPLACES", "Shown", "screens"]
