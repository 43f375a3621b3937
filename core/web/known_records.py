"""Records that pages point at by table and number: found through the screens, for whoever may open them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.db.base import MAX_ID, Record
from core.db.change import get_record
from core.errors import NotFound
from core.web.http import number_of
from core.web.mounted import MountedScreen
from core.web.screens import Screen
from core.work.subjects import Subject

if TYPE_CHECKING:
    from core.web.http import Request


@dataclass(frozen=True, slots=True)
class Named:
    """A record as a page names it: in words, with its address where it has one."""

    name: str
    url: str


def find(request: Request, subject: Subject) -> tuple[MountedScreen, Record]:
    """The record, or the one that has taken its place, and the screen that shows it.

    :raises NotFound: when there is none, or none this person may see (SEC-3).
    """
    for mounted in _screens(request, subject.type):
        record = _present(request, mounted.screen, subject.id)
        if record is not None:
            return mounted, record
    raise NotFound


def _present(request: Request, screen: Screen, number: int) -> Record | None:
    record = get_record(request.session, screen.model, number) if number <= MAX_ID else None
    successor = screen.successor(record) if record is not None and screen.successor is not None else None
    return record if successor is None else _present(request, screen, successor)


def parse(text: str) -> Subject | None:
    """The subject that ``<table>:<number>`` is; nothing for anything else."""
    table, _, digits = text.partition(":")
    number = number_of(digits)
    return Subject(table, number) if table and number is not None else None


def named(request: Request, subjects: Iterable[Subject]) -> dict[Subject, Named]:
    """What these records are called, one query for each kind; those the person may not see are left out."""
    ids: dict[str, set[int]] = {}
    for type_, id_ in subjects:
        ids.setdefault(type_, set()).add(id_)
    found: dict[Subject, Named] = {}
    for type_, numbers in ids.items():
        for mounted in _screens(request, type_)[:1]:
            model = mounted.screen.model
            for record in request.session.scalars(select(model).where(model.id.in_(numbers))):
                found[Subject(type_, record.id)] = Named(mounted.screen.name_of(record), _url(request, mounted, record))
    return found


def _screens(request: Request, table: str) -> list[MountedScreen]:
    """The screens of a table that this person may open."""
    return [each for each in request.app.screens.of_table(table) if request.access.may(each.screen.right("read"))]


def _url(request: Request, mounted: MountedScreen, record: Record) -> str:
    subject = Subject(record.__tablename__, record.id)
    if subject.type in request.app.subjects:
        return request.app.subjects.url(subject)
    return request.url(mounted.screen.endpoint("card"), record_id=record.id)
