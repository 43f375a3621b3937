"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telephony_pbx",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("adapter", sa.String(length=40), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("trunks", sa.Text(), nullable=False),
        sa.Column("phones", sa.Text(), nullable=False),
        sa.Column("log", sa.String(length=300), nullable=False),
        sa.Column("recordings", sa.String(length=300), nullable=False),
        sa.Column("recordings_account", sa.String(length=60), nullable=False),
        sa.Column("sealed_recordings_secret", sa.Text(), nullable=False),
        sa.Column("context", sa.String(length=80), nullable=False),
        sa.Column("technology", sa.String(length=10), nullable=False),
        sa.Column("dialled_as", sa.String(length=10), nullable=False),
        sa.Column("extensions", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_pbx")),
        sa.UniqueConstraint("name", name=op.f("uq_telephony_pbx_name")),
    )
    op.create_table(
        "telephony_link",
        sa.Column("pbx_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.String(length=300), nullable=False),
        sa.Column("release", sa.String(length=80), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gap_problem", sa.String(length=20), nullable=False),
        sa.Column("connected", sa.Integer(), nullable=False),
        sa.Column("dropped", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_link_pbx_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pbx_id", name=op.f("pk_telephony_link")),
    )
    op.create_table(
        "telephony_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
    with op.batch_alter_table("telephony_order", schema=None) as batch_op:
        batch_op.create_index("ix_telephony_order_due", ["pbx_id", "state", "id"], unique=False)
        batch_op.create_index("ix_telephony_order_user", ["user_id", "created_at"], unique=False)

    op.create_table(
        "telephony_line",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("goal_id", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["goal_id"], ["contacts_goal.id"], name=op.f("fk_telephony_line_goal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_line")),
        sa.UniqueConstraint("number", name=op.f("uq_telephony_line_number")),
    )
    op.create_table(
        "telephony_live_call",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
        "telephony_call",
        sa.Column("pbx_id", sa.BigInteger(), nullable=False),
        sa.Column("linkedid", sa.String(length=150), nullable=False),
        sa.Column("direction", sa.String(length=10), nullable=False),
        sa.Column("disposition", sa.String(length=20), nullable=False),
        sa.Column("loss_reason", sa.String(length=20), nullable=False),
        sa.Column("out_of_hours", sa.Boolean(), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("caller", sa.String(length=100), nullable=False),
        sa.Column("did", sa.String(length=60), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_known", sa.Boolean(), nullable=False),
        sa.Column("hung_up_by", sa.String(length=20), nullable=False),
        sa.Column("wait_ms", sa.Integer(), nullable=False),
        sa.Column("menu_ms", sa.Integer(), nullable=False),
        sa.Column("queue_ms", sa.Integer(), nullable=False),
        sa.Column("ring_ms", sa.Integer(), nullable=False),
        sa.Column("talk_ms", sa.Integer(), nullable=False),
        sa.Column("with_employee_ms", sa.Integer(), nullable=False),
        sa.Column("answered_by", sa.JSON(), nullable=False),
        sa.Column("transfers", sa.JSON(), nullable=False),
        sa.Column("made", sa.JSON(), nullable=True),
        sa.Column("employee_id", sa.BigInteger(), nullable=True),
        sa.Column("line_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("contact_state", sa.String(length=10), nullable=False),
        sa.Column("contact_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_by_hand", sa.Boolean(), nullable=False),
        sa.Column("contact_problem", sa.String(length=300), nullable=False),
        sa.Column("waits_for_call", sa.Boolean(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reached_ms", sa.Integer(), nullable=True),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_telephony_call_branch_id")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts_inbound_contact.id"], name=op.f("fk_telephony_call_contact_id")
        ),
        sa.ForeignKeyConstraint(["employee_id"], ["core_user.id"], name=op.f("fk_telephony_call_employee_id")),
        sa.ForeignKeyConstraint(["line_id"], ["telephony_line.id"], name=op.f("fk_telephony_call_line_id")),
        sa.ForeignKeyConstraint(["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_call_pbx_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_call")),
        sa.UniqueConstraint("pbx_id", "linkedid", name=op.f("uq_telephony_call_pbx_id_linkedid")),
    )
    with op.batch_alter_table("telephony_call", schema=None) as batch_op:
        batch_op.create_index("ix_telephony_call_contact_due", ["contact_state", "contact_due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_telephony_call_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index("ix_telephony_call_employee", ["employee_id", "started_at"], unique=False)
        batch_op.create_index("ix_telephony_call_phone", ["phone", "started_at"], unique=False)
        batch_op.create_index("ix_telephony_call_started_at", ["started_at", "id"], unique=False)
        batch_op.create_index("ix_telephony_call_waits", ["waits_for_call", "started_at"], unique=False)

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
    with op.batch_alter_table("telephony_call_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telephony_call_contact_contact_id"), ["contact_id"], unique=False)

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
        "telephony_live_phone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
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
    with op.batch_alter_table("telephony_live_phone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telephony_live_phone_user_id"), ["user_id"], unique=False)

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
    op.create_table(
        "telephony_call_leg",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.String(length=150), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("ext", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("rang_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("ended_by", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["telephony_call.id"], name=op.f("fk_telephony_call_leg_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_telephony_call_leg_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_call_leg")),
        sa.UniqueConstraint("call_id", "attempt", "place", name=op.f("uq_telephony_call_leg_call_id_attempt_place")),
    )
    with op.batch_alter_table("telephony_call_leg", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telephony_call_leg_user_id"), ["user_id"], unique=False)

    op.create_table(
        "telephony_call_name",
        sa.Column("pbx_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=150), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["telephony_call.id"], name=op.f("fk_telephony_call_name_call_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pbx_id"], ["telephony_pbx.id"], name=op.f("fk_telephony_call_name_pbx_id")),
        sa.PrimaryKeyConstraint("pbx_id", "name", name=op.f("pk_telephony_call_name")),
    )
    with op.batch_alter_table("telephony_call_name", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_telephony_call_name_call_id"), ["call_id"], unique=False)

    op.create_table(
        "telephony_recording",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("length_ms", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"], ["telephony_call.id"], name=op.f("fk_telephony_recording_call_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telephony_recording")),
        sa.UniqueConstraint("call_id", "path", name=op.f("uq_telephony_recording_call_id_path")),
    )
    with op.batch_alter_table("telephony_recording", schema=None) as batch_op:
        batch_op.create_index("ix_telephony_recording_look_at", ["state", "look_at"], unique=False)

    op.create_search_index("telephony_call", "search_key")


def downgrade() -> None:
    op.drop_search_index("telephony_call", "search_key")
    with op.batch_alter_table("telephony_recording", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_recording_look_at")

    op.drop_table("telephony_recording")
    with op.batch_alter_table("telephony_call_name", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_telephony_call_name_call_id"))

    op.drop_table("telephony_call_name")
    with op.batch_alter_table("telephony_call_leg", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_telephony_call_leg_user_id"))

    op.drop_table("telephony_call_leg")
    op.drop_table("telephony_call_check")
    with op.batch_alter_table("telephony_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_attempt_state")
        batch_op.drop_index(batch_op.f("ix_telephony_attempt_campaign_id"))

    op.drop_table("telephony_attempt")
    with op.batch_alter_table("telephony_live_phone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_telephony_live_phone_user_id"))

    op.drop_table("telephony_live_phone")
    with op.batch_alter_table("telephony_campaign", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_campaign_source")
        batch_op.drop_index("ix_telephony_campaign_phone")
        batch_op.drop_index("ix_telephony_campaign_due")

    op.drop_table("telephony_campaign")
    with op.batch_alter_table("telephony_call_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_telephony_call_contact_contact_id"))

    op.drop_table("telephony_call_contact")
    with op.batch_alter_table("telephony_call", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_call_waits")
        batch_op.drop_index("ix_telephony_call_started_at")
        batch_op.drop_index("ix_telephony_call_phone")
        batch_op.drop_index("ix_telephony_call_employee")
        batch_op.drop_index(batch_op.f("ix_telephony_call_contact_id"))
        batch_op.drop_index("ix_telephony_call_contact_due")

    op.drop_table("telephony_call")
    op.drop_table("telephony_live_call")
    op.drop_table("telephony_line")
    with op.batch_alter_table("telephony_order", schema=None) as batch_op:
        batch_op.drop_index("ix_telephony_order_user")
        batch_op.drop_index("ix_telephony_order_due")

    op.drop_table("telephony_order")
    op.drop_table("telephony_link")
    op.drop_table("telephony_pbx")
