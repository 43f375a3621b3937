"""The page of the addons: states, reasons, figures, and the switches (SEC-58…61, SEC-63)."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from functools import partial
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from core.access.models import Role
from core.config import Config
from core.db.audit import AuditEntry, AuditValue
from core.host import checks, instance, switching
from core.host.one_at_a_time import one_at_a_time
from core.host.plugins import PAUSE_AFTER, hookimpl
from core.host.switching import DISABLE, ENABLE, Outcome, switch
from core.web.app import Application
from core.web.views import admin_addons
from core.work.models import Notification
from core.work.notifications import PAUSED
from tests.support.dealership import Dealership
from tests.support.visitors import Visit, Visitor


def wanted_by_database(dealership: Dealership) -> list[str]:
    return instance.enabled(dealership.config)


def notes(dealership: Dealership) -> list[tuple[str, str, int | None]]:
    """What the trail says of addons: action, addon, who."""
    with dealership.session() as session:
        statement = (
            select(AuditEntry.action, AuditValue.changes, AuditEntry.user_id)
            .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
            .where(AuditEntry.action.like("addon_%"))
            .order_by(AuditEntry.id)
        )
        return [(row.action, row.changes["addon"], row.user_id) for row in session.execute(statement)]


@pytest.mark.addons("contacts", "sales")
def test_switching_off_and_on_again(visit: Visit, app: Application, dealership: Dealership) -> None:
    """The deed is done by another process; this one still has the old set and says that it is changing."""
    admin = visit("admin")
    page = admin.get("/admin/addons").text
    assert re.search("Нужно для: [^<]*Продажи", page)
    assert 'id="addon-sales"' in page
    answer = admin.post("/admin/addons/sales/disable")
    assert answer.location == "/admin/addons?done=disable&names=sales"
    assert "sales" not in wanted_by_database(dealership)
    settling = admin.get(answer.location or "").text
    assert "Отключено: Продажи" in settling
    assert "отключается" in settling
    assert 'hx-trigger="load delay:1500ms"' in settling
    assert notes(dealership) == [("addon_disable", "sales", dealership.people["admin"])]
    fresh = Application(dealership.config)
    try:
        later = Visitor(fresh, "admin")
        assert later.get("/sales").status_code == 404
        assert "отключено" in later.get("/admin/addons").text
        back = later.post("/admin/addons/sales/enable")
        assert back.location == "/admin/addons?done=enable&names=sales"
        assert "включается" in later.get("/admin/addons").text
    finally:
        fresh.close()
    assert "sales" in wanted_by_database(dealership)
    assert "включается" not in admin.get("/admin/addons").text


@pytest.mark.addons("contacts", "sales")
def test_switching_off_is_asked_first_in_words_that_people_know(visit: Visit, dealership: Dealership) -> None:
    """The button of the list leads to the question; nothing is switched before it is answered."""
    admin = visit("admin")
    page = admin.get("/admin/addons").text
    assert 'href="/admin/addons/sales/disable"' in page
    assert 'action="/admin/addons/sales/disable"' not in page
    asked = admin.get("/admin/addons/sales/disable").text
    assert "Отключить «Продажи»?" in asked
    assert "Это у всех исчезнет за несколько секунд" in asked
    assert '<th scope="row">Рабочие листы</th>' in asked
    assert "sales_" not in asked
    assert 'action="/admin/addons/sales/disable"' in asked
    assert "sales" in wanted_by_database(dealership)
    needed = admin.get("/admin/addons/contacts/disable").text
    assert re.search("Оно нужно другим. Сначала отключите: [^<]*Продажи", needed)
    assert 'action="/admin/addons/contacts/disable"' not in needed
    assert admin.get("/admin/addons/nothing/disable").status_code == 404
    assert visit("lebedeva").get("/admin/addons/sales/disable").status_code == 403


@pytest.mark.addons("contacts", "sales")
def test_what_takes_too_long_goes_on(visit: Visit, dealership: Dealership, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be just committing: it is not ended, and not called refused."""
    monkeypatch.setattr(switching, "LONGEST", 0)
    admin = visit("admin")
    answer = admin.post("/admin/addons/sales/disable")
    (waiting,) = [each for each in threading.enumerate() if each.name == "switching"]
    assert answer.location == "/admin/addons?done=goes_on&names=sales"
    assert "длится дольше обычного и продолжается: Продажи" in admin.get(answer.location).text
    waiting.join(60)
    assert "sales" not in wanted_by_database(dealership)
    assert [note[0] for note in notes(dealership)] == ["addon_disable"]


@pytest.mark.addons("contacts", "sales")
def test_what_ends_the_workers_does_not_end_a_switch(dealership: Dealership) -> None:
    """Their process group is told to go when the set of addons changes, be it by another switch."""
    with tempfile.TemporaryFile() as answer, tempfile.TemporaryFile() as errors:
        order = switching.Order(DISABLE, "sales", switching._plain(dealership.config), 0)
        process = switching._start(msgspec.json.encode(order), answer, errors)
        assert os.getpgid(process.pid) not in (os.getpgid(0), 0)
        assert process.wait(60) == 0


@pytest.mark.addons("contacts", "sales")
@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("addon enable contacts sales", "включение: Контакты, Продажи"),
        ("upgrade", "обновление"),
        ("something new", "изменение этой системы"),
    ],
)
def test_two_who_switch_at_once_are_told_of_each_other(
    visit: Visit, dealership: Dealership, monkeypatch: pytest.MonkeyPatch, deed: str, told: str
) -> None:
    """In the reader's language; where the other process is stands in the details alone."""
    monkeypatch.setattr(switching, "AT_A_SCREEN", 0)
    with one_at_a_time(dealership.config, deed):
        refused = visit("admin").post("/admin/addons/sales/disable")
    assert refused.status_code == 409
    before, _, details = refused.text.partition("<pre>")
    assert f"Уже идёт другое изменение: {told}. Повторите" in before
    assert "process" not in before
    assert f"{deed}, process {os.getpid()} on" in details
    assert "sales" in wanted_by_database(dealership)


@pytest.mark.addons("contacts", "sales")
def test_what_others_need_stays(visit: Visit, dealership: Dealership) -> None:
    """The refusal names who needs it, and the try is in the trail."""
    admin = visit("admin")
    refused = admin.post("/admin/addons/contacts/disable")
    assert refused.status_code == 409
    assert re.search("не переключено: Оно нужно другим. Сначала отключите: [^<]*Продажи", refused.text)
    assert "contacts" in wanted_by_database(dealership)
    assert [note[0] for note in notes(dealership)] == ["addon_disable", "addon_refused"]


@pytest.mark.addons("contacts", "sales")
def test_what_does_not_work_is_told_in_the_language_of_the_reader(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other process speaks English; its words are for the details."""
    monkeypatch.setattr(admin_addons, "switch", lambda *_arguments: Outcome(reason="it took more than 300 seconds"))
    page = visit("admin").post("/admin/addons/sales/disable").text
    assert "За это время что-то изменилось, или что-то не работает." in page
    assert "<pre>it took more than 300 seconds</pre>" in page


@pytest.mark.addons("contacts", "sales")
def test_what_an_addon_holds_is_told_of_one_that_is_off_to_those_who_may_switch_it(
    visit: Visit, dealership: Dealership
) -> None:
    """The address can be typed by anybody who sees the page."""
    switched, held = "/admin/addons?done=disable&names=sales", "по-прежнему хранит строк"
    assert held not in visit("admin").get(switched).text
    instance.disable(dealership.config, "sales")
    assert held in visit("admin").get(switched).text
    with dealership.session() as session:
        role = session.scalars(select(Role).where(Role.code == "administrator")).one()
        role.grants = {right: scope for right, scope in role.grants.items() if right != "core.addon.disable"}
    page = visit("admin").get(switched)
    assert (page.status_code, held in page.text) == (200, False)


def test_unknown_addons_and_missing_rights(visit: Visit, dealership: Dealership) -> None:
    """SEC-1, SEC-58: nothing is loaded by name alone."""
    admin, staff = visit("admin"), visit("lebedeva")
    for name in ("nothing", "..", "os"):
        assert admin.post(f"/admin/addons/{name}/enable").status_code in (404, 405)
    assert staff.get("/admin/addons").status_code == 403
    assert staff.post("/admin/addons/sales/disable").status_code == 403
    assert notes(dealership) == []


def test_a_failed_addon_is_named_with_its_reason(app: Application, visit: Visit) -> None:
    """SEC-59: the details are for those who can do something about it."""
    app.host.fail("broken", "ImportError: no module named engine", "Traceback: secret path")
    admin = visit("admin")
    page = admin.get("/admin/addons").text
    assert "ImportError: no module named engine" in page
    assert "Traceback: secret path" in page
    assert "1 дополнение не работает" in admin.get("/admin").text


@pytest.mark.addons("contacts", "sales")
@pytest.mark.parametrize("hook", ["personal_data", "contacts_document_types"])
def test_what_is_declared_wrongly_fails_its_addon_at_the_start(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch, hook: str
) -> None:
    """SEC-59: not the pages of others that ask for it later."""
    from addons.sales import hooks

    monkeypatch.setattr(hooks, hook, hookimpl(lambda: 1 / 0))
    app = Application(dealership.config)
    try:
        assert [(failure.addon, failure.values["hook"]) for failure in app.host.failures] == [("sales", hook)]
        admin = Visitor(app, "admin")
        assert [admin.get(path).status_code for path in ("/documents", "/personal", "/sales")] == [200, 200, 404]
    finally:
        app.close()


@pytest.mark.addons("contacts")
def test_time_and_failures_are_shown(app: Application, visit: Visit) -> None:
    """SEC-60: a slow one is named; one that failed too often is left alone for a while."""

    def fail() -> None:
        raise RuntimeError

    admin = visit("admin")
    for _ in range(5):
        app.host.hooks.run_guarded(None, "contacts", "search_sources", fail)
    page = admin.get("/admin/addons").text
    assert "search_sources" in page
    assert "приостановлено на десять минут" in page
    app.host.hooks.statistics["contacts", "search_sources"].seconds = 60.0
    assert "медленно" in admin.get("/admin/addons").text


@pytest.mark.addons("contacts")
def test_administrators_are_told_once_that_an_addon_is_paused(
    app: Application, visit: Visit, dealership: Dealership
) -> None:
    """SEC-59: nobody would look at the page of addons by himself."""

    def fail() -> None:
        raise RuntimeError

    admin, reception = visit("admin"), visit("lebedeva")
    for _ in range(2):
        for _ in range(PAUSE_AFTER):
            app.host.hooks.run_guarded(None, "contacts", "card_panels", fail)
        app.host.hooks._recent_failures.clear()  # ten minutes later
        assert reception.get("/profile").status_code == 200
    with dealership.session() as session:
        notices = session.scalars(select(Notification).where(Notification.kind == PAUSED)).all()
    assert [each.user_id for each in notices] == [dealership.people["admin"]]
    page = admin.get("/notifications").text
    assert "Дополнение приостановлено" in page
    answer = admin.post(f"/notifications/{notices[0].id}/open")
    assert answer.location.startswith("/admin/addons")
    assert admin.get(answer.location).status_code == 200


@pytest.mark.addons("contacts")
def test_why_an_addon_is_paused_and_how_that_ends_is_told(
    app: Application, visit: Visit, dealership: Dealership
) -> None:
    """On its page, in the notice, and by the check; the latest failure counts, also for a notice not looked at yet."""

    def fail(why: str) -> None:
        raise ValueError(f"{why}\nKey (name)=(Ivanov) already exists")

    admin = visit("admin")
    for why in ("no price", "no stock"):
        for _ in range(PAUSE_AFTER):
            app.host.hooks.run_guarded(None, "contacts", "card_panels", partial(fail, why))
        page = admin.get("/admin/addons").text
        assert f"card_panels: ValueError: {why}. Все сбои — в журнале сервера." in page
        assert "«forecourt upgrade» возвращает его сразу" in page
        with dealership.session() as session:
            (notice,) = session.scalars(select(Notification).where(Notification.kind == PAUSED)).all()
        assert notice.body_values == {"what": "card_panels", "error": f"ValueError: {why}"}
        told = [problem for problem in checks.check(dealership.config) if "left alone" in problem]
        assert len(told) == 1
        assert told[0].startswith("contacts: left alone for ten minutes since ")
        assert f"lastly in card_panels: ValueError: {why}: put it right and run «forecourt upgrade»" in told[0]
        app.host.hooks._recent_failures.clear()  # ten minutes later


def test_the_list_alone_while_it_settles(visit: Visit) -> None:
    piece = visit("admin").get("/admin/addons", headers={"HX-Request": "true"})
    assert piece.status_code == 200
    assert "<html" not in piece.text
    assert 'id="addon-list"' in piece.text


def test_the_other_process_tells_what_is_wrong(tmp_path: Path, dealership: Dealership) -> None:
    """A refusal of the host comes back as a sentence, a fault with its details; a password travels by the pipe only."""
    config = dealership.config
    outcome = switch(config, ENABLE, "no_such_addon")
    assert not outcome.done
    assert "no_such_addon" in outcome.reason
    assert "Traceback" in outcome.details
    assert not switch(config, DISABLE, "no_such_addon").done
    unreachable = Config(instance=tmp_path, database="postgresql://nobody@127.0.0.1:1/nothing")
    assert not switch(unreachable, ENABLE, "contacts").done
