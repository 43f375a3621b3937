"""The tables around recordings of calls: what came of listening to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Record

LISTEN = "telephony.recording.listen"
"""The right to listen, which is not that to know of the call (X-08)."""


class CallCheck(Record):
    """What a supervisor found when he listened: whether what was registered is what was said (S2-49).

    One for each call, who and when are its stamps; what was found before is in the trail.
    """

    __tablename__ = "telephony_call_check"

    call_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("telephony_call.id", ondelete="CASCADE"), unique=True)
    verdict: Mapped[str] = mapped_column(String(10))
    remark: Mapped[str] = mapped_column(String(500), default="")
