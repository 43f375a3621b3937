"""A dealership to be looked at: the demonstration with a row for every screen, and no Cyrillic in its data.

Names, notes and numbers are written in Latin letters, and only the columns ``*_ru`` stay Russian. So whatever
Cyrillic an English page shows is a text that nobody has translated.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

import core
from core.access.demo import PASSWORD
from core.access.policy import system
from core.config import Config, load_config
from core.db.base import Base
from core.db.engine import WorkSession
from core.host import instance, registry
from core.jobs.models import JobRun
from core.web.app import Application
from tests.support.visitors import Visitor

ADDONS = ("contacts", "telephony", "sales", "service", "delivery")
_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_LATIN = (
    "a b v g d e yo zh z i j k l m n o p r s t u f kh ts ch sh shch '' y ' eh yu ya".split()  # noqa: SIM905 - readable
)
_LETTERS = dict(zip(_CYRILLIC, _LATIN, strict=True))
_LETTERS |= {letter.upper(): text.capitalize() for letter, text in _LETTERS.items()}
_TO_LATIN = str.maketrans(_LETTERS)
_TABLE = "Фамилия;Имя;Телефоны;Марка;Модель\nNovikov;Oleg;8 (903) 555-44-33;Kia;Rio\nPetrov;Ivan;12;Kia;Rio\n"


@dataclass(frozen=True, slots=True)
class Showroom:
    """The instance, and an application of this process over the same database."""

    config: Config
    app: Application

    def column(self, table: str, name: str) -> list[str]:
        """All values of a column."""
        with self.app.database.reading(system("test")) as session:
            return list(session.scalars(select(Base.metadata.tables[table].c[name])))

    def catalogues(self) -> list[Path]:
        """The folders of texts: of core and of the addons."""
        return [Path(core.__file__).parent / "locale", *(folder for _, folder in self.app.host.folders("locale"))]


def open_showroom(folder: Path) -> Iterator[Showroom]:
    """Make the dealership in a folder, on SQLite: what pages look like does not depend on the database."""
    config = load_config(folder, {}, database=f"sqlite:///{folder / 'showroom.db'}", demo=True)
    instance.upgrade(config)
    instance.enable(config, ADDONS)
    instance.fill_demo(config, registry.start(instance.enabled(config), registry.discover()))
    app = Application(config)
    _complete(app)
    app.close()
    _write_in_latin(folder / "showroom.db")
    app = Application(config)
    yield Showroom(config, app)
    app.close()


# --- rows the demonstration lacks -----------------------------------------------------------------


def _complete(app: Application) -> None:
    """An import at each step, a merge, an erasure, an API token, a filter somebody keeps, a shift, a recorded call, jobs that have run."""
    visitor = Visitor(app)
    assert visitor.post("/signin", {"login": "admin", "password": PASSWORD}).status_code == 303
    _import(visitor)
    _check_import(visitor)
    _post(visitor, "/clients/merge", {"id": ["298", "299"], "keep": "298"})
    _post(visitor, "/personal/contacts_customer/300/erase", {"reason": "demand", "sure": "1"})
    _post(visitor, "/profile/security/tokens", {"name": "Site", "current_password": PASSWORD}, status=200)
    _post(visitor, "/traffic/saved", {"name": "Kia", "query": "q=kia"})
    with app.database.writing(system("test")) as session:
        now = session.now()
        employees, shifts = (Base.metadata.tables[f"service_{name}"] for name in ("employee", "shift"))
        mechanic = session.scalars(select(employees.c.user_id).where(employees.c.mechanic)).first()
        written = {"created_at": now, "updated_at": now, "version": 1}
        hours = {"starts_at": now, "ends_at": now + timedelta(hours=9)}
        session.execute(shifts.insert().values(user_id=mechanic, **hours, **written))
        session.add(JobRun(name="core.reminders", next_at=now, started_at=now, ended_at=now, outcome="ok"))
        calls, recordings = (Base.metadata.tables[f"telephony_{name}"] for name in ("call", "recording"))
        call = session.scalar(select(func.max(calls.c.id)))
        there = {"path": "call.wav", "length_ms": 61_000, "state": "there", "size": 976_044}
        session.execute(recordings.insert().values(call_id=call, **there))
        _ring(session, now)
        failed = JobRun(name="core.files", next_at=now, started_at=now, ended_at=now, outcome="failed", failures=3)
        failed.error, failed.parked_at = "Traceback (most recent call last)", now
        session.add(failed)
    _post(visitor, f"/calls/{call}/check", {"verdict": "wrong", "remark": "Другая модель"})


def _ring(session: WorkSession, now: datetime) -> None:
    """Reception talks to a client of the directory, and another one is waiting."""
    calls, phones = (Base.metadata.tables[f"telephony_live_{name}"] for name in ("call", "phone"))
    pbx = session.scalars(select(Base.metadata.tables["telephony_pbx"].c.id)).first()
    branch = session.scalars(select(Base.metadata.tables["core_branch"].c.id)).first()
    number = session.scalars(select(Base.metadata.tables["contacts_phone"].c.e164)).first()
    users = Base.metadata.tables["core_user"]
    lebedeva = session.scalars(select(users.c.id).where(users.c.login == "lebedeva")).one()
    common = {"pbx_id": pbx, "direction": "in", "did": "74955550101", "channel": "", "branch_id": branch}
    rows = [
        {**common, "key": "talks", "state": "talking", "phone": number, "started_at": now, "answered_at": now},
        {**common, "key": "waits", "state": "waiting", "phone": "", "started_at": now, "answered_at": None},
    ]
    session.execute(calls.insert(), rows)
    talks = session.scalars(select(calls.c.id).where(calls.c.key == "talks")).one()
    mine = {"call_id": talks, "channel": "PJSIP/101-1", "ext": "101", "user_id": lebedeva, "state": "talking"}
    session.execute(phones.insert().values(**mine, since=now))


def _post(visitor: Visitor, path: str, fields: dict[str, object], status: int = 303) -> str:
    answer = visitor.post(path, fields)
    assert answer.status_code == status, f"{path}: {answer.status} {answer.text[-2000:]}"
    return answer.location or ""


def _import(visitor: Visitor) -> str:
    return _post(visitor, "/clients/import", {"file": (BytesIO(_TABLE.encode()), "clients.csv")})


def _check_import(visitor: Visitor) -> None:
    address = _import(visitor)
    columns = dict(enumerate(("last_name", "first_name", "phones", "make", "model")))
    _post(visitor, f"{address}/columns", {f"column.{place}": name for place, name in columns.items()})
    _post(visitor, f"{address}/advance", {})


# --- Latin letters --------------------------------------------------------------------------------


def _write_in_latin(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.create_function("latin", 1, _latin, deterministic=True)
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            if "_fts" not in table and table != "core_shipped_row":  # whose keys say what has been shipped
                _write_table_in_latin(connection, table)
        connection.commit()


def _write_table_in_latin(connection: sqlite3.Connection, table: str) -> None:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    changed = ", ".join(f"{name} = latin({name})" for name in columns if not name.endswith("_ru"))
    connection.execute(f"UPDATE {table} SET {changed}")


def _latin(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if "\\u04" in value:
        value = json.dumps(json.loads(value), ensure_ascii=False)
    return value.translate(_TO_LATIN)


__all__ = ["Showroom", "open_showroom"]
