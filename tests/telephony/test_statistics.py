"""What is counted of calls, and the check of calls against contacts (S2-45, S2-46, S2-47)."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from addons.contacts.models import ContactGoal, InboundContact
from addons.contacts.services.registration import NewContact, register
from addons.telephony.models import Call, Link, Pbx
from addons.telephony.screens import CALLS
from addons.telephony.services import figures, reconciling, registering
from core.access.models import User
from core.db.audit import AuditEntry
from core.db.engine import WorkSession
from core.web.i18n import load_translators
from core.web.listing.viewer import Viewer
from core.work import settings
from tests.support.dealership import Dealership
from tests.support.visitors import Visit
from tests.telephony.test_storing import keep
from tests.telephony.told import answered, call, job

DAY = datetime(2026, 3, 10, tzinfo=UTC)
MOSCOW = timedelta(hours=3)
HOUR = timedelta(hours=1)


def at(hour: int, day: int = 10) -> datetime:
    """An hour of a day in March by the clock of the dealership."""
    return DAY.replace(day=day) + hour * HOUR - MOSCOW


def traffic(session: WorkSession, dealership: Dealership) -> None:
    """Two answered calls and a lost one of the tenth, an outgoing one that reached nobody of the twelfth."""
    session.get_one(User, dealership.people["petukhov"]).extension = "102"
    session.flush()
    keep(
        session,
        job(answered(at(9), "1.1", client="+79031112233")),
        job(answered(at(9), "1.2", client="+79031112234", wait=45.0, talk=120.0)),
        job(call(at(23), "1.3", client="+79031112235", wait=400.0)),
        job(
            call(at(0, 12), "1.4", client="+79031112236", direction="out", disposition="client_busy", loss_reason=None)
        ),
    )


def viewer(session: WorkSession) -> Viewer:
    return Viewer(session, load_translators([])["en"])


EVER = Call.started_at > DAY - timedelta(days=366)


def breakdown(session: WorkSession, name: str) -> dict[str, figures.Figure]:
    found = figures.load(viewer(session), (EVER,))["breakdowns"]
    return {each.title: each for part in found if part.name == name for each in part.figures}


def test_calls_are_counted_by_the_clock_of_the_reader(dealership: Dealership) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        whole = figures.load(viewer(session), (EVER,))["whole"]
        assert (whole.calls, whole.answered, whole.missed, whole.other) == (4, 2, 1, 1)
        assert (whole.wait, whole.talk) == (150, 90)
        hours = breakdown(session, "hours")
        assert len(hours) == 24
        assert {name: each.calls for name, each in hours.items() if each.calls} == {
            "00:00–00:59": 1,
            "09:00–09:59": 2,
            "23:00–23:59": 1,
        }
        days = breakdown(session, "days")
        assert [each.calls for each in days.values()] == [3, 0, 1]
        assert [each.mark for each in days.values()] == ["10", "11", "12"]


def test_waits_are_those_of_clients(dealership: Dealership) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        waits = breakdown(session, "waits")
        assert {name: each.calls for name, each in waits.items() if each.calls} == {
            "0:00–0:10": 1,
            "0:30–1:00": 1,
            "5:00+": 1,
        }
        assert [each.mark for each in waits.values()] == ["0–10″", "10–20″", "20–30″", "30–60″", "1–2′", "2–5′", "5′+"]


def test_talks_are_those_that_were_answered(dealership: Dealership) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        talks = breakdown(session, "talks")
        assert {name: each.calls for name, each in talks.items() if each.calls} == {"1:00–3:00": 2}


def test_employees_lines_results_and_reasons(dealership: Dealership) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        staff = breakdown(session, "employees")
        assert (staff["Петухов В."].answered, staff["Петухов В."].refused) == (2, 4)
        assert staff["Nobody"].calls == 2
        assert breakdown(session, "lines")["no line"].calls == 4
        assert [each.calls for each in breakdown(session, "results").values()] == [2, 1, 1]
        assert breakdown(session, "reasons")["ringing a manager"].missed == 1


def test_many_days_are_told_by_month(dealership: Dealership) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        keep(session, job(answered(at(9) - timedelta(days=70), "0.1", client="+79031112237")))
        assert list(breakdown(session, "days")) == ["2025-12", "2026-03"]


def test_a_filter_counts(dealership: Dealership) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        assert figures.load(viewer(session), (Call.started_at > at(0, 11),))["whole"].calls == 1
        nothing = figures.load(viewer(session), (EVER, Call.direction == "internal"))
        assert (nothing["whole"].calls, nothing["breakdowns"]) == (0, [])
        assert len(list(figures.table(viewer(session), (EVER, Call.direction == "internal")).rows)) == 1


def test_without_a_period_it_does_not_look_back_for_ever(dealership: Dealership, visit: Visit) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        keep(session, job(call(session.now() - HOUR, "2.1")))
        assert figures.load(viewer(session), ())["whole"].calls == 1
        assert checked(session)["calls"] == 1
        assert figures.load(viewer(session), (EVER,))["bounded"] is False
    assert "Период не выбран" in visit("admin").get("/calls?view=statistics").text
    assert "Период не выбран" not in visit("admin").get("/calls?view=statistics&period=month").text


FILTERS = [
    "",
    "period=month",
    "line=none",
    "branch=1",
    "unreached=1",
    "checked=right",
    "q=903",
    "employee=me",
    "recorded=1",
]


@pytest.mark.parametrize("view", ["statistics", "check"])
def test_the_pages_follow_every_filter_of_the_list(dealership: Dealership, visit: Visit, view: str) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
    admin = visit("admin")
    for query in FILTERS:
        assert admin.get(f"/calls?view={view}&{query}").status_code == 200, query
    for each in CALLS.filters:
        assert admin.get(f"/calls?view={view}&{each.name}=nonsense").status_code in (200, 400)
    assert visit("lebedeva").get(f"/calls?view={view}").status_code == 400
    assert visit("kravtsov").get(f"/calls?view={view}").status_code == 200


@pytest.mark.parametrize(("view", "said"), [("statistics", "Петухов В."), ("check", "+79031112233")])
def test_what_is_shown_is_what_is_taken_out(dealership: Dealership, visit: Visit, view: str, said: str) -> None:
    with dealership.session() as session:
        traffic(session, dealership)
        session.scalars(select(Call).where(Call.linkedid == "1.1")).one().contact_state = "waiting"
    admin = visit("admin")
    sent = {"query": f"view={view}&period=2026-03-10..2026-03-12", "format": "csv"}
    text = admin.post("/calls/export", sent).data.decode("utf-8-sig")
    assert said in text
    assert "+79031112235" not in text
    sheet = admin.post("/calls/export", {**sent, "format": "xlsx"})
    assert "xl/worksheets/sheet1.xml" in ZipFile(io.BytesIO(sheet.data)).namelist()
    with dealership.session() as session:
        assert len(session.scalars(select(AuditEntry.id).where(AuditEntry.action == "export")).all()) == 2


def checked(session: WorkSession) -> dict[str, Any]:
    return dict(reconciling.load(viewer(session), ()))


def test_ten_calls_eight_contacts_a_difference_of_two_s2_45(dealership: Dealership) -> None:
    """Two that were answered just now are left to who talked; all others have become contacts."""
    with dealership.session() as session:
        now = session.now()
        lost = [job(call(now - HOUR, f"1.{n}", client=f"+7903111220{n}")) for n in range(8)]
        fresh = [
            job(answered(now - timedelta(minutes=2), f"2.{n}", client=f"+7903111221{n}", talk=50.0)) for n in range(2)
        ]
        inside = job(call(now - HOUR, "3.1", direction="internal", client=None))
        keep(session, *lost, *fresh, inside)
        found = checked(session)
        assert (found["calls"], found["registered"], found["unregistered"]) == (10, 8, 2)
        assert found["why"] == [(reconciling.REASONS["left"], 2)]
        assert found["how"] == [(reconciling.HOW["by_itself"], 8)]
        assert [each.phone for each in found["missing"]] == ["+79031112211", "+79031112210"]
        assert sum(day.difference for day in found["days"]) == 2
        settings.write(session, registering.GRACE, 0)
        for each in session.scalars(select(Call).where(Call.contact_state == "waiting")):
            each.contact_due_at = now
        assert checked(session)["why"] == [(reconciling.REASONS["soon"], 2)]
        registering.register_due(session)
        assert (checked(session)["unregistered"], checked(session)["why"]) == (0, [])


def test_it_says_what_stands_in_the_way_s2_46(dealership: Dealership, visit: Visit) -> None:
    with dealership.session() as session:
        for goal in session.scalars(select(ContactGoal)):
            goal.active = False
        session.flush()
        keep(session, job(call(session.now() - HOUR)))
        found = checked(session)
        assert found["why"] == [(reconciling.REASONS["refused"], 1)]
        assert found["missing"][0].contact_problem
    page = visit("admin").get("/calls?view=check").text
    assert "916 123-45-67" in page
    assert "Нельзя зарегистрировать" in page
    assert "Нет ни одной действующей цели звонков" in page


def test_a_call_that_answers_an_earlier_one_has_its_contact(dealership: Dealership) -> None:
    with dealership.session() as session:
        now = session.now()
        keep(session, job(call(now - 2 * HOUR, "1.1")))
        keep(session, job(answered(now - HOUR, "1.2", direction="out")))
        found = checked(session)
        assert (found["calls"], found["registered"]) == (2, 2)
        assert found["how"] == [(reconciling.HOW["by_itself"], 1), (reconciling.HOW["shared"], 1)]


def test_what_somebody_has_registered_is_told_apart(dealership: Dealership) -> None:
    with dealership.session() as session:
        goal = session.scalars(select(ContactGoal).where(ContactGoal.channel == "phone")).first()
        assert goal is not None
        contact = register(session, NewContact(channel="phone", goal_id=goal.id, phone="+79161234567"))
        contact.created_by_id = dealership.people["lebedeva"]
        keep(session, job(answered(session.now() - timedelta(minutes=1))))
        session.scalars(select(Call)).one().contact_due_at = session.now()
        registering.register_due(session)
        assert checked(session)["how"] == [(reconciling.HOW["by_hand"], 1)]


def test_an_exchange_that_is_away_is_named(dealership: Dealership, visit: Visit) -> None:
    with dealership.session() as session:
        pbx = Pbx(name="Северная")
        session.add(pbx)
        session.flush()
        session.add(Link(pbx_id=pbx.id, state="away", since=session.now(), gap_since=session.now() - HOUR))
    page = visit("admin").get("/calls?view=check").text
    assert "Северная" in page
    assert "могли быть пропущены" in page


def test_the_register_says_of_each_call_whether_it_has_a_contact_s2_47(dealership: Dealership, visit: Visit) -> None:
    with dealership.session() as session:
        keep(session, job(call(session.now() - HOUR)))
        keep(session, job(answered(session.now() - timedelta(minutes=2), client="+79031112233")))
        number = session.scalars(select(InboundContact.number)).one()
    page = visit("admin").get("/calls").text
    assert page.count("/contact/") == 1
    assert number in page
    assert "903 111-22-33" in page
    assert number not in visit("admin").get("/calls?unregistered=1").text
