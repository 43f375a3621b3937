"""A screen for a table of which there is nothing particular to say: the declaration made from the table itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, String, false, or_
from sqlalchemy.orm import QueryableAttribute

from core.db.base import Record
from core.web.listing.filters import contains
from core.web.screens import CARD, Column, Field, Screen, Section

if TYPE_CHECKING:
    from core.db.engine import WorkSession


def plain_screen(model: type[Record], path: str, title: str, one: str, labels: Mapping[str, str]) -> Screen:
    """The screen of a small table: these columns in the list, on the card and in the form; its texts are searched.

    Of the table ``hello_greeting`` at ``/greetings`` the screen is ``hello.greetings`` and the thing ``hello.greeting``.
    The first column leads to the card and orders the list. Whoever wants more writes a :class:`Screen`.

    :param labels: what the columns are called, by their names.
    """
    addon, _, thing = model.__tablename__.partition("_")
    first, columns = next(iter(labels)), {name: getattr(model, name) for name in labels}
    return Screen(
        key=f"{addon}.{path.strip('/')}",
        model=model,
        thing=f"{addon}.{thing}",
        path=path,
        title=title,
        one=one,
        columns=tuple(
            Column(name, columns[name], label, link=CARD if name == first else None) for name, label in labels.items()
        ),
        order=(first,),
        sections=(Section("", tuple(Field(name, label) for name, label in labels.items())),),
        search=lambda session, text: _matching(session, text, columns.values()),
    )


def _matching(session: WorkSession, text: str, columns: Iterable[QueryableAttribute[str]]) -> ColumnElement[bool]:
    texts = [each for each in columns if isinstance(each.type, String)]
    return or_(false(), *(contains(session, each, text) for each in texts))
