"""What the reducer makes of recorded calls (S2-06, S2-07, S1-13, S1-16)."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from addons.telephony.services import replaying
from addons.telephony.services.asterisk import cel
from addons.telephony.services.asterisk.messages import Message
from addons.telephony.services.asterisk.pool import MOST_CALLS, REMEMBERED
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.replaying import Connection, Recording
from tests.telephony.recorded import (
    EXPECTED,
    NAMES,
    RESTRICTED,
    TRACES,
    cut,
    differences,
    moments,
    recording,
    told,
)

UNKNOWN_TO_THE_LOG = frozenset({"how"})
"""Whether a phone or a program passed the client on is not in the log; how the phone hung up follows from that."""

AWAY = (0.2, 1.0, 3.0, 8.0, float("inf"))
"""Seconds for which a link is away."""

TALKING = 1795307452.0
"""When they talk in the recording with a snapshot every half second."""

PLACES = 4
"""Places of each recording at which its link is cut in the usual run."""


def unasked(name: str) -> frozenset[str]:
    by_program = any(each["how"] == "ami" for call in EXPECTED[name]["calls"] for each in call["transfers"])
    return UNKNOWN_TO_THE_LOG | ({"ended_by"} if by_program else set())


@pytest.mark.parametrize("name", NAMES)
class TestRecorded:
    def test_from_all_events(self, name: str) -> None:
        assert differences(name, told(recording(name))) == []

    def test_from_what_a_careful_administrator_lets_us_read(self, name: str) -> None:
        assert differences(name, told(recording(name), RESTRICTED)) == []

    def test_without_the_rows_of_the_log_among_the_events(self, name: str) -> None:
        """Only the file of a recording is taken from them."""
        taken = recording(name)
        kept = [
            Connection([each for each in one.messages if each[1].get("Event") != "CEL"], one.began, one.ended)
            for one in taken.connections
        ]
        found = told(Recording(kept, taken.snapshots, taken.rows), RESTRICTED)
        assert differences(name, found, frozenset({"recordings"})) == []

    def test_from_the_log_alone(self, name: str) -> None:
        """A call that came while the link was away (S1-13)."""
        found = told(Recording([], [], recording(name).rows))
        assert differences(name, found, unasked(name)) == []

    def test_told_twice(self, name: str) -> None:
        """X-09."""
        taken = recording(name)
        twice = [
            Connection([each for each in one.messages for _ in range(2)], one.began, one.ended)
            for one in taken.connections
        ]
        assert differences(name, told(Recording(twice, taken.snapshots, taken.rows))) == []

    def test_cut_anywhere(self, name: str) -> None:
        chance = random.Random(name)
        taken = recording(name)
        for begin in chance.sample(moments(taken), PLACES):
            end = begin + chance.choice(AWAY)
            found = told(cut(taken, begin, end), RESTRICTED)
            assert differences(name, found, unasked(name) | {"recordings"}) == [], (begin, end)

    @pytest.mark.slow
    def test_cut_everywhere(self, name: str) -> None:
        taken = recording(name)
        for begin in moments(taken):
            for away in AWAY:
                found = told(cut(taken, begin, begin + away), RESTRICTED)
                assert differences(name, found, unasked(name) | {"recordings"}) == [], (begin, away)


def test_a_call_that_is_seen_no_more_has_ended() -> None:
    """Without a log its end is known to be guessed."""
    taken = recording("r1-whole-with-snapshots")
    over = taken.snapshots[-1][0]
    talking = cut(taken, TALKING, over).connections[0]
    (call,) = told(Recording([talking, Connection([], over, over)], taken.snapshots, []))["calls"]

    assert call["disposition"] == "answered"
    assert call["ended"] is not None
    assert not call["ended_known"]


def test_a_snapshot_finds_the_call_that_began_while_nobody_looked() -> None:
    """Who called, whom, and who talks: without the log."""
    taken = recording("r1-whole-with-snapshots")
    (call,) = told(Recording(cut(taken, 0, TALKING).connections, taken.snapshots, []))["calls"]

    assert (call["client"], call["did"], call["answered_by"]) == ("+79161234520", "74955550103", ["103"])
    assert (call["direction"], call["disposition"]) == ("in", "answered")


def test_a_pbx_of_another_zone() -> None:
    """The log has the wall clock of the PBX: here in the zone of Moscow, whose hours the events do not know."""
    name = "o1-reconnect-while-talking"
    lines = (TRACES / f"{name}.cel.csv").read_text(encoding="utf-8").splitlines()
    there = [re.sub(r"2026-11-22 00:", "2026-11-22 03:", line) for line in lines]
    assert there != lines
    assert list(cel.read_csv(there)) == list(cel.read_csv(lines))


def test_a_log_that_begins_in_the_middle_of_a_call() -> None:
    """Its beginning is guessed by its name."""
    taken = recording("a1-answered-client-hangs-up")
    (call,) = told(Recording([], [], taken.rows[-8:]))["calls"]
    assert abs(call["started"] - EXPECTED["a1-answered-client-hangs-up"]["calls"][0]["started"]) <= 1


def test_events_that_are_not_dated_count_by_their_arrival() -> None:
    name = "g1-attended-transfer-phone"
    taken = recording(name)
    undated = [
        Connection(
            [(at, {part: value for part, value in said.items() if part != "Timestamp"}) for at, said in one.messages],
            one.began,
            one.ended,
        )
        for one in taken.connections
    ]
    assert differences(name, told(Recording(undated, [], []))) == []


def test_attempts_of_a_job_are_one_call() -> None:
    """Three times the group was rung, and nobody came: one contact with a client, by the job's name and not by numbers."""
    found = told(recording("j2-site-request-nobody"))
    assert found["client_contacts"] == 1
    assert [each["linkedid"] for each in found["calls"][0]["attempts"]] == ["fc-77-0", "fc-77-1", "fc-77-2"]


def test_calls_inside_the_house_are_no_contacts() -> None:
    found = told(recording("n1-inside-the-house"))
    assert [each["direction"] for each in found["calls"]] == ["internal"]
    assert found["client_contacts"] == 0


def test_the_number_is_told_as_it_came_and_as_it_is_stored() -> None:
    calls = [told(recording(name))["calls"][0] for name in ("d2-abandoned-ringing-group", "k1-hidden-number")]
    assert [(each["client"], each["client_e164"]) for each in calls] == [("9161234514", "+79161234514"), (None, None)]


def test_what_the_client_waited_with() -> None:
    """S1-16: the menu, the queue, ringing phones; together they are the wait."""
    (call,) = told(recording("f1-blind-transfer-phone"))["calls"]
    waits = call["waits"]
    assert [round(waits[part]) for part in ("menu_s", "queue_s", "ring_s")] == [2, 0, 2]
    assert abs(sum(waits.values()) - call["wait_s"]) < 0.1


# --- many calls at a time ------------------------------------------------------------------------

NOT_COPIED = ("f2", "i3", "j", "n")
"""Whose ids are no numbers, whose transfer a program ordered, and what is known of which is too little to find it again."""

_ID = re.compile(r"(?<![\d.])(\d{10})\.(\d{1,4})(?![\d.])")
_CHANNEL = re.compile(r"((?:PJSIP|Local)/[\w@-]+?-)([0-9a-f]{8})\b")
_BRIDGE = re.compile(r"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-)")


def copied(message: Message, number: int, seconds: int) -> dict[str, str]:
    """A message of another call: with ids, channels and bridges of its own, some time later."""

    def other_id(found: re.Match[str]) -> str:
        return f"{int(found[1]) + seconds}.{number * 64 + int(found[2])}"

    def other_channel(found: re.Match[str]) -> str:
        return f"{found[1]}{number * 64 + int(found[2], 16):08x}"

    def other(value: str) -> str:
        return _BRIDGE.sub(f"{number:08x}", _CHANNEL.sub(other_channel, _ID.sub(other_id, value)))

    changed = {name: other(value) for name, value in message.items()}
    if "Timestamp" in message:
        changed["Timestamp"] = f"{float(message['Timestamp']) + seconds:.6f}"
    return changed


def stream(name: str, number: int, seconds: int) -> list[tuple[float, dict[str, str]]]:
    messages = recording(name).connections[0].messages
    return [
        (received + seconds, copied(message, number, seconds))
        for received, message in messages
        if message.get("Privilege") in {"call,all", "agent,all"} and message["Event"] != "CEL"
    ]


def test_calls_that_overlap_are_told_apart() -> None:
    """Each as if it were the only one, though all use the same phones and many begin in the same second."""
    whole = [each for each in NAMES if len(EXPECTED[each]["files"]) == 1 and not each.startswith(NOT_COPIED)]
    origin = min(recording(each).connections[0].began for each in whole)
    chance = random.Random(7)
    copies = [(name, number) for number, name in enumerate(whole * 3)]
    shifts = {
        number: int(origin - recording(name).connections[0].began) + chance.randrange(20) for name, number in copies
    }
    mixed = sorted(
        (each for name, number in copies for each in stream(name, number, shifts[number])), key=lambda each: each[0]
    )
    connection = Connection(mixed, mixed[0][0], mixed[-1][0])

    found = told(Recording([connection], [], []))

    by_id = {call["linkedid"]: call for call in found["calls"]}
    assert len(by_id) == sum(len(EXPECTED[name]["calls"]) for name, _ in copies)
    for name, number in copies:
        for call in EXPECTED[name]["calls"]:
            linkedid = copied({"Linkedid": call["linkedid"]}, number, shifts[number])["Linkedid"]
            same = by_id[linkedid]
            for part in ("direction", "disposition", "loss_reason", "client", "did", "answered_by", "transfers"):
                assert same[part] == call[part], (name, part)
            assert abs(same["started"] - call["started"] - shifts[number]) <= 1


# --- bounds --------------------------------------------------------------------------------------


def test_calls_whose_ends_are_lost_do_not_pile_up() -> None:
    reducer = Reducer()
    for number in range(MOST_CALLS + 500):
        reducer.feed(newchannel(f"1795306055.{number}"), 1795306055.0 + number)
    assert len(reducer) <= MOST_CALLS


def test_what_is_over_is_forgotten() -> None:
    reducer = Reducer()
    calls = 0
    for number in range(3_000):
        at = 1795306055.0 + number
        reducer.feed(newchannel(f"1795306055.{number}"), at)
        calls += len(reducer.feed(newchannel(f"1795306055.{number}", Event="Hangup"), at + 0.5))
        assert len(reducer) < 10
    assert calls + len(reducer.close()) == 3_000
    assert REMEMBERED >= 3_000


def test_what_is_told_of_a_call_after_its_end_opens_none() -> None:
    reducer = Reducer()
    reducer.feed(newchannel("1795306055.1"), 1795306055.0)
    reducer.feed(newchannel("1795306055.1", Event="Hangup"), 1795306056.0)
    assert len(reducer.feed({"Event": "Other"}, 1795306066.0)) == 1
    reducer.feed(newchannel("1795306055.1", Event="VarSet"), 1795306067.0)
    assert reducer.close() == []


def newchannel(uid: str, **more: str) -> Mapping[str, str]:
    said = {"Event": "Newchannel", "Channel": f"PJSIP/trunk-{uid.partition('.')[2].zfill(8)}", "ChannelState": "4"}
    return {**said, "Uniqueid": uid, "Linkedid": uid, "CallerIDNum": "79161234567", "Exten": "74955550100", **more}


WRONG: Mapping[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "long": lambda value: value * 1_000,
    "strange": lambda _: "\0\ufffd;1/-",
    "number": lambda _: "1e999",
}


@pytest.mark.parametrize("how", WRONG)
def test_no_header_can_make_it_fail(how: str) -> None:
    """Any header of any message may be missing or nonsense."""
    chance = random.Random(how)
    for name in ("g1-attended-transfer-phone", "f1-blind-transfer-phone", "c1-abandoned-in-queue-busy"):
        reducer = Reducer()
        for received, message in recording(name).connections[0].messages:
            spoilt = dict(message)
            header = chance.choice(list(spoilt))
            if chance.random() < 0.3:
                spoilt[header] = WRONG[how](spoilt[header])
            elif chance.random() < 0.3:
                del spoilt[header]
            reducer.feed(spoilt, received)
        reducer.resync({"Status": [{"Uniqueid": how}], "QueueStatus": [{}]}, received)
        reducer.close()


def test_side_files_that_are_broken_are_as_if_they_were_not_there(tmp_path: Path) -> None:
    for kind in ("ami", "times"):
        (tmp_path / f"call.{kind}").write_bytes((TRACES / f"b1-abandoned-in-ivr.{kind}").read_bytes())
    (tmp_path / "call.snapshots.jsonl").write_text('{"time": "x"}\nnothing\n{"time": 1}\n', encoding="utf-8")
    (tmp_path / "call.cel.csv").write_text('"CHAN_START","yesterday"\n"a,b\n\0', encoding="utf-8")
    found = told(replaying.read(tmp_path / "call.ami"))
    assert differences("b1-abandoned-in-ivr", found) == []
