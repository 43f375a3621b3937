"""what is on the line now, orders to exchanges, contacts of calls"""

import sqlalchemy as sa
from alembic import op

revision = "0004_live"
down_revision = "0003_recordings"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PBX = {"context": (80, "from-internal"), "technology": (10, "PJSIP"), "dialled_as": (10, "eight")}


def upgrade() -> None:
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        for name, (length, usual) in _PBX.items():
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=usual))
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        for name in _PBX:
            batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table("telephony_call", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reached_ms", sa.Integer(), nullable=True))
    op.create_table(
        "telephony_live_call",
        sa.Column("id", _ID, nullable=False),
        sa.Column("pbx_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("did", sa.String(length=60), nullable=False),
        sa.Column("channel", sa.String(length=150), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_telephony_live_call_branch_id")),
        sa.ForeignKeyConstraint(
            ["line_id"], ["telephony_line.id"], name=op.f("fk_telephony_live_call_line_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_live_call_pbx_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_live_call")),
        sa.UniqueConstraint("pbx_id", "key", name=op.f("uq_telephony_live_call_pbx_id_key")),
    )
    op.create_table(
        "telephony_live_phone",
        sa.Column("id", _ID, nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=150), nullable=False),
        sa.Column("ext", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["telephony_live_call.id"], name=op.f("fk_telephony_live_phone_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_telephony_live_phone_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_live_phone")),
        sa.UniqueConstraint("call_id", "channel", name=op.f("uq_telephony_live_phone_call_id_channel")),
    )
    op.create_index(op.f("ix_telephony_live_phone_user_id"), "telephony_live_phone", ["user_id"])
    op.create_table(
        "telephony_call_contact",
        sa.Column("pbx_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts_inbound_contact.id"],
            name=op.f("fk_telephony_call_contact_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_call_contact_pbx_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pbx_id", "key", name=op.f("pk_telephony_call_contact")),
    )
    op.create_index(op.f("ix_telephony_call_contact_contact_id"), "telephony_call_contact", ["contact_id"])
    op.create_table(
        "telephony_order",
        sa.Column("id", _ID, nullable=False),
        sa.Column("pbx_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ext", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=150), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("problem", sa.String(length=20), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_order_pbx_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_telephony_order_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_order")),
    )
    op.create_index("ix_telephony_order_due", "telephony_order", ["pbx_id", "state", "id"])
    op.create_index("ix_telephony_order_user", "telephony_order", ["user_id", "created_at"])


def downgrade() -> None:
    op.drop_table("telephony_order")
    op.drop_table("telephony_call_contact")
    op.drop_table("telephony_live_phone")
    op.drop_table("telephony_live_call")
    with op.batch_alter_table("telephony_call", schema=None) as batch_op:
        batch_op.drop_column("reached_ms")
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        for name in _PBX:
            batch_op.drop_column(name)
