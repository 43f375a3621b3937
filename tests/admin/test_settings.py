"""The settings of core and of the addons on one page: typed, per branch, reset, audited (SEC-63)."""

from __future__ import annotations

from datetime import time

import pytest
from sqlalchemy import select

from core.access.models import Branch
from core.db.audit import AuditEntry
from core.errors import Invalid
from core.host import registry
from core.host.plugins import hookimpl
from core.web.app import Application
from core.web.setting_fields import DeclaredSetting, gather
from core.work import settings
from core.work.settings import Setting
from tests.support.dealership import Dealership
from tests.support.visitors import Visit

PAUSE = Setting("core.test_pause", int, 5, title="Pause", minimum=1, maximum=60, per_branch=True)
LOUD = Setting("core.test_loud", bool, True, title="Loud")
WORDS = Setting("core.test_words", list[str], ["a"], title="Words", maximum=3)
BEGINS = Setting("core.test_begins", time, time(9), title="Begins")
LOOK = Setting("core.test_look", str, "plain", title="Look", choices=("plain", "bold"))
ALL = (PAUSE, LOUD, WORDS, BEGINS, LOOK)


@pytest.fixture
def declared(app: Application) -> None:
    """Settings of every kind beside the real ones."""
    app.settings = [*app.settings, *(DeclaredSetting("core", each) for each in ALL)]


def sent(**values: str) -> dict[str, str]:
    names = {name.replace("__", "."): value for name, value in values.items()}
    return {**names, **{f"shown.{name}": "1" for name in names}}


def stored(dealership: Dealership, setting: Setting[object], branch_id: int | None = None) -> object:
    with dealership.session() as session:
        return settings.read(session, setting, branch_id)


def test_every_kind_is_read_and_kept(visit: Visit, dealership: Dealership, declared: None) -> None:
    fields = sent(
        core__test_pause="7",
        core__test_loud="",
        core__test_words="раз\r\nдва\r\n",
        core__test_begins="10:30",
        core__test_look="bold",
    )
    admin = visit("admin")
    assert admin.post("/admin/settings", fields).status_code == 303
    found = [stored(dealership, each) for each in ALL]
    assert found == [7, False, ["раз", "два"], time(10, 30), "bold"]
    page = admin.get("/admin/settings").text
    assert 'value="7"' in page
    assert "раз\nдва</textarea>" in page
    with dealership.session() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "core_setting")).all()
        assert {entry.user_id for entry in entries} == {dealership.people["admin"]}
        assert len(entries) == len(ALL)


def test_an_older_page_overwrites_nothing(visit: Visit, dealership: Dealership, declared: None) -> None:
    """SEC-49: two administrators at once; what one of them left alone stays as the other has set it."""
    admin = visit("admin")
    page = {"was.core.test_pause": "5", "was.core.test_look": "plain", "was.core.test_words": "a"}
    left = {"core.test_pause": "5", "core.test_look": "plain", "core.test_words": "a"}
    fields = {**page, **{f"shown.{name}": "1" for name in left}, **left}
    assert admin.post("/admin/settings", fields | {"core.test_pause": "7"}).status_code == 303
    assert admin.post("/admin/settings", fields | {"core.test_look": "bold"}).status_code == 303
    assert (stored(dealership, PAUSE), stored(dealership, LOOK)) == (7, "bold")

    refused = admin.post("/admin/settings", fields | {"core.test_pause": "9", "core.test_words": "b"})
    assert refused.status_code == 409
    assert 'id="set-core-test_pause-error"' in refused.text
    assert 'name="was.core.test_pause" value="7"' in refused.text
    assert 'name="core.test_pause" value="9"' in refused.text
    assert '<option value="bold" selected>' in refused.text
    assert stored(dealership, WORDS) == ["a"]


def test_one_mistake_and_nothing_is_saved(visit: Visit, dealership: Dealership, declared: None) -> None:
    """SEC-30: messages at their fields, and what was typed is still there."""
    fields = sent(core__test_pause="61", core__test_look="bold", core__test_words="1\n2\n3\n4")
    refused = visit("admin").post("/admin/settings", fields)
    assert refused.status_code == 422
    assert 'id="set-core-test_pause-error"' in refused.text
    assert 'id="set-core-test_words-error"' in refused.text
    assert 'value="61"' in refused.text
    assert stored(dealership, LOOK) == "plain"
    for wrong in ("", "five", "1e9", "\x00"):
        assert visit("admin").post("/admin/settings", sent(core__test_pause=wrong)).status_code == 422


def test_a_branch_decides_for_itself(visit: Visit, dealership: Dealership, declared: None) -> None:
    with dealership.session() as session:
        branch = Branch(title_ru="Юг", title_en="South")
        session.add(branch)
        session.flush()
        number = branch.id
    admin = visit("admin")
    page = admin.get(f"/admin/settings?branch={number}").text
    assert "core.test_pause" in page
    assert "core.test_loud" not in page
    fields = sent(core__test_pause="9", core__test_loud="")
    assert admin.post("/admin/settings", {**fields, "branch": str(number)}).status_code == 303
    assert (stored(dealership, PAUSE), stored(dealership, PAUSE, number), stored(dealership, LOUD)) == (5, 9, True)
    admin.post("/admin/settings/reset", {"name": "core.test_pause", "branch": str(number)})
    assert stored(dealership, PAUSE, number) == 5
    assert admin.get("/admin/settings?branch=999999999").status_code == 404
    assert admin.get("/admin/settings?branch=x").status_code == 404


def test_back_to_the_default(visit: Visit, dealership: Dealership, declared: None) -> None:
    admin = visit("admin")
    admin.post("/admin/settings", sent(core__test_pause="7"))
    assert "задано здесь" in admin.get("/admin/settings").text
    assert admin.post("/admin/settings/reset", {"name": "core.test_pause"}).status_code == 303
    assert stored(dealership, PAUSE) == 5
    assert admin.post("/admin/settings/reset", {"name": "core.nothing"}).status_code == 400


def test_unknown_names_are_left_out(visit: Visit, dealership: Dealership) -> None:
    """SEC-7."""
    assert visit("admin").post("/admin/settings", sent(core__invented="1")).status_code == 303
    with dealership.session() as session:
        assert session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "core_setting")).all() == []


def test_only_administrators_come_here(visit: Visit) -> None:
    """SEC-1."""
    staff = visit("lebedeva")
    assert staff.get("/admin/settings").status_code == 403
    assert staff.post("/admin/settings", sent(core__personal_operator="Я")).status_code == 403


@pytest.mark.addons("contacts")
def test_an_addons_own_setting(visit: Visit, dealership: Dealership, app: Application) -> None:
    """Contacts' retention terms are decided here, and its code reads them."""
    from addons.contacts.services.personal import LEADS_DAYS

    admin = visit("admin")
    page = admin.get("/admin/settings").text
    assert "Контакты" in page
    assert LEADS_DAYS.name in page
    admin.post("/admin/settings", sent(**{LEADS_DAYS.name.replace(".", "__"): "400"}))
    assert stored(dealership, LEADS_DAYS) == 400
    assert any(each.addon == "contacts" for each in app.settings)


def test_a_wrongly_declared_setting_fails_its_addon() -> None:
    host = registry.start([], registry.discover())
    host.running["contacts"] = host.discovery.found["contacts"]

    class Wrong:
        @staticmethod
        @hookimpl
        def settings() -> list[Setting[int]]:
            return [Setting("elsewhere.limit", int, 1)]

    host.hooks.register("contacts", Wrong)  # type: ignore[arg-type]
    assert [each.addon for each in gather((), host)] == []
    assert [failure.addon for failure in host.failures] == ["contacts"]


def test_a_control_for_each_type() -> None:
    controls = [DeclaredSetting("core", each).control for each in ALL]
    assert controls == ["number", "flag", "lines", "time", "choice"]
    with pytest.raises(Invalid):
        DeclaredSetting("core", PAUSE).read("\ud800")
