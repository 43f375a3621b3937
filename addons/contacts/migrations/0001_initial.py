"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contacts_ignore_reason",
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("comment_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_ignore_reason")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_contacts_ignore_reason_title_ru")),
    )
    op.create_table(
        "contacts_import",
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("match_known", sa.Boolean(), nullable=False),
        sa.Column("add_models", sa.Boolean(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("rows_created", sa.Integer(), nullable=False),
        sa.Column("rows_updated", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_skipped", sa.Integer(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_import")),
    )
    with op.batch_alter_table("contacts_import", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_import_state", ["state"], unique=False)

    op.create_table(
        "contacts_lead_source",
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("called_line", sa.String(length=20), nullable=False),
        sa.Column("utm_source", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_lead_source")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_contacts_lead_source_title_ru")),
    )
    with op.batch_alter_table("contacts_lead_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_lead_source_called_line"), ["called_line"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_lead_source_utm_source"), ["utm_source"], unique=False)

    op.create_table(
        "contacts_make",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("name_ru", sa.String(length=60), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_make")),
        sa.UniqueConstraint("name", name=op.f("uq_contacts_make_name")),
    )
    op.create_table(
        "contacts_merge",
        sa.Column("kept_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_id", sa.BigInteger(), nullable=False),
        sa.Column("gone_name", sa.String(length=260), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_merge")),
    )
    with op.batch_alter_table("contacts_merge", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_merge_gone", ["gone_id"], unique=False)
        batch_op.create_index("ix_contacts_merge_kept", ["kept_id", "created_at"], unique=False)

    op.create_table(
        "contacts_request_reason",
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_request_reason")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_contacts_request_reason_title_ru")),
    )
    op.create_table(
        "contacts_customer",
        sa.Column("legal_form", sa.String(length=12), nullable=False),
        sa.Column("relation", sa.String(length=12), nullable=False),
        sa.Column("last_name", sa.String(length=160), nullable=False),
        sa.Column("first_name", sa.String(length=80), nullable=False),
        sa.Column("middle_name", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=260), nullable=False),
        sa.Column("vip", sa.Boolean(), nullable=False),
        sa.Column("vip_reason", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lead_source_id", sa.BigInteger(), nullable=True),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("main_phone", sa.String(length=20), nullable=False),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_contacts_customer_branch_id")),
        sa.ForeignKeyConstraint(
            ["lead_source_id"], ["contacts_lead_source.id"], name=op.f("fk_contacts_customer_lead_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["contacts_customer.id"], name=op.f("fk_contacts_customer_merged_into_id")
        ),
        sa.ForeignKeyConstraint(["responsible_id"], ["core_user.id"], name=op.f("fk_contacts_customer_responsible_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_customer")),
        sa.UniqueConstraint("external_id", name=op.f("uq_contacts_customer_external_id")),
    )
    with op.batch_alter_table("contacts_customer", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_customer_list", ["name", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_customer_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "contacts_import_fact",
        sa.Column(
            "import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("fact_key", sa.String(length=300), nullable=False),
        sa.Column("fact", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["contacts_import.id"], name=op.f("fk_contacts_import_fact_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "fact_key", name=op.f("pk_contacts_import_fact")),
    )
    op.create_table(
        "contacts_import_part",
        sa.Column(
            "import_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part_rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["contacts_import.id"], name=op.f("fk_contacts_import_part_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_contacts_import_part")),
    )
    op.create_table(
        "contacts_import_row",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("cells", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["contacts_import.id"], name=op.f("fk_contacts_import_row_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_import_row")),
    )
    with op.batch_alter_table("contacts_import_row", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_import_row_number", ["import_id", "row_number"], unique=False)

    op.create_table(
        "contacts_merge_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("merge_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.String(length=63), nullable=False),
        sa.Column("column_name", sa.String(length=63), nullable=False),
        sa.Column("by_subject", sa.Boolean(), nullable=False),
        sa.Column("keys", sa.JSON(), nullable=False),
        sa.Column("stayed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["contacts_merge.id"], name=op.f("fk_contacts_merge_move_merge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_merge_move")),
    )
    with op.batch_alter_table("contacts_merge_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_merge_move_merge_id"), ["merge_id"], unique=False)

    op.create_table(
        "contacts_model",
        sa.Column("make_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("name_ru", sa.String(length=80), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["make_id"], ["contacts_make.id"], name=op.f("fk_contacts_model_make_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_model")),
        sa.UniqueConstraint("make_id", "name", name=op.f("uq_contacts_model_make_id_name")),
    )
    op.create_table(
        "contacts_consent",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("text_version", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.String(length=300), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["contacts_customer.id"], name=op.f("fk_contacts_consent_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_consent")),
    )
    with op.batch_alter_table("contacts_consent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_consent_customer_id"), ["customer_id"], unique=False)

    op.create_table(
        "contacts_goal",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_ru", sa.String(length=120), nullable=False),
        sa.Column("purpose_en", sa.String(length=120), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("route", sa.String(length=20), nullable=False),
        sa.Column("script_ru", sa.Text(), nullable=False),
        sa.Column("script_en", sa.Text(), nullable=False),
        sa.Column("is_request", sa.Boolean(), nullable=False),
        sa.Column("result_required", sa.Boolean(), nullable=False),
        sa.Column("allows_callback", sa.Boolean(), nullable=False),
        sa.Column("norm_minutes", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_contacts_goal_department_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_goal")),
        sa.UniqueConstraint(
            "channel", "department_id", "purpose_ru", name=op.f("uq_contacts_goal_channel_department_id_purpose_ru")
        ),
    )
    with op.batch_alter_table("contacts_goal", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_goal_channel", ["channel", "active"], unique=False)

    op.create_table(
        "contacts_phone",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("e164", sa.String(length=20), nullable=False),
        sa.Column("last7", sa.String(length=7), nullable=False),
        sa.Column("extension", sa.String(length=10), nullable=False),
        sa.Column("raw", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["contacts_customer.id"], name=op.f("fk_contacts_phone_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_phone")),
        sa.UniqueConstraint(
            "customer_id", "e164", "extension", name=op.f("uq_contacts_phone_customer_id_e164_extension")
        ),
    )
    with op.batch_alter_table("contacts_phone", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_phone_e164"), ["e164"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_phone_last7"), ["last7"], unique=False)

    op.create_table(
        "contacts_vehicle",
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("make_id", sa.BigInteger(), nullable=True),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("model_year", sa.Integer(), nullable=True),
        sa.Column("vin", sa.String(length=17), nullable=True),
        sa.Column("plate", sa.String(length=16), nullable=True),
        sa.Column("colour", sa.String(length=40), nullable=False),
        sa.Column("mileage", sa.Integer(), nullable=True),
        sa.Column("mileage_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["contacts_customer.id"], name=op.f("fk_contacts_vehicle_customer_id")
        ),
        sa.ForeignKeyConstraint(["make_id"], ["contacts_make.id"], name=op.f("fk_contacts_vehicle_make_id")),
        sa.ForeignKeyConstraint(["model_id"], ["contacts_model.id"], name=op.f("fk_contacts_vehicle_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_vehicle")),
        sa.UniqueConstraint("external_id", name=op.f("uq_contacts_vehicle_external_id")),
        sa.UniqueConstraint("vin", name=op.f("uq_contacts_vehicle_vin")),
    )
    with op.batch_alter_table("contacts_vehicle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_vehicle_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_vehicle_plate"), ["plate"], unique=False)

    op.create_table(
        "contacts_document",
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_text", sa.String(length=260), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_text", sa.String(length=160), nullable=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("branch_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("state_ru", sa.String(length=80), nullable=False),
        sa.Column("state_en", sa.String(length=80), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_contacts_document_branch_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["contacts_customer.id"], name=op.f("fk_contacts_document_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_contacts_document_department_id")
        ),
        sa.ForeignKeyConstraint(["responsible_id"], ["core_user.id"], name=op.f("fk_contacts_document_responsible_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["contacts_vehicle.id"], name=op.f("fk_contacts_document_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_document")),
    )
    with op.batch_alter_table("contacts_document", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_document_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_contacts_document_customer", ["customer_id", "open", "at"], unique=False)
        batch_op.create_index("ix_contacts_document_responsible", ["responsible_id", "open", "at"], unique=False)
        batch_op.create_index("ix_contacts_document_type", ["type", "number"], unique=True)
        batch_op.create_index(batch_op.f("ix_contacts_document_vehicle_id"), ["vehicle_id"], unique=False)

    op.create_table(
        "contacts_goal_specialist",
        sa.Column("goal_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["goal_id"], ["contacts_goal.id"], name=op.f("fk_contacts_goal_specialist_goal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_contacts_goal_specialist_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_goal_specialist")),
        sa.UniqueConstraint("goal_id", "user_id", name=op.f("uq_contacts_goal_specialist_goal_id_user_id")),
    )
    with op.batch_alter_table("contacts_goal_specialist", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_goal_specialist_user_id"), ["user_id"], unique=False)

    op.create_table(
        "contacts_odometer_reading",
        sa.Column("vehicle_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kilometres", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vehicle_id"],
            ["contacts_vehicle.id"],
            name=op.f("fk_contacts_odometer_reading_vehicle_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_odometer_reading")),
    )
    with op.batch_alter_table("contacts_odometer_reading", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_odometer_reading_vehicle", ["vehicle_id", "at"], unique=False)

    op.create_table(
        "contacts_inbound_contact",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("goal_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("responsible_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("client_text", sa.String(length=260), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("phone_raw", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("make_id", sa.BigInteger(), nullable=True),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_text", sa.String(length=160), nullable=False),
        sa.Column("model_year", sa.Integer(), nullable=True),
        sa.Column("mileage", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=300), nullable=False),
        sa.Column("wish", sa.String(length=300), nullable=False),
        sa.Column("lead_source_id", sa.BigInteger(), nullable=True),
        sa.Column("caused_by_id", sa.BigInteger(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("is_request", sa.Boolean(), nullable=False),
        sa.Column("waits_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.String(length=300), nullable=False),
        sa.Column("ignore_reason_id", sa.BigInteger(), nullable=True),
        sa.Column("ignore_comment", sa.String(length=300), nullable=False),
        sa.Column("source_data", sa.JSON(), nullable=True),
        sa.Column("search_key", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_contacts_inbound_contact_branch_id")),
        sa.ForeignKeyConstraint(
            ["caused_by_id"], ["contacts_inbound_contact.id"], name=op.f("fk_contacts_inbound_contact_caused_by_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["contacts_customer.id"], name=op.f("fk_contacts_inbound_contact_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_contacts_inbound_contact_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["contacts_document.id"], name=op.f("fk_contacts_inbound_contact_document_id")
        ),
        sa.ForeignKeyConstraint(["goal_id"], ["contacts_goal.id"], name=op.f("fk_contacts_inbound_contact_goal_id")),
        sa.ForeignKeyConstraint(
            ["ignore_reason_id"],
            ["contacts_ignore_reason.id"],
            name=op.f("fk_contacts_inbound_contact_ignore_reason_id"),
        ),
        sa.ForeignKeyConstraint(
            ["lead_source_id"], ["contacts_lead_source.id"], name=op.f("fk_contacts_inbound_contact_lead_source_id")
        ),
        sa.ForeignKeyConstraint(["make_id"], ["contacts_make.id"], name=op.f("fk_contacts_inbound_contact_make_id")),
        sa.ForeignKeyConstraint(["model_id"], ["contacts_model.id"], name=op.f("fk_contacts_inbound_contact_model_id")),
        sa.ForeignKeyConstraint(
            ["responsible_id"], ["core_user.id"], name=op.f("fk_contacts_inbound_contact_responsible_id")
        ),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["contacts_vehicle.id"], name=op.f("fk_contacts_inbound_contact_vehicle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_inbound_contact")),
        sa.UniqueConstraint("number", name=op.f("uq_contacts_inbound_contact_number")),
    )
    with op.batch_alter_table("contacts_inbound_contact", schema=None) as batch_op:
        batch_op.create_index("ix_contacts_inbound_contact_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_contacts_inbound_contact_customer", ["customer_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contacts_inbound_contact_document_id"), ["document_id"], unique=False)
        batch_op.create_index("ix_contacts_inbound_contact_phone", ["phone", "at"], unique=False)
        batch_op.create_index(
            "ix_contacts_inbound_contact_responsible", ["responsible_id", "state", "at", "id"], unique=False
        )
        batch_op.create_index("ix_contacts_inbound_contact_state", ["state", "at", "id"], unique=False)

    op.create_table(
        "contacts_contact_reason",
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("reason_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"],
            ["contacts_inbound_contact.id"],
            name=op.f("fk_contacts_contact_reason_contact_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reason_id"], ["contacts_request_reason.id"], name=op.f("fk_contacts_contact_reason_reason_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts_contact_reason")),
        sa.UniqueConstraint("contact_id", "reason_id", name=op.f("uq_contacts_contact_reason_contact_id_reason_id")),
    )
    with op.batch_alter_table("contacts_contact_reason", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_contact_reason_reason_id"), ["reason_id"], unique=False)

    op.create_search_index("contacts_customer", "search_key")
    op.create_search_index("contacts_document", "search_key")
    op.create_search_index("contacts_inbound_contact", "search_key")
    op.create_search_index("contacts_vehicle", "search_key")


def downgrade() -> None:
    op.drop_search_index("contacts_vehicle", "search_key")
    op.drop_search_index("contacts_inbound_contact", "search_key")
    op.drop_search_index("contacts_document", "search_key")
    op.drop_search_index("contacts_customer", "search_key")
    with op.batch_alter_table("contacts_contact_reason", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_contact_reason_reason_id"))

    op.drop_table("contacts_contact_reason")
    with op.batch_alter_table("contacts_inbound_contact", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_inbound_contact_state")
        batch_op.drop_index("ix_contacts_inbound_contact_responsible")
        batch_op.drop_index("ix_contacts_inbound_contact_phone")
        batch_op.drop_index(batch_op.f("ix_contacts_inbound_contact_document_id"))
        batch_op.drop_index("ix_contacts_inbound_contact_customer")
        batch_op.drop_index("ix_contacts_inbound_contact_at")

    op.drop_table("contacts_inbound_contact")
    with op.batch_alter_table("contacts_odometer_reading", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_odometer_reading_vehicle")

    op.drop_table("contacts_odometer_reading")
    with op.batch_alter_table("contacts_goal_specialist", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_goal_specialist_user_id"))

    op.drop_table("contacts_goal_specialist")
    with op.batch_alter_table("contacts_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_document_vehicle_id"))
        batch_op.drop_index("ix_contacts_document_type")
        batch_op.drop_index("ix_contacts_document_responsible")
        batch_op.drop_index("ix_contacts_document_customer")
        batch_op.drop_index("ix_contacts_document_at")

    op.drop_table("contacts_document")
    with op.batch_alter_table("contacts_vehicle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_vehicle_plate"))
        batch_op.drop_index(batch_op.f("ix_contacts_vehicle_customer_id"))

    op.drop_table("contacts_vehicle")
    with op.batch_alter_table("contacts_phone", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_phone_last7"))
        batch_op.drop_index(batch_op.f("ix_contacts_phone_e164"))

    op.drop_table("contacts_phone")
    with op.batch_alter_table("contacts_goal", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_goal_channel")

    op.drop_table("contacts_goal")
    with op.batch_alter_table("contacts_consent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_consent_customer_id"))

    op.drop_table("contacts_consent")
    op.drop_table("contacts_model")
    with op.batch_alter_table("contacts_merge_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_merge_move_merge_id"))

    op.drop_table("contacts_merge_move")
    with op.batch_alter_table("contacts_import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_import_row_number")

    op.drop_table("contacts_import_row")
    op.drop_table("contacts_import_part")
    op.drop_table("contacts_import_fact")
    with op.batch_alter_table("contacts_customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_customer_merged_into_id"))
        batch_op.drop_index("ix_contacts_customer_list")

    op.drop_table("contacts_customer")
    op.drop_table("contacts_request_reason")
    with op.batch_alter_table("contacts_merge", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_merge_kept")
        batch_op.drop_index("ix_contacts_merge_gone")

    op.drop_table("contacts_merge")
    op.drop_table("contacts_make")
    with op.batch_alter_table("contacts_lead_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contacts_lead_source_utm_source"))
        batch_op.drop_index(batch_op.f("ix_contacts_lead_source_called_line"))

    op.drop_table("contacts_lead_source")
    with op.batch_alter_table("contacts_import", schema=None) as batch_op:
        batch_op.drop_index("ix_contacts_import_state")

    op.drop_table("contacts_import")
    op.drop_table("contacts_ignore_reason")
