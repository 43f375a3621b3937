"""addon upkeep"""

import sqlalchemy as sa
from alembic import op

revision = "0003_addon_upkeep"
down_revision = "0002_audit_action"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("core_addon", sa.Column("contents", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("core_addon", sa.Column("content_hash", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("core_addon", sa.Column("problem", sa.Text(), nullable=False, server_default=""))
    op.add_column("core_shipped_row", sa.Column("given", sa.JSON(), nullable=True))
    op.create_table(
        "core_upgrade_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("addon", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_upgrade_step")),
    )


def downgrade() -> None:
    op.drop_table("core_upgrade_step")
    with op.batch_alter_table("core_shipped_row") as batch_op:
        batch_op.drop_column("given")
    with op.batch_alter_table("core_addon") as batch_op:
        batch_op.drop_column("problem")
        batch_op.drop_column("content_hash")
        batch_op.drop_column("contents")
