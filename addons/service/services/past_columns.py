"""What the columns of a file of archived repair orders can be, and what their cells mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from addons.contacts.services.importing import cells
from addons.contacts.services.importing.cells import Wrong
from addons.contacts.services.importing.columns import Target
from addons.contacts.services.importing.kinds import ImportedRow
from addons.contacts.services.vehicles import HIGHEST_MILEAGE
from core import T, fold

KIND = "service.orders"
NUMBER, OPENED, CLOSED, MILEAGE = "order_number", "order_opened", "order_closed", "order_mileage"
REASON, WORKS, TOTAL, ADVISER, WORKSHOP = "order_reason", "order_works", "order_total", "order_adviser", "workshop"

TARGETS = (
    Target(
        NUMBER,
        T("Number in another system"),
        KIND,
        "Номер заказ-наряда",
        (
            "заказ наряд",
            "номер зн",
            "номер",
            "номер документа",
            "номер наряда",
            "order number",
            "repair order",
            "number",
        ),
        30,
        needed=True,
    ),
    Target(
        OPENED,
        T("Opened"),
        KIND,
        "Дата открытия",
        ("дата", "открыт", "дата заказ наряда", "дата приёма", "дата заезда", "date", "opened", "open date"),
        needed=True,
    ),
    Target(
        CLOSED,
        T("Closed"),
        KIND,
        "Дата закрытия",
        ("закрыт", "дата выдачи", "дата выполнения", "closed", "close date"),
    ),
    Target(MILEAGE, T("Mileage, km"), KIND, "Пробег, км", ("пробег", "mileage", "odometer", "mileage km")),
    Target(
        REASON,
        T("Reason for the visit"),
        KIND,
        "Причина обращения",
        ("жалоба", "жалобы", "неисправность", "причина", "вид ремонта", "reason", "concern", "complaint"),
        300,
    ),
    Target(
        WORKS,
        T("Works that were done"),
        KIND,
        "Выполненные работы",
        ("работы", "описание работ", "состав работ", "works", "work done", "jobs"),
        20_000,
        lines=True,
    ),
    Target(
        TOTAL,
        T("Sum"),
        KIND,
        "Сумма",
        ("сумма заказ наряда", "итого", "всего", "стоимость", "сумма руб", "sum", "total", "amount"),
    ),
    Target(
        ADVISER,
        T("Adviser"),
        KIND,
        "Мастер-консультант",
        ("мастер", "приёмщик", "мастер приёмщик", "сервисный консультант", "adviser", "advisor"),
        160,
    ),
    Target(WORKSHOP, T("Workshop"), KIND, "Подразделение", ("цех", "сервис", "workshop", "department"), 160),
)
"""Beside them those of the client and the car; the mileage is that of the order."""

WITHOUT = frozenset(("mileage", "mileage_at"))
_COLUMNS = {
    CLOSED: "state_since",
    MILEAGE: "mileage",
    TOTAL: "past_total",
    WORKS: "past_works",
    ADVISER: "past_adviser",
}
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class PastOrder:
    """What a row tells of an order: ``order`` and ``document`` hold columns of filled cells alone.

    ``place`` is the department and branch an order is put in where it is new.
    """

    number: str
    place: tuple[int, int]
    opened_at: datetime
    order: Mapping[str, Any]
    document: Mapping[str, Any]
    reason: str


class Reading:
    """Reads the rows of one file.

    :param workshops: their departments and branches by what they are called; the usual one under nothing.
    """

    def __init__(self, now: datetime, zone: ZoneInfo, workshops: Mapping[str, tuple[int, int]]) -> None:
        self._now, self._zone, self._workshops = now, zone, workshops
        self._readers: dict[str, Callable[[str], Any]] = {
            OPENED: self._moment,
            CLOSED: self._moment,
            MILEAGE: lambda text: cells.whole(text, 0, HIGHEST_MILEAGE),
            TOTAL: cells.kopecks,
            WORKSHOP: self._workshop,
        }

    def read(self, row: ImportedRow) -> PastOrder | None:
        """What a row tells; nothing, with every mistake noted on it, where something cannot be understood."""
        given: dict[str, Any] = {}
        for name, text in row.texts.items():
            try:
                given[name] = self._readers.get(name, str)(text)
            except Wrong as wrong:
                row.wrong(name, wrong.message, **wrong.values)
        place = given.get(WORKSHOP) or self._workshops.get("")
        if place is None:
            row.wrong("", T("No department has bays yet. Add them in the directory of bays."))
        if row.good and CLOSED in given:
            given[CLOSED] = _closed(row, given[OPENED], given[CLOSED])
        return _order(given, place) if row.good and place is not None else None

    def _moment(self, text: str) -> datetime:
        moment = cells.moment(text, self._zone)
        if moment > self._now:
            raise Wrong(T("This day is still to come."))
        return moment

    def _workshop(self, text: str) -> tuple[int, int]:
        found = self._workshops.get(fold(text))
        if found is None:
            raise Wrong(T("There is no such workshop."))
        return found


def _closed(row: ImportedRow, opened_at: datetime, closed_at: datetime) -> datetime:
    """A day without a time begins at midnight, maybe before the hour at which the order was opened."""
    if closed_at.date() < opened_at.date():
        row.wrong(CLOSED, T("It cannot have been closed before it was opened."))
    return max(opened_at, closed_at)


def _order(given: Mapping[str, Any], place: tuple[int, int]) -> PastOrder:
    reason = given.get(REASON, "")
    told = dict(zip(("department_id", "branch_id"), given.get(WORKSHOP, ()), strict=False))
    return PastOrder(
        number=given[NUMBER],
        place=place,
        opened_at=given[OPENED],
        order={column: given[name] for name, column in _COLUMNS.items() if name in given} | told,
        document={"at": given[OPENED], **({"title": reason[:_LONGEST_TITLE]} if reason else {}), **told},
        reason=reason,
    )
