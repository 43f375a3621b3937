"""what the kinds of documents are called"""

import sqlalchemy as sa
from alembic import op

revision = "0002_document_kinds"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contacts_document_kind",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("title_ru", sa.String(length=80), nullable=False),
        sa.Column("title_en", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_contacts_document_kind")),
    )


def downgrade() -> None:
    op.drop_table("contacts_document_kind")
