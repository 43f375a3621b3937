"""Channels, routes and kinds of documents that other addons add to those of contacts (X-14)."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from addons.contacts import hookspecs
from addons.contacts.models import ContactGoal, Document, DocumentKind, InboundContact
from core import Vocabulary
from core.host import instance
from core.web.app import Application
from tests.host.private import Private, private
from tests.support.visitors import Visitor

__all__ = ["private"]

NEEDS = 'depends = {contacts = ">=0.1"}'
ADDS = """
from addons.contacts.services.vocabulary import Channel, GoalRoute
from core import T, hookimpl

@hookimpl
def contacts_channels():
    return [Channel("gates.gate", T("Gate intercom"), "barrier-block", waits_here=True)]

@hookimpl
def contacts_goal_routes():
    return [GoalRoute("gates.open", T("The gate opens"))]
"""
GIVES = """
from addons.contacts.services.document_types import DocumentType
from addons.contacts.services.vocabulary import Channel, GoalRoute
from core import T, hookimpl

@hookimpl
def {hook}():
    return [{item}]
"""
TYPE = 'DocumentType({code}, {title}, "", {icon}, "nobody.page", None, "contacts.contact.read"{more})'
WRONG = {
    "bells": ("contacts_channels", 'Channel("phone", T("Bell"), "bell")'),
    "doors": ("contacts_channels", 'Channel("doors.of_the_north_side", T("Door"), "door")'),
    "gates": ("contacts_channels", "1 / 0"),
    "lamps": ("contacts_channels", 'Channel("lamps.lamp", 7, "bulb")'),
    "tubes": ("contacts_channels", 'GoalRoute("tubes.tube", T("Tube"))'),
    "roofs": ("contacts_channels", 'Channel("roofs.roof", T("Roof"), "no-such-icon")'),
    "roads": ("contacts_goal_routes", 'GoalRoute("roads.to_the_north_side", T("Road"))'),
    "rails": ("contacts_goal_routes", 'GoalRoute("rails.rail", None)'),
    "texts": ("contacts_document_types", TYPE.format(code='"texts.text"', title="None", icon='"file"', more="")),
    "books": ("contacts_document_types", TYPE.format(code='"books.book"', title='"Book"', icon='"no-such"', more="")),
    "files": ("contacts_document_types", TYPE.format(code='"files" * 9', title='"File"', icon='"file"', more="")),
    "notes": (
        "contacts_document_types",
        TYPE.format(code='"notes.note"', title='"Note"', icon='"note"', more=', order="first"'),
    ),
}
"""The hook that each answers, and what it gives there."""


def test_a_channel_and_a_route_are_offered_and_outlive_their_addon(private: Private) -> None:
    private.write("gates", needs=NEEDS, hooks=ADDS)
    private.enable(["gates"])
    app = Application(private.config)
    try:
        admin, reception = Visitor(app, "admin"), Visitor(app, "lebedeva")
        with private.dealership.session() as session:
            goal = session.scalars(select(ContactGoal).where(ContactGoal.channel == "visit")).first()
            assert goal is not None
            goal.channel, goal.route = "gates.gate", "gates.open"
            number = goal.id
        assert "Gate intercom" in reception.get("/reception").text
        form = admin.get(f"/goals/{number}/edit").text
        assert "The gate opens" in form
        fields = {"channel": "gates.gate", "goal_id": str(number), "customer_id_text": "Иванов", "way": "queue"}
        assert reception.post("/reception", fields).status_code == 303
        assert "Gate intercom" in admin.get("/traffic").text
    finally:
        app.close()
    without = Application(private.dealership.config)
    try:
        admin, reception = Visitor(without, "admin"), Visitor(without, "lebedeva")
        with private.dealership.session() as session:
            contact = session.scalars(select(InboundContact.id).where(InboundContact.channel == "gates.gate")).one()
        assert "Канал отключённого модуля" in admin.get(without.url("contacts.contact", record_id=contact)).text
        assert "Канал отключённого модуля" in reception.get("/reception").text
        assert admin.get("/traffic").status_code == 200
        assert admin.get(f"/goals/{number}").status_code == 200
    finally:
        without.close()


def test_who_adds_what_does_not_fit_is_left_out_and_contacts_works(private: Private) -> None:
    """SEC-59: in one start, however many there are."""
    for name, (hook, item) in WRONG.items():
        private.write(name, needs=NEEDS, hooks=GIVES.format(hook=hook, item=item))
    private.enable(WRONG)
    app = Application(private.config)
    try:
        assert {failure.addon: failure.values["hook"] for failure in app.host.failures} == {
            name: hook for name, (hook, _) in WRONG.items()
        }
        assert "contacts" in app.host.running
        admin, reception = Visitor(app, "admin"), Visitor(app, "lebedeva")
        paths = ("/traffic", "/goals", "/documents", "/admin/addons")
        assert [admin.get(path).status_code for path in paths] == [200] * len(paths)
        assert reception.get("/reception").status_code == 200
    finally:
        app.close()


@pytest.mark.parametrize(
    ("vocabulary", "columns"),
    [
        (hookspecs.CHANNELS, [InboundContact.channel, ContactGoal.channel]),
        (hookspecs.GOAL_ROUTES, [ContactGoal.route]),
        (hookspecs.DOCUMENT_TYPES, [Document.type, DocumentKind.code]),
    ],
)
def test_columns_hold_the_longest_codes(vocabulary: Vocabulary, columns: list[Any]) -> None:
    assert {column.type.length for column in columns} == {vocabulary.longest["code"]}


def test_of_a_long_title_as_much_is_kept_as_there_is_room_for(private: Private) -> None:
    long = TYPE.format(code='"tales.tale"', title='"Tale" * 30', icon='"file"', more="")
    private.write("tales", needs=NEEDS, hooks=GIVES.format(hook="contacts_document_types", item=long))
    private.enable(["tales"])
    assert instance.upgrade(private.config).failures == []
    with private.dealership.session() as session:
        assert session.get_one(DocumentKind, "tales.tale").title_en == "Tale" * 20
