"""What a person arranges for himself: the columns of a list, his recovery codes."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import expect

from tests.stories.conftest import Person
from tests.support.dealership import PASSWORD, Server

pytestmark = pytest.mark.addons("contacts")


def test_columns_are_put_in_order_over_the_list(person: Person, server: Server) -> None:
    """By buttons, which keep the focus, and by dragging; what is sent is the order the rows stand in."""
    manager = person("petukhov")
    manager.goto(f"{server.address}/clients?q=")
    heads = manager.locator("thead th")
    manager.get_by_role("link", name="Столбцы").click()
    dialog = manager.get_by_role("dialog", name="Столбцы")
    rows = dialog.get_by_role("listitem")
    expect(rows.first).to_be_visible()
    expect(dialog.get_by_role("spinbutton")).to_have_count(0)
    names = [text.strip() for text in rows.locator("label").all_inner_texts()]
    up = dialog.get_by_role("button", name=f"«{names[2]}» выше")
    up.click()
    expect(up).to_be_focused()
    up.press("Enter")
    expect(rows.first.locator("label")).to_have_text(names[2])
    rows.nth(2).drag_to(rows.nth(1), target_position={"x": 40, "y": 2})
    expect(rows.nth(1).locator("label")).to_have_text(names[1])
    rows.nth(2).get_by_role("checkbox").uncheck()
    dialog.get_by_role("button", name=re.compile("^Сохранить")).click()
    expect(dialog).to_be_hidden()
    expect(heads.filter(has_text=re.compile(f"^\\s*{names[0]}\\s*$"))).to_have_count(0)
    shown = [text.strip() for text in heads.all_inner_texts() if text.strip()]
    assert [name for name in shown if name in names[:3]] == [names[2], names[1]]


def test_recovery_codes_are_copied(person: Person, server: Server) -> None:
    manager = person("petukhov")
    manager.context.grant_permissions(["clipboard-read", "clipboard-write"])
    manager.goto(f"{server.address}/profile/security")
    manager.locator("#begin-current_password").fill(PASSWORD)
    manager.locator("#begin-current_password").press("Enter")
    manager.locator("#code").fill(pyotp.TOTP(manager.locator("[name=secret]").input_value()).now())
    manager.locator("#code").press("Enter")
    expect(manager.locator(".own-codes code").first).to_be_visible()
    codes = manager.locator(".own-codes code").all_inner_texts()
    manager.get_by_role("button", name="Скопировать").click()
    expect(manager.get_by_role("button", name="Скопировано")).to_be_visible()
    assert manager.evaluate("navigator.clipboard.readText()").split("\n") == codes
