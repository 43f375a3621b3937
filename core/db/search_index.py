"""Substring search in a folded text column, through a trigram index on both databases.

The model says which column: ``search_key: Mapped[str] = mapped_column(Text, info=SEARCHED)``; new revisions then
contain ``op.create_search_index`` by themselves, and a service asks with :func:`matches`.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, column, or_, select, table, true
from sqlalchemy.orm import QueryableAttribute, Session

from core.db.migrations_ops import search_table

SEARCHED: Final = {"search_index": True}
"""The ``info`` of a model's search column, one a table."""

_SHORT = 3


def is_searched(item: Column[Any]) -> bool:
    """Whether the model wants a search index on this column."""
    return bool(item.info.get("search_index"))


def matches(session: Session | str, key: QueryableAttribute[str], fragment: str) -> ColumnElement[bool]:
    """The condition that a record's search key contains a fragment; below three letters, that a word begins with it.

    Key and fragment must be folded alike; ``%``, ``_`` and quotes mean themselves. An empty fragment matches
    everything. For several words in any order, ask for each and join the conditions with ``and_``.

    :param session: a session, or the name of its dialect.
    :param key: the mapped column that has the search index, also of an alias.
    """
    dialect = session if isinstance(session, str) else session.get_bind().dialect.name
    words = fragment.split()
    if not words:
        return true()
    if dialect == "sqlite":
        return _sqlite(key, words)
    return _postgresql(key, " ".join(words))


def _postgresql(key: QueryableAttribute[str], fragment: str) -> ColumnElement[bool]:
    # A pattern that begins at a word tells the index more than the letters alone: it knows "first in its word".
    pattern = fragment.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    if len(fragment) >= _SHORT:
        return key.like(f"%{pattern}%")
    return or_(key.like(f"{pattern}%"), key.like(f"% {pattern}%"))


def _sqlite(key: QueryableAttribute[str], words: list[str]) -> ColumnElement[bool]:
    # In the index every word has two blanks before it (see migrations_ops), so the beginning of a word
    # is at least three characters long there.
    phrase = "  ".join(words)
    if len(phrase) < _SHORT:
        phrase = "  " + phrase
    name = search_table(key.property.columns[0].table.name)
    index = table(name, column("rowid"), column(name))
    found = select(index.c.rowid).where(index.c[name].op("MATCH")('"' + phrase.replace('"', '""') + '"'))
    number: QueryableAttribute[int] = key.parent.entity.id
    return number.in_(found)
