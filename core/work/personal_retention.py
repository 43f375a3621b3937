"""Erasing by itself what has reached its term, and cleaning what the database itself remembers (SEC-70, SEC-72)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Engine, delete, inspect, select
from sqlalchemy.exc import InterfaceError, OperationalError

from core.db.engine import WorkSession
from core.db.search_tables import refill, search_indexes
from core.work import settings
from core.work.filestore import FileStore
from core.work.personal_data import Retention, declared
from core.work.personal_erasure import erase
from core.work.personal_models import Erasure, HeldValue
from core.work.subjects import Subject

AT_ONCE = 100
"""Records erased in one run; the next one goes on."""

log = structlog.get_logger("forecourt.personal")


class Due(NamedTuple):
    """A record whose term is over, and by which rule."""

    rule: str
    title: str
    subject: Subject


def due_for_purge(session: WorkSession, now: datetime, limit: int = AT_ONCE) -> list[Due]:
    """What has to be erased by now: by the addons' terms, and values whose legal term is over."""
    rules = declared(session.hooks).retentions
    days = settings.read_all(session, [rule.days for rule in rules])
    found = [due for rule in rules for due in _due_by(session, rule, days[rule.days.name], now, limit)]
    tables = [each.table for each in declared(session.hooks).tables]
    found += [Due("held", "", subject) for subject in _ended_holds(session, now, tables, limit)]
    return found[:limit]


def _due_by(session: WorkSession, rule: Retention, days: int, now: datetime, limit: int) -> list[Due]:
    if not days:
        return []
    subjects = rule.due(session, now - timedelta(days=days), limit)
    return [Due(rule.name, str(rule.title), subject) for subject in subjects]


def _ended_holds(session: WorkSession, now: datetime, tables: list[str], limit: int) -> list[Subject]:
    """The people of whom something was kept until now; those of a disabled addon wait until it is back."""
    statement = (
        select(Erasure.subject_type, Erasure.subject_id)
        .join(HeldValue, HeldValue.erasure_id == Erasure.id)
        .where(HeldValue.until <= now, Erasure.subject_type.in_(tables))
        .distinct()
        .limit(limit)
    )
    return [Subject(*row) for row in session.connection().execute(statement)]


def purge(session: WorkSession, now: datetime, files: FileStore | None, limit: int = AT_ONCE) -> int:
    """Erase what is due, each record with its own act; forget acts that were kept long enough.

    A sweep: run by two at once, or twice, it erases nothing twice. A record that cannot be erased is logged and
    holds up no other.

    :returns: how many records were erased.
    """
    done = sum(_purge_one(session, each, now, files) for each in due_for_purge(session, now, limit))
    _forget_acts(session, now)
    return done


def _purge_one(session: WorkSession, due: Due, now: datetime, files: FileStore | None) -> bool:
    try:
        with session.begin_nested():
            erase(session, due.subject, "term", files, source="term")
            acts = select(Erasure.id).where(
                Erasure.subject_type == due.subject.type, Erasure.subject_id == due.subject.id
            )
            ended = delete(HeldValue).where(HeldValue.until <= now, HeldValue.erasure_id.in_(acts))
            session.connection().execute(ended)
    except (OperationalError, InterfaceError):
        raise  # the database, not the record
    except Exception:
        log.exception("not erased", rule=due.rule, subject_type=due.subject.type, subject=due.subject.id)
        return False
    return True


def _forget_acts(session: WorkSession, now: datetime) -> None:
    """Acts older than their three years, unless something they speak of is still kept."""
    holding = select(HeldValue.erasure_id)
    for act in session.scalars(select(Erasure).where(Erasure.keep_until < now, Erasure.id.not_in(holding))):
        session.delete(act)
    session.flush()


# --- what the database remembers ----------------------------------------------------------------


def clean_up(session: WorkSession) -> int:
    """Free what erased rows have left behind: search indexes, old row versions, the write-ahead log.

    For a job, soon after an erasure: it commits, and works outside transactions where the database asks for it.

    :returns: how many erasures were cleaned up after.
    """
    waiting = list(session.scalars(select(Erasure).where(Erasure.cleaned_at.is_(None)).order_by(Erasure.id)))
    if not waiting:
        return 0
    tables = sorted({table for act in waiting for table in act.rows})
    session.commit()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    _clean(engine, tables)
    for act in waiting:
        act.cleaned_at = session.now()
    session.commit()
    if engine.dialect.name == "sqlite":
        _empty_log(engine)
    return len(waiting)


def _clean(engine: Engine, tables: list[str]) -> None:
    if engine.dialect.name == "sqlite":
        _refill(engine)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        present = set(inspect(connection).get_table_names())
        for table in sorted(present.intersection([*tables, *_CORE])):
            # The rewritten rows' old versions, and what the trigram index still holds of them.
            connection.exec_driver_sql(f"VACUUM {connection.dialect.identifier_preparer.quote_identifier(table)}")


_CORE = (
    "core_audit_value",
    "core_draft",
    "core_file",
    "core_notification",
    "core_saved_filter",
    "core_task",
    "core_task_event",
    "core_timeline_entry",
)


def _refill(engine: Engine) -> None:
    """FTS5 only marks what was deleted; filling an index anew lets go of it. One by one, for it stops the writers."""
    with engine.connect() as connection:
        indexes = search_indexes(connection, inspect(connection).get_table_names())
    for table, column in indexes.items():
        with engine.begin() as connection:
            refill(connection, table, column)


def _empty_log(engine: Engine) -> None:
    """Write the log back into the file and cut it off; readers that are still busy leave the rest to the next run."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
