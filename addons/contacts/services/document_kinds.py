"""What the kinds of documents are called, also when their addon is switched off or gone (X-12)."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from addons.contacts.models import Document, DocumentKind
from addons.contacts.services.document_types import document_types
from core import T, Viewer, WorkSession

LANGUAGES = ("ru", "en")


def keep_kinds(session: WorkSession) -> None:
    """Write down what the kinds of documents are called, for the time when nobody is there to say it."""
    kept = {kind.code: kind for kind in session.scalars(select(DocumentKind))}
    for code, (_, kind) in document_types(session.hooks).items():
        title_ru, title_en = (session.words(language, kind.title)[: _longest()] for language in LANGUAGES)
        row = kept.get(code)
        if row is None:
            session.add(DocumentKind(code=code, title_ru=title_ru, title_en=title_en))
        elif (row.title_ru, row.title_en) != (title_ru, title_en):
            row.title_ru, row.title_en = title_ru, title_en
    session.flush()


def document_kinds(viewer: Viewer) -> dict[str, str]:
    """The titles of the kinds of documents by code, of the addons that run."""
    known = document_types(viewer.session.hooks)
    return {code: viewer.translate(kind.title) for code, (_, kind) in known.items()}


def all_kinds(viewer: Viewer) -> dict[str, str]:
    """The same, with those of addons that are off."""
    session = viewer.session
    return {code: named_kind(session, code) for code in session.scalars(select(DocumentKind.code)).all()}


def named_kind(session: WorkSession, code: str) -> str:
    """What a kind of documents is called; one whose addon is off says so."""
    return _named(session, code)


def reference(session: WorkSession, document: Document | Any) -> str:
    """What a document is called on a card: its kind and number, and whether its addon is off."""
    return _named(session, document.type, document.number)


def kind_off(session: WorkSession, title: str | None, number: str = "") -> str:
    """A kind whose addon is off, or a document of it; ``title`` is what was kept of the kind."""
    words = partial(session.words, session.access.language)
    return words(T("%(name)s (module is off)")) % {"name": f"{title or words(T('Document'))} {number}".strip()}


def kept_title(session: WorkSession) -> InstrumentedAttribute[str]:
    """The column with the titles in the person's language."""
    return DocumentKind.title_en if session.access.language == "en" else DocumentKind.title_ru


def _longest() -> int:
    """How many characters of a title are kept: another addon's may be as long as it likes."""
    length: int = DocumentKind.title_ru.type.length
    return length


def _named(session: WorkSession, code: str, number: str = "") -> str:
    known = document_types(session.hooks).get(code)
    if known is not None:
        return f"{session.words(session.access.language, known[1].title)} {number}".strip()
    kept = session.get(DocumentKind, code)  # once a session
    return kind_off(session, getattr(kept, kept_title(session).key, None), number)
