"""The tutorial, followed literally in an empty folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit.tutorial import Reader, blocks, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FIRST = "Hello"
OWN_LINES = 25


def test_hello_takes_few_lines() -> None:
    own = [block for block in blocks() if block.chapter == FIRST and block.file]

    assert {block.file for block in own} >= {"hello/models.py", "hello/hooks.py", "tests/test_hello.py"}
    assert sum(block.lines for block in own) <= OWN_LINES


@pytest.mark.slow
def test_the_tutorial_works_as_it_stands(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for block in blocks():
        reader.follow(block)

    assert "Nothing is wrong." in reader.said
    assert (tmp_path / "hello" / "migrations" / "0003_postcards.py").is_file()


@pytest.mark.slow
def test_greetings_are_written_and_seen_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    """As the first chapter ends: the demonstration with the addon, a name pressed, the menu."""
    reader = Reader(tmp_path)
    first = [block for block in blocks() if block.chapter == FIRST]
    for block in first:
        reader.follow(block)
    (shown,) = (block.text for block in first if block.language == "console")
    with served(reader, shown.partition("#")[0].strip()) as server:
        context = browser.new_context(base_url=server.address, locale="en-GB")
        page = context.new_page()
        page.goto("/")
        page.locator("button[name=demo][value=lebedeva]").click()
        page.get_by_role("link", name="Greetings").first.click()
        page.goto("/greetings/new")
        page.locator("[name=text]").fill("Hello, world")
        page.locator("[name=text]").press("Control+Enter")
        page.wait_for_url("**/greetings/1")
        page.goto("/greetings")
        page.get_by_role("link", name="Hello, world").wait_for()
        context.close()
