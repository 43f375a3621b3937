"""Kinds of exchanges of other addons: screens offer what they declare, and no more (S2-06, S3-14, X-14)."""

from __future__ import annotations

from sqlalchemy import select

from addons.telephony.models import Link, LivePhone, Order, Pbx
from addons.telephony.services import live
from addons.telephony.services.on_line import RINGING, TALKING
from core.access.models import User
from core.access.policy import system
from core.web.app import Application
from tests.host.private import Private, private
from tests.support.visitors import Visitor
from tests.telephony.test_live import now, on_line, phone, strip

__all__ = ["private"]

NEEDS = 'depends = {contacts = ">=0.1", telephony = ">=0.1"}'
ADDS = """
from addons.telephony.services.link.adapters import Adapter
from core import T, hookimpl

@hookimpl
def telephony_pbx_adapters():
    return [Adapter("gates.switchboard", T("Switchboard"), lambda exchange, desk: None, frozenset({"hold", "answer"}))]
"""
BUTTONS = ("Ответить", "Удержать", "Перенаправить", "Положить трубку")


def test_what_the_exchange_of_another_addon_can_is_what_is_offered(private: Private) -> None:
    private.write("gates", needs=NEEDS, hooks=ADDS)
    private.enable(["gates"])
    app = Application(private.config)
    try:
        with app.database.writing(system("test")) as session:
            pbx = Pbx(name="gate", host="127.0.0.1", adapter="gates.switchboard")
            session.add(pbx)
            session.get_one(User, private.dealership.people["lebedeva"]).extension = "101"
            session.flush()
            number = pbx.id
            session.add(Link(pbx_id=number, state="linked", since=session.now()))
        visitor = Visitor(app, "lebedeva")
        offered = {}
        for state in (RINGING, TALKING):
            with app.database.writing(system("test")) as session:
                live.write(session, number, [on_line(now(private.dealership), phone("101", state))])
            shown = strip(visitor)
            offered[state] = [button for button in BUTTONS if button in shown]
        assert offered == {RINGING: ["Ответить"], TALKING: ["Удержать"]}
        with app.database.reading(system("test")) as session:
            mine = session.scalars(select(LivePhone.id)).one()
        statuses = [visitor.post(f"/calls/line/{mine}/act", {"kind": kind}).status_code for kind in ("hold", "hang_up")]
        assert statuses == [303, 422]
        with app.database.reading(system("test")) as session:
            assert session.scalars(select(Order.kind)).all() == ["hold"]
    finally:
        app.close()
