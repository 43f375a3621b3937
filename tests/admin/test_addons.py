"""The page of the addons: states, reasons, figures, and the switches (SEC-58…61, SEC-63)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import Config
from core.db.audit import AuditEntry, AuditValue
from core.host import instance
from core.host.plugins import PAUSE_AFTER, hookimpl
from core.host.switching import DISABLE, ENABLE, switch
from core.web.app import Application
from core.web.pauses import PAUSED
from core.work.models import Notification
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
    assert "Нужно для: Продажи" in page
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
def test_what_others_need_stays(visit: Visit, dealership: Dealership) -> None:
    """The refusal names who needs it, and the try is in the trail."""
    admin = visit("admin")
    refused = admin.post("/admin/addons/contacts/disable")
    assert refused.status_code == 409
    assert "sales" in refused.text
    assert "contacts" in wanted_by_database(dealership)
    assert [note[0] for note in notes(dealership)] == ["addon_disable", "addon_refused"]


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
        assert [(failure.addon, failure.reason.split(":")[0]) for failure in app.host.failures] == [("sales", hook)]
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
