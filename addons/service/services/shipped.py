"""What a fresh instance contains for service: bays of each workshop, kinds of work, rates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from addons.contacts.models import RequestReason
from addons.service.models import Bay, Job, LabourRate, MaintenanceRule, VatRate
from core import Department, WorkSession, ship, shipped_ids

STEP = 10
WORKSHOP = "workshop"
"""The kind of the departments that repair cars."""

BAYS = (
    ("1", "Пост 1", "lift"),
    ("2", "Пост 2", "lift"),
    ("3", "Пост 3", "lift"),
    ("diagnostics", "Диагностика", "diagnostics"),
    ("alignment", "Сход-развал", "alignment"),
    ("tyres", "Шиномонтаж", "tyres"),
)

JOBS = (
    ("inspection", "Осмотр и диагностика", "Inspection and diagnosis", 100, "", False),
    ("maintenance_15", "ТО-15 000", "Maintenance, 15,000 km", 200, "lift", True),
    ("maintenance_30", "ТО-30 000", "Maintenance, 30,000 km", 250, "lift", True),
    ("maintenance_60", "ТО-60 000", "Maintenance, 60,000 km", 350, "lift", True),
    ("maintenance_90", "ТО-90 000", "Maintenance, 90,000 km", 400, "lift", True),
    ("oil", "Замена масла и фильтров", "Oil and filter change", 80, "lift", False),
    ("brake_pads", "Замена тормозных колодок", "Brake pads, replace", 120, "lift", False),
    ("brake_discs", "Замена тормозных дисков", "Brake discs, replace", 200, "lift", False),
    ("suspension", "Диагностика ходовой", "Suspension check", 80, "lift", False),
    ("engine", "Компьютерная диагностика двигателя", "Engine diagnosis", 100, "diagnostics", False),
    ("electrics", "Диагностика электрики", "Electrics diagnosis", 100, "diagnostics", False),
    ("alignment", "Сход-развал", "Wheel alignment", 100, "alignment", False),
    ("tyres", "Сезонная замена шин", "Seasonal tyre change", 100, "tyres", False),
    ("timing_belt", "Замена ремня ГРМ", "Timing belt, replace", 300, "lift", False),
    ("clutch", "Замена сцепления", "Clutch, replace", 550, "lift", False),
    ("battery", "Замена аккумулятора", "Battery, replace", 40, "", False),
    ("air", "Заправка кондиционера", "Air conditioning, refill", 100, "", False),
)
"""Key, titles, norm in hundredths of an hour, kind of bay, whether it is a maintenance."""

ANSWERS = {
    "oil": "oil",
    "suspension": "suspension",
    "engine": "engine",
    "electrics": "electrics",
    "alignment": "alignment",
    "tyres": "tyres",
    "air": "air",
}
"""The works that answer a request reason of contacts, by the keys of both."""

VAT_RATES = (
    ("22", "НДС 22 %", "VAT 22 %", 2200, False),
    ("20", "НДС 20 %", "VAT 20 %", 2000, False),
    ("10", "НДС 10 %", "VAT 10 %", 1000, False),
    ("7", "НДС 7 %", "VAT 7 %", 700, False),
    ("5", "НДС 5 %", "VAT 5 %", 500, False),
    ("0", "НДС 0 %", "VAT 0 %", 0, False),
    ("none", "Без НДС", "No VAT", 0, True),
)
"""The rates of the Tax Code: 22 % since 1 January 2026, 20 % for what was begun before."""
USUAL_VAT = "22"

HOURLY = 2_500_00


def bring(session: WorkSession) -> None:
    """Bring what this instance has not been given yet."""
    ship(session, Job, _jobs(session), ["title_ru"])
    ship(session, VatRate, {row[0]: _rate(number, *row) for number, row in enumerate(VAT_RATES, start=1)}, ["title_ru"])
    ship(session, LabourRate, {"usual": {"department_id": None, "pay_type": "", "hourly": HOURLY}}, ["pay_type"])
    every = {"make_id": None, "model_id": None, "months": 12, "kilometres": 15000, "active": True}
    ship(session, MaintenanceRule, {"every": every}, ["months"])
    _bays(session)


def _bays(session: WorkSession) -> None:
    workshops = session.scalars(select(Department.id).where(Department.kind == WORKSHOP, Department.active))
    rows: dict[str, dict[str, Any]] = {
        f"{department_id}/{key}": {
            "department_id": department_id,
            "title": title,
            "kind": kind,
            "position": number * STEP,
            "active": True,
        }
        for department_id in sorted(workshops)
        for number, (key, title, kind) in enumerate(BAYS, start=1)
    }
    ship(session, Bay, rows, ["department_id", "title"])


def _jobs(session: WorkSession) -> dict[str, dict[str, Any]]:
    reasons = shipped_ids(session, RequestReason)
    return {
        row[0]: {**_job(number, *row), "reason_id": reasons.get(ANSWERS.get(row[0], ""))}
        for number, row in enumerate(JOBS, start=1)
    }


def _job(number: int, _key: str, ru: str, en: str, norm: int, bay_kind: str, maintenance: bool) -> dict[str, Any]:
    return {
        "title_ru": ru,
        "title_en": en,
        "norm": norm,
        "bay_kind": bay_kind,
        "maintenance": maintenance,
        "position": number * STEP,
        "active": True,
    }


def _rate(number: int, key: str, ru: str, en: str, rate: int, exempt: bool) -> dict[str, Any]:
    return {
        "title_ru": ru,
        "title_en": en,
        "rate": rate,
        "exempt": exempt,
        "usual": key == USUAL_VAT,
        "position": number * STEP,
        "active": True,
    }
