"""How far WeCom was pulled, and which sessions a person in WeCom has"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wecom_cursor",
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("cursor", sa.String(length=64), nullable=False),
        sa.Column("token", sa.String(length=128), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("wanted_at", UtcDateTime(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_wecom_cursor")),
    )
    op.create_table(
        "wecom_person",
        sa.Column("fingerprint", sa.LargeBinary(length=36), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_wecom_person")),
    )


def downgrade() -> None:
    op.drop_table("wecom_person")
    op.drop_table("wecom_cursor")
