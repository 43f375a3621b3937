"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def stamps():
    return [
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "testlend_car",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("replaced_by_id", sa.BigInteger(), nullable=True),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("search_key", sa.Text(), nullable=False),
        *stamps(),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["testlend_car.id"], name="fk_testlend_car_replaced_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_testlend_car"),
        sa.UniqueConstraint("name", name="uq_testlend_car_name"),
    )
    op.create_search_index("testlend_car", "search_key")
    op.create_table(
        "testlend_loan",
        sa.Column("car_id", sa.BigInteger(), nullable=False),
        sa.Column("keeper_id", sa.BigInteger(), nullable=True),
        sa.Column("task_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=True),
        *stamps(),
        sa.ForeignKeyConstraint(["car_id"], ["testlend_car.id"], name="fk_testlend_loan_car_id"),
        sa.ForeignKeyConstraint(["keeper_id"], ["core_user.id"], name="fk_testlend_loan_keeper_id"),
        sa.ForeignKeyConstraint(["task_id"], ["core_task.id"], name="fk_testlend_loan_task_id"),
        sa.PrimaryKeyConstraint("id", name="pk_testlend_loan"),
    )


def downgrade() -> None:
    op.drop_table("testlend_loan")
    op.drop_search_index("testlend_car", "search_key")
    op.drop_table("testlend_car")
