"""What a fresh instance contains: the first branch, the goals, the reasons, the sources, the makes and models.

Every row is brought once; what an administrator changes, retires or deletes stays as he left it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactGoal, IgnoreReason, LeadSource, Make, RequestReason, VehicleModel
from addons.contacts.services.shipped_cars import car_makes
from addons.contacts.services.shipped_goals import ALL_DAY, NORM_MINUTES, PURPOSES, SCRIPTS, Purpose
from core import Branch, Department, WorkSession, claim_shipped, search_key, ship, shipped_ids

Titles = tuple[tuple[str, str, str], ...]
"""Key, Russian title, English title, in the order they are shown."""

DEPARTMENTS: Titles = (
    ("showroom", "Автосалон", "Showroom"),
    ("workshop", "Сервис", "Service"),
    ("parts", "Запчасти", "Parts"),
    ("finance", "Страхование и кредит", "Insurance and credit"),
    ("other", "Прочее", "Other"),
)

IGNORE_REASONS: Titles = (
    ("wrong_number", "Ошиблись номером", "Wrong number"),
    ("spam", "Реклама, спам", "Advertising, spam"),
    ("personal", "Личный визит", "Personal visit"),
    ("supplier", "Поставщик", "Supplier"),
    ("job", "Соискатель", "Job applicant"),
    ("duplicate", "Дубль: уже в работе", "Duplicate: already in work"),
)

COMMENTED = ("other", "Прочее", "Other")
"""The reason that demands a comment stands last (S0-45)."""

REQUEST_REASONS: Titles = (
    ("maintenance", "Техническое обслуживание", "Maintenance"),
    ("oil", "Замена масла и фильтров", "Oil and filter change"),
    ("suspension", "Диагностика ходовой", "Suspension check"),
    ("engine", "Диагностика двигателя", "Engine check"),
    ("brakes", "Тормозная система", "Brakes"),
    ("gearbox", "Коробка передач", "Gearbox"),
    ("electrics", "Электрика и электроника", "Electrics and electronics"),
    ("air", "Кондиционер, отопление", "Air conditioning, heating"),
    ("steering", "Рулевое управление", "Steering"),
    ("alignment", "Сход-развал", "Wheel alignment"),
    ("tyres", "Шиномонтаж", "Tyre service"),
    ("tyre_storage", "Хранение шин", "Tyre storage"),
    ("body", "Кузовной ремонт", "Body repair"),
    ("glass", "Замена стёкол", "Glass replacement"),
    ("warranty", "Гарантийный случай", "Warranty case"),
    ("recall", "Отзывная кампания", "Recall campaign"),
    ("extras", "Дополнительное оборудование", "Extra equipment"),
    ("wash", "Мойка, химчистка", "Washing, interior cleaning"),
)

LEAD_SOURCES: tuple[tuple[str, str, str, str], ...] = (
    ("site", "Сайт", "Website", "site"),
    ("yandex", "Яндекс", "Yandex", "yandex"),
    ("yandex_maps", "Яндекс Карты", "Yandex Maps", "yandex_maps"),
    ("2gis", "2ГИС", "2GIS", "2gis"),
    ("auto_ru", "Авто.ру", "Auto.ru", "auto_ru"),
    ("avito", "Авито", "Avito", "avito"),
    ("drom", "Дром", "Drom", "drom"),
    ("vk", "ВКонтакте", "VK", "vk"),
    ("telegram", "Telegram", "Telegram", "telegram"),
    ("radio", "Радио", "Radio", ""),
    ("outdoor", "Наружная реклама", "Outdoor advertising", ""),
    ("friends", "Рекомендация знакомых", "Recommended by friends", ""),
    ("client", "Постоянный клиент", "Regular client", ""),
    ("invited", "Наше приглашение", "Our invitation", ""),
    ("passing", "Проезжал мимо", "Passing by", ""),
)
"""Key, titles, and what a link's ``utm_source`` says (S1-72)."""

STEP = 10
LAST = 990


def bring(session: WorkSession) -> None:
    """Bring everything that this instance has not been given yet."""
    _office(session)
    _goals(session)
    _reasons(session)
    _sources(session)
    _cars(session)


def add_departments(session: WorkSession, branch: Branch) -> dict[str, Department]:
    """The departments of a branch by their kinds."""
    departments = {
        kind: Department(branch_id=branch.id, title_ru=ru, title_en=en, kind=kind) for kind, ru, en in DEPARTMENTS
    }
    session.add_all(departments.values())
    session.flush()
    return departments


def _office(session: WorkSession) -> None:
    """A first branch with its departments, where there is none: a goal belongs to a department."""
    if session.scalar(select(Department.id).limit(1)) is not None or not claim_shipped(
        session, "contacts.office", ["first"]
    ):
        return
    branch = session.scalars(select(Branch).order_by(Branch.id).limit(1)).one_or_none()
    if branch is None:
        branch = Branch(title_ru="Дилерский центр", title_en="Dealership", time_zone=session.access.time_zone)
        session.add(branch)
        session.flush()
    add_departments(session, branch)


def _goals(session: WorkSession) -> None:
    """The goals of every department of a kind we know, also of one that was added later."""
    statement = select(Department).where(Department.active, Department.kind.in_([kind for kind, _, _ in DEPARTMENTS]))
    rows = {
        f"{department.id}/{purpose.key}/{channel}": _goal(department.id, purpose, channel, position * STEP)
        for department in session.scalars(statement.order_by(Department.id))
        for position, purpose in enumerate(PURPOSES, start=1)
        if purpose.kind == department.kind
        for channel in purpose.channels.split()
    }
    ship(session, ContactGoal, rows, ["channel", "department_id", "purpose_ru"])


def _goal(department_id: int, purpose: Purpose, channel: str, position: int) -> dict[str, Any]:
    script_ru, script_en = SCRIPTS[purpose.script]
    return {
        "channel": channel,
        "department_id": department_id,
        "purpose_ru": purpose.ru,
        "purpose_en": purpose.en,
        "category": purpose.category,
        "route": purpose.route,
        "script_ru": script_ru,
        "script_en": script_en,
        "is_request": purpose.is_request,
        "result_required": purpose.result_required,
        "allows_callback": channel != "visit",
        "norm_minutes": NORM_MINUTES.get(channel, ALL_DAY),
        "position": position,
    }


def titled(rows: Titles) -> dict[str, dict[str, Any]]:
    """Rows of a plain directory, by their keys, in the order of the table."""
    return {
        key: {"title_ru": ru, "title_en": en, "position": position * STEP}
        for position, (key, ru, en) in enumerate(rows, start=1)
    }


def _reasons(session: WorkSession) -> None:
    key, ru, en = COMMENTED
    reasons = {code: {**row, "comment_required": False} for code, row in titled(IGNORE_REASONS).items()}
    reasons[key] = {"title_ru": ru, "title_en": en, "position": LAST, "comment_required": True}
    ship(session, IgnoreReason, reasons, ["title_ru"])
    ship(session, RequestReason, titled(REQUEST_REASONS), ["title_ru"])


def _sources(session: WorkSession) -> None:
    utm = {key: mark for key, _, _, mark in LEAD_SOURCES}
    rows = titled(tuple((key, ru, en) for key, ru, en, _ in LEAD_SOURCES))
    ship(session, LeadSource, {key: {**row, "utm_source": utm[key]} for key, row in rows.items()}, ["title_ru"])


def _cars(session: WorkSession) -> None:
    """Makes, then the models of those that are still there."""
    makes = list(car_makes())
    ship(session, Make, {make.name: _named(make.name, make.name_ru) for make in makes}, ["name"])
    numbers = shipped_ids(session, Make)
    models = {
        f"{make.name}/{name}": {"make_id": numbers[make.name], **_named(name, name_ru)}
        for make in makes
        if make.name in numbers
        for name, name_ru in make.models
    }
    ship(session, VehicleModel, models, ["make_id", "name"])


def _named(name: str, name_ru: str) -> dict[str, str]:
    return {"name": name, "name_ru": name_ru, "search_key": search_key(name, name_ru)}
