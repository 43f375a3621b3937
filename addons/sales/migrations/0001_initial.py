"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sales_lost_reason",
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_lost_reason")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_sales_lost_reason_title_ru")),
    )
    op.create_table(
        "sales_client_wishes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment", sa.String(length=20), nullable=False),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("wishes", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["contacts_customer.id"], name=op.f("fk_sales_client_wishes_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_client_wishes")),
    )
    op.create_table(
        "sales_worksheet",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_text", sa.String(length=260), nullable=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("make_id", sa.BigInteger(), nullable=True),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("interest", sa.String(length=160), nullable=False),
        sa.Column("lead_source_id", sa.BigInteger(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=True),
        sa.Column("trade_in", sa.String(length=160), nullable=False),
        sa.Column("next_step", sa.String(length=200), nullable=False),
        sa.Column("next_step_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lost_reason_id", sa.BigInteger(), nullable=True),
        sa.Column("lost_comment", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_sales_worksheet_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["contacts_customer.id"], name=op.f("fk_sales_worksheet_customer_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_sales_worksheet_department_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["contacts_document.id"], name=op.f("fk_sales_worksheet_id")),
        sa.ForeignKeyConstraint(
            ["lead_source_id"], ["contacts_lead_source.id"], name=op.f("fk_sales_worksheet_lead_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["lost_reason_id"], ["sales_lost_reason.id"], name=op.f("fk_sales_worksheet_lost_reason_id")
        ),
        sa.ForeignKeyConstraint(["make_id"], ["contacts_make.id"], name=op.f("fk_sales_worksheet_make_id")),
        sa.ForeignKeyConstraint(["model_id"], ["contacts_model.id"], name=op.f("fk_sales_worksheet_model_id")),
        sa.ForeignKeyConstraint(["responsible_id"], ["core_user.id"], name=op.f("fk_sales_worksheet_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_worksheet")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_worksheet_number")),
    )
    with op.batch_alter_table("sales_worksheet", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_worksheet_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_sales_worksheet_next_step", ["next_step_at"], unique=False)
        batch_op.create_index("ix_sales_worksheet_responsible", ["responsible_id", "stage"], unique=False)
        batch_op.create_index("ix_sales_worksheet_stage", ["stage", "stage_since"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sales_worksheet", schema=None) as batch_op:
        batch_op.drop_index("ix_sales_worksheet_stage")
        batch_op.drop_index("ix_sales_worksheet_responsible")
        batch_op.drop_index("ix_sales_worksheet_next_step")
        batch_op.drop_index(batch_op.f("ix_sales_worksheet_customer_id"))

    op.drop_table("sales_worksheet")
    op.drop_table("sales_client_wishes")
    op.drop_table("sales_lost_reason")
