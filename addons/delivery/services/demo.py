"""Orders of the demonstration: parts and accessories of a dealership, at least two in every status (S4-86)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from addons.contacts.models import Customer, CustomerPhone, Document
from addons.contacts.services.demo_office import ZONE
from addons.delivery.models import (
    AddressPart,
    DeliveryOrder,
    Item,
    LineSupplier,
    LogEntry,
    OrderLine,
    Payment,
    StatusChange,
    Zone,
)
from addons.delivery.services import splitting
from addons.delivery.services.moves import MOVED
from addons.delivery.services.orders import SERIES, THING, type_of
from addons.delivery.services.statuses import NEW, STATUS, STATUSES, Status
from addons.delivery.services.windows import length
from core import Branch, Department, Subject, User, WorkSession, colleagues, demo, give_role, search_key

EACH = 2
GOODS = (
    ("Комплект зимних шин R17", "ZS-1742", 38_400_00, "Шинторг\nКолесо-Опт"),
    ("Багажник на крышу", "BK-0915", 14_900_00, "Автодекор\nТюнинг-Центр\nДилер-Склад"),
    ("Коврики салона, комплект", "KV-3301", 4_650_00, "Автодекор"),
    ("Фаркоп съёмный", "FK-7710", 27_800_00, "Тюнинг-Центр\nДилер-Склад"),
    ("Масло моторное 5W-30, 4 л", "MM-0530", 3_190_00, "Дилер-Склад\nМаслоснаб"),
    ("Щётки стеклоочистителя, пара", "SH-2419", 1_490_00, "Дилер-Склад"),
    ("Видеорегистратор с двумя камерами", "VR-0220", 11_700_00, "Автодекор\nЭлектроника-Авто"),
)
ADDRESSES = (
    ("Москва, ул. Профсоюзная, д. 12, кв. 48, подъезд 2, этаж 5", "inside_mkad", "moscow"),
    ("Москва, Ленинский проспект, 90/2, офис 311", "inside_mkad", "moscow"),
    ("Московская обл., г. Химки, ул. Ленина, д. 32, кв. 7", "outside_mkad", "moscow_region"),
    ("г. Тула, ул. Советская, д. 15", "other", "other"),
)
SHORT, SHORT_REASON = "11:00–12:00", "Клиент дома только час между сменами"
ZONES = ("Центр", "Юго-запад", "Северо-восток", "Область")
WINDOWS = ("10:00–13:00", "13:00–18:00", "18:00–22:00")
COMMENTS = ("Звонок не работает, позвонить с дороги.", "Не звонить в дверь: спит ребёнок.", "")
WORDS = {
    "cancelled_other": "Клиент продал автомобиль, заказ больше не нужен.",
    "out_of_stock": "Спрашивали багажник под старый кузов, его нет ни у кого.",
    "price_unsuitable": "Ищет, где дешевле всего.",
    "delivery_unsuitable": "Хотел получить сегодня же.",
}
ANSWERS: Mapping[str, Mapping[str, Any]] = {
    "bought_elsewhere": {"reason": "unknown"},
    "delivery_unsuitable": {"reason": "dates"},
    "unprofitable": {"case": "small_order", "supplier_trip": True},
    "consultation": {"case": "regions"},
    "cancelled_other": {"none_fits": True},
}
MESSAGE = "Хрупкое: везти отдельно. Клиент ждёт звонка за час."
TALKED = frozenset({"call_back", "price_unsuitable", "delivery_unsuitable"})


@dataclass(frozen=True, slots=True)
class _Place:
    branch_id: int
    department_id: int
    people: Sequence[int]


def fill(session: WorkSession) -> None:
    """Add orders to a filled demonstration; one that has some already is left as it is."""
    if session.scalar(select(DeliveryOrder.id).limit(1)) is not None:
        return
    _Filler(session).fill()


class _Filler:
    """Makes the orders, with what it has read once."""

    def __init__(self, session: WorkSession) -> None:
        self.session, self.now = session, session.now()
        self.rng = Random("Delivery")  # noqa: S311 - the same orders every time
        self.customers = list(session.scalars(select(Customer).order_by(Customer.id).limit(200)))
        self.phones: dict[int, list[str]] = {}
        for customer_id, number in session.execute(select(CustomerPhone.customer_id, CustomerPhone.e164)):
            self.phones.setdefault(customer_id, []).append(number)
        self.courier: int | None = None
        self.place = self._place()
        self.items: list[Item] = []
        self.zones: list[int] = []

    def fill(self) -> None:
        """The goods, then every order with its history, the oldest first."""
        self.items = [
            Item(title=title, article=article, price=price, suppliers=suppliers)
            for title, article, price, suppliers in GOODS
        ]
        self.session.add_all(self.items)
        self.session.flush()
        zones = [Zone(title=title, position=number * 10) for number, title in enumerate(ZONES, start=1)]
        self.session.add_all(zones)
        self.session.flush()
        self.zones = [zone.id for zone in zones]
        wanted = [status for status in (NEW, *STATUSES) for _ in range(EACH)]
        self.rng.shuffle(wanted)
        orders = [self._order(number, status, len(wanted)) for number, status in enumerate(wanted, start=1)]
        ids = demo.add_records(self.session, Document, [order["head"] for order in orders])
        made = list(zip(orders, ids, strict=True))
        demo.add_rows(self.session, DeliveryOrder, [{**order["row"], "id": id_} for order, id_ in made])
        lines = [{**order["line"], "order_id": id_} for order, id_ in made]
        line_ids = demo.add_records(self.session, OrderLine, lines)
        demo.add_records(self.session, AddressPart, [part for order, id_ in made for part in self._parts(order, id_)])
        asked = [
            {"line_id": line_id, "name": name, "checked_at": order["row"]["at"] if order["asked"] else None}
            for (order, _), line_id in zip(made, line_ids, strict=True)
            for name in order["suppliers"]
        ]
        demo.add_records(self.session, LineSupplier, asked)
        for model, part in ((LogEntry, "log"), (Payment, "payments"), (StatusChange, "history")):
            rows = [{**row, "order_id": id_} for order, id_ in made for row in order[part]]
            demo.add_records(self.session, model, rows)
        demo.add_entries(
            self.session,
            [(Subject(DeliveryOrder.__tablename__, id_), row) for order, id_ in made for row in order["entries"]],
        )
        year = self.now.astimezone(ZONE).year
        demo.continue_from(self.session, SERIES, len(wanted), branch_id=self.place.branch_id, year=year)

    def _place(self) -> _Place:
        """Where orders are taken: the first branch, by its showroom; the couriers' colleague is of the delivery desk."""
        branch_id = self.session.scalars(select(Branch.id).order_by(Branch.id).limit(1)).one()
        departments = select(Department).where(Department.branch_id == branch_id, Department.active)
        found = self.session.scalars(departments.order_by(Department.kind != "showroom", Department.id)).first()
        assert found is not None
        people = colleagues(self.session, department_id=found.id)
        for login, role in (("petukhov", "order_operator"), ("fomin", "delivery_desk"), ("gusev", "courier")):
            user = self.session.scalars(select(User).where(User.login == login)).one_or_none()
            if user is not None:
                give_role(self.session, [user.id], role)
                self.courier = user.id
        return _Place(branch_id, found.id, people)

    def _order(self, number: int, status: Status, of: int) -> dict[str, Any]:
        at = self.now - timedelta(days=(of - number) * 0.8, hours=2 + self.rng.random())
        author, customer = self.rng.choice(self.place.people), self.customers[number * 3 % len(self.customers)]
        item = self.items[5 if status.code == "unprofitable" else number % len(self.items)]
        quantity = 1 if status.code == "unprofitable" else self.rng.choice((1, 1, 2, 4))
        total = item.price * quantity
        stamp = {"created_at": at, "created_by_id": author}
        name = f"ЗД{self.place.branch_id}-{at.astimezone(ZONE).year % 100:02d}-{number:05d}"
        steps = list(self._steps(status, at))
        paid = total if status.code == "completed" else total // 2 if number % 5 == 0 else 0
        line = self._line(item, status, quantity, total)
        shown = {"state": status.code, "open": not status.terminal}
        words = {f"state_{each}": self.session.words(each, status.title) for each in ("ru", "en")}
        return {
            "head": {
                "type": THING,
                "number": name,
                "at": at,
                "customer_id": customer.id,
                "customer_text": customer.name,
                "vehicle_id": None,
                "vehicle_text": "",
                "responsible_id": author,
                "department_id": self.place.department_id,
                "branch_id": self.place.branch_id,
                "title": line["title"],
                "amount": total,
                **shown,
                **words,
                **stamp,
                "search_key": search_key(name, customer.name, *self.phones.get(customer.id, []), line["title"]),
            },
            "row": {
                **self._row(number, status, at, author, customer),
                "number": name,
                "goods": line["title"],
                "search_key": search_key(name, customer.name, line["title"]),
                "total": total,
                "paid": paid,
            }
            | {"status_since": steps[-1][2] if steps else at, **stamp},
            "line": {**line, **stamp},
            "suppliers": item.suppliers.splitlines(),
            "asked": status.code in ("out_of_stock", "completed"),
            "log": [{"at": moment, "kind": kind, "note": "", **stamp} for kind, moment in self._log(status, at)],
            "payments": self._payments(paid, at, stamp),
            "history": [
                {
                    "at": moment,
                    "before": before,
                    "after": after,
                    "created_at": moment,
                    "created_by_id": author,
                    "seconds": int((moment - since).total_seconds()),
                    "comment": WORDS.get(after, ""),
                    "answers": dict(ANSWERS.get(after, {})),
                }
                for before, after, moment, since in steps
            ],
            "entries": [
                demo.entry(
                    MOVED,
                    moment,
                    author,
                    "%(before)s → %(after)s",
                    title_values={"before": {"msgid": _title(before)}, "after": {"msgid": _title(after)}},
                    body=WORDS.get(after, ""),
                )
                for before, after, moment, _ in steps
            ],
        }

    def _row(self, number: int, status: Status, at: datetime, author: int, customer: Customer) -> dict[str, Any]:
        address, method, region = ADDRESSES[number % len(ADDRESSES)]
        by_courier = status.code in ("hand_to_courier", "collected_by_courier")
        moving = status.code == "handed_to_delivery"
        if by_courier or moving:  # what is driven to in a day
            address, method, region = ADDRESSES[number % 3]
        ready = status.group.code in ("picking", "delivery", "done")
        pickup = status.code == "picked_up"
        elsewhere = "transport_company" if region == "other" else "own"
        carrier = "" if pickup else "courier_service" if by_courier else elsewhere
        short = status.code == "hand_to_courier" and number % 2 == 0
        window = SHORT if short else WINDOWS[number % 3] if ready else ""
        due = at if status.code == "completed" else max(at, self.now) + timedelta(days=number % 3)
        return {
            "status": status.code,
            "at": at,
            "order_type": type_of(customer, ""),
            "customer_id": customer.id,
            "customer_text": "",
            "client": customer.name,
            "phone": "",
            "responsible_id": author,
            "department_id": self.place.department_id,
            "branch_id": self.place.branch_id,
            "method": "pickup" if pickup else method,
            "carrier": carrier,
            "region": region,
            "address_typed": "",
            "address_split": "" if pickup or not (ready or number % 2) else address,
            "address_note": "Въезд во двор через арку, шлагбаум по звонку." if number % 4 == 0 else "",
            "zone_id": self.zones[number % len(self.zones)] if ready and not pickup else None,
            "courier_id": self.courier if carrier == "own" and ready and (number % 4 or moving) else None,
            "route_position": 0,
            "address": "" if pickup or not (ready or number % 2) else address,
            "delivery_on": due.astimezone(ZONE).date() if ready else None,
            "window": window,
            "window_minutes": length(window),
            "window_reason": SHORT_REASON if short else "",
            "window_approved_at": None,
            "window_approved_by_id": None,
            "client_comment": COMMENTS[number % 3],
            "operator_comment": "Клиент просил накладную." if number % 4 == 0 else "",
            "dispatch_note": MESSAGE if status.code == "handed_to_delivery" else "",
            "payment_method": ("cash", "card", "site_card", "invoice")[number % 4],
        }

    def _parts(self, order: Mapping[str, Any], order_id: int) -> Iterator[dict[str, Any]]:
        """The fields of its address, every second one checked by its author."""
        row = order["row"]
        found, checked = splitting.read_address(self.session, row["address_split"]), order_id % 2 == 0
        for name in splitting.PARTS:
            if value := found.value(name):
                yield {
                    "order_id": order_id,
                    "name": name,
                    "value": value,
                    "words": found.words(name),
                    "origin": splitting.origin_of(found, name, value),
                    "confirmed_at": row["at"] if checked else None,
                    "confirmed_by_id": row["responsible_id"] if checked else None,
                    "created_at": row["at"],
                    "created_by_id": row["responsible_id"],
                }

    def _line(self, item: Item, status: Status, quantity: int, total: int) -> dict[str, Any]:
        gone = status.code == "discontinued"
        return {
            "position": 1,
            "item_id": item.id,
            "title": item.title,
            "article": item.article,
            "quantity": quantity * 1000,
            "price": item.price,
            "total": total,
            "discontinued": gone,
            "returned": 0,
            "return_reason": "",
            "delivered": quantity * 1000 if status.code == "completed" else 0,
            "analogue": "refused" if gone else "",
            "analogue_title": "Похожий комплект другой марки" if gone else "",
        }

    def _log(self, status: Status, at: datetime) -> Iterator[tuple[str, datetime]]:
        """What makes its status right."""
        if status.code == "no_answer":
            yield from (("attempt", at + timedelta(minutes=minutes)) for minutes in (10, 25, 40))
        elif status.code in TALKED:
            yield "consultation", at + timedelta(minutes=5)
        elif status.code == "awaiting_prepayment":
            yield "invoice", at + timedelta(minutes=5)
        elif status is not NEW:
            yield "talk", at + timedelta(minutes=5)

    def _steps(self, status: Status, at: datetime) -> Iterator[tuple[str, str, datetime, datetime]]:
        """From what to what, when, and since when it was what it was before."""
        ways = {"collected_by_courier": ("hand_to_courier",), "completed": ("handed_to_delivery",)}
        before, since = NEW.code, at
        for number, code in enumerate((*ways.get(status.code, ()), status.code) if status is not NEW else (), start=1):
            moment = at + timedelta(minutes=50 * number)
            yield before, code, moment, since
            before, since = code, moment

    def _payments(self, paid: int, at: datetime, stamp: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{"at": at, "amount": paid, "method": "card", "note": "", **stamp}] if paid else []


def _title(code: str) -> str:
    return STATUS[code].title if code in STATUS else NEW.title
