"""A database that an earlier revision has made is brought up with its rows in place."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from addons.telephony.models import Call, CallName, Pbx
from addons.telephony.services.live import key_of
from core.db.base import Base
from core.db.engine import create_database_engine
from core.db.migrations import Migrations
from core.host import tables
from tests.support.addons import ROOT

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = [f"1795305000.{number}" for number in range(5_001)]
"""More than are told their keys at once."""


def test_calls_of_before_are_found_by_the_keys_of_their_names(database_url: str, tmp_path: Path) -> None:
    first, folder = tmp_path / "first", ROOT / "addons" / "telephony" / "migrations"
    first.mkdir()
    shutil.copy(folder / "0001_initial.py", first)
    tables.load_core_models()
    engine = create_database_engine(database_url)
    try:
        migrations = Migrations(engine)
        migrations.upgrade("core", ROOT / "core" / "migrations")
        migrations.upgrade("contacts", ROOT / "addons" / "contacts" / "migrations")
        migrations.upgrade("telephony", first)
        stamps = {"created_at": AT, "updated_at": AT, "version": 1}
        with engine.begin() as connection:
            connection.execute(insert(Pbx).values(id=1, name="north", **stamps))
            call = {"pbx_id": 1, "linkedid": NAMES[0], "direction": "in", "disposition": "missed", "started_at": AT}
            connection.execute(insert(Call).values(id=1, **call, **stamps))
            connection.execute(insert(CallName), [{"pbx_id": 1, "name": name, "call_id": 1} for name in NAMES])
        migrations.upgrade("telephony", folder)
        with engine.connect() as connection:
            keys = {row.name: row.key for row in connection.execute(select(CallName.name, CallName.key))}
        assert keys == {name: key_of(name) for name in NAMES}
        assert migrations.check("telephony", folder, Base.metadata) == []
    finally:
        engine.dispose()
