"""Passes for the search of the whole program."""

from __future__ import annotations

from sqlalchemy import select

from addons.contacts.models import Document
from core import Hit, Place, WorkSession, filters
from parking.models import Pass


def find(session: WorkSession, query: str, limit: int) -> list[Hit]:
    """Passes by number, guest, plate and car; the latest first."""
    rows = (
        select(Pass.id, Pass.number, Pass.car, Pass.plate, Document.customer_text)
        .join(Document, Document.id == Pass.id)
        .where(filters.found(session, Document.search_key, query))
        .order_by(Pass.id.desc())
        .limit(limit)
    )
    return [
        Hit(
            title=row.number,
            text=" · ".join(filter(None, (row.customer_text, row.car, row.plate))),
            places=(Place("parking.passes.card", {"record_id": row.id}),),
            icon="parking",
        )
        for row in session.execute(rows)
    ]
