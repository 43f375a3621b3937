"""of the rows for the same ones there is one, also of those for everybody"""

import sqlalchemy as sa
from alembic import op

revision = "0002_whose"
down_revision = "0001_initial"
branch_labels = None
depends_on = None

TABLES = {
    "service_labour_rate": ("department_id", "pay_type"),
    "service_maintenance_rule": ("make_id", "model_id"),
}


def upgrade() -> None:
    for table, parts in TABLES.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("whose", sa.String(length=60), nullable=False, server_default=""))
        _name(table, parts)
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.alter_column("whose", server_default=None)
            batch_op.drop_constraint(f"uq_{table}_{'_'.join(parts)}", type_="unique")
            batch_op.create_unique_constraint(batch_op.f(f"uq_{table}_whose"), ["whose"])


def _name(table: str, parts: tuple[str, str]) -> None:
    """The key of each row; of several for the same ones the one that was written last stays."""
    rows = sa.table(table, sa.column("id"), sa.column("whose"), sa.column("updated_at"), *map(sa.column, parts))
    found = sa.select(rows.c.id, *(rows.c[part] for part in parts)).order_by(rows.c.updated_at, rows.c.id)
    connection = op.get_bind()
    last = {"/".join(str(part or "") for part in whom): number for number, *whom in connection.execute(found)}
    connection.execute(sa.delete(rows).where(rows.c.id.not_in(list(last.values()))))
    for whose, number in last.items():
        connection.execute(sa.update(rows).where(rows.c.id == number).values(whose=whose))


def downgrade() -> None:
    for table, parts in TABLES.items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"uq_{table}_whose"), type_="unique")
            batch_op.create_unique_constraint(batch_op.f(f"uq_{table}_{'_'.join(parts)}"), list(parts))
            batch_op.drop_column("whose")
