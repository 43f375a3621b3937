"""A call rings, is answered, registered, and ends: what the pages of reception do by themselves (S2-09, S2-14, S3-01…05, S3-24…26)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from addons.telephony.models import Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.asterisk.messages import Message
from core.access.models import User
from tests.stories.conftest import Person
from tests.support.dealership import Dealership, Server
from tests.telephony.manager import SECRET, Manager
from tests.telephony.recorded import recording

pytestmark = pytest.mark.addons("contacts", "telephony")

NUMBER = "+7 916 123-45-01"


class Exchange:
    """A recorded call, said to the server stage by stage: 102 and 103 ring, 102 picks up, the client hangs up."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        taken = recording("a1-answered-client-hangs-up").connections[0]
        recorded = [message for _, message in taken.messages if "Event" in message]
        late = time.time() - float(next(each["Timestamp"] for each in recorded if "Timestamp" in each))
        messages = [_later(each, late) for each in recorded]
        rung = max(n for n, each in enumerate(messages) if _is(each, "Newstate", ChannelState="5"))
        talks = max(n for n, each in enumerate(messages) if _is(each, "BridgeEnter"))
        self._stages = {
            "ring": messages[: rung + 1],
            "answer": messages[rung + 1 : talks + 1],
            "end": messages[talks + 1 :],
        }

    def say(self, stage: str) -> None:
        """The next stage of the call."""
        self.manager.say(self._stages[stage])


def _later(message: Message, seconds: float) -> Message:
    """A message as if it were so much later: the call is of today."""
    if "Timestamp" not in message:
        return message
    return {**message, "Timestamp": f"{float(message['Timestamp']) + seconds:.6f}"}


def _is(message: Message, event: str, **headers: str) -> bool:
    return message["Event"] == event and headers.items() <= message.items()


@pytest.fixture
def exchange(dealership: Dealership) -> Iterator[Exchange]:
    """An exchange that the dealership is linked to, whose phone 102 is that of reception."""
    with Manager() as manager:
        with dealership.session() as session:
            session.get_one(User, dealership.people["lebedeva"]).extension = "102"
            pbx = Pbx(name="north", host="127.0.0.1", port=manager.port, account="forecourt")
            session.add(pbx)
            session.flush()
            exchanges.set_secret(session, pbx, SECRET)
        yield Exchange(manager)


def linked(page: Page, server: Server, exchange: Exchange) -> None:
    """Wait until the server has asked the exchange what is on the line."""
    asked: Any = exchange.manager.asked
    for _ in range(600):
        if any(each["Action"] == "QueueStatus" for each in asked):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the server did not link itself to the exchange")


def test_a_call_from_its_first_ring_to_its_registration(exchange: Exchange, person: Person, server: Server) -> None:
    page = person("lebedeva")
    other = page.context.new_page()
    other.goto(f"{server.address}/tasks")
    page.goto(f"{server.address}/profile")
    linked(page, server, exchange)

    exchange.say("ring")
    expect(page.locator(".toastfc", has_text="Входящий звонок")).to_contain_text(NUMBER)
    expect(page.locator(".fc-strips .callbar")).to_contain_text("Номера нет в базе")

    exchange.say("answer")
    opened = re.compile(r"/reception\?.*origin=telephony")
    form = _which(page, other, opened)
    rest = other if form is page else page
    expect(rest).not_to_have_url(opened)
    expect(form.locator("#phone")).to_have_value("+79161234501")
    expect(form.locator("[name=customer_id]")).to_have_value("new")
    expect(form.locator(".toastfc", has_text="Входящий звонок")).to_have_count(0)
    expect(rest.locator(".fc-strips .callbar")).to_contain_text("вы говорите")

    form.get_by_label("Фамилия").fill("Воронцова")
    exchange.say("end")
    question = form.get_by_role("dialog", name="Принять обращение?")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Отмена").click()
    expect(form.get_by_label("Фамилия")).to_have_value("Воронцова")
    expect(form.locator(".fc-strips .callbar")).to_have_count(0)
    form.keyboard.press("Control+Enter")
    expect(form.locator(".rcp-done")).to_contain_text("Воронцова")


def test_yes_accepts_the_contact_at_once(exchange: Exchange, person: Person, server: Server) -> None:
    page = person("lebedeva")
    page.goto(f"{server.address}/reception")
    linked(page, server, exchange)
    exchange.say("ring")
    exchange.say("answer")
    expect(page).to_have_url(re.compile("origin=telephony"))
    page.get_by_label("Фамилия").fill("Воронцова")
    exchange.say("end")
    page.get_by_role("dialog", name="Принять обращение?").get_by_role("button", name="Да").click()
    expect(page.locator(".rcp-done")).to_contain_text("Воронцова")


def _which(one: Page, other: Page, address: re.Pattern[str]) -> Page:
    """Which of two pages has gone there; the first that does."""
    for _ in range(400):
        for page in (one, other):
            if address.search(page.url):
                return page
        one.wait_for_timeout(50)
    raise AssertionError("no page has opened the form")
