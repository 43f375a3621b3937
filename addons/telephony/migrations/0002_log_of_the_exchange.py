"""where the log of an exchange is, and why a gap is not filled"""

import sqlalchemy as sa
from alembic import op

revision = "0002_log_of_the_exchange"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        batch_op.add_column(sa.Column("log", sa.String(length=300), nullable=False, server_default=""))
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        batch_op.alter_column("log", server_default=None)
    with op.batch_alter_table("telephony_link", schema=None) as batch_op:
        batch_op.add_column(sa.Column("gap_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("gap_problem", sa.String(length=20), nullable=False, server_default=""))
    with op.batch_alter_table("telephony_link", schema=None) as batch_op:
        batch_op.alter_column("gap_problem", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("telephony_link", schema=None) as batch_op:
        batch_op.drop_column("gap_problem")
        batch_op.drop_column("gap_until")
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        batch_op.drop_column("log")
