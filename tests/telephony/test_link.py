"""The link to an Asterisk: logged in, cut, silent, refused, flooded; its calls are those that were (S1-13, S2-06)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from addons.telephony.services.asterisk import form
from addons.telephony.services.asterisk.calls import Call
from addons.telephony.services.asterisk.jobs import jobs
from addons.telephony.services.asterisk.names import Endpoints
from addons.telephony.services.asterisk.reducer import Reducer
from addons.telephony.services.link import asterisk
from addons.telephony.services.link.adapters import Exchange, Given
from addons.telephony.services.link.asterisk import Timing, follow
from addons.telephony.services.link.dials import Dial, Outcome
from addons.telephony.services.link.ordering import Orders
from addons.telephony.services.link.reading import Reader
from addons.telephony.services.link.wire import LinkError, Wire
from addons.telephony.services.on_line import OnLine
from tests.telephony.manager import SECRET, Manager, Part, said, written
from tests.telephony.recorded import differences, recording

QUICK = Timing(patience=5.0, ping=0.05, busy_ping=0.05, silence=5.0, pause=0.01, longest_pause=0.05)
ENOUGH = 2_000
"""Looks of a link after which a test gives up."""


class Noting:
    """A desk that notes what it is told, until it has what the test waits for."""

    def __init__(self, until: Callable[[Noting], bool]) -> None:
        self._until = until
        self._looks = 0
        self.calls: list[Call] = []
        self.states: list[str] = []
        self.problem = ""
        self.release = ""
        self.thrown_away = 0
        self.gaps: list[str] = []
        self.line: list[tuple[OnLine, ...]] = []
        self.to_give: list[Given] = []
        self.answers: list[tuple[int, str, str]] = []
        self.to_dial: list[Dial] = []
        self.outcomes: list[Outcome] = []
        self.heard: float | None = None

    def goes_on(self) -> bool:
        self._looks += 1
        assert self._looks < ENOUGH, "what the test waits for does not come"
        return not self._until(self)

    has_room, rests = True, 1.0

    def tell(self, calls: Iterable[Call], heard: float | None = None) -> None:
        self.calls += calls
        self.heard = heard if heard is not None else self.heard

    def state(self, state: str, problem: str = "", release: str = "") -> None:
        self.states.append(state)
        self.problem, self.release = problem or self.problem, release or self.release

    def on_line(self, calls: tuple[OnLine, ...]) -> None:
        if not self.line or self.line[-1] != calls:
            self.line.append(calls)

    def orders(self) -> list[Given]:
        given, self.to_give = self.to_give, []
        return given

    def done(self, order_id: int, problem: str = "", detail: str = "") -> None:
        self.answers.append((order_id, problem, detail))

    def dials(self) -> list[Dial]:
        found, self.to_dial = self.to_dial, []
        return found

    def dialled(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def dropped(self, number: int) -> None:
        self.thrown_away = number

    def missed_since(self) -> float | None:
        return None

    def filled(self, problem: str = "") -> None:
        self.gaps.append(problem)

    def store(self, *, at_once: bool = False, waiting: Callable[[], int] = int) -> bool:
        return True

    def finish(self, seconds: float) -> None:
        pass


def exchange(port: int, secret: str = SECRET) -> Exchange:
    return Exchange(1, "test", "127.0.0.1", port, "forecourt", secret, Endpoints())


def followed(
    manager: Manager,
    until: Callable[[Noting], bool],
    timing: Timing = QUICK,
    orders: Iterable[Given] = (),
    dials: Iterable[Dial] = (),
    **more: Any,
) -> Noting:
    """A link that is kept until the desk has what is waited for."""
    desk: Any = Noting(until)
    desk.to_give = list(orders)
    desk.to_dial = list(dials)
    follow(exchange(manager.port, **more), desk, timing)
    noted: Noting = desk
    return noted


def calls(number: int) -> Callable[[Noting], bool]:
    return lambda desk: len(desk.calls) >= number


@pytest.mark.parametrize(
    "name", ["a1-answered-client-hangs-up", "c1-abandoned-in-queue-busy", "g1-attended-transfer-phone"]
)
def test_what_is_said_over_the_line_is_what_was_recorded_s2_06(name: str) -> None:
    taken = recording(name)
    with Manager(Part(said(taken.connections[0]))) as manager:
        desk = followed(manager, calls(2 if name.startswith("c1") else 1))
    unasked = frozenset({"recordings", "how", "ended_by", "hangup_by"})
    assert differences(name, form.document(jobs(desk.calls)), unasked) == []
    assert (desk.states[:2], desk.release) == (["connecting", "linked"], "22.10.0")


def test_a_link_that_was_cut_goes_on_with_the_same_call_s1_13() -> None:
    taken = recording("o1-reconnect-while-talking")
    first, second = taken.connections
    state = next(state for at, state in taken.snapshots if at >= second.began)
    with Manager(Part(said(first), stays=False), Part(said(second), state)) as manager:
        desk = followed(manager, calls(1))
    assert desk.states == ["connecting", "linked", "away", "connecting", "linked"]
    (call,) = desk.calls
    assert (call.disposition, call.client) == ("answered", "79161234509")


def test_a_call_that_ended_while_the_link_was_away_is_told_with_a_guessed_end() -> None:
    taken = recording("a1-answered-client-hangs-up")
    messages = [message for _, message in taken.connections[0].messages if "Event" in message]
    ended = next(number for number, each in enumerate(messages) if each["Event"] == "HangupRequest")
    data = b"".join(written(each) for each in messages[:ended])
    with Manager(Part(data, stays=False), Part()) as manager:
        desk = followed(manager, calls(1))
    (call,) = desk.calls
    assert (call.disposition, call.ended_known) == ("answered", False)


def test_one_event_with_a_wrong_date_says_nothing_of_the_next() -> None:
    dated = [{"Event": "Newexten", "Uniqueid": "1.1", "Timestamp": f"{at}.0"} for at in (1895300000, 1795300000)]
    with Manager(Part(b"".join(written(each) for each in dated))) as manager:
        followed(manager, lambda desk: desk.heard is not None and abs(desk.heard - 1795300000) < 60)


def test_a_wrong_secret_is_told_and_not_tried_in_haste() -> None:
    with Manager() as manager:
        desk = followed(manager, lambda desk: "refused" in desk.states, secret="wrong")
    assert desk.problem == "Authentication failed"


def test_what_the_user_may_not_order_is_told() -> None:
    with Manager(Part(allowed=("Status", "CoreShowChannels", "QueueStatus", "Hangup"))) as manager:
        noted = followed(manager, lambda noted: "linked" in noted.states)
    assert (noted.states[-1], noted.problem) == ("linked", "Originate, BlindTransfer, Atxfer")


def test_an_exchange_that_is_not_there_is_told() -> None:
    with Manager() as manager:
        port = manager.port
    desk: Any = Noting(lambda desk: desk.states.count("away") > 2)
    follow(exchange(port), desk, QUICK)
    assert str(port) in desk.problem


def test_a_half_open_connection_is_noticed_by_its_silence() -> None:
    quick = Timing(patience=5.0, ping=0.05, busy_ping=0.05, silence=0.2, pause=0.01, longest_pause=0.05)
    with Manager(Part(mute=True)) as manager:
        desk = followed(manager, lambda desk: "away" in desk.states, quick)
    assert "0.2 seconds" in desk.problem


@pytest.mark.parametrize(
    "rubbish",
    [
        b"\xff\xfe\x00" * 2_000 + b"\r\n\r\n",
        b"x" * 1_048_576 + b"\r\n\r\n",
        b"Event: Unheard-of\r\nEvent: Twice\r\n\r\n",
        b":\r\n\r\n" * 500,
    ],
    ids=["bytes", "long", "unknown", "empty"],
)
def test_rubbish_on_the_line_spoils_no_call(rubbish: bytes) -> None:
    name = "b1-abandoned-in-ivr"
    data = rubbish + said(recording(name).connections[0]) + rubbish
    with Manager(Part(data)) as manager:
        desk = followed(manager, calls(1))
    assert desk.calls[0].loss_reason == "listening_ivr"


def test_what_nobody_takes_is_thrown_away_and_counted() -> None:
    event = written({"Event": "Newexten", "Uniqueid": "1.1"})
    with Manager(Part(event * 5_000, stays=False)) as manager:
        wire = Wire("127.0.0.1", manager.port, patience=5.0, silence=5.0)
        for action in ("Status", "CoreShowChannels", "QueueStatus"):
            wire.send(action)
        reader = Reader(wire, most=100 * len(event))
        reader.wait()
        assert len(reader) <= 100 * len(event)
        assert reader.dropped > 1_000
        kept = reader.take(5_000, 0.0)
        assert 4_900 <= reader.dropped + len(kept) <= 5_100
        assert isinstance(reader.ended, LinkError)
        reader.close()


def test_no_value_becomes_a_header_of_its_own() -> None:
    with Manager() as manager:
        followed(manager, lambda desk: "refused" in desk.states, secret="x\r\nAction: Originate\n\r\nAction: Logoff")
        assert [each["Action"] for each in manager.asked] == ["Login"]


# --- what is on the line now, and orders ----------------------------------------------------------


def seen(desk: Noting) -> list[list[tuple[str, str, list[tuple[str, str]]]]]:
    """What the link has told of the line, one state after another."""
    return [
        [(call.state, call.client, [(phone.ext, phone.state) for phone in call.phones]) for call in calls]
        for calls in desk.line
    ]


def test_the_line_is_told_as_it_is_while_it_rings_and_while_they_talk_s3_01() -> None:
    """And a call that is over is not on the line any more."""
    events = [message for _, message in recording("a1-answered-client-hangs-up").connections[0].messages]
    events = [message for message in events if "Event" in message]
    rung = max(n for n, each in enumerate(events) if each["Event"] == "Newstate" and each["ChannelState"] == "5")
    ringing = [("ringing", "+79161234501", [("102", "ringing"), ("103", "ringing")])]

    def until(desk: Noting) -> bool:
        told = seen(desk)
        if told and told[-1] == ringing and not ended:
            ended.append(True)
            manager.say(events[rung + 1 :])
        return bool(ended) and told[-1] == []

    ended: list[bool] = []
    with Manager(Part(b"".join(written(each) for each in events[: rung + 1]))) as manager:
        desk = followed(manager, until)
    assert ringing in seen(desk)


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        (
            "a1-answered-client-hangs-up",
            [("ringing", [("102", "ringing"), ("103", "ringing")]), ("talking", [("102", "talking")])],
        ),
        ("k1-hidden-number", [("ringing", [("102", "ringing")]), ("talking", [("102", "talking")])]),
        (
            "g2-attended-transfer-ami",
            [
                ("talking", [("102", "talking")]),
                ("ringing", [("102", "busy"), ("106", "ringing")]),
                ("talking", [("106", "talking")]),
            ],
        ),
        ("f2-blind-transfer-ami", [("ringing", [("104", "ringing")]), ("talking", [("104", "talking")])]),
    ],
)
def test_each_stage_of_a_call_is_on_the_line_s3_01_s3_14(name: str, stages: list[Any]) -> None:
    reducer = Reducer()
    told: list[Any] = []
    for received, message in recording(name).connections[0].messages:
        reducer.feed(message, received)
        told += [(call.state, [(phone.ext, phone.state) for phone in call.phones]) for call in reducer.on_line]
    places = [told.index(stage) for stage in stages]
    assert places == sorted(places)
    assert reducer.on_line == ()


def order(kind: str, **more: Any) -> Given:
    told = {"ext": "101", "channel": "PJSIP/101-00000001", "number": "104", "name": "fc-1795304979-7", **more}
    return Given(7, kind, told["ext"], told["channel"], told["number"], told["name"])


@pytest.mark.parametrize(
    ("given", "action"),
    [
        (order("hang_up"), {"Action": "Hangup", "Channel": "PJSIP/101-00000001", "Cause": "16"}),
        (
            order("transfer"),
            {"Action": "BlindTransfer", "Channel": "PJSIP/101-00000001", "Exten": "104", "Context": "from-internal"},
        ),
        (order("consult"), {"Action": "Atxfer", "Channel": "PJSIP/101-00000001", "Exten": "104"}),
    ],
    ids=["hang-up", "transfer", "consult"],
)
def test_an_order_is_an_action_s0_20_s3_14(given: Given, action: dict[str, str]) -> None:
    with Manager() as manager:
        desk = followed(manager, lambda desk: bool(desk.answers), orders=[given])
    assert action.items() <= manager.asked[-1].items() or any(action.items() <= each.items() for each in manager.asked)
    assert desk.answers == [(7, "", "")]


def test_an_exchange_that_refuses_says_why() -> None:
    refusal = {"Transfer": [], "Hangup": [{"Response": "Error", "Message": "No such channel"}]}
    with Manager(Part(answers=refusal)) as manager:
        desk = followed(manager, lambda desk: bool(desk.answers), orders=[order("hang_up")])
    assert desk.answers == [(7, "not_there", "No such channel")]


@pytest.mark.parametrize(
    ("reason", "problem"), [("4", ""), ("3", "not_answered"), ("5", "busy"), ("0", "not_there"), ("99", "refused")]
)
def test_a_call_of_ours_has_our_name_and_its_end_is_told_s1_22(reason: str, problem: str) -> None:
    given = order("originate", channel="", number="89161234567")

    def until(desk: Noting) -> bool:
        sent = [each for each in manager.asked if each["Action"] == "Originate"]
        if sent and not answered:
            answered.append(sent[0]["ActionID"])
            success = "Failure" if problem else "Success"
            event = {"Event": "OriginateResponse", "ActionID": answered[0], "Response": success, "Reason": reason}
            manager.say([event])
        return bool(desk.answers)

    answered: list[str] = []
    with Manager() as manager:
        desk = followed(manager, until, orders=[given])
    sent = next(each for each in manager.asked if each["Action"] == "Originate")
    assert (sent["Channel"], sent["Exten"], sent["ChannelId"]) == ("PJSIP/101", "89161234567", "fc-1795304979-7-1")
    assert "Application" not in sent
    assert desk.answers == [(7, problem, "")]


@pytest.mark.parametrize("evil", ["104\r\nAction: Logoff", "104 105", "104,1", "104&105", ""])
def test_nothing_is_dialled_that_is_no_number(evil: str) -> None:
    with Manager() as manager:
        desk = followed(manager, lambda desk: bool(desk.answers), orders=[order("transfer", number=evil)])
    assert desk.answers == [(7, "refused", "")]
    assert not [each for each in manager.asked if each["Action"] in ("BlindTransfer", "Logoff")]


def test_a_link_that_is_lost_leaves_no_order_without_an_answer() -> None:
    cut: list[bool] = []

    def until(desk: Noting) -> bool:
        if not cut and any(each["Action"] == "Originate" for each in manager.asked):
            manager.cut()
            cut.append(True)
        return bool(desk.answers)

    with Manager() as manager:
        desk = followed(manager, until, orders=[order("originate")])
    assert desk.answers[0][:2] == (7, "lost")


def test_whose_order_comes_after_one_that_the_exchange_does_not_take_is_told() -> None:
    class Cut:
        def send(self, *_: object) -> str:
            raise LinkError("sending failed")

    wire: Any = Cut()
    desk: Any = Noting(lambda desk: True)
    given = order("hang_up")
    with pytest.raises(LinkError):
        Orders(wire, exchange(5038), desk).give([given, replace(given, id=8)])
    assert desk.answers == [(7, "lost", ""), (8, "lost", "")]


# --- calls for requests ---------------------------------------------------------------------------

ORDER = Dial("fc-site-7-0", "600", "callback-group", "+79161234567", "callback", "Заявка с сайта Имя: Иван", 30)


def outcome_came(desk: Noting) -> bool:
    return bool(desk.outcomes)


def rings(answered: bool, up: str = "before") -> tuple[bytes, ...]:
    """What an Asterisk says of an order: the phone of 103 rings, and is answered or not.

    :param up: whether it says which phone was answered ``before`` it says that the call was, ``after`` that, or ``never``.
    """
    phone = {"Channel": "PJSIP/103-00000001", "Uniqueid": "1795408161.3", "Linkedid": "NAME", "CallerIDNum": "103"}
    local = {"Channel": "Local/600@callback-group-00000000;1", "Uniqueid": "NAME", "Linkedid": "NAME"}
    ours = {"ChannelState": "0", "CallerIDNum": "79161234567", "Context": "callback", "Exten": "s"}
    events: list[dict[str, str]] = [
        {"Event": "Newchannel", **local, **ours},
        {"Event": "Newchannel", **phone, "ChannelState": "0", "Context": "callback-group", "Exten": ""},
        {"Event": "Newstate", **phone, "ChannelState": "5", "ChannelStateDesc": "Ringing"},
    ]
    end = {"Response": "Success", "Reason": "4"} if answered else {"Response": "Failure", "Reason": "3"}
    events.append({"Event": "OriginateResponse", "ActionID": "NAME", **end})
    if answered and up != "never":
        place = len(events) - (up == "before")
        events.insert(place, {"Event": "Newstate", **phone, "ChannelState": "6", "ChannelStateDesc": "Up"})
    return tuple(written(each) for each in events)


@pytest.mark.parametrize(
    ("dialled", "told"),
    [
        (rings(answered=True), ("answered", "103")),
        (rings(answered=True, up="after"), ("answered", "103")),
        (rings(answered=True, up="never"), ("answered", "")),
        (rings(answered=False), ("unanswered", "")),
    ],
    ids=["answered", "by-whom-later", "by-nobody-knows-whom", "in-vain"],
)
def test_an_order_goes_to_the_exchange_and_its_outcome_comes_back_s1_33_s1_34(
    monkeypatch: pytest.MonkeyPatch, dialled: tuple[bytes, ...], told: tuple[str, str]
) -> None:
    if told == ("answered", ""):
        monkeypatch.setattr(asterisk, "KNOWN_WITHIN", 0.01)
    with Manager(Part(dialled=dialled)) as manager:
        desk = followed(manager, outcome_came, dials=[ORDER])
        [asked] = [each for each in manager.asked if each["Action"] == "Originate"]
    [outcome] = desk.outcomes
    assert (outcome.channel_id, outcome.result, outcome.extension) == ("fc-site-7-0", *told)
    assert asked["Channel"] == "Local/600@callback-group/n"
    assert (asked["Context"], asked["Exten"], asked["Priority"]) == ("callback", "79161234567", "1")
    assert (asked["Timeout"], asked["Async"], asked["ChannelId"]) == ("30000", "true", "fc-site-7-0")
    assert asked["CallerID"] == '"Заявка с сайта Имя: Иван" <79161234567>'
    assert not {"Application", "Data"} & asked.keys()


ANOTHER = written({"Event": "Newchannel", "Channel": "PJSIP/105-00000009", "Uniqueid": "2.1", "Linkedid": "2.1"})
"""Somebody else is on the line."""


@pytest.mark.parametrize("cut", [False, True], ids=["ends", "lost"])
def test_an_answer_is_told_also_when_the_link_ends_before_it_is_known_by_whom_s1_34(
    monkeypatch: pytest.MonkeyPatch, cut: bool
) -> None:
    """Else the call would be in doubt, and a colleague would call the client who talks."""

    def away() -> None:
        raise OSError

    lost = False

    def until(desk: Noting) -> bool:
        nonlocal lost
        heard = bool(desk.line) and len(desk.line[-1]) > 1
        if heard and cut and not lost:
            lost = True
            manager.cut()
        return bool(desk.outcomes) if cut else heard

    monkeypatch.setattr(asterisk, "KNOWN_WITHIN", 0.3 if cut else 60.0)
    with Manager(Part(dialled=(*rings(answered=True, up="never"), ANOTHER)), Part(first=away)) as manager:
        desk = followed(manager, until, dials=[ORDER])
    assert desk.outcomes == [Outcome("fc-site-7-0", "answered")]


def test_a_call_is_found_by_each_of_its_names() -> None:
    reducer = Reducer()
    for received, message in recording("g1-attended-transfer-phone").connections[0].messages:
        reducer.feed(message, received)
        for each in reducer.open_calls:
            assert {found.linkedid for name in each.linkedids if (found := reducer.called(name))} == {each.linkedid}
    assert reducer.called("unheard-of") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": "79161234567\r\nAction: Command"},
        {"client": "810"},
        {"ring": "600@default"},
        {"ring_context": "a,b"},
        {"client_context": ""},
        {"channel_id": "x"},
        {"seconds": 0},
    ],
)
def test_what_is_no_number_is_never_ordered(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="cannot be dialled"):
        replace(ORDER, **wrong)


def test_a_name_from_a_form_stays_a_name() -> None:
    shown = replace(ORDER, shown='x" <8809>\r\nAction: Logoff\r\n').headers()["CallerID"]
    assert shown == '"x 8809 Action: Logoff" <79161234567>'
