"""The lines of the house: kept by the numbers that exchanges say."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from addons.contacts.models import ContactGoal
from addons.telephony.models import Line
from addons.telephony.services.house import line_number
from addons.telephony.services.vocabulary import CALL_CHANNEL
from core import InLanguage, Invalid, Lookup, T, WorkSession

GOALS = Lookup(
    ContactGoal,
    InLanguage(ContactGoal.purpose_ru, ContactGoal.purpose_en),
    where=(ContactGoal.active, ContactGoal.channel == CALL_CHANNEL),
)
"""The goals that calls may have."""


def fault(text: str) -> str:
    """What is wrong with a number that was typed."""
    return "" if any(each.isdigit() for each in text) else T("Write the number that clients call.")


def create(session: WorkSession, values: dict[str, Any]) -> Line:
    """A line from the form.

    :raises Invalid: for what is no number, and for one that is known already.
    """
    line = Line(**values)
    line.number = _number(session, values["number"], None)
    session.add(line)
    session.flush()
    return line


def change(session: WorkSession, line: Line, values: dict[str, Any]) -> None:
    """A line as the form says it now.

    :raises Invalid: for what is no number, and for one that is another line's.
    """
    if "number" in values:
        values = {**values, "number": _number(session, values["number"], line.id)}
    for name, value in values.items():
        setattr(line, name, value)
    session.flush()


def _number(session: WorkSession, typed: str, own_id: int | None) -> str:
    wrong = fault(typed or "")
    if wrong:
        raise Invalid({"number": [wrong]})
    number = line_number(typed)
    other = session.scalar(select(Line.id).where(Line.number == number, Line.id != (own_id or 0)))
    if other is not None:
        raise Invalid({"number": [T("There is a line with this number already.")]})
    return number
