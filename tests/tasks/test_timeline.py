"""The event feed of a card: notes, field changes in words, tasks, files (SEC-4, SEC-33, S1-62)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.access.models import Department, Role, User
from core.web import errors
from core.work import files
from core.work.models import Notification, StoredFile
from core.work.subjects import Subject
from core.work.tasks import NewTask, complete, create_task
from tests.support.dealership import Dealership
from tests.support.visitors import Visit

FRAGMENT = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + b"\x00" * 16


@pytest.fixture
def feed(dealership: Dealership) -> str:
    """The feed of a user's card: a record that is there with any set of addons."""
    return f"/timeline/core_user/{dealership.people['volkov']}"


def test_a_fragment_beside_the_card_and_a_page_of_its_own(visit: Visit, dealership: Dealership, feed: str) -> None:
    admin = visit("admin")
    assert f'hx-get="{feed}"' in admin.get(f"/admin/users/{dealership.people['volkov']}").text
    piece = admin.get(feed, headers=FRAGMENT).text
    assert "<html" not in piece
    assert "Добавлено" in piece
    page = admin.get(feed).text
    assert "<html" in page
    assert f'href="/admin/users/{dealership.people["volkov"]}"' in page


def test_notes_and_mentions(visit: Visit, dealership: Dealership, feed: str) -> None:
    lebedeva = visit("lebedeva")
    text = "Заменит @petukhov <b>в среду</b>"
    answer = lebedeva.post(f"{feed}/notes", {"text": text}, headers=FRAGMENT)
    assert answer.status_code == 200
    assert "&lt;b&gt;в среду" in answer.text
    assert "Лебедева М." in answer.text
    with dealership.session() as session:
        told = session.scalars(select(Notification).where(Notification.kind == "core.mention")).one()
        assert told.user_id == dealership.people["petukhov"]
    notice = visit("petukhov").post(f"/notifications/{told.id}/open")
    assert notice.location == f"/admin/users/{dealership.people['volkov']}"
    assert lebedeva.post(f"{feed}/notes", {"text": "ещё"}).location == f"/admin/users/{dealership.people['volkov']}"
    for wrong in ("", " ", "a" * 4001):
        refused = lebedeva.post(f"{feed}/notes", {"text": wrong}, headers=FRAGMENT)
        assert refused.status_code == 422
        assert 'id="feed-text-error"' in refused.text


def test_changes_are_told_with_the_labels_of_the_form(visit: Visit, dealership: Dealership, feed: str) -> None:
    admin = visit("admin")
    with dealership.session() as session:
        version = session.scalars(select(User.version).where(User.login == "volkov")).one()
    fields = {
        "login": "volkov",
        "full_name": "Волков Сергей",
        "language": "en",
        "extension": "42",
        "version": str(version),
    }
    assert admin.post(f"/admin/users/{dealership.people['volkov']}/edit", fields).status_code == 303
    piece = admin.get(feed, headers=FRAGMENT).text
    assert "Изменён" in piece
    assert "Язык: <del>Русский</del> → <ins>Английский</ins>" in piece
    assert "Добавочный: <ins>42</ins>" in piece
    assert "password_hash" not in piece


def test_only_what_the_form_shows_is_told(visit: Visit, dealership: Dealership) -> None:
    """SEC-4: a change of a column that no reader of the card sees leaves no line."""
    with dealership.session() as session:
        role = session.scalars(select(Role).where(Role.code == "staff")).one()
        role.grants = {**role.grants, "core.user.read": "none"} | {"core.user.read": "all", "core.job.read": "all"}
        number = role.id
    piece = visit("admin").get(f"/timeline/core_role/{number}", headers=FRAGMENT).text
    assert "core.job.read" not in piece
    assert "<del>" not in piece


def test_tasks_stand_among_the_rest(visit: Visit, dealership: Dealership, feed: str) -> None:
    subject = Subject("core_user", dealership.people["volkov"])
    with dealership.session() as session:
        session.access = replace(session.access, user_id=dealership.people["admin"])
        due = datetime.now(UTC) + timedelta(hours=1)
        task = create_task(
            session, NewTask(title="Обучить", due_at=due, assignee_id=dealership.people["admin"], subject=subject)
        )
        complete(session, task.id, "прошёл")
        number = task.id
    piece = visit("admin").get(feed, headers=FRAGMENT).text
    assert "Поручена задача: Обучить" in piece
    assert "Задача выполнена: Обучить" in piece
    assert "прошёл" in piece
    assert f'href="/tasks/{number}"' in piece
    assert "Обучить" not in visit("lebedeva").get(feed, headers=FRAGMENT).text


def test_older_pages(visit: Visit, dealership: Dealership, feed: str) -> None:
    """Each line once, in order, however many there are at one moment."""
    lebedeva = visit("lebedeva")
    with dealership.session() as session:
        from core.work.timeline import add_entry

        moment = session.now() - timedelta(days=1)
        for number in range(60):
            subject = Subject("core_user", dealership.people["volkov"])
            add_entry(session, [subject], "core.test", f"Событие {number:02d}.", at=moment)
    seen, address = "", feed
    for _ in range(4):
        page = lebedeva.get(address, headers=FRAGMENT).text
        seen += page
        if "?before=" not in page:
            break
        address = page.partition(f'href="{feed}?before=')[2].partition('"')[0]
        address = f"{feed}?before={address}"
    found = [f"Событие {number:02d}." for number in range(60)]
    assert [seen.count(title) for title in found] == [1] * 60
    assert seen.index(found[59]) < seen.index(found[0])
    for wrong in ("x", "2026-01-01~x~y", "~~", "9" * 60, f"2026-01-01~{'9' * 30}~x"):
        assert lebedeva.get(f"{feed}?before={wrong}", headers=FRAGMENT).status_code == 422


def test_a_request_that_is_run_again_has_its_file_again(
    visit: Visit, feed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-51: the first run read the upload to its end."""
    runs, store = list[Any](), files.store_file

    def once_more(*arguments: Any, **options: Any) -> Any:
        stored = store(*arguments, **options)
        runs.append(stored)
        if len(runs) == 1:
            raise TimeoutError("the database asks to run it again")
        return stored

    monkeypatch.setattr(files, "store_file", once_more)
    monkeypatch.setattr(errors, "worth_repeating", lambda error: isinstance(error, TimeoutError))
    answer = visit("lebedeva").post(f"{feed}/files", {"file": (io.BytesIO(PNG), "a.png")}, headers=FRAGMENT)
    assert (answer.status_code, len(runs)) == (200, 2)


def test_files(visit: Visit, dealership: Dealership, feed: str) -> None:
    """SEC-33: kept under a name of ours, served as an attachment with a type of ours, put back after removal."""
    lebedeva = visit("lebedeva")
    upload = {"file": (io.BytesIO(PNG), "../../фото <b>.png")}
    answer = lebedeva.post(f"{feed}/files", upload, headers=FRAGMENT)
    assert answer.status_code == 200, answer.text
    assert "фото &lt;b&gt;.png" in answer.text
    with dealership.session() as session:
        stored = session.scalars(select(StoredFile)).one()
    file = lebedeva.get(f"{feed}/files/{stored.id}", buffered=True)
    assert file.data == PNG
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Content-Type"] == "image/png"
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    gone = lebedeva.post(f"{feed}/files/{stored.id}/remove", headers=FRAGMENT)
    assert "Файл убран" in gone.text
    assert lebedeva.get(f"{feed}/files/{stored.id}").status_code == 404
    assert "Файл возвращён" in lebedeva.post(f"{feed}/files/{stored.id}/restore", headers=FRAGMENT).text
    lebedeva.post(f"{feed}/files/{stored.id}/remove")
    assert lebedeva.post(f"{feed}/files/{stored.id}/restore").status_code == 303
    assert lebedeva.get(f"{feed}/files/{stored.id}", buffered=True).status_code == 200
    elsewhere = feed.replace(str(dealership.people["volkov"]), str(dealership.people["petukhov"]))
    assert lebedeva.get(f"{elsewhere}/files/{stored.id}").status_code == 404
    assert visit("volkov").post(f"{feed}/files/{stored.id}/remove").status_code == 403


def test_what_is_no_good_file_is_told(visit: Visit, feed: str) -> None:
    """SEC-33: wrong kinds, lies about the kind, and nothing at all."""
    lebedeva = visit("lebedeva")
    for name, content in (("virus.exe", b"MZ"), ("photo.png", b"not a picture"), ("empty.txt", b"")):
        refused = lebedeva.post(f"{feed}/files", {"file": (io.BytesIO(content), name)}, headers=FRAGMENT)
        assert refused.status_code == 422
        assert 'id="feed-file-error"' in refused.text
    assert lebedeva.post(f"{feed}/files", {}).status_code == 422


def test_no_feed_of_what_one_may_not_see(visit: Visit, dealership: Dealership) -> None:
    """SEC-3: neither the feed, nor a note, nor a file."""
    staff = visit("lebedeva")
    with dealership.session() as session:
        role = session.scalars(select(Role.id)).first()
    for feed in (f"/timeline/core_role/{role}", "/timeline/core_user/999999999", "/timeline/nothing/1"):
        assert staff.get(feed).status_code == 404
        assert staff.post(f"{feed}/notes", {"text": "Я тут"}).status_code == 404
        assert staff.post(f"{feed}/files", {"file": (io.BytesIO(PNG), "a.png")}).status_code == 404
        assert staff.get(f"{feed}/files/1").status_code == 404
    assert staff.get("/timeline/core_user/" + "9" * 25).status_code == 404


def test_one_statement_for_each_kind_of_name(visit: Visit, dealership: Dealership) -> None:
    """References in changes are told by name."""
    with dealership.session() as session:
        department = session.scalars(select(Department)).first()
        if department is None:
            from core.access.models import Branch

            branch = Branch(title_ru="Юг", title_en="South")
            session.add(branch)
            session.flush()
            department = Department(branch_id=branch.id, title_ru="А", title_en="A")
            session.add(department)
            session.flush()
        parent = Department(branch_id=department.branch_id, title_ru="Дирекция", title_en="Directorate")
        session.add(parent)
        session.flush()
        department.parent_id = parent.id
        number = department.id
    piece = visit("admin").get(f"/timeline/core_department/{number}", headers=FRAGMENT).text
    assert "Входит в: <ins>Дирекция</ins>" in piece
