"""The last minutes of the demonstration: who waits, what nobody has taken, what is being worked on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from addons.contacts.models import InboundContact
from addons.contacts.services.demo_clients import Client
from addons.contacts.services.demo_contacts import BY_THEMSELVES, Caller, Event, make_event
from addons.contacts.services.demo_office import Office
from addons.contacts.services.demo_people import STAFF
from addons.contacts.services.registration import GROUP_NOTICE, PERSONAL_NOTICE, message_of
from core import Notification, WorkSession, demo, parse_phone


class Open(NamedTuple):
    """A contact that is open now. ``who`` begins with @ for a client of the directory; ``login`` is its owner."""

    minutes: float
    branch: str
    channel: str
    purpose: str
    who: str
    state: str
    login: str = ""
    phone: str = ""
    wanted: str = ""
    note: str = ""


OPEN_NOW = (
    Open(
        18,
        "north",
        "visit",
        "repair",
        "Мужчина в синей куртке",
        "waiting",
        note="Прошёл к мастерам, на приветствие не ответил.",
    ),
    Open(6.3, "north", "visit", "test_drive", "@Кузнецова Ольга", "waiting", "rumyantsev", wanted="Haval Dargo"),
    Open(
        1.8,
        "north",
        "visit",
        "maintenance",
        "@Иванов Дмитрий",
        "waiting",
        "volkov",
        note="По записи на ТО, просит заодно проверить тормозные диски.",
    ),
    Open(22, "north", "web", "test_drive", "Артём", "unclaimed", "", "+79990002237", "Mercedes-Benz C-класс"),
    Open(12, "north", "phone", "repair", "+7 926 000-12-09", "unclaimed", "", "+7 926 000-12-09", "", "Не дождался."),
    Open(9, "south", "chat", "parts", "Гость чата", "unclaimed", note="Нужен салонный фильтр на Kia Rio 2019."),
    Open(16, "south", "mobile_app", "maintenance", "Гульнара", "unclaimed", "", "8 965 000 31 77", "Hyundai Creta"),
    Open(
        4.5,
        "north",
        "phone",
        "repair",
        "@Новикова Елена",
        "assigned",
        "titov",
        note="Стук в передней подвеске, хочет приехать сегодня.",
    ),
    Open(7, "north", "phone", "new_car", "Виктория", "assigned", "sokolova", "8 (903) 000-55-10", "Geely Monjaro"),
    Open(2, "north", "phone", "employee", "Служба такси", "assigned", "kovaleva", note="По договору на подменные."),
    Open(11, "south", "phone", "used_car", "Руслан", "assigned", "egorov", "89170004455", "Toyota Camry"),
    Open(
        3,
        "north",
        "phone",
        "new_car",
        "@Иванов Виктор",
        "in_progress",
        "petukhov",
        wanted="Mercedes-Benz A-класс",
        note="Хочет приехать в субботу, спрашивает про трейд-ин.",
    ),
    Open(20, "north", "visit", "handover", "@Волкова Наталья", "in_progress", "sokolova", wanted="Mercedes-Benz GLC"),
    Open(14, "north", "phone", "warranty", "@Сергеев Павел", "in_progress", "volkov", note="Не работает камера."),
    Open(8, "south", "visit", "new_car", "Пара с ребёнком в коляске", "in_progress", "egorov"),
)


def present(office: Office, clients: Sequence[Client]) -> list[Event]:
    """The open contacts of the last minutes."""
    return [_event(office, clients, entry) for entry in OPEN_NOW]


def _event(office: Office, clients: Sequence[Client], entry: Open) -> Event:
    goal = office.goals[f"{entry.branch}/{entry.purpose}/{entry.channel}"]
    at = office.now - timedelta(minutes=entry.minutes)
    owner = office.people[entry.login] if entry.login else None
    event = make_event(office, _caller(office, clients, entry), goal, at, entry.note)
    event.row.update(
        state=entry.state,
        responsible_id=owner,
        waits_since=at if entry.state == "waiting" else None,
        taken_at=at + timedelta(seconds=40) if entry.state == "in_progress" else None,
    )
    if entry.state != "in_progress":
        event.told = [owner] if owner is not None else office.staff[goal.department_id]
    return event


def _caller(office: Office, clients: Sequence[Client], entry: Open) -> Caller:
    wanted = next((kind for kind in office.cars.values() if kind.title == entry.wanted), None)
    if not entry.who.startswith("@"):
        return Caller(entry.branch, entry.who, phone=parse_phone(entry.phone), wanted=wanted)
    client = next(client for client in clients if client.name.startswith(entry.who[1:]))
    caller = Caller(entry.branch, client.name, client, client.phones[0], wanted=wanted)
    caller.car = client.cars[0] if wanted is None else None
    return caller


def tell(session: WorkSession, office: Office, events: Sequence[Event]) -> None:
    """Notify the owners, or all specialists of a goal, of what nobody has opened yet (S0-25, S0-27)."""
    names = {office.people[member.login]: member.name for member in STAFF}
    rows = [row for event in events for row in _notifications(session, office, event, names)]
    demo.add_rows(session, Notification, rows)


def _notifications(session: WorkSession, office: Office, event: Event, names: dict[int, str]) -> list[dict[str, Any]]:
    sender = None if event.goal.channel in BY_THEMSELVES else event.row["created_by_id"]
    contact = InboundContact(
        **{name: event.row[name] for name in ("channel", "state", "client_text")},
    )
    message = message_of(session, contact, event.goal, names.get(sender or 0, ""))
    group = event.row["responsible_id"] is None
    common = {
        "kind": GROUP_NOTICE if group else PERSONAL_NOTICE,
        "subject_type": InboundContact.__tablename__,
        "subject_id": event.id,
        "group_key": f"{office.rng.getrandbits(128):032x}" if group else None,
        "title": str(message.title),
        "title_values": dict(message.title_values or {}),
        "body": str(message.body),
        "body_values": dict(message.body_values or {}),
        "icon": message.icon,
        "sound": message.sound.value,
        "from_user_id": sender,
        "created_at": event.row["at"],
    }
    return [{**common, "user_id": user_id} for user_id in event.told]
