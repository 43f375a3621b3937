"""Links are kept by one process of the instance, and what they hear is stored (S1-13, X-09)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from addons.telephony.models import Call, Link, LiveCall, Order, Pbx
from addons.telephony.services import exchanges, keeping, orders
from addons.telephony.services.link import keeper
from addons.telephony.services.link.desk import Desk
from core.access.sealed import UnreadableSecret, unseal
from core.db.engine import Database, WorkSession
from core.host import instance, registry
from core.jobs.duties import OnDuty
from core.jobs.leader import FileLeader
from tests.support.dealership import Dealership
from tests.telephony.manager import SECRET, Manager, Part, said, written
from tests.telephony.recorded import recording
from tests.telephony.told import call

LOOKS = 600


class Watched(OnDuty):
    """A duty that goes on until what a test waits for is there."""

    def __init__(self, database: Database, leader: FileLeader, until: Callable[[], bool]) -> None:
        super().__init__(database, leader, threading.Event())
        self._until = until
        self._looks = 0

    def goes_on(self, seconds: float = 0.0) -> bool:
        self._looks += 1
        assert self._looks < LOOKS, "what the test waits for does not come"
        return super().goes_on(min(seconds, 0.1)) and not self._until()


@contextmanager
def on_duty(dealership: Dealership, until: Callable[[], bool]) -> Iterator[Watched]:
    host = registry.start(instance.enabled(dealership.config), registry.discover())
    leader = FileLeader(dealership.config.instance / "links.lock")
    with instance.open_database(dealership.config, host, pool_size=4) as database:
        yield Watched(database, leader, until)
    leader.release()


def add_exchange(dealership: Dealership, port: int, secret: str = SECRET) -> int:
    with dealership.session() as session:
        pbx = Pbx(name="north", host="127.0.0.1", port=port, account="forecourt")
        session.add(pbx)
        session.flush()
        exchanges.set_secret(session, pbx, secret)
        return pbx.id


def link_of(dealership: Dealership) -> Link | None:
    with dealership.session() as session:
        return session.scalars(select(Link)).one_or_none()


def stored(dealership: Dealership) -> list[Call]:
    with dealership.session() as session:
        return list(session.scalars(select(Call)))


def test_what_a_link_hears_is_stored_with_its_state_s1_13(dealership: Dealership) -> None:
    with Manager(Part(said(recording("b1-abandoned-in-ivr").connections[0]))) as manager:
        add_exchange(dealership, manager.port)
        with on_duty(dealership, lambda: bool(stored(dealership))) as duty:
            keeper.keep(duty)
    (found,) = stored(dealership)
    assert (found.disposition, found.loss_reason, found.contact_state) == ("missed", "listening_ivr", "done")
    link = link_of(dealership)
    assert link is not None
    assert (link.state, link.release, link.connected) == ("off", "22.10.0", 1)
    assert link.heard_at is not None


def test_a_refused_login_is_on_the_record_of_the_link(dealership: Dealership) -> None:
    def refused() -> bool:
        link = link_of(dealership)
        return link is not None and (link.state, link.problem) == ("refused", "Authentication failed")

    with Manager() as manager:
        add_exchange(dealership, manager.port, secret="wrong")
        with on_duty(dealership, refused) as duty:
            keeper.keep(duty)


def test_one_process_has_the_links(dealership: Dealership) -> None:
    with on_duty(dealership, lambda: False) as first, on_duty(dealership, lambda: False) as second:
        assert first.goes_on()
        assert not second.goes_on()


def test_a_secret_is_sealed_and_opens_for_its_own_exchange_alone(dealership: Dealership) -> None:
    number = add_exchange(dealership, 5038)
    with dealership.session() as session:
        pbx = session.get_one(Pbx, number)
        assert SECRET not in pbx.sealed_secret
        assert exchanges.as_exchange(session, pbx).secret == SECRET
        with pytest.raises(UnreadableSecret):
            unseal(session, pbx.sealed_secret, f"telephony_pbx.{number + 1}")


@pytest.mark.parametrize("error", [OperationalError("INSERT", {}, Exception("database is locked")), ValueError("odd")])
def test_calls_wait_for_a_database_that_is_away(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    number = add_exchange(dealership, 5038)
    real = keeping.record

    def away(*_: object) -> None:
        monkeypatch.setattr(keeping, "record", real)
        raise error

    monkeypatch.setattr(keeping, "record", away)
    with on_duty(dealership, lambda: False) as duty:
        desk = Desk(duty, number, lambda: True)
        with dealership.session() as session:
            desk.tell([call(session.now() - timedelta(hours=1))])
        assert not desk.store(at_once=True)
        assert desk.store(at_once=True)
    assert len(stored(dealership)) == 1


def test_what_is_on_the_line_is_in_the_database_while_it_is_and_not_longer(dealership: Dealership) -> None:
    """S3-01; and an order is given once, with its answer kept (S1-22)."""
    messages = [message for _, message in recording("a1-answered-client-hangs-up").connections[0].messages]
    events = [message for message in messages if "Event" in message]
    rung = max(n for n, each in enumerate(events) if each["Event"] == "Newstate" and each["ChannelState"] == "5")

    def ringing() -> bool:
        with dealership.session() as session:
            return [row.state for row in session.scalars(select(LiveCall))] == ["ringing"] and not _open(session)

    def _open(session: WorkSession) -> bool:
        return any(order.state in ("waiting", "given") for order in session.scalars(select(Order)))

    with Manager(Part(b"".join(written(each) for each in events[: rung + 1]))) as manager:
        number = add_exchange(dealership, manager.port)
        with dealership.session() as session:
            told = {"pbx_id": number, "kind": "hang_up", "state": "waiting", "created_at": session.now()}
            session.add(Order(**told, user_id=dealership.people["lebedeva"], channel="PJSIP/102-00000001"))
        with on_duty(dealership, ringing) as duty:
            keeper.keep(duty)
    assert len([each for each in manager.asked if each["Action"] == "Hangup"]) == 1
    with dealership.session() as session:
        assert session.scalars(select(Order.state)).all() == ["done"]
        assert session.scalars(select(LiveCall.id)).all() == [], "a link that has ended knows of no line"


def test_an_order_that_nobody_took_in_time_is_refused(dealership: Dealership) -> None:
    number = add_exchange(dealership, 5038)
    with dealership.session() as session:
        old = session.now() - 2 * orders.LATEST
        told = {"pbx_id": number, "kind": "hang_up", "state": "waiting", "created_at": old}
        session.add(Order(**told, user_id=dealership.people["lebedeva"], channel="PJSIP/102-00000001"))
    with on_duty(dealership, lambda: False) as duty:
        assert Desk(duty, number, lambda: True).orders() == []
    with dealership.session() as session:
        assert session.scalars(select(Order.problem)).all() == ["late"]


def test_links_outlive_a_database_that_cannot_be_read_s1_13(
    dealership: Dealership, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = keeper._wanted
    looks: list[WorkSession] = []

    def away(session: WorkSession) -> Any:
        looks.append(session)
        if len(looks) > 1:
            raise OperationalError("SELECT", {}, Exception("database is locked"))
        return real(session)

    monkeypatch.setattr(keeper, "_wanted", away)
    with Manager(Part(said(recording("b1-abandoned-in-ivr").connections[0]))) as manager:
        add_exchange(dealership, manager.port)
        with on_duty(dealership, lambda: len(looks) > 1 and bool(stored(dealership))) as duty:
            keeper.keep(duty)
    link = link_of(dealership)
    assert link is not None
    assert link.connected == 1


def test_a_clock_that_was_wrong_for_a_moment_makes_no_gap_filled_s1_13(dealership: Dealership) -> None:
    number = add_exchange(dealership, 5038)
    with dealership.session() as session:
        now = session.now().replace(microsecond=0)
    with on_duty(dealership, lambda: False) as duty:
        desk = Desk(duty, number, lambda: True)
        for heard in (timedelta(days=1), timedelta(), timedelta(minutes=-1)):
            desk.tell((), (now + heard).timestamp())
            desk.filled()
            desk.store(at_once=True)
        assert desk.missed_since() == now.timestamp()


def test_a_link_that_was_ended_writes_its_calls_and_no_state(dealership: Dealership) -> None:
    number = add_exchange(dealership, 5038)
    with on_duty(dealership, lambda: False) as duty:
        desk = Desk(duty, number, lambda: False)
        desk.state("linked")
        with dealership.session() as session:
            desk.tell([call(session.now() - timedelta(hours=1))])
        assert desk.store(at_once=True)
    assert len(stored(dealership)) == 1
    link = link_of(dealership)
    assert link is not None
    assert link.state == "off"


def test_an_order_of_which_nothing_is_heard_is_lost(dealership: Dealership) -> None:
    number = add_exchange(dealership, 5038)
    with dealership.session() as session:
        old = session.now() - 2 * orders.ANSWERED_WITHIN
        told = {"pbx_id": number, "kind": "originate", "state": "given", "created_at": old}
        session.add(Order(**told, user_id=dealership.people["lebedeva"], number="89161234567"))
    with on_duty(dealership, lambda: False) as duty:
        assert Desk(duty, number, lambda: True).orders() == []
    with dealership.session() as session:
        assert session.scalars(select(Order.problem)).all() == ["lost"]
