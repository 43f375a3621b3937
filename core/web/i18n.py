"""Words in the reader's language: catalogues per addon, dates, money, plurals.

A text in the code is an English msgid. ``T("Customer")`` only marks it; it is translated where it
is shown, because one process serves people of both languages.
"""

from __future__ import annotations

import gettext
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.text.msgids import LANGUAGES, T


class Translator:
    """One language: texts, numbers and dates as its readers write them."""

    def __init__(self, language: str, translations: gettext.NullTranslations) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self._translations = translations

    def __call__(self, msgid: str, /, **values: Any) -> str:
        """The text for a msgid, with its ``%(name)s`` places filled."""
        if not msgid:
            return ""
        text = str(self._translations.gettext(msgid))
        return text % self._shown(values) if values else str(text)

    def plural(self, singular: str, plural: str, number: int, /, **values: Any) -> str:
        """The text for a number of things; ``%(n)s`` is the number."""
        return self._translations.ngettext(singular, plural, number) % self._shown({"n": number, **values})

    def has(self, msgid: str) -> bool:
        """Whether this language has its own text for a msgid (English msgids are their own text)."""
        if self.language == "en":
            return True
        catalogue = self._translations.catalogue if isinstance(self._translations, _Translations) else {}
        return bool(catalogue.get(msgid) or catalogue.get((msgid, 0)))

    def number(self, value: int | float) -> str:
        """A number with the thousands set apart."""
        return _decimal(value, self.language)

    def money(self, kopecks: int | None) -> str:
        """An amount in roubles: ``18 100 ₽``, with kopecks only when there are any."""
        if kopecks is None:
            return ""
        roubles, rest = divmod(abs(kopecks), 100)
        sign = "−" if kopecks < 0 else ""
        text = _decimal(roubles, "ru")
        return f"{sign}{text}{f',{rest:02d}' if rest else ''} ₽"

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
        return {key: self(value) if isinstance(value, T) else value for key, value in values.items()}


@lru_cache(maxsize=4096)
def _decimal(value: int | float, language: str) -> str:
    return str(format_decimal(value, locale=language))


@lru_cache(maxsize=4096)
def _day(day: date, pattern: str, language: str) -> str:
    return str(format_date(day, pattern, locale=language))


class _Translations(gettext.GNUTranslations):
    """A catalogue whose entries can be read, to put several together."""

    _catalog: dict[Any, str]

    @property
    def catalogue(self) -> dict[Any, str]:
        """The texts by msgid, or by ``(msgid, number)`` for plurals."""
        return self._catalog


def load_translators(folders: Iterable[Path]) -> dict[str, Translator]:
    """A translator per language from the ``locale`` folders of core and the enabled addons.

    Later folders cannot change the words of earlier ones: the first translation of a msgid stays.
    """
    folders = list(folders)
    return {language: Translator(language, _merged(language, folders)) for language in LANGUAGES}


def _merged(language: str, folders: Iterable[Path]) -> gettext.NullTranslations:
    files = [file for folder in folders if (file := folder / f"{language}.po").exists()]
    if not files:
        return gettext.NullTranslations()
    first, *others = [_translations(file, file.stat().st_mtime_ns) for file in files]
    merged = _Translations(io.BytesIO(first))
    for other in others:
        for key, text in _Translations(io.BytesIO(other)).catalogue.items():
            merged.catalogue.setdefault(key, text)
    return merged


@lru_cache(maxsize=64)
def _translations(file: Path, _changed: int) -> bytes:
    """The compiled form of a catalogue; compiled here so that no build step can be forgotten."""
    buffer = io.BytesIO()
    write_mo(buffer, read_catalogue(file))
    return buffer.getvalue()


def read_catalogue(file: Path) -> Catalog:
    """The messages of one ``.po`` file."""
    with file.open("rb") as stream:
        return read_po(stream)


__all__ = ["LANGUAGES", "T", "Translator", "load_translators", "read_catalogue"]
