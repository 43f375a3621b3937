"""campaigns"""

import sqlalchemy as sa
from alembic import op

revision = "0005_campaigns"
down_revision = "0004_live"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telephony_campaign",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("pbx_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts_inbound_contact.id"],
            name=op.f("fk_telephony_campaign_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_campaign_pbx_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_campaign")),
        sa.UniqueConstraint("contact_id", name=op.f("uq_telephony_campaign_contact_id")),
    )
    with op.batch_alter_table("telephony_campaign", schema=None) as batch_op:
        batch_op.create_index("ix_telephony_campaign_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_telephony_campaign_phone", ["phone", "began_at"], unique=False)
        batch_op.create_index("ix_telephony_campaign_source", ["source", "began_at"], unique=False)

    op.create_table(
        "telephony_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("pbx_id", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.String(length=80), nullable=False),
        sa.Column("ring", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["core_user.id"], name=op.f("fk_telephony_attempt_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["telephony_campaign.id"],
            name=op.f("fk_telephony_attempt_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_attempt_pbx_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_attempt")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_telephony_attempt_channel_id")),
    )
    with op.batch_alter_table("telephony_attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telephony_attempt_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index("ix_telephony_attempt_state", ["pbx_id", "state"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("telephony_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_attempt_state")
        batch_op.drop_index(batch_op.f("ix_telephony_attempt_campaign_id"))

    op.drop_table("telephony_attempt")
    with op.batch_alter_table("telephony_campaign", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_campaign_source")
        batch_op.drop_index("ix_telephony_campaign_phone")
        batch_op.drop_index("ix_telephony_campaign_due")

    op.drop_table("telephony_campaign")
