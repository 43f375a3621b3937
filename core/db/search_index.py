"""Substring search in a folded text column, through a trigram index on both databases.

The model says which column: ``search_key: Mapped[str] = mapped_column(Text, info=SEARCHED)``; new revisions then
contain ``op.create_search_index`` by themselves, and a service asks with :func:`matches`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, TableClause, and_, column, or_, select, table, true
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


Ways = Sequence[Sequence[Sequence[str]]]
"""What to look for: any of the ways, of which every word has to be there, in any of its readings."""


def newest(
    session: Session, key: QueryableAttribute[str], ways: Ways, limit: int, *, from_start: bool = False
) -> Select[int]:
    """The ids of the newest records that hold one of the ways, at most ``limit``: quick however many there are.

    For use inside ``in_()`` of a statement that orders what was found; the row rules apply here too.

    :param from_start: only records whose key begins with the way's first word.
    """
    number: QueryableAttribute[int] = key.parent.entity.id
    if session.get_bind().dialect.name == "sqlite":
        index, name = _index(key)
        wanted = index.c[name].op("MATCH")(_any(ways, from_start=from_start))
        found = select(number).select_from(index).join(key.parent, number == index.c.rowid).where(wanted)
        return found.order_by(index.c.rowid.desc()).limit(limit)
    conditions = (_all_words(way, key, from_start=from_start) for way in ways)
    return select(number).where(or_(*conditions)).order_by(number.desc()).limit(limit)


def _all_words(way: Sequence[Sequence[str]], key: QueryableAttribute[str], *, from_start: bool) -> ColumnElement[bool]:
    first = [or_(*(key.like(f"{_escaped(each)}%") for each in way[0]))] if from_start else []
    rest = way[1:] if from_start else way
    return and_(*first, *(or_(*(_postgresql(key, each) for each in word)) for word in rest))


def _any(ways: Ways, *, from_start: bool) -> str:
    """The same as an expression of the index."""
    every = []
    for way in ways:
        words = [
            [_phrase(each, at_start=from_start and not number) for each in word] for number, word in enumerate(way)
        ]
        every.append(" AND ".join(f"({' OR '.join(phrases)})" for phrases in words))
    return " OR ".join(f"({words})" for words in every)


def _postgresql(key: QueryableAttribute[str], fragment: str) -> ColumnElement[bool]:
    # A pattern that begins at a word tells the index more than the letters alone: it knows "first in its word".
    pattern = _escaped(fragment)
    if len(fragment) >= _SHORT:
        return key.like(f"%{pattern}%")
    return or_(key.like(f"{pattern}%"), key.like(f"% {pattern}%"))


def _sqlite(key: QueryableAttribute[str], words: list[str]) -> ColumnElement[bool]:
    index, name = _index(key)
    found = select(index.c.rowid).where(index.c[name].op("MATCH")(_phrase(" ".join(words))))
    number: QueryableAttribute[int] = key.parent.entity.id
    return number.in_(found)


def _index(key: QueryableAttribute[str]) -> tuple[TableClause, str]:
    name = search_table(key.property.columns[0].table.name)
    return table(name, column("rowid"), column(name)), name


def _phrase(fragment: str, *, at_start: bool = False) -> str:
    # In the index every word has two blanks before it (see migrations_ops), so the beginning of a word
    # is at least three characters long there.
    phrase = "  ".join(fragment.split())
    if at_start:
        return "^ " + _quoted("  " + phrase)
    return _quoted(phrase if len(phrase) >= _SHORT else "  " + phrase)


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


def _escaped(fragment: str) -> str:
    return " ".join(fragment.split()).replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
