"""The delivery desk at a glance: how much is in which interval and zone, who drives what, what waits for approval."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.orm import aliased

from addons.contacts.models import Document
from addons.delivery.models import DeliveryOrder, Zone
from addons.delivery.services.limits import SHORTEST
from addons.delivery.services.orders import PICKUP, by_our_courier
from addons.delivery.services.statuses import CANCELLED, DONE, GROUPS, in_groups, statuses
from core import T, User, Viewer, settings

if TYPE_CHECKING:
    from core import Formats

SHOWN_IN_A_COLUMN, SHOWN_SHEETS, SHOWN_WAITING = 40, 12, 20
HANDED = "handed_to_delivery"
Courier = aliased(User)
courier_name = func.coalesce(func.nullif(Courier.short_name, ""), Courier.full_name)
client = func.coalesce(Document.customer_text, DeliveryOrder.client)
goods = func.coalesce(Document.title, DeliveryOrder.goods)
label = case((DeliveryOrder.status == HANDED, DeliveryOrder.dispatch_note), else_="")
"""What the delivery department must not overlook, as long as it has to (S4-18)."""
without_courier = and_(DeliveryOrder.courier_id.is_(None), by_our_courier)
"""What somebody still has to be given to bring."""
_LABEL = Markup('<details class="red-label"><summary>{}{}</summary><div class="pre">{}</div></details>')


def draw_labels(notes: Sequence[str], formats: Formats) -> list[Any]:
    """The red labels of a list: an icon and a word, and the wish itself on a click (S4-18, S4-19)."""
    words = formats.translate(T("Important"))
    return [_LABEL.format(formats.icon("tag", "i-14"), words, note) if note else "" for note in notes]


def joined(statement: Any) -> Any:
    """With what the desk's filters may look at."""
    return (
        statement.select_from(DeliveryOrder)
        .outerjoin(Document, Document.id == DeliveryOrder.id)
        .outerjoin(User, User.id == DeliveryOrder.responsible_id)
        .outerjoin(Zone, Zone.id == DeliveryOrder.zone_id)
        .outerjoin(Courier, Courier.id == DeliveryOrder.courier_id)
    )


def figures(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """What stands over the list: counts of the filtered orders, the couriers' sheets, short intervals that wait.

    What its client collects himself is in no zone and waits for no courier.
    """
    collected = (DeliveryOrder.method == PICKUP).label("collected")
    parts = (
        DeliveryOrder.delivery_on,
        DeliveryOrder.window,
        DeliveryOrder.courier_id,
        courier_name.label("courier"),
        Zone.title.label("zone"),
        collected,
        by_our_courier.label("ours"),
    )
    counted = joined(select(*parts, func.count(DeliveryOrder.id).label("number"))).where(*conditions)
    windows, zones, sheets, nobodys = Counter[str](), Counter[str](), Counter[Any](), 0
    for row in viewer.session.execute(counted.group_by(*parts)):
        windows[row.window] += row.number
        if row.collected:
            continue
        zones[row.zone or ""] += row.number
        nobodys += row.number if row.courier_id is None and row.ours else 0
        if row.delivery_on is not None and row.ours:
            sheets[row.delivery_on, row.courier_id, row.courier] += row.number
    today = viewer.session.now().astimezone(viewer.session.access.zone).date()
    driven = (each for each in sheets.items() if each[0][1] is not None)
    # What is still to be driven comes first; a day that is over has its sheets where it was asked for.
    given = sorted(driven, key=lambda each: (each[0][0] < today, each[0][0], each[0][2]))
    return {
        "windows": sorted(windows.items()),
        "zones": sorted(zones.items()),
        "sheets": given[:SHOWN_SHEETS],
        "nobodys": nobodys,
        "waiting": waiting(viewer),
        "may_approve": viewer.session.access.may("delivery.order.approve"),
    }


def waiting(viewer: Viewer) -> list[DeliveryOrder]:
    """Short intervals that wait for the approval of the delivery department, whatever the list is filtered by (S4-66)."""
    session = viewer.session
    short: dict[int, list[int]] = {}
    for branch_id, shortest in settings.read_by_branch(session, SHORTEST).items():
        short.setdefault(shortest, []).append(branch_id)
    asked = select(DeliveryOrder).where(
        DeliveryOrder.window_approved_at.is_(None),
        or_(
            false(),
            *(
                and_(DeliveryOrder.branch_id.in_(branches), DeliveryOrder.window_minutes.between(1, shortest - 1))
                for shortest, branches in short.items()
            ),
        ),
        DeliveryOrder.status.not_in(in_groups(session.hooks, DONE, CANCELLED)),
    )
    return list(session.scalars(asked.order_by(DeliveryOrder.delivery_on, DeliveryOrder.id).limit(SHOWN_WAITING)))


def board(viewer: Viewer, conditions: Sequence[ColumnElement[bool]]) -> Mapping[str, Any]:
    """The filtered orders, a column a status: how many there are, and the first ones of the day."""
    counted = joined(select(DeliveryOrder.status, func.count(DeliveryOrder.id).label("number"))).where(*conditions)
    counts = {row.status: row.number for row in viewer.session.execute(counted.group_by(DeliveryOrder.status))}
    known = statuses(viewer.session.hooks)
    wanted = {group.code for group in GROUPS if group.code in ("picking", "delivery", "done")}
    codes = [code for code, status in known.items() if status.group.code in wanted or counts.get(code)]
    codes = [code for code in counts if code not in codes] + codes
    place = func.row_number().over(
        partition_by=DeliveryOrder.status, order_by=(DeliveryOrder.delivery_on, DeliveryOrder.window, DeliveryOrder.id)
    )
    rows = joined(
        select(
            DeliveryOrder.id,
            DeliveryOrder.number,
            DeliveryOrder.status,
            DeliveryOrder.delivery_on,
            DeliveryOrder.window,
            DeliveryOrder.address,
            DeliveryOrder.method,
            client.label("client"),
            label.label("note"),
            courier_name.label("courier"),
            Zone.title.label("zone"),
            place.label("place"),
        )
    ).where(*conditions)
    placed = rows.subquery()
    shown = select(placed).where(placed.c.place <= SHOWN_IN_A_COLUMN).order_by(placed.c.place)
    # An order may get another status between the two statements.
    cards: defaultdict[str, list[Any]] = defaultdict(list)
    for row in viewer.session.execute(shown):
        cards[row.status].append(row)
    return {
        "columns": [(known[code], cards[code], counts.get(code, 0)) for code in codes],
        "may_move": viewer.session.access.may("delivery.order.move"),
    }
