"""which wish of a client a kind of work answers, and who does a work outside"""

import sqlalchemy as sa
from alembic import op

revision = "0003_reasons_and_performers"
down_revision = "0002_whose"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("service_job", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason_id", sa.BigInteger(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_service_job_reason_id"), "contacts_request_reason", ["reason_id"], ["id"]
        )
    with op.batch_alter_table("service_order_line", schema=None) as batch_op:
        batch_op.add_column(sa.Column("performer", sa.String(length=160), nullable=False, server_default=""))
    with op.batch_alter_table("service_order_line", schema=None) as batch_op:
        batch_op.alter_column("performer", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("service_order_line", schema=None) as batch_op:
        batch_op.drop_column("performer")
    with op.batch_alter_table("service_job", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_service_job_reason_id"), type_="foreignkey")
        batch_op.drop_column("reason_id")
