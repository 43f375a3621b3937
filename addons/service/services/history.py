"""What a client has had done here: whether he is a repeat client (S1-64, S1-65)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, literal_column, select

from addons.service.models import RepairOrder
from core import Read

_ARCHIVED: Select[*tuple[Any, ...]] = (
    select(RepairOrder.id)
    .where(RepairOrder.customer_id == bindparam("customer", type_=BigInteger), RepairOrder.state == "closed")
    .limit(literal_column("1"))
)


def finished_business(customer_id: int) -> Read:
    """Reads whether this client has a repair order in the archive, in any branch, imported ones too (T-1)."""
    return Read(_ARCHIVED, {"customer": customer_id}, everything=True)
