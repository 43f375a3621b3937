"""Imports of clients, vehicles and what else addons take from a file: where each has got to, its rows, and what is wrong with some of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Base, BigId, Record, RowRule


class Import(Record):
    """One file on its way into the directories.

    ``kind`` is the code of what an addon takes from it; without one it holds clients and their cars alone.
    ``state``: ``columns`` (what each column is), ``checking``, ``checked``, ``running``, ``finished``, ``cancelled``,
    ``failed``.
    ``position`` is the part to be worked on next; it is committed together with what that part has done, so an
    import that was cut off goes on where it was. ``columns`` maps the number of a file's column to a field.
    The trail gets one line at each step, not one at each part.
    """

    __tablename__ = "contacts_import"
    __audited__ = False
    __row_rule__ = RowRule("contacts.customer.import", own=("created_by_id",))
    __table_args__ = (Index("ix_contacts_import_state", "state"),)

    kind: Mapped[str] = mapped_column(String(40), default="")
    file_name: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(12), default="columns")
    headings: Mapped[list[str]] = mapped_column(JSON)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    match_known: Mapped[bool] = mapped_column(Boolean, default=True)
    add_models: Mapped[bool] = mapped_column(Boolean, default=False)
    branch_id: Mapped[int | None] = mapped_column(BigInteger)
    parts: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, default=0)
    rows: Mapped[int] = mapped_column("row_count", Integer)
    created: Mapped[int] = mapped_column("rows_created", Integer, default=0)
    updated: Mapped[int] = mapped_column("rows_updated", Integer, default=0)
    unchanged: Mapped[int] = mapped_column("rows_unchanged", Integer, default=0)
    skipped: Mapped[int] = mapped_column("rows_skipped", Integer, default=0)
    finished_at: Mapped[datetime | None]


class ImportPart(Base):
    """Some hundred rows of the file as they came, ``[number, [cell, …]]`` each; gone when the import is over."""

    __tablename__ = "contacts_import_part"

    import_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("contacts_import.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[list[Any]] = mapped_column("part_rows", JSON)


class ImportRow(Base):
    """A row that cannot be imported: its number in the file, every reason, and its cells."""

    __tablename__ = "contacts_import_row"
    __table_args__ = (Index("ix_contacts_import_row_number", "import_id", "row_number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("contacts_import.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column("row_number", Integer)
    problems: Mapped[list[Any]] = mapped_column(JSON)
    cells: Mapped[list[Any]] = mapped_column(JSON)


class ImportFact(Base):
    """What the check has learned of the file itself so far, as nothing is written yet: who has which number.

    ``key`` is a token (``e:17``, ``p:+7…``, ``v:…``); gone when the check is over.
    """

    __tablename__ = "contacts_import_fact"

    import_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("contacts_import.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key: Mapped[str] = mapped_column("fact_key", String(300), primary_key=True)
    fact: Mapped[dict[str, Any]] = mapped_column(JSON)
