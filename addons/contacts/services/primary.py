"""Whether a client is here for the first time (T-1): nobody we know, or nothing finished with him yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core import Read, WorkSession, kept


def business_reads(session: WorkSession, customer_id: int | None) -> dict[str, Read]:
    """What the addons read to know of finished business with a client, by their names; for :func:`primary_in`."""
    if customer_id is None:
        return {}
    answers = session.hooks.asked("contacts_finished_business", customer_id=customer_id)
    return {f"finished business, {answer.addon}": answer.value for answer in answers}


def primary_in(reads: Mapping[str, Read], found: Mapping[str, Sequence[Any]]) -> bool:
    """Whether none of the reads has found any."""
    return not any(found[name] for name in reads)


def is_primary(session: WorkSession, customer_id: int | None) -> bool:
    """Whether the client is a first-time one."""
    reads = business_reads(session, customer_id)
    return primary_in(reads, kept.gather(session, reads))
