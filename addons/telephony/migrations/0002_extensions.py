"""whose phones an exchange has"""

import sqlalchemy as sa
from alembic import op

revision = "0002_extensions"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        batch_op.add_column(sa.Column("extensions", sa.Text(), nullable=False, server_default=""))
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        batch_op.alter_column("extensions", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        batch_op.drop_column("extensions")
