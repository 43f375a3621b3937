"""The floor: each workload by hand, one SQL statement or a few and one flat template, and nothing around it.

No rights, no translations, no addons, no shell; the same router, the same template engine, the bare database drivers,
and the same server. A page has the markup of ours within its frame, written out by hand: a ratio to a page without it
would compare pages of different size. What a generated page with all of that costs is told as a ratio to this.
"""

from __future__ import annotations

import json
import queue
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jinja2
import psycopg
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PAGE = 80
Row = Sequence[Any]

JOURNAL = """
SELECT c.id, c.channel, c.at, c.client_text, c.phone, c.is_primary, c.vehicle_text, d.title_ru, g.purpose_ru,
       u.short_name, doc.number, doc.id, c.state
FROM (SELECT * FROM contacts_inbound_contact c {where} ORDER BY c.at DESC, c.id DESC LIMIT 81) c
LEFT JOIN contacts_goal g ON g.id = c.goal_id
LEFT JOIN core_department d ON d.id = c.department_id
LEFT JOIN core_user u ON u.id = c.responsible_id
LEFT JOIN contacts_document doc ON doc.id = c.document_id
ORDER BY c.at DESC, c.id DESC
"""
FIRST = JOURNAL.format(where="")
BEYOND = JOURNAL.format(where="WHERE (c.at, c.id) < (%s, %s)")
FILTERED = JOURNAL.format(where="WHERE c.state = %s AND c.responsible_id = %s AND c.at >= %s")

FOUND = """
SELECT f.id, f.name, f.main_phone, f.vip, v.title, v.plate
FROM ({inner}) f LEFT JOIN contacts_vehicle v ON v.customer_id = f.id
ORDER BY f.last_contact_at DESC
"""
CUSTOMER = "SELECT cu.id, cu.name, cu.main_phone, cu.vip, cu.last_contact_at FROM contacts_customer cu"
BY_PHONE = FOUND.format(
    inner=f"{CUSTOMER} JOIN contacts_phone p ON p.customer_id = cu.id WHERE p.e164 = %s AND cu.merged_into_id IS NULL"
)
BY_PLATE = FOUND.format(
    inner=f"{CUSTOMER} JOIN contacts_vehicle w ON w.customer_id = cu.id WHERE w.plate = %s AND cu.merged_into_id IS NULL"
)
_LATEST = " AND cu.merged_into_id IS NULL ORDER BY cu.last_contact_at DESC LIMIT 8"
BY_PART = {
    "sqlite": FOUND.format(
        inner=f"{CUSTOMER} WHERE cu.id IN (SELECT rowid FROM contacts_customer_fts WHERE search_key MATCH %s) {_LATEST}"
    ),
    "postgresql": FOUND.format(inner=f"{CUSTOMER} WHERE cu.search_key LIKE %s {_LATEST}"),
}
BY_BEGINNING = {
    "sqlite": BY_PART["sqlite"],
    "postgresql": FOUND.format(inner=f"{CUSTOMER} WHERE (cu.search_key LIKE %s OR cu.search_key LIKE %s) {_LATEST}"),
}

CLIENT = (
    "SELECT name, last_name, first_name, middle_name, email, legal_form, relation, vip, note, last_contact_at"
    " FROM contacts_customer WHERE id = %s"
)
PHONES = "SELECT e164, extension FROM contacts_phone WHERE customer_id = %s ORDER BY position, id"
VEHICLES = "SELECT title, model_year, plate, vin, mileage FROM contacts_vehicle WHERE customer_id = %s ORDER BY id"
DOCUMENTS = (
    "SELECT id, number, at, title, state_ru, amount FROM contacts_document WHERE customer_id = %s"
    " ORDER BY at DESC, id DESC LIMIT 30"
)
CONTACTS = """
SELECT c.id, c.number, c.at, c.channel, c.state, c.note, d.title_ru, g.purpose_ru
FROM contacts_inbound_contact c
JOIN contacts_goal g ON g.id = c.goal_id
JOIN core_department d ON d.id = c.department_id
WHERE c.customer_id = %s ORDER BY c.at DESC, c.id DESC LIMIT 30
"""
CONTACT = """
SELECT c.number, c.at, c.channel, c.state, c.client_text, c.phone, c.vehicle_text, c.note, c.customer_id,
       d.title_ru, g.purpose_ru, g.script_ru, u.full_name, doc.number
FROM contacts_inbound_contact c
JOIN contacts_goal g ON g.id = c.goal_id
JOIN core_department d ON d.id = c.department_id
LEFT JOIN core_user u ON u.id = c.responsible_id
LEFT JOIN contacts_document doc ON doc.id = c.document_id
WHERE c.id = %s
"""

NEXT_NUMBER = "UPDATE core_number_series SET last = last + 1 WHERE code = 'contacts.inbound' RETURNING last"
ADD_CONTACT = """
INSERT INTO contacts_inbound_contact (number, at, channel, state, goal_id, department_id, branch_id, responsible_id,
  customer_id, client_text, phone, phone_raw, email, vehicle_text, note, topic, wish, is_primary, is_request, result,
  ignore_comment, search_key, created_at, updated_at, version)
SELECT %s, %s, g.channel, 'assigned', g.id, g.department_id, d.branch_id, %s, %s,
  coalesce((SELECT name FROM contacts_customer WHERE id = %s), %s), %s, '', '', '', %s, '', '', true, true, '', '', %s,
  %s, %s, 1
FROM contacts_goal g JOIN core_department d ON d.id = g.department_id WHERE g.id = %s RETURNING id
"""
ADD_AUDIT = (
    "INSERT INTO core_audit (at, user_id, source, action, subject_type, subject_id, values_hash)"
    " VALUES (%s, 1, '127.0.0.1', 'create', 'contacts_inbound_contact', %s, '')"
)
ADD_NOTIFICATION = (
    "INSERT INTO core_notification (user_id, kind, subject_type, subject_id, title, title_values, body, body_values,"
    " icon, sound, created_at) VALUES (%s, 'contacts.personal', 'contacts_inbound_contact', %s, 'Call', %s, '', '{}',"
    " 'phone', 'silent', %s) RETURNING id"
)
ADD_EVENT = {
    "sqlite": "INSERT INTO core_event (at, topic, user_id, payload) VALUES (%s, 'notification.created', %s, %s)",
    "postgresql": "INSERT INTO core_event (at, topic, user_id, payload, xid) VALUES (%s, 'notification.created', %s, %s,"
    " pg_current_xact_id()::text::bigint) RETURNING pg_notify('core_event', '')",
}

JOURNAL_PAGE = """<!doctype html><html lang="ru"><head><title>Входящий трафик</title></head><body><h1>Входящий трафик</h1>
<table class="grid"><thead><tr><th></th><th>Время</th><th>Клиент</th><th>Автомобиль</th><th>Цель</th>
<th>Ответственный</th><th>Документ</th><th>Состояние</th></tr></thead><tbody>
{% for id, channel, at, client, phone, primary, car, department, purpose, user, number, document, state in rows %}<tr data-row="{{ id }}" tabindex="-1"><td class="c-ch"><span class="chn {{ channel }}"><svg class="i i-16" aria-hidden="true"><use href="/static/icons.svg#{{ channel }}"/></svg></span></td><td class="c-time num nowrap">{{ at }}</td><td class="c-who"><div class="strong nowrap"><a class="self" href="/contact/{{ id }}">{{ client }}</a>{% if primary %} <span class="pill s teal">первичный</span>{% endif %}</div><div class="l2 num nowrap">{{ phone }}</div></td><td class="m-hide hide-t">{{ car }}</td><td class="c-goal">{{ department }} · {{ purpose }}</td><td class="m-hide nowrap">{{ user }}</td><td class="m-hide nowrap">{% if number %}<a href="/documents/{{ document }}">{{ number }}</a>{% else %}<span class="muted">—</span>{% endif %}</td><td class="c-fl"><span class="pill ok">{{ state }}</span></td></tr>
{% endfor %}</tbody></table></body></html>"""

FOUND_PART = """{% for id, name, phone, vip, cars in found %}<div role="option" data-value="{{ id }}"><div class="strong">{{ name }}</div><div class="tiny">{{ phone }}{% for title, plate in cars %} · {{ title }} {{ plate }}{% endfor %}</div>{% if vip %}VIP{% endif %}</div>
{% endfor %}"""

_ICON = '<svg class="i i-16" aria-hidden="true"><use href="/static/icons.svg#%s"/></svg>'
_PHONES = (
    """{% for number, extension in phones %}<div class="line mb-6"><a class="btn btn-sm btn-fc grow" href="tel:{{ number }}">"""
    + _ICON % "phone"
    + """<span class="num">{{ number }} {{ extension }}</span></a></div>{% endfor %}"""
)
_VEHICLES = (
    """{% for title, year, plate, vin, mileage in vehicles %}<div class="carline"><span class="chn grey">"""
    + _ICON % "car"
    + """</span><div class="grow ell"><div class="strong small2 ell">{{ title }}</div><div class="tiny muted num ell">{{ year }} · {{ mileage }} км{% if vin %} · {{ vin }}{% endif %}</div></div>{% if plate %}<span class="plate"><b>{{ plate }}</b></span>{% endif %}</div>
{% endfor %}"""
)
_FIELDS = """<dl class="kv wide">{% for name, value in fields if value %}<dt>{{ name }}</dt><dd class="num">{{ value }}</dd>{% endfor %}</dl>"""
_NEW_TASK = (
    """<div class="card-h"><h2>Задачи</h2></div>
<div class="card-b"><p class="small2 muted">Задач нет.</p><div class="mt-row"><a href="/tasks/new?about={{ about }}" class="btn btn-fc btn-sm">"""
    + _ICON % "plus"
    + """<span class="txt">Новая задача</span></a></div></div>"""
)

CLIENT_PAGE = (
    """<!doctype html><html lang="ru"><head><title>{{ client[0] }}</title></head><body><main id="main" tabindex="-1">
<div class="cc two"><div class="stack"><section class="card-fc cc-head" aria-label="{{ client[0] }}">
<div class="who"><div class="big strong ell">{{ client[0] }}</div><div class="small2 muted">Клиент</div></div>
<div class="acts no-print"><a href="/clients/{{ id }}/edit" class="btn btn-fc" data-key="E" aria-keyshortcuts="E">"""
    + _ICON % "edit"
    + """<span class="txt">Изменить</span><kbd>E</kbd></a><a href="/clients#row-{{ id }}" class="btn btn-quiet" data-key="Alt+Left">"""
    + _ICON % "arrow-back-up"
    + """<span class="txt">К списку</span></a></div></section>
<section class="card-fc" aria-label="Клиент"><div class="card-h"><h2>Клиент</h2></div><div class="card-b">"""
    + _FIELDS
    + """</div></section>
<section class="card-fc" aria-label="Документы"><div class="card-h"><h2>Документы</h2></div><div class="card-b">
{% for id, number, at, title, state, amount in documents %}<div class="rowl mid"><span class="chn grey">"""
    + _ICON % "file-text"
    + """</span><div class="grow"><div class="ell"><a class="strong" href="/documents/{{ id }}">{{ number }}</a> · {{ title }}</div><div class="tiny muted">{{ at }}</div></div><div class="end"><div class="num small2">{{ amount }}</div><span class="pill">{{ state }}</span></div></div>
{% endfor %}</div></section>
<section class="card-fc" aria-label="История обращений"><div class="card-h"><h2>История обращений</h2></div><div class="card-b">
{% for id, number, at, channel, state, note, department, purpose in contacts %}<div class="rowl mid"><span class="chn {{ channel }}">"""
    + _ICON % "{{ channel }}"
    + """</span><div class="grow"><div class="ell"><a class="strong" href="/contact/{{ id }}">{{ number }}</a> · {{ client[0] }}</div><div class="tiny muted ell">{{ department }} · {{ purpose }}</div>{% if note %}<div class="tiny">{{ note }}</div>{% endif %}</div><div class="end"><div class="tiny muted num">{{ at }}</div><span class="pill ok">{{ state }}</span></div></div>
{% endfor %}</div></section></div>
<div class="stack"><section class="card-fc" aria-label="Телефоны"><div class="card-h"><h2>Телефоны</h2></div><div class="card-b">"""
    + _PHONES
    + """<form class="line" method="post" action="/clients/{{ id }}/phone"><input class="form-control" name="phone" inputmode="tel" maxlength="60" required aria-label="Ещё номер" placeholder="Ещё номер"><button class="btn btn-fc" aria-label="Добавить номер">"""
    + _ICON % "plus"
    + """</button></form></div></section>
<section class="card-fc" aria-label="Задачи">"""
    + _NEW_TASK
    + """</section>
<section class="card-fc" aria-label="Автомобили"><div class="card-h"><h2>Автомобили</h2></div><div class="card-b">"""
    + _VEHICLES
    + """</div></section></div></div></main></body></html>"""
)

CONTACT_PAGE = (
    """<!doctype html><html lang="ru"><head><title>{{ contact[0] }}</title></head><body><main id="main" tabindex="-1">
<section class="card-fc cc-head"><div class="grow"><div class="line line-wrap"><span class="cc-name clamp">{{ contact[4] }}</span><span class="pill ok">{{ contact[3] }}</span></div>
<div class="small2 muted"><span class="pill">"""
    + _ICON % "{{ contact[2] }}"
    + """{{ contact[2] }}</span> {{ contact[9] }}. {{ contact[10] }} · ответственный: {{ contact[12] or "" }}</div></div></section>
<div class="cc"><div class="stack"><section class="card-fc" aria-label="Портрет клиента"><div class="card-h"><h2>Портрет клиента</h2></div><div class="card-b">"""
    + _PHONES
    + """{% if client %}<p class="small2 mb-6"><a href="/clients/{{ contact[8] }}">{{ client[0] }}</a></p>{% endif %}
<dl class="kv"><dt>Обращений</dt><dd class="num">{{ contacts|length }}</dd><dt>Документы</dt><dd class="num">{{ documents|length }}</dd></dl>
<div class="hr"></div><div class="upper">Автомобили</div>"""
    + _VEHICLES
    + """<div class="hr"></div><details><summary class="small2">Это другой клиент</summary><form method="post" action="/contact/{{ id }}/identify">
<div class="fld"><label class="lbl" for="customer_id">Кто это?</label><div class="lookup-box"><input type="hidden" name="customer_id" value=""><input class="form-control" id="customer_id" name="customer_id_text" type="text" role="combobox" aria-expanded="false" autocomplete="off" data-lookup-url="/lookup"></div></div>
<button type="submit" class="btn btn-fc btn-sm"><span class="txt">Выбрать контрагента</span></button></form></details></div></section>
<section class="card-fc" aria-label="Задачи">"""
    + _NEW_TASK
    + """</section></div>
<div class="stack"><section class="card-fc" aria-label="Чем закончилось обращение"><div class="card-h"><h2>Чем закончилось обращение</h2></div><div class="card-b"><div class="notice ok">"""
    + _ICON % "circle-check"
    + """<div class="grow">{{ contact[3] }}</div></div>
{% for id, number, at, title, state, amount in documents %}<div class="rowl mid"><div class="grow"><span class="strong">{{ number }}</span> · {{ title }}<div class="tiny muted">{{ at }}</div></div><div class="end"><span class="pill">{{ state }}</span></div></div>
{% endfor %}</div></section>
<section class="card-fc" aria-label="Сценарий разговора"><div class="card-h"><h2>Сценарий разговора</h2><span class="pill">{{ contact[10] }}</span></div><div class="card-b"><ol class="script">
{% for phrase in script %}<li><div><q>{{ phrase }}</q></div></li>{% endfor %}</ol></div></section>
<section class="card-fc" aria-label="Со слов клиента"><div class="card-h"><h2>Со слов клиента</h2></div><div class="card-b">"""
    + _FIELDS
    + """</div></section></div>
<section class="card-fc feed" aria-label="Лента событий"><div class="card-h"><h2>Лента событий</h2></div><div class="scroll"><form class="card-b line" method="post" action="/contact/{{ id }}/note"><input class="form-control" name="text" aria-label="Заметка" placeholder="Заметка, @коллега" maxlength="4000" required><button type="submit" class="fc-icon-btn" aria-label="Добавить заметку">"""
    + _ICON % "send"
    + """</button></form><ol class="tl" id="events">
{% for id, number, at, channel, state, note, department, purpose in contacts %}<li><span class="chn {{ channel }}">"""
    + _ICON % "{{ channel }}"
    + """</span><div class="grow"><div class="small2"><b>{{ channel }}</b> <span class="muted num">{{ at }}</span></div><div class="tiny muted"><a href="/contact/{{ id }}">{{ number }}</a> {{ state }}</div>{% if note %}<div class="tiny">{{ note }}</div>{% endif %}</div></li>
{% endfor %}</ol></div></section></div></main></body></html>"""
)

FORM = """<!doctype html><html lang="ru"><body><form method="post" action="/register"></form></body></html>"""
_CYRILLIC = str.maketrans("АВЕКМНОРСТУХ", "ABEKMHOPCTYX")
_PLATE = re.compile(r"[A-Z]\d{3}[A-Z]{2}\d{2,3}")


class Store:
    """The bare driver behind a few open connections."""

    def __init__(self, url: str) -> None:
        self.dialect = "sqlite" if url.startswith("sqlite") else "postgresql"
        self._address = url.removeprefix("sqlite:///") if self.dialect == "sqlite" else url
        self._free: queue.LifoQueue[Any] = queue.LifoQueue()

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """A connection in autocommit, given back at the end."""
        try:
            connection = self._free.get_nowait()
        except queue.Empty:
            connection = self._open()
        yield connection
        self._free.put(connection)

    def _open(self) -> Any:
        if self.dialect == "postgresql":
            return psycopg.connect(self._address, autocommit=True)
        connection = sqlite3.connect(self._address, isolation_level=None, check_same_thread=False, timeout=15)
        for pragma in ("synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def text(self, statement: str) -> str:
        """A statement with the driver's own kind of places."""
        return statement.replace("%s", "?") if self.dialect == "sqlite" else statement

    def rows(self, statement: str, values: Sequence[Any] = ()) -> list[Row]:
        """The rows of one statement."""
        with self.connection() as connection:
            found: list[Row] = connection.execute(self.text(statement), values).fetchall()
            return found


class Floor:
    """The WSGI application."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self.map = Map(
            [
                Rule("/traffic", endpoint="journal"),
                Rule("/lookup", endpoint="lookup"),
                Rule("/clients/<int:id_>", endpoint="client"),
                Rule("/contact/<int:id_>", endpoint="contact"),
                Rule("/register", endpoint="register"),
                Rule("/health", endpoint="health"),
            ]
        )
        environment = jinja2.Environment(autoescape=True)
        self.templates = {
            "journal": environment.from_string(JOURNAL_PAGE),
            "found": environment.from_string(FOUND_PART),
            "client": environment.from_string(CLIENT_PAGE),
            "contact": environment.from_string(CONTACT_PAGE),
        }

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        request = Request(environ)
        endpoint, arguments = self.map.bind_to_environ(environ).match()
        view: Callable[..., Response] = getattr(self, endpoint)
        return view(request, **arguments)(environ, start_response)

    def health(self, _request: Request) -> Response:
        """Whether it runs."""
        return Response("ok")

    def journal(self, request: Request) -> Response:
        """W1 and W2."""
        args = request.args
        if "at" in args:
            rows = self.store.rows(BEYOND, (self._moment(args["at"]), int(args["id"])))
        elif "state" in args:
            values = (args["state"], int(args["responsible"]), self._moment(args["since"]))
            rows = self.store.rows(FILTERED, values)
        else:
            rows = self.store.rows(FIRST)
        shown = [(*row[:2], _clock(row[2]), *row[3:]) for row in rows[:PAGE]]
        return self._page("journal", rows=shown)

    def lookup(self, request: Request) -> Response:
        """W3."""
        typed = request.args["q"].strip()
        digits = re.sub(r"\D", "", typed)
        plate = typed.upper().translate(_CYRILLIC)
        if len(digits) >= 10:
            rows = self.store.rows(BY_PHONE, ("+7" + digits[-10:],))
        elif _PLATE.fullmatch(plate):
            rows = self.store.rows(BY_PLATE, (plate,))
        else:
            rows = self._by_part(typed.lower().replace("ё", "е"))
        found: dict[int, tuple[Any, ...]] = {}
        for id_, name, phone, vip, title, number in rows:
            cars = found.setdefault(id_, (id_, name, phone, vip, []))[4]
            if title:
                cars.append((title, number))
        return self._page("found", found=found.values())

    def _by_part(self, part: str) -> list[Row]:
        sqlite = self.store.dialect == "sqlite"
        if len(part) > 2:
            return self.store.rows(BY_PART[self.store.dialect], (f'"{part}"' if sqlite else f"%{part}%",))
        values = (f'"  {part}"',) if sqlite else (f"{part}%", f"% {part}%")
        return self.store.rows(BY_BEGINNING[self.store.dialect], values)

    def client(self, _request: Request, id_: int) -> Response:
        """W4."""
        with self.store.connection() as connection:
            client = connection.execute(self.store.text(CLIENT), (id_,)).fetchone()
            parts = self._about(connection, id_)
        names = ("Фамилия", "Имя", "Отчество", "Почта", "Группа", "Отношение", "VIP", "Заметка", "Последний контакт")
        return self._page(
            "client",
            client=client,
            fields=list(zip(names, client[1:], strict=True)),
            id=id_,
            about=f"contacts_customer:{id_}",
            **parts,
        )

    def contact(self, _request: Request, id_: int) -> Response:
        """W4, the contact's card."""
        with self.store.connection() as connection:
            contact = connection.execute(self.store.text(CONTACT), (id_,)).fetchone()
            client = connection.execute(self.store.text(CLIENT), (contact[8],)).fetchone()
            parts = self._about(connection, contact[8])
        names = ("Время", "Канал", "Состояние", "Клиент", "Телефон", "Автомобиль", "Слова клиента")
        fields = list(zip(names, contact[1:8], strict=True))
        fields += [("Цель", f"{contact[9]} · {contact[10]}"), ("Ответственный", contact[12]), ("Документ", contact[13])]
        return self._page(
            "contact",
            contact=contact,
            fields=fields,
            script=contact[11].splitlines(),
            client=client,
            id=id_,
            about=f"contacts_inbound_contact:{id_}",
            **parts,
        )

    def _about(self, connection: Any, customer: int) -> dict[str, Any]:
        wanted = {"phones": PHONES, "vehicles": VEHICLES, "documents": DOCUMENTS, "contacts": CONTACTS}
        return {
            name: connection.execute(self.store.text(statement), (customer,)).fetchall()
            for name, statement in wanted.items()
        }

    def register(self, request: Request) -> Response:
        """W5: five statements and a commit."""
        form = request.form
        now = datetime.now(UTC) if self.store.dialect == "postgresql" else datetime.now(UTC).isoformat(" ")[:26]
        customer = int(form["customer_id"]) if form.get("customer_id") else None
        responsible = int(form["responsible_id"])
        words, phone, note = form.get("customer_id_text", ""), form.get("phone", ""), form["note"]
        with self.store.connection() as connection:
            run = lambda statement, values: connection.execute(self.store.text(statement), values)  # noqa: E731
            connection.execute("BEGIN IMMEDIATE" if self.store.dialect == "sqlite" else "BEGIN")
            number = f"ВТ-{run(NEXT_NUMBER, ()).fetchone()[0]:06d}"
            key = f"{number} {words} {phone}".lower()
            values = (
                number, now, responsible, customer, customer, words, phone, note, key, now, now, int(form["goal_id"]),
            )  # fmt: skip
            contact = run(ADD_CONTACT, values).fetchone()[0]
            run(ADD_AUDIT, (now, contact))
            shown = json.dumps({"client": words})
            notification = run(ADD_NOTIFICATION, (responsible, contact, shown, now)).fetchone()[0]
            run(ADD_EVENT[self.store.dialect], (now, responsible, json.dumps({"notification": notification})))
            connection.execute("COMMIT")
        return Response(status=303, headers={"Location": f"/contact/{contact}"})

    def _moment(self, text: str) -> Any:
        moment = datetime.fromisoformat(text)
        return moment if self.store.dialect == "postgresql" else moment.strftime("%Y-%m-%d %H:%M:%S.%f")

    def _page(self, template: str, **values: Any) -> Response:
        return Response(self.templates[template].render(**values), content_type="text/html; charset=utf-8")


def _clock(value: Any) -> str:
    return value[11:16] if isinstance(value, str) else f"{value:%H:%M}"
