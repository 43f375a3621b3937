"""The pages of telephony: calls, their card, the contact's card, exchanges and lines; who may see them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.telephony.models import Call, Line, Link, Pbx
from addons.telephony.services import demo, exchanges
from core.access.models import User
from core.web.app import Application
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor
from tests.telephony.test_storing import keep
from tests.telephony.told import DID, answered, call, job

HOUR = timedelta(hours=1)


@pytest.fixture
def calls(dealership: Dealership) -> dict[str, int]:
    """A missed call, and one that «petukhov» has answered."""
    with dealership.session() as session:
        session.get_one(User, dealership.people["petukhov"]).extension = "102"
        session.flush()
        at = session.now() - HOUR
        keep(session, job(call(at)), job(answered(at - HOUR, client="+79031112233")))
        return {each.disposition: each.id for each in session.scalars(select(Call))}


def test_the_list_shows_calls_and_those_to_call_back_s2_07_s2_50(app: Application, calls: dict[str, int]) -> None:
    visitor = Visitor(app, "admin")
    page = visitor.get("/calls").text
    assert "916 123-45-67" in page
    assert "903 111-22-33" in page
    assert "не потерян</a>" in visitor.get("/calls?group=loss").text
    missed = visitor.get("/calls?unreached=1").text
    assert "916 123-45-67" in missed
    assert "903 111-22-33" not in missed
    assert "дозвон до менеджера" in missed
    for group in ("loss", "result", "employee", "line"):
        assert "ожидание в среднем 0:" in visitor.get(f"/calls?group={group}").text


def test_a_client_who_withholds_his_number_is_told_as_such(app: Application, dealership: Dealership) -> None:
    with dealership.session() as session:
        at = session.now() - HOUR
        keep(session, job(call(at, client=None)), job(call(at, "1.2", client=None, direction="internal")))
    pages = [Visitor(app, "admin").get(f"/calls?direction={direction}").text for direction in ("in", "internal")]
    assert ["Номер скрыт" in page for page in pages] == [True, False]


def test_the_card_says_what_was_on_the_line_and_leads_to_the_contact(
    app: Application, dealership: Dealership, calls: dict[str, int]
) -> None:
    page = Visitor(app, "admin").get(f"/calls/{calls['missed']}").text
    assert "дозвон до менеджера" in page
    assert "102" in page
    assert "0:20" in page
    with dealership.session() as session:
        contact = session.scalars(select(InboundContact).where(InboundContact.channel == "telephony.missed")).one()
    assert f'href="/contact/{contact.id}"' in page


def test_the_contact_shows_its_call_with_reason_and_wait_s1_16_s1_17(
    app: Application, dealership: Dealership, calls: dict[str, int]
) -> None:
    with dealership.session() as session:
        found = session.scalars(select(InboundContact).where(InboundContact.channel == "telephony.missed")).one()
    page = Visitor(app, "admin").get(f"/contact/{found.id}").text
    assert "дозвон до менеджера" in page
    assert "0:20" in page


def test_who_has_no_right_sees_no_call_of_others(app: Application, calls: dict[str, int]) -> None:
    assert Visitor(app, "petukhov").get(f"/calls/{calls['answered']}").status_code == 200
    assert Visitor(app, "petukhov").get(f"/calls/{calls['missed']}").status_code == 404
    assert Visitor(app, "lebedeva").get(f"/calls/{calls['missed']}").status_code == 200


def test_the_secret_of_an_exchange_goes_in_and_never_comes_out(app: Application, dealership: Dealership) -> None:
    visitor = Visitor(app, "admin")
    typed = {"name": "north", "adapter": exchanges.ASTERISK, "host": "pbx.example", "port": "5038", "account": "crm"}
    nowhere = visitor.post("/telephony/exchanges/new", {**typed, "host": "", "active": "1"})
    assert "Укажите узел станции" in nowhere.text
    sent = visitor.post(
        "/telephony/exchanges/new", {**typed, "active": "1", "section.secret": "1", "secret-secret": "ring-a-bell"}
    )
    assert sent.status_code == 303, sent.text
    with dealership.session() as session:
        pbx = session.scalars(select(Pbx)).one()
        assert exchanges.as_exchange(session, pbx).secret == "ring-a-bell"
        number, version = pbx.id, pbx.version
    for path in (f"/telephony/exchanges/{number}", f"/telephony/exchanges/{number}/edit", "/telephony/exchanges"):
        page = visitor.get(path)
        assert page.status_code == 200
        assert "ring-a-bell" not in page.text
    card = visitor.get(f"/telephony/exchanges/{number}").text
    assert "5038" in card
    assert "сохранён, не показывается" in card, "also before the first link"
    changed = {**typed, "host": "other.example", "version": str(version), "section.secret": "1", "secret-secret": ""}
    assert visitor.post(f"/telephony/exchanges/{number}/edit", changed).status_code == 303
    with dealership.session() as session:
        pbx = session.scalars(select(Pbx)).one()
        assert (pbx.host, exchanges.as_exchange(session, pbx).secret) == ("other.example", "ring-a-bell")


def test_the_card_says_what_the_exchange_does_not_allow_and_of_no_gap_before_the_first_call(
    app: Application, dealership: Dealership
) -> None:
    with dealership.session() as session:
        pbx = Pbx(name="fresh", host="pbx.example")
        session.add(pbx)
        session.flush()
        number, now = pbx.id, session.now()
        link = Link(pbx_id=number, state="linked", since=now, problem="Atxfer", gap_since=now, gap_until=now)
        session.add(link)
    page = Visitor(app, "admin").get(f"/telephony/exchanges/{number}").text
    assert "разрешает пользователю меньше" in page
    assert "forecourt pbx check»: Atxfer" in page
    assert "могли пропасть" not in page


def test_a_line_is_kept_by_the_number_that_exchanges_say(app: Application, dealership: Dealership) -> None:
    visitor = Visitor(app, "admin")
    typed = {"number": "8 (495) 555-01-03", "title": "Продажи", "active": "1"}
    assert visitor.post("/telephony/lines/new", typed).status_code == 303
    assert visitor.post("/telephony/lines/new", {**typed, "number": f"+{DID}"}).status_code == 422
    assert visitor.post("/telephony/lines/new", {**typed, "number": "sales"}).status_code == 422
    with dealership.session() as session:
        assert session.scalars(select(Line.number)).all() == ["+74955550103"]


def test_the_demonstration_has_calls_once(dealership: Dealership) -> None:
    with dealership.session() as session:
        keep(session, job(answered(session.now() - HOUR)))
        pbx = session.scalars(select(Pbx)).one()
        pbx.name = "kept"
        demo.fill(session)
        assert session.scalars(select(Pbx.name)).all() == ["kept"]


def test_missed_calls_are_analysed_by_reason_employee_and_hour_s1_21(app: Application, calls: dict[str, int]) -> None:
    visitor = Visitor(app, "admin")
    page = visitor.get("/calls/missed").text
    assert "дозвон до менеджера" in page
    assert "Петухов В." in page, "his phone rang in vain"
    assert "50 %" in page, "one of two calls was missed"
    for kind, begins in (("xlsx", b"PK"), ("csv", "\ufeff".encode())):
        answer = visitor.get(f"/calls/missed/file?as={kind}")
        assert answer.data.startswith(begins)
    told = visitor.get("/calls/missed/file?as=csv").data.decode("utf-8-sig")
    assert ";дозвон до менеджера;1;" in told


def test_a_report_of_days_without_calls_is_empty(app: Application, calls: dict[str, int]) -> None:
    visitor = Visitor(app, "admin")
    for period in ("since=2020-01-01&until=2020-01-31", "since=x&until=", "since=2999-01-01", "since=0001-01-01"):
        assert visitor.get(f"/calls/missed?{period}").status_code == 200
    for until in ("0001-06-01", "9999-12-31"):
        for page in ("/calls/missed", "/calls/missed/file"):
            assert visitor.get(f"{page}?until={until}").status_code == 200


def test_the_report_is_of_the_own_branch_and_its_file_of_who_may_export(
    app: Application, dealership: Dealership, calls: dict[str, int]
) -> None:
    assert Visitor(app, "petukhov").get("/calls/missed/file").status_code == 403
    assert "916 123-45-67" not in Visitor(app, "petukhov").get("/calls/missed").text
    assert Visitor(app, "lebedeva").get("/calls/missed").status_code == 200
