"""The tables of parking."""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "parking_zone",
        sa.Column("title_ru", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("handover", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_zone")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_parking_zone_title_ru")),
    )
    op.create_table(
        "parking_kept_place",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["contacts_customer.id"], name=op.f("fk_parking_kept_place_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_kept_place")),
    )
    op.create_table(
        "parking_pass",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("car", sa.String(length=120), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_text", sa.String(length=260), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=True),
        sa.Column("zone_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_parking_pass_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["contacts_customer.id"], name=op.f("fk_parking_pass_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_parking_pass_department_id")),
        sa.ForeignKeyConstraint(["host_id"], ["core_user.id"], name=op.f("fk_parking_pass_host_id")),
        sa.ForeignKeyConstraint(["id"], ["contacts_document.id"], name=op.f("fk_parking_pass_id")),
        sa.ForeignKeyConstraint(["zone_id"], ["parking_zone.id"], name=op.f("fk_parking_pass_zone_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parking_pass")),
        sa.UniqueConstraint("number", name=op.f("uq_parking_pass_number")),
    )
    with op.batch_alter_table("parking_pass", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_parking_pass_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_parking_pass_plate", ["plate"], unique=False)
        batch_op.create_index("ix_parking_pass_state", ["state", "valid_until"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("parking_pass", schema=None) as batch_op:
        batch_op.drop_index("ix_parking_pass_state")
        batch_op.drop_index("ix_parking_pass_plate")
        batch_op.drop_index(batch_op.f("ix_parking_pass_customer_id"))

    op.drop_table("parking_pass")
    op.drop_table("parking_kept_place")
    op.drop_table("parking_zone")
