"""recordings that are listened to, checked and deleted in time"""

import sqlalchemy as sa
from alembic import op

revision = "0003_recordings"
down_revision = "0002_log_of_the_exchange"
branch_labels = None
depends_on = None

_OF_PBX = {
    "recordings": sa.String(length=300),
    "recordings_account": sa.String(length=60),
    "sealed_recordings_secret": sa.Text(),
}


def upgrade() -> None:
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        for name, kind in _OF_PBX.items():
            batch_op.add_column(sa.Column(name, kind, nullable=False, server_default=""))
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        for name in _OF_PBX:
            batch_op.alter_column(name, server_default=None)
    with op.batch_alter_table("telephony_recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="expected"))
        batch_op.add_column(sa.Column("size", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("look_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("telephony_recording", schema=None) as batch_op:
        batch_op.alter_column("state", server_default=None)
        batch_op.alter_column("size", server_default=None)
        batch_op.create_index("ix_telephony_recording_look_at", ["state", "look_at"], unique=False)
    op.create_table(
        "telephony_call_check",
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("remark", sa.String(length=500), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["telephony_call.id"], name=op.f("fk_telephony_call_check_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_call_check")),
        sa.UniqueConstraint("call_id", name=op.f("uq_telephony_call_check_call_id")),
    )


def downgrade() -> None:
    op.drop_table("telephony_call_check")
    with op.batch_alter_table("telephony_recording", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_recording_look_at")
        for name in ("look_at", "size", "state"):
            batch_op.drop_column(name)
    with op.batch_alter_table("telephony_pbx", schema=None) as batch_op:
        for name in reversed(_OF_PBX):
            batch_op.drop_column(name)
