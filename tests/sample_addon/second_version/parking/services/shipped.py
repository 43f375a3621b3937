"""The zones of a fresh instance."""

from __future__ import annotations

from parking.models import Zone

from core import WorkSession, ship

ZONES: dict[str, dict[str, object]] = {
    "guests": {"title_ru": "Гостевая", "title_en": "Guests", "places": 30, "position": 10},
    "handover": {"title_ru": "Зона выдачи", "title_en": "Handover", "places": 4, "handover": True, "position": 20},
    "charging": {"title_ru": "Зарядка", "title_en": "Charging", "places": 2, "chargers": 2, "position": 30},
}
_REST = {"chargers": 0, "handover": False, "active": True}


def bring(session: WorkSession) -> None:
    """Bring the zones this instance has not been given yet."""
    ship(session, Zone, {key: {**_REST, **row} for key, row in ZONES.items()}, ["title_ru"])
