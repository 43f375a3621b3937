"""What the host remembers: the state of each addon and the number of the present set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, BigId, Record


class AddonState(Record):
    """One addon this instance has ever known: available, enabled, disabled or failed.

    ``manifest`` is a copy of its ``addon.toml`` and ``contents`` tells what it brings (:mod:`core.host.contents`),
    so that both can be named when its code is gone. ``content_hash`` tells which code was brought in last; ``problem``
    why that did not go through, and then it does not run.
    """

    __tablename__ = "core_addon"

    name: Mapped[str] = mapped_column(String(40), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    addon_version: Mapped[str] = mapped_column(String(40))
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    contents: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    enabled_at: Mapped[datetime | None]
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    problem: Mapped[str] = mapped_column(Text, default="")


class UpgradeStep(Base):
    """One step of an upgrade: what was done for which addon; without an end it was cut off."""

    __tablename__ = "core_upgrade_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    addon: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(Text, default="")


class Generation(Base):
    """One row whose number goes up with every change of the addon set; workers watch it."""

    __tablename__ = "core_generation"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(Integer)


class ShippedRow(Base):
    """A directory row that an addon has brought here once and never brings again.

    So what somebody renames or deletes stays as he left it, through every start and upgrade.
    ``record_id`` is the record's number at the time, ``given`` what the addon has given it last.
    """

    __tablename__ = "core_shipped_row"

    kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    record_id: Mapped[int | None] = mapped_column(BigInteger)
    given: Mapped[dict[str, Any] | None] = mapped_column(JSON)
