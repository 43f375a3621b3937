"""Pages out of templates: loaders, filters, and what every page shows around its own content.

One Jinja environment per language and time zone, so that words and dates are plain globals and
filters, also inside macros, and cost nothing per call.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from core.text.phones import format_phone
from core.text.plates import format_plate
from core.web.constant_calls import FoldingEnvironment
from core.web.http import came_from
from core.web.i18n import Translator
from core.web.local_time import moment_input
from core.web.shell import Page, shell_context

if TYPE_CHECKING:
    from core.web.app import Application
    from core.web.http import Request

TEMPLATES = Path(__file__).parent / "templates"
TINTS = 6
DRAWN = 256
"""How many pieces of pages are kept, drawn, for each language and time zone."""


class Pages:
    """All templates of one application object."""

    def __init__(self, app: Application, addon_templates: list[tuple[str, Path]], site: Path | None = None) -> None:
        self._app = app
        self._loader = _loader(addon_templates, site)
        self._environments: dict[tuple[str, str], Environment] = {}

    def environment(self, language: str, time_zone: str) -> Environment:
        """The environment of one language and zone."""
        key = (language, time_zone)
        if key not in self._environments:
            self._environments[key] = self._make(self._app.translators[language], ZoneInfo(time_zone))
        return self._environments[key]

    def for_request(self, request: Request) -> Environment:
        """The environment of the person who asks."""
        access = request.access
        zone = access.time_zone if access.user_id else self._app.config.time_zone
        return self.environment(request.translate.language, zone)

    def render(self, request: Request, template: str | Template, context: Mapping[str, Any]) -> str:
        """A template filled for one request; whole pages get the shell, fragments do not."""
        environment = self.for_request(request)
        loaded = environment.get_template(template) if isinstance(template, str) else template
        page = context.get("page") or Page()
        return loaded.render({**self._common(request), **shell_context(request, page), **context})

    def fragments(self, request: Request) -> Callable[[str, Mapping[str, Any]], str]:
        """Fills several fragments of one request: what they have in common is put together once."""
        environment = self.for_request(request)
        common = {**self._common(request), **shell_context(request, Page())}
        return lambda template, context: environment.get_template(template).render({**common, **context})

    def _common(self, request: Request) -> dict[str, Any]:
        return {
            "request": request,
            "form_page": came_from(request) if request.writes else "",
            "access": request.access,
            "csrf_token": self._app.csrf_token(request),
            "demo": self._app.config.demo,
            "dealership": self._app.config.dealership,
        }

    def _make(self, translator: Translator, zone: ZoneInfo) -> Environment:
        environment = FoldingEnvironment(
            loader=self._loader,
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=self._app.reload_templates,
            cache_size=-1,
        )
        environment.globals.update(
            {
                "_": translator,
                "ngettext": translator.plural,
                "lang": translator.language,
                "icon": self._app.assets.icon,
                "static": self._app.assets.url,
                "url": self._app.url,
                "piece": drawing(environment, keep=0 if self._app.reload_templates else DRAWN),
            }
        )
        environment.variant = translator.language, str(zone)
        if not self._app.reload_templates:
            environment.folded = ("_", "icon", "static", "url")
        environment.filters.update(_filters(translator, zone, self._app.clock))
        return environment


def drawing(environment: Environment, keep: int) -> Callable[..., Markup]:
    """``piece(template, **values)``: a template that needs nothing but these values, kept as it was drawn with them.

    The frame around pages is made of such pieces: for one person it is nearly always the same.

    :param keep: how many drawn pieces are kept, for each of which different values count as another.
    """

    def draw(template: str, **values: Hashable) -> Markup:
        return Markup(environment.get_template(template).render(values))  # noqa: S704 - our own template

    return functools.lru_cache(keep)(draw)


def _loader(addon_templates: list[tuple[str, Path]], site: Path | None) -> BaseLoader:
    """The site's folder first, then addons with dependents first, then core; ``@name/…`` names an original."""
    folders = [("core", TEMPLATES), *addon_templates]
    chain: list[BaseLoader] = [FileSystemLoader(folder) for _, folder in reversed(folders)]
    if site is not None and site.is_dir():
        chain.insert(0, FileSystemLoader(site))
    originals = PrefixLoader({f"@{name}": FileSystemLoader(folder) for name, folder in folders})
    return ChoiceLoader([*chain, originals])


def _filters(translator: Translator, zone: ZoneInfo, clock: Callable[[], datetime]) -> dict[str, Callable[..., Any]]:
    # Each takes another zone where a place has a clock of its own that everybody goes by.
    def moment(value: datetime | None, at: ZoneInfo = zone) -> str:
        return "" if value is None else translator.moment(value, at, now=clock())

    def day(value: Any, at: ZoneInfo = zone) -> str:
        return "" if value is None else translator.day(value, at, today=clock().astimezone(at).date())

    def full_moment(value: datetime | None) -> str:
        return "" if value is None else translator.full_moment(value, zone)

    def clock_time(value: datetime | None, at: ZoneInfo = zone) -> str:
        return "" if value is None else value.astimezone(at).strftime("%H:%M")

    def local_input(value: datetime | None) -> str:
        return "" if value is None else moment_input(value, zone)

    return {
        "money": translator.money,
        "number": translator.number,
        "phone": lambda value: format_phone(value) if value else "",
        "unbroken": unbroken,
        "plate": lambda value: format_plate(value) if value else ("", ""),
        "plate_text": lambda value: (
            "".join(part for part in format_plate(value) if part).replace(" ", "") if value else ""
        ),
        "moment": moment,
        "day": day,
        "full_moment": full_moment,
        "clock": clock_time,
        "local_input": local_input,
        "iso": lambda value: value.isoformat() if value else "",
        "timer": timer,
        "initials": initials,
        "tint": lambda value: (value or 0) % TINTS,
        "json": script_json,
    }


def unbroken(text: str) -> Markup:
    """A text for the eye whose phone numbers stay on one line."""
    return Markup(_NUMBER.sub(r'<span class="nowrap">\g<0></span>', str(escape(text))))  # noqa: S704 - escaped here


_NUMBER = re.compile(r"\+[0-9]+(?:[ -][0-9]+)+")


def timer(seconds: float | None) -> str:
    """A span as a clock shows it: ``3:07``, ``1:02:45``."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def initials(name: str | None) -> str:
    """Two letters for an avatar: of the first two words of a name."""
    words = [word for word in (name or "").split() if word[:1].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "·"


def script_json(value: Any) -> Markup:
    """Data for a script or an attribute, with ``<``, ``>`` and ``&`` escaped (SEC-25)."""
    text = msgspec.json.encode(value).decode()
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("'", "\\u0027")):
        text = text.replace(char, code)
    return Markup(text)  # noqa: S704 - every character that could end the context is escaped above
