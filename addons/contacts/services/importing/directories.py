"""The directories an import needs, read once for each part: makes, models, sources, people, and words for choices."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from sqlalchemy import select

from addons.contacts.models import LeadSource, Make, VehicleModel
from core import User, WorkSession, fold, search_key

LEGAL_FORM_WORDS: dict[str, tuple[str, ...]] = {
    "person": ("Частное лицо", "физическое лицо", "физлицо", "фл", "person", "private person", "individual"),
    "company": ("Юридическое лицо", "юрлицо", "юл", "организация", "company", "legal entity"),
    "government": ("Государственное учреждение", "госучреждение", "гос", "government", "government institution"),
}
RELATION_WORDS: dict[str, tuple[str, ...]] = {
    "retail": ("Частный", "розница", "розничный", "retail"),
    "corporate": ("Корпоративный", "корпоратив", "corporate"),
    "partner": ("Партнёр", "partner"),
    "employee": ("Сотрудник", "employee"),
}


def by_word(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """The codes by everything they are called, the code itself too."""
    return {fold(word): code for code, known in words.items() for word in (*known, code)}


LEGAL_FORMS, RELATIONS = by_word(LEGAL_FORM_WORDS), by_word(RELATION_WORDS)


class Directories:
    """Makes, models, sources and people by the words a file has for them.

    :param add: makes and models that are missing are added; with ``write`` to the database, else only in mind,
        with numbers below zero that never leave it.
    """

    def __init__(self, session: WorkSession, *, add: bool, write: bool) -> None:
        self._session = session
        self._add, self._write = add, write
        makes = session.scalars(select(Make)).all()
        models = session.scalars(select(VehicleModel)).all()
        self.makes = {make.id: make for make in makes}
        self.models = {model.id: model for model in models}
        self._makes = {fold(name): make.id for make in makes for name in (make.name_ru, make.name) if name}
        self._models = {
            (model.make_id, fold(name)): model.id for model in models for name in (model.name_ru, model.name) if name
        }
        sources = session.execute(select(LeadSource.id, LeadSource.title_ru, LeadSource.title_en))
        self._sources = {fold(title): row.id for row in sources for title in (row.title_en, row.title_ru) if title}
        people = session.execute(select(User.id, User.login, User.full_name, User.short_name, User.active)).all()
        names = _unambiguous((fold(name), row.id) for row in people for name in {row.full_name, row.short_name} if name)
        self._people = names | {fold(row.login): row.id for row in people}
        self.left = {row.id for row in people if not row.active}
        self._people_shown = {row.id: (row.full_name, row.login) for row in people}

    def make(self, text: str) -> int | None:
        """The make a word means; nothing when there is none and none may be added."""
        key = fold(text)
        if key not in self._makes and self._add:
            record = Make(name=text, search_key=search_key(text))
            self._makes[key] = self._added(record, key)
            self.makes[self._makes[key]] = record
        return self._makes.get(key)

    def model(self, make_id: int, text: str) -> int | None:
        """The model of a make a word means; also without the make's name before it."""
        make = self.makes[make_id]
        for name in (make.name, make.name_ru):
            if name and fold(text).startswith(fold(name) + " ") and (make_id, fold(text)) not in self._models:
                text = text[len(name) :].strip()
        key = (make_id, fold(text))
        if key not in self._models and self._add:
            record = VehicleModel(make_id=make_id, name=text, search_key=search_key(text))
            self._models[key] = self._added(record, f"{make_id}/{key[1]}")
            self.models[self._models[key]] = record
        return self._models.get(key)

    def _added(self, record: Make | VehicleModel, word: str) -> int:
        if not self._write:
            # The same number for the same word in every part of the file.
            return -1 - zlib.crc32(word.encode())
        self._session.add(record)
        self._session.flush()
        return record.id

    def source(self, text: str) -> int | None:
        """The lead source a word means."""
        return self._sources.get(fold(text))

    def person(self, text: str) -> int | None:
        """The person a login or a name means; nothing when two have the name."""
        return self._people.get(fold(text))

    def person_word(self, user_id: int | None) -> str:
        """What :meth:`person` understands as this person: the name, or the login where two have the name."""
        words = self._people_shown.get(user_id or 0, ())
        return next((word for word in words if word and self.person(word) == user_id), "")


def _unambiguous(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for word, number in pairs:
        found.setdefault(word, set()).add(number)
    return {word: numbers.pop() for word, numbers in found.items() if len(numbers) == 1}
