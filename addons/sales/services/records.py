"""Saving what the generated form of a worksheet sends."""

from __future__ import annotations

from typing import Any

from addons.contacts.services.documents import head_of, index_document
from addons.sales.models import Worksheet
from addons.sales.services import next_steps
from addons.sales.services.worksheets import NewWorksheet, create_worksheet, expect_client, get_worksheet, interest_of
from core import WorkSession, publish

_TEXTS = ("customer_text", "interest", "trade_in", "next_step", "note")


def create(session: WorkSession, values: dict[str, Any]) -> Worksheet:
    """A worksheet made by hand; its author is responsible unless somebody else is named."""
    known: dict[str, Any] = {name: (value or "") if name in _TEXTS else value for name, value in values.items()}
    known["responsible_id"] = known.get("responsible_id") or session.access.user_id
    departments = sorted(session.access.department_ids)
    document = create_worksheet(session, NewWorksheet(**known, department_id=departments[0] if departments else None))
    return get_worksheet(session, document.id)


def change(session: WorkSession, worksheet: Worksheet, values: dict[str, Any]) -> None:
    """The changed fields; the journal's head row follows."""
    before = next_steps.wanted(session, worksheet)
    for name, value in values.items():
        setattr(worksheet, name, (value or "") if name in _TEXTS else value)
    expect_client(worksheet.customer_id, worksheet.customer_text)
    if worksheet.customer_id is not None:
        worksheet.customer_text = ""
    worksheet.interest = interest_of(session, worksheet.make_id, worksheet.model_id, worksheet.interest)
    document = head_of(session, worksheet.id)
    document.customer_id = worksheet.customer_id
    document.customer_text = worksheet.customer_text or document.customer_text
    document.title = document.vehicle_text = worksheet.interest
    document.amount, document.responsible_id = worksheet.budget, worksheet.responsible_id
    index_document(session, document)
    session.flush()
    next_steps.keep(session, worksheet, before)
    publish(session, "sales.worksheets", worksheet=worksheet.id)
