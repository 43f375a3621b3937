"""One entry of the audit trail in words: who did what with which record, and what it was before (SEC-63)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.db.audit import AuditEntry, AuditValue
from core.web.changes import Entry, source_words, tell
from core.web.http import Request
from core.web.i18n import T
from core.web.known_records import named
from core.web.listing.cells import Formats
from core.web.listing.viewer import Viewer
from core.web.screens import Panel
from core.work.people import name_of
from core.work.subjects import Subject


def panels(request: Request, entry: AuditEntry) -> list[Panel]:
    """What stands on the card of an entry."""
    return [
        Panel("facts", T("Entry"), "admin/audit_facts.html", lambda: _facts(request, entry), order=1),
        Panel("changes", T("Changes"), "admin/audit_changes.html", lambda: _changes(request, entry), order=2),
    ]


def _formats(request: Request) -> Formats:
    return Formats(Viewer(request.session, request.translate), request.app.assets.icon)


def _facts(request: Request, entry: AuditEntry) -> dict[str, Any]:
    subject = Subject(entry.subject_type, entry.subject_id) if entry.subject_id is not None else None
    return {
        "entry": entry,
        "who": name_of(request.session, entry.user_id),
        "action": request.app.words.action(entry.action, _formats(request)),
        "source": source_words(entry.source, _formats(request)),
        "thing": request.translate(request.app.words.thing(entry.subject_type)) if entry.subject_type else "",
        "record": named(request, [subject]).get(subject) if subject is not None else None,
        "subject": f"{entry.subject_type}:{entry.subject_id}" if subject is not None else "",
    }


def _changes(request: Request, entry: AuditEntry) -> dict[str, Any]:
    """The values; those of an erased person are gone, the entry itself stays (SEC-70)."""
    stored = request.session.scalar(select(AuditValue.changes).where(AuditValue.audit_id == entry.id))
    seen = request.app.words.unhidden(entry.subject_type, stored or {}, request.access)
    told = tell([Entry(entry.subject_type, seen)], request.app.words, _formats(request))
    return {"fields": told[0], "erased": stored is None}
