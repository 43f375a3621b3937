"""What sales tells of a client on the card of his contact: his open worksheets, what he has bought (S1-57)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, bindparam, func, literal_column, select

from addons.contacts.services.portrait import ClientBadge
from addons.sales.models import Worksheet
from addons.sales.services.stages import CLOSED_STAGES, stages
from core import Hooks, Panel, Read, T, User, shown_name

SHOWN = 5
READ = "sales.worksheet.read"


def blocks(hooks: Hooks, customer_id: int) -> list[Panel]:
    """His worksheets in progress that the person may see."""
    reads = {"found": Read(_OPEN, {"customer": customer_id})}
    return [
        Panel(
            "worksheets",
            T("Worksheets"),
            "sales/portrait_worksheets.html",
            partial(_load, hooks),
            order=10,
            right=READ,
            reads=reads,
        )
    ]


def _load(hooks: Hooks, found: Sequence[Any]) -> dict[str, Any] | None:
    return {"worksheets": found, "stages": stages(hooks)} if found else None


def badges(customer_id: int) -> list[ClientBadge]:
    """How many cars he has bought here, in every branch: a fact for everybody who talks with him."""
    bought = Read(_BOUGHT, {"customer": customer_id}, everything=True)
    return [ClientBadge(T("Bought cars: %(number)s"), bought, "vio", "star")]


# The statements of the card, made once and run with other values.
_CUSTOMER = Worksheet.customer_id == bindparam("customer", type_=BigInteger)
_OPEN = (
    select(
        Worksheet.id,
        Worksheet.number,
        Worksheet.interest,
        Worksheet.stage,
        Worksheet.next_step,
        Worksheet.next_step_at,
        func.coalesce(shown_name, "").label("responsible"),
    )
    .outerjoin(User, User.id == Worksheet.responsible_id)
    .where(_CUSTOMER, Worksheet.stage.not_in(CLOSED_STAGES))
    .order_by(Worksheet.id.desc())
    .limit(literal_column(str(SHOWN)))
)
_BOUGHT = select(func.count(Worksheet.id)).where(_CUSTOMER, Worksheet.stage == "delivered")
