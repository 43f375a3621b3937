"""Tasks on their pages: given, put off, handed over, done, undone (S1-39, S1-60, S1-61, S1-77)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.access.models import Branch, Department, UserDepartment
from core.work.models import Notification
from core.work.subjects import Subject
from core.work.task_models import Task, TaskReminder
from core.work.tasks import NewTask, create_task
from tests.support.dealership import Dealership
from tests.support.visitors import Visit

FRAGMENT = {"HX-Request": "true"}


def give(dealership: Dealership, by: str = "admin", **new: object) -> int:
    """A task made by somebody, due an hour ago unless said otherwise."""
    due = datetime.now(UTC) - timedelta(hours=1)
    values = {"title": "Позвонить", "due_at": due, "assignee_id": dealership.people["petukhov"], **new}
    with dealership.session() as session:
        session.access = replace(session.access, user_id=dealership.people[by])
        return create_task(session, NewTask(**values)).id  # type: ignore[arg-type]


def task(dealership: Dealership, number: int) -> Task:
    with dealership.session() as session:
        return session.scalars(select(Task).where(Task.id == number)).one()


def main(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def test_mine_by_urgency(visit: Visit, dealership: Dealership) -> None:
    now = datetime.now(UTC)
    give(dealership, title="Просроченная")
    give(dealership, title="Завтрашняя", due_at=now + timedelta(days=3))
    give(dealership, title="Чужая", assignee_id=dealership.people["volkov"])
    page = visit("petukhov").get("/tasks").text
    assert main(page).index("Просрочены") < main(page).index("Просроченная") < main(page).index("Завтрашняя")
    assert "Чужая" not in page
    assert re.search(r'data-count="tasks"[^>]*><span[^>]*>[^<]*</span>1<', page)


def test_a_new_task_for_oneself_a_colleague_a_department(visit: Visit, dealership: Dealership) -> None:
    petukhov = visit("petukhov")
    fields = {"title": "Подготовить договор", "due_at": "2030-05-05T10:00"}
    mine = petukhov.post("/tasks/new", {**fields, "for": "me"})
    assert mine.status_code == 303
    stored = task(dealership, int((mine.location or "").rpartition("/")[2]))
    assert (stored.assignee_id, stored.due_at) == (dealership.people["petukhov"], datetime(2030, 5, 5, 7, tzinfo=UTC))
    theirs = petukhov.post("/tasks/new", {**fields, "for": "person", "assignee_id": str(dealership.people["volkov"])})
    assert theirs.status_code == 303
    typed = petukhov.post("/tasks/new", {**fields, "for": "person", "assignee_id": "", "assignee_id_text": "djkrjd"})
    assert task(dealership, int((typed.location or "").rpartition("/")[2])).assignee_id == dealership.people["volkov"]
    with dealership.session() as session:
        told = session.scalars(select(Notification).where(Notification.user_id == dealership.people["volkov"])).all()
        assert [notice.subject_type for notice in told] == ["core_task", "core_task"]
    department = _department(dealership, "volkov")
    group = petukhov.post("/tasks/new", {**fields, "for": "department", "department_id": str(department)})
    assert group.status_code == 303
    assert "Поручены другим" in petukhov.get("/tasks?view=given").text
    assert main(petukhov.get("/tasks?view=given").text).count("Подготовить договор</a>") == 3


def test_what_was_typed_for_a_task_comes_back_until_it_is_given(visit: Visit, dealership: Dealership) -> None:
    petukhov = visit("petukhov")
    about = f"core_user:{dealership.people['volkov']}"
    keys = {where: _draft_key(petukhov.get(where).text) for where in ("/tasks/new", f"/tasks/new?about={about}")}
    plain, with_subject = keys.values()
    fields = {"title": "Подготовить договор", "details": "Два экземпляра", "due_at": "2030-05-05T10:00", "for": "me"}
    petukhov.post(f"/drafts/{plain}", fields)
    page = petukhov.get("/tasks/new").text
    assert 'value="Подготовить договор"' in page
    assert "Два экземпляра</textarea>" in page
    assert "Набранное и не сохранённое восстановлено." in page
    assert "Два экземпляра" not in petukhov.get(f"/tasks/new?about={about}").text
    assert petukhov.post("/tasks/new", fields).status_code == 303
    assert "Подготовить договор" not in main(petukhov.get("/tasks/new").text)
    petukhov.post(f"/drafts/{with_subject}", fields)
    assert petukhov.post("/tasks/drop-draft", {"about": about}).location == f"/tasks/new?about={about}"
    assert "Подготовить договор" not in main(petukhov.get(f"/tasks/new?about={about}").text)


def _draft_key(page: str) -> str:
    found = re.search(r'data-draft="([^"]+)"', page)
    assert found is not None
    return found[1]


def _department(dealership: Dealership, login: str) -> int:
    """A department the person works in."""
    with dealership.session() as session:
        branch = Branch(title_ru="Юг", title_en="South")
        session.add(branch)
        session.flush()
        department = Department(branch_id=branch.id, title_ru="Диспетчерская", title_en="Dispatch")
        session.add(department)
        session.flush()
        session.add(UserDepartment(user_id=dealership.people[login], department_id=department.id))
        return department.id


def test_mistakes_stand_at_their_fields(visit: Visit) -> None:
    """SEC-30: and what was typed is still there."""
    petukhov = visit("petukhov")
    fields = {"title": " ", "details": "Важно", "due_at": "завтра", "for": "person", "assignee_id": "999999999"}
    refused = petukhov.post("/tasks/new", fields)
    assert refused.status_code == 422
    for name in ("title", "due_at", "assignee_id"):
        assert f'id="{name}-error"' in refused.text
    assert "Важно</textarea>" in refused.text
    for wrong in ({"for": "department", "department_id": "999999999"}, {"title": "a" * 201}, {"title": "\x00"}):
        sent = {"title": "Ок", "due_at": "2030-05-05T10:00", "for": "me", **wrong}
        assert petukhov.post("/tasks/new", sent).status_code == 422
    late = petukhov.post("/tasks/new", {"title": "Ок", "due_at": "1999-01-01T00:00", "for": "me"})
    assert (late.status_code, "Это время уже прошло" in late.text) == (422, True)
    assert petukhov.post("/tasks/new", {**fields, "about": "core_user:x"}).status_code == 404


def test_the_first_takes_a_departments_task(visit: Visit, dealership: Dealership) -> None:
    """SEC-48."""
    department = _department(dealership, "volkov")
    number = give(dealership, by="admin", assignee_id=None, department_id=department)
    volkov = visit("volkov")
    assert "Диспетчерская" in volkov.get("/tasks").text
    assert visit("petukhov").get(f"/tasks/{number}").status_code == 404
    assert volkov.post(f"/tasks/{number}/take").status_code == 303
    assert task(dealership, number).assignee_id == dealership.people["volkov"]


def test_put_off_and_out_of_sight(visit: Visit, dealership: Dealership) -> None:
    """S1-39: hidden until then, with a reminder at that moment."""
    number, petukhov = give(dealership), visit("petukhov")
    done = petukhov.post(f"/tasks/{number}/postpone", {"until": "2030-01-10T12:00", "comment": "клиент не ответил"})
    assert done.status_code == 303
    assert "Позвонить" not in main(petukhov.get("/tasks").text)
    assert "Позвонить" in main(petukhov.get("/tasks?view=later").text)
    with dealership.session() as session:
        reminder = session.scalars(select(TaskReminder).where(TaskReminder.task_id == number)).one()
        assert reminder.remind_at == datetime(2030, 1, 10, 9, tzinfo=UTC)
        assert reminder.sent_at is None
    card = petukhov.get(f"/tasks/{number}").text
    assert "клиент не ответил" in card
    assert "Отложена до" in card
    for wrong in ({"until": ""}, {"until": "2001-01-01T10:00"}, {"preset": "never"}):
        assert petukhov.post(f"/tasks/{number}/postpone", wrong).status_code == 422


@pytest.mark.parametrize("preset", ["hour", "tomorrow", "days", "week"])
def test_put_off_by_a_usual_span(visit: Visit, dealership: Dealership, preset: str) -> None:
    number = give(dealership)
    answer = visit("petukhov").post(f"/tasks/{number}/postpone", {"preset": preset, "came_from": "list:"})
    assert answer.location == "/tasks"
    moment = task(dealership, number).hidden_until
    assert moment is not None
    assert timedelta(minutes=50) < moment - datetime.now(UTC) < timedelta(days=8)


def test_handed_over_with_a_new_time_and_a_common_history(visit: Visit, dealership: Dealership) -> None:
    """S1-77: both see what happened."""
    number, petukhov, sokolova = give(dealership, by="petukhov"), visit("petukhov"), visit("sokolova")
    assert sokolova.get(f"/tasks/{number}").status_code == 404
    sent = {"to_user_id": str(dealership.people["sokolova"]), "due_at": "2030-02-02T15:00", "comment": "я в отпуске"}
    assert petukhov.post(f"/tasks/{number}/hand-over", sent).status_code == 303
    for visitor in (petukhov, sokolova):
        card = visitor.get(f"/tasks/{number}").text
        assert "Петухов В. → Соколова А." in card
        assert "я в отпуске" in card
    assert "Позвонить" in main(sokolova.get("/tasks").text)
    assert petukhov.post(f"/tasks/{number}/hand-over", {"to_user_id": ""}).status_code in (403, 422)
    assert sokolova.post(f"/tasks/{number}/hand-over", {"to_user_id": "999999999"}).status_code == 422


def test_done_and_undone(visit: Visit, dealership: Dealership) -> None:
    """With scripts the answer holds the rows and a word with «undo» for ten seconds; without, the page has it."""
    number, petukhov = give(dealership), visit("petukhov")
    sent = {"came_from": "list:", "result": "перезвонит сам"}
    answer = petukhov.post(f"/tasks/{number}/complete", sent, headers=FRAGMENT)
    assert answer.status_code == 200
    assert 'hx-swap-oob="beforeend:#toasts"' in answer.text
    assert 'data-toast="10"' in answer.text
    assert f'action="/tasks/{number}/reopen"' in answer.text
    assert "<html" not in answer.text
    assert task(dealership, number).state == "done"
    again = petukhov.post(f"/tasks/{number}/complete", sent)
    assert again.location == f"/tasks?ended={number}"
    assert f'action="/tasks/{number}/reopen"' in petukhov.get(again.location or "").text
    assert "перезвонит сам" in petukhov.get(f"/tasks/{number}").text
    back = petukhov.post(f"/tasks/{number}/reopen", {"came_from": "list:"}, headers=FRAGMENT)
    assert "Позвонить" in back.text
    assert "Снова открыта: " in back.text
    assert f'id="ended-{number}" hx-swap-oob="delete"' in back.text
    assert task(dealership, number).state == "open"
    petukhov.post(f"/tasks/{number}/complete", sent)
    plain = petukhov.post(f"/tasks/{number}/reopen", {"came_from": "list:"})
    assert "Задача снова открыта." in petukhov.get(plain.location).text


def test_called_off(visit: Visit, dealership: Dealership) -> None:
    number, petukhov = give(dealership), visit("petukhov")
    assert petukhov.post(f"/tasks/{number}/cancel", {"reason": "не нужно"}).status_code == 303
    assert petukhov.post(f"/tasks/{number}/complete").status_code == 409
    assert "отменена" in petukhov.get("/tasks?view=done").text


def test_parts_stand_under_the_whole(visit: Visit, dealership: Dealership) -> None:
    """S1-60, S1-61: and each leads to its own card."""
    whole = give(dealership, title="Сделка")
    parts = [give(dealership, title=name, parent_id=whole) for name in ("Договор", "Оплата")]
    card = visit("petukhov").get(f"/tasks/{whole}").text
    for number in parts:
        assert f'href="/tasks/{number}"' in card
    assert "Сделка" in main(visit("petukhov").get(f"/tasks/{parts[0]}").text)


def test_a_strangers_task_is_unknown(visit: Visit, dealership: Dealership) -> None:
    """SEC-3: every address that names it answers like for a missing one."""
    number, stranger = give(dealership), visit("lebedeva")
    assert stranger.get(f"/tasks/{number}").status_code == 404
    for part in ("take", "complete", "cancel", "reopen", "postpone", "hand-over"):
        sent = {"until": "2030-01-01T10:00", "to_user_id": str(dealership.people["lebedeva"])}
        assert stranger.post(f"/tasks/{number}/{part}", sent).status_code in (403, 404)
    assert stranger.get(f"/tasks?ended={number}").status_code == 404
    assert stranger.get("/tasks/new?parent=" + str(number)).status_code == 404
    assert task(dealership, number).assignee_id == dealership.people["petukhov"]


def test_a_notification_leads_to_its_task(visit: Visit, dealership: Dealership) -> None:
    number = give(dealership, by="admin")
    with dealership.session() as session:
        notice = session.scalars(select(Notification.id).where(Notification.subject_id == number)).one()
    answer = visit("petukhov").post(f"/notifications/{notice}/open")
    assert answer.location == f"/tasks/{number}"


def test_the_rows_alone_for_a_live_page(visit: Visit, dealership: Dealership) -> None:
    give(dealership)
    piece = visit("petukhov").get("/tasks", headers=FRAGMENT).text
    assert "Позвонить" in piece
    assert "<html" not in piece
    assert visit("petukhov").get("/tasks?view=nothing").status_code == 400


def test_english(visit: Visit, dealership: Dealership) -> None:
    """X-03: the program's own titles are translated, people's words stay."""
    number = give(dealership, title="It is time for a task", title_values={})
    petukhov = visit("petukhov")
    petukhov.post("/profile", {"language": "en", "theme": "auto"})
    page = main(petukhov.get("/tasks").text)
    assert "Late" in page
    assert main(petukhov.get(f"/tasks/{number}").text).count("Hand over") >= 1


@pytest.mark.addons("contacts")
class TestOnACard:
    """The panel of tasks on the card of any record that can be pointed at."""

    @pytest.fixture
    def client(self, dealership: Dealership) -> int:
        from addons.contacts.services.customers import CustomerData, create_customer

        with dealership.session() as session:
            branch = session.scalars(select(Branch.id)).first()
            return create_customer(session, CustomerData(last_name="Иванов", first_name="Виктор", branch_id=branch)).id

    def test_the_tree(self, visit: Visit, dealership: Dealership, client: int) -> None:
        """S1-60: a process with two tasks is a node with two children."""
        subject = Subject("contacts_customer", client)
        whole = give(dealership, by="lebedeva", title="Сделка", subject=subject)
        for name in ("Договор", "Оплата"):
            give(dealership, by="lebedeva", title=name, subject=subject, parent_id=whole)
        card = visit("lebedeva").get(f"/clients/{client}").text
        panel = card.partition(f'id="tasks-of-contacts_customer-{client}"')[2]
        assert (
            panel.index("Сделка")
            < panel.index('<ul class="task-tree">', panel.index("Сделка"))
            < panel.index("Договор")
        )
        assert "Оплата" in panel

    def test_a_task_about_a_record_leads_back_to_it(self, visit: Visit, dealership: Dealership, client: int) -> None:
        lebedeva = visit("lebedeva")
        about = f"contacts_customer:{client}"
        form = lebedeva.get(f"/tasks/new?about={about}").text
        assert "Иванов Виктор" in form
        fields = {"title": "Перезвонить", "due_at": "2030-05-05T10:00", "for": "me", "about": about, "back": "record"}
        assert lebedeva.post("/tasks/new", fields).location == f"/clients/{client}"
        assert "Перезвонить" in lebedeva.get(f"/clients/{client}").text
        with dealership.session() as session:
            number = session.scalars(select(Task.id)).one()
        sent = {"came_from": f"panel:{about}"}
        piece = lebedeva.post(f"/tasks/{number}/complete", sent, headers=FRAGMENT)
        assert 'hx-swap-oob="beforeend:#toasts"' in piece.text
        assert lebedeva.post(f"/tasks/{number}/reopen", sent).location == f"/clients/{client}"
        assert f'href="/clients/{client}"' in main(lebedeva.get("/tasks").text)

    def test_what_one_may_not_see_stays_unknown(self, visit: Visit, dealership: Dealership, client: int) -> None:
        """SEC-3: neither a task about it can be made, nor its panel asked for, nor its name read off a task."""
        number = give(dealership, by="admin", subject=Subject("contacts_customer", client))
        with dealership.session() as session:
            from core.access.models import UserRole

            for link in session.scalars(select(UserRole).where(UserRole.user_id == dealership.people["petukhov"])):
                session.delete(link)
        petukhov = visit("petukhov")
        assert petukhov.get(f"/tasks/new?about=contacts_customer:{client}").status_code == 404
        assert petukhov.get(f"/tasks/of/contacts_customer/{client}").status_code == 404
        assert petukhov.get("/tasks/of/core_sign_in/1").status_code in (200, 404)
        assert "Иванов" not in petukhov.get(f"/tasks/{number}").text
