"""What is asked: each workload as our page and as the floor's, for the n-th time of a run."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from bench.data import Dealership, Goal, name_of, number_of, pick, plate_of, spelled
from core.text.letters import swap_layout
from core.web.listing import keyset

HEAD, RECEPTION = "head_1_showroom", "reception_1"
"""The head of one department of ten, and the receptionist of one branch of two."""

CYRILLIC = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. ``expected`` must stand in the answer; ``fields`` make it a form that is sent."""

    path: str
    expected: str = ""
    fields: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Bars:
    """What ``PERFORMANCE`` §2 demands: statements, processor time to the floor's, growth from 10 k to 1 M."""

    statements: int | None = None
    cpu: float | None = None
    growth: float | None = None
    milliseconds: float | None = None
    to_first_page: float | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of work, asked for by one person."""

    code: str
    title: str
    login: str
    ours: Callable[[Dealership, int], Ask]
    floor: Callable[[Dealership, int], Ask]
    bars: Bars = Bars()
    writes: bool = False


def _first(_: Dealership, __: int) -> Ask:
    return Ask("/traffic", "data-row=")


def _middle_place(rows: Dealership, number: int) -> tuple[int, str]:
    contact = rows.contacts // 2 + pick(number, 30, rows.contacts // 10)
    return contact, rows.at(contact).isoformat()


def _middle(rows: Dealership, number: int) -> Ask:
    contact, _ = _middle_place(rows, number)
    return Ask(f"/traffic?after={keyset.encode([rows.at(contact), contact])}", "data-row=")


def _middle_floor(rows: Dealership, number: int) -> Ask:
    contact, at = _middle_place(rows, number)
    return Ask("/traffic?" + urlencode({"at": at, "id": contact}), "data-row=")


def _own_staff(rows: Dealership) -> list[int]:
    goal = next(goal for goal in rows.office.goals if (goal.branch_id, goal.kind) == (1, "showroom"))
    return rows.office.staff[goal.department_id]


def _filtered(rows: Dealership, number: int) -> Ask:
    staff = _own_staff(rows)
    return Ask(f"/traffic?state=processed&responsible={staff[number % len(staff)]}&period=month", "<table")


def _filtered_floor(rows: Dealership, number: int) -> Ask:
    staff = _own_staff(rows)
    month = (rows.at(rows.contacts).replace(day=1, hour=0, minute=0, second=0) - timedelta(hours=3)).isoformat()
    return Ask(
        "/traffic?" + urlencode({"state": "processed", "responsible": staff[number % len(staff)], "since": month}),
        "<table",
    )


def _somebody(rows: Dealership, number: int) -> int:
    return pick(number, 40, rows.customers) + 1


def _full_name(customer: int) -> str:
    return " ".join(name_of(customer))


def _phone(path: str) -> Callable[[Dealership, int], Ask]:
    def ask(rows: Dealership, number: int) -> Ask:
        customer = _somebody(rows, number)
        which = 1 if customer % 10 < 3 and number % 2 else 0
        typed = spelled(number_of(customer, which), number % 6)
        return Ask(f"{path}?{urlencode({'q': typed})}", _full_name(customer))

    return ask


def _part(path: str, how: Callable[[str, int], str]) -> Callable[[Dealership, int], Ask]:
    def ask(rows: Dealership, number: int) -> Ask:
        surname = name_of(_somebody(rows, number))[0]
        typed = how(surname, number)
        # Волк is also the beginning of a make: whoever was in touch lately comes first.
        expected = "data-value="
        return Ask(f"{path}?{urlencode({'q': typed})}", expected)

    return ask


def _begun(surname: str, number: int) -> str:
    return surname[: 4 + number % 2].lower()


def _two_letters(surname: str, _: int) -> str:
    return surname[:2].lower()


def _other_layout(surname: str, number: int) -> str:
    return swap_layout(_begun(surname, number))


def _plate(path: str) -> Callable[[Dealership, int], Ask]:
    def ask(rows: Dealership, number: int) -> Ask:
        vehicle = pick(number, 41, rows.vehicles) + 1
        plate = plate_of(vehicle).lower() if number % 2 else plate_of(vehicle).translate(CYRILLIC)
        return Ask(f"{path}?{urlencode({'q': plate})}", _full_name(vehicle * 2))

    return ask


def _client() -> Callable[[Dealership, int], Ask]:
    def ask(rows: Dealership, number: int) -> Ask:
        customer = _somebody(rows, number)
        while pick(customer, 14, 100) >= 70:
            customer = customer % rows.customers + 1
        return Ask(f"/clients/{customer}", _full_name(customer))

    return ask


def _own_contact(rows: Dealership, number: int) -> int:
    contact = pick(number, 42, rows.contacts) + 1
    while (rows.goal_of(contact).branch_id, rows.goal_of(contact).kind) != (1, "showroom") or contact % 5 == 0:
        contact = contact % rows.contacts + 1
    return contact


def _contact(path: str) -> Callable[[Dealership, int], Ask]:
    def ask(rows: Dealership, number: int) -> Ask:
        contact = _own_contact(rows, number)
        return Ask(f"{path}{contact}", f"{contact:06d}")

    return ask


def goals_by_hand(rows: Dealership) -> list[Goal]:
    """The goals of calls to the first branch, which its reception registers without an earlier contact."""
    here = [goal for goal in rows.office.goals if goal.branch_id == 1 and goal.channel == "phone"]
    return [goal for goal in here if rows.office.staff.get(goal.department_id) and goal.route != "follow_up"]


def registration(rows: Dealership, number: int) -> dict[str, str]:
    """The fields of a contact; every second client is known."""
    goals = goals_by_hand(rows)
    goal = goals[number % len(goals)]
    staff = rows.office.staff[goal.department_id]
    fields = {
        "channel": "phone",
        "goal_id": str(goal.id),
        "responsible_id": str(staff[number % len(staff)]),
        "way": "transfer",
        "note": "Спрашивает о сроках и о скидке.",
        "once": secrets.token_urlsafe(16),
    }
    if number % 2:
        return fields | {"customer_id": str(_somebody(rows, number)), "phone": ""}
    return fields | {"customer_id_text": "Виктор, перезвонить", "phone": f"8 (903) 123-{number % 90 + 10}-45"}


def _register(path: str) -> Callable[[Dealership, int], Ask]:
    return lambda rows, number: Ask(path, "", registration(rows, number))


LOOKUP = "/reception/clients"

WORKLOADS = (
    Workload("W1", "journal, first page", HEAD, _first, _first, Bars(statements=4, cpu=2.0, growth=0.06)),
    Workload(
        "W2a", "journal, a page in the middle", HEAD, _middle, _middle_floor, Bars(4, 2.0, 0.06, to_first_page=1.2)
    ),
    Workload("W2b", "journal, three filters", HEAD, _filtered, _filtered_floor, Bars(4, 2.0, 0.30)),
    Workload("W3a", "client by phone, six spellings", RECEPTION, _phone(LOOKUP), _phone("/lookup"), Bars(None, 2.0, 0.06)),
    Workload(
        "W3b", "client by part of a name", RECEPTION, _part(LOOKUP, _begun), _part("/lookup", _begun),
        Bars(None, None, 0.25, 4.0),
    ),
    Workload(
        "W3b-2", "client by two letters", RECEPTION, _part(LOOKUP, _two_letters), _part("/lookup", _two_letters),
        Bars(None, None, None, 10.0),
    ),
    Workload(
        "W3b-l", "client, other keyboard layout", RECEPTION, _part(LOOKUP, _other_layout), _part("/lookup", _begun),
        Bars(None, None, 0.25, 4.0),
    ),
    Workload("W3c", "client by plate, both alphabets", RECEPTION, _plate(LOOKUP), _plate("/lookup"), Bars(None, 2.0)),
    Workload("W4", "client's card", HEAD, _client(), _client(), Bars(8, 2.5)),
    Workload("W4-c", "contact's card", HEAD, _contact("/contact/"), _contact("/contact/"), Bars(8, 2.5)),
    Workload(
        "W5", "registering a contact", RECEPTION, _register("/reception"), _register("/register"), Bars(10, 2.5),
        writes=True,
    ),
)  # fmt: skip
