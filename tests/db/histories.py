"""Revision files and models made up for the migration and backup tests."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.db.base import NAMING, BigId
from core.db.search_index import SEARCHED
from core.db.types import Money, UtcDateTime


def write_revision(folder: Path, number: int, upgrade: str, downgrade: str = "pass") -> str:
    """Put ``NNNN_step.py`` with one-line bodies into a folder and return its id."""
    folder.mkdir(parents=True, exist_ok=True)
    before = f'"{number - 1:04d}_step"' if number > 1 else "None"
    name = f"{number:04d}_step"
    (folder / f"{name}.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{name}"\ndown_revision = {before}\nbranch_labels = None\ndepends_on = None\n\n'
        f"def upgrade():\n    {upgrade}\n\ndef downgrade():\n    {downgrade}\n"
    )
    return name


def create_table(name: str, refers_to: str = "") -> str:
    """The statement of a revision that makes a small table."""
    reference = f', sa.ForeignKey("{refers_to}.id", ondelete="CASCADE")' if refers_to else ""
    number = 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    return (
        f'op.create_table("{name}", sa.Column("id", {number}, primary_key=True),'
        f' sa.Column("parent_id", {number}{reference}), sa.Column("title", sa.String(50)))'
    )


def shop_models() -> MetaData:
    """Models of two addons, ``shop`` and ``stock``, with every kind of thing a revision has to render."""
    metadata = MetaData(naming_convention=NAMING)
    Table(
        "stock_item",
        metadata,
        Column("id", BigId, primary_key=True),
        Column("code", String(20), nullable=False, unique=True),
    )
    Table(
        "shop_customer",
        metadata,
        Column("id", BigId, primary_key=True),
        Column("name", String(100), nullable=False),
        Column("search_key", Text, nullable=False, info=SEARCHED),
        Column("created_at", UtcDateTime(), nullable=False),
        Column("debt", Money(), nullable=False),
        Column("kind", Enum("person", "company", name="kind", native_enum=False, length=10)),
        Column("picture", LargeBinary),
        Column("blocked", Boolean(), nullable=False, server_default=text("false")),
    )
    Table(
        "shop_order",
        metadata,
        Column("id", BigId, primary_key=True),
        Column("customer_id", ForeignKey("shop_customer.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("item_id", ForeignKey("stock_item.id"), nullable=False),
        Column("line", Integer, nullable=False),
        Column("price", Money(), nullable=False),
        Column("double", Integer, Computed("line * 2", persisted=True)),
        Column("open", Boolean(), nullable=False),
        UniqueConstraint("customer_id", "line"),
        Index(
            "ix_shop_order_one_open",
            "customer_id",
            unique=True,
            sqlite_where=text("open"),
            postgresql_where=text("open"),
        ),
    )
    return metadata
