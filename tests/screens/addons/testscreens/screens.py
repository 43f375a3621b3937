"""The declarations under test."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from core.errors import Conflict
from core.web.screens import (
    Action,
    Badge,
    BulkAction,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Join,
    Link,
    Lookup,
    LookupFilter,
    PeriodFilter,
    PersonFilter,
    RangeFilter,
    ReadyFilter,
    Screen,
    Section,
    Strip,
    TextFilter,
    Total,
    View,
)
from testscreens import BROKEN
from testscreens.models import Client, Part, Visit

STATES = (Choice("new", "New", "acc"), Choice("done", "Done", "ok"), Choice("bad", "Refused", "bad"))


def finish(session: Any, record: Visit, values: Any) -> None:
    """The bulk action: a refused visit cannot be finished."""
    if record.state == "bad":
        raise Conflict("Refused visits stay refused.")
    record.state = "done"


def assign(session: Any, record: Visit, values: Any) -> None:
    """The bulk action that asks for something first."""
    record.score = values["score"]


def strip(viewer: Any, wheres: Any) -> dict[str, Any]:
    """The panel over the table: the sum of what the filter finds."""
    if "strip" in BROKEN:
        raise RuntimeError("no strip")
    return {"sum": viewer.session.scalar(select(func.sum(Visit.amount)).where(*wheres)) or 0}


def board(viewer: Any, wheres: Any) -> dict[str, Any]:
    """Another view of the same rows."""
    return {"cards": viewer.session.execute(select(Visit.id, Visit.title).where(*wheres).order_by(Visit.id)).all()}


parts = select(func.count(Part.id)).where(Part.visit_id == Visit.id).scalar_subquery()
newest = Visit.at == select(func.max(Visit.at)).correlate(None).scalar_subquery()

VISITS = Screen(
    key="testscreens.visits",
    model=Visit,
    thing="testscreens.visit",
    path="/visits",
    title="Visits",
    one="Visit",
    icon="list",
    joins=(Join(Client, Client.id == Visit.client_id),),
    columns=(
        Column("at", Visit.at, "Time", kind="moment", phone="time"),
        Column(
            "title",
            Visit.title,
            "Title",
            second=Visit.phone,
            second_kind="phone",
            second_label="Telephone",
            badges=(Badge(Visit.urgent, "urgent", "bad"),),
            link="card",
            phone="who",
        ),
        Column("client", Client.name, "Client", link=Link("testscreens.clients.card", Client.id)),
        Column("state", Visit.state, "State", kind="state", choices=STATES),
        Column("score", Visit.score, "Score", kind="number"),
        Column("nick", Visit.nick, "Nick", shown=False),
        Column("amount", Visit.amount, "Amount", kind="money"),
        Column("margin", Visit.margin, "Margin", kind="money", right="testscreens.visit.margin"),
        Column("day", Visit.day, "Day", kind="day", shown=False),
        Column("parts", parts, "Parts", kind="number", shown=False),
        Column("newest", newest, "Newest", kind="bool", shown=False),
    ),
    filters=(
        ChoiceFilter("state", "State", Visit.state, STATES),
        PeriodFilter("at", "Time", Visit.at),
        PeriodFilter("day", "Day", Visit.day),
        PersonFilter("owner", "Owner", Visit.owner_id),
        FlagFilter("urgent", "Urgent", Visit.urgent),
        RangeFilter("amount", "Amount", Visit.amount, money=True),
        TextFilter("nick", "Nick", Visit.nick),
        LookupFilter("client", "Client", Visit.client_id, Client, Client.name),
        RangeFilter("margin", "Margin", Visit.margin, money=True, right="testscreens.visit.margin"),
    ),
    search=Visit.search_key,
    order=("-at",),
    groupings=(
        Grouping(
            "state",
            "State",
            Visit.state,
            choices=STATES,
            totals=(Total("sum", func.sum(Visit.amount), "sum", "money"),),
        ),
        Grouping("client", "Client", Visit.client_id, title=Client.name, empty="No client"),
    ),
    ready=(ReadyFilter("mine", "Mine", {"owner": "me"}), ReadyFilter("new", "New", {"state": "new"}, tone="bad")),
    strip=Strip("testscreens/strip.html", strip),
    views=(View("board", "Board", "layout-kanban", "testscreens/board.html", board),),
    actions=(Action("clients", "Clients", "testscreens.clients", "testscreens.client.read"),),
    bulk=(
        BulkAction("finish", "Finish", finish, right="testscreens.visit.change", icon="check"),
        BulkAction(
            "assign",
            "Assign",
            assign,
            right="testscreens.visit.assign",
            fields=(Field("score", "Score", kind="number", required=True),),
        ),
    ),
    sections=(
        Section(
            "Visit",
            (
                Field("title", "Title"),
                Field("at", "Time"),
                Field("day", "Day"),
                Field("state", "State", choices=STATES, default="new"),
                Field("phone", "Phone", kind="phone", required=False),
                Field("nick", "Nick", hint="a short name"),
                Field("score", "Score", minimum=0, maximum=100),
                Field("amount", "Amount"),
                Field("margin", "Margin", right="testscreens.visit.margin"),
                Field("urgent", "Urgent"),
                Field(
                    "client_id",
                    "Client",
                    lookup=Lookup(Client, Client.name, search=Client.search_key, endpoint="testscreens.clients.card"),
                ),
                Field("owner_id", "Owner", on=()),
                Field("note", "Note"),
            ),
        ),
    ),
)

CLIENTS = Screen(
    key="testscreens.clients",
    model=Client,
    thing="testscreens.client",
    path="/visitors",
    title="Clients",
    one="Client",
    columns=(Column("name", Client.name, "Name", link="card"),),
    order=("name",),
    sections=(Section("", (Field("name", "Name"),)),),
)
