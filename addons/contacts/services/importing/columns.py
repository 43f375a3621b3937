"""The fields that can be imported, and how a file's headings are recognised in either language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from core import T, fold

CLIENT, VEHICLE = "client", "vehicle"
_SEARCHED_ROWS = 10
_SHOWN_HEADING = 120


@dataclass(frozen=True, slots=True)
class Target:
    """A field a column can be: its name, its title, whose it is, and the headings it is recognised by.

    ``part`` is ``client``, ``vehicle``, or the code of the kind of import that adds the field. ``heading`` is what our
    own files call it; ``known`` are others' words for it. ``length`` is in characters. Of a field with ``lines`` the
    lines are kept. What is ``needed`` has a column in every file of its kind, and something in every row.
    """

    name: str
    title: str
    part: str
    heading: str
    known: tuple[str, ...] = ()
    length: int = 200
    lines: bool = False
    needed: bool = False


TARGETS: tuple[Target, ...] = (
    Target(
        "external_id",
        T("Client's number in the other program"),
        CLIENT,
        "Код клиента",
        ("код", "id", "external id", "внешний код", "внешний id", "client id", "customer id", "код контрагента"),
        80,
    ),
    Target(
        "legal_form",
        T("Group"),
        CLIENT,
        "Группа",
        ("вид клиента", "тип клиента", "юридическая форма", "группа клиентов", "legal form", "group"),
    ),
    Target("relation", T("Relation"), CLIENT, "Отношение", ("relation", "тип отношений")),
    Target(
        "full_name",
        T("Full name in one column"),
        CLIENT,
        "ФИО",
        (
            "клиент",
            "ф и о",
            "фио клиента",
            "полное имя",
            "контрагент",
            "наименование",
            "name",
            "full name",
            "client",
            "customer",
        ),
        260,
    ),
    Target(
        "last_name",
        T("Surname or short legal name"),
        CLIENT,
        "Фамилия",
        ("фамилия или название", "название", "организация", "last name", "surname", "family name", "company"),
        160,
    ),
    Target(
        "first_name",
        T("First name or contact person"),
        CLIENT,
        "Имя",
        ("имя или контактное лицо", "контактное лицо", "first name", "given name", "contact person"),
        80,
    ),
    Target("middle_name", T("Middle name"), CLIENT, "Отчество", ("middle name", "patronymic"), 80),
    Target(
        "phones",
        T("Phones"),
        CLIENT,
        "Телефоны",
        (
            *(
                "телефон",
                "тел",
                "мобильный",
                "мобильный телефон",
                "моб телефон",
                "моб тел",
                "номер телефона",
                "сотовый",
                "контактный телефон",
            ),
            *("телефон клиента", "phone", "phones", "mobile", "phone number"),
        ),
        400,
    ),
    Target("email", T("E-mail"), CLIENT, "E-mail", ("email", "почта", "эл почта", "электронная почта", "mail"), 200),
    Target("vip", T("VIP"), CLIENT, "VIP", ("вип",)),
    Target("vip_reason", T("Why VIP"), CLIENT, "Причина VIP", ("почему vip", "vip reason"), 200),
    Target("responsible", T("Responsible"), CLIENT, "Ответственный", ("менеджер", "responsible", "manager"), 200),
    Target(
        "lead_source",
        T("Lead source"),
        CLIENT,
        "Рекламный канал",
        ("источник", "источник обращения", "реклама", "lead source", "source"),
        120,
    ),
    Target(
        "last_contact_at",
        T("Last contact"),
        CLIENT,
        "Последнее обращение",
        ("дата последнего обращения", "последний контакт", "последний визит", "last contact", "last visit"),
    ),
    Target(
        "note", T("Note"), CLIENT, "Примечание", ("комментарий", "заметка", "note", "comment", "notes"), 20_000, True
    ),
    Target(
        "vehicle_external_id",
        T("Vehicle's number in the other program"),
        VEHICLE,
        "Код автомобиля",
        ("id автомобиля", "код авто", "vehicle id", "car id"),
        80,
    ),
    Target("vin", T("VIN"), VEHICLE, "VIN", ("вин", "vin код", "вин код", "vin номер", "vin code"), 60),
    Target(
        "plate",
        T("Plate"),
        VEHICLE,
        "Госномер",
        (
            *("гос номер", "гос номер авто", "номер авто", "регистрационный номер", "рег номер", "грз"),
            *("государственный номер", "plate", "licence plate", "license plate", "registration"),
        ),
        60,
    ),
    Target("make", T("Make"), VEHICLE, "Марка", ("марка авто", "марка автомобиля", "make", "brand"), 60),
    Target("model", T("Model"), VEHICLE, "Модель", ("модель авто", "модель автомобиля", "model"), 80),
    Target(
        "model_year",
        T("Model year"),
        VEHICLE,
        "Год выпуска",
        ("год", "год выпуска автомобиля", "модельный год", "model year", "year"),
    ),
    Target("colour", T("Colour"), VEHICLE, "Цвет", ("цвет автомобиля", "color", "colour"), 40),
    Target("mileage", T("Mileage, km"), VEHICLE, "Пробег, км", ("пробег", "mileage", "odometer", "mileage km")),
    Target("mileage_at", T("Day of the mileage"), VEHICLE, "Дата пробега", ("mileage date", "пробег на дату")),
    Target(
        "vehicle_note",
        T("Note on the vehicle"),
        VEHICLE,
        "Примечание к автомобилю",
        ("комментарий к автомобилю", "vehicle note"),
        20_000,
        lines=True,
    ),
)
TARGET: Mapping[str, Target] = {target.name: target for target in TARGETS}


def heading_key(text: str) -> str:
    """A heading as it is compared: folded, without punctuation."""
    letters = "".join(char if char.isalnum() else " " for char in fold(text))
    return " ".join(letters.split())


@cache
def _by_heading(targets: tuple[Target, ...]) -> dict[str, str]:
    """The fields by everything that their columns may be headed with; of two that want a word it is the first one's."""
    words = {heading_key(word): each.name for each in reversed(targets) for word in (*each.known, each.heading)}
    return words | {heading_key(each.heading): each.name for each in reversed(targets)}


def recognise(headings: Sequence[str], targets: tuple[Target, ...] = TARGETS) -> dict[int, str]:
    """Which columns are which fields; a field found twice is the first column's, but phones may have several."""
    found: dict[int, str] = {}
    known = _by_heading(targets)
    for place, heading in enumerate(headings):
        name = known.get(heading_key(heading)) or known.get(_without_number(heading_key(heading)))
        if name is not None and (name == "phones" or name not in found.values()):
            found[place] = name
    if {"last_name", "first_name"} & set(found.values()):
        # «Клиент» beside «Фамилия» and «Имя» says the same once more.
        found = {place: name for place, name in found.items() if name != "full_name"}
    return found


def _without_number(key: str) -> str:
    """«Телефон 2» is a phone too."""
    words = key.split()
    return " ".join(words[:-1]) if len(words) > 1 and words[-1].isdecimal() else key


def find_headings(rows: Iterable[Sequence[str]], targets: tuple[Target, ...] = TARGETS) -> int | None:
    """The place of the row with the headings among the first ten: the one with most known words, two at least.

    Files often begin with a title. None if no row looks like headings.
    """
    best, most = None, 1
    for place, row in enumerate(rows):
        if place >= _SEARCHED_ROWS:
            break
        known = len(recognise(row, targets))
        if known > most:
            best, most = place, known
    return best


def shown_headings(row: Sequence[str]) -> list[str]:
    """The headings as they are kept: short, and none without a name."""
    return [cell.strip()[:_SHOWN_HEADING] or f"({number})" for number, cell in enumerate(row, start=1)]
