"""What the generated journal costs beside the same page written by hand, on a million inbound contacts.

    python bench/journal.py                         # a temporary SQLite file
    python bench/journal.py postgresql://…/empty    # an empty PostgreSQL database
    python bench/journal.py --rows 100000 --requests 200

Both run in this process through the same WSGI calls, one request after the other and alternating, so their ratio
holds on any machine. The hand-written page is one SQL statement through the bare driver and one flat template, without
rights, translations, addons or a shell around it; the generated one has row rights and two addon columns, and is
measured in a bare frame and in the whole shell with its rail, counters and dialogs.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import jinja2
from sqlalchemy import insert
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from core.access.policy import Access, Scope, system
from core.config import Config
from core.db.base import Base
from core.db.engine import Database, create_database_engine
from core.host.models import AddonState
from core.host.plugins import Hooks
from core.testing.statements import Statements
from core.web.app import Application
from core.web.http import Request as OurRequest
from core.web.screens import Column

PAGE = 80
NOW = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
STATES = ("processed", "in_progress", "processed", "ignored")
CHANNELS = ("phone", "visit", "web", "chat")


# --- the data -----------------------------------------------------------------------------------


def fill(database: Database, rows: int) -> None:
    """Branch, departments, people, goals, customers, documents and ``rows`` inbound contacts."""
    from addons.contacts import models as contacts
    from core.access.models import Branch, Department, User

    customers, documents = max(rows // 5, 100), max(rows // 3, 100)
    with database.writing(system("bench")) as session:
        session.add(AddonState(name="contacts", state="enabled", addon_version="0.1.0", manifest={}))
        session.add(Branch(id=1, title_ru="Главный", title_en="Main"))
        session.flush()
        session.add_all(
            Department(id=n, branch_id=1, title_ru=f"Отдел {n}", title_en=f"Department {n}") for n in range(1, 7)
        )
        session.add_all(
            User(id=n, login=f"user{n}", full_name=f"Сотрудник {n}", short_name=f"С. {n}") for n in range(1, 51)
        )
        session.flush()
        session.add_all(
            contacts.ContactGoal(
                id=n, channel=CHANNELS[n % 4], department_id=n % 6 + 1, purpose_ru=f"Цель {n}", purpose_en=f"Goal {n}"
            )
            for n in range(1, 31)
        )
    stamps = {"created_at": NOW, "updated_at": NOW, "version": 1, "created_by_id": 1, "updated_by_id": 1}
    with database.engine.begin() as connection:
        _insert(connection, contacts.Customer, (_customer(n, stamps) for n in range(1, customers + 1)))
        _insert(connection, contacts.Document, (_document(n, customers, stamps) for n in range(1, documents + 1)))
        _insert(
            connection,
            contacts.InboundContact,
            (_contact(n, rows, customers, documents, stamps) for n in range(1, rows + 1)),
        )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _insert(connection: Any, model: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == 5000:
            connection.execute(insert(model), batch)
            batch.clear()
    if batch:
        connection.execute(insert(model), batch)


def _customer(number: int, stamps: dict[str, Any]) -> dict[str, Any]:
    name = f"Иванов-{number} Виктор"
    return {"id": number, "name": name, "last_name": name, "main_phone": f"+7903{number:07d}", **stamps}


def _document(number: int, customers: int, stamps: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number,
        "type": "sales_worksheet",
        "number": f"РЛ-{number:06d}",
        "at": NOW,
        "customer_id": number % customers + 1,
        "responsible_id": number % 50 + 1,
        "department_id": number % 6 + 1,
        "branch_id": 1,
        "state": "open",
        "state_ru": "В работе",
        "state_en": "Open",
        **stamps,
    }


def _contact(number: int, rows: int, customers: int, documents: int, stamps: dict[str, Any]) -> dict[str, Any]:
    customer = number % customers + 1
    return {
        "id": number,
        "number": f"ВТ-{number:07d}",
        "at": NOW - timedelta(minutes=(rows - number) * 1.5),
        "channel": CHANNELS[number % 4],
        "state": "waiting" if number > rows - 30 else STATES[number % len(STATES)],
        "goal_id": number % 30 + 1,
        "department_id": number % 6 + 1,
        "branch_id": 1,
        "responsible_id": number % 50 + 1,
        "customer_id": customer,
        "client_text": f"Иванов-{customer} Виктор",
        "phone": f"+7903{customer:07d}",
        "vehicle_text": "Škoda Octavia" if number % 3 else "",
        "is_primary": number % 4 == 0,
        "document_id": number % documents + 1 if number % 3 == 0 else None,
        **stamps,
    }


# --- the generated page -------------------------------------------------------------------------


class Generated(Application):
    """The application as it is, but for the sign-in: a head of five departments asks, so row rules apply."""

    person: Access

    def _identify(self, request: OurRequest) -> None:
        request.access = self.person

    def url(self, endpoint: str, **arguments: Any) -> str:
        """Addresses of the shell that are not needed here may be missing."""
        return super().url(endpoint, **arguments) if endpoint in self.router.routes else f"/{endpoint}"


BARE = """{% import "ui.html" as ui %}<!doctype html><html lang="{{ lang }}"><head><title>{{ page.title }}</title></head>
<body>{% block bar %}{% endblock %}<main class="{{ page.main_class }}">{% block main %}{% endblock %}</main></body></html>"""


def generated(url: str, instance: Path, columns: int, *, bare: bool = False) -> Generated:
    """The application with ``columns`` columns of addons on the journal; ``bare`` replaces the shell by a frame."""
    if bare:
        instance = instance / "bare"
        (instance / "templates").mkdir(parents=True, exist_ok=True)
        (instance / "templates" / "base.html").write_text(BARE, encoding="utf-8")
    app = Generated(Config(instance=instance, database=url))
    grants = dict.fromkeys(app.rights.rights, Scope.DEPARTMENT)
    app.person = Access(
        1, name="Head", grants=grants, department_ids=frozenset({1, 2, 3, 4, 5}), branch_ids=frozenset({1})
    )
    mounted = app.screens["contacts.traffic"]
    extra = [
        Column(f"extra{n}", label="Extra", fetch=lambda _session, ids: dict.fromkeys(ids, "есть"), addon="contacts")
        for n in range(columns)
    ]
    mounted.columns = (*mounted.columns, *extra)
    return app


# --- the same page by hand ----------------------------------------------------------------------

SQL = """
SELECT c.id, c.channel, c.at, c.client_text, c.phone, c.is_primary, c.vehicle_text, d.title_ru, g.purpose_ru,
       u.short_name, doc.number, doc.id, c.state
FROM contacts_inbound_contact c
LEFT JOIN contacts_goal g ON g.id = c.goal_id
LEFT JOIN core_department d ON d.id = c.department_id
LEFT JOIN core_user u ON u.id = c.responsible_id
LEFT JOIN contacts_document doc ON doc.id = c.document_id
ORDER BY c.at DESC, c.id DESC LIMIT 81
"""

PAGE_SOURCE = """<!doctype html><html lang="ru"><head><title>Входящий трафик</title></head><body><h1>Входящий трафик</h1>
<table class="grid"><thead><tr><th></th><th></th><th>Время</th><th>Клиент</th><th>Автомобиль</th><th>Цель</th>
<th>Ответственный</th><th>Документ</th><th>Состояние</th><th>Дополнение</th><th>Дополнение</th></tr></thead><tbody>
{% for id, channel, at, client, phone, primary, car, department, purpose, user, number, document, state in rows %}<tr data-row="{{ id }}" tabindex="-1"><td class="m-hide"><input class="form-check-input" type="checkbox" name="id" value="{{ id }}" data-select aria-label="{{ client }}"></td><td class="c-ch"><span class="chn {{ channel }}"><svg class="i i-16" aria-hidden="true"><use href="/static/icons.svg#{{ channel }}"/></svg></span></td><td class="c-time num nowrap">{{ at }}</td><td class="c-who"><div class="strong nowrap"><a class="self" href="/traffic/{{ id }}">{{ client }}</a>{% if primary %} <span class="pill s teal">первичный</span>{% endif %}</div><div class="l2 num nowrap">{{ phone }}</div></td><td class="m-hide hide-t">{{ car }}</td><td class="c-goal">{{ department }} · {{ purpose }}</td><td class="m-hide nowrap">{{ user }}</td><td class="m-hide nowrap">{% if number %}<a href="/documents/{{ document }}">{{ number }}</a>{% else %}<span class="muted">—</span>{% endif %}</td><td class="c-fl"><span class="pill ok">{{ state }}</span></td><td class="m-hide">есть</td><td class="m-hide">есть</td></tr>
{% endfor %}</tbody></table></body></html>"""


class Floor:
    """One statement, one template, nothing else."""

    def __init__(self, read: Callable[[], Sequence[Sequence[Any]]]) -> None:
        self.read = read
        self.map = Map([Rule("/traffic", endpoint="journal"), Rule("/traffic/<int:id>", endpoint="card")])
        self.template = jinja2.Environment(autoescape=True).from_string(PAGE_SOURCE)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """The page."""
        request = Request(environ)
        self.map.bind_to_environ(environ).match()
        rows = [(*row[:2], _clock(row[2]), *row[3:]) for row in self.read()[:PAGE]]
        assert request.path == "/traffic"
        return Response(self.template.render(rows=rows), content_type="text/html; charset=utf-8")(
            environ, start_response
        )


def _clock(value: Any) -> str:
    return value[11:16] if isinstance(value, str) else value.strftime("%H:%M")


def reader(url: str) -> Callable[[], Sequence[Sequence[Any]]]:
    """The bare driver, with a connection that stays open."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        return lambda: connection.execute(SQL).fetchall()
    import psycopg

    session = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    return lambda: session.execute(SQL).fetchall()


# --- measuring ----------------------------------------------------------------------------------


def ask(app: Any, environ: dict[str, Any]) -> int:
    """One request through the WSGI interface; the length of the page."""
    statuses: list[str] = []
    body = b"".join(app(dict(environ), lambda status, _headers, _error=None: statuses.append(status)))
    assert statuses[0].startswith("200"), (statuses, body[:300])
    return len(body)


class Measure:
    """Times of one side."""

    def __init__(self, name: str, app: Any, path: str) -> None:
        self.name, self.app = name, app
        self.environ = EnvironBuilder(path).get_environ()
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self.size = 0

    def once(self) -> None:
        """One request."""
        cpu, wall = time.process_time(), time.perf_counter()
        self.size = ask(self.app, self.environ)
        self.wall.append((time.perf_counter() - wall) * 1000)
        self.cpu.append((time.process_time() - cpu) * 1000)

    @property
    def quiet_cpu(self) -> float:
        """CPU of a request in milliseconds, the lower quartile: whatever else the machine does only adds to it."""
        return statistics.quantiles(self.cpu, n=4)[0]

    def line(self, floor: float, queries: str) -> str:
        """The row of the table."""
        cpu = self.quiet_cpu
        cuts = statistics.quantiles(self.wall, n=20)
        return (
            f"{self.name:<34}{cpu:>9.2f}{statistics.median(self.wall):>9.2f}{cuts[18]:>9.2f}"
            f"{queries:>9}{self.size / 1024:>8.1f}{cpu / floor:>8.2f}"
        )


def count_statements(app: Application, environ: dict[str, Any]) -> list[str]:
    """The statements of one request."""
    with Statements(app.database) as statements:
        ask(app, environ)
    return statements.texts


def main() -> None:
    """Make the data, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", nargs="?", default="")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--columns", type=int, default=2, help="columns of addons")
    parser.add_argument("--keep", type=Path, help="keep and reuse the SQLite file here")
    parser.add_argument("--profile", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = chosen.keep or Path(folder) / "journal.db"
        url = chosen.url or f"sqlite:///{file}"
        if chosen.url or not file.exists():
            prepare(url, chosen.rows)
        app = generated(url, Path(folder), chosen.columns)
        bare = generated(url, Path(folder), chosen.columns, bare=True)
        if chosen.profile:
            profile(bare)
        else:
            measure(app, bare, url, chosen.requests)
        app.close()
        bare.close()


def prepare(url: str, rows: int) -> None:
    """An empty database with tables and rows."""
    import addons.contacts.models  # noqa: F401

    started = time.perf_counter()
    engine = create_database_engine(url)
    Base.metadata.create_all(engine)
    engine.dispose()
    database = Database(url, Hooks())
    fill(database, rows)
    database.dispose()
    print(f"{rows:,} rows in {time.perf_counter() - started:.0f} s")


def measure(app: Generated, bare: Generated, url: str, requests: int) -> None:
    """All sides, alternating."""
    filtered_path = "/traffic?state=in_progress&responsible=10&period=month"
    floor = Measure("floor: one SQL, one flat template", Floor(reader(url)), "/traffic")
    sides = [
        floor,
        Measure("generated, first page, bare", bare, "/traffic"),
        Measure("generated, middle page, bare", bare, middle_page()),
        Measure("generated, three filters, bare", bare, filtered_path),
        Measure("generated, first page, with shell", app, "/traffic"),
    ]
    for side in sides:
        for _ in range(20):
            side.once()
        side.wall.clear()
        side.cpu.clear()
    for _ in range(requests):
        for side in sides:
            side.once()
    base = floor.quiet_cpu
    print(f"{'':<34}{'CPU ms':>9}{'p50 ms':>9}{'p95 ms':>9}{'SQL':>9}{'kB':>8}{'÷ floor':>8}")
    for side in sides:
        queries = "1" if side is floor else str(len(count_statements(side.app, side.environ)))
        print(side.line(base, queries))


def middle_page() -> str:
    """The address of a page in the middle of the journal."""
    from core.web.listing import keyset

    place = keyset.encode([NOW - timedelta(days=200), 10**9])
    return f"/traffic?after={place}"


def profile(app: Generated) -> None:
    """Where the time goes."""
    import cProfile
    import pstats

    environ = EnvironBuilder("/traffic").get_environ()
    for _ in range(30):
        ask(app, environ)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(200):
        ask(app, environ)
    profiler.disable()
    pstats.Stats(profiler).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
