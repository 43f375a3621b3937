"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "service_job",
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("norm", sa.Integer(), nullable=False),
        sa.Column("bay_kind", sa.String(length=20), nullable=False),
        sa.Column("maintenance", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_job")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_service_job_title_ru")),
    )
    op.create_table(
        "service_vat_rate",
        sa.Column("title_ru", sa.String(length=60), nullable=False),
        sa.Column("title_en", sa.String(length=60), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_vat_rate")),
        sa.UniqueConstraint("title_ru", name=op.f("uq_service_vat_rate_title_ru")),
    )
    op.create_table(
        "service_absence",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_service_absence_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_absence")),
    )
    with op.batch_alter_table("service_absence", schema=None) as batch_op:
        batch_op.create_index("ix_service_absence_user", ["user_id", "last_day"], unique=False)

    op.create_table(
        "service_shift",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_service_shift_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_shift")),
    )
    with op.batch_alter_table("service_shift", schema=None) as batch_op:
        batch_op.create_index("ix_service_shift_user", ["user_id", "starts_at"], unique=False)

    op.create_table(
        "service_bay",
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("mechanic_id", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_service_bay_department_id")),
        sa.ForeignKeyConstraint(["mechanic_id"], ["core_user.id"], name=op.f("fk_service_bay_mechanic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_bay")),
        sa.UniqueConstraint("department_id", "title", name=op.f("uq_service_bay_department_id_title")),
    )
    op.create_table(
        "service_employee",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("adviser", sa.Boolean(), nullable=False),
        sa.Column("mechanic", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_service_employee_department_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_service_employee_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_employee")),
        sa.UniqueConstraint("user_id", name=op.f("uq_service_employee_user_id")),
    )
    with op.batch_alter_table("service_employee", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_employee_department_id"), ["department_id"], unique=False)

    op.create_table(
        "service_labour_rate",
        sa.Column("department_id", sa.BigInteger(), nullable=True),
        sa.Column("pay_type", sa.String(length=20), nullable=False),
        sa.Column("hourly", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_service_labour_rate_department_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_labour_rate")),
        sa.UniqueConstraint("department_id", "pay_type", name=op.f("uq_service_labour_rate_department_id_pay_type")),
    )
    op.create_table(
        "service_maintenance_rule",
        sa.Column("make_id", sa.BigInteger(), nullable=True),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("kilometres", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["make_id"], ["contacts_make.id"], name=op.f("fk_service_maintenance_rule_make_id")),
        sa.ForeignKeyConstraint(["model_id"], ["contacts_model.id"], name=op.f("fk_service_maintenance_rule_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_maintenance_rule")),
        sa.UniqueConstraint("make_id", "model_id", name=op.f("uq_service_maintenance_rule_make_id_model_id")),
    )
    op.create_table(
        "service_booking",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_text", sa.String(length=260), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("make_id", sa.BigInteger(), nullable=True),
        sa.Column("model_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_text", sa.String(length=160), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("wishes", sa.Text(), nullable=False),
        sa.Column("bay_id", sa.BigInteger(), nullable=True),
        sa.Column("mechanic_id", sa.BigInteger(), nullable=True),
        sa.Column("adviser_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("rescheduled", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["adviser_id"], ["core_user.id"], name=op.f("fk_service_booking_adviser_id")),
        sa.ForeignKeyConstraint(["bay_id"], ["service_bay.id"], name=op.f("fk_service_booking_bay_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_service_booking_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["contacts_customer.id"], name=op.f("fk_service_booking_customer_id")),
        sa.ForeignKeyConstraint(
            ["department_id"], ["core_department.id"], name=op.f("fk_service_booking_department_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["contacts_document.id"], name=op.f("fk_service_booking_id")),
        sa.ForeignKeyConstraint(["make_id"], ["contacts_make.id"], name=op.f("fk_service_booking_make_id")),
        sa.ForeignKeyConstraint(["mechanic_id"], ["core_user.id"], name=op.f("fk_service_booking_mechanic_id")),
        sa.ForeignKeyConstraint(["model_id"], ["contacts_model.id"], name=op.f("fk_service_booking_model_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["contacts_vehicle.id"], name=op.f("fk_service_booking_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_booking")),
        sa.UniqueConstraint("number", name=op.f("uq_service_booking_number")),
    )
    with op.batch_alter_table("service_booking", schema=None) as batch_op:
        batch_op.create_index("ix_service_booking_adviser", ["adviser_id", "state"], unique=False)
        batch_op.create_index("ix_service_booking_bay", ["bay_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_booking_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_service_booking_plan", ["department_id", "starts_at"], unique=False)
        batch_op.create_index("ix_service_booking_time", ["starts_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_booking_vehicle_id"), ["vehicle_id"], unique=False)

    op.create_table(
        "service_booking_job",
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["service_booking.id"], name=op.f("fk_service_booking_job_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["job_id"], ["service_job.id"], name=op.f("fk_service_booking_job_job_id")),
        sa.PrimaryKeyConstraint("booking_id", "job_id", name=op.f("pk_service_booking_job")),
    )
    op.create_table(
        "service_hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("bay_id", sa.BigInteger(), nullable=True),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["bay_id"], ["service_bay.id"], name=op.f("fk_service_hold_bay_id")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["service_booking.id"], name=op.f("fk_service_hold_booking_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["core_user.id"], name=op.f("fk_service_hold_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_hold")),
        sa.UniqueConstraint("bay_id", "slot", name=op.f("uq_service_hold_bay_id_slot")),
        sa.UniqueConstraint("user_id", "slot", name=op.f("uq_service_hold_user_id_slot")),
    )
    with op.batch_alter_table("service_hold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_hold_booking_id"), ["booking_id"], unique=False)

    op.create_table(
        "service_visit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=False),
        sa.Column("mileage", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adviser_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("belongings", sa.String(length=300), nullable=False),
        sa.Column("keys_taken", sa.Integer(), nullable=False),
        sa.Column("papers_taken", sa.String(length=200), nullable=False),
        sa.Column("fuel", sa.String(length=10), nullable=False),
        sa.Column("checked", sa.JSON(), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["adviser_id"], ["core_user.id"], name=op.f("fk_service_visit_adviser_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["service_booking.id"], name=op.f("fk_service_visit_booking_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_service_visit_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["contacts_customer.id"], name=op.f("fk_service_visit_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_service_visit_department_id")),
        sa.ForeignKeyConstraint(["id"], ["contacts_document.id"], name=op.f("fk_service_visit_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["contacts_vehicle.id"], name=op.f("fk_service_visit_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_visit")),
        sa.UniqueConstraint("booking_id", name=op.f("uq_service_visit_booking_id")),
        sa.UniqueConstraint("number", name=op.f("uq_service_visit_number")),
    )
    with op.batch_alter_table("service_visit", schema=None) as batch_op:
        batch_op.create_index("ix_service_visit_arrived", ["arrived_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_visit_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_service_visit_open",
            ["promised_at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('open', 'ready')"),
            postgresql_where=sa.text("state IN ('open', 'ready')"),
        )
        batch_op.create_index(batch_op.f("ix_service_visit_vehicle_id"), ["vehicle_id"], unique=False)

    op.create_table(
        "service_order",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("pay_type", sa.String(length=20), nullable=False),
        sa.Column("payer", sa.String(length=160), nullable=False),
        sa.Column("adviser_id", sa.BigInteger(), nullable=True),
        sa.Column("mileage", sa.Integer(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("agreed_total", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(length=300), nullable=False),
        sa.Column("external_id", sa.String(length=80), nullable=True),
        sa.Column("past_total", sa.BigInteger(), nullable=True),
        sa.Column("past_works", sa.Text(), nullable=False),
        sa.Column("past_adviser", sa.String(length=160), nullable=False),
        sa.Column("department_id", sa.BigInteger(), nullable=False),
        sa.Column("branch_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["adviser_id"], ["core_user.id"], name=op.f("fk_service_order_adviser_id")),
        sa.ForeignKeyConstraint(["branch_id"], ["core_branch.id"], name=op.f("fk_service_order_branch_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["contacts_customer.id"], name=op.f("fk_service_order_customer_id")),
        sa.ForeignKeyConstraint(["department_id"], ["core_department.id"], name=op.f("fk_service_order_department_id")),
        sa.ForeignKeyConstraint(["id"], ["contacts_document.id"], name=op.f("fk_service_order_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["contacts_vehicle.id"], name=op.f("fk_service_order_vehicle_id")),
        sa.ForeignKeyConstraint(["visit_id"], ["service_visit.id"], name=op.f("fk_service_order_visit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order")),
        sa.UniqueConstraint("external_id", name=op.f("uq_service_order_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_service_order_number")),
    )
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.create_index("ix_service_order_at", ["at", "id"], unique=False)
        batch_op.create_index("ix_service_order_customer", ["customer_id", "state"], unique=False)
        batch_op.create_index(
            "ix_service_order_open",
            ["at", "id"],
            unique=False,
            sqlite_where=sa.text("state IN ('draft', 'agreed', 'in_work', 'done')"),
            postgresql_where=sa.text("state IN ('draft', 'agreed', 'in_work', 'done')"),
        )
        batch_op.create_index("ix_service_order_state", ["state", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_order_vehicle_id"), ["vehicle_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_service_order_visit_id"), ["visit_id"], unique=False)

    op.create_table(
        "service_approval",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=160), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["service_order.id"], name=op.f("fk_service_approval_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_approval")),
    )
    with op.batch_alter_table("service_approval", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_approval_order_id"), ["order_id"], unique=False)

    op.create_table(
        "service_concern",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("concern", sa.String(length=300), nullable=False),
        sa.Column("cause", sa.String(length=300), nullable=False),
        sa.Column("correction", sa.String(length=300), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["service_order.id"], name=op.f("fk_service_concern_order_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_concern")),
    )
    with op.batch_alter_table("service_concern", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_concern_order_id"), ["order_id"], unique=False)

    op.create_table(
        "service_payment",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["service_order.id"], name=op.f("fk_service_payment_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_payment")),
    )
    with op.batch_alter_table("service_payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_payment_order_id"), ["order_id"], unique=False)

    op.create_table(
        "service_recommendation",
        sa.Column("vehicle_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_mileage", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done_order_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["done_order_id"], ["service_order.id"], name=op.f("fk_service_recommendation_done_order_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["service_order.id"], name=op.f("fk_service_recommendation_order_id")),
        sa.ForeignKeyConstraint(
            ["vehicle_id"], ["contacts_vehicle.id"], name=op.f("fk_service_recommendation_vehicle_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_recommendation")),
    )
    with op.batch_alter_table("service_recommendation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_recommendation_vehicle_id"), ["vehicle_id"], unique=False)

    op.create_table(
        "service_order_line",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("concern_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("article", sa.String(length=60), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("mechanic_id", sa.BigInteger(), nullable=True),
        sa.Column("unit", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("discount", sa.Integer(), nullable=False),
        sa.Column("vat_rate_id", sa.BigInteger(), nullable=False),
        sa.Column("vat", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("vat_amount", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("approval_id", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["service_approval.id"], name=op.f("fk_service_order_line_approval_id")
        ),
        sa.ForeignKeyConstraint(["concern_id"], ["service_concern.id"], name=op.f("fk_service_order_line_concern_id")),
        sa.ForeignKeyConstraint(["job_id"], ["service_job.id"], name=op.f("fk_service_order_line_job_id")),
        sa.ForeignKeyConstraint(["mechanic_id"], ["core_user.id"], name=op.f("fk_service_order_line_mechanic_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["service_order.id"], name=op.f("fk_service_order_line_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["vat_rate_id"], ["service_vat_rate.id"], name=op.f("fk_service_order_line_vat_rate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_order_line")),
    )
    with op.batch_alter_table("service_order_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_order_line_order_id"), ["order_id"], unique=False)
    op.create_table(
        "service_maintenance_plan",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("invite", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("invited_for", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["id"], ["contacts_vehicle.id"], name=op.f("fk_service_maintenance_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_maintenance_plan")),
    )
    with op.batch_alter_table("service_maintenance_plan", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_maintenance_plan_due_on"), ["due_on"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("service_maintenance_plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_maintenance_plan_due_on"))

    op.drop_table("service_maintenance_plan")

    with op.batch_alter_table("service_order_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_order_line_order_id"))

    op.drop_table("service_order_line")
    with op.batch_alter_table("service_recommendation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_recommendation_vehicle_id"))

    op.drop_table("service_recommendation")
    with op.batch_alter_table("service_payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_payment_order_id"))

    op.drop_table("service_payment")
    with op.batch_alter_table("service_concern", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_concern_order_id"))

    op.drop_table("service_concern")
    with op.batch_alter_table("service_approval", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_approval_order_id"))

    op.drop_table("service_approval")
    with op.batch_alter_table("service_order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_order_visit_id"))
        batch_op.drop_index(batch_op.f("ix_service_order_vehicle_id"))
        batch_op.drop_index("ix_service_order_state")
        batch_op.drop_index("ix_service_order_open")
        batch_op.drop_index("ix_service_order_customer")
        batch_op.drop_index("ix_service_order_at")

    op.drop_table("service_order")
    with op.batch_alter_table("service_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_visit_vehicle_id"))
        batch_op.drop_index("ix_service_visit_open")
        batch_op.drop_index(batch_op.f("ix_service_visit_customer_id"))
        batch_op.drop_index("ix_service_visit_arrived")

    op.drop_table("service_visit")
    with op.batch_alter_table("service_hold", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_hold_booking_id"))

    op.drop_table("service_hold")
    op.drop_table("service_booking_job")
    with op.batch_alter_table("service_booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_booking_vehicle_id"))
        batch_op.drop_index("ix_service_booking_time")
        batch_op.drop_index("ix_service_booking_plan")
        batch_op.drop_index(batch_op.f("ix_service_booking_customer_id"))
        batch_op.drop_index("ix_service_booking_bay")
        batch_op.drop_index("ix_service_booking_adviser")

    op.drop_table("service_booking")
    op.drop_table("service_maintenance_rule")
    op.drop_table("service_labour_rate")
    with op.batch_alter_table("service_employee", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_employee_department_id"))

    op.drop_table("service_employee")
    op.drop_table("service_bay")
    with op.batch_alter_table("service_shift", schema=None) as batch_op:
        batch_op.drop_index("ix_service_shift_user")

    op.drop_table("service_shift")
    with op.batch_alter_table("service_absence", schema=None) as batch_op:
        batch_op.drop_index("ix_service_absence_user")

    op.drop_table("service_absence")
    op.drop_table("service_vat_rate")
    op.drop_table("service_job")
