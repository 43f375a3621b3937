"""What a norm-hour costs."""

from __future__ import annotations

from sqlalchemy import select

from addons.service.models import LabourRate, RepairOrder
from core import WorkSession


def hourly_price(session: WorkSession, order: RepairOrder) -> int:
    """What a norm-hour costs here, in kopecks: what fits department and payer best; 0 where nobody has said."""
    fits = select(LabourRate).where(
        LabourRate.department_id.in_([order.department_id]) | LabourRate.department_id.is_(None),
        LabourRate.pay_type.in_([order.pay_type, ""]),
    )
    rates = sorted(session.scalars(fits), key=lambda rate: (rate.department_id is None, rate.pay_type == ""))
    return rates[0].hourly if rates else 0
