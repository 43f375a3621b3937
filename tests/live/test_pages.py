"""The browser's side: one stream for all tabs, elements that move by themselves, notifications that stay."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from core.access.policy import NOBODY
from core.db.engine import Database
from core.live.events import publish
from tests.live.running import RunningServer, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

USER = 1
COUNT_TONES = """window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };"""


@pytest.fixture
def alone(database: Database, database_url: str, tmp_path: Path) -> Iterator[RunningServer]:
    """A server with one worker, which can thus say how many streams there are."""
    (tmp_path / "piece").write_text("new")
    running = RunningServer(database_url, tmp_path, workers=1)
    yield running
    running.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(20_000)
    yield context
    context.close()


def say(database: Database, topic: str, **ids: Any) -> None:
    with database.writing(NOBODY) as session:
        publish(session, topic, users=[USER], **ids)


def tab(context: BrowserContext, server: RunningServer) -> Page:
    """A new tab whose browser has an open stream, and knew a position when the page was opened."""
    page = first_tab(context, server)
    page.reload()
    until(lambda: server.get()[2] == "1", "no stream was opened")
    page.wait_for_selector("#piece:text-is('old')")
    return page


def first_tab(context: BrowserContext, server: RunningServer) -> Page:
    """A tab of a browser that has not been here before."""
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.port}/page")
    until(lambda: server.get()[2] == "1", "no stream was opened")
    # A position is known once the stream has been taken in.
    page.wait_for_function("Object.keys(localStorage).some((key) => key.startsWith('fc-live'))")
    return page


def test_the_first_page_of_a_browser_fetches_what_may_have_changed_before_its_stream(
    context: BrowserContext, alone: RunningServer
) -> None:
    """What happens between the page and its first stream is told by no event."""
    page = first_tab(context, alone)
    page.wait_for_selector("#piece:text-is('new')")
    page.wait_for_selector("#other:text-is('new')")


def test_what_a_page_fetches_because_of_an_event_is_said_to_be_its_own_doing(
    context: BrowserContext, alone: RunningServer, database: Database
) -> None:
    """SEC-19: it keeps no idle sign-in alive."""
    page = tab(context, alone)
    with (
        page.expect_request("**/piece") as piece,
        page.expect_request("**/notifications") as listed,
        page.expect_request("**/notifications/3/popup") as popup,
    ):
        alone.write("notes", "3")
        say(database, "piece.changed", piece=5)
        say(database, "notification.created", notification=3)
    assert [each.value.headers.get("x-by-itself") for each in (piece, listed, popup)] == ["1", "1", "1"]


def test_many_tabs_share_one_stream(context: BrowserContext, alone: RunningServer, database: Database) -> None:
    tabs = [tab(context, alone) for _ in range(8)]
    say(database, "piece.changed", piece=5)
    for page in tabs:
        page.bring_to_front()  # a tab nobody looks at fetches nothing
        page.wait_for_selector("#piece:text-is('new')")
        assert page.text_content("#other") == "untouched"
    assert alone.get()[2] == "1"


def test_a_page_misses_nothing_while_the_workers_are_replaced(
    context: BrowserContext, alone: RunningServer, database: Database
) -> None:
    page = tab(context, alone)
    alone.write("page", "second")
    alone.write("generation", "1")
    until(lambda: alone.page() == "second", "the new worker does not take over")
    say(database, "piece.changed", piece=5)
    page.wait_for_selector("#piece:text-is('new')")
    assert page.is_hidden("#offline")


def test_a_notification_stays_in_every_tab_until_it_is_answered(
    context: BrowserContext, alone: RunningServer, database: Database
) -> None:
    one, two = tab(context, alone), tab(context, alone)
    alone.write("notes", "3 4")
    for note in (3, 4):
        say(database, "notification.created", notification=note)
    for page in (one, two):
        page.bring_to_front()
        page.wait_for_selector("[data-note='3']")
        page.wait_for_selector("[data-note='4']")
        page.wait_for_selector("#bell-count:text-is('2')")
        page.wait_for_function("document.title.startsWith('(2) Call')")
    one.bring_to_front()
    one.reload()
    one.wait_for_selector("[data-note='4']")
    alone.write("notes", "3")
    one.click("[data-note='4'] [data-answer=later]")
    two.wait_for_selector("[data-note='4']", state="detached")
    until((alone.folder / "later").exists, "the answer was not sent")
    alone.write("notes", "")
    say(database, "notification.closed", notification=3)
    for page in (one, two):
        page.bring_to_front()
        page.wait_for_selector("[data-note]", state="detached")
        page.wait_for_function("document.title === 'Page'")
        page.wait_for_selector("#bell-count", state="hidden")


def test_a_hidden_notification_does_not_come_back(
    context: BrowserContext, alone: RunningServer, database: Database
) -> None:
    page = tab(context, alone)
    alone.write("notes", "3")
    say(database, "notification.created", notification=3)
    page.click("[data-note='3'] [data-answer=hide]")
    page.reload()
    page.wait_for_selector("#bell-count:text-is('1')")
    assert page.query_selector("[data-note]") is None


def test_f4_opens_the_newest(context: BrowserContext, alone: RunningServer, database: Database) -> None:
    page = tab(context, alone)
    alone.write("notes", "3 4")
    for note in (4, 3):  # two that came at nearly the same time may arrive in either order
        say(database, "notification.created", notification=note)
        page.wait_for_selector(f"[data-note='{note}']")
    page.evaluate("document.dispatchEvent(new CustomEvent('forecourt:answer', { cancelable: true }))")
    page.wait_for_selector("text=open 4")


def test_a_notification_does_not_pop_up_on_the_page_it_is_about(
    context: BrowserContext, alone: RunningServer, database: Database
) -> None:
    """It still counts and still sounds: only the place it would cover is the place it leads to."""
    page = tab(context, alone)
    alone.write("notes", "3 4")
    page.goto(f"http://127.0.0.1:{alone.port}/page/3")
    page.wait_for_selector("[data-note='4']")
    page.wait_for_selector("[data-note='3']", state="hidden")
    page.wait_for_function("document.title.startsWith('(2) Call')")
    alone.write("notes", "3")
    say(database, "notification.closed", notification=4)
    page.wait_for_selector("[data-note='4']", state="detached")
    page.goto(f"http://127.0.0.1:{alone.port}/page/34")
    page.wait_for_selector("[data-note='3']")


def test_the_newest_push_the_oldest_out(context: BrowserContext, alone: RunningServer, database: Database) -> None:
    page = tab(context, alone)
    alone.write("notes", "3 4 5 6")
    for note in (3, 4, 5, 6):
        say(database, "notification.created", notification=note)
        page.wait_for_selector(f"[data-note='{note}']")
    page.wait_for_selector("[data-note='3']", state="detached")
    page.wait_for_selector("#bell-count:text-is('4')")


def test_one_that_has_no_room_is_heard_and_comes_up_when_there_is(
    context: BrowserContext, alone: RunningServer, database: Database
) -> None:
    """Snoozed ones come back older than those on the screen."""
    context.add_init_script(COUNT_TONES)
    page = tab(context, alone)
    page.click("#sound-on")
    page.wait_for_function("window.tones === 2")  # the test sound
    alone.write("notes", "6 5 4")
    for note in (4, 5, 6):
        say(database, "notification.created", notification=note)
    page.wait_for_function("document.querySelectorAll('[data-note]').length === 3 && window.tones === 8")
    alone.write("notes", "6 5 4 3")
    say(database, "notification.created", notification=3)
    page.wait_for_function("window.tones === 10")
    assert page.query_selector("[data-note='3']") is None
    page.click("[data-note='6'] [data-answer=hide]")
    page.wait_for_selector("[data-note='3']")


def test_one_tab_alone_makes_the_sounds(context: BrowserContext, alone: RunningServer, database: Database) -> None:
    context.add_init_script(COUNT_TONES)
    tabs = [tab(context, alone) for _ in range(3)]
    tabs[1].click("#sound-on")
    tabs[1].wait_for_function("window.tones === 2")  # the test sound
    for page in tabs:
        page.bring_to_front()
        page.click("body")  # a gesture in every tab
    alone.write("notes", "3")
    say(database, "notification.created", notification=3)
    for page in tabs:
        page.bring_to_front()
        page.wait_for_selector("[data-note='3']")
    until(lambda: sum(page.evaluate("window.tones") for page in tabs) == 4, "no sound was made")


def test_the_sound_can_be_tried(context: BrowserContext, alone: RunningServer) -> None:
    """The button of the profile: one press is the gesture the browser wants, and the sound comes with it."""
    context.add_init_script(COUNT_TONES)
    page = tab(context, alone)
    page.click("[data-sound-test]")
    page.wait_for_function("window.tones === 2")
    page.click("[data-sound-test]")
    page.wait_for_function("window.tones === 4")
