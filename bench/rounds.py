"""The delivery desk with 2 000 orders of one day: how long the server takes for each page, and for another status."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from sqlalchemy import select

from addons.delivery.models import Zone
from bench.cases import Case
from bench.instances import PASSWORD, Plan, hire, office_of, staff
from bench.rounds_data import ZONES, Desk, Rounds
from bench.workloads import Ask, Bars
from core.access.models import Department, User
from core.access.passwords import Passwords
from core.db.engine import WorkSession

ORDERS = 100_000
COURIERS, OPERATORS = 50, 20
DISPATCHER, COURIER = "dispatcher", "courier1"
DESK, STEP = Bars(statements=8, milliseconds=40.0), Bars(milliseconds=15.0)
"""What the desk with its day may take, and a change of status; milliseconds are the median's."""


def _desk(expected: str = "data-row=", **more: str) -> Callable[[Rounds, int], Ask]:
    def ask(rows: Rounds, _: int) -> Ask:
        return Ask(f"/delivery/desk?{urlencode({'delivery_on': f'{rows.day}..{rows.day}', **more})}", expected)

    return ask


def _of_courier(rows: Rounds, number: int) -> Ask:
    return _desk(courier=str(rows.courier_of(number)))(rows, number)


def _of_zone(rows: Rounds, number: int) -> Ask:
    return _desk(zone=str(rows.desk.zones[number % len(ZONES)]))(rows, number)


def _by_number(rows: Rounds, number: int) -> Ask:
    order = rows.of_the_day(number)
    asked = urlencode({"q": rows.order_number(order)})
    # The box of the search says the number too, whatever was found.
    return Ask(f"/delivery/desk?{asked}", f'data-row="{rows.order_id(order)}"')


def _order(rows: Rounds, number: int) -> Ask:
    order = rows.of_the_day(number)
    return Ask(f"/delivery/orders/{rows.order_id(order)}", rows.order_number(order))


def _asked_for(rows: Rounds, number: int) -> Ask:
    order = rows.of_the_day(number)
    return Ask(f"/delivery/orders/{rows.order_id(order)}/status?to=hand_to_courier", "S4-14")


def _set_status(rows: Rounds, _: int) -> Ask:
    order, code = rows.next_turn()
    return Ask(
        f"/delivery/orders/{rows.order_id(order)}/status?to={code}", fields={"message": "Хрупкое", "comment": ""}
    )


CASES: tuple[Case[Rounds], ...] = (
    Case("R1", "delivery desk, day of 2 000 orders", DISPATCHER, _desk(), DESK),
    Case("R1-b", "the same as a board", DISPATCHER, _desk("/delivery/orders/", view="board"), DESK),
    Case("R1-c", "of one courier", DISPATCHER, _of_courier),
    Case("R1-z", "of one zone", DISPATCHER, _of_zone),
    Case("R1-n", "order by its number, at the desk", DISPATCHER, _by_number),
    Case("R2", "courier's sheet of 40 stops", COURIER, lambda rows, _: Ask(f"/delivery/route?day={rows.day}", "stop-")),
    Case("R3", "order's card with 17 statuses judged", DISPATCHER, _order),
    Case("R3-s", "dialog of a status", DISPATCHER, _asked_for),
    Case("R4", "another status", DISPATCHER, _set_status, STEP),
)


def _staff(session: WorkSession) -> None:
    """The dealership's people; in the parts department of the first branch who takes orders, who plans and who drives them."""
    staff(session)
    department, hashed = _department(session), Passwords().hash(PASSWORD)
    hire(session, hashed, DISPATCHER, ("delivery_desk",), department)
    for number in range(1, OPERATORS + 1):
        hire(session, hashed, f"operator{number}", ("order_operator",), department)
    for number in range(1, COURIERS + 1):
        hire(session, hashed, f"courier{number}", ("courier",), department)
    session.add_all(Zone(title=title, position=place) for place, title in enumerate(ZONES, start=1))


def _department(session: WorkSession) -> Department:
    found = select(Department).where(Department.kind == "parts").order_by(Department.id)
    return session.scalars(found).first() or session.scalars(select(Department).order_by(Department.id)).one()


def _people(session: WorkSession, login: str) -> list[int]:
    return list(session.scalars(select(User.id).where(User.login.like(f"{login}%")).order_by(User.id)))


def _rows(session: WorkSession, orders: int) -> Rounds:
    office, department = office_of(session), _department(session)
    return Rounds(
        orders,
        Desk(
            office.goals,
            office.staff,
            place=(department.id, department.branch_id),
            operators=_people(session, "operator"),
            couriers=_people(session, "courier"),
            zones=list(session.scalars(select(Zone.id).order_by(Zone.position))),
        ),
    )


PLAN = Plan(
    name="rounds-",
    addons=("contacts", "sales", "delivery"),
    sources=("data.py", "filling.py", "rounds.py", "rounds_data.py"),
    staff=_staff,
    rows=_rows,
)
"""Three years of deliveries beside the traffic and the sales."""
