"""the parts of an address, zones, and what a courier brings and brings back"""

import sqlalchemy as sa
from alembic import op

revision = "0002_address_and_route"
down_revision = "0001_initial"
branch_labels = None
depends_on = None

EMPTY = {
    "delivery_order": [
        ("address_typed", sa.Text()),
        ("address_split", sa.Text()),
        ("address_note", sa.Text()),
        ("client", sa.String(length=260)),
        ("goods", sa.String(length=200)),
    ],
    "delivery_order_line": [("return_reason", sa.String(length=300))],
}
NONE = {"delivery_order": [("route_position", sa.Integer())], "delivery_order_line": [("returned", sa.BigInteger())]}


def _record(table: str, *parts: sa.Column | sa.Constraint) -> None:
    op.create_table(
        table,
        *parts,
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    _record(
        "delivery_zone",
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("title", name=op.f("uq_delivery_zone_title")),
    )
    for table in EMPTY:
        added = [sa.Column(name, kind, nullable=False, server_default="") for name, kind in EMPTY[table]]
        added += [sa.Column(name, kind, nullable=False, server_default="0") for name, kind in NONE[table]]
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in added:
                batch_op.add_column(column)
        if table == "delivery_order":
            _name_orders()
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in added:
                batch_op.alter_column(column.name, server_default=None)
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        for name, there in (("zone_id", "delivery_zone"), ("courier_id", "core_user")):
            batch_op.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
            batch_op.create_foreign_key(batch_op.f(f"fk_delivery_order_{name}"), there, [name], ["id"])
        batch_op.create_index("ix_delivery_order_courier", ["courier_id", "delivery_on"], unique=False)
    _record(
        "delivery_address_part",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["core_user.id"], name=op.f("fk_delivery_address_part_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["delivery_order.id"], name=op.f("fk_delivery_address_part_order_id"), ondelete="CASCADE"
        ),
        sa.UniqueConstraint("order_id", "name", name=op.f("uq_delivery_address_part_order_id_name")),
    )


def _name_orders() -> None:
    """Whom each order is for and what it brings, from its head row."""
    heads = sa.table("contacts_document", *map(sa.column, ("id", "customer_text", "title")))
    orders = sa.table("delivery_order", *map(sa.column, ("id", "client", "goods")))
    mine = heads.c.id == orders.c.id
    told = {
        name: sa.func.coalesce(sa.select(heads.c[part]).where(mine).scalar_subquery(), "")
        for name, part in (("client", "customer_text"), ("goods", "title"))
    }
    op.get_bind().execute(sa.update(orders).values(**told))


def downgrade() -> None:
    op.drop_table("delivery_address_part")
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_order_courier")
        for name in ("zone_id", "courier_id"):
            batch_op.drop_constraint(batch_op.f(f"fk_delivery_order_{name}"), type_="foreignkey")
            batch_op.drop_column(name)
    for table in EMPTY:
        with op.batch_alter_table(table, schema=None) as batch_op:
            for name, _ in (*EMPTY[table], *NONE[table]):
                batch_op.drop_column(name)
    op.drop_table("delivery_zone")
