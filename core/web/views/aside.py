"""A form that is put aside while a record is made which one of its look-ups lacks (:class:`core.web.screens.Made`).

The form of that record carries in its address where to go back to and which field waits; the form that was put aside is
opened again with the new record chosen in it, over the draft in which it was kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from core.db.base import Record
from core.web.http import Request, number_of, own_path
from core.web.mounted import MountedScreen
from core.web.screens import Field

BACK, INTO, MADE = "back", "into", "made"


def address(request: Request, declared: Field, back: str, proposed: Mapping[str, Any]) -> str:
    """The form of the missing record, with what is known of it.

    :param back: the address of the form that was put aside.
    """
    assert declared.made is not None
    given = {name: value for name, value in proposed.items() if value not in (None, "")}
    return request.url(f"{declared.made.screen}.new", **given, **{BACK: back, INTO: declared.name})


def waiting(request: Request) -> dict[str, str]:
    """What the address of a form says of the one that waits for its record; empty where none does (SEC-27)."""
    back, into = own_path(request.args.get(BACK, ""), ""), request.args.get(INTO, "")
    return {BACK: back, INTO: into} if back and into else {}


def back_with(request: Request, record: Record) -> str:
    """The address of the form that waits, with the new record chosen; empty where none waits."""
    form = waiting(request)
    if not form:
        return ""
    joint = "&" if "?" in form[BACK] else "?"
    return f"{form[BACK]}{joint}{urlencode({form[INTO]: record.id, MADE: form[INTO]})}"


def just_made(mounted: MountedScreen, request: Request) -> dict[str, int]:
    """The record that was made for a look-up of this form, by the field's name."""
    name = request.args.get(MADE, "")
    number = number_of(request.args.get(name, "")) if name else None
    declared = mounted.lookup_field(name, request.access)
    return {name: number} if number is not None and declared is not None and declared.made is not None else {}


def with_made(draft: Mapping[str, Any], made: Mapping[str, int]) -> dict[str, Any]:
    """What was typed, with the new record in place of what was typed into its field."""
    kept = {name: value for name, value in draft.items() if name.removesuffix("_text") not in made}
    return {**kept, **{name: str(number) for name, number in made.items()}}
