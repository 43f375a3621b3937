"""how long an interval is, so that short ones that wait for an approval are found by an index"""

import sqlalchemy as sa
from alembic import op

revision = "0004_length_of_intervals"
down_revision = "0003_search"
branch_labels = None
depends_on = None

_UNAPPROVED = sa.text("window_approved_at IS NULL")


def _length(window: str) -> int:
    """Of an interval as it is stored: «10:00–13:00»."""
    first, last = (int(each[:2]) * 60 + int(each[3:]) for each in (window[:5], window[6:]))
    return last - first


def upgrade() -> None:
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("window_minutes", sa.Integer(), nullable=False, server_default="0"))
    orders = sa.table("delivery_order", sa.column("window", sa.String), sa.column("window_minutes", sa.Integer))
    bind = op.get_bind()
    for window in bind.scalars(sa.select(orders.c.window).where(orders.c.window != "").distinct()).all():
        bind.execute(sa.update(orders).where(orders.c.window == window).values(window_minutes=_length(window)))
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.alter_column("window_minutes", server_default=None)
    op.create_index(
        "ix_delivery_order_unapproved",
        "delivery_order",
        ["branch_id", "window_minutes"],
        sqlite_where=_UNAPPROVED,
        postgresql_where=_UNAPPROVED,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_order_unapproved", "delivery_order")
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.drop_column("window_minutes")
