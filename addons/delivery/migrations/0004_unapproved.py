"""intervals that wait for an approval are found without walking through all orders"""

import sqlalchemy as sa
from alembic import op

revision = "0004_unapproved"
down_revision = "0003_search"
branch_labels = None
depends_on = None

_UNAPPROVED = sa.text("window_approved_at IS NULL")


def upgrade() -> None:
    op.create_index(
        "ix_delivery_order_unapproved",
        "delivery_order",
        ["status", "branch_id", "window"],
        sqlite_where=_UNAPPROVED,
        postgresql_where=_UNAPPROVED,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_order_unapproved", "delivery_order")
