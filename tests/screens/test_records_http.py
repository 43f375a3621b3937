"""The generated card, form, conflict page, deletion and look-ups as a browser meets them."""

from __future__ import annotations

import re
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from core.access.policy import Scope, system
from core.db.audit import AuditEntry
from core.web import forms
from core.web.once import remember_result, repeated_result
from core.web.screens import Field, FormSection, Lookup, Missing, Section
from core.work.models import Draft
from tests.screens.conftest import NOW, ScreensApplication, Visitor, access
from tests.screens.test_lists_http import HOSTILE, add_visits

VALID = {"title": "A visit", "at": "2026-11-20T14:00", "state": "new"}


def visit(app: ScreensApplication, number: int) -> Any:
    from testscreens.models import Visit

    with app.database.reading(system("tests")) as session:
        return session.get(Visit, number)


def form(page: str) -> dict[str, str]:
    """The fields of the record's form as a browser would send them."""
    inside = re.search(r'<form[^>]*id="record-form".*?</form>', page, re.DOTALL)
    assert inside is not None, page
    found = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', inside[0]))
    found = {name: unescape(value) for name, value in found.items()}
    found |= dict(re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\r?\n?(.*?)</textarea>', inside[0], re.DOTALL))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', inside[0], re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    boxes = re.findall(r'<input(?![^>]*checked)[^>]*type="checkbox"[^>]*name="([^"]+)"', inside[0])
    boxes += re.findall(r'<input(?![^>]*checked)[^>]*name="([^"]+)"[^>]*type="checkbox"', inside[0])
    return {name: value for name, value in found.items() if name not in boxes and name != "csrf_token"}


# --- creating ---------------------------------------------------------------------------------


def test_a_form_creates_a_record(app: ScreensApplication, visitor: Visitor) -> None:
    page = visitor.get("/visits/new")
    assert page.status_code == 200, page.text
    fields = (
        form(page.text)
        | VALID
        | {
            "phone": "8 (903) 123-45-67",
            "amount": "18 100,50",
            "score": "7",
            "day": "2026-11-21",
            "urgent": "y",
            "note": "two\r\nlines",
            "parking-place": "P-7",
        }
    )
    answer = visitor.post("/visits/new", **fields)
    assert answer.status_code == 303, answer.text
    number = int(answer.location.rsplit("/", 1)[1])
    saved = visit(app, number)
    assert (saved.title, saved.phone, saved.amount, saved.score) == ("A visit", "+79031234567", 1810050, 7)
    assert saved.at == datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
    assert saved.day == date(2026, 11, 21)
    assert saved.urgent is True
    assert saved.note == "two\nlines"
    assert saved.nick is None
    assert "parked at P-7" in visitor.get(answer.location).text


def test_a_long_address_is_remembered_as_its_page(app: ScreensApplication) -> None:
    """Half a filter would lead to a refusal instead of to what was saved."""
    with app.database.writing(access()) as session:
        for key, address in (("short", "/visits/1?list=state%3Dnew"), ("long", "/visits/1?list=" + "x" * 500)):
            remember_result(session, key, address)
        assert repeated_result(session, "short") == "/visits/1?list=state%3Dnew"
        assert repeated_result(session, "long") == "/visits/1"


def test_sent_twice_it_is_created_once(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-48."""
    fields = form(visitor.get("/visits/new").text) | VALID
    assert fields["once"]
    first, second = visitor.post("/visits/new", **fields), visitor.post("/visits/new", **fields)
    assert first.location == second.location
    from testscreens.models import Visit

    with app.database.reading(system("tests")) as session:
        assert session.scalar(select(func.count(Visit.id))) == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("title", "", "Fill this in."),
        ("title", "x" * 61, "At most 60 characters."),
        ("at", "", "Fill this in."),
        ("at", "2026-13-01T10:00", "not a date and time"),
        ("at", "0001-01-01T00:00", "not a date and time"),
        ("day", "2026-02-30", "not a date"),
        ("day", "99999999999-01-01", "not a date"),
        ("state", "purple", "Choose one of the list."),
        ("score", "ten", "not a whole number"),
        ("score", "9" * 30, "not a whole number"),
        ("score", "101", "A number from 0 to 100."),
        ("amount", "1e5", "not an amount"),
        ("amount", "9" * 25, "not an amount"),
        ("phone", "12", "not a phone number"),
        ("client_id", "99999999999999999999", "no such record"),
        ("client_id", "12345", "no such record"),
        ("client_id", "x", "no such record"),
        ("parking-place", "roof", "No parking on the roof."),
    ],
)
def test_mistakes_stand_at_their_fields(
    app: ScreensApplication, visitor: Visitor, name: str, value: str, words: str
) -> None:
    """SEC-30: bad input is 422 with what was typed still there, and nothing is stored."""
    answer = visitor.post(
        "/visits/new", **(VALID | {"section.parking": "1", "parking-place": "", name: value, "once": "k"})
    )
    assert answer.status_code == 422, answer.text
    assert words in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert 'value="k"' in answer.text
    from testscreens.models import Visit

    with app.database.reading(system("tests")) as session:
        assert session.scalar(select(func.count(Visit.id))) == 0


def test_what_cannot_be_stored_is_taken_out_before_any_form_is_read(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-30: the host looks at every field once, and the rest of what was typed is saved."""
    odd = dict.fromkeys(("title", "note", "once", "list", "stranger"), "a\x00\x07b")
    assert visitor.post("/visits/new", **(VALID | odd)).status_code == 303
    from testscreens.models import Visit

    with app.database.reading(system("tests")) as session:
        [visit] = session.scalars(select(Visit))
        assert (visit.title, visit.note) == ("ab", "ab")


def test_typed_words_come_back_escaped(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-25."""
    text = HOSTILE.replace("\x1f", "")
    answer = visitor.post("/visits/new", **(VALID | {"title": text + "x" * 60, "note": text, "score": text}))
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_only_declared_fields_are_bound(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-7: owner, stamps and version are never taken from a form, whoever sends them."""
    answer = visitor.post(
        "/visits/new",
        **(VALID | {"owner_id": "77", "created_by_id": "77", "id": "5000", "search_key": "x", "version": "9"}),
    )
    saved = visit(app, int(answer.location.rsplit("/", 1)[1]))
    assert (saved.owner_id, saved.created_by_id, saved.search_key, saved.version) == (None, 1, "", 1)
    assert saved.id != 5000


def test_a_forbidden_field_is_not_bound_and_not_shown(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-4, SEC-7."""
    [number] = add_visits(app, 1, margin=31415900)
    app.person = access(margin=Scope.NONE)
    for path in (f"/visits/{number}", f"/visits/{number}/edit"):
        page = visitor.get(path).text
        assert "314159" not in page.replace("\N{NO-BREAK SPACE}", "")
        assert "Margin" not in page
    fields = form(visitor.get(f"/visits/{number}/edit").text) | {"margin": "1"}
    assert visitor.post(f"/visits/{number}/edit", **fields).status_code == 303
    assert visit(app, number).margin == 31415900


def test_the_address_proposes_values(app: ScreensApplication, visitor: Visitor) -> None:
    page = visitor.get("/visits/new?title=Proposed&state=done&owner_id=5&score=x").text
    assert form(page)["title"] == "Proposed"
    assert form(page)["state"] == "done"


# --- changing ---------------------------------------------------------------------------------


def test_a_form_sent_back_unchanged_changes_nothing(app: ScreensApplication, visitor: Visitor) -> None:
    [number] = add_visits(
        app, 1, phone="+79031234567", nick="n", score=3, amount=100050, urgent=True, note="a\nb", day=date(2026, 11, 2)
    )
    before = visit(app, number)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **fields).status_code == 303
    after = visit(app, number)
    assert after.version == before.version
    for name in ("title", "at", "phone", "nick", "score", "amount", "urgent", "note", "day", "state", "margin"):
        assert getattr(after, name) == getattr(before, name), name


def test_a_stale_form_shows_both_versions(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49: 409 with mine and theirs, nothing overwritten; keeping mine then saves over the version that was seen."""
    [number] = add_visits(app, 1, score=1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    with app.database.writing(access(2)) as session:
        from testscreens.models import Visit

        other = session.get(Visit, number)
        other.title, other.score = "theirs", 5
    answer = visitor.post(f"/visits/{number}/edit", **(fields | {"title": "mine"}))
    assert answer.status_code == 409
    assert "Boris P." in answer.text
    assert "theirs" in answer.text
    assert "mine" in answer.text
    assert visit(app, number).title == "theirs"
    kept = carried(answer.text) | {"csrf_token": visitor_token(app), "take.title": "mine"}
    assert visitor.post(f"/visits/{number}/edit", **kept).status_code == 303
    assert visit(app, number).title == "mine"


def test_two_people_s_changes_are_put_together_field_by_field(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49: what only one of them changed is his; what both changed has to be chosen, and neither version is lost."""
    [number] = add_visits(app, 1, score=1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    with app.database.writing(access(2)) as session:
        from testscreens.models import Visit

        other = session.get(Visit, number)
        other.title, other.score = "theirs", 5
    asked = visitor.post(f"/visits/{number}/edit", **(fields | {"title": "mine", "note": "only mine"}))
    assert marked(asked.text) == {"take.score": "theirs", "take.note": "mine"}
    kept = carried(asked.text) | {"csrf_token": visitor_token(app)}
    again = visitor.post(f"/visits/{number}/edit", **(kept | marked(asked.text)))
    assert again.status_code == 409
    assert "Choose one of the two." in again.text
    assert visit(app, number).note == ""
    chosen = carried(again.text) | marked(again.text) | {"csrf_token": visitor_token(app), "take.title": "theirs"}
    assert visitor.post(f"/visits/{number}/edit", **chosen).status_code == 303
    saved = visit(app, number)
    assert (saved.title, saved.score, saved.note) == ("theirs", 5, "only mine")


def test_a_third_version_is_asked_about_again(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49: a choice between two versions says nothing of a third one."""
    [number] = add_visits(app, 1, score=1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    from testscreens.models import Visit

    for title in ("second", "third"):
        with app.database.writing(access(2)) as session:
            session.get(Visit, number).title = title
        answer = visitor.post(f"/visits/{number}/edit", **(fields | {"title": "mine"}))
        assert answer.status_code == 409
        assert title in answer.text
        fields = carried(answer.text) | {"csrf_token": visitor_token(app), "take.title": "mine"}
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"title": "mine"})).status_code == 303
    assert visit(app, number).title == "mine"


def test_a_section_a_colleague_changed_is_not_overwritten(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49: an addon's fields change without the record's version; what only he changed stays."""
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"parking-place": "P-1"})).status_code == 303
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"note": "only a note"})).status_code == 303
    assert form(visitor.get(f"/visits/{number}/edit").text)["parking-place"] == "P-1"
    assert visit(app, number).note == "only a note"


def test_a_section_that_both_changed_is_chosen(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49: both versions are shown, whoever wrote the other one; a third one is asked about again."""
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"parking-place": "P-1"})).status_code == 303
    asked = visitor.post(f"/visits/{number}/edit", **(fields | {"parking-place": "P-2", "note": "mine"}))
    assert asked.status_code == 409
    assert marked(asked.text) == {"take.note": "mine"}
    assert all(words in asked.text for words in ("Parking · Parking place", "P-1", "P-2", "Saved by a colleague"))
    fresh = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **(fresh | {"parking-place": "P-3"})).status_code == 303
    chosen = {"csrf_token": visitor_token(app), "take.parking-place": "mine", "take.note": "mine"}
    again = visitor.post(f"/visits/{number}/edit", **(carried(asked.text) | chosen))
    assert again.status_code == 409
    assert "P-3" in again.text
    assert visitor.post(f"/visits/{number}/edit", **(carried(again.text) | chosen)).status_code == 303
    assert form(visitor.get(f"/visits/{number}/edit").text)["parking-place"] == "P-2"
    assert visit(app, number).note == "mine"


def test_both_versions_are_read_once(
    app: ScreensApplication, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent is a form, what is stored is another, and the page with both needs no third."""
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"parking-place": "P-1"})).status_code == 303
    opened = []
    open_form = forms.open_form
    monkeypatch.setattr(forms, "open_form", lambda *given: opened.append(given) or open_form(*given))
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"parking-place": "P-2"})).status_code == 409
    assert len(opened) == 2


def test_of_two_who_save_a_section_at_once_one_looks_first(
    app: ScreensApplication, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-49, SEC-48: the second comes between what the first compares and what it stores, or waits for it."""
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    store, seconds = forms.save, list[Future[TestResponse]]()

    def send(place: str) -> TestResponse:
        return Visitor(app).post(f"/visits/{number}/edit", **(fields | {"parking-place": place}))

    def wait_and_store(*given: Any) -> Any:
        if not seconds:
            seconds.append(pool.submit(send, "P-2"))
            wait(seconds, timeout=0.5)
        return store(*given)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(forms, "save", wait_and_store)
        first = send("P-1").status_code
        second = seconds[0].result().status_code
    assert (first, second) == (303, 409)
    assert form(visitor.get(f"/visits/{number}/edit").text)["parking-place"] == "P-1"


def carried(page: str) -> dict[str, str]:
    """What the page with both versions sends by itself."""
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in pairs}


def marked(page: str) -> dict[str, str]:
    """The sides that are marked on the page with both versions."""
    return dict(re.findall(r'type="radio" name="([^"]+)" value="([^"]+)" checked', page))


def visitor_token(app: ScreensApplication) -> str:
    from core.access.crypto import csrf_token

    return csrf_token(app.secret, "tests")


def test_without_a_version_nothing_is_saved(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49."""
    [number] = add_visits(app, 1)
    for version in ("", "x", "-1", "9" * 30):
        assert visitor.post(f"/visits/{number}/edit", **(VALID | {"version": version})).status_code in (400, 409)
    assert visit(app, number).title == "visit 0"


def test_an_addon_s_section_is_saved_with_the_record_or_not_at_all(app: ScreensApplication, visitor: Visitor) -> None:
    """The section's refusal undoes the owner's change too, and is told at its field."""
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    answer = visitor.post(f"/visits/{number}/edit", **(fields | {"title": "changed", "parking-place": "roof"}))
    assert answer.status_code == 422
    assert "No parking on the roof." in answer.text
    assert visit(app, number).title == "visit 0"
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"parking-place": "P-1"})).status_code == 303
    assert form(visitor.get(f"/visits/{number}/edit").text)["parking-place"] == "P-1"


def test_a_section_that_fails_when_it_is_saved_is_its_addon_s_failure(
    app: ScreensApplication, visitor: Visitor
) -> None:
    """SEC-59: both are undone, the incident names the section's addon, and so do its figures."""
    from testextra import BROKEN

    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    app.host.hooks.statistics.clear()
    BROKEN.add("save")
    try:
        with capture_logs([merge_contextvars]) as lines:
            answer = visitor.post(f"/visits/{number}/edit", **(fields | {"title": "changed", "parking-place": "P-1"}))
    finally:
        BROKEN.clear()
    assert answer.status_code == 500
    assert visit(app, number).title == "visit 0"
    assert [line["addon"] for line in lines if line["event"] == "request failed"] == ["testextra"]
    assert app.host.hooks.statistics["testextra", "form_sections"].failures == 1
    assert app.host.hooks.latest_failures["testextra"].error == "RuntimeError: cannot save"


def test_a_section_that_cannot_be_loaded_is_a_box_and_keeps_its_values(
    app: ScreensApplication, visitor: Visitor
) -> None:
    """SEC-59: what could not be drawn is not saved empty."""
    from testextra import BROKEN
    from testextra.models import Ticket

    [number] = add_visits(app, 1)
    with app.database.writing(system("tests")) as session:
        session.add(Ticket(visit_id=number, place="P-9"))
    BROKEN.add("load")
    try:
        page = visitor.get(f"/visits/{number}/edit").text
        assert "The addon “Extra” did not answer" in page
        assert visitor.post(f"/visits/{number}/edit", **(form(page) | {"title": "changed"})).status_code == 303
    finally:
        BROKEN.clear()
    assert visit(app, number).title == "changed"
    assert form(visitor.get(f"/visits/{number}/edit").text)["parking-place"] == "P-9"


def test_what_was_typed_comes_back_and_is_forgotten_when_saved(app: ScreensApplication, visitor: Visitor) -> None:
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text) | {"title": "half typed"}
    with app.database.writing(access()) as session:
        session.add(Draft(user_id=1, key=f"testscreens.visits/{number}", fields=fields, updated_at=NOW))
    page = visitor.get(f"/visits/{number}/edit").text
    assert form(page)["title"] == "half typed"
    assert "What you typed and did not save is back." in page
    assert visitor.post(f"/visits/{number}/edit", **form(page)).status_code == 303
    with app.database.reading(system("tests")) as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
    assert visit(app, number).title == "half typed"


def test_a_draft_from_before_an_addon_gets_what_the_addon_has_stored(app: ScreensApplication, visitor: Visitor) -> None:
    [number] = add_visits(app, 1)
    first = form(visitor.get(f"/visits/{number}/edit").text) | {"parking-place": "P-9"}
    assert visitor.post(f"/visits/{number}/edit", **first).status_code == 303
    shown = form(visitor.get(f"/visits/{number}/edit").text)
    old = {name: value for name, value in shown.items() if "parking" not in name} | {"title": "half typed"}
    with app.database.writing(access()) as session:
        session.add(Draft(user_id=1, key=f"testscreens.visits/{number}", fields=old, updated_at=NOW))
        session.add(Draft(user_id=1, key="testscreens.visits/new", fields={"title": "typed"}, updated_at=NOW))
    taken_up = form(visitor.get(f"/visits/{number}/edit").text)
    assert (taken_up["title"], taken_up["parking-place"]) == ("half typed", "P-9")
    assert visitor.post(f"/visits/{number}/edit", **taken_up).status_code == 303
    assert form(visitor.get(f"/visits/{number}/edit").text)["parking-place"] == "P-9"
    assert "parking-place" in form(visitor.get("/visits/new").text)


def test_a_draft_that_arrives_after_its_form_is_not_kept(app: ScreensApplication, visitor: Visitor) -> None:
    """Sent before the form and slower than it: the next new form would open with what was just saved."""
    fields = form(visitor.get("/visits/new").text) | VALID
    assert visitor.post("/visits/new", **fields).status_code == 303
    assert visitor.post("/drafts/testscreens.visits/new", **fields).status_code == 200
    assert form(visitor.get("/visits/new").text)["title"] == ""
    assert visitor.post("/drafts/testscreens.visits/new", **(fields | {"once": "of the next form"})).status_code == 200
    assert form(visitor.get("/visits/new").text)["title"] == VALID["title"]


def test_a_draft_can_be_given_up(app: ScreensApplication, visitor: Visitor) -> None:
    with app.database.writing(access()) as session:
        session.add(Draft(user_id=1, key="testscreens.visits/new", fields={"title": "typed"}, updated_at=NOW))
    assert form(visitor.get("/visits/new").text)["title"] == "typed"
    assert visitor.post("/visits/drop-draft").location == "/visits/new"
    assert form(visitor.get("/visits/new").text)["title"] == ""


def test_a_foreign_record_is_a_missing_one(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-3, SEC-30: 404 for what others own, for what is not there, and for numbers no database holds."""
    [number] = add_visits(app, 1, owner_id=2)
    app.person = access(1, read=Scope.OWN)
    for wanted in (number, 999_999, 2**63, 10**30):
        for path in (f"/visits/{wanted}", f"/visits/{wanted}/edit", f"/visits/{wanted}/delete"):
            assert visitor.get(path).status_code == 404, path
        for path in (f"/visits/{wanted}/edit", f"/visits/{wanted}/delete"):
            assert visitor.post(path, **(VALID | {"version": "1"})).status_code in (404, 405), path
    assert visit(app, number) is not None


@pytest.mark.parametrize(
    ("right", "path", "method"),
    [
        ("create", "/visits/new", "get"),
        ("create", "/visits/new", "post"),
        ("change", "/visits/1/edit", "get"),
        ("change", "/visits/1/edit", "post"),
        ("delete", "/visits/1/delete", "get"),
        ("delete", "/visits/1/delete", "post"),
        ("export", "/visits/export", "post"),
        ("export", "/visits/print", "post"),
    ],
)
def test_each_address_has_its_right(
    app: ScreensApplication, visitor: Visitor, right: str, path: str, method: str
) -> None:
    """SEC-1, SEC-6."""
    add_visits(app, 1)
    app.person = access(**{right: Scope.NONE})
    assert getattr(visitor, method)(path).status_code == 403


# --- the card ---------------------------------------------------------------------------------


def test_the_card_shows_the_record_and_what_addons_add(app: ScreensApplication, visitor: Visitor) -> None:
    from testscreens.models import Client

    with app.database.writing(system("tests")) as session:
        client = Client(name="Иванов")
        session.add(client)
        session.flush()
        client_id = client.id
    [number] = add_visits(app, 1, client_id=client_id, phone="+79031234567", amount=10000, state="done", note="a\nb")
    page = visitor.get(f"/visits/{number}").text
    for words in (
        "visit 0",
        "+7 903 123-45-67",
        "Иванов",
        f'href="/visitors/{client_id}"',
        ">Done</span>",
        "parked at",
    ):
        assert words in page, words
    assert "All clients" in page


def test_a_panel_that_fails_is_a_box(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-59: when it is declared and when it is drawn."""
    from testextra import BROKEN

    [number] = add_visits(app, 1)
    for part in ("panel", "load"):
        BROKEN.add(part)
        try:
            answer = visitor.get(f"/visits/{number}")
        finally:
            BROKEN.clear()
        assert answer.status_code == 200
        assert "The addon “Extra” did not answer" in answer.text


def test_the_card_knows_its_neighbours(app: ScreensApplication, visitor: Visitor) -> None:
    ids = add_visits(app, 5, state="new")
    add_visits(app, 2, state="done")
    page = visitor.get(f"/visits/{ids[2]}", list="state=new&sort=-at").text
    assert "3 of 5" in page
    assert f'href="/visits/{ids[1]}?list=state%3Dnew%26sort%3D-at"' in page
    assert f'href="/visits/{ids[3]}?list=' in page
    assert "1 of 5" in visitor.get(f"/visits/{ids[0]}", list="state=new").text
    assert visitor.get(f"/visits/{ids[0]}", list="colour=red").status_code == 200
    assert " of " not in visitor.get(f"/visits/{ids[0]}", list="state=done").text.split("<main")[0]


def test_a_lookup_to_a_hidden_record_says_no_name(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-3."""
    from testscreens.models import Client

    with app.database.writing(system("tests")) as session:
        client = Client(name="Secret client", owner_id=2)
        session.add(client)
        session.flush()
        client_id = client.id
    [number] = add_visits(app, 1, client_id=client_id)
    app.person = access()
    grants = dict(app.person.grants) | {"testscreens.client.read": Scope.OWN}
    app.person = type(app.person)(user_id=1, name="Anna", language="en", grants=grants)
    page = visitor.get(f"/visits/{number}").text + visitor.get(f"/visits/{number}/edit").text
    assert "Secret client" not in page
    assert "not available" in page
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"title": "kept"})).status_code == 303
    assert (visit(app, number).title, visit(app, number).client_id) == ("kept", client_id)
    refused = visitor.post("/visits/new", **(VALID | {"client_id": str(client_id)}))
    assert refused.status_code == 422


def test_nothing_is_said_to_be_missing_of_fields_one_may_not_see(
    app: ScreensApplication, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SEC-4: neither while they are filled in nor while they are empty, or the difference would tell which."""
    mounted = app.screens["testscreens.visits"]
    numbers = [*add_visits(app, 1, margin=100), *add_visits(app, 1, margin=None)]
    nick, margin = Field("nick", "Nick"), Field("margin", "Margin", right="testscreens.visit.margin")
    missing = Missing("Nothing is planned.", "Plan it", lambda record: True)
    sections = (Section("Plan", (nick, margin), missing=missing),)
    monkeypatch.setattr(mounted, "screen", replace(mounted.screen, sections=sections))

    def pages() -> list[str]:
        return [visitor.get(f"/visits/{number}").text for number in numbers]

    filled, empty = pages()
    assert "Nothing is planned." not in filled
    assert "Nothing is planned." in empty
    assert f'href="/visits/{numbers[1]}/edit#nick"' in empty
    app.person = access(margin=Scope.NONE)
    assert not any("Nothing is planned." in page for page in pages())


@pytest.mark.parametrize("zone", ["Europe/Moscow", "Europe/Berlin"])
def test_a_form_saved_as_it_was_changes_nothing(app: ScreensApplication, visitor: Visitor, zone: str) -> None:
    """A moment keeps its seconds, and the second of the doubled hours in autumn stays the second."""
    app.person = replace(access(), time_zone=zone)
    moments = [datetime(2026, 12, 1, 10, 0, 37, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]
    for moment in moments:
        [number] = add_visits(app, 1, at=moment, phone="+79031234567", amount=1810050, note="two\nlines")
        fields = form(visitor.get(f"/visits/{number}/edit").text)
        assert visitor.post(f"/visits/{number}/edit", **fields).status_code == 303
        assert (visit(app, number).at, visit(app, number).version) == (moment, 1)


# --- deleting ---------------------------------------------------------------------------------


def test_deleting_asks_by_name_and_deletes(app: ScreensApplication, visitor: Visitor) -> None:
    [number] = add_visits(app, 1)
    assert "Delete “visit 0”? This cannot be undone." in visitor.get(f"/visits/{number}/delete").text
    assert visit(app, number) is not None
    assert visitor.post(f"/visits/{number}/delete").status_code == 400
    assert visitor.post(f"/visits/{number}/delete", version="1").status_code == 303
    assert visit(app, number) is None
    with app.database.reading(system("tests")) as session:
        assert "delete" in session.scalars(select(AuditEntry.action)).all()


def test_what_was_changed_since_it_was_asked_is_not_deleted(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-49: it may be another thing by now."""
    [number] = add_visits(app, 1)
    fields = form(visitor.get(f"/visits/{number}/edit").text)
    assert visitor.post(f"/visits/{number}/edit", **(fields | {"title": "Somebody else's"})).status_code == 303
    assert visitor.post(f"/visits/{number}/delete", version="1").status_code == 409
    assert visit(app, number) is not None


def test_who_still_needs_a_record_is_told(app: ScreensApplication, visitor: Visitor) -> None:
    """An addon's word, and rows that refer to it, also of tables whose addon is not running."""
    from testscreens.models import Part

    [paid] = add_visits(app, 1, title="paid")
    [held] = add_visits(app, 1)
    with app.database.writing(system("tests")) as session:
        session.add_all([Part(visit_id=held), Part(visit_id=held)])
    for number, words in ((paid, "A ticket was paid for."), (held, "“Sample” still refers to it: 2")):
        assert words in visitor.get(f"/visits/{number}/delete").text
        answer = visitor.post(f"/visits/{number}/delete", version="1")
        assert answer.status_code == 409
        assert words in answer.text
        assert visit(app, number) is not None


# --- look-ups ---------------------------------------------------------------------------------


def test_a_lookup_finds_what_may_be_chosen(app: ScreensApplication, visitor: Visitor) -> None:
    """SEC-2: under the row rules of who asks."""
    from testscreens.models import Client

    from core.text.folding import search_key

    with app.database.writing(system("tests")) as session:
        for name, owner in (("Иванов Виктор", 1), ("Иванова Анна", 2), (HOSTILE, 1)):
            session.add(Client(name=name, owner_id=owner, search_key=search_key(name)))
    both = visitor.get("/visits/lookup/client_id?q=bdfyjd").text
    assert "Иванов Виктор" in both
    assert "Иванова Анна" in both
    grants = dict(app.person.grants) | {"testscreens.client.read": Scope.OWN}
    app.person = type(app.person)(user_id=1, name="Anna", language="en", grants=grants)
    own = visitor.get("/visits/lookup/client_id?q=иванов").text
    assert "Иванова Анна" not in own
    everything = visitor.get("/visits/lookup/client_id").text
    assert "<script>alert" not in everything
    for name in ("colour", "title", "owner_id"):
        assert visitor.get(f"/visits/lookup/{name}").status_code == 404


def test_a_lookup_of_a_section_one_has_no_right_to_is_none(app: ScreensApplication) -> None:
    """SEC-4: the right stands on the section, and its fields have none of their own."""
    from testscreens.models import Client

    mounted, person = app.screens["testscreens.visits"], access()
    held = FormSection("held", "Held", (Field("client", "C", lookup=Lookup(Client, Client.name)),), print, print)
    for right, there in (("", True), ("testscreens.visit.change", True), ("testscreens.visit.steal", False)):
        with_section = replace(mounted, form_sections=(replace(held, right=right),))
        assert (with_section.lookup_field("held-client", person) is not None) == there


def test_words_without_a_choice_are_not_lost(app: ScreensApplication, visitor: Visitor) -> None:
    """Without scripts the typed words are looked up; more than one answer is asked about, none is a mistake."""
    from testscreens.models import Client

    from core.text.folding import search_key

    with app.database.writing(system("tests")) as session:
        for name in ("Иванов Виктор", "Петров Иван"):
            session.add(Client(name=name, search_key=search_key(name)))
    for typed, status in (("петров", 303), ("иван", 422), ("сидоров", 422)):
        answer = visitor.post("/visits/new", **(VALID | {"client_id": "", "client_id_text": typed}))
        assert answer.status_code == status, typed
        if status == 422:
            assert typed in answer.text
