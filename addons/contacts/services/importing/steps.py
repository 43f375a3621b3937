"""An import from the sending of the file to the last row: every step is small, and can be cut off at any point.

The file's rows lie in the database in parts of some hundred. :func:`advance` works on one part in the session's
transaction and moves the position with it, so a crash loses at most a part that was not committed, and nothing is
done twice. A job and an open page may both call it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import BinaryIO
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, delete, func, insert, select, update

from addons.contacts.models import Import, ImportFact, ImportPart, ImportRow
from addons.contacts.services.customers import SET_VIP
from addons.contacts.services.importing.book import keep_facts, load_book, load_facts
from addons.contacts.services.importing.columns import find_headings, recognise, shown_headings
from addons.contacts.services.importing.directories import Directories
from addons.contacts.services.importing.entries import Entry, Reader
from addons.contacts.services.importing.keys import keys_of, refuse_repeated
from addons.contacts.services.importing.kinds import (
    CLIENTS,
    ImportKind,
    import_kinds,
    kind_of,
    targets_of,
)
from addons.contacts.services.importing.planning import Plan, plan_row
from addons.contacts.services.importing.tables import MOST_ROWS, Row, read_table
from addons.contacts.services.importing.writing import Writer
from addons.contacts.services.lookup import LOOKUP
from core import (
    Branch,
    Conflict,
    Forbidden,
    Invalid,
    Message,
    Scope,
    Setting,
    T,
    WorkSession,
    clean_name,
    database_trouble,
    expect_record,
    note_action,
    notify,
    subject_of,
    worth_repeating,
)

log = structlog.get_logger("forecourt.contacts")

RIGHT = "contacts.customer.import"
ADD_MODELS = "contacts.directory.create"
NOTICE = "contacts.import"
PART = 250
"""Rows in one transaction: short enough that other writers of a SQLite instance do not notice."""

WORKING = ("checking", "running")
KEEP_DAYS = Setting(
    "contacts.import_days",
    int,
    30,
    title=T("Imports and their problem rows are kept, days"),
    group=T("Retention"),
    help=T("0 keeps them for ever."),
    minimum=0,
    maximum=3650,
)
_LOOKED_AT = 20
_SWEEP = timedelta(seconds=20)
_COUNTERS = ("created", "updated", "unchanged", "skipped")
_IDENTITIES = frozenset(("external_id", "full_name", "last_name", "first_name", "phones"))
_VIP = frozenset(("vip", "vip_reason"))
_CARS = frozenset(("vehicle_external_id", "vin", "plate", "make"))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import has got; ``done`` and ``total`` are rows."""

    state: str
    done: int
    total: int
    problems: int

    @property
    def percent(self) -> int:
        """The part that is done, from 0 to 100."""
        return 100 * self.done // self.total if self.total else 100

    @property
    def working(self) -> bool:
        """Whether there is more to be done without anybody's decision."""
        return self.state in WORKING


# --- the file -------------------------------------------------------------------------------------


def start(session: WorkSession, stream: BinaryIO, name: str, code: str = CLIENTS) -> Import:
    """Take a file in: its rows are kept, its columns are recognised, nothing else happens.

    :param code: the kind of the file.
    :raises Forbidden: the person may not import, or only some clients: a file has to be compared with all of them.
    :raises Invalid: no workbook or text table, too large, or without headings.
    """
    kind = kind_of(session.hooks, code)
    _require(session, kind)
    targets = targets_of(kind)
    rows = read_table(stream, name)
    first = list(islice(rows, _LOOKED_AT))
    place = find_headings(first, targets)
    if place is None:
        raise Invalid(
            {"file": [T("The first rows have no headings that are known: surname, phone, VIN and so on.")]},
            T("The first rows have no headings that are known: surname, phone, VIN and so on."),
        )
    headings = shown_headings(first[place])
    known = recognise(headings, targets)
    if not session.access.may(SET_VIP):
        known = {column: target for column, target in known.items() if target not in _VIP}
    record = Import(
        kind=code,
        file_name=clean_name(name),
        headings=headings,
        columns={str(column): target for column, target in known.items()},
        branch_id=min(session.access.branch_ids, default=None),
        parts=0,
        rows=0,
    )
    session.add(record)
    session.flush()
    numbered = ((place + 1 + offset, row) for offset, row in enumerate(first[place + 1 :], start=1))
    later = ((len(first) + offset, row) for offset, row in enumerate(rows, start=1))
    _keep_rows(session, record, _filled(numbered), _filled(later))
    note_action(session, "import_started", record, file=record.file_name, rows=record.rows)
    return record


def kinds(session: WorkSession) -> list[ImportKind]:
    """What this person may import besides clients and cars."""
    return [kind for kind in import_kinds(session.hooks).values() if session.access.scope(kind.right) == Scope.ALL]


def kind_for(session: WorkSession, record: Import) -> ImportKind | None:
    """What kind of file it is; nothing for clients and cars.

    :raises Forbidden: the person may not import such files.
    :raises Conflict: its addon is switched off.
    """
    kind = kind_of(session.hooks, record.kind)
    _require(session, kind)
    return kind


def _require(session: WorkSession, kind: ImportKind | None = None) -> None:
    rights = (RIGHT, LOOKUP, *((kind.right,) if kind is not None else ()))
    for right in (RIGHT, rights[-1]):
        session.access.require(right)
    if any(session.access.scope(right) != Scope.ALL for right in rights):
        raise Forbidden(T("Only somebody who may import for the whole dealership can import a file."))


def _filled(rows: Iterable[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    return ((number, row) for number, row in rows if any(row))


def _keep_rows(session: WorkSession, record: Import, *sources: Iterator[tuple[int, Row]]) -> None:
    rows = (row for source in sources for row in source)
    while portion := list(islice(rows, PART)):
        part = {"import_id": record.id, "number": record.parts, "rows": [[number, row] for number, row in portion]}
        session.execute(insert(ImportPart), [part])
        record.parts += 1
        record.rows += len(portion)
        if record.rows > MOST_ROWS:
            raise Invalid({"file": [T("A table may have up to 200,000 rows and 100 columns. Divide the file.")]})
    if not record.rows:
        raise Invalid({"file": [T("There are no rows under the headings.")]})
    session.flush()


def get_import(session: WorkSession, import_id: int) -> Import:
    """An import the person may know of.

    :raises NotFound: otherwise.
    """
    return expect_record(session, Import, import_id, T("There is no such import."))


def imports(session: WorkSession, limit: int = 20) -> list[Import]:
    """The latest imports, the newest first."""
    return list(session.scalars(select(Import).order_by(Import.id.desc()).limit(limit)))


def sample(session: WorkSession, record: Import, rows: int = 3) -> list[list[str]]:
    """The first rows of the file, each as long as its headings."""
    part = session.get(ImportPart, (record.id, 0))
    found: Sequence[tuple[int, Row]] = part.rows[:rows] if part is not None else []
    width = len(record.headings)
    return [[*row[:width], *[""] * (width - len(row))] for _, row in found]


# --- decisions ------------------------------------------------------------------------------------


def set_columns(
    session: WorkSession, import_id: int, columns: Mapping[int, str], *, match_known: bool, add_models: bool
) -> Import:
    """Say what the columns are, and check the file: nothing is written to the directories.

    :param match_known: rows without the other program's number are matched by phone, VIN and name.
    :param add_models: makes and models that are missing are added to the directory.
    :raises Invalid: no column tells who or which car, a field is chosen twice, or it is for others to set (S4-04).
    :raises Conflict: the import runs or has run already.
    """
    record = get_import(session, import_id)
    kind = kind_for(session, record)
    known = {target.name for target in targets_of(kind)}
    chosen = {column: name for column, name in columns.items() if name in known and column < len(record.headings)}
    _check_columns(chosen, kind)
    _check_vip(session, chosen)
    if add_models:
        session.access.require(ADD_MODELS)
    _turn(session, record, ("columns", "checked"), "checking")
    record.columns = {str(column): name for column, name in sorted(chosen.items())}
    record.match_known, record.add_models = match_known, add_models
    _forget(session, record, ImportRow, ImportFact)
    session.flush()
    return record


def _check_columns(chosen: Mapping[int, str], kind: ImportKind | None) -> None:
    names = list(chosen.values())
    twice = {name for name in names if names.count(name) > 1 and name != "phones"}
    if twice:
        places = [column for column, name in chosen.items() if name in twice]
        raise Invalid({f"column.{place}": [T("This field is chosen twice.")] for place in places})
    if not _IDENTITIES & set(names) and not _CARS & set(names):
        message = T("Choose at least the column with the names, the phones or the VINs.")
        raise Invalid({"columns": [message]}, message)
    missing = [target for target in targets_of(kind) if target.needed and target.name not in names]
    if missing:
        message = T("Choose the columns without which a row of such a file tells nothing: they are marked with a star.")
        raise Invalid({"columns": [message]}, message)


def _check_vip(session: WorkSession, chosen: Mapping[int, str]) -> None:
    places = [column for column, name in chosen.items() if name in _VIP]
    if places and not session.access.may(SET_VIP):
        message = T("Only those with the right to set VIP may change it.")
        raise Invalid({f"column.{place}": [message] for place in places})


def run(session: WorkSession, import_id: int) -> Import:
    """Begin to write what the check has found good; rows with problems are left out.

    :raises Conflict: the file is not checked, or somebody has begun already.
    """
    record = get_import(session, import_id)
    kind_for(session, record)
    _turn(session, record, ("checked",), "running")
    note_action(session, "import_run", record, file=record.file_name, rows=record.rows)
    return record


def cancel(session: WorkSession, import_id: int) -> Import:
    """Give an import up; what has been written stays.

    :raises Conflict: it is over already.
    """
    _require(session)
    record = get_import(session, import_id)
    _turn(session, record, ("columns", "checking", "checked", "running"), "cancelled", anew=False)
    _end(session, record)
    note_action(session, "import_cancelled", record, **_counts(record))
    return record


def _turn(session: WorkSession, record: Import, sources: Sequence[str], state: str, *, anew: bool = True) -> None:
    """Move to another state, unless somebody has done so meanwhile."""
    session.flush()
    values = {"state": state} | ({"position": 0} | dict.fromkeys(_COUNTERS, 0) if anew else {})
    if not _claim(session, record, Import.state.in_(sources), values):
        raise Conflict(T("This import has gone on meanwhile. Load the page again."))


def _claim(session: WorkSession, record: Import, condition: ColumnElement[bool], values: Mapping[str, object]) -> bool:
    statement = (
        update(Import)
        .where(Import.id == record.id, condition)
        .values(**values, version=Import.version + 1, updated_at=session.now(), updated_by_id=session.access.user_id)
        .returning(Import.id)
        .execution_options(synchronize_session=False)
    )
    claimed = session.execute(statement).first() is not None
    session.refresh(record)
    return claimed


def _forget(session: WorkSession, record: Import, *models: type[ImportRow | ImportFact | ImportPart]) -> None:
    for model in models:
        statement = delete(model).where(model.import_id == record.id)
        session.execute(statement.execution_options(synchronize_session=False))


# --- working --------------------------------------------------------------------------------------


def progress(session: WorkSession, record: Import) -> Progress:
    """How far it has got."""
    done = min(record.position * PART, record.rows) if record.state in WORKING else record.rows
    problems = session.scalar(select(func.count(ImportRow.id)).where(ImportRow.import_id == record.id)) or 0
    return Progress(record.state, done, record.rows, problems)


def advance(session: WorkSession, import_id: int) -> Progress:
    """Work on the next part of an import, in the session's transaction; the caller commits.

    Whoever comes second to a part waits for the first and does nothing; nothing happens either when there is
    nothing to do.

    :raises NotFound: there is no such import for this person.
    """
    record = get_import(session, import_id)
    kind_for(session, record)
    position = record.position
    mine = (Import.state == record.state) & (Import.position == position)
    if record.state not in WORKING or not _claim(session, record, mine, {"position": position + 1}):
        return progress(session, record)
    part = session.get(ImportPart, (record.id, position))
    if part is not None:
        _work(session, record, part)
        session.expunge(part)
    if record.position >= record.parts:
        _finish(session, record)
    session.flush()
    return progress(session, record)


def _work(session: WorkSession, record: Import, part: ImportPart) -> None:
    kind = kind_of(session.hooks, record.kind)
    writes = record.state == "running"
    directories = Directories(session, add=record.add_models, write=writes)
    left_out = _bad_rows(session, record, part) if writes else frozenset()
    columns = {int(column): name for column, name in record.columns.items()}
    zone = _zone(session, record)
    reader = Reader(columns, directories, zone, targets_of(kind))
    rows = [(number, cells) for number, cells in part.rows if number not in left_out]
    entries = [reader.read(number, cells) for number, cells in rows]
    record.skipped += len(part.rows) - len(rows)
    if kind is not None and not writes:
        refuse_repeated(session, record.id, entries, kind.key)
    work = kind.begin(session, record, zone, keys_of(entries, kind.key)) if kind is not None else None
    good = [entry for entry in entries if not entry.problems]
    book = load_book(session, good)
    if not writes:
        load_facts(session, record.id, book, good)
    writer = Writer(session, directories, author_id=record.created_by_id, branch_id=record.branch_id)
    plans: list[Plan] = []
    for entry in entries:
        plan = plan_row(book, entry, match_known=record.match_known, work=work)
        outcome = plan.outcome if plan is not None else "skipped"
        setattr(record, outcome, getattr(record, outcome) + 1)
        if plan is not None and writes:
            writer.apply(plan)
            plans.append(plan)
    _keep_problems(session, record, entries, dict(rows))
    if writes:
        writer.flush()
        for plan in plans:
            if work is not None and plan.row is not None:
                work.write(plan.row)
    else:
        keep_facts(session, record.id, book)


def _bad_rows(session: WorkSession, record: Import, part: ImportPart) -> frozenset[int]:
    """The rows of this part that the check has refused."""
    first, last = part.rows[0][0], part.rows[-1][0]
    statement = select(ImportRow.number).where(ImportRow.import_id == record.id, ImportRow.number.between(first, last))
    return frozenset(session.scalars(statement))


def _keep_problems(
    session: WorkSession, record: Import, entries: Iterable[Entry], cells: Mapping[int, Sequence[str]]
) -> None:
    rows = [
        {
            "import_id": record.id,
            "number": entry.number,
            "problems": [problem.stored() for problem in entry.problems],
            "cells": list(cells[entry.number]),
        }
        for entry in entries
        if entry.problems
    ]
    if rows:
        session.execute(insert(ImportRow), rows)


def _zone(session: WorkSession, record: Import) -> ZoneInfo:
    """In which zone the file's days are: that of the branch it was imported for."""
    name = session.scalar(select(Branch.time_zone).where(Branch.id == record.branch_id))
    return ZoneInfo(name or session.access.time_zone)


def _finish(session: WorkSession, record: Import) -> None:
    if record.state == "checking":
        record.state = "checked"
        _forget(session, record, ImportFact)
        return
    record.state = "finished"
    _end(session, record)
    note_action(session, "import_finished", record, file=record.file_name, **_counts(record))
    if record.created_by_id is not None and record.created_by_id != session.access.user_id:
        _tell(session, record, record.created_by_id, T("The import of %(file)s is finished"))


def _end(session: WorkSession, record: Import) -> None:
    record.finished_at = session.now()
    _forget(session, record, ImportPart, ImportFact)
    session.flush()


def _counts(record: Import) -> dict[str, int]:
    return {name: getattr(record, name) for name in _COUNTERS}


def _tell(session: WorkSession, record: Import, user_id: int, title: str) -> None:
    message = Message(
        title,
        {"file": record.file_name},
        T("Created: %(created)s, changed: %(updated)s, unchanged: %(unchanged)s, left out: %(skipped)s"),
        _counts(record),
        icon="file-import",
    )
    notify(session, [user_id], NOTICE, subject_of(record), message)


def sweep(session: WorkSession) -> None:
    """The job: go on with every import that waits for nobody, part by part, for twenty seconds at most."""
    until = session.now() + _SWEEP
    known = Import.kind.in_([CLIENTS, *import_kinds(session.hooks)])
    waiting = select(Import.id).where(Import.state.in_(WORKING), known).order_by(Import.id)
    for import_id in list(session.scalars(waiting)):
        while _advance_or_fail(session, import_id):
            if session.now() > until:
                return


def _advance_or_fail(session: WorkSession, import_id: int) -> bool:
    """Work on a part and keep it; whether there is more.

    A part that fails twice at once fails its import, so that the imports after it go on. What the database cannot do
    just now is the job's own trouble: it is tried again as a whole.
    """
    for once_more in (True, False):
        try:
            working = advance(session, import_id).working
            session.commit()
        except Exception as error:
            session.rollback()
            if database_trouble(error) or worth_repeating(error):
                raise
            if not once_more:
                log.error("an import has failed", number=import_id, exc_info=error)
                _fail(session, import_id)
        else:
            return working
    return False


def _fail(session: WorkSession, import_id: int) -> None:
    record = get_import(session, import_id)
    _turn(session, record, WORKING, "failed", anew=False)
    _end(session, record)
    note_action(session, "import_failed", record, **_counts(record))
    if record.created_by_id is not None:
        _tell(session, record, record.created_by_id, T("The import of %(file)s has failed"))
    session.commit()


def purge_imports(session: WorkSession, before: datetime, limit: int) -> int:
    """Delete imports that nobody has touched since the moment, with their rows. Returns how many."""
    oldest = select(Import.id).where(Import.updated_at < before).order_by(Import.id).limit(limit)
    statement = delete(Import).where(Import.id.in_(oldest)).returning(Import.id)
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())
