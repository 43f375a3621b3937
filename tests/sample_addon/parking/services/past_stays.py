"""The stays that the notebook of the guards has kept, imported from a file: each is a pass of a guest who has left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from addons.contacts.models import Import
from addons.contacts.services.documents import NewDocument, add_document
from addons.contacts.services.importing import cells
from addons.contacts.services.importing.cells import Wrong
from addons.contacts.services.importing.columns import Target
from addons.contacts.services.importing.kinds import ImportedRow, ImportKind
from core import T, WorkSession
from parking.models import Pass
from parking.services.passes import SERIES, TYPE
from parking.services.states import LEFT

KIND = "parking.stays"
NUMBER, LEFT_ON = "parking_number", "parking_left"


class PastStays:
    """Some hundred rows of the notebook, each known by the number of its pass."""

    def __init__(self, session: WorkSession, record: Import, zone: ZoneInfo, numbers: Sequence[str]) -> None:
        self._session, self._branch_id, self._zone = session, record.branch_id, zone
        with session.unlimited("the passes of the notebook"):
            self._known = set(session.scalars(select(Pass.number).where(Pass.number.in_(numbers))))
        self._left: dict[int, datetime] = {}

    def plan(self, row: ImportedRow) -> str:
        """A stay is written once and never changed."""
        try:
            self._left[row.number] = cells.moment(row.texts[LEFT_ON], self._zone)
        except Wrong as wrong:
            row.wrong(LEFT_ON, wrong.message, **wrong.values)
        return "unchanged" if row.texts[NUMBER] in self._known else "created"

    def write(self, row: ImportedRow) -> None:
        """Add the pass, unless it is here."""
        number, left_at = row.texts[NUMBER], self._left[row.number]
        if number in self._known:
            return
        car, client = row.vehicle, row.client
        head = NewDocument(
            type=TYPE,
            series=SERIES,
            state=LEFT,
            title=car.title if car is not None else "",
            customer_id=client.id if client is not None else None,
            vehicle_id=car.id if car is not None else None,
            branch_id=self._branch_id,
            number=number,
            at=left_at,
        )
        document = add_document(self._session, head)
        stay = Pass(
            id=document.id,
            number=number,
            state=LEFT.code,
            plate=(car.plate or "") if car is not None else "",
            car=document.title,
            customer_id=document.customer_id,
            branch_id=self._branch_id,
            valid_until=left_at,
            left_at=left_at,
        )
        self._session.add(stay)
        self._session.flush()


STAYS = ImportKind(
    code=KIND,
    title=T("Stays before this program"),
    own=T("Parking pass"),
    targets=(
        Target(NUMBER, T("Number"), KIND, "Номер пропуска", ("пропуск", "pass"), 30, needed=True),
        Target(LEFT_ON, T("Has left"), KIND, "Выехал", ("выезд", "left"), needed=True),
    ),
    key=NUMBER,
    right="parking.pass.move",
    begin=PastStays,
)
