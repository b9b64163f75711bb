"""Two steps to sign in, single sign-on, and what was revealed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0012"
down_revision = "0013"
branch_labels = None
depends_on = None

STAFF = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("staff") as batch_op:
        batch_op.add_column(sa.Column("subject", sa.String(length=400), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_staff_subject"), ["subject"])
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.add_column(sa.Column("seen_at", UtcDateTime(), nullable=True))
    op.create_table(
        "staff_totp",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("staff_id", STAFF, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_totp_staff_id_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_totp")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_totp_staff_id")),
    )
    op.create_table(
        "reveal",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("staff_id", STAFF, nullable=True),
        sa.Column("handoff_id", sa.String(length=26), nullable=True),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_reveal_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["handoff_id"], ["handoff.id"], name=op.f("fk_reveal_handoff_id_handoff"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reveal_staff_id_staff"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reveal")),
    )
    with op.batch_alter_table("reveal") as batch_op:
        batch_op.create_index(batch_op.f("ix_reveal_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reveal_staff_id"), ["staff_id"], unique=False)


def downgrade() -> None:
    op.drop_table("reveal")
    op.drop_table("staff_totp")
    with op.batch_alter_table("staff_session") as batch_op:
        batch_op.drop_column("seen_at")
    with op.batch_alter_table("staff") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_staff_subject"), type_="unique")
        batch_op.drop_column("subject")
