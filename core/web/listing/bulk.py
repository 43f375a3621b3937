"""Doing one thing with many rows: each is loaded under the row rules and checked by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, select

from core.access.policy import Access
from core.db.base import Record
from core.db.change import expect_reach
from core.db.engine import WorkSession
from core.errors import Invalid, Refusal
from core.web.i18n import T
from core.web.listing import query
from core.web.listing.viewer import Viewer
from core.web.mounted import MountedScreen
from core.web.screens import BulkAction

PORTION = 200
MOST = 10_000
"""Rows one bulk action may touch: it is one transaction."""

SHOWN_REFUSALS = 50


@dataclass(slots=True)
class Outcome:
    """What became of the rows: how many were done, and who was refused and why."""

    done: int = 0
    refused: list[tuple[str, Refusal]] = field(default_factory=list)
    missing: int = 0


def actions(mounted: MountedScreen, access: Access) -> list[BulkAction]:
    """The bulk actions this person may use."""
    return [action for action in mounted.screen.bulk if access.may(action.right)]


def run(
    session: WorkSession, mounted: MountedScreen, action: BulkAction, ids: Iterable[int], values: Mapping[str, Any]
) -> Outcome:
    """Do the action with each row, each in a savepoint of its own; a refusal leaves that row as it was.

    :raises Forbidden: without the action's right.
    """
    session.access.require(action.right)
    outcome = Outcome()
    for portion in _portions(ids):
        records = _load(session, mounted.screen.model, portion)
        outcome.missing += len(portion) - len(records)
        for record in records:
            _one(session, mounted, action, record, values, outcome)
    return outcome


def _one(
    session: WorkSession,
    mounted: MountedScreen,
    action: BulkAction,
    record: Record,
    values: Mapping[str, Any],
    outcome: Outcome,
) -> None:
    name = mounted.screen.name_of(record)
    try:
        expect_reach(session, record, action.right)
        with session.begin_nested():
            action.run(session, record, values)
    except Refusal as refusal:
        outcome.refused.append((name, refusal))
    else:
        outcome.done += 1


def all_ids(mounted: MountedScreen, viewer: Viewer, wheres: Sequence[ColumnElement[bool]]) -> list[int]:
    """The ids of all rows of a filter, worked out here and now and not taken from the page.

    :raises Invalid: when they are more than one action may touch.
    """
    found: list[int] = []
    for portion in query.walk_ids(mounted, viewer, wheres, PORTION * 5):
        found += portion
        if len(found) > MOST:
            raise Invalid({"all": []}, T("These are more than %(most)s rows. Narrow the filter first."), most=MOST)
    return found


def _portions(ids: Iterable[int]) -> Iterator[list[int]]:
    found = list(dict.fromkeys(ids))
    for start in range(0, len(found), PORTION):
        yield found[start : start + PORTION]


def _load(session: WorkSession, model: type[Record], ids: Sequence[int]) -> list[Record]:
    return list(session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id)))
