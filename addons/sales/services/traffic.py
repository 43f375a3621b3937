"""What sales knows of inbound contacts: how far the deal has come that each of them led to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.sales.models import Worksheet
from addons.sales.services.stages import stage_titles
from core import Grouping, T, Viewer

TRAFFIC = "contacts.traffic"


def groupings(screen_key: str) -> list[Grouping] | None:
    """Contacts by the stage of their deal: what the traffic of a time has come to (X-13)."""
    if screen_key != TRAFFIC:
        return None
    stage = (
        select(Worksheet.stage)
        .where(Worksheet.id == InboundContact.document_id)
        .correlate(InboundContact)
        .scalar_subquery()
    )
    label, empty = T("Stage of the deal"), T("without a deal")
    return [Grouping("stage", label, stage, words=_titles, empty=empty, right="sales.worksheet.read")]


def _titles(viewer: Viewer) -> Mapping[Any, str]:
    return {code: viewer.translate(title) for code, title in stage_titles(viewer.session.hooks).items()}
