"""Visits at the window"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "window_visit",
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("office_code", sa.String(length=40), nullable=True),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_window_visit_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_window_visit_staff_id_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_window_visit")),
        info={"forget": "delete"},
    )
    with op.batch_alter_table("window_visit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_window_visit_office_code"), ["office_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_window_visit_staff_id"), ["staff_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("window_visit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_window_visit_staff_id"))
        batch_op.drop_index(batch_op.f("ix_window_visit_office_code"))

    op.drop_table("window_visit")
