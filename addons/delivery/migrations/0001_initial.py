"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "delivery_item",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=60), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("suppliers", sa.Text(), nullable=False),
        sa.Column("discontinued", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_item")),
        sa.UniqueConstraint("title", name=op.f("uq_delivery_item_title")),
    )
    op.create_table(
        "delivery_order",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("order_type", sa.String(length=10), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_text", sa.String(length=260), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("carrier", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=20), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("window", sa.String(length=20), nullable=False),
        sa.Column("window_reason", sa.String(length=300), nullable=False),
        sa.Column("window_approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("window_approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("client_comment", sa.Text(), nullable=False),
        sa.Column("operator_comment", sa.Text(), nullable=False),
        sa.Column("dispatch_note", sa.String(length=500), nullable=False),
        sa.Column("payment_method", sa.String(length=20), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_delivery_order_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["contacts_customer.id"], name=op.f("fk_delivery_order_customer_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_delivery_order_department_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["contacts_document.id"], name=op.f("fk_delivery_order_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["core_user.id"], name=op.f("fk_delivery_order_responsible_id")),
        sa.ForeignKeyConstraint(
            ["window_approved_by_id"], ["core_user.id"], name=op.f("fk_delivery_order_window_approved_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_order")),
        sa.UniqueConstraint("number", name=op.f("uq_delivery_order_number")),
    )
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_order_at", ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_order_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_delivery_order_day", ["delivery_on"], unique=False)
        batch_op.create_index("ix_delivery_order_responsible", ["responsible_id", "status"], unique=False)
        batch_op.create_index("ix_delivery_order_status", ["status", "status_since"], unique=False)

    op.create_table(
        "delivery_log_entry",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["delivery_order.id"], name=op.f("fk_delivery_log_entry_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_log_entry")),
    )
    with op.batch_alter_table("delivery_log_entry", schema=None) as batch_op:
        batch_op.create_index("ix_delivery_log_entry_order", ["order_id", "at"], unique=False)

    op.create_table(
        "delivery_order_line",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("discontinued", sa.Boolean(), nullable=False),
        sa.Column("analogue", sa.String(length=10), nullable=False),
        sa.Column("analogue_title", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["delivery_item.id"], name=op.f("fk_delivery_order_line_item_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["delivery_order.id"], name=op.f("fk_delivery_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_order_line")),
    )
    with op.batch_alter_table("delivery_order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_order_line_order_id"), ["order_id"], unique=False)

    op.create_table(
        "delivery_payment",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["delivery_order.id"], name=op.f("fk_delivery_payment_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_payment")),
    )
    with op.batch_alter_table("delivery_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_payment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "delivery_status_change",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.String(length=300), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["delivery_order.id"], name=op.f("fk_delivery_status_change_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_status_change")),
    )
    with op.batch_alter_table("delivery_status_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_status_change_order_id"), ["order_id"], unique=False)

    op.create_table(
        "delivery_line_supplier",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id"], ["delivery_order_line.id"], name=op.f("fk_delivery_line_supplier_line_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_line_supplier")),
    )
    with op.batch_alter_table("delivery_line_supplier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_line_supplier_line_id"), ["line_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("delivery_line_supplier", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_line_supplier_line_id"))

    op.drop_table("delivery_line_supplier")
    with op.batch_alter_table("delivery_status_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_status_change_order_id"))

    op.drop_table("delivery_status_change")
    with op.batch_alter_table("delivery_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_payment_order_id"))

    op.drop_table("delivery_payment")
    with op.batch_alter_table("delivery_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_order_line_order_id"))

    op.drop_table("delivery_order_line")
    with op.batch_alter_table("delivery_log_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_log_entry_order")

    op.drop_table("delivery_log_entry")
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.drop_index("ix_delivery_order_status")
        batch_op.drop_index("ix_delivery_order_responsible")
        batch_op.drop_index("ix_delivery_order_day")
        batch_op.drop_index(batch_op.f("ix_delivery_order_customer_id"))
        batch_op.drop_index("ix_delivery_order_at")

    op.drop_table("delivery_order")
    op.drop_table("delivery_item")
