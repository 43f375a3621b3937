"""A form that creates something carries a one-time key: sent twice, it gives the first result (SEC-48)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import BigInteger, String, bindparam, delete, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base
from core.db.engine import WorkSession

KEEP = timedelta(days=2)
LONGEST = 500


class OnceKey(Base):
    """A form that has been carried out, and the address its sender was led to."""

    __tablename__ = "core_once"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    location: Mapped[str] = mapped_column(String(LONGEST))
    at: Mapped[datetime]


def repeated_result(session: WorkSession, key: str) -> str | None:
    """Where the first sending of this form led, or nothing if this is the first."""
    # On the connection: the statement names the person itself, and it is part of every form that is sent.
    return session.connection().execute(_KNOWN, {"key": key[:64], "person": session.access.user_id}).scalar()


_KNOWN = select(OnceKey.location).where(
    OnceKey.key == bindparam("key", type_=String), OnceKey.user_id == bindparam("person", type_=BigInteger)
)


def remember_result(session: WorkSession, key: str, location: str) -> None:
    """Keep the result in the form's own transaction; of two at once one fails here and is run again."""
    if len(location) > LONGEST:
        location = location.partition("?")[0]  # the page itself: half a filter is none
    row = {"key": key[:64], "user_id": session.access.user_id, "location": location[:LONGEST], "at": session.now()}
    session.flush()
    session.connection().execute(_REMEMBERED, row)


_REMEMBERED = insert(OnceKey)


def prune(session: WorkSession) -> None:
    """Forget keys that no open form can still carry."""
    session.execute(delete(OnceKey).where(OnceKey.at < session.now() - KEEP))
