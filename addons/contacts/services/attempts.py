"""Calls to a client without an answer, from every addon that knows of any."""

from __future__ import annotations

from datetime import datetime

from core import WorkSession


def call_attempts(session: WorkSession, customer_id: int | None, phone: str, since: datetime) -> list[datetime]:
    """When somebody called this client or this number in vain, the earliest call first; an addon that fails tells of none.

    :param phone: in E.164, or empty.
    """
    answers = session.hooks.each(
        "contacts_call_attempts", session=session, customer_id=customer_id, phone=phone, since=since
    )
    return sorted(at for answer in answers if not answer.error for at in answer.value)
