"""What became of a template or subscription message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel_user", schema=None) as batch_op:
        batch_op.add_column(sa.Column("nudge_id", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("channel_user", schema=None) as batch_op:
        batch_op.drop_column("nudge_id")
