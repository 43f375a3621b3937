"""Repair orders of the program before, brought over from a file through the importer of contacts (S1-65).

They are the archive of the clients' finished business: they make repeat clients, stand in the history of clients and cars
and are found by number and plate. The shop has not earned their sums here, so no total counts them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, select

from addons.contacts.models import Document, Import, Vehicle
from addons.contacts.services.documents import NewDocument, add_document, index_document
from addons.contacts.services.importing.kinds import ImportedRow, ImportKind
from addons.contacts.services.vehicles import note_past_mileage
from addons.service.models import Bay, Concern, RepairOrder
from addons.service.services.kinds import ORDER_SERIES, ORDERS
from addons.service.services.past_columns import KIND, NUMBER, TARGETS, WITHOUT, PastOrder, Reading
from addons.service.services.states import ORDER
from core import Department, T, WorkSession, fold, subject_of, timeline

ARCHIVED = "service.archived"
"""The kind of the timeline's entry about a repair that another program has kept."""


def import_kind() -> ImportKind:
    """What a file of archived repair orders is to the importer."""
    return ImportKind(
        code=KIND,
        title=T("Archived repair orders"),
        own=T("Repair order"),
        targets=TARGETS,
        key=NUMBER,
        right="service.order.import",
        begin=PastOrders,
        without=WITHOUT,
    )


class PastOrders:
    """Some hundred rows of a file. An order is known by its old number, which becomes its number here."""

    def __init__(self, session: WorkSession, record: Import, zone: ZoneInfo, numbers: Sequence[str]) -> None:
        self._session = session
        self._author_id = record.created_by_id
        self._reading = Reading(session.now(), zone, _workshops(session, record.branch_id))
        self._known = _known(session, numbers)
        self._read: dict[int, PastOrder] = {}

    def plan(self, row: ImportedRow) -> str:
        """What becomes of a row; a filled cell that says something else than what is known corrects it."""
        past = self._reading.read(row)
        known = self._known.get(row.texts[NUMBER])
        if known is None:
            _expect_client(row)
        else:
            _expect_same(row, *known)
        if past is None or not row.good:
            return "unchanged"
        self._read[row.number] = past
        if known is None:
            return "created"
        return "updated" if _says_more(past, row, *known) else "unchanged"

    def write(self, row: ImportedRow) -> None:
        """Put a planned order into the archive, or correct it."""
        past = self._read[row.number]
        known = self._known.get(past.number)
        if known is None:
            self._add(row, past)
        else:
            self._correct(row, past, *known)

    # --- a new one --------------------------------------------------------------------------------

    def _add(self, row: ImportedRow, past: PastOrder) -> None:
        client, vehicle = row.client, row.vehicle
        department_id, branch_id = past.place
        document = add_document(
            self._session,
            NewDocument(
                type=ORDERS.thing,
                series=ORDER_SERIES,
                state=ORDER["closed"],
                title=past.document.get("title", ""),
                customer_id=client.id if client is not None else None,
                vehicle_id=vehicle.id if vehicle is not None else None,
                vehicle_text=vehicle.title if vehicle is not None else "",
                department_id=department_id,
                branch_id=branch_id,
                number=past.number,
                at=past.opened_at,
            ),
        )
        order = RepairOrder(
            id=document.id,
            number=document.number,
            external_id=past.number,
            state=document.state,
            at=document.at,
            customer_id=document.customer_id,
            vehicle_id=document.vehicle_id,
            created_by_id=self._author_id,
            **{"state_since": past.opened_at, "department_id": department_id, "branch_id": branch_id, **past.order},
        )
        self._session.add(order)
        self._session.flush()
        self._complain(order, past.reason)
        if vehicle is not None and order.mileage is not None:
            note_past_mileage(self._session, vehicle, order.mileage, past.opened_at)
        subjects = [subject_of(each) for each in (order, client, vehicle) if each is not None]
        title = T("Repair order %(number)s of another program")
        told = past.reason or past.order.get("past_works", "")
        timeline.add_entry(
            self._session, subjects, ARCHIVED, title, {"number": past.number}, body=told, at=order.state_since
        )

    def _complain(self, order: RepairOrder, reason: str) -> None:
        if reason:
            self._session.add(Concern(order_id=order.id, concern=reason))
            self._session.flush()

    # --- one that is known ------------------------------------------------------------------------

    def _correct(
        self, row: ImportedRow, past: PastOrder, order: RepairOrder, document: Document, concern: Concern | None
    ) -> None:
        opened_at = document.at
        if row.vehicle is not None and order.vehicle_id is None:
            order.vehicle_id = document.vehicle_id = row.vehicle.id
            document.vehicle_text = row.vehicle.title
        changes, head_changes = _differing(order, past.order), _differing(document, past.document)
        _set(order, changes)
        _set(document, head_changes)
        order.at = document.at
        if concern is None:
            self._complain(order, past.reason)
        elif past.reason:
            concern.concern = past.reason
        index_document(self._session, document)
        vehicle = self._session.get(Vehicle, order.vehicle_id) if order.vehicle_id is not None else None
        if vehicle is not None and order.mileage is not None and ("mileage" in changes or "at" in head_changes):
            note_past_mileage(self._session, vehicle, order.mileage, past.opened_at, instead_of=opened_at)
        self._session.flush()


Known = tuple[RepairOrder, Document, Concern | None]


def _says_more(
    past: PastOrder, row: ImportedRow, order: RepairOrder, document: Document, concern: Concern | None
) -> bool:
    """Whether a row corrects what is known of its order."""
    if row.vehicle is not None and order.vehicle_id is None:
        return True
    reason = concern.concern if concern is not None else ""
    return bool(_differing(order, past.order) or _differing(document, past.document)) or past.reason not in ("", reason)


def _expect_client(row: ImportedRow) -> None:
    if not row.has_client:
        row.wrong("", T("Say whose repair it was: the client's name, phone or number, or a car that is known here."))


def _expect_same(row: ImportedRow, order: RepairOrder, document: Document, _concern: Concern | None) -> None:
    """The number is that of an order brought over before, and of the same client."""
    if order.external_id is None:
        row.wrong(NUMBER, T("A repair order of this program has this number."))
    elif row.names_client and (row.client is None or row.client.id != order.customer_id):
        row.wrong(NUMBER, T("The order with this number is here already, of “%(name)s”."), name=document.customer_text)


def _known(session: WorkSession, numbers: Sequence[str]) -> dict[str, Known]:
    """The orders that are here under these numbers, whoever may see them."""
    with session.unlimited("the archive that another program has kept"):
        statement = (
            select(RepairOrder, Document, Concern)
            .join(Document, Document.id == RepairOrder.id)
            .outerjoin(Concern, (Concern.order_id == RepairOrder.id) & (Concern.position == 1))
            .where(RepairOrder.number.in_(numbers))
        )
        return {order.number: (order, head, concern) for order, head, concern in session.execute(statement)}


def _workshops(session: WorkSession, branch_id: int | None) -> dict[str, tuple[int, int]]:
    """Departments with bays by both their titles; the first one of the branch, else of all, under nothing."""
    mine = case((Department.branch_id == (branch_id or 0), 0), else_=1)
    statement = select(Department).where(Department.id.in_(select(Bay.department_id))).order_by(mine, Department.id)
    found: dict[str, tuple[int, int]] = {}
    for each in session.scalars(statement):
        for title in ("", each.title_ru, each.title_en):
            found.setdefault(fold(title), (each.id, each.branch_id))
    return found


def _differing(record: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if getattr(record, name) != value}


def _set(record: Any, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(record, name, value)
