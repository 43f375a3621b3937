"""orders are found by their own words, by who may not read the journal too"""

import sqlalchemy as sa
from alembic import op

revision = "0003_search"
down_revision = "0002_address_and_route"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("search_key", sa.Text(), nullable=False, server_default=""))
    # The head row of an order holds the same words in the same spelling.
    heads = sa.table("contacts_document", sa.column("id"), sa.column("search_key"))
    orders = sa.table("delivery_order", sa.column("id"), sa.column("search_key"))
    key = sa.select(heads.c.search_key).where(heads.c.id == orders.c.id).scalar_subquery()
    op.get_bind().execute(sa.update(orders).values(search_key=sa.func.coalesce(key, "")))
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.alter_column("search_key", server_default=None)
    op.create_search_index("delivery_order", "search_key")


def downgrade() -> None:
    op.drop_search_index("delivery_order", "search_key")
    with op.batch_alter_table("delivery_order", schema=None) as batch_op:
        batch_op.drop_column("search_key")
