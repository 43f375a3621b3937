"""a call is found by the key of each of its names"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0002_keys_of_names"
down_revision = "0001_initial"
branch_labels = None
depends_on = None

TOGETHER = 5000


def _keys(rows: Sequence[sa.Row]) -> list[dict]:
    """What each row is to be told: the key as ``services.live.key_of`` has it."""
    return [
        {"of": row.pbx_id, "named": row.name, "new": hashlib.blake2b(row.name.encode(), digest_size=12).hexdigest()}
        for row in rows
    ]


def upgrade() -> None:
    with op.batch_alter_table("telephony_call_name", schema=None) as batch_op:
        batch_op.add_column(sa.Column("key", sa.String(length=40), nullable=False, server_default=""))
    names = sa.table("telephony_call_name", sa.column("pbx_id"), sa.column("name"), sa.column("key"))
    place = (names.c.pbx_id, names.c.name)
    some = sa.select(*place).order_by(*place).limit(TOGETHER)
    this = (names.c.pbx_id == sa.bindparam("of"), names.c.name == sa.bindparam("named"))
    told = sa.update(names).where(*this).values(key=sa.bindparam("new"))
    bind = op.get_bind()
    rows = bind.execute(some).all()
    while rows:
        bind.execute(told, _keys(rows))
        rows = bind.execute(some.where(sa.tuple_(*place) > tuple(rows[-1]))).all()
    with op.batch_alter_table("telephony_call_name", schema=None) as batch_op:
        batch_op.alter_column("key", server_default=None)
        batch_op.create_index("ix_telephony_call_name_key", ["pbx_id", "key"])


def downgrade() -> None:
    with op.batch_alter_table("telephony_call_name", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_call_name_key")
        batch_op.drop_column("key")
