"""what comes in by itself: sources, deliveries, talks"""

import sqlalchemy as sa
from alembic import op

revision = "0004_intake"
down_revision = "0003_import_kinds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contacts_intake_source",
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=40), nullable=False),
        sa.Column("adapter", sa.String(length=40), nullable=False),
        sa.Column("goal_id", sa.BigInteger(), nullable=False),
        sa.Column("lead_source_id", sa.BigInteger(), nullable=True),
        sa.Column("call_at_once", sa.Boolean(), nullable=False),
        sa.Column("networks", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_previous", sa.Text(), nullable=False),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["goal_id"], ["contacts_goal.id"], name=op.f("fk_contacts_intake_source_goal_id")),
        sa.ForeignKeyConstraint(
            ["lead_source_id"], ["contacts_lead_source.id"], name=op.f("fk_contacts_intake_source_lead_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_intake_source")),
        sa.UniqueConstraint("address", name=op.f("uq_contacts_intake_source_address")),
        sa.UniqueConstraint("title", name=op.f("uq_contacts_intake_source_title")),
    )
    op.create_table(
        "contacts_client_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("peer", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("external_id", sa.String(length=200), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["core_user.id"], name=op.f("fk_contacts_client_message_author_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts_inbound_contact.id"],
            name=op.f("fk_contacts_client_message_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contacts_intake_source.id"], name=op.f("fk_contacts_client_message_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_client_message")),
    )
    with op.batch_alter_table("contacts_client_message", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_client_message_contact", ["contact_id", "at"], unique=False)
        batch_op.create_index("ix_contacts_client_message_due", ["state", "due_at"], unique=False)
        batch_op.create_index("ix_contacts_client_message_peer", ["source_id", "peer", "at"], unique=False)

    op.create_table(
        "contacts_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts_inbound_contact.id"],
            name=op.f("fk_contacts_delivery_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["contacts_intake_source.id"], name=op.f("fk_contacts_delivery_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_delivery")),
        sa.UniqueConstraint("source_id", "key", name=op.f("uq_contacts_delivery_source_id_key")),
    )
    with op.batch_alter_table("contacts_delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_delivery_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_delivery_contact_id"), ["contact_id"], unique=False)

    with op.batch_alter_table("contacts_inbound_contact", schema=None) as batch_op:
        batch_op.add_column(sa.Column("attended_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_contacts_inbound_contact_attended_until"), ["attended_until"], unique=False
        )

    with op.batch_alter_table("contacts_lead_source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("form_name", sa.String(length=120), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f("ix_contacts_lead_source_form_name"), ["form_name"], unique=False)
    with op.batch_alter_table("contacts_lead_source", schema=None) as batch_op:
        batch_op.alter_column("form_name", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("contacts_lead_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_lead_source_form_name"))
        batch_op.drop_column("form_name")

    with op.batch_alter_table("contacts_inbound_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_inbound_contact_attended_until"))
        batch_op.drop_column("attended_until")

    with op.batch_alter_table("contacts_delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_delivery_contact_id"))
        batch_op.drop_index(batch_op.f("ix_contacts_delivery_at"))

    op.drop_table("contacts_delivery")
    with op.batch_alter_table("contacts_client_message", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_client_message_peer")
        batch_op.drop_index("ix_contacts_client_message_due")
        batch_op.drop_index("ix_contacts_client_message_contact")

    op.drop_table("contacts_client_message")
    op.drop_table("contacts_intake_source")
