"""Recorded calls happen in a demonstration: told by an exchange of our own, heard by the link as of any other."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from addons.contacts.models import Customer, CustomerPhone
from addons.telephony.models import THERE, Call, Pbx, Recording
from addons.telephony.services import playing
from addons.telephony.services.asterisk.calls import Call as Told
from addons.telephony.services.asterisk.messages import Parser
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.link import keeper
from addons.telephony.services.recordings import looking
from core.access.models import User
from core.cli import main
from core.errors import Conflict
from tests.support.dealership import Dealership
from tests.telephony.recorded import EXPECTED
from tests.telephony.test_links_kept import on_duty

CALLS = playing.recorded()
CAST = playing.Cast(("204", "205", "207"), ("+79035554433",))
NOW = 1_800_000_000.5
A_WHILE = 60.0
"""Seconds ago that a call began that is told all at once: a call is over when the clock of the exchange is past its end."""


@pytest.mark.parametrize("recorded", CALLS, ids=lambda call: call.name)
def test_a_recorded_call_happens_again_to_other_people(recorded: playing.Recorded) -> None:
    people, client = CAST.of(recorded, Random(7))
    reducer, told = Reducer(), []
    for offset, text in playing.as_now(recorded, NOW, people, client):
        for message in Parser().feed(text.encode()):
            told += reducer.feed(message, NOW + offset)
    calls = sorted(told + reducer.close(), key=lambda call: call.started)
    expected = EXPECTED[recorded.name]["calls"]
    assert len(calls) == len(expected)
    for call, wanted in zip(calls, sorted(expected, key=lambda each: each["started"]), strict=True):
        assert (call.direction, call.disposition) == (wanted["direction"], wanted["disposition"])
        assert call.loss_reason == wanted.get("loss_reason")
        assert abs(call.started - NOW - (wanted["started"] - recorded.began)) < 1.5
        assert abs((call.talk or 0.0) - wanted["talk_s"]) < 1.0
        assert {leg.ext for leg in call.legs} == {people[leg["ext"]] for leg in wanted["legs"]}
        assert call.client_e164 == (client if wanted["client"] else None)


def test_the_instance_hears_them_and_has_their_recordings(dealership: Dealership, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    with dealership.session() as session:
        session.get_one(User, dealership.people["petukhov"]).extension = "204"
        customer = Customer(name="Иванов Виктор")
        session.add(customer)
        session.flush()
        session.add(CustomerPhone(customer_id=customer.id, e164="+79035554433", last7="5554433", raw="+79035554433"))
    with playing.exchange() as exchange:
        with dealership.session() as session:
            playing.link(session, exchange.port, exchange.secret, folder)
            cast = playing.cast_of(session)
        assert cast == playing.Cast(["204"], ["+79035554433"])

        def play() -> None:
            assert exchange.wait_for_link(30)
            for number, each in enumerate(CALLS[:3], 1):
                people, client = CAST.of(each, Random(1))
                told = list(playing.as_now(each, time.time() - number * A_WHILE, people, client))
                exchange.play(told, speed=1_000)
                playing.record(told, folder)

        player = threading.Thread(target=play)
        player.start()

        def heard() -> bool:
            with dealership.session() as session:
                return session.scalar(select(func.count(Call.id))) == 3 and not player.is_alive()

        with on_duty(dealership, heard) as duty:
            keeper.keep(duty)
        player.join()
    with dealership.session() as session:
        assert set(session.scalars(select(Call.phone))) == {"+79035554433"}
        looking.look(session)
        assert set(session.scalars(select(Recording.state))) == {THERE}
        playing.unlink(session)
        assert [(pbx.active, pbx.host) for pbx in session.scalars(select(Pbx))] == [(False, "")]


def test_nothing_is_played_where_an_exchange_is_linked(dealership: Dealership, tmp_path: Path) -> None:
    with dealership.session() as session:
        session.add(Pbx(name="north", host="pbx.example"))
        session.flush()
        with pytest.raises(Conflict):
            playing.link(session, 5038, "secret", tmp_path)


def test_calls_are_played_by_one_only(dealership: Dealership, tmp_path: Path) -> None:
    with dealership.session() as session, playing.exchange() as first:
        playing.link(session, first.port, first.secret, tmp_path)
        with pytest.raises(Conflict, match="already"):
            playing.link(session, 5038, "secret", tmp_path)
    with dealership.session() as session:  # the first was killed
        playing.link(session, 5038, "secret", tmp_path)


@pytest.mark.parametrize("recorded", CALLS, ids=lambda call: call.name)
def test_phones_ring_until_a_person_has_seen_it(recorded: playing.Recorded) -> None:
    def calls(played: playing.Recorded) -> list[Told]:
        reducer, told = Reducer(), []
        for offset, text in played.told:
            for message in Parser().feed(text.encode()):
                told += reducer.feed(message, played.began + offset)
        return sorted(told + reducer.close(), key=lambda call: call.started)

    for slow, quick in zip(calls(playing.ringing(recorded)), calls(recorded), strict=True):
        assert (slow.disposition, slow.loss_reason) == (quick.disposition, quick.loss_reason)
        assert abs(slow.talk - quick.talk) < playing.RING or recorded.name.startswith("f1")
        rung = [(leg.answered or leg.ended or 0.0) - leg.rang for leg in slow.legs if leg.rang]
        assert min(rung, default=playing.RING) > playing.RING - 0.1


def test_the_command_says_what_can_be_shown(tmp_path: Path) -> None:
    runner = CliRunner()
    told = runner.invoke(main, ["demo", "--help"])
    assert told.exit_code == 0
    assert told.output.count("--calls") == 1
    options = runner.invoke(main, ["demo", "--calls", "--help"])
    assert options.exit_code == 0
    assert all(each in options.output for each in ("--once", "--speed", "--pause"))
    wrong = runner.invoke(main, ["-i", str(tmp_path / "none"), "demo", "--fireworks"])
    assert wrong.exit_code == 2
    assert "--calls" in wrong.output
    without = runner.invoke(main, ["-i", str(tmp_path / "none"), "demo", "--calls", "--once"])
    assert without.exit_code == 1
    assert "There is no instance" in without.output
