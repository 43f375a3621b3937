"""What the extra addon adds to the visits."""

from sqlalchemy import func, select
from testscreens.models import Visit

from core.errors import Invalid
from core.host.plugins import hookimpl
from core.web.screens import Action, Choice, Column, ConditionFilter, Field, FormSection, Grouping, Panel, Strip
from testextra import BROKEN
from testextra.models import Ticket


def fetch(session, ids):
    if "fetch" in BROKEN:
        raise RuntimeError("no tickets today")
    if "fetch gives" in BROKEN:
        return ids
    return dict(session.execute(select(Ticket.visit_id, Ticket.place).where(Ticket.visit_id.in_(ids))).all())


def has_ticket(viewer, value):
    found = Visit.id.in_(select(Ticket.visit_id))
    return found if value == "yes" else ~found


def load(session, record):
    if "load" in BROKEN:
        raise RuntimeError("cannot load")
    ticket = session.get(Ticket, record.id) if record is not None else None
    return {"place": ticket.place if ticket else ""}


def save(session, record, values):
    if "save" in BROKEN:
        raise RuntimeError("cannot save")
    if values["place"] == "roof":
        raise Invalid({"place": ["No parking on the roof."]})
    session.merge(Ticket(visit_id=record.id, place=values["place"]))


@hookimpl
def list_columns(screen_key):
    return [Column("ticket", label="Ticket", fetch=fetch, order=25)] if screen_key == "testscreens.visits" else None


@hookimpl
def list_filters(screen_key):
    choices = (Choice("yes", "With a ticket"), Choice("no", "Without"))
    return [ConditionFilter("ticket", "Ticket", has_ticket, choices)] if screen_key == "testscreens.visits" else None


def places(viewer):
    if "words" in BROKEN:
        raise RuntimeError("no words today")
    if "words give" in BROKEN:
        return ["First place"]
    return {"P-1": "First place"}


@hookimpl
def list_groupings(screen_key):
    place = select(Ticket.place).where(Ticket.visit_id == Visit.id).scalar_subquery()
    return (
        [Grouping("place", "Parking place", place, empty="No ticket", words=places)]
        if screen_key == "testscreens.visits"
        else None
    )


def count(viewer, conditions):
    if "extra strip" in BROKEN:
        raise RuntimeError("no strip")
    return {"count": viewer.session.scalar(select(func.count(Visit.id)).where(*conditions))}


@hookimpl
def list_strips(screen_key):
    return [Strip("testextra/strip.html", count)] if screen_key == "testscreens.visits" else None


@hookimpl
def form_sections(screen_key):
    if screen_key != "testscreens.visits":
        return None
    fields = (Field("place", "Parking place"),)
    return [FormSection("parking", "Parking", fields, load, save)]


@hookimpl
def card_panels(session, screen_key, subject):
    if screen_key != "testscreens.visits":
        return None
    if "panel" in BROKEN:
        raise RuntimeError("no panel")
    return [Panel("parking", "Parking", "testextra/panel.html", lambda: load(session, subject))]


@hookimpl
def card_actions(session, screen_key, subject):
    if screen_key != "testscreens.visits":
        return None
    return [Action("clients", "All clients", "testscreens.clients", right="testscreens.client.read")]


@hookimpl
def before_delete(session, subject):
    return "A ticket was paid for." if getattr(subject, "title", "") == "paid" else None
