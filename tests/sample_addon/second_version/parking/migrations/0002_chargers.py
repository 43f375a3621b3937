"""Places with a charger: guests were sent to the zones of which the title says so."""

import sqlalchemy as sa
from alembic import op

revision = "0002_chargers"
down_revision = "0001_initial"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("parking_zone") as batch_op:
        batch_op.add_column(sa.Column("chargers", sa.Integer(), nullable=False, server_default="0"))
    zone = sa.table("parking_zone", sa.column("title_ru"), sa.column("places"), sa.column("chargers"))
    op.execute(zone.update().where(zone.c.title_ru.like("%заряд%")).values(chargers=zone.c.places))
    with op.batch_alter_table("parking_zone") as batch_op:
        batch_op.alter_column("chargers", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("parking_zone") as batch_op:
        batch_op.drop_column("chargers")
