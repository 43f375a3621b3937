"""initial"""

import sqlalchemy as sa
from alembic import op

revision = "0001_initial"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "testnote_note",
        sa.Column("car_id", sa.BigInteger(), nullable=False),
        sa.Column("loan_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.String(length=60), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["car_id"], ["testlend_car.id"], name="fk_testnote_note_car_id"),
        sa.ForeignKeyConstraint(["loan_id"], ["testlend_loan.id"], name="fk_testnote_note_loan_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_testnote_note"),
    )


def downgrade() -> None:
    op.drop_table("testnote_note")
