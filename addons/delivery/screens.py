"""The lists, cards and forms of delivery, as declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, case, func, select, union

from addons.contacts.models import Document
from addons.contacts.screens.shared import CLIENT
from addons.delivery.models import DeliveryOrder, Item, Zone
from addons.delivery.services import desk, dispatch, form, heads, payments, splitting
from addons.delivery.services.statuses import CANCELLED, GROUPS, NEW, STATUSES, Group, Status, statuses
from addons.delivery.services.vocabulary import (
    CARRIERS,
    METHODS,
    ORDER_TYPES,
    PAYMENT_METHODS,
    PAYMENT_STATUSES,
    REGIONS,
)
from core import (
    BulkAction,
    Choice,
    ChoiceFilter,
    Column,
    Field,
    FlagFilter,
    Grouping,
    Hooks,
    Join,
    Lookup,
    LookupFilter,
    Origin,
    PeriodFilter,
    PersonFilter,
    ReadyFilter,
    Role,
    Screen,
    Section,
    Strip,
    T,
    Total,
    User,
    UserRole,
    View,
    WorkSession,
    filters,
    shown_name,
    with_choices,
)


def _choices(words: Mapping[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(code, title) for code, title in words.items())


def _status_choices(known: Iterable[Status]) -> tuple[Choice, ...]:
    return tuple(Choice(status.code, status.title, status.look) for status in (NEW, *known))


def _group_of(known: Iterable[Status]) -> ColumnElement[str]:
    """The group of an order's status; nothing where nobody knows it."""
    return case(*((DeliveryOrder.status == status.code, status.group.code) for status in known), else_="")


def _not_in(known: Iterable[Status], *groups: Group) -> ColumnElement[bool]:
    return DeliveryOrder.status.not_in([status.code for status in known if status.group in groups])


def _unless_asked(known: Iterable[Status]) -> dict[str | tuple[str, ...], ColumnElement[bool]]:
    """What the desk shows of itself: nothing that is cancelled, and without a day nothing that is closed at all."""
    status = ("status", "status_group")
    return {status: _not_in(known, CANCELLED), (*status, "delivery_on"): _not_in(known, *_CLOSED)}


_CLOSED = tuple(group for group in GROUPS if group.closed)
_GROUPS = tuple(Choice(group.code, group.title, group.look) for group in GROUPS)
_PAID = (
    Choice("unpaid", PAYMENT_STATUSES["unpaid"]),
    Choice("partly", PAYMENT_STATUSES["partly"], "warn"),
    Choice("paid", PAYMENT_STATUSES["paid"], "ok"),
)
STATUS_CHOICES = _status_choices(STATUSES)
totals = Total("total", func.sum(DeliveryOrder.total), T("sums"), kind="money")


def _found(session: WorkSession, text: str) -> ColumnElement[bool]:
    """By number, client, phone and goods; for who may read the journal by what it knows of the client too."""
    mine = select(DeliveryOrder.id).where(filters.found(session, DeliveryOrder.search_key, text))
    heads = select(Document.id).where(filters.found(session, Document.search_key, text))
    return DeliveryOrder.id.in_(union(mine, heads))


LABEL = Column(
    "label", desk.label, T("Red label"), draw=desk.draw_labels, as_stored=True, phone="flags", sortable=False
)
"""What the delivery department must not overlook (S4-18); what stands in files is the wish itself."""

ORDERS = Screen(
    key="delivery.orders",
    model=DeliveryOrder,
    thing="delivery.order",
    path="/delivery/orders",
    title=T("Orders with delivery"),
    one=T("Order with delivery"),
    icon="package",
    menu="delivery",
    joins=(
        Join(Document, Document.id == DeliveryOrder.id),
        Join(User, User.id == DeliveryOrder.responsible_id),
    ),
    columns=(
        Column(
            "number",
            DeliveryOrder.number,
            T("Number"),
            link="card",
            phone="who",
            second=desk.client,
            second_name="client",
            second_label=T("Client"),
        ),
        LABEL,
        Column("at", DeliveryOrder.at, T("Date"), kind="day", phone="time"),
        Column("goods", desk.goods, T("Goods"), phone="goal", sortable=False),
        Column(
            "delivery_on",
            DeliveryOrder.delivery_on,
            T("Delivery date"),
            kind="day",
            second=DeliveryOrder.window,
            second_label=T("Delivery time"),
        ),
        Column("total", DeliveryOrder.total, T("Sum"), kind="money"),
        Column(
            "payment_status",
            payments.STATUS,
            T("Payment status"),
            kind="state",
            choices=_PAID,
            narrow=False,
            sortable=False,
        ),
        Column("responsible", shown_name, T("Responsible"), kind="person", narrow=False),
        Column("status", DeliveryOrder.status, T("Status"), kind="state", choices=STATUS_CHOICES, phone="flags"),
        Column("status_since", DeliveryOrder.status_since, T("In this status since"), kind="moment", shown=False),
    ),
    filters=(
        ChoiceFilter("status_group", T("Group of statuses"), _group_of(STATUSES), _GROUPS),
        ChoiceFilter("status", T("Status"), DeliveryOrder.status, STATUS_CHOICES),
        FlagFilter("open", T("Open ones"), _not_in(STATUSES, *_CLOSED)),
        PeriodFilter("period", T("Period"), DeliveryOrder.at),
        PeriodFilter("delivery_on", T("Delivery date"), DeliveryOrder.delivery_on),
        PersonFilter("responsible", T("Responsible"), DeliveryOrder.responsible_id),
        ChoiceFilter("order_type", T("Type of order"), DeliveryOrder.order_type, _choices(ORDER_TYPES)),
        ChoiceFilter("payment_status", T("Payment status"), payments.STATUS, _PAID),
    ),
    search=_found,
    order=("-at",),
    groupings=(
        Grouping(
            "status",
            T("Status"),
            DeliveryOrder.status,
            choices=STATUS_CHOICES,
            totals=(totals,),
        ),
        Grouping("responsible", T("Responsible"), DeliveryOrder.responsible_id, title=shown_name, totals=(totals,)),
    ),
    ready=(
        ReadyFilter("open", T("Open ones"), {"open": "1"}),
        ReadyFilter("mine", T("Mine"), {"responsible": "me", "open": "1"}),
        *(ReadyFilter(group.code, group.title, {"status_group": group.code}) for group in GROUPS),
    ),
    sections=(
        Section(
            T("Client"),
            (
                Field("customer_id", T("Client"), lookup=CLIENT),
                Field("customer_text", T("Or who it is, in words"), on_card=T("Description")),
                Field("phone", T("Phone"), kind="phone", longest=40),
                Field(
                    "order_type",
                    T("Type of order"),
                    choices=_choices(ORDER_TYPES),
                    default="person",
                    hint=T("A client's group decides it: legal entities and institutions are «Legal entity»."),
                ),
                Field("responsible_id", T("Responsible"), lookup=Lookup(User, User.full_name, where=(User.active,))),
            ),
        ),
        Section(
            T("Delivery"),
            (
                Field("method", T("Way of delivery"), choices=_choices(METHODS), required=False),
                Field("carrier", T("Who delivers"), choices=_choices(CARRIERS), required=False),
                Field("region", T("Region"), choices=_choices(REGIONS), required=False),
                Field(
                    "address",
                    T("Delivery address"),
                    wide=True,
                    hint=T("As detailed as possible, and nothing but the address."),
                    longest=1000,
                ),
                Field("delivery_on", T("Delivery date")),
                Field(
                    "window",
                    T("Delivery time"),
                    hint=T("Any interval: “10 to 13”, 13-18, 18:00–22:00."),
                    longest=40,
                ),
                Field("window_reason", T("Why is the interval shorter than usual?")),
            ),
        ),
        Section(
            T("Payment"), (Field("payment_method", T("Payment"), choices=_choices(PAYMENT_METHODS), required=False),)
        ),
        Section(
            T("Comments"),
            (
                Field("client_comment", T("Client's comment"), wide=True, hint=T("What the courier has to heed.")),
                Field(
                    "operator_comment",
                    T("Operator's comment"),
                    wide=True,
                    hint=T("For colleagues only: it is on no paper of the client."),
                ),
            ),
        ),
    ),
    allow=frozenset({"create", "change"}),
    templates={
        "list": "delivery/orders.html",
        "card": "delivery/order.html",
        "form": "delivery/order_form.html",
    },
    fills=splitting.FILLS,
    card_context=heads.context,
    create=form.create,
    change=form.change,
    origins=(Origin("contact", form.begin, form.create_from),),
)

_COURIERS = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(Role.code == dispatch.COURIER)

DESK = Screen(
    key="delivery.desk",
    model=DeliveryOrder,
    thing="delivery.order",
    path="/delivery/desk",
    title=T("Delivery desk"),
    one=T("Order with delivery"),
    icon="truck-delivery",
    menu="delivery_desk",
    joins=(
        Join(Document, Document.id == DeliveryOrder.id),
        Join(User, User.id == DeliveryOrder.responsible_id),
        Join(Zone, Zone.id == DeliveryOrder.zone_id),
        Join(desk.Courier, desk.Courier.id == DeliveryOrder.courier_id),
    ),
    where=(DeliveryOrder.delivery_on.is_not(None),),
    unless_asked=_unless_asked(STATUSES),
    columns=(
        Column(
            "window",
            DeliveryOrder.window,
            T("Delivery time"),
            second=DeliveryOrder.delivery_on,
            second_kind="day",
            second_label=T("Delivery date"),
            phone="time",
        ),
        Column(
            "number",
            DeliveryOrder.number,
            T("Number"),
            link="card",
            phone="who",
            second=desk.client,
            second_name="client",
            second_label=T("Client"),
        ),
        LABEL,
        Column("address", DeliveryOrder.address, T("Delivery address"), phone="goal", sortable=False),
        Column("zone", Zone.title, T("Zone")),
        Column("courier", desk.courier_name, T("Courier"), kind="person"),
        Column("goods", desk.goods, T("Goods"), narrow=False, sortable=False),
        Column("owed", payments.TO_COLLECT, T("To collect"), kind="money", narrow=False),
        Column("status", DeliveryOrder.status, T("Status"), kind="state", choices=STATUS_CHOICES, phone="flags"),
    ),
    filters=(
        PeriodFilter("delivery_on", T("Delivery date"), DeliveryOrder.delivery_on),
        LookupFilter("zone", T("Zone"), DeliveryOrder.zone_id, Zone, Zone.title),
        PersonFilter("courier", T("Courier"), DeliveryOrder.courier_id),
        ChoiceFilter("status_group", T("Group of statuses"), _group_of(STATUSES), _GROUPS),
        ChoiceFilter("status", T("Status"), DeliveryOrder.status, STATUS_CHOICES),
        FlagFilter("labelled", T("With a red label"), desk.label != ""),
        FlagFilter("nobodys", T("Without a courier"), desk.without_courier),
    ),
    search=_found,
    order=("window", "number"),
    groupings=(
        Grouping("window", T("Delivery time"), DeliveryOrder.window, totals=(totals,)),
        Grouping("zone", T("Zone"), DeliveryOrder.zone_id, title=Zone.title, totals=(totals,)),
        Grouping("courier", T("Courier"), DeliveryOrder.courier_id, title=desk.courier_name, totals=(totals,)),
    ),
    ready=(
        ReadyFilter("today", T("Today"), {"delivery_on": "today"}),
        ReadyFilter("nobodys", T("Without a courier"), {"nobodys": "1"}),
        ReadyFilter("labelled", T("With a red label"), {"labelled": "1"}),
    ),
    views=(View("board", T("Board"), "layout-kanban", "delivery/desk_board.html", desk.board),),
    strip=Strip("delivery/desk_strip.html", desk.figures, right="delivery.order.plan"),
    bulk=(
        BulkAction(
            "give",
            T("Give to a courier"),
            dispatch.give,
            "delivery.order.plan",
            icon="user-check",
            fields=(
                Field(
                    "courier_id",
                    T("Courier"),
                    lookup=Lookup(User, User.full_name, where=(User.active, User.id.in_(_COURIERS))),
                    required=False,
                ),
            ),
        ),
        BulkAction(
            "zone",
            T("Set the zone"),
            dispatch.set_zone,
            "delivery.order.plan",
            icon="map-pin",
            fields=(
                Field("zone_id", T("Zone"), lookup=Lookup(Zone, Zone.title, where=(Zone.active,)), required=False),
            ),
        ),
    ),
    allow=frozenset(),
    shown_at=lambda request, order: request.url("delivery.orders.card", record_id=order.id),
    templates={"list": "delivery/desk.html"},
)

ZONES = Screen(
    key="delivery.zones",
    model=Zone,
    thing="delivery.zone",
    path="/delivery/zones",
    title=T("Delivery zones"),
    one=T("Delivery zone"),
    icon="map-pin",
    menu="directories",
    directory=True,
    columns=(
        Column("title", Zone.title, T("Title"), link="card", phone="who"),
        Column("position", Zone.position, T("Place in the list"), kind="number"),
        Column("active", Zone.active, T("In use"), kind="bool"),
    ),
    filters=(FlagFilter("active", T("In use"), Zone.active),),
    order=("position",),
    sections=(
        Section(
            T("Delivery zone"),
            (
                Field("title", T("Title")),
                Field("position", T("Place in the list"), minimum=0),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
)

ITEMS = Screen(
    key="delivery.items",
    model=Item,
    thing="delivery.item",
    path="/delivery/items",
    title=T("Goods"),
    one=T("Goods item"),
    icon="box",
    menu="directories",
    directory=True,
    columns=(
        Column("title", Item.title, T("Title"), link="card", phone="who"),
        Column("article", Item.article, T("Part number"), phone="goal"),
        Column("price", Item.price, T("Price"), kind="money"),
        Column("discontinued", Item.discontinued, T("Discontinued"), kind="bool"),
        Column("active", Item.active, T("In use"), kind="bool"),
    ),
    filters=(
        FlagFilter("active", T("In use"), Item.active),
        FlagFilter("discontinued", T("Discontinued"), Item.discontinued),
    ),
    order=("title",),
    sections=(
        Section(
            T("Goods item"),
            (
                Field("title", T("Title")),
                Field("article", T("Part number")),
                Field("price", T("Price, ₽"), kind="money", minimum=0),
                Field("suppliers", T("Suppliers, one a line"), wide=True),
                Field("discontinued", T("Discontinued"), default=False),
                Field("active", T("In use"), default=True),
            ),
        ),
    ),
)


def screens(hooks: Hooks) -> list[Screen]:
    """Every generated screen of delivery, with the statuses of other addons."""
    known = tuple(statuses(hooks).values())
    desk_of_all = replace(_with_statuses(DESK, known), unless_asked=_unless_asked(known))
    return [_with_statuses(ORDERS, known), desk_of_all, ZONES, ITEMS]


def _with_statuses(screen: Screen, known: Iterable[Status]) -> Screen:
    """With the statuses of other addons wherever the seventeen stand, and in their groups (X-14)."""
    conditions: dict[str, ColumnElement[Any]] = {"status_group": _group_of(known), "open": _not_in(known, *_CLOSED)}
    filters_of: tuple[Any, ...] = screen.filters
    told = tuple(
        replace(each, expression=conditions[each.name]) if each.name in conditions else each for each in filters_of
    )
    return with_choices(replace(screen, filters=told), status=_status_choices(known))
