"""The declarative base every table of core and of the addons stands on."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from core.db.types import MAX_BIG, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

# SQLite numbers rows by itself only for a column typed exactly INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
"""The type of a number that the database gives."""

MAX_ID = MAX_BIG
"""The highest number a record can have."""


class Base(DeclarativeBase):
    """Root of all mapped classes; a table is named ``<addon>_<thing>``."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime()}


class Record(Base):
    """A thing people work with: numbered, stamped, versioned and audited.

    ``version`` goes up with every update; saving a row that somebody changed meanwhile
    raises ``StaleDataError``, which the web layer shows as a conflict page.
    The stamps are plain numbers, not foreign keys: users are disabled, never deleted.
    """

    __abstract__ = True
    __audited__: ClassVar[bool] = True

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime())
    created_by_id: Mapped[int | None] = mapped_column(BigInteger)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime())
    updated_by_id: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, default=1)

    @declared_attr.directive
    @classmethod
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.version}


def addon_of_table(table_name: str) -> str:
    """The addon that owns a table, read from its prefix."""
    return table_name.partition("_")[0]
