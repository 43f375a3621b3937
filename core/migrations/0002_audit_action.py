"""audit action"""

from alembic import op

revision = "0002_audit_action"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("core_audit", schema=None) as batch_op:
        batch_op.create_index("ix_core_audit_action", ["action", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("core_audit", schema=None) as batch_op:
        batch_op.drop_index("ix_core_audit_action")
