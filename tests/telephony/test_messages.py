"""The parser of the manager interface: whatever comes, in whatever pieces."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from addons.telephony.services.asterisk.messages import LONGEST_LINE, MOST_HEADERS, MOST_KEPT, Parser
from tests.telephony.recorded import TRACES

LINES = st.sampled_from(
    [b"Event: Hangup", b"Channel: PJSIP/102-1", b"Event:again", b"no colon", b":", b"", b"\r", b"\xff: \xd0"]
)
BYTES = st.one_of(st.binary(max_size=200), st.lists(LINES, max_size=30).map(b"\r\n".join))


@given(BYTES, st.lists(st.integers(0, 300), max_size=8))
def test_pieces_do_not_matter(data: bytes, places: list[int]) -> None:
    data += b"\r\n\r\n"
    whole = Parser().feed(data)
    parser, cuts = Parser(), sorted({0, *(min(place, len(data)) for place in places), len(data)})
    pieces = [message for a, b in pairwise(cuts) for message in parser.feed(data[a:b])]
    assert pieces == whole


def test_a_recording_byte_by_byte() -> None:
    data = (TRACES / "b1-abandoned-in-ivr.ami").read_bytes()
    parser = Parser()
    single = [message for place in range(len(data)) for message in parser.feed(data[place : place + 1])]
    assert single == Parser().feed(data)
    assert {"Newchannel", "Hangup"} <= {message.get("Event") for message in single}


def test_a_letter_that_the_network_cuts_in_two_is_whole() -> None:
    parser = Parser()
    name = "Иван Ромашкин".encode()
    assert parser.feed(b"CallerIDName: " + name[:3]) == []
    assert parser.feed(name[3:] + b"\r\n\r\n") == [{"CallerIDName": "Иван Ромашкин"}]


def test_of_a_doubled_header_the_first_counts() -> None:
    assert Parser().feed(b"Event: A\r\nEvent: B\r\n\r\n") == [{"Event": "A"}]


def test_a_line_of_a_megabyte_is_cut_and_the_rest_of_the_message_kept() -> None:
    (message,) = Parser().feed(b"Value: " + b"x" * 1_048_576 + b"\r\nEvent: VarSet\r\n\r\n")
    assert message["Event"] == "VarSet"
    assert len(message["Value"]) < LONGEST_LINE


def test_what_has_no_end_is_not_kept_without_one() -> None:
    parser = Parser()
    for _ in range(100):
        parser.feed(b"x" * 65_536)
    assert parser.held <= LONGEST_LINE
    for number in range(MOST_HEADERS * 3):
        parser.feed(b"\r\nHeader-%d: %s" % (number, b"y" * 5_000))
    assert parser.held <= MOST_KEPT + LONGEST_LINE
    (message,) = parser.feed(b"\r\n\r\n")
    assert len(message) <= MOST_HEADERS
