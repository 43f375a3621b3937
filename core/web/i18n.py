"""Words in the reader's language: catalogues per addon, dates, money, plurals.

A text in the code is an English msgid. ``T("Customer")`` only marks it; it is translated where it
is shown, because one process serves people of both languages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from core.text.catalogues import Catalogue
from core.text.msgids import LANGUAGES, Figure, Kopecks, T

_ANYWHERE = ZoneInfo("UTC")
"""A day is the same day in every zone."""


class Translator:
    """One language: texts, numbers and dates as its readers write them."""

    def __init__(self, language: str, catalogue: Catalogue) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self._catalogue = catalogue

    def __call__(self, msgid: str, /, **values: Any) -> str:
        """The text for a msgid, with its ``%(name)s`` places filled."""
        if not msgid:
            return ""
        text = str(self._catalogue.gettext(msgid))
        return text % self._shown(values) if values else str(text)

    def plural(self, singular: str, plural: str, number: int, /, **values: Any) -> str:
        """The text for a number of things; ``%(n)s`` is the number."""
        return self._catalogue.ngettext(singular, plural, number) % self._shown({"n": number, **values})

    def has(self, msgid: str) -> bool:
        """Whether this language has its own text for a msgid (English msgids are their own text)."""
        if self.language == "en":
            return True
        texts = self._catalogue.texts
        return msgid in texts or (msgid, 0) in texts

    def number(self, value: int | float) -> str:
        """A number with the thousands set apart."""
        return _decimal(value, self.language)

    def money(self, kopecks: int | None) -> str:
        """An amount in roubles: ``18 100 ₽`` or ``18,100 ₽``, with kopecks only when there are any."""
        if kopecks is None:
            return ""
        roubles, rest = divmod(abs(kopecks), 100)
        sign = "−" if kopecks < 0 else ""
        point = "," if self.language == "ru" else "."
        return f"{sign}{_decimal(roubles, self.language)}{f'{point}{rest:02d}' if rest else ''} ₽"

    def day(self, value: date | datetime, zone: ZoneInfo, *, today: date | None = None) -> str:
        """A day: ``20 ноября``, with the year only when it is not this one."""
        local = value.astimezone(zone).date() if isinstance(value, datetime) else value
        this_year = today is not None and local.year == today.year
        pattern = (
            ("d MMMM" if this_year else "d MMMM y") if self.language == "ru" else ("d MMM" if this_year else "d MMM y")
        )
        return _day(local, pattern, self.language)

    def moment(self, value: datetime, zone: ZoneInfo, *, now: datetime | None = None) -> str:
        """A moment in the reader's zone: the time today, else the day and the time."""
        local = value.astimezone(zone)
        clock = local.strftime("%H:%M")
        today = now.astimezone(zone).date() if now else None
        return clock if local.date() == today else f"{self.day(value, zone, today=today)}, {clock}"

    def full_moment(self, value: datetime, zone: ZoneInfo) -> str:
        """A moment in full, for titles and print."""
        return format_datetime(value.astimezone(zone), "d MMMM y, HH:mm:ss", locale=self.locale)

    def _shown(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {key: self._written(value) for key, value in values.items()}

    def _written(self, value: Any) -> Any:
        match value:
            case T():
                return self(value)
            case Kopecks():
                return self.money(value)
            case Figure():
                return self.number(value)
            case datetime():
                return value
            case date():
                return self.day(value, _ANYWHERE)
        return value


@lru_cache(maxsize=4096)
def _decimal(value: int | float, language: str) -> str:
    return str(format_decimal(value, locale=language))


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=language))


def load_translators(folders: Iterable[Path]) -> dict[str, Translator]:
    """A translator per language from the ``locale`` folders of core and the enabled addons.

    Later folders cannot change the words of earlier ones: the first translation of a msgid stays.
    """
    folders = list(folders)
    return {language: Translator(language, _catalogue(language, folders)) for language in LANGUAGES}


def _catalogue(language: str, folders: Iterable[Path]) -> Catalogue:
    files = [file for folder in folders if (file := folder / f"{language}.po").exists()]
    return _read(tuple((file, file.stat().st_mtime_ns) for file in files))


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[Path, int], ...]) -> Catalogue:
    """The words of these files as they were last changed; read here so that no build step can be forgotten."""
    return Catalogue(file for file, _ in files)


__all__ = ["LANGUAGES", "T", "Translator", "load_translators"]
