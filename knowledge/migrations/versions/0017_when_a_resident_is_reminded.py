"""When a resident is reminded of an application"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("application") as batch_op:
        batch_op.add_column(sa.Column("remind_at", UtcDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_application_remind_at"), ["remind_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_remind_at"))
        batch_op.drop_column("remind_at")
