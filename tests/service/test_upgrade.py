"""A database that an earlier revision has made is brought up with its rows in place."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import column, insert, select, table

from core.db.base import Base
from core.db.engine import create_database_engine
from core.db.migrations import Migrations
from core.host import tables
from tests.support.addons import ROOT

BEFORE = datetime(2026, 3, 2, 9, tzinfo=UTC)
STAMPS = ("created_at", "updated_at", "version")


def test_of_several_rows_for_the_same_ones_the_last_stays(database_url: str, tmp_path: Path) -> None:
    """The first revision let two rates for everybody in, which no two columns that may be nothing tell apart."""
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(ROOT / "addons" / "service" / "migrations" / "0001_initial.py", first)
    rates = table("service_labour_rate", *map(column, ("department_id", "pay_type", "hourly", "whose", *STAMPS)))
    rules = table("service_maintenance_rule", *map(column, ("months", "kilometres", "active", "whose", *STAMPS)))
    tables.load_core_models()
    engine = create_database_engine(database_url)
    try:
        migrations = Migrations(engine)
        migrations.upgrade("core", ROOT / "core" / "migrations")
        migrations.upgrade("contacts", ROOT / "addons" / "contacts" / "migrations")
        assert migrations.upgrade("service", first) == ["0001_initial"]
        with engine.begin() as connection:
            for days, pay_type, hourly in ((2, "", 3_000_00), (1, "", 2_000_00), (1, "warranty", 1_500_00)):
                connection.execute(insert(rates).values(pay_type=pay_type, hourly=hourly, **_stamps(days)))
            for days, months in ((1, 6), (2, 12)):
                rule = {"months": months, "kilometres": 15_000, "active": True}
                connection.execute(insert(rules).values(**rule, **_stamps(days)))
        migrations.upgrade("service", ROOT / "addons" / "service" / "migrations")
        with engine.connect() as connection:
            known = connection.execute(select(rates.c.whose, rates.c.hourly).order_by(rates.c.whose)).all()
            rule = connection.execute(select(rules.c.whose, rules.c.months)).all()
        assert [tuple(row) for row in known] == [("/", 3_000_00), ("/warranty", 1_500_00)]
        assert [tuple(row) for row in rule] == [("/", 12)]
        assert migrations.check("service", ROOT / "addons" / "service" / "migrations", Base.metadata) == []
    finally:
        engine.dispose()


def _stamps(days: int) -> dict[str, datetime | int]:
    at = BEFORE + timedelta(days=days)
    return {"created_at": BEFORE, "updated_at": at, "version": 1}
