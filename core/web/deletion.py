"""Deleting a record: asked by name, refused in words by whoever still needs it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy.exc import IntegrityError

from core.db.base import Record
from core.db.engine import WorkSession
from core.db.holders import Holder, holders
from core.errors import Conflict
from core.web.i18n import T, Translator
from core.web.screens import Screen

AddonTitle = Callable[[str], str]

_REFERS = T("“%(addon)s” still refers to it: %(rows)s")
_REFERS_UNSEEN = T("“%(addon)s”, which is switched off and keeps its data, still refers to it: %(rows)s")


def obstacles(session: WorkSession, record: Record, translate: Translator, addon_title: AddonTitle) -> list[str]:
    """Why a record cannot be deleted, in words: what the addons say, and whose rows refer to it."""
    reasons = [
        translate(answer.value) for answer in session.hooks.asked("before_delete", session=session, subject=record)
    ]
    found = holders(session.connection(), record.__tablename__, record.id)
    return [*reasons, *_held(found, {"core", *session.hooks.order}, translate, addon_title)]


def _held(found: list[Holder], running: Collection[str], translate: Translator, addon_title: AddonTitle) -> list[str]:
    by_addon: dict[str, int] = {}
    for holder in found:
        by_addon[holder.addon] = by_addon.get(holder.addon, 0) + holder.rows
    return [
        translate(_REFERS if addon in running else _REFERS_UNSEEN, addon=addon_title(addon), rows=rows)
        for addon, rows in by_addon.items()
    ]


def delete(
    session: WorkSession, screen: Screen, record: Record, translate: Translator, addon_title: AddonTitle
) -> None:
    """Delete a record, unless somebody needs it.

    :raises Conflict: with all the reasons.
    """
    reasons = obstacles(session, record, translate, addon_title)
    if reasons:
        raise Conflict(T("“%(name)s” cannot be deleted. %(why)s"), name=screen.name_of(record), why="; ".join(reasons))
    name = screen.name_of(record)
    try:
        if screen.delete is not None:
            screen.delete(session, record)
        else:
            session.delete(record)
        session.flush()
    except IntegrityError as error:
        raise Conflict(T("“%(name)s” cannot be deleted: something refers to it by now."), name=name) from error
