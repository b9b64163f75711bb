"""Until when a short message is of use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sms", schema=None) as batch_op:
        batch_op.add_column(sa.Column("not_after", UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sms", schema=None) as batch_op:
        batch_op.drop_column("not_after")
