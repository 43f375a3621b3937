"""The table that says of every job when it is due and how its last run went."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Float, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, BigId


class JobRun(Base):
    """The state of one job: the truth about its schedule, whatever ticks or executes (SEC-52).

    ``outcome`` is that of the last run: ``ok``, ``failed``, or empty before the first. ``failures`` counts those
    in a row; a job that is parked waits for a person. A row stays when its addon is switched off (SEC-61).
    """

    __tablename__ = "core_job_run"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    next_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(10), default="")
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    error: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    parked_at: Mapped[datetime | None]
