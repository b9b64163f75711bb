"""Short messages"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sms_opt_out",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("telephone", sa.LargeBinary(), nullable=False),
        sa.Column("telephone_fingerprint", sa.LargeBinary(length=36), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_opt_out")),
        sa.UniqueConstraint("telephone_fingerprint", name=op.f("uq_sms_opt_out_telephone_fingerprint")),
    )
    op.create_table(
        "sms",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("once", sa.String(length=120), nullable=True),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("telephone", sa.LargeBinary(), nullable=False),
        sa.Column("telephone_fingerprint", sa.LargeBinary(length=36), nullable=False),
        sa.Column("text_key", sa.String(length=40), nullable=False),
        sa.Column("text_values", sa.LargeBinary(), nullable=True),
        sa.Column("unless_seen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("provider_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("reached_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_sms_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms")),
        sa.UniqueConstraint("once", name=op.f("uq_sms_once")),
    )
    with op.batch_alter_table("sms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sms_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_sms_state_due_at", ["state", "due_at"], unique=False)
        batch_op.create_index(
            "ix_sms_telephone_fingerprint_sent_at", ["telephone_fingerprint", "sent_at"], unique=False
        )

    op.create_table(
        "sms_contact",
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("telephone", sa.LargeBinary(), nullable=False),
        sa.Column("known_at", UtcDateTime(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("allowed_at", UtcDateTime(), nullable=True),
        sa.Column("refused_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_sms_contact_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_sms_contact")),
    )


def downgrade() -> None:
    for table in ("sms_contact", "sms", "sms_opt_out"):
        op.drop_table(table)
