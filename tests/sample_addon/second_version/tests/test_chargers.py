"""Places with a charger."""

from __future__ import annotations

from parking.models import Zone
from sqlalchemy import select


def test_a_zone_says_how_many_places_have_a_charger(client, session):
    zone = session.scalars(select(Zone).where(Zone.chargers > 0)).one()

    assert (zone.title_en, zone.chargers) == ("Charging", 2)
    assert "With a charger" in client.get("/parking/zones").text
    assert "With a charger" in client.get(f"/parking/zones/{zone.id}/edit").text
