"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "core_access_epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_access_epoch")),
    )
    op.create_table(
        "core_addon",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("addon_version", sa.String(length=40), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("enabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_addon")),
        sa.UniqueConstraint("name", name=op.f("uq_core_addon_name")),
    )
    op.create_table(
        "core_audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("values_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit")),
    )
    with op.batch_alter_table("core_audit", schema=None) as batch_op:
        batch_op.create_index("ix_core_audit_at", ["at"], unique=False)
        batch_op.create_index("ix_core_audit_subject", ["subject_id", "subject_type", "at"], unique=False)
        batch_op.create_index("ix_core_audit_thing", ["subject_type", "at"], unique=False)
        batch_op.create_index("ix_core_audit_user", ["user_id", "at"], unique=False)

    op.create_table(
        "core_audit_seal",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ranges", sa.JSON(), nullable=False),
        sa.Column("gaps", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("mac", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_audit_seal")),
    )
    op.create_table(
        "core_branch",
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_branch")),
    )
    op.create_table(
        "core_card_read",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column(
            "subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.PrimaryKeyConstraint("user_id", "hour", "way", "subject_type", "subject_id", name=op.f("pk_core_card_read")),
    )
    with op.batch_alter_table("core_card_read", schema=None) as batch_op:
        batch_op.create_index("ix_core_card_read_hour", ["hour"], unique=False)

    op.create_table(
        "core_erasure",
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("operator", sa.String(length=300), nullable=False),
        sa.Column("system", sa.String(length=120), nullable=False),
        sa.Column("executor", sa.String(length=160), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("trail_values", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cleaned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keep_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_erasure")),
    )
    with op.batch_alter_table("core_erasure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_erasure_keep_until"), ["keep_until"], unique=False)
        batch_op.create_index("ix_core_erasure_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "core_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("core_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_event_xid"), ["xid"], unique=False)

    op.create_table(
        "core_file",
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("storage_name", sa.String(length=40), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_file")),
        sa.UniqueConstraint("storage_name", name=op.f("uq_core_file_storage_name")),
    )
    with op.batch_alter_table("core_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_file_removed_at"), ["removed_at"], unique=False)
        batch_op.create_index("ix_core_file_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "core_generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_generation")),
    )
    op.create_table(
        "core_job_run",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_job_run")),
        sa.UniqueConstraint("name", name=op.f("uq_core_job_run_name")),
    )
    op.create_table(
        "core_number_series",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column(
            "branch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "branch_id", "year", name=op.f("pk_core_number_series")),
    )
    op.create_table(
        "core_once",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_core_once")),
    )
    op.create_table(
        "core_role",
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("addon", sa.String(length=40), nullable=False),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("shipped", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_role")),
        sa.UniqueConstraint("code", name=op.f("uq_core_role_code")),
    )
    op.create_table(
        "core_setting",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_setting")),
        sa.UniqueConstraint("name", "branch_id", name=op.f("uq_core_setting_name_branch_id")),
    )
    op.create_table(
        "core_shipped_row",
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_core_shipped_row")),
    )
    op.create_table(
        "core_sign_in_attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=45), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_sign_in_attempt")),
    )
    with op.batch_alter_table("core_sign_in_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_core_sign_in_attempt_login", ["login", "kind", "at"], unique=False)
        batch_op.create_index("ix_core_sign_in_attempt_network", ["network", "kind", "at"], unique=False)

    op.create_table(
        "core_timeline_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_values", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("link", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_timeline_entry")),
    )
    op.create_table(
        "core_user",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("full_name", sa.String(length=160), nullable=False),
        sa.Column("short_name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("extension", sa.String(length=20), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("time_zone", sa.String(length=40), nullable=True),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("letter_keys", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_user")),
        sa.UniqueConstraint("login", name=op.f("uq_core_user_login")),
    )
    with op.batch_alter_table("core_user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_user_extension"), ["extension"], unique=False)

    op.create_table(
        "core_api_token",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_api_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_api_token_token_hash")),
    )
    with op.batch_alter_table("core_api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_api_token_user_id"), ["user_id"], unique=False)

    op.create_table(
        "core_audit_value",
        sa.Column(
            "audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["core_audit.id"], name=op.f("fk_core_audit_value_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_core_audit_value")),
    )
    op.create_table(
        "core_department",
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_core_department_branch_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["core_department.id"], name=op.f("fk_core_department_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_department")),
    )
    with op.batch_alter_table("core_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_department_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_department_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "core_draft",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_draft_user_id")),
        sa.PrimaryKeyConstraint("user_id", "key", name=op.f("pk_core_draft")),
    )
    with op.batch_alter_table("core_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_draft_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "core_held_value",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("erasure_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.String(length=60), nullable=False),
        sa.Column("law", sa.String(length=200), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["erasure_id"], ["core_erasure.id"], name=op.f("fk_core_held_value_erasure_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_held_value")),
    )
    with op.batch_alter_table("core_held_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_held_value_erasure_id"), ["erasure_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_held_value_until"), ["until"], unique=False)

    op.create_table(
        "core_list_layout",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_list_layout_user_id")),
        sa.PrimaryKeyConstraint("user_id", "screen", name=op.f("pk_core_list_layout")),
    )
    op.create_table(
        "core_notification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("group_key", sa.String(length=32), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_values", sa.JSON(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_values", sa.JSON(), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("sound", sa.String(length=12), nullable=False),
        sa.Column("from_user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_notification_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_notification")),
    )
    with op.batch_alter_table("core_notification", schema=None) as batch_op:
        batch_op.create_index(
            "ix_core_notification_active",
            ["user_id", "id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index(
            "ix_core_notification_snoozed",
            ["snoozed_until"],
            unique=False,
            sqlite_where=sa.text("snoozed_until IS NOT NULL"),
            postgresql_where=sa.text("snoozed_until IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_core_notification_subject",
            ["subject_type", "subject_id"],
            unique=False,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "core_notification_preference",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("sound", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_notification_preference_user_id")),
        sa.PrimaryKeyConstraint("user_id", "kind", name=op.f("pk_core_notification_preference")),
    )
    op.create_table(
        "core_presence",
        sa.Column("user_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("lapsed_from", sa.String(length=8), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_presence_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_core_presence")),
    )
    with op.batch_alter_table("core_presence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_presence_last_seen_at"), ["last_seen_at"], unique=False)

    op.create_table(
        "core_recovery_code",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_recovery_code_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_recovery_code")),
        sa.UniqueConstraint("user_id", "code_hash", name=op.f("uq_core_recovery_code_user_id_code_hash")),
    )
    op.create_table(
        "core_saved_filter",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("screen", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_saved_filter_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_saved_filter")),
        sa.UniqueConstraint("user_id", "screen", "name", name=op.f("uq_core_saved_filter_user_id_screen_name")),
    )
    with op.batch_alter_table("core_saved_filter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_saved_filter_screen"), ["screen"], unique=False)

    op.create_table(
        "core_second_factor",
        sa.Column("user_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_second_factor_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_core_second_factor")),
    )
    op.create_table(
        "core_sign_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("second_factor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_sign_in_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_core_sign_in_token_hash")),
    )
    with op.batch_alter_table("core_sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_sign_in_user_id"), ["user_id"], unique=False)

    op.create_table(
        "core_timeline_subject",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["core_timeline_entry.id"], name=op.f("fk_core_timeline_subject_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_timeline_subject")),
        sa.UniqueConstraint(
            "entry_id",
            "subject_type",
            "subject_id",
            name=op.f("uq_core_timeline_subject_entry_id_subject_type_subject_id"),
        ),
    )
    with op.batch_alter_table("core_timeline_subject", schema=None) as batch_op:
        batch_op.create_index(
            "ix_core_timeline_subject_page", ["subject_type", "subject_id", "at", "entry_id"], unique=False
        )

    op.create_table(
        "core_user_role",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("role_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["core_role.id"], name=op.f("fk_core_user_role_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_user_role_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_user_role")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_core_user_role_user_id_role_id")),
    )
    with op.batch_alter_table("core_user_role", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_user_role_role_id"), ["role_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_user_role_user_id"), ["user_id"], unique=False)

    op.create_table(
        "core_calendar_exception",
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=True),
        sa.Column("closes", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_core_calendar_exception_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_calendar_exception")),
    )
    with op.batch_alter_table("core_calendar_exception", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_calendar_exception_department_id"), ["department_id"], unique=False)

    op.create_table(
        "core_department_calendar",
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("rests_on_holidays", sa.Boolean(), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_core_department_calendar_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_department_calendar")),
        sa.UniqueConstraint("department_id", name=op.f("uq_core_department_calendar_department_id")),
    )
    op.create_table(
        "core_task",
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_values", sa.JSON(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_type", sa.String(length=60), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("role", sa.String(length=60), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hidden_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("origin", sa.String(length=120), nullable=False),
        sa.Column("once_key", sa.String(length=120), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["core_user.id"], name=op.f("fk_core_task_assignee_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_core_task_branch_id")),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_core_task_department_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["core_task.id"], name=op.f("fk_core_task_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_task")),
        sa.UniqueConstraint("once_key", name=op.f("uq_core_task_once_key")),
    )
    with op.batch_alter_table("core_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_task_branch_id"), ["branch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_task_department_id"), ["department_id"], unique=False)
        batch_op.create_index(
            "ix_core_task_open_assignee",
            ["assignee_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_core_task_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_task_role"), ["role"], unique=False)
        batch_op.create_index("ix_core_task_subject", ["subject_type", "subject_id"], unique=False)

    op.create_table(
        "core_user_department",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.String(length=120), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_core_user_department_department_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_core_user_department_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_user_department")),
        sa.UniqueConstraint("user_id", "department_id", name=op.f("uq_core_user_department_user_id_department_id")),
    )
    with op.batch_alter_table("core_user_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_user_department_department_id"), ["department_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_user_department_user_id"), ["user_id"], unique=False)

    op.create_table(
        "core_working_hours",
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_core_working_hours_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_working_hours")),
    )
    with op.batch_alter_table("core_working_hours", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_working_hours_department_id"), ["department_id"], unique=False)

    op.create_table(
        "core_task_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("from_user_id", sa.BigInteger(), nullable=True),
        sa.Column("to_user_id", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["core_task.id"], name=op.f("fk_core_task_event_task_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_core_task_event")),
    )
    with op.batch_alter_table("core_task_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_core_task_event_from_user_id"), ["from_user_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_core_task_event_task_id"), ["task_id"], unique=False)

    op.create_table(
        "core_task_reminder",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["core_task.id"], name=op.f("fk_core_task_reminder_task_id")),
        sa.PrimaryKeyConstraint("task_id", name=op.f("pk_core_task_reminder")),
    )
    with op.batch_alter_table("core_task_reminder", schema=None) as batch_op:
        batch_op.create_index(
            "ix_core_task_reminder_due",
            ["remind_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("core_task_reminder", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_core_task_reminder_due",
            sqlite_where=sa.text("sent_at IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL"),
        )

    op.drop_table("core_task_reminder")
    with op.batch_alter_table("core_task_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_task_event_task_id"))
        batch_op.drop_index(batch_op.f("ix_core_task_event_from_user_id"))

    op.drop_table("core_task_event")
    with op.batch_alter_table("core_working_hours", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_working_hours_department_id"))

    op.drop_table("core_working_hours")
    with op.batch_alter_table("core_user_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_user_department_user_id"))
        batch_op.drop_index(batch_op.f("ix_core_user_department_department_id"))

    op.drop_table("core_user_department")
    with op.batch_alter_table("core_task", schema=None) as batch_op:
        batch_op.drop_index("ix_core_task_subject")
        batch_op.drop_index(batch_op.f("ix_core_task_role"))
        batch_op.drop_index(batch_op.f("ix_core_task_parent_id"))
        batch_op.drop_index(
            "ix_core_task_open_assignee",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_core_task_department_id"))
        batch_op.drop_index(batch_op.f("ix_core_task_branch_id"))

    op.drop_table("core_task")
    op.drop_table("core_department_calendar")
    with op.batch_alter_table("core_calendar_exception", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_calendar_exception_department_id"))

    op.drop_table("core_calendar_exception")
    with op.batch_alter_table("core_user_role", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_user_role_user_id"))
        batch_op.drop_index(batch_op.f("ix_core_user_role_role_id"))

    op.drop_table("core_user_role")
    with op.batch_alter_table("core_timeline_subject", schema=None) as batch_op:
        batch_op.drop_index("ix_core_timeline_subject_page")

    op.drop_table("core_timeline_subject")
    with op.batch_alter_table("core_sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_sign_in_user_id"))

    op.drop_table("core_sign_in")
    op.drop_table("core_second_factor")
    with op.batch_alter_table("core_saved_filter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_saved_filter_screen"))

    op.drop_table("core_saved_filter")
    op.drop_table("core_recovery_code")
    with op.batch_alter_table("core_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_presence_last_seen_at"))

    op.drop_table("core_presence")
    op.drop_table("core_notification_preference")
    with op.batch_alter_table("core_notification", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_core_notification_subject",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )
        batch_op.drop_index(
            "ix_core_notification_snoozed",
            sqlite_where=sa.text("snoozed_until IS NOT NULL"),
            postgresql_where=sa.text("snoozed_until IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_core_notification_active",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("core_notification")
    op.drop_table("core_list_layout")
    with op.batch_alter_table("core_held_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_held_value_until"))
        batch_op.drop_index(batch_op.f("ix_core_held_value_erasure_id"))

    op.drop_table("core_held_value")
    with op.batch_alter_table("core_draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_draft_updated_at"))

    op.drop_table("core_draft")
    with op.batch_alter_table("core_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_department_parent_id"))
        batch_op.drop_index(batch_op.f("ix_core_department_branch_id"))

    op.drop_table("core_department")
    op.drop_table("core_audit_value")
    with op.batch_alter_table("core_api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_api_token_user_id"))

    op.drop_table("core_api_token")
    with op.batch_alter_table("core_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_user_extension"))

    op.drop_table("core_user")
    op.drop_table("core_timeline_entry")
    with op.batch_alter_table("core_sign_in_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_core_sign_in_attempt_network")
        batch_op.drop_index("ix_core_sign_in_attempt_login")

    op.drop_table("core_sign_in_attempt")
    op.drop_table("core_shipped_row")
    op.drop_table("core_setting")
    op.drop_table("core_role")
    op.drop_table("core_once")
    op.drop_table("core_number_series")
    op.drop_table("core_job_run")
    op.drop_table("core_generation")
    with op.batch_alter_table("core_file", schema=None) as batch_op:
        batch_op.drop_index("ix_core_file_subject")
        batch_op.drop_index(batch_op.f("ix_core_file_removed_at"))

    op.drop_table("core_file")
    with op.batch_alter_table("core_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_core_event_xid"))

    op.drop_table("core_event")
    with op.batch_alter_table("core_erasure", schema=None) as batch_op:
        batch_op.drop_index("ix_core_erasure_subject")
        batch_op.drop_index(batch_op.f("ix_core_erasure_keep_until"))

    op.drop_table("core_erasure")
    with op.batch_alter_table("core_card_read", schema=None) as batch_op:
        batch_op.drop_index("ix_core_card_read_hour")

    op.drop_table("core_card_read")
    op.drop_table("core_branch")
    op.drop_table("core_audit_seal")
    with op.batch_alter_table("core_audit", schema=None) as batch_op:
        batch_op.drop_index("ix_core_audit_user")
        batch_op.drop_index("ix_core_audit_thing")
        batch_op.drop_index("ix_core_audit_subject")
        batch_op.drop_index("ix_core_audit_at")

    op.drop_table("core_audit")
    op.drop_table("core_addon")
    op.drop_table("core_access_epoch")
