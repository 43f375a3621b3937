"""The workshop's pages among 300 000 repair orders: how long the server takes for each, and how many statements."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from sqlalchemy import select

from addons.service.models import Bay, Employee, VatRate
from bench.cases import Case
from bench.data import number_of, pick, plate_of
from bench.instances import PASSWORD, Plan, hire, office_of, staff
from bench.workloads import Ask, Bars
from bench.workshop_data import BAYS, Workshop, Workshops
from core.access.models import Department
from core.access.passwords import Passwords
from core.db.engine import WorkSession
from core.work.office_models import WorkingHours

ORDERS = 300_000
ADVISER, HEAD = "adviser1", "workshop_head"
OPENS, CLOSES = 8 * 60, 20 * 60
WEEK, CARD = Bars(statements=8, milliseconds=40.0), Bars(statements=8, milliseconds=25.0)
"""What the planner's week may take, and the card of an order of 200 lines; milliseconds are the median's."""


def _planner(view: str) -> Callable[[Workshop, int], Ask]:
    return lambda shop, _: Ask(f"/service?{urlencode({'view': view, 'day': shop.monday})}", "data-lane=")


def _open_order(shop: Workshop, number: int) -> Ask:
    order = shop.orders - number % 50
    return Ask(f"/service/orders/{shop.order_id(order)}", "/lines/")


def _orders(query: str) -> Callable[[Workshop, int], Ask]:
    return lambda _shop, _: Ask(f"/service/orders{query}", "data-row=")


def _regular(shop: Workshop, number: int) -> Ask:
    customer = shop.regulars[number % len(shop.regulars)] * 2
    return Ask(f"/clients/{customer}", "/service/orders/")


def _some_order(shop: Workshop, number: int) -> int:
    """An order of the first workshop."""
    order = pick(number, 60, shop.orders) + 1
    while shop.place_of(order) != shop.workshops.places[0]:
        order += 1
    return order


def _found(path: str) -> Callable[[Workshop, int], Ask]:
    """By the number on its paper."""

    def ask(shop: Workshop, number: int) -> Ask:
        order = _some_order(shop, number)
        return Ask(f"{path}?{urlencode({'q': shop.order_number(order)})}", f"/service/orders/{shop.order_id(order)}")

    return ask


def _by_plate(path: str, expected: str) -> Callable[[Workshop, int], Ask]:
    def ask(shop: Workshop, number: int) -> Ask:
        plate = plate_of(shop.vehicle_of(_some_order(shop, number)))
        return Ask(f"{path}?{urlencode({'q': plate})}", expected)

    return ask


def _visit(shop: Workshop, number: int) -> Ask:
    visit = shop.orders - number % 50
    return Ask(f"/service/visits/{shop.visit_id(visit)}", shop.order_number(visit))


def _book(shop: Workshop, number: int) -> Ask:
    (starts_at, bay), vehicle = shop.next_free(), pick(number, 61, shop.vehicles) + 1
    return Ask(
        "/service/bookings/new",
        fields={
            "customer_id": str(vehicle * 2),
            "vehicle_id": str(vehicle),
            "phone": number_of(vehicle * 2),
            "reason": "ТО-15 000",
            "starts_at": f"{starts_at:%Y-%m-%dT%H:%M}",
            "minutes": "60",
            "bay_id": str(bay),
        },
    )


CASES: tuple[Case[Workshop], ...] = (
    Case("S1", "planner, week of 500 bookings", ADVISER, _planner("week"), WEEK),
    Case("S2", "planner, day", ADVISER, _planner("bays")),
    Case("S3", "repair order of 200 lines", ADVISER, _open_order, CARD),
    Case("S4", "repair orders, first page", HEAD, _orders("")),
    Case("S4-o", "repair orders, open ones", HEAD, _orders("?open=1")),
    Case("S5", "client with 100 orders", ADVISER, _regular),
    Case("S6", "order by its number, in the list", HEAD, _found("/service/orders")),
    Case("S6-g", "order by its number, global search", HEAD, _found("/search")),
    Case("S6-p", "orders by plate, in the list", HEAD, _by_plate("/service/orders", "data-row=")),
    Case("S7", "car visit", ADVISER, _visit),
    Case("S7-l", "car visits, first page", HEAD, lambda _shop, _: Ask("/service/visits", "data-row=")),
    Case("S8", "saving a booking with its time", ADVISER, _book, Bars()),
)


# --- the instance -------------------------------------------------------------------------------


def _staff(session: WorkSession) -> None:
    """The dealership's people, and in the first workshop its head, three advisers and a mechanic for each of twelve bays."""
    staff(session)
    department, _ = _workshops(session)
    hashed = Passwords().hash(PASSWORD)
    hire(session, hashed, HEAD, ("traffic_head", "service_head"), department)
    for number in range(1, 4):
        user_id = hire(session, hashed, f"adviser{number}", ("specialist", "service_adviser"), department)
        session.add(Employee(user_id=user_id, department_id=department.id, adviser=True))
    for bay in _twelve_bays(session, department):
        bay.mechanic_id = hire(session, hashed, f"mechanic{bay.position}", ("mechanic",), department)
        session.add(Employee(user_id=bay.mechanic_id, department_id=department.id, mechanic=True))
    session.add_all(
        WorkingHours(department_id=department.id, weekday=weekday, opens=OPENS, closes=CLOSES) for weekday in range(7)
    )


def _workshops(session: WorkSession) -> tuple[Department, Department]:
    found = select(Department).where(Department.kind == "workshop").order_by(Department.id)
    first, second = session.scalars(found)
    return first, second


def _twelve_bays(session: WorkSession, department: Department) -> list[Bay]:
    shipped = len(_bays(session, department))
    session.add_all(
        Bay(department_id=department.id, title=f"Подъёмник {number}", position=100 + number)
        for number in range(shipped, BAYS)
    )
    session.flush()
    return _bays(session, department)


def _bays(session: WorkSession, department: Department) -> list[Bay]:
    found = select(Bay).where(Bay.department_id == department.id).order_by(Bay.position, Bay.id)
    return list(session.scalars(found))


def _rows(session: WorkSession, orders: int) -> Workshop:
    office, workshops = office_of(session), _workshops(session)
    bays = _bays(session, workshops[0])
    people = select(Employee.user_id).order_by(Employee.id)
    return Workshop(
        orders,
        Workshops(
            office.goals,
            office.staff,
            places=[(each.id, each.branch_id) for each in workshops],
            bays=[bay.id for bay in bays],
            mechanics=[bay.mechanic_id for bay in bays if bay.mechanic_id is not None],
            advisers=list(session.scalars(people.where(Employee.adviser))),
            vat_rate_id=session.scalars(select(VatRate.id).where(VatRate.usual)).one(),
        ),
    )


PLAN = Plan(
    name="workshop-",
    addons=("contacts", "sales", "service"),
    sources=("data.py", "filling.py", "workshop.py", "workshop_data.py"),
    staff=_staff,
    rows=_rows,
)
"""Ten years of a workshop beside the traffic and the sales of three."""
