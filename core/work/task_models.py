"""The tables of tasks, and who may know of a task."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    and_,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.access.policy import Access, RowRule, Scope
from core.db.base import Base, BigId, Record

USER = "core_user.id"


class TaskRule(RowRule):
    """Own tasks, the untaken ones of one's department or roles, and those one has ever handed over (S1-77).

    Whoever has the right only for his department, branch or everything sees those tasks as well.
    """

    def criterion(self, model: type, access: Access, instead: str | None = None) -> ColumnElement[bool]:
        """The tasks this person may know of; none without the right at all."""
        wide = RowRule.criterion(self, model, access, instead)
        scope = access.scope(self.applied(instead))
        return wide if scope in (Scope.NONE, Scope.ALL) else or_(wide, involved(access))


def untaken(access: Access) -> ColumnElement[bool]:
    """Tasks that wait for anybody of the person's group to take them: all that is named has to fit."""
    return _untaken(access.roles, access.department_ids, access.branch_ids)


def involved(access: Access) -> ColumnElement[bool]:
    """Tasks that are the person's, may become his, or once were."""
    return _involved(access.user_id, access.roles, access.department_ids, access.branch_ids)


# Every session of a person asks anew, and building these takes longer than a short query.
@lru_cache(maxsize=1024)
def _untaken(roles: frozenset[str], department_ids: frozenset[int], branch_ids: frozenset[int]) -> ColumnElement[bool]:
    return and_(
        Task.assignee_id.is_(None),
        or_(Task.role.is_(None), Task.role.in_(sorted(roles))),
        or_(Task.department_id.is_(None), Task.department_id.in_(sorted(department_ids))),
        or_(Task.branch_id.is_(None), Task.branch_id.in_(sorted(branch_ids))),
    )


@lru_cache(maxsize=1024)
def _involved(
    user_id: int | None, roles: frozenset[str], department_ids: frozenset[int], branch_ids: frozenset[int]
) -> ColumnElement[bool]:
    if user_id is None:
        return false()
    once_mine = select(TaskEvent.task_id).where(TaskEvent.from_user_id == user_id)
    return or_(
        Task.assignee_id == user_id,
        Task.created_by_id == user_id,
        _untaken(roles, department_ids, branch_ids),
        Task.id.in_(once_mine),
    )


class Task(Record):
    """Something somebody has to do by a time; a branch of the tree of its subject (S1-60).

    It belongs to a person, or to everybody of a department or role until one of them takes it.
    ``department_id`` is also whose working hours hold. ``hidden_until`` keeps a postponed task out
    of the lists (S1-39). ``once_key`` makes the same cause, replayed, find the task it made before.
    """

    __tablename__ = "core_task"
    __row_rule__: ClassVar[RowRule] = TaskRule("core.task.read", department="department_id", branch="branch_id")
    __table_args__ = (
        Index(
            "ix_core_task_open_assignee",
            "assignee_id",
            "due_at",
            sqlite_where=text("finished_at IS NULL"),
            postgresql_where=text("finished_at IS NULL"),
        ),
        Index("ix_core_task_subject", "subject_type", "subject_id"),
    )

    title: Mapped[str] = mapped_column(String(200))
    title_values: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    details: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(String(60), default="core.task")
    subject_type: Mapped[str | None] = mapped_column(String(60))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_task.id"), index=True)
    assignee_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey(USER))
    department_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_department.id"), index=True)
    branch_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("core_branch.id"), index=True)
    role: Mapped[str | None] = mapped_column(String(60), index=True)
    due_at: Mapped[datetime]
    hidden_until: Mapped[datetime | None]
    postponed: Mapped[int] = mapped_column(Integer, default=0)
    state: Mapped[str] = mapped_column(String(12), default="open")
    result: Mapped[str] = mapped_column(Text, default="")
    finished_at: Mapped[datetime | None]
    origin: Mapped[str] = mapped_column(String(120), default="")
    once_key: Mapped[str | None] = mapped_column(String(120), unique=True)

    def waits_for(self, access: Access) -> bool:
        """Whether this person is one of those who may take it; :func:`untaken` for one task."""
        return (
            self.assignee_id is None
            and (self.role is None or self.role in access.roles)
            and (self.department_id is None or self.department_id in access.department_ids)
            and (self.branch_id is None or self.branch_id in access.branch_ids)
        )


class TaskReminder(Base):
    """When to remind of a task; beside the task, so that reminding makes no open form of it stale."""

    __tablename__ = "core_task_reminder"
    __table_args__ = (
        Index(
            "ix_core_task_reminder_due",
            "remind_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    task_id: Mapped[int] = mapped_column(BigId, ForeignKey("core_task.id"), primary_key=True, autoincrement=False)
    remind_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class TaskEvent(Base):
    """One step in the life of a task, kept for everybody who ever had it (S1-77)."""

    __tablename__ = "core_task_event"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    task_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("core_task.id"), index=True)
    at: Mapped[datetime]
    author_id: Mapped[int | None] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(20))
    comment: Mapped[str] = mapped_column(Text)
    from_user_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    to_user_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
