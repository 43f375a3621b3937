"""The next step of a worksheet is a task of its responsible, and follows it (S1-39)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from addons.sales.models import LostReason
from addons.sales.services.next_steps import KIND
from core.clock import utcnow
from core.web.app import Application
from core.work import tasks
from core.work.task_models import Task, TaskReminder
from tests.sales.conftest import add, stored
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor

STEP = "Подобрать комплектацию"


def _at(days: int) -> datetime:
    return (utcnow() + timedelta(days=days)).replace(minute=0, second=0, microsecond=0)


def _tasks(dealership: Dealership) -> list[Task]:
    with dealership.session() as session:
        found = list(session.scalars(select(Task).where(Task.kind == KIND).order_by(Task.id)))
        session.expunge_all()
        return found


def _change(visitor: Visitor, dealership: Dealership, number: int, **changed: Any) -> int:
    now = stored(dealership, number)
    fields = {"customer_text": now.customer_text, "next_step": now.next_step, "responsible_id": str(now.responsible_id)}
    if now.next_step_at is not None:
        fields["next_step_at"] = _local(now.next_step_at)
    answer = visitor.post(f"/sales/{number}/edit", {**fields, "version": str(now.version), **changed})
    return answer.status_code


def _local(moment: datetime) -> str:
    return (moment + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")  # Moscow


def test_a_step_with_a_date_is_a_task(dealership: Dealership, manager: Visitor) -> None:
    number = add(dealership, next_step=STEP, next_step_at=_at(2))
    (task,) = _tasks(dealership)
    assert (task.assignee_id, task.due_at, task.subject_id) == (dealership.people["petukhov"], _at(2), number)
    page = manager.get("/tasks").text
    assert f"{STEP}: Иванов Виктор" in page
    with dealership.session() as session:
        assert session.scalars(select(TaskReminder.remind_at)).one() == _at(2)


def test_a_late_step_looks_late_in_the_list(dealership: Dealership, manager: Visitor) -> None:
    for days in (-1, 2):
        add(dealership, next_step=STEP, next_step_at=_at(days))
    assert manager.get("/sales").text.count('class="ink-bad" title="просрочено"') == 1


def test_a_step_without_a_date_is_none(dealership: Dealership) -> None:
    add(dealership, next_step=STEP)
    assert _tasks(dealership) == []


def test_the_task_moves_with_the_step(dealership: Dealership, app: Application, manager: Visitor) -> None:
    number = add(dealership, next_step=STEP, next_step_at=_at(2))
    assert _change(manager, dealership, number, next_step="Позвонить", next_step_at=_local(_at(4))) == 303
    (task,) = _tasks(dealership)
    assert (task.state, task.due_at, task.title_values["step"]) == ("open", _at(4), "Позвонить")
    head = Visitor(app, "kravtsov")
    assert _change(head, dealership, number, responsible_id=str(dealership.people["sokolova"])) == 303
    (task,) = _tasks(dealership)
    assert task.assignee_id == dealership.people["sokolova"]
    with dealership.session() as session:
        assert session.scalars(select(TaskReminder.remind_at)).one() == _at(4)


def test_the_task_ends_when_the_step_is_gone_or_the_deal_is_over(dealership: Dealership, manager: Visitor) -> None:
    number = add(dealership, next_step=STEP, next_step_at=_at(2))
    assert _change(manager, dealership, number, next_step="", next_step_at="") == 303
    assert [task.state for task in _tasks(dealership)] == ["done"]
    assert _change(manager, dealership, number, next_step=STEP, next_step_at=_local(_at(3))) == 303
    assert [task.state for task in _tasks(dealership)] == ["done", "open"]
    with dealership.session() as session:
        reason = session.scalars(select(LostReason.id)).first()
    assert manager.post(f"/sales/{number}/lose", {"lost_reason_id": str(reason)}).status_code == 303
    assert [task.state for task in _tasks(dealership)] == ["done", "done"]


def test_what_was_done_is_not_asked_for_again(dealership: Dealership, manager: Visitor) -> None:
    number = add(dealership, next_step=STEP, next_step_at=_at(2))
    (task,) = _tasks(dealership)
    assert manager.post(f"/tasks/{task.id}/complete", {"result": ""}).status_code in (200, 204, 303)
    assert [each.state for each in _tasks(dealership)] == ["done"]
    assert _change(manager, dealership, number, note="Думает") == 303
    assert [each.state for each in _tasks(dealership)] == ["done"]


def test_what_was_put_off_stays_put_off(dealership: Dealership, manager: Visitor) -> None:
    """S1-39: moving the deal on asks for nothing earlier; a new date in the worksheet does."""
    number = add(dealership, next_step=STEP, next_step_at=_at(1))
    (task,) = _tasks(dealership)
    with dealership.session() as session:
        tasks.postpone(session, task.id, _at(7))
    assert manager.post(f"/sales/{number}/move", {"stage": "selection"}).status_code == 303
    assert _change(manager, dealership, number, note="Думает") == 303
    (task,) = _tasks(dealership)
    assert (task.due_at, task.hidden_until) == (_at(7), _at(7))
    assert _change(manager, dealership, number, next_step_at=_local(_at(2))) == 303
    (task,) = _tasks(dealership)
    assert (task.due_at, task.hidden_until) == (_at(2), None)


def test_what_was_handed_over_stays_with_the_colleague(
    dealership: Dealership, app: Application, manager: Visitor
) -> None:
    """S1-77: until the worksheet itself goes to somebody else."""
    number = add(dealership, next_step=STEP, next_step_at=_at(1))
    (task,) = _tasks(dealership)
    with dealership.session() as session:
        tasks.hand_over(session, task.id, dealership.people["sokolova"])
    assert manager.post(f"/sales/{number}/move", {"stage": "selection"}).status_code == 303
    assert _change(manager, dealership, number, next_step="Позвонить") == 303
    (task,) = _tasks(dealership)
    assert (task.assignee_id, task.title_values["step"]) == (dealership.people["sokolova"], "Позвонить")
    assert (
        _change(Visitor(app, "kravtsov"), dealership, number, responsible_id=str(dealership.people["kravtsov"])) == 303
    )
    assert [each.assignee_id for each in _tasks(dealership)] == [dealership.people["kravtsov"]]
