"""Where cars stand."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core import Record


class Zone(Record):
    """A part of the parking. On a ``handover`` zone cars wait for their buyers; at ``chargers`` places they are charged."""

    __tablename__ = "parking_zone"

    title_ru: Mapped[str] = mapped_column(String(80), unique=True)
    title_en: Mapped[str] = mapped_column(String(80))
    places: Mapped[int] = mapped_column(default=10)
    chargers: Mapped[int] = mapped_column(default=0)
    handover: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=100)
    active: Mapped[bool] = mapped_column(default=True)
