"""What people do on the telephone, each play in a house of its own, and what has happened by the clock of their telephones.

A play is a coroutine that is given its house and returns the calls that it was.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.pbx.console import Console
from tests.pbx.server import SECRET, Pbx
from tests.pbx.telephone import Call, OnCall, Telephone

RING, TALK, GIVEN_UP = 1.5, 2.5, 3.0
"""Seconds for which telephones ring until somebody answers, people talk, and a client has patience."""

Truth = dict[str, Any]
"""One call by what a record of it has."""


class House:
    """One dealership with its telephones, and its clients on the provider's side."""

    def __init__(self, exchange: Pbx, number: int, trunk: Trunk, console: Console) -> None:
        self.exchange, self.number, self._trunk, self._console = exchange, number, trunk, console
        self.phones: dict[int, Telephone] = {}

    async def phone(self, place: int, on_call: OnCall = lambda call: None) -> Telephone:
        """One of its telephones, by its place in the house; those that were not asked for are unplugged."""
        found = Telephone(self.extension(place), ("127.0.0.1", self.exchange.sip_port), SECRET)
        found.on_call = on_call
        self.phones[place] = await found.plug_in()
        return found

    def extension(self, place: int) -> str:
        return f"{self.number}{place}"

    def did(self, kind: str) -> str:
        return f"7495555{self.number}{kind}"

    def client(self, place: int = 1) -> str:
        """The number of one of its clients."""
        return f"7916{self.exchange.version}{self.number}00{place}"

    def calls_in(self, kind: str, place: int = 1, *, hidden: bool = False) -> Call:
        """A client calls one of its numbers."""
        return self._trunk.line.dial(self.did(kind), self.client(place), hidden=hidden)

    async def called(self, place: int = 1) -> Call:
        """A client is called, and rings."""
        return await self._trunk.called(self.client(place))

    async def order(self, action: str, **headers: str) -> None:
        """A program orders something."""
        answer = await asyncio.to_thread(self._console.order, action, **headers)
        assert answer["Response"] == "Success", answer

    async def channel_of(self, place: int) -> str:
        return await asyncio.to_thread(self._console.channel_of, self.extension(place))


def provider(exchange: Pbx) -> Telephone:
    """The provider's side of the trunk, before it is plugged in."""
    return Telephone("trunk", ("127.0.0.1", exchange.sip_port), host="127.0.0.2", port=exchange.sip_port)


class Trunk:
    """The provider's side of the line, which everybody's clients share."""

    def __init__(self, line: Telephone) -> None:
        self.line = line
        line.on_call = self._ring
        self._called: dict[str, asyncio.Queue[Call]] = {}

    async def called(self, number: str) -> Call:
        async with asyncio.timeout(40):
            return await self._called.setdefault(number, asyncio.Queue()).get()

    def _ring(self, call: Call) -> None:
        self._called.setdefault(call.number, asyncio.Queue()).put_nowait(call)


def after(seconds: float, what: Callable[[Call], object]) -> OnCall:
    """Somebody at a telephone who does something so long after it began to ring."""

    async def later(call: Call) -> None:
        await asyncio.sleep(seconds)
        if call.ended is None:
            what(call)

    return lambda call: call.phone.later(later(call))


answers = after(RING, Call.answer)
refuses = after(0.5, Call.refuse)


def came_in(house: House, call: Call, kind: str, *talked: Call, **more: Any) -> Truth:
    """A client's call, and those who talked, in order."""
    first = talked[0].answered if talked else None
    assert call.ended is not None
    return {
        "direction": "in",
        "disposition": "answered" if talked else "missed",
        "loss_reason": "",
        "phone": f"+{call.shown}" if not more.pop("hidden", False) else "",
        "did": house.did(kind),
        "started": call.began,
        "answered": first,
        "ended": call.ended,
        "answered_by": [each.phone.user for each in talked],
        "transfers": [],
        **more,
    }


def went_out(house: House, began: float, out: Call, by: Telephone, disposition: str = "answered", **more: Any) -> Truth:
    """A call to a client."""
    return {
        "direction": "out",
        "disposition": disposition,
        "loss_reason": "",
        "phone": f"+{house.client()}",
        "started": began,
        "answered": out.answered,
        "ended": out.ended,
        "answered_by": [by.user],
        "transfers": [],
        **more,
    }


def passed(house: House, origin: int, to: int, kind: str, how: str, result: str = "answered") -> dict[str, str]:
    """A transfer."""
    return {"from": house.extension(origin), "to": house.extension(to), "kind": kind, "how": how, "result": result}


# --- the plays -----------------------------------------------------------------------------------


async def answered_in_the_menu_s_queue(house: House) -> list[Truth]:
    """The client chooses sales in the menu, an employee answers, the client hangs up."""
    desk = await house.phone(2, answers)
    call = house.calls_in("00")
    await call.until_answered()
    await asyncio.sleep(1)
    call.press("1")
    talk = await desk.rung()
    await talk.until_answered()
    await asyncio.sleep(TALK)
    call.hang_up()
    await talk.until_over()
    return [came_in(house, call, "00", talk)]


async def lost_in_the_menu(house: House) -> list[Truth]:
    await house.phone(1)
    call = house.calls_in("00")
    await call.until_answered()
    await asyncio.sleep(GIVEN_UP)
    call.hang_up()
    return [came_in(house, call, "00", loss_reason="listening_ivr")]


async def lost_in_the_queue(house: House) -> list[Truth]:
    """Nobody is at a telephone."""
    call = house.calls_in("03")
    await call.until_answered()
    await asyncio.sleep(GIVEN_UP)
    call.hang_up()
    return [came_in(house, call, "03", loss_reason="waiting_queue")]


async def lost_while_it_rings(house: House) -> list[Truth]:
    desk = await house.phone(2)
    call = house.calls_in("02")
    await desk.rung()
    await asyncio.sleep(GIVEN_UP)
    call.hang_up()
    return [came_in(house, call, "02", loss_reason="ringing_manager")]


async def refused_and_answered_by_another(house: House) -> list[Truth]:
    await house.phone(2, refuses)
    other = await house.phone(3, after(RING + 1, Call.answer))
    call = house.calls_in("03")
    talk = await other.rung()
    await talk.until_answered()
    await asyncio.sleep(TALK)
    talk.hang_up()
    await call.until_over()
    return [came_in(house, call, "03", talk)]


async def two_at_once(house: House) -> list[Truth]:
    """Two clients in one queue at the same moment; each employee takes one."""
    desks = [await house.phone(place, answers) for place in (2, 3)]
    calls = [house.calls_in("03", place) for place in (1, 2)]

    def talking() -> dict[str, Call]:
        """By the client. One whom both take at once is given to one of them, and the other's call ends."""
        taken = [call for desk in desks for call in desk.calls if call.answered and call.ended is None]
        return {call.shown: call for call in taken}

    talks: dict[str, Call] = {}
    async with asyncio.timeout(40):
        while len(talks) < len(calls):
            await asyncio.sleep(0.05)
            talks = talking()
    await asyncio.sleep(TALK)
    talks = talking()
    for call in calls:
        call.hang_up()
    for talk in talks.values():
        await talk.until_over()
    return [came_in(house, call, "03", talks[call.shown]) for call in calls]


async def passed_on_blindly(house: House) -> list[Truth]:
    """The telephone passes the client on, and a colleague answers."""
    desk, colleague = await house.phone(2, answers), await house.phone(4, answers)
    call = house.calls_in("02")
    first = await desk.rung()
    await first.until_answered()
    await asyncio.sleep(TALK)
    first.pass_on(colleague.user)
    second = await colleague.rung()
    await second.until_answered()
    await asyncio.sleep(TALK)
    call.hang_up()
    await second.until_over()
    return [came_in(house, call, "02", first, second, transfers=[passed(house, 2, 4, "blind", "phone")])]


async def passed_on_blindly_by_a_program(house: House) -> list[Truth]:
    desk, colleague = await house.phone(2, answers), await house.phone(4, answers)
    call = house.calls_in("02")
    first = await desk.rung()
    await first.until_answered()
    await asyncio.sleep(TALK)
    await house.order("BlindTransfer", Channel=await house.channel_of(2), Context="internal", Exten=colleague.user)
    second = await colleague.rung()
    await second.until_answered()
    await asyncio.sleep(TALK)
    call.hang_up()
    await second.until_over()
    return [came_in(house, call, "02", first, second, transfers=[passed(house, 2, 4, "blind", "ami")])]


async def passed_on_after_asking(house: House) -> list[Truth]:
    desk, colleague = await house.phone(2, answers), await house.phone(4, answers)
    call = house.calls_in("02")
    first = await desk.rung()
    await first.until_answered()
    await asyncio.sleep(TALK)
    first.hold()
    asked = desk.dial(colleague.user)
    second = await colleague.rung()
    await asked.until_answered()
    await asyncio.sleep(TALK)
    first.pass_on(colleague.user, joining=asked)
    await first.until_over()
    await asyncio.sleep(TALK)
    call.hang_up()
    await second.until_over()
    return [came_in(house, call, "02", first, second, transfers=[passed(house, 2, 4, "attended", "phone")])]


async def passed_on_in_vain(house: House) -> list[Truth]:
    """The colleague refuses, so that the client comes back to whoever passed him on."""
    desk, _ = await house.phone(2, answers), await house.phone(4, refuses)
    call = house.calls_in("02")
    first = await desk.rung()
    await first.until_answered()
    await asyncio.sleep(TALK)
    first.pass_on(house.extension(4))
    again = await desk.rung()
    await again.until_answered()
    await asyncio.sleep(TALK)
    call.hang_up()
    await again.until_over()
    transfers = [passed(house, 2, 4, "blind", "phone", "returned")]
    return [came_in(house, call, "02", first, again, transfers=transfers)]


async def ordered_by_a_program(house: House) -> list[Truth]:
    """Click-to-call: the employee's telephone first, then the client."""
    desk = await house.phone(2, answers)
    await _originate(house, 2)
    mine = await desk.rung()
    out = await house.called()
    await asyncio.sleep(RING)
    out.answer()
    await asyncio.sleep(TALK)
    mine.hang_up()
    await out.until_over()
    return [went_out(house, mine.began, out, desk)]


async def ordered_and_the_client_is_busy(house: House) -> list[Truth]:
    desk = await house.phone(2, answers)
    await _originate(house, 2)
    mine = await desk.rung()
    out = await house.called()
    out.refuse()
    await mine.until_over()
    return [went_out(house, mine.began, out, desk, "client_busy")]


async def _originate(house: House, place: int) -> None:
    await house.order(
        "Originate",
        Channel=f"PJSIP/{house.extension(place)}",
        Context="internal",
        Exten=house.client(),
        Priority="1",
        Timeout="20000",
        CallerID=f'"{house.client()}" <{house.client()}>',
        Async="true",
        ChannelId=f"fc-{time.time_ns()}-0",  # played once more on the same exchange it is another call
    )


async def withheld_number(house: House) -> list[Truth]:
    desk = await house.phone(2, answers)
    call = house.calls_in("03", hidden=True)
    talk = await desk.rung()
    await talk.until_answered()
    await asyncio.sleep(TALK)
    call.hang_up()
    await talk.until_over()
    return [came_in(house, call, "03", talk, hidden=True)]


async def dialled_by_hand(house: House) -> list[Truth]:
    desk = await house.phone(4)
    mine = desk.dial(house.client())
    out = await house.called()
    await asyncio.sleep(RING)
    out.answer()
    await mine.until_answered()
    await asyncio.sleep(TALK)
    mine.hang_up()
    await out.until_over()
    return [went_out(house, mine.began, out, desk)]


async def inside_the_house(house: House) -> list[Truth]:
    desk, colleague = await house.phone(2), await house.phone(3, answers)
    mine = desk.dial(colleague.user)
    await mine.until_answered()
    await asyncio.sleep(TALK)
    mine.hang_up()
    return [
        {"direction": "internal", "disposition": "answered", "started": mine.began, "ended": mine.ended, "phone": ""}
    ]


async def out_of_hours(house: House) -> list[Truth]:
    """An announcement, and the exchange hangs up."""
    call = house.calls_in("06")
    await call.until_over()
    return [came_in(house, call, "06", loss_reason="listening_ivr")]


Play = Callable[[House], Awaitable[list[Truth]]]
PLAYS: tuple[Play, ...] = (
    answered_in_the_menu_s_queue,
    lost_in_the_menu,
    lost_in_the_queue,
    lost_while_it_rings,
    refused_and_answered_by_another,
    two_at_once,
    passed_on_blindly,
    passed_on_blindly_by_a_program,
    passed_on_after_asking,
    passed_on_in_vain,
    ordered_by_a_program,
    ordered_and_the_client_is_busy,
    withheld_number,
    dialled_by_hand,
    inside_the_house,
    out_of_hours,
)


@dataclass(slots=True)
class Played:
    """What has happened in each play by its name."""

    truths: dict[str, list[Truth]] = field(default_factory=dict)
    problems: dict[str, BaseException] = field(default_factory=dict)


async def play(exchange: Pbx, plays: tuple[Play, ...] = PLAYS, first_house: int = 10, between: float = 0.15) -> Played:
    """All plays side by side, each in a house of its own; a play that goes wrong disturbs no other.

    :param between: seconds between the beginnings of two plays.
    """
    line = provider(exchange)
    trunk, console = Trunk(await line.plug_in()), await asyncio.to_thread(Console, exchange)
    houses = [House(exchange, first_house + number, trunk, console) for number in range(len(plays))]

    async def begin(number: int) -> list[Truth]:
        await asyncio.sleep(number * between)
        return await plays[number](houses[number])

    results = await asyncio.gather(*map(begin, range(len(plays))), return_exceptions=True)
    played = Played()
    for each, result in zip(plays, results, strict=True):
        if isinstance(result, BaseException):
            played.problems[each.__name__] = result
        else:
            played.truths[each.__name__] = result
    for phone in [line, *(phone for house in houses for phone in house.phones.values())]:
        phone.unplug()
    console.close()
    return played
