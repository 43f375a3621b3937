"""The telephones of one house in the hands of a test that itself sits at the browsers or keeps the link."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, TypeVar

from tests.pbx.console import Console
from tests.pbx.plays import House, Trunk, provider
from tests.pbx.server import Pbx
from tests.pbx.telephone import OnCall, Telephone

PATIENCE = 60.0
Result = TypeVar("Result")


class Hands:
    """Whatever is done or waited for happens in the loop of the telephones; the test waits until it has."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.house: House

    def wait(self, what: Awaitable[Result]) -> Result:
        """What comes of something that takes its time: a ring, an answer."""

        async def waiting() -> Result:
            return await what

        return asyncio.run_coroutine_threadsafe(waiting(), self._loop).result(PATIENCE)

    def do(self, deed: Callable[..., Result], *values: Any, **named: Any) -> Result:
        """Something that is done at once: pick up, hang up, press a key."""

        async def doing() -> Result:
            return deed(*values, **named)

        return self.wait(doing())

    def phone(self, place: int, on_call: OnCall | None = None) -> Telephone:
        """One of the house's telephones, which is there from now on."""
        return self.wait(self.house.phone(place, on_call) if on_call is not None else self.house.phone(place))


@contextmanager
def hands(exchange: Pbx, number: int) -> Iterator[Hands]:
    """The telephones of the house of this number, and of its clients; however it ends, nothing of it stays on the line."""
    with ExitStack() as stack:
        found = Hands(stack.enter_context(_loop()))
        console = stack.enter_context(closing(Console(exchange)))
        line = provider(exchange)
        trunk = Trunk(found.wait(line.plug_in()))
        stack.callback(found.do, _put_away, line)
        found.house = House(exchange, number, trunk, console)
        stack.callback(_put_all_away, found)
        yield found


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="telephones", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _put_all_away(found: Hands) -> None:
    for phone in found.house.phones.values():
        found.do(_put_away, phone)


def _put_away(phone: Telephone) -> None:
    """Nothing stays on the line of an exchange that others use next."""
    for call in phone.calls:
        if call.ended is None:
            call.hang_up()
    phone.unplug()
