"""Proxies and what they did"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import Json, UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proxy_authorisation",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("code_until", UtcDateTime(), nullable=True),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("principal_conversation", sa.String(length=26), nullable=True),
        sa.Column("resident_id", sa.String(length=26), nullable=True),
        sa.Column("proxy_key", sa.LargeBinary(length=36), nullable=False),
        sa.Column("principal_key", sa.LargeBinary(length=36), nullable=False),
        sa.Column("region_code", sa.String(length=12), nullable=False),
        sa.Column("matters", Json, nullable=False),
        sa.Column("details", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=True),
        sa.Column("witness_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("signature", sa.String(length=26), nullable=True),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("ended_by", sa.String(length=10), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_proxy_authorisation_conversation_id_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["principal_conversation"],
            ["conversation.id"],
            name=op.f("fk_proxy_authorisation_principal_conversation_conversation"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
            name=op.f("fk_proxy_authorisation_resident_id_resident"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["witness_id"], ["staff.id"], name=op.f("fk_proxy_authorisation_witness_id_staff"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_authorisation")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_proxy_authorisation_code_hash")),
        info={"forget": "empty"},
    )
    with op.batch_alter_table("proxy_authorisation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proxy_authorisation_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_index("ix_proxy_authorisation_principal", ["principal_key"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_proxy_authorisation_principal_conversation"), ["principal_conversation"], unique=False
        )
        batch_op.create_index("ix_proxy_authorisation_proxy_state", ["proxy_key", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_proxy_authorisation_region_code"), ["region_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_proxy_authorisation_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "proxy_act",
        sa.Column("case_reference", sa.String(length=20), nullable=False),
        sa.Column("authorisation_id", sa.String(length=26), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorisation_id"],
            ["proxy_authorisation.id"],
            name=op.f("fk_proxy_act_authorisation_id_proxy_authorisation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["case_reference"], ["case.reference"], name=op.f("fk_proxy_act_case_reference_case"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("case_reference", name=op.f("pk_proxy_act")),
    )
    with op.batch_alter_table("proxy_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_proxy_act_authorisation_id"), ["authorisation_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("proxy_act", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proxy_act_authorisation_id"))

    op.drop_table("proxy_act")
    with op.batch_alter_table("proxy_authorisation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_proxy_authorisation_resident_id"))
        batch_op.drop_index(batch_op.f("ix_proxy_authorisation_region_code"))
        batch_op.drop_index("ix_proxy_authorisation_proxy_state")
        batch_op.drop_index(batch_op.f("ix_proxy_authorisation_principal_conversation"))
        batch_op.drop_index("ix_proxy_authorisation_principal")
        batch_op.drop_index(batch_op.f("ix_proxy_authorisation_conversation_id"))

    op.drop_table("proxy_authorisation")
