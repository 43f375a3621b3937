"""Where the records of each addon are shown, for everything in core that points at a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import NotFound
from core.text.msgids import Kopecks, T
from core.work.subjects import Subject

Url = Callable[..., str]


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """The page of one kind of record: its table, and the endpoints that take its ``record_id``.

    ``claim`` is the POST endpoint with which one of several takes it, if there is such a thing.
    """

    type: str
    endpoint: str
    claim: str = ""


class SubjectPages:
    """All kinds of records that can be pointed at."""

    def __init__(self, pages: Iterable[SubjectPage], url: Url) -> None:
        self._pages = {page.type: page for page in pages}
        self._url = url

    def __contains__(self, type_: object) -> bool:
        """Whether records of this table have a page."""
        return type_ in self._pages

    def url(self, subject: Subject) -> str:
        """The page of a record.

        :raises NotFound: when its addon is not there.
        """
        page = self._pages.get(subject.type)
        if page is None:
            raise NotFound("This belongs to a part of the program that is switched off.")
        return self._url(page.endpoint, record_id=subject.id)

    def claim_url(self, subject: Subject) -> str:
        """Where to post to take a record; empty where nothing can be taken."""
        page = self._pages.get(subject.type)
        return self._url(page.claim, record_id=subject.id) if page is not None and page.claim else ""


def words(values: dict[str, Any], language: str) -> dict[str, Any]:
    """The values of a stored text in one language.

    ``{"msgid": …}`` is to be translated, ``{"ru": …, "en": …}`` holds both, ``{"kopecks": …}`` is a sum; anything else
    is data.
    """

    def word(value: Any) -> Any:
        if isinstance(value, dict):
            if "kopecks" in value:
                return Kopecks(value["kopecks"])
            return T(value["msgid"]) if "msgid" in value else value.get(language, "")
        return value

    return {key: word(value) for key, value in values.items()}
