"""The templates of core without an application: what every page is given, and invented people for a gallery."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.access.demo import DemoLogin
from core.web.assets import Assets
from core.web.i18n import Translator, load_translators
from core.web.shell import NavItem
from core.web.templates import drawing, initials, timer, unbroken
from core.web.versions import Choice

CORE = Path(__file__).resolve().parents[2] / "core"
TEMPLATES = CORE / "web" / "templates"
STATIC = CORE / "web" / "static"
GALLERY = Path(__file__).resolve().parent / "gallery"
NOW = datetime(2026, 11, 20, 11, 7, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Moscow")

PAGES = {
    "reception.html": ("Ресепшн", (), "", "contacts.reception"),
    "journal.html": ("Входящий трафик", (), "flush", "contacts.journal"),
    "contact.html": ("ВТ-004218", (("Трафик", "#"),), "", "contacts.contact"),
    "form.html": ("ЗН-011382", (("Заказ-наряды", "#"),), "", "service.order"),
    "parts.html": ("Части", (), "", "parts"),
    "fragments.html": ("Фрагменты", (), "", "fragments"),
    "conflict.html": ("Два изменения", (), "", "conflict"),
    "search.html": ("Поиск", (), "", "search"),
    "notifications/page.html": ("Уведомления", (), "", "notifications"),
    "signin.html": ("", (), "", ""),
    "errors/error.html": ("", (), "", ""),
}


def sources() -> Iterator[Path]:
    """Every template of core."""
    return (path for path in sorted(TEMPLATES.rglob("*.html")))


def environment(language: str, assets: Assets) -> Environment:
    """The templates with the globals and filters that the application gives them."""
    translate = load_translators([CORE / "locale"])[language]
    made = Environment(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), FileSystemLoader(GALLERY)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        {
            "_": translate,
            "ngettext": translate.plural,
            "lang": language,
            "icon": assets.icon,
            "static": assets.url,
            "url": _url,
            "piece": drawing(made, keep=0),
        }
    )
    made.filters.update(_filters(translate))
    return made


def _url(endpoint: str, **arguments: Any) -> str:
    query = "&".join(f"{key}={value}" for key, value in sorted(arguments.items()))
    return f"/{endpoint.replace('.', '/')}" + (f"?{query}" if query else "")


def _filters(translate: Translator) -> dict[str, Callable[..., Any]]:
    return {
        "money": translate.money,
        "phone": str,
        "unbroken": unbroken,
        "moment": lambda value: translate.moment(value, ZONE, now=NOW),
        "day": lambda value: translate.day(value, ZONE, today=NOW.date()),
        "timer": timer,
        "initials": initials,
        "tint": lambda value: (value or 0) % 6,
    }


def context(template: str, theme: str = "light") -> dict[str, Any]:
    """What a page of the gallery is given."""
    title, crumbs, main_class, screen = PAGES[template]
    return {
        "page": {"title": title, "crumbs": crumbs, "main_class": main_class, "screen_key": screen},
        "access": SimpleNamespace(
            name="Мария Лебедева", user_id=3, theme=theme, time_zone="Europe/Moscow", may=lambda right: True
        ),
        "nav": SimpleNamespace(items=_nav(screen)),
        "badges": SimpleNamespace(unread=2),
        "presence": SimpleNamespace(state="free", label="Свободен"),
        "frame_strips": [],
        "csrf_token": "token",
        "demo": False,
        "now": NOW,
        "form": _form(),
        **_found(),
        **_conflict(),
        **_signin(),
    }


def _nav(screen: str) -> tuple[NavItem, ...]:
    items = [
        ("contacts.reception", "Ресепшн", "headset", 3, "main", "KeyR"),
        ("contacts.journal", "Трафик", "arrows-right-left", 0, "main", "KeyT"),
        ("sales", "Продажи", "car", 0, "main", ""),
        ("service.order", "Сервис", "tool", 0, "main", "KeyS"),
        ("delivery", "Доставка", "truck-delivery", 0, "main", ""),
        ("customers", "Клиенты", "users", 0, "main", "KeyC"),
        ("reports", "Отчёты", "chart-bar", 0, "main", ""),
        ("addons", "Дополнения", "apps", 0, "system", ""),
        ("settings", "Настройки", "settings", 0, "system", ""),
    ]
    return tuple(
        NavItem(
            key=key,
            title=title,
            icon=icon,
            url=f"/{key}",
            count=count,
            group=group,
            letter=letter,
            current=key == screen,
        )
        for key, title, icon, count, group, letter in items
    )


class OrderForm(Form):  # type: ignore[misc]
    """One field of every kind that ui.field draws differently."""

    customer = StringField("Клиент", [InputRequired("Заполните поле.")])
    car = StringField("Автомобиль", [InputRequired()], description="как в свидетельстве о регистрации")
    mileage = StringField("Пробег, км", [Length(max=3, message="Не длиннее 3 знаков.")])
    contract = SelectField("Договор", choices=[SelectChoice("r", "Розничный"), SelectChoice("c", "Корпоративный")])
    kind = RadioField("Вид", choices=[SelectChoice("m", "ТО"), SelectChoice("r", "Ремонт")], default="m")
    urgent = BooleanField("Срочно")
    note = TextAreaField("Примечание")


def _form() -> OrderForm:
    filled = MultiDict({"car": "Škoda Octavia", "mileage": "91240", "contract": "r", "kind": "m"})
    form = OrderForm(filled)
    form.validate()
    return form


def _found() -> dict[str, Any]:
    notice = {
        "id": 7,
        "title": "Звонок: Иванов Дмитрий",
        "body": "Сервис · Ремонт автомобиля · перевела Лебедева М.",
        "icon": "phone-incoming",
        "page_url": "/contact/7",
        "claim_url": "/claim/7",
        "created_at": NOW - timedelta(minutes=2),
        "opened_at": None,
    }
    task = {**notice, "id": 8, "title": "Задача просрочена", "icon": "checkbox", "channel": "warn", "claim_url": None}
    person = SimpleNamespace(url="/1", title="Иванов Виктор", text="+7 903 123-45-67", icon="user", mark="клиент")
    command = SimpleNamespace(url="/2", title="Новый клиент", text="", icon="plus", keys=("Alt+N",))
    return {
        "notification": notice,
        "notifications": [notice, {**task, "opened_at": NOW}],
        "query": "иванов",
        "note": "Раскладка исправлена: иванов",
        "groups": [
            ("Клиенты", [person]),
            ("Команды", [command]),
        ],
    }


def _conflict() -> dict[str, Any]:
    return {
        "subject": "ЗН-011382",
        "who": "Волков С.",
        "when": NOW,
        "show_url": "/orders/7",
        "action": "/orders/7",
        "hidden": [("version", "4")],
        "missing": False,
        "fields": [
            {
                "name": "mileage",
                "label": "Пробег, км",
                "mine": "91 240",
                "theirs": "91 300",
                "choice": Choice("mine", contested=False),
            },
            {"name": "contract", "label": "Договор", "mine": "Розничный", "theirs": "Розничный", "choice": None},
        ],
    }


def _signin() -> dict[str, Any]:
    return {
        "login": "",
        "password": "",
        "next": "/",
        "error": "",
        "second_factor": False,
        "demo_users": [
            DemoLogin("admin", "Зимин Артём", "Администратор", ""),
            DemoLogin("lebedeva", "Лебедева Мария", "Ресепшн", "Администрация"),
            DemoLogin("petukhov", "Петухов Владимир", "Менеджер по продажам", "Автосалон"),
        ],
        "demo_password": "demo",
        "status": 500,
        "title": "Что-то пошло не так",
        "message": "Сбой записан. Этот шаг ничего не сохранил.",
        "incident": "5f2c91aa",
    }


@cache
def assets() -> Assets:
    """The static files of core."""
    return Assets({"": STATIC}, sources=[CORE, GALLERY])


def rendered(template: str, *, language: str = "ru", theme: str = "light", **more: Any) -> str:
    """A page of the gallery as HTML."""
    return environment(language, assets()).get_template(template).render({**context(template, theme), **more})
