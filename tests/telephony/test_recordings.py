"""Recordings are listened to by whom it is granted, and each play is written down (S0-49, S2-48, S2-49, X-08, SEC-5, SEC-34)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from addons.telephony.models import DOOMED, EXPECTED, NOWHERE, THERE, Call, CallCheck, Pbx, Recording
from addons.telephony.services import exchanges
from addons.telephony.services.asterisk.calls import Recording as Told
from addons.telephony.services.recordings import listening, looking, places
from addons.telephony.services.recordings.folder import Folder
from addons.telephony.services.recordings.paths import Missing, OutOfReach
from addons.telephony.services.recordings.web import may_be_asked
from core.db.audit import AuditEntry, AuditValue
from core.db.engine import WorkSession
from core.work import personal_erasure, settings
from core.work.subjects import Subject
from tests.support.dealership import Dealership
from tests.support.visitors import Visit
from tests.telephony.sounds import SOUND, Sounds
from tests.telephony.test_storing import keep
from tests.telephony.told import answered, job

HOUR = timedelta(hours=1)
PATH = "2026/11/22/in-74955550103-79161234567.wav"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the exchange, with one recording in it and a secret beside it."""
    found = tmp_path / "monitor"
    (found / PATH).parent.mkdir(parents=True)
    (found / PATH).write_bytes(SOUND)
    (tmp_path / "secret.wav").write_bytes(b"not for you")
    return found


@pytest.fixture
def sounds() -> Iterator[Sounds]:
    """A server that has the same recording."""
    with Sounds({f"/monitor/{PATH}": SOUND}) as server:
        yield server


def recorded(session: WorkSession, location: str, *paths: str, ago: timedelta = HOUR) -> None:
    """A call that somebody has answered, with these recordings, of an exchange whose recordings are read there."""
    at = session.now() - ago
    recordings = tuple(Told(path, 60.0) for path in paths or (PATH,))
    keep(session, job(answered(at, recordings=recordings)))
    session.scalars(select(Pbx)).one().recordings = location
    session.flush()


def found(session: WorkSession) -> list[tuple[str, int]]:
    looking.look(session)
    return [(each.state, each.size) for each in session.scalars(select(Recording).order_by(Recording.id))]


def number(session: WorkSession) -> int:
    return session.scalars(select(Recording.id)).one()


@pytest.fixture
def heard(dealership: Dealership, folder: Path) -> int:
    """The number of a recording that is there."""
    with dealership.session() as session:
        recorded(session, str(folder))
        assert found(session) == [(THERE, len(SOUND))]
        return number(session)


def plays(dealership: Dealership, action: str = listening.LISTENED) -> list[tuple[int | None, object]]:
    """Who has listened to what, by the trail."""
    with dealership.session() as session:
        rows = session.execute(
            select(AuditEntry.user_id, AuditValue.changes)
            .join(AuditValue, AuditValue.audit_id == AuditEntry.id)
            .where(AuditEntry.action == action)
            .order_by(AuditEntry.id)
        )
        return [(row.user_id, row.changes["recording"]) for row in rows]


# --- whether it is there --------------------------------------------------------------------------


def test_what_comes_late_is_found_when_it_comes_and_what_never_comes_is_given_up(
    dealership: Dealership, folder: Path
) -> None:
    with dealership.session() as session:
        recorded(session, str(folder), "late.wav")
        assert found(session) == [(EXPECTED, 0)]
        (folder / "late.wav").write_bytes(SOUND)
        assert found(session) == [(EXPECTED, 0)], "not before its time"
        recording = session.scalars(select(Recording)).one()
        recording.look_at = None
        assert found(session) == [(THERE, len(SOUND))]
        recording.path, recording.state = "never.wav", EXPECTED
        session.scalars(select(Call)).one().ended_at = session.now() - timedelta(days=2)
        assert found(session) == [(NOWHERE, len(SOUND))]


def test_a_folder_that_is_away_is_asked_again(dealership: Dealership, tmp_path: Path) -> None:
    with dealership.session() as session:
        recorded(session, str(tmp_path / "not mounted"), ago=timedelta(days=5))
        assert found(session) == [(EXPECTED, 0)]
        assert session.scalars(select(Recording.look_at)).one() is not None


def test_what_is_read_nowhere_is_given_up_without_looking(dealership: Dealership, folder: Path) -> None:
    with dealership.session() as session:
        recorded(session, "")
        assert found(session) == [(EXPECTED, 0)]
        assert looking.look(session) == 0, "not before it is given up"
        session.scalars(select(Call)).one().ended_at = session.now() - timedelta(days=2)
        session.scalars(select(Recording)).one().look_at = session.now()
        assert found(session) == [(NOWHERE, 0)]
        pbx = session.scalars(select(Pbx)).one()
        exchanges.change(session, pbx, {"recordings": str(folder)})
        assert found(session) == [(THERE, len(SOUND))]


def test_another_place_is_looked_at_anew(dealership: Dealership, folder: Path, heard: int, visit: Visit) -> None:
    with dealership.session() as session:
        pbx = session.scalars(select(Pbx)).one()
        typed = {"name": pbx.name, "adapter": pbx.adapter, "host": "", "port": "5038", "version": str(pbx.version)}
        address = f"/telephony/exchanges/{pbx.id}/edit"
    admin = visit("admin")
    assert admin.post(address, {**typed, "recordings": "monitor"}).status_code == 422
    assert admin.post(address, {**typed, "recordings": str(folder.parent)}).status_code == 303
    with dealership.session() as session:
        assert found(session) == [(EXPECTED, len(SOUND))]


OUTSIDE = [
    "../secret.wav",
    "2026/../../secret.wav",
    "/etc/passwd",
    "..",
    "",
    "2026/11/22",
    "2026//secret.wav",
    "./secret.wav",
    "..\\secret.wav",
    "secret.wav\x00.wav",
    "link.wav",
    "linked/secret.wav",
    "round.wav",
    "pipe.wav",
    "empty.wav",
    "page.html",
    "x" * 300 + ".wav",
]


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_of_the_folder_or_to_what_is_no_recording(folder: Path, path: str) -> None:
    (folder / "link.wav").symlink_to(folder.parent / "secret.wav")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "round.wav").symlink_to(folder / "round.wav")
    (folder / "empty.wav").touch()
    (folder / "page.html").write_text("<script>")
    os.mkfifo(folder / "pipe.wav")
    with pytest.raises(Missing):
        Folder(str(folder)).open(path)


def test_links_within_the_folder_and_whole_paths_of_it_are_good(folder: Path) -> None:
    (folder / "today").symlink_to(folder / "2026/11/22")
    for path in (f"today/{PATH.rpartition('/')[2]}", f"{folder}/{PATH}"):
        source = Folder(str(folder)).open(path)
        assert b"".join(source.read(0, source.size - 1)) == SOUND


@pytest.mark.parametrize(
    ("location", "good"),
    [
        ("/var/spool/asterisk/monitor", True),
        ("https://pbx.example:8443/monitor/", True),
        ("", True),
        ("/", False),
        ("monitor", False),
        ("file:///etc", False),
        ("http://", False),
        ("http://user:word@pbx.example/", False),
        ("http://pbx.example/?path=", False),
        ("http://pbx.example:port/", False),
    ],
)
def test_a_place_is_a_folder_or_an_address(location: str, good: bool) -> None:
    assert (not places.fault(location)) is good


# --- over HTTP ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("span", [(0, None), (10, 19), (70_000, None)])
def test_a_server_gives_the_same(sounds: Sounds, ranges: bool, span: tuple[int, int | None]) -> None:
    sounds.ranges = ranges
    source = sounds.place("crm", "ring-a-bell").open(PATH)
    assert source.size == len(SOUND)
    first, last = span[0], source.size - 1 if span[1] is None else span[1]
    assert b"".join(source.read(first, last)) == SOUND[first : last + 1]
    assert sounds.accounts == {("crm", "ring-a-bell")}


def test_a_server_leads_nowhere_else(sounds: Sounds) -> None:
    place = sounds.place()
    for path in (*OUTSIDE[:9], "gone.wav"):
        with pytest.raises(Missing):
            place.open(path)
    sounds.moved_to = "http://127.0.0.1:1/monitor/"
    with pytest.raises(OutOfReach):
        place.open(PATH)
    assert {path for path in sounds.asked if ".." in path} == set()


def test_a_server_that_breaks_off_is_out_of_reach(sounds: Sounds) -> None:
    source = sounds.place().open(PATH)
    sounds.cut_at = 1000
    with pytest.raises(OutOfReach):
        b"".join(source.read(0, source.size - 1))


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("10.1.2.3", True),
        ("127.0.0.1", True),
        ("2001:db8::1", True),
        ("169.254.169.254", False),
        ("::ffff:169.254.169.254", False),
        ("fe80::1%eth0", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::", False),
    ],
)
def test_addresses_where_no_exchange_can_be_are_not_asked(address: str, asked: bool) -> None:
    assert may_be_asked(address) is asked


def test_it_is_played_from_the_server_as_from_the_folder(dealership: Dealership, sounds: Sounds, visit: Visit) -> None:
    with dealership.session() as session:
        recorded(session, sounds.address)
        assert found(session) == [(THERE, len(SOUND))]
        recording = number(session)
    answer = visit("admin").get(f"/calls/recordings/{recording}", headers={"Range": "bytes=5-9"})
    assert (answer.status_code, answer.data) == (206, SOUND[5:10])
    sounds.files.clear()
    assert visit("admin").get(f"/calls/recordings/{recording}").status_code == 404
    with dealership.session() as session:
        assert session.scalars(select(Recording.state)).one() == EXPECTED


# --- who listens ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        (None, 200, slice(None), None),
        ("bytes=0-", 206, slice(None), "bytes 0-{last}/{size}"),
        ("bytes=10-19", 206, slice(10, 20), "bytes 10-19/{size}"),
        ("bytes=-5", 206, slice(-5, None), "bytes {tail}-{last}/{size}"),
        ("bytes=10-999999999", 206, slice(10, None), "bytes 10-{last}/{size}"),
        ("bytes=999999999-", 416, None, "bytes */{size}"),
        ("bytes=0-1,5-9", 200, slice(None), None),
        ("lines=1-2", 200, slice(None), None),
        ("bytes=b-a", 200, slice(None), None),
    ],
)
def test_one_range_or_the_whole_of_it(
    visit: Visit, heard: int, asked: str | None, status: int, part: slice | None, told: str | None
) -> None:
    answer = visit("admin").get(f"/calls/recordings/{heard}", headers={"Range": asked} if asked else {})
    size = len(SOUND)
    assert answer.status_code == status
    assert answer.headers.get("Content-Range") == (told and told.format(size=size, last=size - 1, tail=size - 5))
    if part is not None:
        assert answer.data == SOUND[part]
        assert answer.headers["Content-Type"] == "audio/wav"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_every_play_is_in_the_trail_once_x_08(dealership: Dealership, visit: Visit, heard: int) -> None:
    admin, address = visit("admin"), f"/calls/recordings/{heard}"
    mine = (dealership.people["admin"], heard)
    assert admin.client.head(address).status_code == 200
    admin.get(address, headers={"Range": "bytes=0-1"})
    assert plays(dealership) == []
    for span in ("bytes=0-", "bytes=40000-", "bytes=70000-"):
        admin.get(address, headers={"Range": span})
    assert plays(dealership) == [mine]
    admin.get(address)
    assert plays(dealership) == [mine, mine]
    admin.get(f"{address}/file")
    assert plays(dealership, listening.DOWNLOADED) == [mine]


def test_a_piece_from_the_middle_is_a_play_too(dealership: Dealership, visit: Visit, heard: int) -> None:
    visit("admin").get(f"/calls/recordings/{heard}", headers={"Range": "bytes=100-"})
    assert plays(dealership) == [(dealership.people["admin"], heard)]


def test_without_the_right_there_is_no_player_and_no_address_x_08(visit: Visit, heard: int) -> None:
    lebedeva, admin = visit("lebedeva"), visit("admin")
    address = f"/calls/recordings/{heard}"
    for path in ("/calls", "/calls/1", "/contact/1"):
        assert "/calls/recordings" in admin.get(path).text, path
        page = lebedeva.get(path)
        assert page.status_code == 200
        assert "/calls/recordings" not in page.text
    assert lebedeva.get(address).status_code == 403
    assert lebedeva.get(f"{address}/file").status_code == 403
    assert lebedeva.get("/calls?recorded=1").status_code == 400
    assert visit("petukhov").get(address).status_code == 403


def test_the_right_reaches_calls_of_the_own_branch(dealership: Dealership, visit: Visit, heard: int) -> None:
    head = visit("kravtsov")
    assert head.get(f"/calls/recordings/{heard}").status_code == 200
    assert head.get(f"/calls/recordings/{heard}/file").status_code == 403
    with dealership.session() as session:
        session.scalars(select(Call)).one().branch_id = None
    assert head.get(f"/calls/recordings/{heard}").status_code == 404
    assert head.get("/calls/recordings/999").status_code == 404


def test_none_and_there_is_no_player_s0_49(dealership: Dealership, folder: Path, visit: Visit) -> None:
    with dealership.session() as session:
        recorded(session, str(folder), "lost.wav", "sound.gsm")
        (folder / "sound.gsm").write_bytes(SOUND)
        found(session)
    admin = visit("admin")
    for path in ("/calls", "/calls/1", "/contact/1"):
        assert "<audio" not in admin.get(path).text
    assert "/file" in admin.get("/calls/1").text, "what no browser plays can be taken along"
    assert admin.get("/calls/recordings/1").status_code == 404
    assert admin.get("/calls/recordings/2").status_code == 404
    assert admin.get("/calls/recordings/2/file").data == SOUND


def test_what_has_gone_meanwhile_is_not_there(dealership: Dealership, folder: Path, visit: Visit, heard: int) -> None:
    (folder / PATH).unlink()
    assert visit("admin").get(f"/calls/recordings/{heard}").status_code == 404
    assert plays(dealership) == []
    assert "<audio" not in visit("admin").get("/calls/1").text


# --- what he says ---------------------------------------------------------------------------------


def test_a_supervisor_marks_what_was_registered_s2_49(dealership: Dealership, visit: Visit, heard: int) -> None:
    head, clerk = visit("kravtsov"), visit("lebedeva")
    assert clerk.post("/calls/1/check", {"verdict": "right"}).status_code == 403
    assert head.post("/calls/1/check", {"verdict": "wrong", "remark": " "}).status_code == 422
    assert head.post("/calls/1/check", {"verdict": "splendid"}).status_code == 422
    assert head.post("/calls/1/check", {"verdict": "wrong", "remark": "x" * 501}).status_code == 422
    with dealership.session() as session:
        assert session.scalars(select(CallCheck)).all() == []
    assert head.post("/calls/1/check", {"verdict": "wrong", "remark": "Другая модель"}).status_code == 303
    assert head.post("/calls/1/check", {"verdict": "right", "version": "0"}).status_code == 409
    for path in ("/calls/1", "/contact/1"):
        page = visit("admin").get(path).text
        assert "Другая модель" in page
        assert "Кравцов А." in page
    assert "Другая модель" in head.get("/calls/1").text
    assert "/calls/1" not in head.get("/calls?checked=right").text
    assert head.post("/calls/1/check", {"verdict": "right", "version": "1"}).status_code == 303
    with dealership.session() as session:
        assert [each.verdict for each in session.scalars(select(CallCheck))] == ["right"]
    assert head.get("/calls?checked=right").text.count("/calls/1") > 0


# --- how long it is kept --------------------------------------------------------------------------


def test_recordings_go_when_their_term_is_over_with_their_files_sec_72(
    dealership: Dealership, folder: Path, heard: int
) -> None:
    with dealership.session() as session:
        settings.write(session, looking.DAYS, 30)
        looking.doom_old(session)
        assert found(session) == [(THERE, len(SOUND))]
        session.scalars(select(Call)).one().started_at -= timedelta(days=31)
        looking.doom_old(session)
        assert session.scalars(select(Recording.state)).one() == DOOMED
        assert found(session) == []
        assert session.scalars(select(AuditEntry.id).where(AuditEntry.action == "retention_purge")).one()
    assert not (folder / PATH).exists()


def test_what_cannot_be_deleted_yet_is_deleted_later(dealership: Dealership, folder: Path, heard: int) -> None:
    with dealership.session() as session:
        recording = session.scalars(select(Recording)).one()
        recording.state = DOOMED
        folder.rename(folder.with_name("away"))
        assert found(session) == [(DOOMED, len(SOUND))]
        folder.with_name("away").rename(folder)
        recording.look_at = None
        assert found(session) == []
    assert not (folder / PATH).exists()


def test_an_erased_person_is_not_heard_any_more_sec_70(
    dealership: Dealership, folder: Path, heard: int, visit: Visit
) -> None:
    with dealership.session() as session:
        call = session.scalars(select(Call)).one()
        session.add(CallCheck(call_id=call.id, verdict="wrong", remark="Иванов, а не Петров"))
        personal_erasure.erase(session, Subject("telephony_call", call.id), "demand", None)
    assert visit("admin").get(f"/calls/recordings/{heard}").status_code == 404
    with dealership.session() as session:
        assert found(session) == []
        assert session.scalars(select(CallCheck.remark)).all() == [""]
    assert not (folder / PATH).exists()
