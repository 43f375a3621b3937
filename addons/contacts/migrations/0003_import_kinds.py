"""what else than clients an import may hold"""

import sqlalchemy as sa
from alembic import op

revision = "0003_import_kinds"
down_revision = "0002_document_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contacts_import", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=40), nullable=False, server_default=""))
    with op.batch_alter_table("contacts_import", schema=None) as batch_op:
        batch_op.alter_column("kind", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("contacts_import", schema=None) as batch_op:
        batch_op.drop_column("kind")
