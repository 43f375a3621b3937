"""Safe mode: core and the addons hardly anything can be done without, to find out which other one is at fault."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from core import preparing
from core.config import load_config
from core.host import instance
from core.host.models import AddonState
from core.web.app import Application
from tests.host.private import Private, page
from tests.support.visitors import Visitor

BASIC = "base = true\n"


@pytest.fixture
def private(private: Private) -> Private:
    """With an addon that calls itself basic, which is a stranger's word."""
    private.write("stranger", needs=BASIC, hooks=page("stranger"))
    private.enable(["stranger"])
    return private


def test_only_the_basic_addons_run(private: Private, addon_set: tuple[str, ...]) -> None:
    config = msgspec.structs.replace(private.config, safe_mode=True)
    app = Application(config)
    try:
        assert set(app.host.running) == {"contacts"} & set(addon_set)
        assert app.host.left_out == {*addon_set, "stranger"} - {"contacts"}
        assert app.host.failures == []
        admin = Visitor(app, "admin")
        assert admin.get("/stranger").status_code == 404
        text = admin.get("/admin/addons").text
        assert "Это безопасный режим" in text
        assert "пропущено: безопасный режим" in text
        assert "load delay" not in text
        assert admin.post("/admin/addons/stranger/disable").status_code == 303
    finally:
        app.close()
    assert "stranger" not in instance.enabled(config)


def test_the_others_are_not_even_upgraded(private: Private) -> None:
    """What is at fault may be a migration."""
    private.revision("stranger", 1, "1 / 0")
    config = msgspec.structs.replace(private.config, safe_mode=True)
    assert preparing.has_present_schema(config)
    preparing.require_present_schema(config)
    assert instance.upgrade(config).failures == []
    with instance.engine_of(config) as engine, engine.connect() as connection:
        assert connection.scalar(select(AddonState.problem).where(AddonState.name == "stranger")) == ""
    assert not preparing.has_present_schema(private.config)


def test_the_setting_says_it_too(private: Private) -> None:
    """For «forecourt worker», which has no option of its own."""
    (private.config.instance / "forecourt.toml").write_text("safe_mode = true\n")
    assert load_config(private.config.instance, {}).safe_mode
