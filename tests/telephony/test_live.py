"""What is on the line now: kept in the database, announced as it changes, gone with its call (S2-09, S3-01, S3-12, S3-13)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from sqlalchemy import select

from addons.contacts.models import InboundContact
from addons.contacts.services.customers import CustomerData, create_customer
from addons.telephony.models import Call, CallContact, Link, LiveCall, LivePhone, Order, Pbx
from addons.telephony.services import exchanges, live, missed, orders, passing, pop_ups, registering, upkeep
from addons.telephony.services.keeping import record as store
from addons.telephony.services.on_line import BUSY, RINGING, TALKING, OnLine, Phone
from core.access.models import User
from core.access.policy import system
from core.db.engine import WorkSession
from core.errors import Invalid
from core.live.models import Event
from core.web.app import Application
from core.work.models import Notification
from core.work.presence import PresenceState, presence_of, seen
from core.work.task_models import Task
from tests.support.dealership import Dealership
from tests.support.visitors import Visitor
from tests.telephony.test_storing import keep
from tests.telephony.told import CLIENT, DID, answered, call, job

NAME = "1795304979.0"


def phone(ext: str = "101", state: str = RINGING, at: float = 0.0) -> Phone:
    return Phone(ext, state, f"PJSIP/{ext}-00000001", at)


def on_line(at: datetime, *phones: Phone, name: str = NAME, client: str = CLIENT, **more: Any) -> OnLine:
    """A call of this client that is on the line, with these phones in it."""
    started = at.timestamp()
    phones = tuple(replace(each, since=started) for each in phones)
    states = {each.state for each in phones}
    state = TALKING if TALKING in states else RINGING if RINGING in states else "menu"
    picked_up = started + 5 if TALKING in states else None
    told = OnLine(name, "in", state, client, DID, started, picked_up, "PJSIP/trunk-00000000", phones)
    return replace(told, **more)


def exchange(session: WorkSession, name: str, host: str, **more: str) -> Pbx:
    """An exchange that is linked."""
    row = Pbx(name=name, host=host, account="forecourt", **more)
    session.add(row)
    session.flush()
    session.add(Link(pbx_id=row.id, state="linked", since=session.now()))
    return row


@pytest.fixture
def pbx(dealership: Dealership) -> int:
    """An exchange that is linked, and who has which phone."""
    with dealership.session() as session:
        row = exchange(session, "north", "127.0.0.1")
        for login, ext in (("lebedeva", "101"), ("petukhov", "102"), ("volkov", "103")):
            session.get_one(User, dealership.people[login]).extension = ext
        session.flush()
        return row.id


def tell(dealership: Dealership, pbx: int, *calls: OnLine) -> list[tuple[str, int | None, dict[str, Any]]]:
    """Tell what is on the line; the live events that come of it."""
    with dealership.session() as session:
        last = session.scalar(select(Event.id).order_by(Event.id.desc()).limit(1)) or 0
    with dealership.session() as session:
        live.write(session, pbx, calls)
    with dealership.session() as session:
        rows = session.execute(select(Event).where(Event.id > last).order_by(Event.id)).scalars()
        return [(row.topic, row.user_id, row.payload) for row in rows]


def now(dealership: Dealership) -> datetime:
    with dealership.session() as session:
        return session.now()


def phones_of(session: WorkSession) -> list[LivePhone]:
    return list(session.scalars(select(LivePhone).order_by(LivePhone.id)))


def test_who_is_rung_is_told_who_calls_s2_09_s3_01(dealership: Dealership, pbx: int) -> None:
    with dealership.session() as session:
        create_customer(session, CustomerData(last_name="Иванов", first_name="Виктор", phones=["8 916 123-45-67"]))
    events = tell(dealership, pbx, on_line(now(dealership), phone()))
    lebedeva = dealership.people["lebedeva"]
    assert ("telephony.line", lebedeva, {}) in events
    assert ("telephony.unanswered", None, {}) in events
    with dealership.session() as session:
        notice = session.scalars(select(Notification).where(Notification.kind == pop_ups.KIND)).one()
        assert (notice.user_id, notice.closed_at) == (lebedeva, None)
        assert notice.title_values["client"] == "Иванов Виктор"


@pytest.mark.parametrize("client", [CLIENT, ""], ids=["unknown", "withheld"])
def test_an_unknown_caller_is_told_as_such_s3_01(dealership: Dealership, pbx: int, client: str) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone(), client=client))
    with dealership.session() as session:
        notice = session.scalars(select(Notification).where(Notification.kind == pop_ups.KIND)).one()
        assert notice.title_values["client"] == ("+7 916 123-45-67" if client else {"msgid": "Number withheld"})


def test_picking_up_ends_the_pop_ups_and_is_told_to_who_did_s3_02(dealership: Dealership, pbx: int) -> None:
    at = now(dealership)
    tell(dealership, pbx, on_line(at, phone("101"), phone("102")))
    events = tell(dealership, pbx, on_line(at, phone("101", TALKING)))
    topics = {(topic, user) for topic, user, _ in events}
    assert ("telephony.answered", dealership.people["lebedeva"]) in topics
    assert ("telephony.answered", dealership.people["petukhov"]) not in topics
    with dealership.session() as session:
        notices = session.scalars(select(Notification).where(Notification.kind == pop_ups.KIND)).all()
        assert len(notices) == 2
        assert all(notice.closed_at for notice in notices)


def test_two_calls_at_once_never_mix(dealership: Dealership, pbx: int) -> None:
    at = now(dealership)
    other = on_line(at, phone("102"), name="1795304980.0", client="+79031112233")
    tell(dealership, pbx, on_line(at, phone("101")), other)
    events = tell(dealership, pbx, on_line(at, phone("101", TALKING)), other)
    assert [user for topic, user, _ in events if topic == "telephony.answered"] == [dealership.people["lebedeva"]]
    with dealership.session() as session:
        rows = {row.phone: row.state for row in session.scalars(select(LiveCall))}
    assert rows == {CLIENT: "talking", "+79031112233": "ringing"}


def test_the_end_of_a_call_takes_its_rows_and_asks_who_talked_s3_24(dealership: Dealership, pbx: int) -> None:
    at = now(dealership)
    tell(dealership, pbx, on_line(at, phone("101", TALKING)))
    with dealership.session() as session:
        row = session.scalars(select(LiveCall)).one()
        origin = live.origin_of(row.pbx_id, row.key)
    events = tell(dealership, pbx)
    (told,) = [(user, payload) for topic, user, payload in events if topic == "telephony.over"]
    assert (told[0], told[1]["origin"]) == (dealership.people["lebedeva"], origin)
    with dealership.session() as session:
        assert session.scalars(select(LiveCall.id)).all() == []
        assert phones_of(session) == []


def test_telling_the_same_again_changes_and_tells_nothing(dealership: Dealership, pbx: int) -> None:
    call = on_line(now(dealership), phone("101", TALKING))
    tell(dealership, pbx, call)
    assert tell(dealership, pbx, call) == []


def test_what_a_dead_process_has_left_is_put_right_by_the_first_telling(dealership: Dealership, pbx: int) -> None:
    at = now(dealership)
    stale = on_line(at, phone("102", TALKING), name="1795300000.0")
    kept = on_line(at, phone("101", TALKING))
    tell(dealership, pbx, stale, kept)
    with dealership.session() as session:
        before = {row.key: row.id for row in session.scalars(select(LiveCall))}
    tell(dealership, pbx, kept)
    with dealership.session() as session:
        (row,) = session.scalars(select(LiveCall)).all()
        assert before[row.key] == row.id, "a call that goes on keeps its row, and its form is not opened again"


def test_lines_are_in_every_picker_s0_18_s3_13(dealership: Dealership, pbx: int) -> None:
    lebedeva, petukhov, volkov = (dealership.people[each] for each in ("lebedeva", "petukhov", "volkov"))
    with dealership.session() as session:
        seen(session, [lebedeva, petukhov, volkov])
    at = now(dealership)
    events = tell(dealership, pbx, on_line(at, phone("101", TALKING), phone("102", RINGING)))
    assert {payload["user"] for topic, _, payload in events if topic == "presence.changed"} == {lebedeva, petukhov}
    with dealership.session() as session:
        where = presence_of(session, [lebedeva, petukhov, volkov])
        assert {user: each.shown for user, each in where.items()} == {
            lebedeva: "call",
            petukhov: "ringing",
            volkov: "free",
        }
        assert where[lebedeva].state == PresenceState.FREE


def test_who_is_not_there_is_not_shown_as_talking_s3_12(dealership: Dealership, pbx: int) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", BUSY)))
    with dealership.session() as session:
        assert presence_of(session, [dealership.people["lebedeva"]])[dealership.people["lebedeva"]].shown == "off"


# --- the pages ------------------------------------------------------------------------------------


def strip(visitor: Visitor) -> str:
    return visitor.get("/calls/line", headers={"X-Fragment": "1"}).text


def test_the_strip_shows_client_car_and_who_is_responsible_s2_09(
    app: Application, dealership: Dealership, pbx: int
) -> None:
    with dealership.session() as session:
        data = CustomerData(last_name="Иванов", phones=[CLIENT], responsible_id=dealership.people["petukhov"])
        create_customer(session, data)
    tell(dealership, pbx, on_line(now(dealership), phone("101")))
    mine = strip(Visitor(app, "lebedeva"))
    assert "Иванов" in mine
    assert "916 123-45-67" in mine
    assert "Петухов" in mine
    assert "Иванов" not in strip(Visitor(app, "volkov")), "somebody else's phone rings"
    assert "Иванов" in strip(Visitor(app, "admin")), "nobody has answered: who sees the whole house sees it"


def test_the_page_of_the_line_says_that_nobody_is_on_it_when_the_last_one_has_gone(app: Application, pbx: int) -> None:
    visitor, nobody = Visitor(app, "lebedeva"), "На линии никого нет"
    page = visitor.get("/calls/line").text
    again = re.search(r'data-live-url="(/calls/line\?[^"]+)"', page)
    assert nobody in page
    assert again is not None
    assert nobody in visitor.get(again[1], headers={"X-Fragment": "1"}).text
    assert nobody not in strip(visitor), "the strip over the pages is not there at all"


def test_one_page_opens_the_form_with_everything_filled_in_s1_09_s3_02_s3_03_s3_05(
    app: Application, dealership: Dealership, pbx: int
) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    with dealership.session() as session:
        (mine,) = phones_of(session)
    visitor = Visitor(app, "lebedeva")
    address = f"/calls/line/{mine.id}/answered"
    first, second = visitor.post(address, {}), visitor.post(address, {})
    assert (first.status_code, second.status_code) == (200, 204)
    form = visitor.get(first.text).text
    assert 'name="phone" value="+79161234567"' in form
    assert 'name="customer_id_text" value="+7 916 123-45-67"' in form
    assert not re.search(r'name="(last|first)_name"[^>]*value="[^"]', form), "a number is no name"
    assert 'value="new"' in form, "nobody has the number: a new client (S3-04)"
    assert Visitor(app, "petukhov").post(address, {}).status_code == 204
    with dealership.session() as session:
        task = session.scalars(select(Task).where(Task.kind == passing.KIND)).one()
        assert (task.assignee_id, task.state) == (dealership.people["lebedeva"], "open")
        assert session.scalars(select(Notification).where(Notification.kind == passing.KIND)).all() == []
    _, fields = form_of(app, dealership)
    register(visitor, fields, way="register", responsible_id=str(dealership.people["petukhov"]))
    with dealership.session() as session:
        assert session.scalars(select(Task.state).where(Task.kind == passing.KIND)).one() == "done"
        assert session.scalars(select(InboundContact.client_text)).one() == "+7 916 123-45-67", "as people write it"


def test_the_known_client_is_chosen_already_s1_12(app: Application, dealership: Dealership, pbx: int) -> None:
    with dealership.session() as session:
        customer = create_customer(session, CustomerData(last_name="Иванов", phones=[CLIENT])).id
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    with dealership.session() as session:
        (mine,) = phones_of(session)
    answer = Visitor(app, "lebedeva").get(f"/calls/line/{mine.id}")
    assert answer.status_code == 303
    assert f"customer_id={customer}" in answer.headers["Location"]


def form_of(app: Application, dealership: Dealership, login: str = "lebedeva") -> tuple[Visitor, dict[str, str]]:
    """The form of the call that somebody talks on, as the address fills it."""
    with dealership.session() as session:
        user = dealership.people[login]
        mine = session.scalars(select(LivePhone).where(LivePhone.user_id == user)).one()
    visitor = Visitor(app, login)
    location = visitor.get(f"/calls/line/{mine.id}").headers["Location"]
    return visitor, dict(parse_qsl(urlsplit(location).query))


def register(visitor: Visitor, fields: dict[str, str], **more: str) -> None:
    sent = visitor.post("/reception", {**fields, "once": f"once-{fields['origin']}", **more})
    assert sent.status_code == 303, sent.text


def test_registering_binds_the_contact_to_this_very_call_and_no_other(
    app: Application, dealership: Dealership, pbx: int
) -> None:
    """Also where both numbers are withheld."""
    at = now(dealership)
    tell(dealership, pbx, on_line(at, phone("101", TALKING), client=""))
    visitor, fields = form_of(app, dealership)
    register(
        visitor, fields, way="register", responsible_id=str(dealership.people["petukhov"]), customer_id_text="аноним"
    )
    tell(dealership, pbx)
    with dealership.session() as session:
        bound = session.scalars(select(CallContact)).one()
        exchange = session.get_one(Pbx, pbx)
        exchange.name = "kept"
        session.flush()
        both = [answered(at, NAME, by="101", client=None), answered(at, "1795304999.0", by="101", client=None)]
        store(session, pbx, [job(each) for each in both])
        for call in session.scalars(select(Call)):
            call.contact_due_at = session.now()
        session.flush()
        registering.register_due(session)
        found = {call.linkedid: call.contact_id for call in session.scalars(select(Call))}
    assert found[NAME] == bound.contact_id
    assert found["1795304999.0"] != bound.contact_id


def test_a_transfer_takes_the_live_call_along_s0_20_s1_54(app: Application, dealership: Dealership, pbx: int) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    visitor, fields = form_of(app, dealership)
    petukhov = dealership.people["petukhov"]
    register(visitor, fields, way="transfer", responsible_id=str(petukhov), customer_id_text="Иванов")
    with dealership.session() as session:
        order = session.scalars(select(Order)).one()
        assert (order.kind, order.number, order.channel) == ("transfer", "102", "PJSIP/101-00000001")
        contact = session.scalars(select(CallContact.contact_id)).one()
        assert session.scalars(select(InboundContact.id)).all() == [contact], "no second record (S3-15, C-02)"
    # Passed on again from the card, by whoever has him on the line now.
    tell(dealership, pbx, on_line(now(dealership), phone("102", TALKING)))
    sokolova = dealership.people["sokolova"]
    with dealership.session() as session:
        session.get_one(User, sokolova).extension = "104"
    sent = Visitor(app, "petukhov").post(f"/contact/{contact}/transfer", {"responsible_id": str(sokolova)})
    assert sent.status_code == 303, sent.text
    with dealership.session() as session:
        last = session.scalars(select(Order).order_by(Order.id.desc())).first()
        assert last is not None
        assert (last.number, last.channel) == ("104", "PJSIP/102-00000001")


@pytest.mark.parametrize("rings", ["after", "before"])
def test_who_is_given_the_client_is_told_once_and_sees_whose_it_is_and_since_when_his_phone_rings(
    app: Application, dealership: Dealership, pbx: int, rings: str
) -> None:
    with dealership.session() as session:
        create_customer(session, CustomerData(last_name="Иванов", phones=[CLIENT]))
    began, petukhov = now(dealership) - timedelta(seconds=50), dealership.people["petukhov"]
    talks, both = on_line(began, phone("101", TALKING)), on_line(began, phone("101", TALKING), phone("102"))
    rung = (began + timedelta(seconds=40)).replace(microsecond=0)
    both = replace(both, phones=(both.phones[0], replace(both.phones[1], since=rung.timestamp())))
    tell(dealership, pbx, talks if rings == "after" else both)
    visitor, fields = form_of(app, dealership)
    register(visitor, fields, way="transfer", responsible_id=str(petukhov))
    tell(dealership, pbx, both)
    with dealership.session() as session:
        waiting = select(Notification.kind).where(Notification.user_id == petukhov, Notification.closed_at.is_(None))
        assert session.scalars(waiting).all() == ["contacts.personal"], "one thing, one pop-up"
    shown = strip(Visitor(app, "petukhov"))
    assert "ответственный: Петухов" in shown
    assert re.search(rf'звонит</span> <[^>]*data-since="{re.escape(rung.isoformat())}"', shown), shown


@pytest.mark.parametrize("how", ["callback", "later", "undone"])
def test_a_phone_that_rings_is_shown_to_who_is_not_told_of_the_contact_s2_09_s3_01(
    app: Application, dealership: Dealership, pbx: int, how: str
) -> None:
    at, petukhov = now(dealership), dealership.people["petukhov"]
    both = on_line(at, phone("101", TALKING), phone("102"))
    tell(dealership, pbx, both if how == "callback" else on_line(at, phone("101", TALKING)))
    visitor, fields = form_of(app, dealership)
    sent = {"responsible_id": str(petukhov), "customer_id_text": "Иванов"}
    if how == "callback":
        register(visitor, fields, way="callback", callback_at=f"{at + timedelta(days=1):%Y-%m-%d}T11:00", **sent)
    else:
        register(visitor, fields, way="transfer", **sent)
    if how == "later":
        with dealership.session() as session:
            for notice in session.scalars(select(Notification).where(Notification.user_id == petukhov)):
                notice.snoozed_until = at + timedelta(hours=1)
    tell(dealership, pbx, both)
    if how == "undone":
        with dealership.session() as session:
            contact = session.scalars(select(InboundContact.id)).one()
        assert visitor.post(f"/reception/undo/{contact}").status_code == 303
    with dealership.session() as session:
        waiting = select(Notification.kind).where(
            Notification.user_id == petukhov, Notification.closed_at.is_(None), Notification.snoozed_until.is_(None)
        )
        assert pop_ups.KIND in session.scalars(waiting).all()


def test_a_colleague_without_a_phone_is_named_as_the_obstacle(
    app: Application, dealership: Dealership, pbx: int
) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    visitor, fields = form_of(app, dealership)
    sokolova = str(dealership.people["sokolova"])
    register(visitor, fields, way="transfer", responsible_id=sokolova, customer_id_text="Иванов")
    with dealership.session() as session:
        order = session.scalars(select(Order)).one()
        assert (order.state, order.problem) == ("refused", "no_extension")
    assert "нет телефона" in strip(visitor)


@pytest.mark.parametrize(("mode", "kind"), [("transfer", "transfer"), ("consult", "consult")])
def test_redirecting_from_the_strip_s3_08_s3_14(
    app: Application, dealership: Dealership, pbx: int, mode: str, kind: str
) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    with dealership.session() as session:
        (mine,) = phones_of(session)
    visitor, address = Visitor(app, "lebedeva"), f"/calls/line/{mine.id}/transfer"
    offered = visitor.get(address).text
    assert offered.index("Петухов") < offered.index("Волков"), "who handles what it is about comes first (S3-10)"
    assert visitor.post(address, {"mode": mode}).status_code == 422
    chosen = str(dealership.people["petukhov"])
    assert visitor.post(address, {"mode": mode, "user_id": chosen}).status_code == 303
    assert visitor.post(f"/calls/line/{mine.id}/act", {"kind": "hang_up"}).status_code == 303
    with dealership.session() as session:
        given = [(order.kind, order.number) for order in session.scalars(select(Order).order_by(Order.id))]
    assert given == [(kind, "102"), ("hang_up", "")]
    assert Visitor(app, "petukhov").post(f"/calls/line/{mine.id}/act", {"kind": "hang_up"}).status_code == 404


# --- calls of ours --------------------------------------------------------------------------------


def test_calling_back_rings_the_own_phone_and_belongs_to_the_contact_s1_22_s2_50(
    app: Application, dealership: Dealership, pbx: int
) -> None:
    with dealership.session() as session:
        keep(session, job(call(session.now() - timedelta(hours=1))))
        contact = session.scalars(select(InboundContact)).one().id
    visitor = Visitor(app, "lebedeva")
    assert "Позвонить" in visitor.get(f"/contact/{contact}").text
    with dealership.session() as session:
        task = session.scalars(select(Task.id).where(Task.kind == missed.KIND)).one()
    card = visitor.get(f"/tasks/{task}").text
    assert "Позвонить" in card
    assert "дозвон до менеджера" in card
    assert "0:20" in card, "how long he waited (S1-17)"
    with dealership.session() as session:
        lost = session.scalars(select(Call.id)).one()
    assert "Позвонить" in visitor.get(f"/calls/{lost}").text, "and in the register of missed calls (S2-50)"
    sent = visitor.post("/calls/dial", {"number": CLIENT, "contact": str(contact)})
    assert sent.status_code == 303, sent.text
    visitor.post("/calls/dial", {"number": CLIENT, "contact": str(contact)})
    with dealership.session() as session:
        order = session.scalars(select(Order)).one()
        assert (order.kind, order.ext, order.number) == ("originate", "101", "89161234567")
        bound = session.scalars(select(CallContact)).one()
        assert (bound.key, bound.contact_id) == (live.key_of(order.name), contact)


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ("101", "2XX", "north"),
        ("2XX\n600", "101\n102", "south"),
        ("2xx", "", "south"),
        ("", "", "north"),
        ("2XX", "3XX", ""),
    ],
)
def test_of_several_exchanges_the_person_s_own_calls_s1_22(
    dealership: Dealership, pbx: int, first: str, second: str, chosen: str
) -> None:
    with dealership.session() as session:
        session.get_one(Pbx, pbx).extensions = first
        exchange(session, "south", "127.0.0.2", extensions=second)
        session.flush()
        found = exchanges.of_phone(session, "101", "originate")
        assert (found.name if found is not None else "") == chosen
        session.access = replace(system("test"), user_id=dealership.people["lebedeva"])
        if chosen:
            assert session.get_one(Pbx, orders.call(session, CLIENT).pbx_id).name == chosen
        else:
            with pytest.raises(Invalid):
                orders.call(session, CLIENT)


def test_who_orders_of_an_exchange_out_of_reach_is_told_at_once(
    app: Application, dealership: Dealership, pbx: int
) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    with dealership.session() as session:
        (mine,) = phones_of(session)
        session.get_one(Link, pbx).state = "away"
    visitor, line = Visitor(app, "lebedeva"), f"/calls/line/{mine.id}"
    volkov = str(dealership.people["volkov"])
    for address, sent in (
        ("/calls/dial", {"number": CLIENT}),
        (f"{line}/transfer", {"mode": "transfer", "user_id": volkov}),
        (f"{line}/act", {"kind": "hang_up"}),
    ):
        answer = visitor.post(address, sent)
        assert answer.status_code == 422
        assert "Станция недоступна" in answer.text
    with dealership.session() as session:
        assert session.scalars(select(Order)).all() == []


@pytest.mark.parametrize("typed", ["", "привет", "101", "+78091234567", "+442071838750"], ids=str)
def test_what_must_not_be_dialled_is_refused(dealership: Dealership, pbx: int, typed: str) -> None:
    with dealership.session() as session, pytest.raises(Invalid):
        orders.checked(session, typed)


@pytest.mark.parametrize(
    ("how", "number"), [("eight", "89161234567"), ("digits", "79161234567"), ("plus", "+79161234567")]
)
def test_a_number_is_dialled_as_the_exchange_wants_it(dealership: Dealership, how: str, number: str) -> None:
    with dealership.session() as session:
        assert orders.written(orders.checked(session, "8 (916) 123-45-67"), how) == number


def test_what_says_nothing_any_more_is_tidied(dealership: Dealership, pbx: int) -> None:
    at = now(dealership)
    tell(dealership, pbx, on_line(at, phone("101")))
    tell(dealership, pbx)
    with dealership.session() as session:
        notice = session.scalars(select(Notification).where(Notification.kind == pop_ups.KIND)).one()
        notice.closed_at = at - 2 * upkeep.NOTICES_KEPT
        session.flush()
        assert upkeep.tidy(session) == 1


def test_an_exchange_that_cannot_says_so(app: Application, dealership: Dealership, pbx: int) -> None:
    tell(dealership, pbx, on_line(now(dealership), phone("101", TALKING)))
    shown = strip(Visitor(app, "lebedeva"))
    assert [word in shown for word in ("Перенаправить", "Положить трубку", "Удержать", "Ответить")] == [
        True,
        True,
        False,
        False,
    ]
    with dealership.session() as session:
        (mine,) = phones_of(session)
        row = session.get_one(Pbx, pbx)
        assert orders.abilities(session, row) == {"originate", "transfer", "consult", "hang_up"}
        session.access = replace(system("test"), user_id=dealership.people["lebedeva"])
        for kind in ("hold", "answer"):
            with pytest.raises(Invalid):
                orders.act(session, mine.id, kind)
