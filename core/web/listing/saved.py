"""What a person keeps of a list: filters under a name, and which columns he wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CompoundSelect,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    bindparam,
    false,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.access.policy import Access
from core.db.base import Base, BigId, Record
from core.db.change import get_record
from core.db.engine import WorkSession
from core.db.kept import Read, read
from core.errors import Forbidden, Invalid, NotFound
from core.web.i18n import T
from core.work.upserts import upsert

SHARE = "core.saved_filter.share"
"""The right to give a filter to everybody."""

MOST = 60
"""Saved filters of one person on one screen."""

LONGEST_QUERY = 4000
LONGEST_NAME = 80


class SavedFilter(Record):
    """A filter under a name: what stands in the list's address. ``shared`` shows it to all who may see the list."""

    __tablename__ = "core_saved_filter"
    __table_args__ = (UniqueConstraint("user_id", "screen", "name"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_user.id"))
    screen: Mapped[str] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(Text)
    shared: Mapped[bool] = mapped_column(Boolean, default=False)
    is_default: Mapped[bool] = mapped_column(Boolean, default=False)


class ListLayout(Base):
    """The columns one person wants to see on one screen, in order."""

    __tablename__ = "core_list_layout"

    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("core_user.id"), primary_key=True, autoincrement=False)
    screen: Mapped[str] = mapped_column(String(80), primary_key=True)
    columns: Mapped[str] = mapped_column(Text)
    """Names with commas between them."""


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """A saved filter as a tab shows it."""

    id: int
    name: str
    query: str
    shared: bool
    is_default: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What one person keeps of one list."""

    filters: tuple[KeptFilter, ...] = ()
    columns: tuple[str, ...] | None = None

    @property
    def default(self) -> KeptFilter | None:
        """The filter the list opens with."""
        return next((each for each in self.filters if each.mine and each.is_default), None)


def _kept_statement() -> CompoundSelect[Any]:
    """Filters and, as a row numbered 0, the columns; made once, for it is part of every list page."""
    user_id, screen = bindparam("user_id", type_=BigInteger), bindparam("screen", type_=String)
    mine = SavedFilter.user_id == user_id
    filters = select(
        SavedFilter.id, SavedFilter.name, SavedFilter.query, SavedFilter.shared, SavedFilter.is_default, mine
    ).where(SavedFilter.screen == screen, or_(mine, SavedFilter.shared))
    layout: Any = select(
        literal_column("0"), literal_column("''"), ListLayout.columns, false(), false(), false()
    ).where(ListLayout.screen == screen, ListLayout.user_id == user_id)
    return union_all(filters, layout)


_KEPT = _kept_statement()


def kept_read(access: Access, screen: str) -> Read:
    """Reads the person's own and the shared filters, and his columns, for :func:`kept_in`."""
    return Read(_KEPT, {"user_id": access.user_id, "screen": screen})


def kept(session: WorkSession, screen: str) -> Kept:
    """The person's own and the shared filters by name, and his columns."""
    return kept_in(read(session, kept_read(session.access, screen)))


def kept_in(rows: Sequence[Any]) -> Kept:
    """The same, of what was read."""
    found = [KeptFilter(*row) for row in rows]
    columns = next((tuple(each.query.split(",")) for each in found if not each.id), None)
    return Kept(tuple(sorted((each for each in found if each.id), key=lambda each: each.name.casefold())), columns)


def save_filter(session: WorkSession, screen: str, name: str, query: str, *, shared: bool = False) -> SavedFilter:
    """Keep a filter under a name; an own one of that name is replaced.

    :raises Invalid: without a name, with a text that is too long, or with too many filters.
    """
    name = _checked_name(name)
    if len(query) > LONGEST_QUERY:
        raise Invalid({"query": [T("This filter is too long to be kept.")]})
    _may_share(session, shared=shared)
    mine = (SavedFilter.user_id == session.access.user_id, SavedFilter.screen == screen)
    found = session.scalars(select(SavedFilter).where(*mine, SavedFilter.name == name)).one_or_none()
    if found is None:
        if (session.scalar(select(func.count(SavedFilter.id)).where(*mine)) or 0) >= MOST:
            raise Invalid({"name": [T("There are too many saved filters. Delete one first.")]})
        found = SavedFilter(user_id=session.access.user_id, screen=screen, name=name)
        session.add(found)
    found.query, found.shared = query, shared
    session.flush()
    return found


def change_filter(session: WorkSession, screen: str, filter_id: int, *, name: str, shared: bool, default: bool) -> None:
    """Rename an own filter, share it, or open the list with it; only one can be that.

    :raises NotFound: when it is somebody else's.
    """
    found = _own(session, screen, filter_id)
    if shared != found.shared:
        _may_share(session, shared=shared)
    name = _checked_name(name)
    same = (SavedFilter.user_id == found.user_id, SavedFilter.screen == screen, SavedFilter.id != filter_id)
    others = session.scalars(select(SavedFilter).where(*same)).all()
    if any(other.name == name for other in others):
        raise Invalid({"name": [T("There is already a filter of this name.")]})
    if default:
        for other in others:
            other.is_default = False
    found.name, found.shared, found.is_default = name, shared, default
    session.flush()


def delete_filter(session: WorkSession, screen: str, filter_id: int) -> None:
    """Forget an own filter; :raises NotFound: when it is somebody else's."""
    session.delete(_own(session, screen, filter_id))
    session.flush()


def save_columns(session: WorkSession, screen: str, columns: Sequence[str]) -> None:
    """Remember which columns the person wants on this screen."""
    values = {"user_id": session.access.user_id, "screen": screen, "columns": ",".join(columns)}
    upsert(session, ListLayout, ("user_id", "screen"), values)


def _own(session: WorkSession, screen: str, filter_id: int) -> SavedFilter:
    found = get_record(session, SavedFilter, filter_id)
    if found is None or found.screen != screen or found.user_id != session.access.user_id:
        raise NotFound(T("There is no such filter."))
    return found


def _may_share(session: WorkSession, *, shared: bool) -> None:
    if shared and not session.access.may(SHARE):
        raise Forbidden(T("You have no right to share filters."))


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": [T("Give the filter a name.")]})
    if len(name) > LONGEST_NAME:
        raise Invalid({"name": [T("This name is too long.")]})
    return name
