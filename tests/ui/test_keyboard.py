"""The keyboard map, pressed in a browser: by place of the key, so in both layouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ui.pages import fragment, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PRESS = """({ times, ...pressed }) => {
  for (let time = 0; time < times; time += 1) (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...pressed }));
}"""


def press(page: Page, code: str, key: str, times: int = 1, **mods: bool) -> None:
    """A key as a layout sends it: its place and its letter.

    :param times: how often, without a wait between them: whoever presses twice means one thing by it.
    """
    page.evaluate(PRESS, {"code": code, "key": key, "times": times, **mods})


def focused(page: Page) -> str:
    """The name or id of what has the focus."""
    return str(page.evaluate("document.activeElement.name || document.activeElement.id"))


@pytest.mark.parametrize(("code", "key"), [("KeyK", "k"), ("KeyK", "л")], ids=["English", "Russian"])
def test_ctrl_k_opens_the_palette_in_both_layouts(browser: Browser, code: str, key: str) -> None:
    with opened(browser, "journal.html") as page:
        press(page, code, key, ctrlKey=True)
        assert page.locator("#palette").is_visible()


def test_the_map_of_this_screen_is_read_off_its_buttons(browser: Browser) -> None:
    with opened(browser, "reception.html") as page:
        press(page, "Slash", "?", shiftKey=True)
        shown = page.locator("#keys [data-screen-keys]").inner_text()
    assert "Перевести на Петухова" in shown
    assert "Ctrl Enter" in shown
    assert [f"Alt {number}" in shown for number in range(1, 6)] == [True] * 5


def test_the_map_opens_where_its_button_has_no_room(browser: Browser) -> None:
    with opened(browser, "reception.html", size=(390, 844)) as page:
        press(page, "Slash", "?", shiftKey=True)
        assert page.locator("#keys").is_visible()


@pytest.mark.parametrize(
    ("key", "target"), [("Alt+Digit1", "channel"), ("Alt+Digit3", "customer_text"), ("Alt+Digit5", "staff")]
)
def test_alt_and_a_digit_goes_to_the_block(browser: Browser, key: str, target: str) -> None:
    with opened(browser, "reception.html") as page:
        page.keyboard.press(key)
        assert focused(page) == target


def test_digits_choose_the_channel_only_inside_its_block(browser: Browser) -> None:
    chosen = "document.querySelector('[name=channel]:checked').value"
    with opened(browser, "reception.html") as page:
        page.keyboard.press("Digit3")
        assert page.evaluate(chosen) == "call"
        page.keyboard.press("Alt+Digit1")
        page.keyboard.press("Digit3")
        assert page.evaluate(chosen) == "site"


def test_digits_choose_in_any_block_of_choices(browser: Browser) -> None:
    chosen = "document.querySelector('[name=staff]:checked').value"
    with opened(browser, "reception.html") as page:
        page.keyboard.press("Digit3")
        page.keyboard.press("Alt+Digit5")
        page.keyboard.press("Digit9")
        assert page.evaluate(chosen) == "1"
        page.keyboard.press("Digit3")
        assert page.evaluate(chosen) == "3"
        page.keyboard.press("Alt+Digit1")
        page.keyboard.press("Alt+Digit5")
        page.keyboard.press("Digit2")
        assert page.evaluate(chosen) == "2"


def test_letters_typed_into_a_field_stay_text(browser: Browser) -> None:
    with opened(browser, "contact.html") as page:
        page.locator("[aria-label='Новая заметка']").focus()
        page.keyboard.type("it")
        assert page.locator("[aria-label='Новая заметка']").input_value() == "it"
        assert not page.locator(".dropdown-menu").is_visible()


def test_letters_can_be_switched_off(browser: Browser) -> None:
    """WCAG 2.1.4."""
    with opened(browser, "contact.html") as page:
        page.evaluate("document.documentElement.dataset.letterKeys = 'off'")
        press(page, "KeyI", "ш")
        assert not page.locator(".dropdown-menu").is_visible()
        page.evaluate("delete document.documentElement.dataset.letterKeys")
        press(page, "KeyI", "ш")
        assert page.locator(".dropdown-menu").is_visible()


def test_ctrl_enter_sends_once_however_often_it_is_pressed(browser: Browser) -> None:
    """S3-26."""
    sent: list[str] = []
    pressed = f"""async () => {{
      const press = {PRESS};
      press({{ code: "Enter", key: "Enter", ctrlKey: true, times: 3 }});
      await new Promise((done) => setTimeout(done));
      return document.querySelectorAll("form[aria-busy=true] button[aria-busy=true]").length;
    }}"""
    with opened(browser, "conflict.html") as page:
        page.on("request", lambda request: sent.append(request.url))
        with page.expect_response("**/orders/7"):
            assert page.evaluate(pressed) == 1
        assert [url.endswith("/orders/7") for url in sent].count(True) == 1


def test_g_and_a_letter_follows_the_rail(browser: Browser) -> None:
    with opened(browser, "contact.html") as page:
        page.evaluate("document.querySelector('[data-go=KeyT]').setAttribute('href', '#gone')")
        press(page, "KeyG", "п")
        press(page, "KeyT", "е")
        assert page.evaluate("location.hash") == "#gone"


def test_f4_is_offered_to_the_notifications(browser: Browser) -> None:
    with opened(browser, "contact.html") as page:
        page.evaluate(
            "document.addEventListener('forecourt:answer', (event) => { event.preventDefault(); window.taken = true; })"
        )
        page.keyboard.press("F4")
        assert page.evaluate("window.taken") is True


def test_f4_is_that_of_the_page_before_that_of_a_pop_up(browser: Browser) -> None:
    with opened(browser, "contact.html") as page:
        page.evaluate(
            "document.addEventListener('forecourt:answer', (event) => { event.preventDefault(); window.taken = true; });"
            "document.querySelector('main').insertAdjacentHTML('afterbegin',"
            " `<article class='toastfc'><kbd>F4</kbd></article><a href='#mine' data-key='F4'>Оформить</a>`)"
        )
        assert not page.locator(".toastfc kbd", has_text="F4").first.is_visible()
        page.keyboard.press("F4")
        assert page.evaluate("[location.hash, window.taken]") == ["#mine", None]


def test_escape_twice_clears_and_once_does_not(browser: Browser) -> None:
    note = "document.getElementById('note').value"
    with opened(browser, "reception.html") as page:
        page.fill("#note", "новое")
        press(page, "Escape", "Escape")
        assert page.evaluate(note) == "новое"
        press(page, "Escape", "Escape", times=2)
        assert page.evaluate(note) != "новое"


def test_escape_twice_clears_where_the_first_closes_a_list_of_answers(browser: Browser) -> None:
    option = '<div role="option" aria-selected="false" data-value="1" data-label="Иванов">Иванов</div>'
    with opened(browser, "reception.html", answers={"/lookup": fragment(option)}) as page:
        page.fill("#customer", "иван")
        page.wait_for_selector("#customer-list [aria-selected=true]")
        press(page, "Escape", "Escape", times=2)
        assert not page.locator("#customer-popup").is_visible()
        assert page.input_value("#customer") == ""


def test_one_escape_closes_a_list_of_answers_and_clears_nothing(browser: Browser) -> None:
    option = '<div role="option" aria-selected="false" data-value="1" data-label="Иванов">Иванов</div>'
    with opened(browser, "reception.html", answers={"/lookup": fragment(option)}) as page:
        page.fill("#customer", "иван")
        page.wait_for_selector("#customer-list [aria-selected=true]")
        press(page, "Escape", "Escape")
        assert not page.locator("#customer-popup").is_visible()
        assert page.input_value("#customer") == "иван"


def test_an_escape_that_closes_a_sheet_clears_nothing(browser: Browser) -> None:
    note = "document.getElementById('note').value"
    with opened(browser, "reception.html") as page:
        page.fill("#note", "новое")
        page.keyboard.press("Escape")
        page.locator(".fc-me").click()
        page.keyboard.press("Escape")
        assert not page.locator("#me").is_visible()
        page.keyboard.press("Escape")
        assert page.evaluate(note) == "новое"


def test_rows_are_walked_selected_and_opened(browser: Browser) -> None:
    with opened(browser, "journal.html") as page:
        press(page, "KeyJ", "о")
        page.keyboard.press("Space")
        page.keyboard.press("Shift+ArrowDown")
        assert page.locator("[data-select]:checked").count() == 2
        assert "2" in page.locator("[data-bulk-text]").inner_text()
        assert page.locator("[data-bulk]").is_visible()
        press(page, "KeyG", "п", times=2)
        assert page.evaluate("document.querySelector('[data-row].cur').rowIndex") == 2
        page.keyboard.press("Enter")
        page.wait_for_function("() => location.hash === '#contact-1'")


def test_back_returns_to_the_row(browser: Browser) -> None:
    with opened(browser, "journal.html") as page:
        page.evaluate("location.hash = '#row-13-2'")
        page.reload()
        page.wait_for_function("() => document.querySelector('[data-row].cur')")
        assert page.evaluate("document.querySelector('[data-row].cur').dataset.row") == "13-2"
