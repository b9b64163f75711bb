"""Papers that were handed in"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from knowledge.tables import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "paper",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("application_id", sa.String(length=26), nullable=True),
        sa.Column("file_id", sa.String(length=26), nullable=False),
        sa.Column("material", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("replaced_by", sa.String(length=26), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_paper_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_paper_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_paper_file_id_stored_file"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
        sa.UniqueConstraint(
            "conversation_id", "file_id", "material", name=op.f("uq_paper_conversation_id_file_id_material")
        ),
    )
    op.create_index("ix_paper_application_created", "paper", ["application_id", "created_at"])
    op.create_index(op.f("ix_paper_file_id"), "paper", ["file_id"])


def downgrade() -> None:
    op.drop_table("paper")
