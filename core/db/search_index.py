"""Substring search in a folded text column, through a trigram index on both databases.

The model says which column: ``search_key: Mapped[str] = mapped_column(Text, info=SEARCHED)``; new revisions then
contain ``op.create_search_index`` by themselves, and a service asks with :func:`matches`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Select,
    String,
    TableClause,
    and_,
    bindparam,
    column,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.orm import QueryableAttribute, Session

from core.db.search_tables import search_table

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
    session: Session, key: QueryableAttribute[str], ways: Ways, limit: int, *, whole: bool = False
) -> Select[int]:
    """The ids of the newest records that hold one of the ways, at most ``limit``: quick however many there are.

    For use inside ``in_()`` of a statement that orders what was found; the row rules apply here too.

    :param whole: every word has to end where the fragment does: Петров, but no Петрович. The key's last word is not
        looked at.
    """
    number: QueryableAttribute[int] = key.parent.entity.id
    if session.get_bind().dialect.name == "sqlite":
        index, name = _index(key)
        wanted = index.c[name].op("MATCH")(_any(ways, whole=whole))
        found = select(number).select_from(index).join(key.parent.entity, number == index.c.rowid).where(wanted)
        return found.order_by(index.c.rowid.desc()).limit(limit)
    every = (and_(*(or_(*(_known(key, each, whole=whole) for each in word)) for word in way)) for way in ways)
    # Few records hold given digits. The planner cannot know: it must not walk through all from the newest on.
    newest_first = (number + 0).desc() if _rare(ways) else number.desc()
    return select(number).where(or_(*every)).order_by(newest_first).limit(limit)


def _rare(ways: Ways) -> bool:
    """Whether each of the ways has a word with digits in whichever reading: part of a number, a plate, a VIN."""
    return all(any(all(map(_has_digit, word)) for word in way) for way in ways)


def _has_digit(fragment: str) -> bool:
    return any(map(str.isdigit, fragment))


def _any(ways: Ways, *, whole: bool) -> str:
    """The ways as an expression of the index."""
    every = []
    for way in ways:
        words = ([_phrase(each, whole=whole) for each in word] for word in way)
        every.append(" AND ".join(f"({' OR '.join(phrases)})" for phrases in words))
    return " OR ".join(f"({words})" for words in every)


def _known(key: QueryableAttribute[str], fragment: str, *, whole: bool) -> ColumnElement[bool]:
    """The condition with its pattern known to the planner, which else cannot tell a common word from a rare one.

    Letters, digits and blanks alone are written into the statement; anything else stays a bound value (SEC-29).
    """
    words = " ".join(fragment.split())
    plain = all(char.isalnum() or char == " " for char in words)
    patterns = [f"%{_escaped(words)} %"] if whole else _patterns(words)
    return or_(*(key.like(bindparam(None, pattern, String, literal_execute=plain)) for pattern in patterns))


def _postgresql(key: QueryableAttribute[str], fragment: str) -> ColumnElement[bool]:
    return or_(*(key.like(pattern) for pattern in _patterns(fragment)))


def _patterns(fragment: str) -> list[str]:
    # A pattern that begins at a word tells the index more than the letters alone: it knows "first in its word".
    pattern = _escaped(fragment)
    return [f"%{pattern}%"] if len(fragment) >= _SHORT else [f"{pattern}%", f"% {pattern}%"]


def _sqlite(key: QueryableAttribute[str], words: list[str]) -> ColumnElement[bool]:
    index, name = _index(key)
    found = select(index.c.rowid).where(index.c[name].op("MATCH")(_phrase(" ".join(words))))
    number: QueryableAttribute[int] = key.parent.entity.id
    return number.in_(found)


def _index(key: QueryableAttribute[str]) -> tuple[TableClause, str]:
    name = search_table(key.property.columns[0].table.name)
    return table(name, column("rowid"), column(name)), name


def _phrase(fragment: str, *, whole: bool = False) -> str:
    # In the index every word has two blanks before it (see search_tables), so the beginning of a word
    # is at least three characters long there, and its end is seen if another word follows.
    phrase = "  ".join(fragment.split())
    phrase = phrase if len(phrase) >= _SHORT else "  " + phrase
    return _quoted(phrase + "  " if whole else phrase)


def _quoted(phrase: str) -> str:
    return '"' + phrase.replace('"', '""') + '"'


def _escaped(fragment: str) -> str:
    return fragment.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
