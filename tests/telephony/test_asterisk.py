"""Calls on a real Asterisk are stored as they were, also by a link that is cut while people talk (S1-13, S2-06, S2-07)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from addons.telephony.models import Call, Link, Pbx
from addons.telephony.services import exchanges
from addons.telephony.services.link import keeper
from tests.pbx.cable import Cable
from tests.pbx.console import ACCOUNT
from tests.pbx.plays import Played, Truth, play
from tests.pbx.server import SECRET
from tests.pbx.server import Pbx as Asterisk
from tests.support.dealership import Dealership
from tests.telephony.test_links_kept import on_duty

CUTS = ((3.0, 5.0), (7.5, 9.0))
"""Seconds from the beginning of the plays between which the line of the second link is cut."""
TOLERANCE = 1.0
"""Seconds by which a moment may be off."""
PATIENCE = 25.0
"""Seconds after the last play within which everything is stored."""
WHOLE, CUT = "whole", "cut"
"""The exchange by two links: one that stays, and one that is cut."""


def add(dealership: Dealership, name: str, asterisk: Asterisk, port: int) -> None:
    with dealership.session() as session:
        pbx = Pbx(name=name, host="127.0.0.1", port=port, account=ACCOUNT, log=str(asterisk.log))
        session.add(pbx)
        session.flush()
        exchanges.set_secret(session, pbx, SECRET)


async def play_and_cut(asterisk: Asterisk, cable: Cable, first_house: int, linked: Callable[[], bool]) -> Played:
    """The plays, with the line cut meanwhile; they begin once both links are there."""
    await asyncio.to_thread(wait, linked)

    async def cut() -> None:
        begun = time.monotonic()
        for begin, end in CUTS:
            await asyncio.sleep(max(0.0, begun + begin - time.monotonic()))
            cable.cut()
            await asyncio.sleep(max(0.0, begun + end - time.monotonic()))
            cable.mend()

    played, _ = await asyncio.gather(play(asterisk, first_house=first_house), cut())
    return played


def wait(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fails when it does not within :data:`PATIENCE`."""
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until, "what is waited for does not come"
        time.sleep(0.1)


class Watching:
    """Whether the links may end: all that was played is stored, or it has had its time."""

    def __init__(self, dealership: Dealership) -> None:
        self._dealership = dealership
        self.playing: Future[Played] | None = None
        self._until: float | None = None

    def linked(self) -> bool:
        with self._dealership.session() as session:
            return session.scalar(select(func.count(Link.pbx_id)).where(Link.state == "linked")) == 2

    def is_over(self) -> bool:
        if self.playing is None or not self.playing.done():
            return False
        self._until = self._until or time.monotonic() + PATIENCE
        expected = sum(map(len, self.playing.result().truths.values()))
        with self._dealership.session() as session:
            stored = session.scalar(select(func.count(Call.id))) or 0
            open_gaps = session.scalar(select(func.count(Link.pbx_id)).where(Link.gap_since.is_not(None)))
        return (stored >= 2 * expected and not open_gaps) or time.monotonic() > self._until


def listened(dealership: Dealership, asterisk: Asterisk, first_house: int) -> Played:
    """What was played while both links listened."""
    watching = Watching(dealership)
    with Cable(asterisk.ami_port) as cable, ThreadPoolExecutor(1) as pool:
        add(dealership, WHOLE, asterisk, asterisk.ami_port)
        add(dealership, CUT, asterisk, cable.port)
        playing = play_and_cut(asterisk, cable, first_house, watching.linked)
        watching.playing = pool.submit(asyncio.run, playing)
        with on_duty(dealership, watching.is_over) as duty:
            keeper.keep(duty)
        assert cable.cuts == len(CUTS)
        return watching.playing.result()


def stored(dealership: Dealership) -> dict[str, list[Call]]:
    """The calls by the link that has told of them."""
    with dealership.session() as session:
        rows = session.execute(select(Pbx.name, Call).join(Call, Call.pbx_id == Pbx.id).order_by(Call.started_at)).all()
        links = {name: [call for of, call in rows if of == name] for name in (WHOLE, CUT)}
        session.expunge_all()
        return links


def differences(truth: Truth, calls: list[Call], *, by_log: bool) -> Iterator[str]:
    """Where the record of a call is not what happened. How somebody was passed on is not in the log, and what a program has
    ordered is told to that program alone.
    """
    said = (
        ("direction", "phone")
        if truth["phone"]
        else ("direction", "phone", "did")
        if "did" in truth
        else ("direction",)
    )
    mine = [each for each in calls if all(getattr(each, part) == truth[part] for part in said)]
    if len(mine) != 1:
        yield f"{len(mine)} calls are stored: {[(each.linked_id, each.started_at, each.disposition) for each in mine]}"
        return
    for part, expected in truth.items():
        found = _moment(getattr(mine[0], f"{part}_at")) if part in MOMENTS else getattr(mine[0], part)
        if part == "transfers" and (by_log or any(each["how"] == "ami" for each in expected)):
            expected, found = ([{**each, "how": ""} for each in side] for side in (expected, found))
        if not _same(expected, found):
            yield f"{part}: expected {expected!r}, stored {found!r}"


MOMENTS = ("started", "answered", "ended")


def _moment(at: datetime | None) -> float | None:
    return at.timestamp() if at is not None else None


def _same(expected: Any, found: Any) -> bool:
    if isinstance(expected, float) and isinstance(found, float):
        return abs(expected - found) <= TOLERANCE
    return bool(expected == found)


@pytest.mark.parametrize("version", ["22", "16"])
def test_what_was_played_is_what_is_stored(
    dealership: Dealership, asterisk: Callable[[str], Asterisk], version: str
) -> None:
    played = listened(dealership, asterisk(version), first_house=10)
    calls = stored(dealership)
    assert played.problems == {}
    wrong = [
        f"{name}, link {link}: {each}"
        for name, truths in played.truths.items()
        for link in (WHOLE, CUT)
        for truth in truths
        for each in differences(truth, calls[link], by_log=link == CUT)
    ]
    assert not wrong, "\n".join(wrong)
    expected = sum(map(len, played.truths.values()))
    assert {link: len(found) for link, found in calls.items()} == {WHOLE: expected, CUT: expected}
    with dealership.session() as session:
        assert session.scalars(select(Link.gap_since)).all() == [None, None]
