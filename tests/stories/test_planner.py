"""The planner in browsers: a card of the queue gets its time by Enter, a taken place is refused, everybody sees it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from addons.service.models import Booking
from tests.service.conftest import bays, book, clock_change, tomorrow
from tests.service.test_roster import round_the_clock
from tests.stories.conftest import Person
from tests.support.dealership import Dealership, Server
from tests.ui.looking import prepare, settle, violations, wider

pytestmark = pytest.mark.addons("contacts", "service")
HELSINKI = ZoneInfo("Europe/Helsinki")
HALF_A_LANE = 30
PHONE, TABLET, DESKTOP = (390, 844), (1024, 768), (1440, 900)


def first_bays(dealership: Dealership) -> list[int]:
    with dealership.session() as session:
        round_the_clock(session)
        return bays(session)


def planner_of(page: Page, server: Server, more: str = "") -> Page:
    page.goto(f"{server.address}/service?day={tomorrow().date().isoformat()}{more}")
    expect(page.locator("#calendar .bay").first).to_be_visible()
    return page


def stay(page: Page, number: int) -> Locator:
    return page.locator(f'#calendar [data-event="{number}"]')


def time_of(dealership: Dealership, number: int) -> tuple[datetime | None, int | None]:
    with dealership.session() as session:
        found = session.execute(select(Booking.starts_at, Booking.bay_id).where(Booking.id == number)).one()
        return found.starts_at, found.bay_id


def test_a_card_of_the_queue_gets_its_time_by_enter_and_everybody_sees_it(
    person: Person, server: Server, dealership: Dealership
) -> None:
    [bay, *_] = first_bays(dealership)
    number = book(dealership, customer_text="Новикова Елена", minutes=150)
    adviser, head = planner_of(person("volkov"), server), planner_of(person("admin"), server)
    expect(head.locator(f'[data-queued="{number}"]')).to_be_visible()
    adviser.locator(f'[data-queued="{number}"]').focus()
    adviser.keyboard.press("Enter")
    expect(adviser.locator("[data-window]")).to_have_count(3)
    expect(adviser.locator("[data-window]").first).to_be_focused()
    expect(stay(adviser, 0).or_(adviser.locator("#calendar .ev.ghost"))).to_be_visible()
    adviser.keyboard.press("Enter")
    expect(stay(adviser, number)).to_contain_text("Новикова Елена")
    expect(adviser.locator(f'[data-queued="{number}"]')).to_have_count(0)
    expect(stay(head, number)).to_contain_text("Новикова Елена")
    assert time_of(dealership, number)[1] == bay


def test_a_car_dragged_to_a_taken_place_goes_back_and_three_windows_are_proposed(
    person: Person, server: Server, dealership: Dealership
) -> None:
    [bay, other, *_] = first_bays(dealership)
    taken = book(dealership, starts_at=tomorrow(9), minutes=180, bay_id=bay, adviser_id=None)
    number = book(dealership, starts_at=tomorrow(9), minutes=180, bay_id=other, adviser_id=None)
    page = planner_of(person("admin"), server)
    stay(page, number).scroll_into_view_if_needed()
    drag(page, stay(page, number), stay(page, taken))
    expect(page.locator("#windows [role=alert]")).to_contain_text("Это время занято")
    expect(page.locator("[data-window]")).to_have_count(3)
    assert time_of(dealership, number) == (tomorrow(9), other)
    expect(lane_of(page, number)).to_have_attribute("data-lane", str(other))
    assert abs(middle(stay(page, number)) - middle(label(page, other))) < HALF_A_LANE
    page.locator("[data-window]").nth(1).click()
    page.wait_for_url("**/service?day=*")
    assert time_of(dealership, number) != (tomorrow(9), other)


def lane_of(page: Page, number: int) -> Locator:
    """The row of the table twin in which a car stands."""
    return page.locator(f'#plan tbody:has(tr[data-id="{number}"])')


def label(page: Page, bay: int) -> Locator:
    """The name of a lane in the calendar."""
    title = page.locator(f'#plan tbody[data-lane="{bay}"] .strong').first.text_content() or ""
    return page.locator("#calendar .bay", has_text=title).first


def middle(what: Locator) -> float:
    """How far down something is."""
    box = what.bounding_box()
    assert box is not None
    return box["y"] + box["height"] / 2


def test_a_car_is_dragged_to_another_hour_and_bay(person: Person, server: Server, dealership: Dealership) -> None:
    [bay, other, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), minutes=120, bay_id=bay, adviser_id=None)
    page = planner_of(person("volkov"), server)
    stay(page, number).scroll_into_view_if_needed()
    box = stay(page, number).bounding_box()
    assert box is not None
    hour = box["width"] / 2
    drag(page, stay(page, number), label(page, other), right=2 * hour)
    expect(lane_of(page, number)).to_have_attribute("data-lane", str(other))
    assert time_of(dealership, number) == (tomorrow(11), other)


def test_a_stay_is_made_longer_by_its_end_and_put_back_when_the_bay_is_taken_then(
    person: Person, server: Server, dealership: Dealership
) -> None:
    [bay, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), minutes=120, bay_id=bay, adviser_id=None)
    book(dealership, starts_at=tomorrow(13), minutes=120, bay_id=bay, adviser_id=None)
    page = planner_of(person("volkov"), server)
    stay(page, number).scroll_into_view_if_needed()
    before = stay(page, number).bounding_box()
    assert before is not None
    hour = before["width"] / 2
    pull(page, number, hour)
    expect(stay(page, number)).to_contain_text("12:00–15:00")
    assert minutes_of(dealership, number) == 180
    pull(page, number, 2 * hour)
    expect(page.locator("#windows [role=alert]")).to_contain_text("Это время занято")
    expect(stay(page, number)).to_contain_text("12:00–15:00")
    after = stay(page, number).bounding_box()
    assert after is not None
    assert round(after["width"] / hour) == 3
    assert minutes_of(dealership, number) == 180


def pull(page: Page, number: int, right: float) -> None:
    """Drag the end of a stay."""
    stay(page, number).hover()
    box = stay(page, number).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y, steps=8)
    page.mouse.up()


def minutes_of(dealership: Dealership, number: int) -> int:
    with dealership.session() as session:
        return session.get_one(Booking, number).minutes


@pytest.mark.parametrize("forward", [True, False], ids=["forward", "back"])
def test_in_a_night_in_which_clocks_change_cars_stand_at_what_the_clock_shows(
    person: Person, server: Server, dealership: Dealership, *, forward: bool
) -> None:
    """In Helsinki, looked at from Moscow: a quarter to the right is a quarter on the clock."""
    night = clock_change(HELSINKI, forward=forward)
    with dealership.session() as session:
        round_the_clock(session, "Europe/Helsinki")
        bay = bays(session)[0]
    begins = datetime.combine(night, time(9), tzinfo=HELSINKI).astimezone(UTC)
    number = book(dealership, starts_at=begins, bay_id=bay, adviser_id=None)
    page = person("volkov")
    page.goto(f"{server.address}/service?day={night}")
    stay(page, number).focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(stay(page, number)).to_contain_text("09:15–10:15")
    assert time_of(dealership, number) == (begins + timedelta(minutes=15), bay)
    hour = page.locator("#calendar time", has_text="09:00").first.bounding_box()
    stands = stay(page, number).bounding_box()
    assert hour is not None
    assert stands is not None
    assert hour["x"] <= stands["x"] < hour["x"] + stands["width"]


def drag(page: Page, what: Locator, whither: Locator, right: float = 0) -> None:
    """By the mouse, from the middle of the one down to the middle of the other, and so many pixels to the right."""
    begin, end = what.bounding_box(), whither.bounding_box()
    assert begin is not None
    assert end is not None
    x = begin["x"] + begin["width"] / 2
    page.mouse.move(x, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(x + right, end["y"] + end["height"] / 2, steps=8)
    page.mouse.up()


def test_a_car_is_moved_by_the_keyboard_alone(person: Person, server: Server, dealership: Dealership) -> None:
    [bay, other, *_] = first_bays(dealership)
    number = book(dealership, starts_at=tomorrow(9), bay_id=bay)
    page = planner_of(person("volkov"), server)
    stay(page, number).focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(stay(page, number)).to_contain_text("12:15")
    stay(page, number).focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator(f'tbody[data-lane="{other}"] tr[data-id="{number}"]')).to_have_count(1)
    assert time_of(dealership, number) == (tomorrow(9, 15), other)
    stay(page, number).focus()
    page.keyboard.press("m")
    expect(page.locator("[data-window]").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-window]")).to_have_count(0)


def test_nothing_is_wrong_with_how_it_looks(person: Person, server: Server, dealership: Dealership, axe: str) -> None:
    """In every view and size, in both themes: axe finds nothing and nothing scrolls sideways."""
    [bay, other, *_] = first_bays(dealership)
    for place, hour in ((bay, 9), (bay, 12), (other, 10)):
        book(dealership, starts_at=tomorrow(hour), minutes=120, bay_id=place, adviser_id=None)
    book(dealership, customer_text="Орлова Татьяна")
    page = person("volkov")
    prepare(page, axe)
    problems = []
    for more in ("", "&view=masters", "&view=week", "&as=table"):
        for width, height in (DESKTOP, TABLET, PHONE):
            page.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
                page.goto(f"{server.address}/service?day={tomorrow().date().isoformat()}{more}")
                settle(page)
                problems += [f"{more} {width} {theme}: {each}" for each in (*violations(page), *wider(page))]
    assert problems == []
